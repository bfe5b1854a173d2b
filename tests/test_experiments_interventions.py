"""The cause: witnesses, shares by lag, and the rule with an altered error flow."""

import numpy as np
import pytest

from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments import interventions as cause
from errorflow.experiments import solutions as witnesses
from errorflow.experiments.trials import condition, prepare
from errorflow.nets import copy, layered, lstm, output_size, state_size
from errorflow.nets.integrator import integrator
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.rtrl import rtrl
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.rules.scaled_flow import scaled_flow
from errorflow.tasks import reber
from errorflow.tasks.criteria import predicts

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
AT_END = SQUARED._replace(at_end=True)


def filled(net, seed, scale=1.5):
    fill_uniform(generators(seed, 1)[0], net.w, -scale, scale)
    return net


def sequence(seed, symbols, steps):
    rng = generators(seed, 2)[1]
    return np.array([int(rng.random() * symbols) for _ in range(steps + 1)])


def change_by(rule, net, symbols, loss=SQUARED):
    net = copy(net)
    before = net.w.copy()
    learn(rule, net, symbols, len(symbols) - 1, loss)
    return net.w - before


def assert_close(got, wanted, tolerance=1e-10):
    assert np.abs(got - wanted).max() <= tolerance * np.abs(wanted).max()


@pytest.mark.parametrize("p", [4, 10])
def test_nothing_altered_is_rtrl_bit_for_bit(p):
    ours, theirs = (filled(layered.table2(p), 1) for _ in range(2))
    rules = scaled_flow(ours, 4.0), rtrl_one_unit(theirs, 4.0)
    for seed in range(20):
        symbols = sequence(seed, p + 1, p)
        counts = [
            learn(rule, net, symbols, p, SQUARED)[:2]
            for rule, net in zip(rules, (ours, theirs), strict=True)
        ]
        assert counts[0] == counts[1]
        assert np.array_equal(ours.w, theirs.w)


def late_change(net, symbols, size):
    """Return the change of the hidden weights by the last error, far parts rescaled, learning rate
    small: lag q has ``size`` ** q in place of the product of its factors.
    """
    parts = cause.contributions(net, symbols)[:, : net.hidden.size]
    h, logs, total = 0.0, [], np.zeros(net.hidden.size)
    for x in symbols[:-1]:
        h = 1.0 / (1.0 + np.exp(-(net.hidden[0, x] + net.hidden[0, -1] * h)))
        logs.append(h * (1.0 - h) * net.hidden[0, -1])
    for q, part in enumerate(parts):
        factors = np.array(logs[len(logs) - q :])
        total += part / np.prod(factors) * np.prod(np.sign(factors) * size)
    return total


@pytest.mark.parametrize("size", [1.0, 0.7])
@pytest.mark.parametrize("own", [-2.0, 3.0])
def test_rescaled_gradient_is_the_true_one_with_other_factors(size, own):
    alpha = 1e-6  # so small that changes within the sequence do not matter
    net = filled(layered.table2(6), 2)
    net.hidden[0, -1] = own
    symbols = sequence(3, 7, 6)
    rule = scaled_flow(net, alpha, least=size, most=size, late=True)
    got = change_by(rule, net, symbols)[: net.hidden.size] / alpha
    assert_close(got, late_change(net, symbols, size), 1e-5)


def test_late_change_of_hidden_weights_is_the_gradient_of_the_last_error():
    alpha = 1e-6
    net, symbols = filled(layered.table2(5), 4), sequence(5, 6, 5)
    got = change_by(scaled_flow(net, alpha, late=True), net, symbols) / alpha
    wanted = change_by(bptt(net, 5, 1.0), net, symbols, AT_END)
    assert_close(got[: net.hidden.size], wanted[: net.hidden.size], 1e-5)
    # The output weights learn from all errors.
    every = change_by(bptt(net, 5, 1.0), net, symbols)
    assert_close(got[net.hidden.size :], every[net.hidden.size :], 1e-5)


def test_factor_of_zero_stays_zero():
    net = layered.table2(4)
    net.output[:] = 1.0
    rule = scaled_flow(net, 1.0, least=1.0, most=1.0, late=True)
    change = change_by(rule, net, np.array([3, 0, 1, 2, 3]))
    assert change[2] != 0.0
    assert not change[[0, 1, 3]].any()


def test_altered_refuses():
    with pytest.raises(ValueError, match="2 hidden units"):
        scaled_flow(layered.layered(5, 2, 5), 1.0)
    for least, most in ((2.0, 1.0), (-1.0, 1.0), (0.0, np.inf)):
        with pytest.raises(ValueError, match=f"least = {least}, most = {most}"):
            scaled_flow(layered.table2(4), 1.0, least=least, most=most)


def test_integrator_has_the_numeric_gradient():
    net, symbols = filled(integrator(5), 6), sequence(7, 6, 5)
    assert len(net.w) == 6 + 6 * 7
    assert repr(net) == "Integrator(inputs=6, hidden=1, outputs=6, weights=48)"
    wanted = np.empty(len(net.w))
    rule = bptt(net, 5, 0.0)
    for w in range(len(net.w)):
        errors = []
        for sign in (1.0, -1.0):
            moved = copy(net)
            moved.w[w] += sign * 1e-6
            errors.append(learn(rule, moved, symbols, 5, SQUARED)[2])
        wanted[w] = (errors[1] - errors[0]) / 2e-6
    by_bptt = change_by(bptt(net, 5, 1.0), net, symbols)
    assert_close(by_bptt, wanted, 1e-8)
    assert_close(change_by(rtrl(net, 1.0, per_step=False), net, symbols), by_bptt)


