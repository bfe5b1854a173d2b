"""Special architectures: gradients by autograd, and what each is known to do exactly."""

import numpy as np
import pytest
import torch
from oracles import (
    CROSS_ENTROPY,
    SQUARED,
    assert_close,
    change_by,
    filled,
    gradient,
    random_series,
    random_symbols,
)

from errorflow.core.numerics import generators
from errorflow.core.sequences import Series, input_at
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.flow.forward import trajectory
from errorflow.flow.unrolled import growth
from errorflow.nets import (
    back_step,
    copy,
    layered,
    lstm,
    output_size,
    recurrent,
    state_size,
    step,
    zeros_like,
)
from errorflow.nets.mozer import time_constants
from errorflow.nets.plate import holographic, unit_power_key
from errorflow.nets.second_order import second_order
from errorflow.nets.twinn import time_warping
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.rtrl import rtrl
from errorflow.rules.truncated import truncated


def sees(W, x, h):
    return torch.sigmoid(W["output"] @ torch.cat([x, h]))


def run_second_order(net, W, xs):
    N = net.units.shape[2] - 1
    y = torch.zeros(N, dtype=torch.float64)
    for x in xs:
        every = torch.cat([torch.ones(1, dtype=torch.float64), y])
        units = torch.sigmoid(torch.einsum("kij,k,j->i", W["units"], x, every))
        y = units[net.outputs :]
        yield units[: net.outputs]


def run_mozer(net, W, xs):
    tau = torch.tensor(net.tau)
    c = torch.zeros(len(tau), dtype=torch.float64)
    for x in xs:
        c = tau * c + (1.0 - tau) * torch.tanh(W["hidden"] @ torch.cat([x, c]))
        yield sees(W, x, c)


def run_plate(net, W, xs):
    key = torch.tensor(net.key)
    circulant = torch.stack([key.roll(j) for j in range(len(key))], 1)
    h = torch.zeros(len(key), dtype=torch.float64)
    for x in xs:
        h = circulant @ h + W["hidden"] @ x
        yield sees(W, x, h)


def run_twinn(net, W, xs):
    S, last = torch.zeros(len(net.hidden), dtype=torch.float64), torch.zeros_like(xs[0])
    for x in xs:
        way = torch.linalg.vector_norm(x - last)
        S, last = S + way * torch.tanh(W["hidden"] @ torch.cat([S, last])), x
        yield sees(W, x, S)


KEY = unit_power_key(8, generators(3, 1)[0])
NETS = [
    (second_order(4, 3, 4), run_second_order),
    (time_constants(4, (0.0, 0.0, 0.75, 0.95), 4), run_mozer),
    (holographic(4, KEY, 4), run_plate),
    (time_warping(4, 3, 4), run_twinn),
]
each_net = pytest.mark.parametrize(("net", "forward"), NETS, ids=lambda v: type(v).__name__)


@each_net
def test_bptt_equals_autograd(net, forward):
    for seed in range(3):
        net = filled(copy(net), seed)
        for sequence in (random_symbols(seed, 4, 9), random_series(seed, 4, 4, 9)):
            wanted, _ = gradient(net, sequence, forward)
            assert_close(change_by(bptt(net, 9, 1.0), net, sequence)[0], wanted)


@pytest.mark.parametrize(("net", "forward"), [NETS[1], NETS[3]], ids=["mozer", "twinn"])
def test_rtrl_equals_autograd(net, forward):
    """RTRL asks for the way back from every entry of a state, also from those kept for later."""
    net, sequence = filled(copy(net), 5), random_symbols(5, 4, 5)
    wanted, _ = gradient(net, sequence, forward)
    assert_close(change_by(rtrl(net, 1.0, per_step=False), net, sequence)[0], wanted)


def test_output_errors_of_plate_s_method_are_those_of_the_cross_entropy():
    net, forward = NETS[2]
    net, sequence = filled(copy(net), 6), random_symbols(6, 4, 9)
    wanted, _ = gradient(net, sequence, forward, CROSS_ENTROPY)
    loss = prepare(experiment("bridge/plate-p4"), 0)[0].loss
    assert_close(change_by(bptt(net, 9, 1.0), net, sequence, loss)[0], wanted)


