"""The rule that changes nothing: it only looks whether the outputs are right."""

from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import lean
from errorflow.core.numerics import assign
from errorflow.core.sequences import item
from errorflow.nets import Net, output_size, state_size
from errorflow.rules import learn
from errorflow.rules.forward import respond


class NoLearning(NamedTuple):
    """Any net, presented sequences without learning; ``lag`` and ``reset`` as in other rules."""

    lag: int
    reset: bool
    states: np.ndarray
    y: np.ndarray
    errors: np.ndarray

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        states, y, errors = rule.states, rule.y, rule.errors
        if rule.reset:
            states[0] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            before, state, seen = states[0], states[1], states[1 - rule.lag]
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, seen, y, errors
            )
            wrong += wrong_at_end
            squared += more
            assign(states[0], states[1])
        return wrong, wrong_at_end, squared


def no_learning(net: Net, *, lag: int = 0, reset: bool = True) -> NoLearning:
    """Return :class:`NoLearning` with a workspace for ``net``."""
    outputs = output_size(net)
    states = np.zeros((2, state_size(net)))
    return NoLearning(int(lag), bool(reset), states, np.zeros(outputs), np.zeros(outputs))


@lean
def evaluate(judge, net, data, loss, at_end, most):
    """Return (sequences of a set that ``net`` has wrong, half their squared error).

    ``judge`` is a :class:`NoLearning`. With ``at_end`` a sequence is wrong if its last step is,
    else if any step is. Looks no further than ``most`` wrong ones; with 0 it looks at all.
    """
    mistakes, total = 0, 0.0
    for i in range(len(data.length)):
        sequence, steps = item(data, i)
        wrong, wrong_at_end, squared = learn(judge, net, sequence, steps, loss)
        mistakes += (wrong_at_end if at_end else wrong) > 0
        total += squared
        if mistakes == most and most > 0:
            break
    return mistakes, total
