"""Truncated BPTT against autograd with states detached, and between Elman's rule and BPTT."""

import functools

import numpy as np
import pytest
import torch
from oracles import (
    AT_END,
    SQUARED,
    assert_close,
    change_by,
    filled,
    layered_outputs,
    layered_step,
    random_symbols,
    tensors,
)

from errorflow.experiments.interventions import contributions
from errorflow.nets import layered, recurrent
from errorflow.nets.continuous import continuous
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.elman import elman
from errorflow.rules.truncated_bptt import truncated_bptt


def detached(net, symbols, k, at_end=()):
    """Return the change of a layered net by autograd: each error's state is cut k steps back.

    ``at_end`` maps a step to the last step of its block, from which the k steps are counted.
    """
    w, W = tensors(net)
    inputs = torch.eye(net.hidden.shape[1] - len(net.hidden), dtype=torch.float64)
    targets = torch.eye(len(net.output), dtype=torch.float64)
    states = [torch.zeros(len(net.hidden), dtype=torch.float64)]
    for x in symbols[:-1]:
        states.append(layered_step(net, W, inputs[x], states[-1]))
    loss = torch.zeros((), dtype=torch.float64)
    for t, d in enumerate(symbols[1:]):
        end = at_end[t] if len(at_end) else t
        first = max(0, end + 1 - k)
        h = states[first].detach()
        for s in range(first, t + 1):
            h = layered_step(net, W, inputs[symbols[s]], h)
        y = layered_outputs(net, W, inputs[symbols[t]], h)
        loss = loss + 0.5 * ((targets[d] - y) ** 2).sum()
    loss.backward()
    return -w.grad.numpy(), loss.item()


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_truncated_bptt_equals_autograd_with_the_state_detached(k):
    for seed in range(3):
        net, symbols = filled(layered.layered(5, 3, 5), seed), random_symbols(seed, 5, 7)
        wanted, squared = detached(net, symbols, k)
        got, squared_got = change_by(truncated_bptt(net, 7, 1.0, k, per_pass=False), net, symbols)
        assert_close(got, wanted, 1e-11)
        assert squared_got == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize(("k", "h"), [(2, 2), (4, 2), (4, 3), (5, 5), (9, 3)])
def test_an_error_is_sent_back_at_the_end_of_its_block(k, h):
    net, symbols = filled(layered.layered(5, 3, 5), 4), random_symbols(4, 5, 8)
    ends = [min(t - t % h + h - 1, 7) for t in range(8)]
    wanted, _ = detached(net, symbols, k, ends)
    got, _ = change_by(truncated_bptt(net, 8, 1.0, k, h=h, per_pass=False), net, symbols)
    assert_close(got, wanted, 1e-11)


def test_truncated_bptt_lies_between_elman_and_bptt():
    for net in (layered.layered(6, 4, 6), recurrent.recurrent(6, 2, 6), continuous(6, 3, 6)):
        net, symbols = filled(net, 5), random_symbols(5, 6, 9)
        by_elman, _ = change_by(elman(net, 1.0, per_step=False), net, symbols)
        by_bptt, _ = change_by(bptt(net, 9, 1.0), net, symbols)
        one, _ = change_by(truncated_bptt(net, 9, 1.0, 1, per_pass=False), net, symbols)
        np.testing.assert_array_equal(one, by_elman)
        for h in (1, 2, 9):
            rule = truncated_bptt(net, 9, 1.0, 9, h=h, per_pass=False)
            assert_close(change_by(rule, net, symbols)[0], by_bptt, 1e-12)
        assert_close(
            change_by(truncated_bptt(net, 9, 1.0, 30, h=20), net, symbols)[0], by_bptt, 1e-12
        )
        assert np.abs(one - by_bptt).max() > 1e-3 * np.abs(by_bptt).max()


def test_truncated_bptt_brings_the_first_k_parts():
    net, symbols = filled(layered.table2(9), 6), np.array([8, *range(8), 8])
    parts, first = contributions(net, symbols), net.hidden.size
    for k in (1, 3, 9):
        got, _ = change_by(truncated_bptt(net, 9, 1.0, k, per_pass=False), net, symbols, AT_END)
        assert_close(got[:first], parts[:k].sum(0)[:first], 1e-12)


def test_weights_changed_in_between_are_used():
    """After each pass: two blocks are two sequences, the second from the state of the first."""
    net, symbols = filled(recurrent.recurrent(5, 2, 5), 7), random_symbols(7, 5, 8)
    start = net.w.copy()
    learn(truncated_bptt(net, 8, 0.1, 4, h=4), net, symbols, 8, SQUARED)
    got = net.w.copy()
    net.w[:] = start
    rule = bptt(net, 4, 0.1, reset=False)
    learn(rule, net, symbols[:5], 4, SQUARED)
    learn(rule, net, symbols[4:], 4, SQUARED)
    np.testing.assert_allclose(got, net.w, rtol=1e-13, atol=1e-15)


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
