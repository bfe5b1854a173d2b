"""What a net is shown: sequences of symbols, or of real vectors with a target at the end.

A sequence of symbols is an integer array: entry t is read, entry t + 1 is to be predicted. A
sequence of vectors is a :class:`Series`; where several symbols may follow, a sequence is
:class:`Marked`. A set of any of them is a ``NamedTuple`` with :func:`item`.
"""

import operator
from typing import NamedTuple

import numpy as np
from numba import types
from numba.core import typing
from numba.extending import lower_builtin, type_callable

from errorflow.core.compiled import generic, inline, specialise


class Series(NamedTuple):
    """Real inputs (T, I), and the target (O,) of the outputs after the last of them.

    A bias is the weight from an input that is always 1.
    """

    inputs: np.ndarray
    target: np.ndarray


class Marked(NamedTuple):
    """Symbols (T + 1,), and what may follow: bit k of ``successors`` (T,) is set for symbol k.

    The next symbol is the target, but right is a step if all legal successors have larger outputs
    than every other symbol; if not ``strict``, if one of them has the largest.
    """

    symbols: np.ndarray
    successors: np.ndarray
    strict: bool


def input_at(sequence, t):
    """Return the input of step ``t``: a symbol or a vector."""
    if isinstance(sequence, Marked):
        return sequence.symbols[t]
    return sequence.inputs[t] if isinstance(sequence, Series) else sequence[t]


def is_series(sequence):
    """Return whether the numba type of a sequence is that of a :class:`Series`."""
    return getattr(sequence, "instance_class", None) is Series


def is_marked(sequence):
    """Return whether the numba type of a sequence is that of a :class:`Marked`."""
    return getattr(sequence, "instance_class", None) is Marked


# No function of numba's, since one that counts no references to arrays may not return a new one.
@type_callable(input_at)
def _type_of_input(context):
    def typer(sequence, t):
        entries = sequence[0] if isinstance(sequence, types.BaseNamedTuple) else sequence
        return entries.dtype if entries.ndim == 1 else entries.copy(ndim=1)

    return typer


@lower_builtin(input_at, types.Any, types.Integer)
def _input_at(context, builder, signature, arguments):
    (kind, _), (sequence, t) = signature.args, arguments
    if isinstance(kind, types.BaseNamedTuple):
        kind, sequence = kind[0], builder.extract_value(sequence, 0)
    entry = typing.signature(signature.return_type, kind, signature.args[1])
    return context.get_function(operator.getitem, entry)(builder, (sequence, t))


def wanted(sequence, steps, k):
    """Return the target of output ``k`` after the last step."""
    by_kind = _in_target if isinstance(sequence, Series) else _as_symbol
    return by_kind(sequence, steps, k)


@inline
def _in_target(sequence, steps, k):
    return sequence.target[k]


@inline
def _as_symbol(sequence, steps, k):
    return 1.0 if sequence[steps] == k else 0.0


@specialise(wanted)
def _wanted(sequence, steps, k):
    by_kind = _in_target if is_series(sequence) else _as_symbol
    return lambda sequence, steps, k: by_kind(sequence, steps, k)


@inline
def foreseen(y, successors, strict):
    """Return whether the outputs ``y`` (O,) are right for a set of successors, as in `Marked`."""
    lowest, highest, other = np.inf, -np.inf, -np.inf
    for k in range(len(y)):
        if successors >> k & 1:
            lowest, highest = min(lowest, y[k]), max(highest, y[k])
        else:
            other = max(other, y[k])
    return (lowest if strict else highest) > other


@generic
def item(data, i):
    """Return (sequence ``i`` of a set, its number of steps)."""


class SymbolSet(NamedTuple):
    """Sequences of symbols: ``symbols`` (N, longest), of which ``length`` (N,) are used."""

    symbols: np.ndarray
    length: np.ndarray

    @staticmethod
    def item(data, i):
        return data.symbols[i], data.length[i] - 1


class SeriesSet(NamedTuple):
    """Series: ``inputs`` (N, longest, I), ``target`` (N, O), and their ``length`` (N,)."""

    inputs: np.ndarray
    target: np.ndarray
    length: np.ndarray

    @staticmethod
    def item(data, i):
        return Series(data.inputs[i], data.target[i]), data.length[i]


class MarkedSet(NamedTuple):
    """Marked sequences: ``symbols`` (N, longest + 1), ``successors`` (N, longest), ``length``."""

    symbols: np.ndarray
    successors: np.ndarray
    strict: bool
    length: np.ndarray

    @staticmethod
    def item(data, i):
        return Marked(data.symbols[i], data.successors[i], data.strict), data.length[i]
