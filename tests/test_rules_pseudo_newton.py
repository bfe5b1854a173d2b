"""Methods that keep gradients larger: curvatures, pseudo-Newton steps, discrete errors."""

import numpy as np
import pytest
import torch

from errorflow.core.loss import Loss, has_target
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series
from errorflow.methods import Experiment, prepare, run
from errorflow.nets import copy, layered, recurrent, threshold
from errorflow.nets.units import IDENTITY, TANH
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.discrete import discrete, flip
from errorflow.rules.pseudo_newton import instances, pseudo_newton, time_weighted

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
CROSS_ENTROPY = Loss(0.0, 1.0, 0.0, 1.0, 0.25)
AT_END = SQUARED._replace(at_end=True)


def filled(net, seed, scale=1.5):
    fill_uniform(generators(seed, 1)[0], net.w, -scale, scale)
    return net


def symbols(seed, number, steps):
    rng = generators(seed, 2)[1]
    return np.array([int(rng.random() * number) for _ in range(steps + 1)])


def series(seed, inputs, outputs, steps):
    rng = generators(seed, 2)[1]
    x = np.array([[2.0 * rng.random() - 1.0 for _ in range(inputs)] for _ in range(steps)])
    return Series(x, np.array([rng.random() for _ in range(outputs)]))


def change_by(rule, net, sequence, steps, loss=SQUARED):
    before = net.w.copy()
    learn(rule, net, sequence, steps, loss)
    change = net.w - before
    net.w[:] = before
    return change


def close(got, wanted, tolerance=1e-12):
    return np.abs(got - wanted).max() <= tolerance * np.abs(wanted).max()


NETS = [
    (layered.layered(5, 1, 5), symbols(1, 5, 7)),
    (layered.layered(6, 4, 6, low=-1.0, high=1.0), symbols(2, 6, 7)),
    (layered.layered(5, 3, 5, direct=False), symbols(3, 5, 7)),
    (recurrent.recurrent(5, 3, 5), symbols(4, 5, 7)),
    (recurrent.recurrent(2, 4, 2), series(5, 2, 2, 7)),
    (recurrent.recurrent(2, 4, 1, f=TANH), series(6, 2, 1, 7)),
]


@pytest.mark.parametrize(("net", "sequence"), NETS, ids=lambda value: repr(value)[:24])
@pytest.mark.parametrize("loss", [SQUARED, AT_END, CROSS_ENTROPY], ids=["all", "end", "entropy"])
def test_gradients_of_all_uses_add_up_to_bptt_s(net, sequence, loss):
    net = filled(copy(net), 0)
    gradients, curvatures = instances(net, sequence, loss)
    assert close(gradients.sum(axis=0), change_by(bptt(net, 7, 1.0), net, sequence, 7, loss))
    assert (curvatures >= 0.0).all()


@pytest.mark.parametrize(("net", "sequence"), NETS, ids=lambda value: repr(value)[:24])
def test_rules_divide_what_the_uses_bring(net, sequence):
    net, mu = filled(copy(net), 0), 0.01
    gradients, curvatures = instances(net, sequence, SQUARED)
    # Output weights are used at the time of the error, hidden weights once a step: rows are times.
    wanted = (gradients / (curvatures + mu)).sum(axis=0)
    assert close(change_by(time_weighted(net, 7, 1.0, mu=mu), net, sequence, 7), wanted)
    wanted = gradients.sum(axis=0) / (curvatures.sum(axis=0) + mu)
    assert close(change_by(pseudo_newton(net, 7, 1.0, mu=mu), net, sequence, 7), wanted)


def copies(net, steps):
    """Return a copy of all weights for each step, (steps, W), as a tensor."""
    return torch.tensor(np.tile(net.w, (steps, 1)), requires_grad=True)


def layered_outputs(net, w, x):
    H, columns = net.hidden.shape
    I, split = columns - H, net.hidden.size
    h, y = torch.zeros(H, dtype=torch.float64), []
    for t, symbol in enumerate(x[:-1]):
        hidden, output = w[t, :split].reshape(H, columns), w[t, split:].reshape(columns, -1).T
        h = torch.sigmoid(hidden[:, symbol] + hidden[:, I:] @ h)
        y.append(torch.sigmoid(output[:, symbol] + output[:, I:] @ h))
    return torch.stack(y)


def recurrent_outputs(net, w, x):
    n, columns = net.units.shape
    y = torch.zeros(n, dtype=torch.float64)
    for t in range(len(x.inputs)):
        units = w[t].reshape(n, columns)
        now = units[:, : columns - n] @ torch.tensor(x.inputs[t]) + units[:, columns - n :] @ y
        y = torch.tanh(now)
    return y[None, : net.outputs]


CHAINS = [
    (layered.layered(4, 1, 4), layered_outputs, symbols(7, 4, 6)),
    (recurrent.recurrent(2, 0, 1, f=TANH), recurrent_outputs, series(8, 2, 1, 6)),
]


@pytest.mark.parametrize(("net", "outputs", "x"), CHAINS, ids=["layered", "recurrent"])
def test_curvature_is_gauss_newton_s_where_there_is_one_path(net, outputs, x):
    """One recurrent unit: the sum of the squared derivatives of all outputs, for each use."""
    net = filled(copy(net), 1)
    w, wanted = copies(net, 6), 0.0
    for y in outputs(net, w, x).flatten():
        wanted = wanted + torch.autograd.grad(y, w, retain_graph=True)[0].numpy() ** 2
    assert close(instances(net, x, SQUARED)[1], wanted[::-1])


