"""Real-time recurrent learning: the derivatives of the state are carried forward in time."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.numerics import add_product, assign
from errorflow.core.options import NotNegative
from errorflow.core.sequences import input_at
from errorflow.nets import (
    Net,
    back_read,
    back_step,
    check_offers,
    output_size,
    state_size,
    zeros_like,
)
from errorflow.rules.forward import respond


class RTRL(NamedTuple):
    """The same gradient as BPTT, for any net, known at every step.

    ``P[i, w]`` is d state_i / d w, (state, weights). Row i of ``J`` = d state(t) / d state(t-1) and
    of the direct effect of the weights is what the net's backward step gives for an error of 1 at
    entry i. Weights change after every step, or with ``per_step`` False at the end of a sequence.
    """

    alpha: NotNegative
    per_step: bool
    lag: Literal[0, 1]
    reset: bool
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]
    errors: Annotated[np.ndarray, "O"]
    e: Annotated[np.ndarray, "S"]
    J: Annotated[np.ndarray, "S, S"]
    P: Annotated[np.ndarray, "2, S, W"]
    change: Annotated[NamedTuple, "net"]
    total: Annotated[np.ndarray, "W"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        before, state = rule.states[0], rule.states[1]
        change, y, errors, e = rule.change, rule.y, rule.errors, rule.e
        P, P_next = rule.P[0], rule.P[1]
        rule.total[:] = 0.0
        if rule.reset:
            before[:] = 0.0
            P[:] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            seen, P_seen = (before, P) if rule.lag == 1 else (state, P_next)
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, seen, y, errors
            )
            carry(net, x, before, state, P, P_next, rule.J, e, change)
            wrong += wrong_at_end
            squared += more
            change.w[:] = 0.0
            e[:] = 0.0
            back_read(net, x, seen, y, errors, loss, change, e)
            for i in range(len(e)):
                if e[i] != 0.0:
                    for w in range(len(net.w)):
                        change.w[w] += e[i] * P_seen[i, w]
            into = net.w if rule.per_step else rule.total
            for w in range(len(into)):
                into[w] += rule.alpha * change.w[w]
            before, state = state, before
            P, P_next = P_next, P
        if not rule.per_step:
            for w in range(len(net.w)):
                net.w[w] += rule.total[w]
        if not rule.reset and steps % 2:
            assign(rule.states[0], before)
            for i in range(len(P)):
                assign(rule.P[0, i], P[i])
        return wrong, wrong_at_end, squared


@inline
def carry(net, x, before, state, P, P_next, J, unit, change):
    """Write into ``P_next`` the derivatives one step on; the last three arguments are scratch."""
    for i in range(len(state)):
        unit[:] = 0.0
        unit[i] = 1.0
        change.w[:] = 0.0
        back_step(net, x, before, state, unit, change, J[i])
        assign(P_next[i], change.w)
    add_product(J, P, P_next)


@guarded
def rtrl(
    net: Net,
    alpha: NotNegative,
    *,
    per_step: bool = True,
    lag: Literal[0, 1] = 0,
    reset: bool = True,
) -> RTRL:
    """Return :class:`RTRL` with a workspace for ``net``."""
    check_offers(net, "back_read", "back_step")
    size, outputs = state_size(net), output_size(net)
    return RTRL(
        alpha,
        per_step,
        lag,
        reset,
        np.zeros((2, size)),
        np.zeros(outputs),
        np.zeros(outputs),
        np.zeros(size),
        np.zeros((size, size)),
        np.zeros((2, size, len(net.w))),
        zeros_like(net),
        np.zeros(len(net.w)),
    )
