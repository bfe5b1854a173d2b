"""The cause: shares by lag, and the rule with an altered error flow."""

import numpy as np
import pytest
from oracles import AT_END, SQUARED, assert_close, change_by, filled, random_symbols

from errorflow.experiments import interventions
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare
from errorflow.nets import copy, layered, lstm
from errorflow.nets.integrator import integrator
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.rtrl import rtrl
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.rules.scaled_flow import scaled_flow


@pytest.mark.parametrize("p", [4, 10])
def test_nothing_altered_is_rtrl_bit_for_bit(p):
    ours, theirs = (filled(layered.table2(p), 1) for _ in range(2))
    rules = scaled_flow(ours, 4.0), rtrl_one_unit(theirs, 4.0)
    for seed in range(20):
        symbols = random_symbols(seed, p + 1, p)
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
    parts = interventions.contributions(net, symbols)[:, : net.hidden.size]
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
    symbols = random_symbols(3, 7, 6)
    rule = scaled_flow(net, alpha, least=size, most=size, late=True)
    got = change_by(rule, net, symbols)[0][: net.hidden.size] / alpha
    assert_close(got, late_change(net, symbols, size), 1e-5)


def test_late_change_of_hidden_weights_is_the_gradient_of_the_last_error():
    alpha = 1e-6
    net, symbols = filled(layered.table2(5), 4), random_symbols(5, 6, 5)
    got = change_by(scaled_flow(net, alpha, late=True), net, symbols)[0] / alpha
    wanted, _ = change_by(bptt(net, 5, 1.0), net, symbols, AT_END)
    assert_close(got[: net.hidden.size], wanted[: net.hidden.size], 1e-5)
    # The output weights learn from all errors.
    every, _ = change_by(bptt(net, 5, 1.0), net, symbols)
    assert_close(got[net.hidden.size :], every[net.hidden.size :], 1e-5)


def test_factor_of_zero_stays_zero():
    net = layered.table2(4)
    net.output[:] = 1.0
    rule = scaled_flow(net, 1.0, least=1.0, most=1.0, late=True)
    change, _ = change_by(rule, net, np.array([3, 0, 1, 2, 3]))
    assert change[2] != 0.0
    assert not change[[0, 1, 3]].any()


def test_scaled_flow_refuses():
    with pytest.raises(ValueError, match="2 hidden units"):
        scaled_flow(layered.layered(5, 2, 5), 1.0)
    for least, most in ((2.0, 1.0), (-1.0, 1.0)):
        with pytest.raises(ValueError, match=f"least = {least}, most = {most}"):
            scaled_flow(layered.table2(4), 1.0, least=least, most=most)
    with pytest.raises(ValueError, match="most = inf; it must be a finite number"):
        scaled_flow(layered.table2(4), 1.0, most=np.inf)


def test_integrator_has_the_numeric_gradient():
    net, symbols = filled(integrator(5), 6), random_symbols(7, 6, 5)
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
    by_bptt, _ = change_by(bptt(net, 5, 1.0), net, symbols)
    assert_close(by_bptt, wanted, 1e-8)
    assert_close(change_by(rtrl(net, 1.0, per_step=False), net, symbols)[0], by_bptt)


@pytest.mark.parametrize("net", [layered.layered(5, 3, 5), lstm.table2(4), integrator(4)], ids=repr)
def test_contributions_add_up_to_the_gradient_of_the_last_error(net):
    net, symbols = filled(copy(net), 8), random_symbols(9, 5, 7)
    parts = interventions.contributions(net, symbols)
    assert parts.shape == (7, len(net.w))
    assert_close(parts.sum(axis=0), change_by(bptt(net, 7, 1.0), net, symbols, AT_END)[0])


def test_shares_follow_the_flow():
    net = filled(layered.table2(10), 10, 0.2)
    shares = interventions.shares(net, 10)
    assert shares.sum() == pytest.approx(1.0)
    assert np.all(np.diff(shares) < 0)
    # Between first and last use lies the flow, but for the uses' own slopes and activations.
    assert shares[-1] / shares[0] == pytest.approx(interventions.flow_over_lag(net, 10), rel=1.0)
    assert interventions.shares(filled(integrator(10), 11), 10) == pytest.approx(np.full(10, 0.1))


def test_start_with_flow():
    for p in (4, 10):
        drawn, flowing = (interventions.set_up(p, 0, flowing=flag).net for flag in (False, True))
        assert interventions.flow_over_lag(drawn, p) < 1e-3
        assert 0.5 < interventions.flow_over_lag(flowing, p) < 2.0
        assert np.array_equal(flowing.hidden[0, p - 1 : p + 1], drawn.hidden[0, p - 1 : p + 1])
        assert np.array_equal(flowing.output, drawn.output)


def test_set_up_refuses_a_size_that_is_none():
    for size in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match=f"size = {size}"):
            interventions.set_up(4, 0, size=size)


def test_unchanged_trial_is_the_table_s():
    setup, _ = prepare(experiment("table2/rtrl-p4-lr10", budget=2000), 3)
    ours = interventions.set_up(4, 3, alpha=10.0)
    assert np.array_equal(setup.net.w, ours.net.w)
    got = interventions.course(ours, 4, [10, 2000])
    assert [point[0] for point in got] == [0, 10, 2000]
    again = interventions.trial(4, 3, 2000, alpha=10.0)
    assert (again.before, again.after) == (got[0][1], got[-1][1])


def test_a_linear_unit_learns_lag_4():
    for last_only in (False, True):
        trial = interventions.linear_trial(4, 0, 20_000, last_only=last_only)
        assert trial.success
        assert trial.before == trial.after == 1.0
        assert trial.sequences < 5_000


def test_course_ends_with_success():
    setup = interventions.set_up(4, 0, flowing=True)
    points = interventions.course(setup, 4, [100, 100_000, 200_000])
    assert len(points) == 3
    sequences = interventions.trial(4, 0, 100_000, flowing=True).sequences
    assert points[-1][0] == sequences + setup.criterion.goal
