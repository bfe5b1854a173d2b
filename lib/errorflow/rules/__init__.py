"""The rules: how weights change. A rule is a ``NamedTuple`` that carries its own workspace.

Nets and rules know nothing of tasks; a rule is handed one sequence of symbols at a time.
"""

from typing import NamedTuple

from errorflow.compiled import generic, inline
from errorflow.numerics import sum_of_squares


class Loss(NamedTuple):
    """What an output is compared with, and how its error starts on its way back.

    Targets are ``high`` for the next symbol and ``low`` for all others. The error d - y is
    multiplied by ``slope * f' + offset``. An output is wrong where its error reaches
    ``tolerance``. With ``at_end`` there are targets at the last step of a sequence only.
    """

    low: float
    high: float
    slope: float
    offset: float
    tolerance: float
    at_end: bool = False


@generic
def learn(rule, net, symbols, steps, loss):
    """Learn from one sequence: ``symbols[t]`` is read, ``symbols[t + 1]`` predicted, t < steps.

    Changes ``net.w`` and returns (wrong, wrong_at_end, squared): the number of output errors of at
    least ``loss.tolerance`` over all steps and at the last one, and half the sum of all squared
    errors.
    """


@inline
def compare(loss, symbols, t, steps, y, errors):
    """Write the errors d - y after step ``t``; return (wrong outputs, half the squared error).

    Where there is no target the errors are 0.
    """
    if loss.at_end and t < steps - 1:
        errors[:] = 0.0
        return 0, 0.0
    d = symbols[t + 1]
    for k in range(len(errors)):
        errors[k] = loss.low - y[k]
    errors[d] = loss.high - y[d]
    wrong = 0
    for k in range(len(errors)):
        wrong += abs(errors[k]) >= loss.tolerance
    return wrong, 0.5 * sum_of_squares(errors)
