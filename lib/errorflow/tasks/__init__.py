"""The tasks: sequences, what may follow in them, what counts as solved.

A task is a ``NamedTuple`` with ``steps``, the largest number of steps in a sequence. One whose
sequences are :class:`~errorflow.core.sequences.Series` also has ``inputs`` and ``outputs``, the
sizes of their vectors; one of symbols has ``alphabet``, the number of different ones, and where
only some of them can be the answer ``answers``, the number of those. Sequences of a task that has
``strict`` are :class:`~errorflow.core.sequences.Marked`.
"""

from typing import Any

import numpy as np

from errorflow.core.compiled import generic
from errorflow.core.sequences import Marked, MarkedSet, Series, SeriesSet, SymbolSet


def sizes(task: Any) -> tuple[int, int]:
    """Return the numbers of inputs and outputs that a net for ``task`` needs."""
    if hasattr(task, "inputs"):
        return task.inputs, task.outputs
    return task.alphabet, getattr(task, "answers", task.alphabet)


@generic
def draw(task, rng, sequence):
    """Write the next sequence of ``task`` into ``sequence`` and return its number of steps.

    At each step there is an input; a sequence of symbols with T steps has T + 1 entries: entry t is
    read, entry t + 1 is to be predicted.
    """


def blank(task):
    """Return an empty sequence of ``task``, for :func:`draw`."""
    if hasattr(task, "inputs"):
        return Series(np.zeros((task.steps, task.inputs)), np.zeros(task.outputs))
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    if hasattr(task, "strict"):
        return Marked(symbols, np.zeros(task.steps, dtype=np.int64), task.strict)
    return symbols


def sample(task, rng, n):
    """Return a set of ``n`` sequences of ``task``."""
    sequences = [blank(task) for _ in range(n)]
    steps = np.array([draw(task, rng, sequence) for sequence in sequences])
    if hasattr(task, "inputs"):
        inputs, target = (np.array(parts) for parts in zip(*sequences, strict=True))
        return SeriesSet(inputs, target, steps)
    if hasattr(task, "strict"):
        symbols, successors, _ = (np.array(parts) for parts in zip(*sequences, strict=True))
        return MarkedSet(symbols, successors, task.strict, steps)
    return SymbolSet(np.array(sequences), steps + 1)
