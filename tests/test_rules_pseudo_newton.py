"""Curvatures and pseudo-Newton steps, against autograd and the stated recursion."""

import numpy as np
import pytest
import torch
from oracles import (
    AT_END,
    CROSS_ENTROPY,
    SQUARED,
    assert_close,
    change_by,
    close,
    filled,
    random_series,
    random_symbols,
)

from errorflow.core.loss import has_target
from errorflow.core.sequences import Series
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import copy, layered, recurrent
from errorflow.nets.units import IDENTITY, TANH
from errorflow.rules.bptt import bptt
from errorflow.rules.pseudo_newton import instances, pseudo_newton, time_weighted

NETS = [
    (layered.layered(5, 1, 5), random_symbols(1, 5, 7)),
    (layered.layered(6, 4, 6, low=-1.0, high=1.0), random_symbols(2, 6, 7)),
    (layered.layered(5, 3, 5, direct=False), random_symbols(3, 5, 7)),
    (recurrent.recurrent(5, 3, 5), random_symbols(4, 5, 7)),
    (recurrent.recurrent(2, 4, 2), random_series(5, 2, 2, 7)),
    (recurrent.recurrent(2, 4, 1, f=TANH), random_series(6, 2, 1, 7)),
]


@pytest.mark.parametrize(("net", "sequence"), NETS, ids=lambda value: repr(value)[:24])
@pytest.mark.parametrize("loss", [SQUARED, AT_END, CROSS_ENTROPY], ids=["all", "end", "entropy"])
def test_gradients_of_all_uses_add_up_to_bptt_s(net, sequence, loss):
    net = filled(copy(net), 0)
    gradients, curvatures = instances(net, sequence, loss)
    assert_close(gradients.sum(axis=0), change_by(bptt(net, 7, 1.0), net, sequence, loss)[0], 1e-12)
    assert (curvatures >= 0.0).all()


@pytest.mark.parametrize(("net", "sequence"), NETS, ids=lambda value: repr(value)[:24])
def test_rules_divide_what_the_uses_bring(net, sequence):
    net, mu = filled(copy(net), 0), 0.01
    gradients, curvatures = instances(net, sequence, SQUARED)
    # Output weights are used at the time of the error, hidden weights once a step: rows are times.
    wanted = (gradients / (curvatures + mu)).sum(axis=0)
    assert_close(change_by(time_weighted(net, 7, 1.0, mu=mu), net, sequence)[0], wanted, 1e-12)
    wanted = gradients.sum(axis=0) / (curvatures.sum(axis=0) + mu)
    assert_close(change_by(pseudo_newton(net, 7, 1.0, mu=mu), net, sequence)[0], wanted, 1e-12)


def copies(net, steps):
    """Return a copy of all weights for each step, (steps, W), as a tensor."""
    return torch.tensor(np.tile(net.w, (steps, 1)), requires_grad=True)


def layered_chain(net, w, x):
    H, columns = net.hidden.shape
    I, split = columns - H, net.hidden.size
    h, y = torch.zeros(H, dtype=torch.float64), []
    for t, symbol in enumerate(x[:-1]):
        hidden, output = w[t, :split].reshape(H, columns), w[t, split:].reshape(columns, -1).T
        h = torch.sigmoid(hidden[:, symbol] + hidden[:, I:] @ h)
        y.append(torch.sigmoid(output[:, symbol] + output[:, I:] @ h))
    return torch.stack(y)


def recurrent_chain(net, w, x):
    n, columns = net.units.shape
    y = torch.zeros(n, dtype=torch.float64)
    for t in range(len(x.inputs)):
        units = w[t].reshape(n, columns)
        now = units[:, : columns - n] @ torch.tensor(x.inputs[t]) + units[:, columns - n :] @ y
        y = torch.tanh(now)
    return y[None, : net.outputs]


CHAINS = [
    (layered.layered(4, 1, 4), layered_chain, random_symbols(7, 4, 6)),
    (recurrent.recurrent(2, 0, 1, f=TANH), recurrent_chain, random_series(8, 2, 1, 6)),
]


@pytest.mark.parametrize(("net", "outputs", "x"), CHAINS, ids=["layered", "recurrent"])
def test_curvature_is_gauss_newton_s_where_there_is_one_path(net, outputs, x):
    """One recurrent unit: the sum of the squared derivatives of all outputs, for each use."""
    net = filled(copy(net), 1)
    w, wanted = copies(net, 6), 0.0
    for y in outputs(net, w, x).flatten():
        wanted = wanted + torch.autograd.grad(y, w, retain_graph=True)[0].numpy() ** 2
    assert_close(instances(net, x, SQUARED)[1], wanted[::-1], 1e-12)


