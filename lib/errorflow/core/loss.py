"""What outputs are compared with: targets, errors, and what counts as wrong."""

from typing import NamedTuple

from errorflow.core.compiled import inline, specialise
from errorflow.core.numerics import sum_of_squares
from errorflow.core.options import Positive
from errorflow.core.sequences import Marked, Series, foreseen, is_marked, is_series


class Loss(NamedTuple):
    """What an output is compared with, and how its error starts on its way back.

    Targets are ``high`` for the next symbol and ``low`` for all others; a
    :class:`~errorflow.core.sequences.Series` brings its own. The error d - y is multiplied by
    ``slope * f' + offset``. An output is wrong where its error reaches ``tolerance``. With
    ``at_end`` there are targets at the last step of a sequence only.
    """

    low: float
    high: float
    slope: float
    offset: float
    tolerance: Positive
    at_end: bool = False


def compare(loss, sequence, t, steps, y, errors):
    """Write the errors d - y after step ``t``; return (wrong outputs, half the squared error).

    Where there is no target the errors are 0. Of a :class:`~errorflow.core.sequences.Marked`
    sequence one output at most is wrong in a step.
    """
    by_kind = _with_target if isinstance(sequence, Series) else _with_next_symbol
    if isinstance(sequence, Marked):
        by_kind = _with_successors
    return by_kind(loss, sequence, t, steps, y, errors)


@inline
def _with_next_symbol(loss, sequence, t, steps, y, errors):
    if loss.at_end and t < steps - 1:
        errors[:] = 0.0
        return 0, 0.0
    d, wrong = sequence[t + 1], 0
    for k in range(len(errors)):
        error = loss.low - y[k]
        errors[k] = error
        wrong += abs(error) >= loss.tolerance
    wrong -= abs(errors[d]) >= loss.tolerance
    errors[d] = loss.high - y[d]
    wrong += abs(errors[d]) >= loss.tolerance
    return wrong, 0.5 * sum_of_squares(errors)


@inline
def _with_target(loss, sequence, t, steps, y, errors):
    if t < steps - 1:
        errors[:] = 0.0
        return 0, 0.0
    wrong = 0
    for k in range(len(errors)):
        errors[k] = sequence.target[k] - y[k]
        wrong += abs(errors[k]) >= loss.tolerance
    return wrong, 0.5 * sum_of_squares(errors)


@inline
def _with_successors(loss, sequence, t, steps, y, errors):
    _, squared = _with_next_symbol(loss, sequence.symbols, t, steps, y, errors)
    right = foreseen(y[: len(errors)], sequence.successors[t], sequence.strict)
    return 0 if right else 1, squared


@specialise(compare)
def _compare(loss, sequence, t, steps, y, errors):
    by_kind = _with_target if is_series(sequence) else _with_next_symbol
    if is_marked(sequence):
        by_kind = _with_successors

    def compared(loss, sequence, t, steps, y, errors):
        return by_kind(loss, sequence, t, steps, y, errors)

    return compared


def has_target(loss, sequence, t, steps):
    """Return whether outputs have a target after step ``t``: see :func:`compare`."""
    return t == steps - 1 or not (isinstance(sequence, Series) or loss.at_end)


@specialise(has_target)
def _has_target(loss, sequence, t, steps):
    if is_series(sequence):
        return lambda loss, sequence, t, steps: t == steps - 1
    return lambda loss, sequence, t, steps: t == steps - 1 or not loss.at_end