def factor(net, x, before):
    """Return the state after ``x`` and the factor d state / d before, by steps back."""
    size = state_size(net)
    state, J = np.zeros(size), np.zeros((size, size))
    step(net, x, before, state)
    for i, unit in enumerate(np.eye(size)):
        back_step(net, x, before, state, unit, zeros_like(net), J[i])
    return state, J


def states_of(net, sequence, steps):
    state, after = np.zeros(state_size(net)), np.zeros(state_size(net))
    for t in range(steps):
        step(net, input_at(sequence, t), state, after)
        state, after = after, state
    return state


def test_second_order_with_a_constant_input_is_first_order():
    net, x = filled(second_order(2, 3, 1), 7), np.array([-0.7, 1.0])
    mixed = -0.7 * net.units[0] + net.units[1]
    first = recurrent.recurrent(1, 3, 1)
    first.units[:, 0], first.units[:, 2:] = mixed[:, 0], mixed[:, 1:]
    a = states_of(net, Series(np.tile(x, (20, 1)), np.zeros(1)), 20)
    b = states_of(first, np.zeros(21, dtype=np.int64), 20)
    np.testing.assert_allclose(a, b, rtol=1e-13)


def test_second_order_picks_a_net_by_its_symbol():
    net = filled(second_order(5, 2, 1), 8)
    as_vector = Series(np.eye(5)[[3, 1, 4]], np.zeros(1))
    a, b = states_of(net, np.array([3, 1, 4]), 3), states_of(net, as_vector, 3)
    np.testing.assert_allclose(a, b, rtol=1e-15)


def test_mozer_s_units_without_time_constants_are_tanh_units():
    net, other = time_constants(5, [0.0] * 3, 5), layered.layered(5, 3, 5, low=-1.0, high=1.0)
    filled(net, 9)
    other.hidden[:] = 2.0 * net.hidden  # tanh(x) = 2 logistic(2 x) - 1
    sequence = random_symbols(9, 5, 12)
    got = states_of(net, sequence, 12)[:3]
    np.testing.assert_allclose(got, states_of(other, sequence, 12), rtol=1e-12)


def test_mozer_s_linear_path_has_the_factor_tau_to_the_last_bit():
    net = filled(time_constants(4, [0.0, 0.75, 0.95], 4), 10)
    net.hidden[:, 4:] = 0.0
    _, J = factor(net, 2, np.zeros(6))
    assert np.array_equal(J[:3, :3], np.diag(net.tau))


@pytest.mark.parametrize("n", [2, 4, 8, 16, 32])
def test_keys_have_unit_power(n):
    for rng in generators(11, 5):
        key = unit_power_key(n, rng)
        np.testing.assert_allclose(np.abs(np.fft.fft(key)), 1.0, rtol=0, atol=1e-13)


def test_a_key_of_unit_power_keeps_an_error_and_another_scales_it_by_its_transform():
    for seed in range(3):
        rng = generators(seed, 1)[0]
        key = unit_power_key(8, rng)
        e = np.array([rng.random() - 0.5 for _ in range(8)])
        for part in (key, key * [1.1, 1.0, 0.8, 1.0, 1.0, 0.9, 1.0, 1.3]):
            net = filled(holographic(3, part, 3), seed)
            now, before, size = e.copy(), np.zeros(8), np.linalg.norm(e)
            for _ in range(300):
                back_step(net, 0, before, before, now, zeros_like(net), before)
                now, before = before, now
            powers = np.abs(np.fft.fft(part)) ** 300
            wanted = np.linalg.norm(np.fft.fft(e) * powers) / np.sqrt(8)
            assert np.linalg.norm(now) == pytest.approx(wanted, rel=1e-11)
            if part is key:
                assert np.linalg.norm(now) == pytest.approx(size, rel=1e-12)


def test_twinn_s_factor_is_one_and_what_the_way_adds():
    net = filled(time_warping(3, 4, 2), 12)
    start = states_of(net, random_series(12, 3, 2, 6), 6)
    x = np.array([0.5, -0.25, 1.0])
    state, J = factor(net, x, start)
    way = np.linalg.norm(x - start[9:])
    slopes = 1.0 - np.tanh(net.hidden @ np.concatenate([start[:4], start[9:]])) ** 2
    wanted = np.eye(4) + way * slopes[:, None] * net.hidden[:, :4]
    np.testing.assert_allclose(J[:4, :4], wanted, rtol=0, atol=1e-14)
    again, J = factor(net, x, state)
    assert np.array_equal(J[:4, :4], np.eye(4))
    assert np.array_equal(again[:4], state[:4])


