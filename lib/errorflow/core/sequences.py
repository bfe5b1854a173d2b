"""What a net is shown: sequences of symbols, or of real vectors with a target at the end.

A sequence of symbols is an integer array: entry t is read, entry t + 1 is to be predicted. A
sequence of vectors is a :class:`Series`; where several symbols may follow, a sequence is
:class:`Marked`. A set of any of them is a ``NamedTuple`` with :func:`item`.
"""

import operator
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import numpy as np
from numba import types
from numba.core import typing
from numba.extending import lower_builtin, type_callable

from errorflow.core.checks import check_size, check_symbols, check_vector, said
from errorflow.core.compiled import generic, inline, specialise
from errorflow.core.entries import Within, check_fields, fitting


class Series(NamedTuple):
    """Real inputs (T, I), and the target (O,) of the outputs after the last of them.

    A bias is the weight from an input that is always 1.
    """

    inputs: Annotated[np.ndarray, "T, I"]
    target: Annotated[np.ndarray, "O"]


class Marked(NamedTuple):
    """Symbols (T + 1,), and what may follow: bit k of ``successors`` (T,) is set for symbol k.

    The next symbol is the target, but right is a step if all legal successors have larger outputs
    than every other symbol; if not ``strict``, if one of them has the largest.
    """

    symbols: Annotated[np.ndarray, "T", Within("0 .. I - 1")]
    successors: Annotated[np.ndarray, ">= T - 1", Within("0 .. 2 ** 62")]
    strict: bool


def check_sequence(
    sequence: Any,
    steps: Any,
    reads: Callable[[int], bool],
    inputs: int | None,
    outputs: int | None = None,
    *,
    at_end: bool = False,
) -> None:
    """Refuse a sequence that has not ``steps`` inputs for a net, with their targets.

    ``reads(n)`` says whether the net reads vectors of n entries, for 0 whether it reads symbols.
    Without ``outputs`` no target is asked for; with ``at_end`` only one at the end.
    """
    if isinstance(sequence, Series):
        x = sequence.inputs
        check_fields("sequence", sequence._replace(target=np.zeros(1)))
        if len(x) < check_size("steps", steps):
            raise ValueError(f"steps = {steps}; the sequence has {len(x)}")
        if not reads(x.shape[1]):
            raise ValueError(
                f"sequence has vectors of {x.shape[1]} entries; the net has {inputs} inputs"
            )
        if not np.isfinite(x).all():
            raise ValueError("sequence has inputs that are not finite; all must be numbers")
        if outputs is not None:
            check_vector("target", sequence.target, outputs, more=True, finite=True, written=False)
        return
    symbols = sequence
    if isinstance(sequence, Marked):
        check_fields("sequence", sequence)
        symbols = sequence.symbols
    check_symbols("sequence", symbols, 1)
    steps = check_size("steps", steps)
    if len(symbols) < steps + (outputs is not None):
        raise ValueError(
            f"steps = {steps}; a sequence of {len(symbols)} symbols has "
            f"{len(symbols) - (outputs is not None)}"
        )
    if not reads(0):
        raise ValueError(f"sequence is of symbols; the net reads vectors of {inputs}, as in Series")
    _check_known(symbols[:steps], inputs, "inputs")
    if outputs is not None:
        _check_known(symbols[steps if at_end else 1 : steps + 1], outputs, "outputs")


def _check_known(symbols, number, what):
    """Refuse symbols that are none of ``number``, if that is known."""
    if number is None:
        return
    wrong = symbols[(symbols < 0) | (symbols >= number)]
    if len(wrong):
        raise ValueError(
            f"symbol {wrong[0]} in the sequence; it must be 0 .. {number - 1}: "
            f"the net has {number} {what}"
        )


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


def check_set(
    data: Any,
    reads: Callable[[int], bool],
    inputs: int | None,
    outputs: int,
    *,
    at_end: bool = False,
) -> None:
    """Refuse a set whose sequences do not fit a net: see :func:`check_sequence`."""
    check_fields("data", data)
    if isinstance(data, SeriesSet):
        used = np.arange(data.inputs.shape[1]) < data.length[:, None]
        rows = data.inputs[used]
        check_sequence(Series(rows, data.target[0]), len(rows), reads, inputs)
        check_vector("target", data.target.ravel(), finite=True, written=False)
        check_vector("target", data.target[0], outputs, more=True, written=False)
    elif hasattr(data, "symbols") and hasattr(data, "length"):
        last = data.length - (not isinstance(data, MarkedSet))
        used = np.arange(data.symbols.shape[1]) <= last[:, None]
        check_sequence(data.symbols[used], int(used.sum()), reads, inputs)
        targets = data.symbols[:, 1:][used[:, 1:]]
        if at_end:
            targets = data.symbols[np.arange(len(last)), last]
        _check_known(targets, outputs, "outputs")
    else:
        raise ValueError(f"data = {said(data)}; it must be a set of sequences")


def longest(data: Any) -> int:
    """Return the number of steps of the longest sequence of a set."""
    check_fields("data", data)
    if not hasattr(data, "length"):
        raise ValueError(f"data = {said(data)}; it must be a set of sequences")
    marked_or_series = isinstance(data, (MarkedSet, SeriesSet))
    return int(data.length.max()) - (not marked_or_series)


def _check_item(data, i):
    if hasattr(data, "length"):
        check_fields("data", data)
        if check_size("i", i, 0) >= len(data.length):
            raise ValueError(f"i = {i}; the set has {len(data.length)} sequences")


@generic(check=_check_item)
def item(data, i):
    """Return (sequence ``i`` of a set, its number of steps)."""


@fitting("number > 0")
class SymbolSet(NamedTuple):
    """Sequences of symbols: ``symbols`` (N, longest), of which ``length`` (N,) are used."""

    symbols: Annotated[np.ndarray, "number, longest", Within("0 .. I - 1")]
    length: Annotated[np.ndarray, "number", Within("2 .. longest")]

    @staticmethod
    def item(data, i):
        return data.symbols[i], data.length[i] - 1


@fitting("number > 0")
class SeriesSet(NamedTuple):
    """Series: ``inputs`` (N, longest, I), ``target`` (N, O), and their ``length`` (N,)."""

    inputs: Annotated[np.ndarray, "number, longest, entries"]
    target: Annotated[np.ndarray, "number, targets"]
    length: Annotated[np.ndarray, "number", Within("1 .. longest")]

    @staticmethod
    def item(data, i):
        return Series(data.inputs[i], data.target[i]), data.length[i]


@fitting("number > 0")
class MarkedSet(NamedTuple):
    """Marked sequences: ``symbols`` (N, longest + 1), ``successors`` (N, longest), ``length``."""

    symbols: Annotated[np.ndarray, "number, longest", Within("0 .. I - 1")]
    successors: Annotated[np.ndarray, "number, longest - 1", Within("0 .. 2 ** 62")]
    strict: bool
    length: Annotated[np.ndarray, "number", Within("1 .. longest - 1")]

    @staticmethod
    def item(data, i):
        return Marked(data.symbols[i], data.successors[i], data.strict), data.length[i]