@pytest.mark.parametrize("net", [layered.layered(5, 3, 5), lstm.table2(4), integrator(4)], ids=repr)
def test_contributions_add_up_to_the_gradient_of_the_last_error(net):
    net, symbols = filled(copy(net), 8), sequence(9, 5, 7)
    parts = cause.contributions(net, symbols)
    assert parts.shape == (7, len(net.w))
    assert_close(parts.sum(axis=0), change_by(bptt(net, 7, 1.0), net, symbols, AT_END))


def test_shares_follow_the_flow():
    net = filled(layered.table2(10), 10, 0.2)
    shares = cause.shares(net, 10)
    assert shares.sum() == pytest.approx(1.0)
    assert np.all(np.diff(shares) < 0)
    # Between first and last use lies the flow, but for the uses' own slopes and activations.
    assert shares[-1] / shares[0] == pytest.approx(cause.flow_over_lag(net, 10), rel=1.0)
    assert cause.shares(filled(integrator(10), 11), 10) == pytest.approx(np.full(10, 0.1))


def test_start_with_flow():
    for p in (4, 10):
        drawn, flowing = (cause.set_up(p, 0, flowing=flag).net for flag in (False, True))
        assert cause.flow_over_lag(drawn, p) < 1e-3
        assert 0.5 < cause.flow_over_lag(flowing, p) < 2.0
        assert np.array_equal(flowing.hidden[0, p - 1 : p + 1], drawn.hidden[0, p - 1 : p + 1])
        assert np.array_equal(flowing.output, drawn.output)


def test_set_up_refuses_a_size_that_is_none():
    for size in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match=f"size = {size}"):
            cause.set_up(4, 0, size=size)


def test_unchanged_trial_is_the_table_s():
    setup, _ = prepare(condition("table2/rtrl-p4-lr10", budget=2000), 3)
    ours = cause.set_up(4, 3, alpha=10.0)
    assert np.array_equal(setup.net.w, ours.net.w)
    got = cause.course(ours, 4, [10, 2000])
    assert [point[0] for point in got] == [0, 10, 2000]
    again = cause.trial(4, 3, 2000, alpha=10.0)
    assert (again.before, again.after) == (got[0][1], got[-1][1])


@pytest.mark.parametrize("p", [2, 4, 10, 100])
def test_latch_solves_task_2a(p):
    net = witnesses.two_sequences(p)
    assert len(net.w) == (p + 2) ** 2
    assert witnesses.largest_error(net, p) < 1e-4
    assert witnesses.largest_error(witnesses.two_sequences_lstm(p), p) < 1e-4
    assert witnesses.largest_error(layered.table2(p), p) == 0.5


def test_largest_error_is_that_of_the_frozen_rule():
    net, p = witnesses.two_sequences(4, own=4.2, readout=5.0), 4
    error = witnesses.largest_error(net, p)
    for nudge, wrong in ((1e-9, 0), (-1e-9, 1)):
        loss = SQUARED._replace(tolerance=error + nudge)
        found = [
            learn(bptt(net, p, 0.0), net, np.array([first, 0, 1, 2, first]), p, loss)[0]
            for first in (3, 4)
        ]
        assert (max(found) > 0) == wrong


def test_latch_needs_two_stable_states():
    with pytest.raises(ValueError, match=r"own = 4\.0"):
        witnesses.two_sequences(4, own=4.0)


@pytest.mark.parametrize(
    ("net", "weights"),
    [
        (witnesses.reber_elman(), 435),
        (witnesses.reber_recurrent(12), 494),
        (witnesses.reber_recurrent(3), 170),
    ],
    ids=["elman", "recurrent-12", "recurrent-3"],
)
def test_witness_predicts_every_reber_string(net, weights):
    assert len(net.w) == weights
    rng = generators(12, 1)[0]
    strings = reber.string_set([reber.embedded(rng) for _ in range(500)])
    states, y = np.zeros((2, state_size(net))), np.zeros(output_size(net))
    for row in range(500):
        states[0] = 0.0
        assert predicts(net, strings, row, True, 0, states, y)


def test_reber_cases_are_the_grammar():
    """Walking through the cases gives the legal successors of every prefix."""
    moves = {case[:3]: case[3:] for case in witnesses.reber_cases()}
    rng = generators(13, 1)[0]
    for _ in range(200):
        string, place = reber.embedded(rng), (None, False)
        for t, symbol in enumerate(string[:-1]):
            place = moves[*place, symbol]
            legal = {
                s for s, on in zip(reber.SYMBOLS, witnesses.successors(*place), strict=True) if on
            }
            assert legal == reber.legal(string[: t + 1])


def test_threshold_refuses_what_no_unit_can_do():
    with pytest.raises(ValueError, match="no weights found"):
        witnesses.threshold([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], [0, 1, 1, 0], passes=50)


def test_a_linear_unit_learns_lag_4():
    for last_only in (False, True):
        trial = cause.linear_trial(4, 0, 20_000, last_only=last_only)
        assert trial.success
        assert trial.before == trial.after == 1.0
        assert trial.sequences < 5_000


def test_course_ends_with_success():
    setup = cause.set_up(4, 0, flowing=True)
    points = cause.course(setup, 4, [100, 100_000, 200_000])
    assert len(points) == 3
    sequences = cause.trial(4, 0, 100_000, flowing=True).sequences
    assert points[-1][0] == sequences + setup.criterion.goal
