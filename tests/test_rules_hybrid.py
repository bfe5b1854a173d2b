"""Gradient methods that suffer: truncated BPTT, the O(n^3) algorithm, Pearlmutter's net."""

import functools

import numpy as np
import pytest
import torch

from errorflow.core.loss import Loss
from errorflow.core.numerics import add_product, fill_uniform, generators
from errorflow.core.sequences import Series
from errorflow.experiments.interventions import contributions
from errorflow.methods import Experiment, run
from errorflow.nets import (
    back_step,
    copy,
    layered,
    output_size,
    recurrent,
    state_size,
    step,
    zeros_like,
)
from errorflow.nets.continuous import continuous
from errorflow.rules import bptt as bptt_rule
from errorflow.rules import hybrid, learn, rtrl
from errorflow.rules.bptt import bptt
from errorflow.rules.elman import elman
from errorflow.rules.truncated_bptt import truncated_bptt

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


def filled(net, seed, scale=1.5):
    T = net.T.copy() if hasattr(net, "T") else None
    fill_uniform(generators(seed, 1)[0], net.w, -scale, scale)
    if T is not None:
        net.T[:] = T
    return net


def sequence(seed, symbols, steps):
    rng = generators(seed, 2)[1]
    return np.array([int(rng.random() * symbols) for _ in range(steps + 1)])


def change_by(rule, net, symbols, loss=SQUARED):
    """Return the weight change of one sequence, and the squared error."""
    before = net.w.copy()
    *_, squared = learn(rule, net, symbols, len(symbols) - 1, loss)
    change = net.w - before
    net.w[:] = before
    return change, squared


def assert_close(got, wanted, tolerance=1e-12):
    assert np.abs(got - wanted).max() <= tolerance * np.abs(wanted).max()


def tensors(net, names):
    """Return net.w as a tensor, and its views by name, in the order of the fields."""
    w = torch.tensor(net.w, requires_grad=True)
    views, start = {}, 0
    for name in names:
        field = getattr(net, name)
        part = w[start : start + field.size]
        order_f = field.ndim == 2 and not field.flags.c_contiguous
        views[name] = part.reshape(field.T.shape).T if order_f else part.reshape(field.shape)
        start += field.size
    return w, views


def detached(net, symbols, k, at_end=()):
    """Return the change of a layered net by autograd: each error's state is cut k steps back.

    ``at_end`` maps a step to the last step of its block, from which the k steps are counted.
    """
    w, W = tensors(net, ("hidden", "output"))
    I = net.hidden.shape[1] - len(net.hidden)
    states = [torch.zeros(len(net.hidden), dtype=torch.float64)]
    for x in symbols[:-1]:
        states.append(torch.sigmoid(W["hidden"][:, x] + W["hidden"][:, I:] @ states[-1]))
    loss = torch.zeros((), dtype=torch.float64)
    for t, d in enumerate(symbols[1:]):
        end = at_end[t] if len(at_end) else t
        first = max(0, end + 1 - k)
        h = states[first].detach()
        for s in range(first, t + 1):
            h = torch.sigmoid(W["hidden"][:, symbols[s]] + W["hidden"][:, I:] @ h)
        y = torch.sigmoid(W["output"][:, symbols[t]] + W["output"][:, I:] @ h)
        loss = loss + 0.5 * ((torch.eye(len(y), dtype=torch.float64)[d] - y) ** 2).sum()
    loss.backward()
    return -w.grad.numpy(), loss.item()


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_truncated_bptt_equals_autograd_with_the_state_detached(k):
    for seed in range(3):
        net, symbols = filled(layered.layered(5, 3, 5), seed), sequence(seed, 5, 7)
        wanted, squared = detached(net, symbols, k)
        got, squared_got = change_by(truncated_bptt(net, 7, 1.0, k, per_pass=False), net, symbols)
        assert_close(got, wanted, 1e-11)
        assert squared_got == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize(("k", "h"), [(2, 2), (4, 2), (4, 3), (5, 5), (9, 3)])
def test_an_error_is_sent_back_at_the_end_of_its_block(k, h):
    net, symbols = filled(layered.layered(5, 3, 5), 4), sequence(4, 5, 8)
    ends = [min(t - t % h + h - 1, 7) for t in range(8)]
    wanted, _ = detached(net, symbols, k, ends)
    got, _ = change_by(truncated_bptt(net, 8, 1.0, k, h=h, per_pass=False), net, symbols)
    assert_close(got, wanted, 1e-11)


