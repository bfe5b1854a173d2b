"""The rule that changes nothing: it only looks whether the outputs are right."""

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from errorflow.core.compiled import lean
from errorflow.core.entries import check_fields, guarded
from errorflow.core.loss import Loss
from errorflow.core.numerics import assign
from errorflow.core.options import Count
from errorflow.core.sequences import check_set, item
from errorflow.nets import (
    Net,
    check_finite,
    check_net,
    check_offers,
    output_size,
    reader,
    state_size,
)
from errorflow.rules import learn
from errorflow.rules.forward import respond


class NoLearning(NamedTuple):
    """Any net, presented sequences without learning; ``lag`` and ``reset`` as in other rules."""

    lag: Literal[0, 1]
    reset: bool
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]
    errors: Annotated[np.ndarray, "O"]

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


@guarded
def no_learning(net: Net, *, lag: Literal[0, 1] = 0, reset: bool = True) -> NoLearning:
    """Return :class:`NoLearning` with a workspace for ``net``."""
    check_offers(net, "step", "read")
    outputs = output_size(net)
    states = np.zeros((2, state_size(net)))
    return NoLearning(lag, reset, states, np.zeros(outputs), np.zeros(outputs))


@lean
def _evaluate(judge, net, data, loss, at_end, most):
    mistakes, total = 0, 0.0
    for i in range(len(data.length)):
        sequence, steps = item(data, i)
        wrong, wrong_at_end, squared = learn(judge, net, sequence, steps, loss)
        mistakes += (wrong_at_end if at_end else wrong) > 0
        total += squared
        if mistakes == most and most > 0:
            break
    return mistakes, total


@guarded
def evaluate(
    judge: NoLearning, net: Net, data: Any, loss: Loss, at_end: bool, most: Count
) -> tuple[int, float]:
    """Return (sequences of a set that ``net`` has wrong, half their squared error).

    ``judge`` is a :class:`NoLearning`. With ``at_end`` a sequence is wrong if its last step is,
    else if any step is. Looks no further than ``most`` wrong ones; with 0 it looks at all.
    """
    check_judged(judge, net, data, loss)
    return _evaluate(judge, net, data, loss, at_end, most)


def check_judged(judge: Any, net: Any, data: Any, loss: Loss) -> None:
    """Refuse a set that ``judge`` cannot look at, and a net that is not finite."""
    sizes = check_net(net)
    check_fields("rule", judge, sizes)
    check_finite(net)
    check_set(data, reader(net), sizes["I"], sizes["O"], at_end=loss.at_end)
    if not hasattr(type(data), "item"):
        raise ValueError(f"data is a {type(data).__name__}; it must be a set with targets")
