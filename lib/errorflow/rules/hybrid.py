"""The O(n^3) algorithm: blocks of BPTT, with the derivatives of RTRL at their borders.

J. Schmidhuber, Neural Computation 4, 1992. Its storage does not grow with the sequence, and its
gradient is that of RTRL and BPTT.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.numerics import add_product, assign
from errorflow.core.options import NotNegative
from errorflow.core.sequences import input_at
from errorflow.nets import Net, back_read, back_step, check_offers, state_size, zeros_like
from errorflow.rules.forward import respond, room


class Hybrid(NamedTuple):
    """The exact gradient for any net, by blocks of ``h`` steps; the last one may be shorter.

    ``P[i, w]`` (state, weights) is d state_i / d w at the border where a block begins, row i of
    ``J`` (state, state) is d state_i at its end / d state at that border. ``states``
    (h + 1, state), ``y`` and ``errors`` (h, outputs) hold a block. ``change`` collects the weight
    changes for learning rate 1, ``row`` a row of derivatives. Weights change at the end of a
    sequence, or with ``per_block`` after each block.
    """

    alpha: NotNegative
    h: int
    per_block: bool
    states: Annotated[np.ndarray, "h + 1, S"]
    y: Annotated[np.ndarray, "h, O"]
    errors: Annotated[np.ndarray, "h, O"]
    e: Annotated[np.ndarray, "2, S"]
    J: Annotated[np.ndarray, "S, S"]
    P: Annotated[np.ndarray, "2, S, W"]
    change: Annotated[NamedTuple, "net"]
    row: Annotated[NamedTuple, "net"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        h, states, y, errors, change = rule.h, rule.states, rule.y, rule.errors, rule.change
        P, P_next = rule.P[0], rule.P[1]
        states[0] = 0.0
        P[:] = 0.0
        change.w[:] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            s, end = t % h, t == steps - 1
            before, state = states[s], states[s + 1]
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, state, y[s], errors[s]
            )
            wrong += wrong_at_end
            squared += more
            if end or s == h - 1:
                send_back(rule, net, sequence, t, loss, P)
                if not end:
                    carry_over(rule, net, sequence, t, P, P_next)
                    P, P_next = P_next, P
                    assign(states[0], states[h])
                if end or rule.per_block:
                    for w in range(len(net.w)):
                        net.w[w] += rule.alpha * change.w[w]
                    change.w[:] = 0.0
        return wrong, wrong_at_end, squared


@inline
def send_back(rule, net, sequence, t, loss, P):
    """Send a block's errors back to its border; from there on ``P`` knows all the past."""
    e, e_before, change = rule.e[0], rule.e[1], rule.change
    first = t - t % rule.h
    e[:] = 0.0
    for s in range(t - first, -1, -1):
        x, before, state = input_at(sequence, first + s), rule.states[s], rule.states[s + 1]
        back_read(net, x, state, rule.y[s], rule.errors[s], loss, change, e)
        back_step(net, x, before, state, e, change, e_before)
        e, e_before = e_before, e
    for i in range(len(e)):
        for w in range(len(net.w)):
            change.w[w] += e[i] * P[i, w]


@inline
def carry_over(rule, net, sequence, t, P, P_next):
    """Write into ``P_next`` the derivatives at the border behind the block that ends at step t."""
    row, first = rule.row, t - rule.h + 1
    for i in range(len(P)):
        e, e_before = rule.e[0], rule.e[1]
        e[:] = 0.0
        e[i] = 1.0
        row.w[:] = 0.0
        for s in range(rule.h - 1, -1, -1):
            x, before, state = input_at(sequence, first + s), rule.states[s], rule.states[s + 1]
            back_step(net, x, before, state, e, row, e_before)
            e, e_before = e_before, e
        assign(P_next[i], row.w)
        assign(rule.J[i], e)
    add_product(rule.J, P, P_next)


@guarded
def hybrid(
    net: Net, alpha: NotNegative, h: int | None = None, *, per_block: bool = False
) -> Hybrid:
    """Return :class:`Hybrid` with a workspace for ``net``.

    Blocks have ``h`` steps, by default as many as the state has entries, which takes the fewest
    operations. Raises ``ValueError`` for an h below 1.
    """
    check_offers(net, "back_read", "back_step")
    size = state_size(net)
    h = size if h is None else h
    return Hybrid(
        alpha,
        h,
        per_block,
        *room(net, h),
        np.zeros((2, size)),
        np.zeros((size, size)),
        np.zeros((2, size, len(net.w))),
        zeros_like(net),
        zeros_like(net),
    )


@guarded
def multiplications(n: int, inputs: int, outputs: int, h: int) -> tuple[float, float, float]:
    """Return how many a step takes, over a long sequence, as (RTRL, hybrid, BPTT).

    For :class:`~errorflow.nets.recurrent.Recurrent` with n units and symbols as inputs, ``outputs``
    of the units with an error at each step. Counted is what makes errors, derivatives and weight
    changes, as the rules of this library do it; the net's own step and the slopes come to it in all
    three.

    >>> multiplications(10, 1, 1, 10)
    (11430.0, 3312.1, 210.0)
    """
    W, one_unit = n * (n + inputs), 2 * n + 1
    rtrl = n * one_unit + n * n * W + outputs * W + W
    errors = (outputs + (h - 1) * n) * one_unit
    rows = n * (1 + (h - 1) * n) * one_unit
    return float(rtrl), (errors + n * W + rows + n * n * W) / h, float(n * one_unit)