def test_truncated_bptt_lies_between_elman_and_bptt():
    for net in (layered.layered(6, 4, 6), recurrent.recurrent(6, 2, 6), continuous(6, 3, 6)):
        net, symbols = filled(net, 5), sequence(5, 6, 9)
        by_elman, _ = change_by(elman(net, 1.0, per_step=False), net, symbols)
        by_bptt, _ = change_by(bptt(net, 9, 1.0), net, symbols)
        one, _ = change_by(truncated_bptt(net, 9, 1.0, 1, per_pass=False), net, symbols)
        np.testing.assert_array_equal(one, by_elman)
        for h in (1, 2, 9):
            rule = truncated_bptt(net, 9, 1.0, 9, h=h, per_pass=False)
            assert_close(change_by(rule, net, symbols)[0], by_bptt)
        assert_close(change_by(truncated_bptt(net, 9, 1.0, 30, h=20), net, symbols)[0], by_bptt)
        assert np.abs(one - by_bptt).max() > 1e-3 * np.abs(by_bptt).max()


def test_truncated_bptt_brings_the_first_k_parts():
    net, symbols = filled(layered.table2(9), 6), np.array([8, *range(8), 8])
    parts, loss = contributions(net, symbols), SQUARED._replace(at_end=True)
    first = net.hidden.size
    for k in (1, 3, 9):
        got, _ = change_by(truncated_bptt(net, 9, 1.0, k, per_pass=False), net, symbols, loss)
        assert_close(got[:first], parts[:k].sum(0)[:first])


def test_weights_changed_in_between_are_used():
    """After each pass: two blocks are two sequences, the second from the state of the first."""
    net, symbols = filled(recurrent.recurrent(5, 2, 5), 7), sequence(7, 5, 8)
    start = net.w.copy()
    learn(truncated_bptt(net, 8, 0.1, 4, h=4), net, symbols, 8, SQUARED)
    got = net.w.copy()
    net.w[:] = start
    rule = bptt(net, 4, 0.1, reset=False)
    learn(rule, net, symbols[:5], 4, SQUARED)
    learn(rule, net, symbols[4:], 4, SQUARED)
    np.testing.assert_allclose(got, net.w, rtol=1e-13, atol=1e-15)


EXACT = [
    layered.layered(5, 3, 5),
    layered.table2(4),
    recurrent.recurrent(5, 2, 5),
    continuous(5, 3, 5, T=0.7),
]


@pytest.mark.parametrize("net", EXACT, ids=repr)
@pytest.mark.parametrize("h", [1, 2, 4, None, 30])
def test_hybrid_equals_rtrl_and_bptt(net, h):
    for seed in range(2):
        net = filled(copy(net), seed)
        symbols = sequence(seed, output_size(net), 11)
        by_hybrid, squared = change_by(hybrid.hybrid(net, 1.0, h), net, symbols)
        by_rtrl, squared_rtrl = change_by(rtrl.rtrl(net, 1.0, per_step=False), net, symbols)
        by_bptt, _ = change_by(bptt(net, 11, 1.0), net, symbols)
        assert_close(by_hybrid, by_rtrl)
        assert_close(by_hybrid, by_bptt)
        assert squared == squared_rtrl


def test_hybrid_with_blocks_of_one_step_is_rtrl():
    net, symbols = filled(recurrent.recurrent(5, 2, 5), 8), sequence(8, 5, 9)
    got, _ = change_by(hybrid.hybrid(net, 0.5, 1, per_block=True), net, symbols)
    wanted, _ = change_by(rtrl.rtrl(net, 0.5), net, symbols)
    assert_close(got, wanted)
    per_sequence, _ = change_by(hybrid.hybrid(net, 0.5, 1), net, symbols)
    assert np.abs(got - per_sequence).max() > 1e-3 * np.abs(got).max()