def test_twinn_does_not_see_how_often_an_input_is_repeated():
    net, sequence = filled(time_warping(3, 4, 2), 13), random_series(13, 3, 2, 6)
    warped = Series(sequence.inputs.repeat([1, 3, 2, 1, 7, 4], axis=0), sequence.target)
    assert np.array_equal(states_of(net, sequence, 6)[:4], states_of(net, warped, 18)[:4])


def test_the_cell_of_table_2_carries_an_error_unchanged_with_nothing_truncated():
    net = filled(lstm.table2(6), 14)
    e, before = np.zeros((2, state_size(net)))
    e[2] = 0.7
    for x in random_symbols(14, 7, 100):
        state = np.full(state_size(net), 0.3)
        back_step(net, x, state, state, e, zeros_like(net), before)
        e, before = before, e
    assert np.array_equal(e, [0.0, 0.0, 0.7, 0.0, 0.0])


def test_growth_is_that_of_section_2_by_the_net_s_own_step_back():
    net = filled(recurrent.recurrent(1, 3, 1), 16)
    logs = growth(net, np.zeros(20, dtype=np.int64), 20)
    W, drive = net.units[:, 1:], net.units[:, 0]
    _, slopes = trajectory(W, np.zeros(4), 20, drive=drive)  # the last step's first
    e = (np.arange(1, 5) * 0.6180339887498949) % 1.0 - 0.5
    sizes = [np.linalg.norm(e)]
    for F in slopes:
        e = W.T @ (F * e)
        sizes.append(np.linalg.norm(e))
    np.testing.assert_allclose(logs, np.diff(np.log(sizes)), rtol=1e-9)
    with pytest.raises(ValueError, match="steps = 0"):
        growth(net, np.zeros(1, dtype=np.int64), 0)


def test_growth_ends_where_nothing_is_left():
    net = filled(holographic(3, [0.0, 0.0], 3), 17)
    assert np.array_equal(growth(net, np.array([0, 1, 2]), 3), [-np.inf] + [-np.inf] * 2)


def test_lstm_of_the_common_test_is_the_protocol_without_slope():
    (net, rule, _, loss, *_), _ = prepare(experiment("bridge/lstm-p4"), 0)
    sequence = np.array([3, 0, 1, 2, 3])
    wanted, before = copy(net), net.w.copy()
    learn(truncated(wanted, 1.0), wanted, sequence, 4, SQUARED._replace(slope=0.0, offset=1.0))
    learn(rule, net, sequence, 4, loss)
    assert np.array_equal(net.w, wanted.w)
    assert not np.array_equal(net.w, before)


@pytest.mark.parametrize("name", ["second-order", "plate", "mozer", "twinn", "lstm"])
def test_methods_take_vectors(name):
    (net, rule, _, loss, *_), _ = prepare(Experiment(name, "parity", 1, longest=4), 0)
    before = net.w.copy()
    learn(rule, net, random_series(15, 2, 1, 4), 4, loss)
    assert output_size(net) == 1
    assert not np.array_equal(net.w, before)


LEARNED = {"second-order": 1903, "plate": 6254, "mozer": 469, "twinn": 224, "lstm": 180}


@pytest.mark.parametrize("name", LEARNED)
def test_a_short_trial_learns(name):
    outcome = run(experiment(f"bridge/{name}-p3", budget=10_000), 1)
    assert outcome.success
    assert outcome.sequences == LEARNED[name]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: second_order(2, 0, 1), "states = 0; it must be an integer of at least 1"),
        (lambda: time_constants(2, [0.5, 1.0], 1), "it must be one number in \\[0, 1\\)"),
        (lambda: time_constants(2, [], 1), "it must be one number in \\[0, 1\\)"),
        (lambda: holographic(2, [np.inf], 1), "key has entries that are not finite"),
        (lambda: holographic(2, [], 1), "at least one finite number"),
        (lambda: unit_power_key(6, generators(0, 1)[0]), "n = 6; it must be a power of two"),
        (lambda: time_warping(0, 1, 1), "inputs = 0; it must be"),
    ],
)
def test_nets_refuse(make, message):
    with pytest.raises(ValueError, match=message):
        make()
