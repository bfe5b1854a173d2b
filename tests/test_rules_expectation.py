"""State machines against the sum over all paths, Kalman filters against least squares."""

import itertools
import math

import numpy as np
import pytest
import torch

from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series, SeriesSet, SymbolSet, item
from errorflow.methods import Experiment, prepare, run
from errorflow.nets import layered, read, recurrent, step
from errorflow.nets.state_machine import FORBIDDEN, state_machine
from errorflow.nets.units import IDENTITY
from errorflow.rules import learn
from errorflow.rules.covariance import invert
from errorflow.rules.expectation import expect, expectation, infer, maximise, predict
from errorflow.rules.kalman import by_unit, kalman
from errorflow.rules.rtrl import rtrl
from errorflow.tasks import sample
from errorflow.tasks.two_class import two_class

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


def tables(states=3, symbols=3, outputs=2, seed=1, emission=True):
    """Return a machine with random tables."""
    net, rng = (
        state_machine(symbols, states, outputs, emission=emission),
        np.random.default_rng(seed),
    )
    phi = rng.random((states, states, symbols))
    net.transition[:] = (phi / phi.sum(axis=0)).reshape(states * states, symbols)
    out = rng.random((outputs, states))
    net.output[:] = out / out.sum(axis=0) if outputs > 1 else out
    return net


def softmaxes(states=3, inputs=2, seed=1):
    """Return a machine with random softmax nets and one output."""
    net, rng = state_machine(inputs, states, 1, softmax=True), np.random.default_rng(seed)
    net.transition[:] = rng.normal(size=net.transition.shape)
    net.output[0] = rng.random(states)
    return net


def numbers(seed, n, steps, inputs=2):
    """Return a set of ``n`` series whose last input is 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, steps, inputs))
    x[:, :, -1] = 1.0
    return SeriesSet(x, rng.integers(0, 2, (n, 1)).astype(float), np.full(n, steps))


def phi_of(net, x):
    """Return phi (n, n) for input ``x``, by numpy."""
    n = net.output.shape[1]
    if net.softmax:
        logits = (net.transition @ x).reshape(n, n)
        return np.exp(logits) / np.exp(logits).sum(axis=0)
    return net.transition.reshape(n, n, -1)[:, :, x if np.ndim(x) == 0 else int(x[0] > 0)]


def enumerate_paths(net, inputs, likelihood):
    """Return (L, h (T, n, n)) by the sum over all state paths from state 0."""
    n, T = net.output.shape[1], len(inputs)
    phis, h, L = [phi_of(net, x) for x in inputs], np.zeros((T, n, n)), 0.0
    for path in itertools.product(range(n), repeat=T):
        states = (0, *path)
        p = likelihood[states[-1]]
        for t in range(T):
            p *= phis[t][states[t + 1], states[t]]
        L += p
        for t in range(T):
            h[t, states[t + 1], states[t]] += p
    return L, h / L


def steps_of(rule, net, sequence, steps):
    """Return h (T, n, n) by the rule's own recursions."""
    predict(rule, net, sequence, steps, SQUARED)
    assert infer(rule, net, sequence, steps)
    return rule.h


def log_likelihood(net, data):
    """Return the sum of log P(target), from the outputs of the net alone."""
    total, n = 0.0, net.output.shape[1]
    y = np.zeros(len(net.output))
    for k in range(len(data.length)):
        sequence, steps = item(data, k)
        state = np.zeros(n)
        for t in range(steps):
            before, state = state, np.zeros(n)
            step(
                net,
                sequence.inputs[t] if isinstance(sequence, Series) else sequence[t],
                before,
                state,
            )
        read(net, 0, state, y)
        if isinstance(sequence, Series):
            total += math.log(y[0] if sequence.target[0] == 1.0 else 1.0 - y[0])
        else:
            total += math.log(y[sequence[steps]])
    return total


CASES = ["symbols", "signs", "softmax"]


