"""Kalman filters against least squares, gradient steps and the stated equations."""

import itertools

import numpy as np
import pytest
import torch
from oracles import AT_END, SQUARED, filled, run_layered, tensors

from errorflow.core.sequences import Series
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import run
from errorflow.nets import layered, read, recurrent, step
from errorflow.nets.units import IDENTITY
from errorflow.rules import learn
from errorflow.rules.covariance import invert
from errorflow.rules.kalman import by_unit, kalman
from errorflow.rules.rtrl import rtrl


def test_groups_name_each_weight_once():
    with pytest.raises(ValueError, match="1 groups name 2 weights; each of 36 once"):
        kalman(layered.layered(5, 1, 5), [np.arange(2)])


def regression(seed, n, inputs=3):
    """Return a linear net of one unit, and ``n`` series of a single step."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1, inputs))
    d = x[:, 0] @ rng.normal(size=inputs) + 0.1 * rng.normal(size=n)
    return filled(recurrent.recurrent(inputs, 0, 1, f=IDENTITY), 1, 1.0), x, d


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
    loss = AT_END
    net, other = (filled(layered.layered(5, 2, 5), 1, 1.0) for _ in range(2))
    groups = by_unit(net) if decoupled else None
    start = net.w.copy()
    learn(kalman(net, groups, initial_p=small, R=1.0), net, symbols, 4, loss)
    learn(rtrl(other, small, per_step=False), other, symbols, 4, loss)
    change, wanted = (net.w - start) / small, (other.w - start) / small
    np.testing.assert_allclose(change, wanted, atol=1e-6 * np.abs(wanted).max())


def jacobian(net, symbols):
    """Return dy / dw (O, W) after the last symbol but one, by autograd."""
    w, W = tensors(net)
    inputs = net.hidden.shape[1] - len(net.hidden)
    *_, y = run_layered(net, W, torch.eye(inputs, dtype=torch.float64)[symbols[:-1]])
    return np.array([torch.autograd.grad(k, w, retain_graph=True)[0].numpy() for k in y])


def last_H(net, symbols, gamma=1.0):
    """Return the filter's H at the last step; the weights are put back."""
    rule, before = kalman(net, gamma=gamma), net.w.copy()
    learn(rule, net, symbols, len(symbols) - 1, AT_END)
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
    net, symbols = filled(layered.layered(5, 2, 5), 6, 1.0), np.array([3, 0, 4])
    groups = by_unit(net) if decoupled else [np.arange(len(net.w))]
    rule = kalman(net, groups, initial_p=3.0, R=0.7, Q=0.01)
    w, P = net.w.copy(), [3.0 * np.eye(len(g)) for g in groups]
    for steps in (1, 2):
        probe = layered.layered(5, 2, 5)
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
        learn(rule, net, symbols[: steps + 1], steps, AT_END)
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
        outcome = run(Experiment(method, "2a", 2000, p=2, judged_at="end", streak=1_000), 0)
        assert outcome.success
        assert outcome.sequences < 1000


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("kalman", {"R": 0.0}, "R = 0.0; it must be a finite number above 0"),
        ("kalman", {"Q": -1.0}, "Q = -1.0; it must be a finite number of at least 0"),
        ("decoupled-kalman", {"gamma": 1.5}, "gamma = 1.5; it must be a finite number from 0 to 1"),
    ],
)
def test_methods_refuse(method, options, message):
    with pytest.raises(ValueError, match=message):
        Experiment(method, "2a", 10, p=5, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"R": 0.0}, "R = 0.0; it must be a finite number above 0"),
        ({"Q": -1.0}, "Q = -1.0; it must be a finite number of at least 0"),
        ({"gamma": 1.5}, "gamma = 1.5; it must be a finite number from 0 to 1"),
    ],
)
def test_filters_refuse(options, message):
    with pytest.raises(ValueError, match=message):
        kalman(layered.table2(4), **options)
