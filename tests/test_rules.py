"""Every rule against an oracle: torch autograd in float64, or another rule."""

import functools

import numpy as np
import pytest
import torch
from oracles import (
    AT_END,
    CROSS_ENTROPY,
    SQUARED,
    assert_close,
    change_by,
    filled,
    gradient,
    random_symbols,
    run_layered,
)

from errorflow.core.loss import Loss
from errorflow.nets import copy, layered, lstm, output_size, recurrent
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.bptt_one_unit import bptt_one_unit
from errorflow.rules.elman import elman
from errorflow.rules.elman_layered import elman_layered
from errorflow.rules.rtrl import rtrl
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.rules.rtrl_recurrent import rtrl_recurrent
from errorflow.rules.truncated import truncated


def run_recurrent(net, W, xs, lag=0):
    y = torch.zeros(len(net.units), dtype=torch.float64)
    for x in xs:
        before = y
        y = torch.sigmoid(W["units"] @ torch.cat([x, y]))
        yield (before if lag else y)[: net.outputs]


def torch_squash(f, x):
    return x if f.identity else f.low + (f.high - f.low) * torch.sigmoid(x)


def run_lstm(net, W, xs, truncate=False):
    B, S = net.blocks, net.blocks * net.size
    n, R = len(net.hidden), net.hidden.shape[1] - net.inputs
    direct = net.output.shape[1] > S
    block = torch.arange(S) // (S // B)
    s, seen = torch.zeros(S, dtype=torch.float64), torch.zeros(R, dtype=torch.float64)
    bias = torch.cat([torch.zeros(S), W["bias"]]) if len(net.bias) else 0.0
    for x in xs:
        seen = seen.detach() if truncate else seen
        total = W["hidden"] @ torch.cat([x, seen]) + bias
        y_in = torch.sigmoid(total[S : S + B])
        s = s + y_in[block] * torch_squash(net.g, total[:S])
        y_c = torch_squash(net.h, s)
        if n > S + B:
            y_out = torch.sigmoid(total[S + B :])
            y_c = y_out[block] * y_c
            seen = torch.cat([y_c, y_in, y_out])
        yield torch.sigmoid(W["output"] @ (torch.cat([x, y_c]) if direct else y_c))


def bptt_of_any_length(net, alpha):
    return bptt(net, 20, alpha)


NETS = [
    (layered.layered(5, 1, 5), run_layered),
    (layered.layered(6, 4, 6, low=-1.0, high=1.0), run_layered),
    (layered.layered(5, 3, 5, direct=False), run_layered),
    (recurrent.recurrent(5, 3, 5), run_recurrent),
    (lstm.memory_cells(5, 2, 2, 5, g=lstm.Squash(-2, 2), h=lstm.Squash(-1, 1)), run_lstm),
    (lstm.table2(4), run_lstm),
]


@pytest.mark.parametrize(
    ("net", "forward", "lag"),
    [(*pair, lag) for pair in NETS for lag in (0, 1) if not (lag and pair[1] is run_lstm)],
    ids=lambda value: getattr(value, "__name__", repr(value)),
)
def test_bptt_equals_rtrl_equals_autograd(net, forward, lag):
    for seed in range(3):
        net = filled(copy(net), seed)
        symbols = random_symbols(seed, output_size(net), 7)
        delayed = functools.partial(forward, lag=lag) if lag else forward
        wanted, squared = gradient(net, symbols, delayed)
        by_bptt, squared_bptt = change_by(bptt(net, 7, 1.0, lag=lag), net, symbols)
        by_rtrl, squared_rtrl = change_by(rtrl(net, 1.0, per_step=False, lag=lag), net, symbols)
        assert_close(by_bptt, wanted)
        assert_close(by_rtrl, wanted)
        assert squared_bptt == pytest.approx(squared, rel=1e-12)
        assert squared_rtrl == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize(
    "net",
    [
        lstm.table1(3, 2),
        lstm.table1(4, 1),
        lstm.memory_cells(7, 2, 3, 7, g=lstm.Squash(-1, 1), h=lstm.Squash(-2, 2)),
        lstm.table2(6),
    ],
    ids=repr,
)
def test_truncated_lstm_equals_detached_autograd(net):
    for seed in range(3):
        net = filled(copy(net), seed)
        symbols = random_symbols(seed, net.inputs, 9)
        wanted, squared = gradient(net, symbols, lambda *a: run_lstm(*a, truncate=True))
        got, squared_got = change_by(truncated(net, 1.0, per_step=False), net, symbols)
        assert_close(got, wanted)
        assert squared_got == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize("context", [0.0, 0.5])