def test_gradients_agree_on_real_inputs():
    rng = generators(9, 1)[0]
    inputs = np.array([[rng.random(), 1.0] for _ in range(9)])
    series, net = Series(inputs, np.array([0.3])), filled(recurrent.recurrent(2, 3, 1), 9)
    changes = []
    for rule in (
        hybrid.hybrid(net, 1.0),
        bptt(net, 9, 1.0),
        truncated_bptt(net, 9, 1.0, 9, per_pass=False),
    ):
        before = net.w.copy()
        learn(rule, net, series, 9, SQUARED)
        changes.append(net.w - before)
        net.w[:] = before
    assert_close(changes[0], changes[1])
    assert_close(changes[2], changes[1])


class Counted:
    """A number that counts the multiplications made with it."""

    made = 0

    def __init__(self, value):
        self.value = float(value)

    def __float__(self):
        return self.value

    def __eq__(self, other):
        return self.value == float(other)

    __hash__ = None

    def __add__(self, other):
        return Counted(self.value + float(other))

    __radd__ = __add__

    def __mul__(self, other):
        Counted.made += 1
        return Counted(self.value * float(other))

    __rmul__ = __mul__


class CountedArray(np.ndarray):
    """An array whose entries count, whatever is written into it."""

    def __setitem__(self, key, value):
        super().__setitem__(key, counted(value) if np.ndim(value) else Counted(value))


def counted(array):
    return np.vectorize(Counted, otypes=[object])(array).view(CountedArray)


def counting(rule):
    """Return a rule whose errors, derivatives and changes count."""
    fields = {}
    for name in ("e", "J", "P", "change", "row", "total"):
        if hasattr(rule, name):
            field = getattr(rule, name)
            if isinstance(field, np.ndarray):
                fields[name] = counted(field)
            else:  # a net that collects changes
                w = counted(field.w)
                fields[name] = field._replace(w=w, units=w.reshape(field.units.shape))
    return rule._replace(**fields)


def plain_back_read(net, x, state, y, errors, loss, change, e):
    for k in range(len(errors)):
        e[k] = e[k] + Counted(errors[k])


@pytest.mark.parametrize(("n", "h"), [(3, 3), (5, 5), (5, 2), (4, 6)])
def test_multiplications_are_those_that_the_rules_make(monkeypatch, n, h):
    """The rules' own Python, run on numbers that count: long sequences minus shorter ones."""
    outputs, I = 2, 3
    for module in (rtrl, hybrid, bptt_rule):
        monkeypatch.setattr(module, "back_step", recurrent.Recurrent.back_step)
        monkeypatch.setattr(module, "back_read", plain_back_read)
    net = filled(recurrent.recurrent(I, n - outputs, outputs), 3)
    symbols = [int(s) % outputs for s in sequence(3, outputs, 6 * h)]

    def made(make, steps):
        Counted.made = 0
        rule = counting(make())
        rule.learn(rule, net._replace(w=counted(net.w)), np.array(symbols), steps, SQUARED)
        return Counted.made

    # The last block is not carried over, and there is one change at the end: both drop out.
    blocks = made(lambda: hybrid.hybrid(net, 1.0, h), 5 * h)
    fewer = made(lambda: hybrid.hybrid(net, 1.0, h), 3 * h)
    by_rtrl, by_hybrid, by_bptt = hybrid.multiplications(n, I, outputs, h)
    assert (blocks - fewer) / (2 * h) == pytest.approx(by_hybrid, rel=1e-12)
    steps = [made(lambda: rtrl.rtrl(net, 1.0, per_step=False), t) for t in (4, 7)]
    assert (steps[1] - steps[0]) / 3 == by_rtrl
    steps = [made(lambda: bptt_rule.bptt(net, 7, 1.0), t) for t in (4, 7)]
    assert (steps[1] - steps[0]) / 3 == by_bptt


def test_the_hybrid_grows_with_the_cube_of_n():
    n = np.array([100, 200, 400])
    counts = np.log([hybrid.multiplications(int(m), 1, 1, int(m)) for m in n])
    powers = np.diff(counts, axis=0) / np.log(2.0)
    np.testing.assert_allclose(powers, [[4.0, 3.0, 2.0]] * 2, atol=0.03)


def run_continuous(net, W, symbols):
    """Yield the outputs of a :class:`Continuous` net, by torch."""
    H, columns = net.hidden.shape
    I, rate = columns - H, net.dt / W["T"].clamp(min=net.dt)
    y = torch.zeros(H, dtype=torch.float64)
    for x in symbols[:-1]:
        s = torch.sigmoid(W["hidden"][:, x] + W["hidden"][:, I:] @ y)
        y = (1.0 - rate) * y + rate * s
        yield torch.sigmoid(W["output"][:, x] + W["output"][:, I:] @ y)