def test_curvature_is_the_second_derivative_where_the_error_is_0():
    """Then the term with f'' is 0, and the Hessian's diagonal is exact."""
    net, x = filled(recurrent.recurrent(2, 0, 1, f=TANH), 2), series(8, 2, 1, 4)
    w = copies(net, 4)
    y = recurrent_outputs(net, w, x).detach()
    x = x._replace(target=y.numpy()[0])

    def half_squared(flat):
        return 0.5 * ((recurrent_outputs(net, flat.reshape(w.shape), x) - y) ** 2).sum()

    hessian = torch.autograd.functional.hessian(half_squared, w.detach().flatten())
    assert close(instances(net, x, SQUARED)[1][::-1].flatten(), hessian.diagonal().numpy())


def test_curvature_of_many_units_is_the_stated_recursion_and_no_more():
    """h = f'^2 (W * W)^T h drops what two paths have in common: it is not Gauss-Newton's."""
    net, x = filled(recurrent.recurrent(2, 3, 1, f=TANH), 3), series(9, 2, 1, 6)
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
    assert close(got, np.array(wanted))
    w = copies(net, 6)
    exact = torch.autograd.grad(recurrent_outputs(net, w, x)[0, 0], w)[0].numpy()[::-1] ** 2
    assert close(got[0], exact[0])
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
    net, x = filled(layered.layered(5, 1, 5), 4), symbols(4, 5, 6)
    rule = time_weighted(net, 6, 0.01, mu=0.1, momentum=0.8)
    first = change_by(rule, net, x, 6)
    np.testing.assert_allclose(change_by(rule, net, x, 6), 1.8 * first, rtol=1e-9)


def test_targets_are_where_errors_are():
    x, s = symbols(1, 5, 4), series(1, 1, 1, 4)
    assert [has_target(SQUARED, x, t, 4) for t in range(4)] == [True] * 4
    assert [has_target(AT_END, x, t, 4) for t in range(4)] == [False, False, False, True]
    assert [has_target(SQUARED, s, t, 4) for t in range(4)] == [False, False, False, True]


def test_a_flip_is_on_average_what_came_back():
    """The mean over the random number is linear: 2 g / most, and sure beyond it."""
    for most in (2.0, 5.0):
        for g in (-most, -0.7, 0.1, 1.3, most):
            mean = np.mean([flip(g, most, (k + 0.5) / 10_000) for k in range(10_000)])
            assert mean == pytest.approx(2.0 * g / most, abs=3e-4)
        assert flip(most + 1.0, most, 0.999) == 2.0
        assert flip(-most - 1.0, most, 0.0) == -2.0
    assert flip(0.0, 2.0, 0.3) == 0.0


def latched(weight):
    """Return a unit that holds its sign, and an output that shows it."""
    net = threshold.threshold(1, 1, 1)
    net.hidden[:], net.output[:] = [[0.5, weight]], [[0.0, weight]]
    return net


def test_a_wanted_flip_goes_around_a_latch_undiminished():
    net, steps = latched(2.0), 100
    rule = discrete(net, steps, 0.0, generators(0, 1)[0])
    x = Series(np.zeros((steps, 1)), np.zeros(1))
    x.inputs[0] = 1.0
    learn(rule, net, x, steps, SQUARED)
    assert (rule.states[1:, 0] == 1.0).all()
    assert (rule.wanted == -2.0).all()
    learn(rule, net, x._replace(target=np.ones(1)), steps, SQUARED)
    assert not rule.wanted.any()


def test_the_change_of_weights_is_the_chain_rule_with_pseudo_slopes():
    net, epsilon = latched(2.0), 0.5
    x = Series(np.array([[1.0], [0.0]]), np.zeros(1))
    change = change_by(discrete(net, 2, 1.0, generators(0, 1)[0], epsilon=epsilon), net, x, 2)
    latch, first = 2.0 / (2.0 + epsilon), 2.0 / (0.5 + epsilon)
    wanted = [-2.0 * first, -2.0 * latch, 0.0, -2.0 * latch]
    np.testing.assert_allclose(change, wanted, rtol=1e-15)


def test_a_step_of_the_right_size_flips_the_output():
    """With alpha slope^2 |y|^2 > 1 the net input of a wrong output crosses the threshold."""
    net = latched(0.1)
    x = Series(np.ones((1, 1)), np.zeros(1))
    before = learn(discrete(net, 1, 1.0, generators(0, 1)[0]), net, x, 1, SQUARED)
    after = learn(discrete(net, 1, 0.0, generators(0, 1)[0]), net, x, 1, SQUARED)
    assert before[:2] == (1, 1)
    assert after[:2] == (0, 0)


@pytest.mark.parametrize(
    ("method", "task", "p", "hidden"),
    [
        ("pseudo-newton", "2-sequence", 5, 4),
        ("time-weighted-pseudo-newton", "2-sequence", 5, 4),
        ("discrete", "2a", 4, 1),
    ],
)
def test_methods_learn(method, task, p, hidden):
    e = Experiment(method, task, p, 3_000, (), (("hidden", hidden),))
    assert all(run(e, seed).success for seed in range(2))


def test_outputs_can_reach_the_targets_of_their_task():
    e = Experiment("discrete", "latch", 5, 10)
    assert prepare(e, 0).net[-2:] == (-1.0, 1.0)
    e = Experiment("pseudo-newton", "latch", 5, 10)
    assert prepare(e, 0).net.f == TANH


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: time_weighted(layered.table2(4), 4, 0.1, mu=0.0), "mu = 0.0; it must be above 0"),
        (lambda: discrete(latched(1.0), 4, 0.1, None, epsilon=0.0), "epsilon = 0.0"),
        (lambda: discrete(latched(1.0), 4, 0.1, None, most=-1.0), "most = -1.0"),
        (lambda: threshold.threshold(2, 1, 1, low=1.0), "low = 1.0, high = 1.0"),
        (lambda: threshold.threshold(2, 0, 1), "hidden = 0"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
