"""What a net is shown: sequences of symbols, or of real vectors with a target at the end.

A sequence of symbols is an integer array: entry t is read, entry t + 1 is to be predicted. A
sequence of vectors is a :class:`Series`. A set of either is a ``NamedTuple`` with :func:`item`.
"""

from typing import NamedTuple

import numpy as np

from errorflow.compiled import generic, specialise


class Series(NamedTuple):
    """Real inputs (T, I), and the target (O,) of the outputs after the last of them.

    A bias is the weight from an input that is always 1.
    """

    inputs: np.ndarray
    target: np.ndarray


def input_at(sequence, t):
    """Return the input of step ``t``: a symbol or a vector."""
    return sequence.inputs[t] if isinstance(sequence, Series) else sequence[t]


def is_series(sequence):
    """Return whether the numba type of a sequence is that of a :class:`Series`."""
    return getattr(sequence, "instance_class", None) is Series


@specialise(input_at)
def _input_at(sequence, t):
    if is_series(sequence):
        return lambda sequence, t: sequence.inputs[t]
    return lambda sequence, t: sequence[t]


@generic
def item(data, i):
    """Return (sequence ``i`` of a set, its number of steps)."""


class SymbolSet(NamedTuple):
    """Sequences of symbols: ``symbols`` (N, longest), of which ``length`` (N,) are used."""

    symbols: np.ndarray
    length: np.ndarray

    @staticmethod
    def item(data, i):
        """See :func:`item`."""
        return data.symbols[i], data.length[i] - 1


class SeriesSet(NamedTuple):
    """Series: ``inputs`` (N, longest, I), ``target`` (N, O), and their ``length`` (N,)."""

    inputs: np.ndarray
    target: np.ndarray
    length: np.ndarray

    @staticmethod
    def item(data, i):
        """See :func:`item`."""
        return Series(data.inputs[i], data.target[i]), data.length[i]
