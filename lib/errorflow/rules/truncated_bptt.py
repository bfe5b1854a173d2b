"""Truncated back-propagation through time: errors go back k steps and no further.

R. J. Williams and J. Peng, Neural Computation 2, 1990; Williams and Zipser 1992, reference [28] of
the paper, call it BPTT(k; h).
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.options import NotNegative
from errorflow.core.sequences import input_at
from errorflow.nets import Net, back_read, back_step, check_offers, state_size, zeros_like
from errorflow.rules.forward import respond, room


class TruncatedBPTT(NamedTuple):
    """After every ``h`` steps, the errors of these h steps are sent back over the last ``k`` steps.

    An error reaches the k - h + 1 to k latest uses of the weights; with h = 1 each reaches k, and
    with k = 1 too the rule is Elman's. Weights change after each pass back, or with ``per_pass``
    False at the end of a sequence. States are not computed anew when weights have changed.
    ``states`` (steps + 1, state), ``y`` and ``errors`` (steps, outputs) hold the sequence.
    """

    alpha: NotNegative
    k: int
    h: int
    per_pass: bool
    states: Annotated[np.ndarray, ">= T + 1, S"]
    y: Annotated[np.ndarray, ">= T, O"]
    errors: Annotated[np.ndarray, ">= T, O"]
    e: Annotated[np.ndarray, "2, S"]
    change: Annotated[NamedTuple, "net"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        states, y, errors, change = rule.states, rule.y, rule.errors, rule.change
        change.w[:] = 0.0
        states[0] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            before, state = states[t], states[t + 1]
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, state, y[t], errors[t]
            )
            wrong += wrong_at_end
            squared += more
            end = t == steps - 1
            if end or (t + 1) % rule.h == 0:
                go_back(rule, net, sequence, t, loss)
                if end or rule.per_pass:
                    for w in range(len(net.w)):
                        net.w[w] += rule.alpha * change.w[w]
                    change.w[:] = 0.0
        return wrong, wrong_at_end, squared


@inline
def go_back(rule, net, sequence, t, loss):
    """Send the errors since the last pass back from step ``t``; add to ``rule.change``."""
    e, e_before, change = rule.e[0], rule.e[1], rule.change
    first = t - t % rule.h
    e[:] = 0.0
    for s in range(t, max(-1, t - rule.k), -1):
        x, before, state = input_at(sequence, s), rule.states[s], rule.states[s + 1]
        if s >= first:
            back_read(net, x, state, rule.y[s], rule.errors[s], loss, change, e)
        back_step(net, x, before, state, e, change, e_before)
        e, e_before = e_before, e


@guarded
def truncated_bptt(
    net: Net, steps: int, alpha: NotNegative, k: int, *, h: int = 1, per_pass: bool = True
) -> TruncatedBPTT:
    """Return :class:`TruncatedBPTT` with a workspace for sequences of up to ``steps`` steps.

    Raises ``ValueError`` unless 1 <= h <= k.
    """
    check_offers(net, "back_read", "back_step")
    check_size("k", k, h)
    return TruncatedBPTT(
        alpha, k, h, per_pass, *room(net, steps), np.zeros((2, state_size(net))), zeros_like(net)
    )