def case(kind, seed=1):
    """Return (net, sequence, inputs, P(target | state)) of a tiny machine."""
    if kind == "symbols":
        net, symbols = tables(seed=seed), np.array([0, 2, 1, 1, 1])
        return net, symbols, symbols[:-1], net.output[1]
    net = tables(symbols=2, outputs=1, seed=seed) if kind == "signs" else softmaxes(seed=seed)
    series, _ = item(numbers(seed, 1, 5), 0)
    target = series.target[0]
    return net, series, series.inputs, net.output[0] if target else 1.0 - net.output[0]


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_posteriors_equal_the_sum_over_all_paths(kind, seed):
    net, sequence, inputs, likelihood = case(kind, seed)
    L, h = enumerate_paths(net, inputs, likelihood)
    got = steps_of(expectation(net, len(inputs)), net, sequence, len(inputs))
    np.testing.assert_allclose(got, h, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(got.sum(axis=(1, 2)), 1.0, rtol=1e-12)
    state, y = np.zeros(3), np.zeros(len(net.output))
    for x in inputs:
        before, state = state, np.zeros(3)
        step(net, x, before, state)
    read(net, inputs[-1], state, y)
    assert likelihood @ state == pytest.approx(L, rel=1e-12)
    np.testing.assert_allclose(y, net.output @ state, rtol=1e-14)


@pytest.mark.parametrize("kind", CASES)
def test_posteriors_equal_the_gradient_of_the_likelihood(kind):
    """d log L / d log phi_ij,t = h_ij,t, by autograd."""
    net, sequence, inputs, likelihood = case(kind, 5)
    logs = [torch.tensor(np.log(phi_of(net, x)), requires_grad=True) for x in inputs]
    zeta = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    for log in logs:
        zeta = log.exp() @ zeta
    torch.log(torch.tensor(likelihood) @ zeta).backward()
    wanted = np.array([log.grad.numpy() for log in logs])
    got = steps_of(expectation(net, len(inputs)), net, sequence, len(inputs))
    np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-15)


def test_tables_become_the_stated_ratio():
    net = tables()
    data = SymbolSet(
        np.array([[0, 2, 1, 1, 1], [2, 2, 0, 1, 0], [1, 0, 0, 0, 0]]), np.array([5, 5, 3])
    )
    wanted, ends, classes = np.zeros((3, 3, 3)), np.zeros(3), np.zeros((2, 3))
    for k in range(3):
        symbols, steps = item(data, k)
        d = symbols[steps]
        _, h = enumerate_paths(net, symbols[:steps], net.output[d])
        for t in range(steps):
            wanted[:, :, symbols[t]] += h[t]
        ends += h[-1].sum(axis=1)
        classes[d] += h[-1].sum(axis=1)
    rule = expectation(net, 4)
    expect(rule, net, data, SQUARED)
    maximise(rule, net)
    np.testing.assert_allclose(
        net.transition, (wanted / wanted.sum(axis=0)).reshape(9, 3), rtol=1e-12
    )
    np.testing.assert_allclose(net.output, classes / ends, rtol=1e-12)