def test_elman_equals_detached_autograd(context):
    for net in (layered.elman(15), layered.table2(6)):
        net = filled(net, 8)
        symbols = random_symbols(8, 7, 9)
        forward = functools.partial(run_layered, truncate=True, context=context)
        wanted, _ = gradient(net, symbols, forward)
        got, _ = change_by(elman(net, 1.0, per_step=False, context=context), net, symbols)
        assert_close(got, wanted)
        exact, _ = gradient(net, symbols, functools.partial(run_layered, context=context))
        assert np.abs(got - exact).max() > 1e-3 * np.abs(exact).max()


def test_momentum_adds_the_last_change():
    net, symbols = filled(layered.elman(4), 9), random_symbols(9, 7, 3)
    rule, plain = (elman(net, 0.1, momentum=m, per_step=False) for m in (0.9, 0.0))
    start = net.w.copy()
    learn(rule, net, symbols, 3, SQUARED)
    first = net.w - start
    between = net.w.copy()
    step, _ = change_by(plain, net, symbols)
    learn(rule, net, symbols, 3, SQUARED)
    np.testing.assert_allclose(net.w - between, step + 0.9 * first, atol=1e-15)


@pytest.mark.parametrize("make", [bptt_of_any_length, truncated], ids=["bptt", "truncated"])
def test_targets_at_the_end_only(make):
    net = filled(lstm.task2c(4), 10)
    symbols = np.append(random_symbols(10, 8, 11), 1)
    truncate = make is truncated
    forward = functools.partial(run_lstm, truncate=truncate)
    wanted, squared = gradient(net, symbols, forward, AT_END, inputs=8)
    got, squared_got = change_by(make(net, 1.0), net, symbols, AT_END)
    assert_close(got, wanted)
    assert squared_got == pytest.approx(squared, rel=1e-12)


def test_truncation_truncates_nothing_without_recurrent_weights():
    net = filled(lstm.table2(6), 1)
    symbols = random_symbols(1, 7, 9)
    by_rule, _ = change_by(truncated(net, 1.0, per_step=False), net, symbols)
    by_bptt, _ = change_by(bptt(net, 9, 1.0), net, symbols)
    assert_close(by_rule, by_bptt, 1e-13)


def test_targets_and_output_slopes():
    """Other targets, and errors without the slope of the output units: the cross-entropy's."""
    net = filled(layered.layered(5, 2, 5), 4)
    symbols = random_symbols(4, 5, 6)
    for loss in (Loss(0.1, 0.9, 1.0, 0.0, 0.25), CROSS_ENTROPY):
        wanted, _ = gradient(net, symbols, run_layered, loss)
        assert_close(change_by(bptt(net, 6, 1.0), net, symbols, loss)[0], wanted)


