"""Pearlmutter's net: against autograd, and as its steps in time become short."""

import numpy as np
import pytest
import torch
from oracles import assert_close, change_by, filled, gradient, random_symbols

from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import run
from errorflow.nets import back_step, layered, state_size, step, zeros_like
from errorflow.nets.continuous import continuous
from errorflow.rules.bptt import bptt
from errorflow.rules.rtrl import rtrl


def run_continuous(net, W, xs):
    rate = net.dt / W["T"].clamp(min=net.dt)
    y = torch.zeros(len(net.hidden), dtype=torch.float64)
    for x in xs:
        y = (1.0 - rate) * y + rate * torch.sigmoid(W["hidden"] @ torch.cat([x, y]))
        yield torch.sigmoid(W["output"] @ torch.cat([x, y]))


@pytest.mark.parametrize("adaptive", [True, False])
def test_continuous_net_equals_autograd(adaptive):
    for seed in range(3):
        net = filled(continuous(5, 4, 5, dt=0.3, adaptive=adaptive), seed)
        net.T[:] = (0.5, 2.0, 0.31, 0.1)  # the last one counts as dt, without a gradient
        symbols = random_symbols(seed, 5, 12)
        wanted, loss = gradient(net, symbols, run_continuous)
        assert wanted[-1] == 0.0
        if not adaptive:
            wanted[-4:] = 0.0
        by_bptt, squared = change_by(bptt(net, 12, 1.0), net, symbols)
        by_rtrl, _ = change_by(rtrl(net, 1.0, per_step=False), net, symbols)
        assert_close(by_bptt, wanted, 1e-11)
        assert_close(by_rtrl, wanted, 1e-11)
        assert squared == pytest.approx(loss, rel=1e-12)


def test_with_steps_of_a_time_constant_the_net_is_a_discrete_one():
    net, plain = filled(continuous(5, 3, 5, T=0.4, dt=0.4, adaptive=False), 2), None
    plain = layered.layered(5, 3, 5)
    plain.w[:] = net.w[:-3]
    symbols = random_symbols(2, 5, 8)
    got, _ = change_by(bptt(net, 8, 1.0), net, symbols)
    wanted, _ = change_by(bptt(plain, 8, 1.0), plain, symbols)
    assert_close(got[:-3], wanted, 1e-12)


def sent_back(net, y, steps):
    """Return what an error of 1 at the first unit becomes, ``steps`` steps back from rest at y."""
    H = len(net.T)
    before = np.concatenate([y, y])
    state, e, e_before = np.zeros(2 * H), np.zeros(2 * H), np.zeros(2 * H)
    step(net, 0, before, state)
    np.testing.assert_allclose(state[:H], y, atol=1e-14)
    e[0] = 1.0
    for _ in range(steps):
        back_step(net, 0, before, state, e, zeros_like(net), e_before)
        e, e_before = e_before, e
    return e[:H]


@pytest.mark.parametrize("T", [0.5, 4.0])
def test_an_error_decays_exponentially_in_time(T):
    """A unit at rest at 1/2, where s' = 1/4: exp(-t (1 - w/4) / T) as dt goes to 0."""
    for w in (2.0, -3.0):
        deviations = []
        for dt in (T / 100, T / 200, T / 400):
            net = continuous(1, 1, 1, T=T, dt=dt)
            net.hidden[0] = -w / 2, w
            t = 5 * T
            e = sent_back(net, np.array([0.5]), round(t / dt))[0]
            deviations.append(e / np.exp(-t * (1.0 - w / 4.0) / T) - 1.0)
        np.testing.assert_allclose(np.divide(deviations[1:], deviations[:-1]), 0.5, atol=0.05)
        assert abs(deviations[-1]) < 0.05


def test_bptt_through_the_steps_is_the_adjoint_equation():
    """The published one, integrated by Runge and Kutta's method, as dt goes to 0.

    dz_i/dt = z_i/T_i - sum_j w_ij s'(x_j) z_j / T_j from z = dE/dy at the end, and
    dE/dw_ij = (1/T_j) int y_i s'(x_j) z_j dt, dE/dT_i = -(1/T_i) int z_i (dy_i/dt) dt; there w_ij
    leads from i to j.
    """
    H, end = 3, 2.0
    net = filled(continuous(1, H, 1), 11)
    net.T[:] = (0.5, 1.0, 3.0)
    W, u, T = net.hidden[:, 1:].copy(), net.hidden[:, 0].copy(), net.T.copy()
    z_end = np.array([1.0, -2.0, 0.5])

    def flow(v):
        """Return the derivatives of (y, z, W's, u's and T's gradients), all followed backwards."""
        y, z = v[:H], v[H : 2 * H]
        s = 1.0 / (1.0 + np.exp(-(u + W @ y)))
        theta = s * (1.0 - s) * z / T
        dy = (s - y) / T
        return np.concatenate(
            [dy, z / T - W.T @ theta, -np.outer(theta, y).ravel(), -theta, z * dy / T]
        )

    def integrate(v, dt, steps):
        for _ in range(steps):
            a = flow(v)
            b = flow(v + 0.5 * dt * a)
            c = flow(v + 0.5 * dt * b)
            v = v + dt / 6 * (a + 2 * b + 2 * c + flow(v + dt * c))
        return v

    nothing = np.zeros(H * H + 2 * H)
    y_end = integrate(np.concatenate([np.zeros(2 * H), nothing]), 1e-3, 2000)[:H]
    result = integrate(np.concatenate([y_end, z_end, nothing]), -1e-3, 2000)
    np.testing.assert_allclose(result[:H], 0.0, atol=1e-9)
    by_W, by_u, by_T = np.split(result[2 * H :], [H * H, H * H + H])
    wanted = np.concatenate([np.column_stack([by_u, by_W.reshape(H, H)]).ravel(), by_T])
    deviations = []
    for steps in (500, 1000):
        fine = net._replace(dt=end / steps)
        states = np.zeros((steps + 1, 2 * H))
        for t in range(steps):
            step(fine, 0, states[t], states[t + 1])
        e, e_before, change = np.zeros(2 * H), np.zeros(2 * H), zeros_like(fine)
        e[:H] = z_end
        for t in range(steps - 1, -1, -1):
            back_step(fine, 0, states[t], states[t + 1], e, change, e_before)
            e, e_before = e_before, e
        got = np.concatenate([change.hidden.ravel(), change.T])
        deviations.append(np.abs(got - wanted).max() / np.abs(wanted).max())
    assert deviations[0] < 0.01
    assert deviations[1] / deviations[0] == pytest.approx(0.5, abs=0.03)


def test_fixed_time_constants_stay_and_are_no_weights():
    net = run(Experiment("pearlmutter", "2a", 50, p=3, T=2.0), 0).net
    assert net.weights == len(net.w) - 1
    np.testing.assert_array_equal(net.T, 2.0)
    assert repr(net) == "Continuous(inputs=4, hidden=1, outputs=4, weights=25)"
    assert state_size(net) == 2


@pytest.mark.parametrize(("T", "dt"), [(1.0, 0.0), (1.0, 1.5)])
def test_continuous_refuses_steps_longer_than_its_time_constants(T, dt):
    with pytest.raises(ValueError, match=f"dt = {dt}, T = {T}; a step must be above 0"):
        continuous(2, 1, 1, T=T, dt=dt)