def test_curvature_is_the_second_derivative_where_the_error_is_0():
    """Then the term with f'' is 0, and the Hessian's diagonal is exact."""
    net, x = filled(recurrent.recurrent(2, 0, 1, f=TANH), 2), random_series(8, 2, 1, 4)
    w = copies(net, 4)
    y = recurrent_chain(net, w, x).detach()
    x = x._replace(target=y.numpy()[0])

    def half_squared(flat):
        return 0.5 * ((recurrent_chain(net, flat.reshape(w.shape), x) - y) ** 2).sum()

    hessian = torch.autograd.functional.hessian(half_squared, w.detach().flatten())
    assert_close(instances(net, x, SQUARED)[1][::-1].flatten(), hessian.diagonal().numpy(), 1e-12)


def test_curvature_of_many_units_is_the_stated_recursion_and_no_more():
    """h = f'^2 (W * W)^T h drops what two paths have in common: it is not Gauss-Newton's."""
    net, x = filled(recurrent.recurrent(2, 3, 1, f=TANH), 3), random_series(9, 2, 1, 6)
    W, states = net.units[:, 2:], [np.zeros(4)]
    for u in x.inputs:
        states.append(np.tanh(net.units[:, :2] @ u + W @ states[-1]))
    h, wanted = np.array([1.0, 0.0, 0.0, 0.0]), []
    for t in range(5, -1, -1):
        h = h * (1.0 - states[t + 1] ** 2) ** 2
        seen = np.concatenate([x.inputs[t], states[t]])
        wanted.append(np.outer(h, seen**2).flatten())
        h = (W * W).T @ h
    got = instances(net, x, SQUARED)[1]
    assert_close(got, np.array(wanted), 1e-12)
    w = copies(net, 6)
    exact = torch.autograd.grad(recurrent_chain(net, w, x)[0, 0], w)[0].numpy()[::-1] ** 2
    assert_close(got[0], exact[0], 1e-12)
    assert not close(got[3], exact[3], 0.1)


@pytest.mark.parametrize(("mu", "q"), [(1e-2, 4), (1e-4, 10)])
def test_updates_peak_at_the_crossover_and_are_back_at_twice_its_lag(mu, q):
    """A linear unit with the weight rho to itself and a bias: rho^q / (rho^2q + mu)."""
    net = recurrent.recurrent(1, 0, 1, f=IDENTITY)
    net.units[:] = [[1.0, mu ** (1.0 / (2 * q))]]
    x = Series(np.ones((2 * q + 1, 1)), np.array([-1.0]))
    gradients, curvatures = instances(net, x, SQUARED)
    sizes = abs(gradients / (curvatures + mu))[:, 0]
    assert sizes.argmax() == q
    assert sizes[2 * q] == pytest.approx(sizes[0], rel=1e-12)
    largest = abs(gradients[0, 0]) / (2.0 * np.sqrt(mu))
    assert sizes[q] == pytest.approx(largest, rel=1e-12)


def test_momentum_adds_the_last_change():
    net, x = filled(layered.layered(5, 1, 5), 4), random_symbols(4, 5, 6)
    rule = time_weighted(net, 6, 0.01, mu=0.1, momentum=0.8)
    first = change_by(rule, net, x)[0]
    np.testing.assert_allclose(change_by(rule, net, x)[0], 1.8 * first, rtol=1e-9)


def test_targets_are_where_errors_are():
    x, s = random_symbols(1, 5, 4), random_series(1, 1, 1, 4)
    assert [has_target(SQUARED, x, t, 4) for t in range(4)] == [True] * 4
    assert [has_target(AT_END, x, t, 4) for t in range(4)] == [False, False, False, True]
    assert [has_target(SQUARED, s, t, 4) for t in range(4)] == [False, False, False, True]


@pytest.mark.parametrize("method", ["pseudo-newton", "time-weighted-pseudo-newton"])
def test_methods_learn(method):
    e = Experiment(method, "2-sequence", 3_000, longest=5, hidden=4)
    assert all(run(e, seed).success for seed in range(2))


def test_outputs_can_reach_the_targets_of_their_task():
    e = Experiment("pseudo-newton", "latch", 10, longest=5)
    assert prepare(e, 0)[0].net.f == TANH


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"mu = 0.0; it must be a finite number above 0"):
        time_weighted(layered.table2(4), 4, 0.1, mu=0.0)