@pytest.mark.parametrize("lag", [0, 1])
@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("p", [2, 7, 100])
@pytest.mark.parametrize("method", ["rtrl", "bptt"])
def test_fused_rules_equal_the_general_ones(method, p, reset, lag):
    options = {"low": -1.0, "high": 1.0, "offset": 0.1} if p == 7 else {}
    one, other = (filled(layered.table2(p, **options), 5, 0.2) for _ in range(2))
    how = {"lag": lag, "reset": reset}
    if method == "rtrl":
        fused = rtrl_one_unit(one, 0.5, measure=True, **how)
        general = rtrl(other, 0.5, **how)
    else:
        fused = bptt_one_unit(one, p + 2, 0.5, measure=True, **how)
        general = bptt(other, p + 2, 0.5, **how)
    loss = Loss(0.1, 0.9, 1.0, 0.1, 0.25)
    for seed in range(3):
        symbols = random_symbols(seed, p + 1, p + seed)
        got = learn(fused, one, symbols, p + seed, loss)
        wanted = learn(general, other, symbols, p + seed, loss)
        assert got[:2] == wanted[:2]
        assert got[2] == pytest.approx(wanted[2], rel=1e-12)
        np.testing.assert_allclose(one.w, other.w, rtol=0, atol=1e-13)


@pytest.mark.parametrize("loss", [SQUARED, AT_END, Loss(0.1, 0.9, 1.0, 0.1, 0.25)])
@pytest.mark.parametrize("hidden", [1, 3, 4, 15])
@pytest.mark.parametrize("method", ["rtrl", "elman"])
def test_rules_written_out_equal_the_general_ones_bit_for_bit(method, hidden, loss):
    for number, options in ((7, {}), (5, {"low": -1.0, "high": 1.0, "offset": 0.1})):
        if method == "rtrl":
            one, other = (filled(recurrent.recurrent(number, hidden, number), 5) for _ in range(2))
            rules = rtrl_recurrent(one, 0.5), rtrl(other, 0.5)
        else:
            one, other = (
                filled(layered.layered(number, hidden, number, direct=False, **options), 5)
                for _ in range(2)
            )
            rules = elman_layered(one, 0.5, context=0.5), elman(other, 0.5, context=0.5)
        for seed in range(5):
            symbols = random_symbols(seed, number, 6 + seed)
            counts = [
                learn(rule, net, symbols, 6 + seed, loss)
                for rule, net in zip(rules, (one, other), strict=True)
            ]
            assert counts[0] == counts[1]
            assert np.array_equal(one.w, other.w)


def test_per_step_updates_add_up_to_per_sequence_ones_for_small_rates():
    for net, make in ((lstm.table1(2, 2), truncated), (layered.layered(7, 2, 7), rtrl)):
        net = filled(net, 3)
        symbols = random_symbols(3, 7, 8)
        by_sequence, _ = change_by(make(net, 1e-6, per_step=False), net, symbols)
        by_step, _ = change_by(make(net, 1e-6, per_step=True), net, symbols)
        assert not np.array_equal(by_step, by_sequence)
        np.testing.assert_allclose(by_step, by_sequence, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("make", [rtrl, truncated], ids=["rtrl", "truncated"])
def test_without_reset_the_state_is_carried_over(make):
    net = filled(lstm.table1(2, 1), 6)
    whole = random_symbols(6, 7, 9)
    rule = make(net, 1e-9, reset=False)
    first = learn(rule, net, whole[:6], 5, SQUARED)
    second = learn(rule, net, whole[5:], 4, SQUARED)
    alone = learn(make(net, 1e-9, reset=False), net, whole, 9, SQUARED)
    assert first[2] + second[2] == pytest.approx(alone[2], rel=1e-6)
    fresh = learn(make(net, 1e-9), net, whole[5:], 4, SQUARED)
    assert abs(fresh[2] - second[2]) > 1e-4


def test_rules_for_one_kind_of_net_refuse_others():
    with pytest.raises(
        ValueError, match="outputs see 7 activations; this rule is for the 2 hidden"
    ):
        elman_layered(layered.layered(5, 2, 5), 1.0)
    with pytest.raises(ValueError, match="2 hidden units"):
        rtrl_one_unit(layered.layered(5, 2, 5), 1.0)
    with pytest.raises(ValueError, match="see 1 of 6"):
        bptt_one_unit(layered.layered(5, 1, 5, direct=False), 4, 1.0)
