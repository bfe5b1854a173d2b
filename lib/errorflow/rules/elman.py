"""Elman's rule: the gradient that takes the state of the step before for a constant."""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import assign
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


class Elman(NamedTuple):
    """Back-propagation of the current step's error alone, for any net.

    The error reaches the weights of the current step and is dropped there. ``momentum`` times the
    last change is added to each change. ``context`` is what the state starts from. Weights change
    after every step, or with ``per_step`` False at the end of a sequence.
    """

    alpha: NotNegative
    momentum: NotNegative
    context: float
    per_step: bool
    reset: bool
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]
    errors: Annotated[np.ndarray, "O"]
    e: Annotated[np.ndarray, "2, S"]
    change: Annotated[NamedTuple, "net"]
    velocity: Annotated[np.ndarray, "W"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        before, state = rule.states[0], rule.states[1]
        change, y, errors, e = rule.change, rule.y, rule.errors, rule.e
        change.w[:] = 0.0
        if rule.reset:
            before[:] = rule.context
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, state, y, errors
            )
            wrong += wrong_at_end
            squared += more
            e[0] = 0.0
            back_read(net, x, state, y, errors, loss, change, e[0])
            back_step(net, x, before, state, e[0], change, e[1])
            if rule.per_step or t == steps - 1:
                for w in range(len(net.w)):
                    rule.velocity[w] = rule.alpha * change.w[w] + rule.momentum * rule.velocity[w]
                    net.w[w] += rule.velocity[w]
                change.w[:] = 0.0
            before, state = state, before
        if not rule.reset and steps % 2:
            assign(rule.states[0], before)
        return wrong, wrong_at_end, squared


@guarded
def elman(
    net: Net,
    alpha: NotNegative,
    *,
    momentum: NotNegative = 0.0,
    context: float = 0.0,
    per_step: bool = True,
    reset: bool = True,
) -> Elman:
    """Return :class:`Elman` with a workspace for ``net``."""
    check_offers(net, "back_read", "back_step")
    size, outputs = state_size(net), output_size(net)
    return Elman(
        alpha,
        momentum,
        context,
        per_step,
        reset,
        np.full((2, size), context),
        np.zeros(outputs),
        np.zeros(outputs),
        np.zeros((2, size)),
        zeros_like(net),
        np.zeros(len(net.w)),
    )