@pytest.mark.parametrize("adaptive", [True, False])
def test_continuous_net_equals_autograd(adaptive):
    for seed in range(3):
        net = filled(continuous(5, 4, 5, dt=0.3, adaptive=adaptive), seed)
        net.T[:] = (0.5, 2.0, 0.31, 0.1)  # the last one counts as dt, without a gradient
        symbols = sequence(seed, 5, 12)
        w, W = tensors(net, ("hidden", "output", "T"))
        loss = torch.zeros((), dtype=torch.float64)
        for y, d in zip(run_continuous(net, W, symbols), symbols[1:], strict=True):
            loss = loss + 0.5 * ((torch.eye(5, dtype=torch.float64)[d] - y) ** 2).sum()
        loss.backward()
        wanted = -w.grad.numpy()
        assert wanted[-1] == 0.0
        if not adaptive:
            wanted[-4:] = 0.0
        by_bptt, squared = change_by(bptt(net, 12, 1.0), net, symbols)
        by_rtrl, _ = change_by(rtrl.rtrl(net, 1.0, per_step=False), net, symbols)
        assert_close(by_bptt, wanted, 1e-11)
        assert_close(by_rtrl, wanted, 1e-11)
        assert squared == pytest.approx(loss.item(), rel=1e-12)


def test_with_steps_of_a_time_constant_the_net_is_a_discrete_one():
    net, plain = filled(continuous(5, 3, 5, T=0.4, dt=0.4, adaptive=False), 2), None
    plain = layered.layered(5, 3, 5)
    plain.w[:] = net.w[:-3]
    symbols = sequence(2, 5, 8)
    got, _ = change_by(bptt(net, 8, 1.0), net, symbols)
    wanted, _ = change_by(bptt(plain, 8, 1.0), plain, symbols)
    assert_close(got[:-3], wanted)


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
    constants = (("T", 2.0),)
    net = run(Experiment("pearlmutter", "2a", 3, 50, (), constants), 0).net
    assert net.weights == len(net.w) - 1
    np.testing.assert_array_equal(net.T, 2.0)
    assert repr(net) == "Continuous(inputs=4, hidden=1, outputs=4, weights=25)"
    assert state_size(net) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (functools.partial(truncated_bptt, k=0), "k = 0; it must be an integer of at least 1"),
        (functools.partial(truncated_bptt, k=3, h=4), "k = 3; it must be an integer of at least 4"),
        (functools.partial(truncated_bptt, k=3, h=0), "h = 0; it must be an integer of at least 1"),
    ],
)
def test_truncated_bptt_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make(layered.table2(4), 4, 1.0)


def test_hybrid_refuses_empty_blocks():
    with pytest.raises(ValueError, match="h = 0; it must be an integer of at least 1"):
        hybrid.hybrid(layered.table2(4), 1.0, 0)


@pytest.mark.parametrize(("T", "dt"), [(1.0, 0.0), (1.0, 1.5)])
def test_continuous_refuses_steps_longer_than_its_time_constants(T, dt):
    with pytest.raises(ValueError, match=f"dt = {dt}, T = {T}; a step must be above 0"):
        continuous(2, 1, 1, T=T, dt=dt)


def test_on_task_2a_the_exact_methods_are_one():
    """The same trial, whichever way its gradient is computed."""
    outcomes = {
        method: run(Experiment(method, "2a", 2, 30_000, (), constants), 1)
        for method, constants in {
            "bptt": (),
            "rtrl": (),
            "hybrid": (("h", 2),),
            "truncated-bptt": (("k", 2), ("h", 2)),
        }.items()
    }
    assert outcomes["bptt"].success
    assert len({outcome.sequences for outcome in outcomes.values()}) == 1


def test_multiplying_matrices_is_what_is_counted():
    """:func:`errorflow.core.numerics.add_product` multiplies each pair of entries once."""
    A, B, total = counted(np.ones((3, 3))), counted(np.ones((3, 7))), counted(np.zeros((3, 7)))
    Counted.made = 0
    add_product(A, B, total)
    assert Counted.made == 3 * 3 * 7