def test_a_softmax_net_takes_the_gradient_of_the_likelihood():
    net, data = softmaxes(), numbers(3, 6, 5)
    W = torch.tensor(net.transition.reshape(3, 3, 2).copy(), requires_grad=True)
    total = torch.zeros((), dtype=torch.float64)
    for inputs, target in zip(data.inputs, data.target[:, 0], strict=True):
        zeta = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
        for x in inputs:
            zeta = torch.softmax(W @ torch.tensor(x), dim=0) @ zeta
        y = torch.tensor(net.output[0]) @ zeta
        total = total + torch.log(y if target else 1.0 - y)
    total.backward()
    rule = expectation(net, 5)
    expect(rule, net, data, SQUARED)
    got = rule.counts.transition.reshape(3, 3, 2)
    np.testing.assert_allclose(got, W.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("kind", ["tables", "emission", "softmax"])
def test_the_likelihood_never_decreases(kind):
    data = sample(two_class(3, 9), generators(4, 1)[0], 30)
    for seed in range(3):
        net = softmaxes(4, seed=seed)
        if kind != "softmax":
            net = tables(4, 2, 1, seed, emission=kind == "emission")
        rule = expectation(net, 9)
        before = start = log_likelihood(net, data)
        for _ in itertools.islice(rule.epochs(net, data, SQUARED, None), 25):
            now = log_likelihood(net, data)
            assert now >= before - 1e-12 * abs(before)
            before = now
        assert now > start + 0.1


def test_nothing_underflows():
    """Two thousand steps, each of which loses the wanted state with probability 1/2."""
    net, steps = state_machine(1, 2, 1), 2000
    net.transition[:, 0] = [0.5, 0.0, 0.5, 1.0]
    net.output[0] = [1.0, 0.0]
    rule = expectation(net, steps)
    h = steps_of(rule, net, Series(np.ones((steps, 1)) * -1.0, np.ones(1)), steps)
    assert (h[:, 0, 0] == 1.0).all()


def test_a_target_out_of_reach_changes_nothing():
    net = tables(2, 2, 1)
    net.output[0] = 0.0
    before, rule = net.w.copy(), expectation(net, 5)
    data = numbers(1, 3, 5)
    data.target[:] = 1.0
    expect(rule, net, data, SQUARED)
    maximise(rule, net)
    assert np.array_equal(net.w, before)


def test_a_chain_stays_a_chain():
    e = Experiment("em", "2-sequence", 20, 2000)
    net = prepare(e, 0).net
    forbidden = net.transition[:, -1] == FORBIDDEN
    assert forbidden.sum() == 49 - (3 + 2 + 2 + 1 + 2 + 2 + 1)
    outcome = run(e, 0)
    assert outcome.success
    assert (outcome.net.transition[forbidden, -1] == FORBIDDEN).all()


def rates(method, constants=()):
    return [run(Experiment(method, "2a", p, 2000, (), constants), 1).sequences for p in (10, 100)]


def test_em_bridges_a_hundred_steps_with_a_chain():
    assert max(rates("em", (("chain", 1),))) <= 100
    assert not run(Experiment("em", "2a", 100, 400, (), (("chain", 0),)), 1).success


@pytest.mark.parametrize(
    ("method", "task", "about", "message"),
    [
        ("em", "latch", (), r"targets are -0.8 and 0.8; they must be 0 and 1"),
        ("em", "2a", (("chain", -1),), "chain = -1"),
        ("iohmm", "2a", (("states", 0),), "states = 0"),
        ("kalman", "2a", (("R", 0.0),), r"R = 0.0; it must be above 0"),
        ("kalman", "2a", (("Q", -1.0),), r"Q = -1.0; it must be at least 0"),
        ("decoupled-kalman", "2a", (("gamma", 1.5),), r"gamma = 1.5; the discount"),
    ],
)
def test_methods_refuse(method, task, about, message):
    with pytest.raises(ValueError, match=message):
        prepare(Experiment(method, task, 5, 10, (), about), 0)


def test_groups_name_each_weight_once():
    with pytest.raises(ValueError, match="1 groups name 2 weights; each of 36 once"):
        kalman(layered.layered(5, 1, 5), [np.arange(2)])


def filled(net, seed=1, scale=1.0):
    fill_uniform(generators(seed, 1)[0], net.w, -scale, scale)
    return net


def regression(seed, n, inputs=3):
    """Return a linear net of one unit, and ``n`` series of a single step."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1, inputs))
    d = x[:, 0] @ rng.normal(size=inputs) + 0.1 * rng.normal(size=n)
    return filled(recurrent.recurrent(inputs, 0, 1, f=IDENTITY)), x, d


def test_on_a_linear_unit_it_is_least_squares():
    net, x, d = regression(2, 25)
    start, R, initial_p = net.w[:3].copy(), 0.5, 10.0
    rule = kalman(net, initial_p=initial_p, R=R)
    P, w = initial_p * np.eye(3), start.copy()
    for k in range(len(d)):
        learn(rule, net, Series(x[k], d[k : k + 1]), 1, SQUARED)
        row = x[k, 0]
        gain = P @ row / (R + row @ P @ row)  # recursive least squares
        w = w + gain * (d[k] - row @ w)
        P = P - np.outer(gain, row @ P)
        np.testing.assert_allclose(net.w[:3], w, rtol=1e-10)
    X = x[:, 0]
    precision = X.T @ X / R + np.eye(3) / initial_p
    batch = np.linalg.solve(precision, X.T @ d / R + start / initial_p)
    np.testing.assert_allclose(net.w[:3], batch, rtol=1e-10)
    np.testing.assert_allclose(rule.P.reshape(4, 4)[:3, :3], np.linalg.inv(precision), rtol=1e-9)


@pytest.mark.parametrize("decoupled", [False, True])
def test_with_a_small_covariance_it_is_a_gradient_step(decoupled):
    symbols, small = np.array([3, 0, 1, 2, 3]), 1e-9
    loss = SQUARED._replace(at_end=True)
    net, other = filled(layered.layered(5, 2, 5)), filled(layered.layered(5, 2, 5))
    groups = by_unit(net) if decoupled else None
    start = net.w.copy()
    learn(kalman(net, groups, initial_p=small, R=1.0), net, symbols, 4, loss)
    learn(rtrl(other, small, per_step=False), other, symbols, 4, loss)
    change, wanted = (net.w - start) / small, (other.w - start) / small
    np.testing.assert_allclose(change, wanted, atol=1e-6 * np.abs(wanted).max())


def jacobian(net, symbols):
    """Return dy / dw (O, W) after the last symbol but one, by autograd."""
    H, columns = net.hidden.shape
    I = columns - H

    def outputs(w):
        hidden = w[: H * columns].reshape(H, columns)
        output = w[H * columns :].reshape(columns, -1).T
        h = torch.zeros(H, dtype=torch.float64)
        for x in symbols[:-1]:
            h = torch.sigmoid(hidden[:, x] + hidden[:, I:] @ h)
        return torch.sigmoid(output[:, x] + output[:, I:] @ h)

    return torch.autograd.functional.jacobian(outputs, torch.tensor(net.w)).numpy()


def last_H(net, symbols, gamma=1.0):
    """Return the filter's H at the last step; the weights are put back."""
    rule, before = kalman(net, gamma=gamma), net.w.copy()
    learn(rule, net, symbols, len(symbols) - 1, SQUARED._replace(at_end=True))
    net.w[:] = before
    return rule.H


def test_H_is_the_jacobian():
    net, symbols = filled(layered.layered(5, 3, 5), 3, 2.0), np.array([3, 0, 1, 1, 2, 4, 3])
    wanted = jacobian(net, symbols)
    np.testing.assert_allclose(last_H(net, symbols), wanted, atol=1e-12 * np.abs(wanted).max())


def test_the_discount_is_gamma_to_the_q_exactly():
    """Each symbol is read once: its weights tell how far back it was. 1/2 keeps all bits."""
    p = 8
    net, symbols = filled(layered.table2(p), 4, 2.0), np.array([p, *range(p - 1), p])
    plain, halved = (last_H(net, symbols, gamma) for gamma in (1.0, 0.5))
    for t, x in enumerate(symbols[:-1]):
        q = p - 1 - t
        assert (plain[:, x] != 0.0).all()
        assert np.array_equal(halved[:, x], 0.5**q * plain[:, x])
    discounted = last_H(net, symbols, 0.9)
    for t, x in enumerate(symbols[:-1]):
        np.testing.assert_allclose(discounted[:, x], 0.9 ** (p - 1 - t) * plain[:, x], rtol=1e-13)


@pytest.mark.parametrize("decoupled", [False, True])
def test_an_update_is_the_stated_one(decoupled):
    """The equations with numpy's matrices, two updates in a row."""
    net, symbols = filled(layered.layered(5, 2, 5), 6), np.array([3, 0, 4])
    groups = by_unit(net) if decoupled else [np.arange(len(net.w))]
    rule = kalman(net, groups, initial_p=3.0, R=0.7, Q=0.01)
    w, P = net.w.copy(), [3.0 * np.eye(len(g)) for g in groups]
    for steps in (1, 2):
        probe = filled(layered.layered(5, 2, 5))
        probe.w[:] = w
        H = jacobian(probe, symbols[: steps + 1]).T
        y = outputs_after(probe, symbols[:steps])
        S = 0.7 * np.eye(5)
        for g, P_g in zip(groups, P, strict=True):
            S += H[g].T @ P_g @ H[g]
        A, xi = np.linalg.inv(S), np.eye(5)[symbols[steps]] - y
        for i, g in enumerate(groups):
            K = P[i] @ H[g] @ A
            w[g] += K @ xi
            P[i] = P[i] - K @ H[g].T @ P[i] + 0.01 * np.eye(len(g))
        learn(rule, net, symbols[: steps + 1], steps, SQUARED._replace(at_end=True))
        np.testing.assert_allclose(net.w, w, rtol=1e-10)
        got = [rule.P[a:b] for a, b in itertools.pairwise(rule.at)]
        for one, other in zip(got, P, strict=True):
            np.testing.assert_allclose(one.reshape(other.shape), other, rtol=1e-9, atol=1e-12)


def outputs_after(net, symbols):
    state, y = np.zeros(len(net.hidden)), np.zeros(len(net.output))
    for x in symbols:
        before, state = state, np.zeros(len(net.hidden))
        step(net, x, before, state)
    read(net, symbols[-1], state, y)
    return y


def test_invert():
    X = np.random.default_rng(1).normal(size=(6, 9))
    A = X @ X.T
    got = np.tril(A)
    invert(got)
    np.testing.assert_allclose(got, np.linalg.inv(A), rtol=1e-10)


def test_the_decoupled_filter_has_a_group_for_each_unit():
    net = layered.layered(5, 2, 4)
    groups = by_unit(net)
    assert [len(g) for g in groups] == [7] * 6
    net.w[:] = np.arange(len(net.w))
    assert all(
        (net.w[g] == row).all() for g, row in zip(groups, [*net.hidden, *net.output], strict=True)
    )


def test_filters_learn():
    for method in ("kalman", "decoupled-kalman"):
        outcome = run(Experiment(method, "2a", 2, 2000), 0)
        assert outcome.success
        assert outcome.sequences < 1000


def test_parity_is_learned_where_it_is_short():
    e = Experiment("em", "parity", 3, 5000, (), (("chain", 0), ("look_up", True)))
    outcome = run(e, 0)
    assert outcome.success
    swap = outcome.net.transition[:, 1].reshape(2, 2)
    assert swap[0, 1] > 0.8
    assert swap[1, 0] > 0.8
