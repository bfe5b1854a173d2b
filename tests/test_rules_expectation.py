"""State machines against the sum over all paths, and against autograd."""

import itertools
import math

import numpy as np
import pytest
import torch
from oracles import SQUARED

from errorflow.core.numerics import generators
from errorflow.core.sequences import Series, SeriesSet, SymbolSet, item
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import read, step
from errorflow.nets.state_machine import FORBIDDEN, state_machine
from errorflow.rules.expectation import _expect, _infer, _maximise, _predict, expectation
from errorflow.tasks import sample
from errorflow.tasks.two_class import two_class


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
    _predict(rule, net, sequence, steps, SQUARED)
    assert _infer(rule, net, sequence, steps)
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
    _expect(rule, net, data, SQUARED)
    _maximise(rule, net)
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
    _expect(rule, net, data, SQUARED)
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
    _expect(rule, net, data, SQUARED)
    _maximise(rule, net)
    assert np.array_equal(net.w, before)


def test_a_chain_stays_a_chain():
    e = Experiment("em", "2-sequence", 2000, longest=20)
    net = prepare(e, 0)[0].net
    forbidden = net.transition[:, -1] == FORBIDDEN
    assert forbidden.sum() == 49 - (3 + 2 + 2 + 1 + 2 + 2 + 1)
    outcome = run(e, 0)
    assert outcome.success
    assert (outcome.net.transition[forbidden, -1] == FORBIDDEN).all()


def test_em_bridges_a_hundred_steps_with_a_chain():
    e = Experiment("em", "2a", 2000, p=10, judged_at="end", chain=1)
    assert max(run(e.changed(p=p), 1).sequences for p in (10, 100)) <= 100
    assert not run(e.changed(p=100, chain=0, budget=400), 1).success


@pytest.mark.parametrize(
    ("method", "task", "options", "message"),
    [
        ("em", "latch", {"longest": 5}, r"targets are -0.8 and 0.8; they must be 0 and 1"),
        ("em", "2a", {"p": 5, "chain": -1}, "chain = -1; it must be an integer of at least 0"),
        ("iohmm", "2a", {"p": 5, "states": 0}, "states = 0; it must be an integer of at least 1"),
    ],
)
def test_methods_refuse(method, task, options, message):
    with pytest.raises(ValueError, match=message):
        prepare(Experiment(method, task, 10, **options), 0)


def test_parity_is_learned_where_it_is_short():
    e = Experiment("em", "parity", 5000, longest=3, chain=0, look_up=True)
    outcome = run(e, 0)
    assert outcome.success
    swap = outcome.net.transition[:, 1].reshape(2, 2)
    assert swap[0, 1] > 0.8
    assert swap[1, 0] > 0.8
