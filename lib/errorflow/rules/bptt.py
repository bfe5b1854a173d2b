"""Back-propagation through time: the error of a whole sequence, sent back step by step."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import assign
from errorflow.core.options import NotNegative
from errorflow.core.sequences import input_at
from errorflow.nets import Net, back_read, back_step, check_offers, state_size, zeros_like
from errorflow.rules.forward import forward, room


class BPTT(NamedTuple):
    """The gradient of the squared error of a sequence, for any net; weights change at its end.

    ``states`` (steps + 1, state) and ``y`` (steps, outputs) hold the sequence; ``change`` collects
    the weight changes for learning rate 1. With ``lag`` 1 outputs see the state one step before.
    Without ``reset`` a sequence starts in the state that the last one left.
    """

    alpha: NotNegative
    lag: Literal[0, 1]
    reset: bool
    states: Annotated[np.ndarray, ">= T + 1, S"]
    y: Annotated[np.ndarray, ">= T, O"]
    errors: Annotated[np.ndarray, ">= T, O"]
    e: Annotated[np.ndarray, "2, S"]
    change: Annotated[NamedTuple, "net"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        states, y, errors, change = rule.states, rule.y, rule.errors, rule.change
        change.w[:] = 0.0
        if rule.reset:
            states[0] = 0.0
        seen = forward(net, sequence, steps, loss, rule.lag, states, y, errors)
        e, e_before = rule.e[0], rule.e[1]
        e[:] = 0.0
        for t in range(steps - 1, -1, -1):
            x = input_at(sequence, t)
            if rule.lag == 0:
                back_read(net, x, states[t + 1], y[t], errors[t], loss, change, e)
            back_step(net, x, states[t], states[t + 1], e, change, e_before)
            if rule.lag == 1:
                back_read(net, x, states[t], y[t], errors[t], loss, change, e_before)
            e, e_before = e_before, e
        for i in range(len(net.w)):
            net.w[i] += rule.alpha * change.w[i]
        if not rule.reset:
            assign(states[0], states[steps])
        return seen


@guarded
def bptt(
    net: Net, steps: int, alpha: NotNegative, *, lag: Literal[0, 1] = 0, reset: bool = True
) -> BPTT:
    """Return :class:`BPTT` with a workspace for ``net`` and sequences of up to ``steps`` steps."""
    check_offers(net, "back_read", "back_step")
    return BPTT(
        alpha, lag, reset, *room(net, steps), np.zeros((2, state_size(net))), zeros_like(net)
    )
