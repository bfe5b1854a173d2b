"""The tasks: sequences, what may follow in them, what counts as solved.

A task is a ``NamedTuple`` with ``steps``, the largest number of steps in a sequence. One whose
sequences are :class:`~errorflow.core.sequences.Series` also has ``inputs`` and ``outputs``, the
sizes of their vectors; one of symbols has ``alphabet``, the number of different ones, and where
only some of them can be the answer ``answers``, the number of those. Sequences of a task that has
``strict`` are :class:`~errorflow.core.sequences.Marked`.
"""

from typing import Any

import numpy as np

from errorflow.core.checks import check_generator, is_array, said
from errorflow.core.compiled import generic
from errorflow.core.entries import check_fields, guarded
from errorflow.core.loss import Loss
from errorflow.core.sequences import Marked, MarkedSet, Series, SeriesSet, SymbolSet
from errorflow.nets import check_net, reader


def check_task(task: Any) -> None:
    """Refuse what is no task, and one whose fields are not as they must be."""
    check_fields("task", task)
    sizes(task)
    if not (hasattr(task, "steps") and hasattr(type(task), "draw")):
        raise ValueError(f"task = {said(task)}; it must be a task: it has no steps or no draw")


def check_suits(task: Any, net: Any, loss: Loss) -> None:
    """Refuse a net that is too small for ``task``, or does not read its sequences."""
    check_task(task)
    (inputs, outputs), own = sizes(task), check_net(net)
    vectors = hasattr(task, "inputs")
    wanted = outputs if vectors or loss.at_end else inputs
    enough = own["I"] is None or vectors or own["I"] >= inputs
    if not (enough and own["O"] >= wanted and reader(net)(inputs if vectors else 0)):
        kind = "vectors" if vectors else "symbols"
        raise ValueError(
            f"{said(net)} does not suit {said(task)}: it must read {kind}, of {inputs} inputs, and "
            f"have {wanted} outputs"
        )


def check_room(task: Any, sequence: Any) -> None:
    """Refuse what :func:`draw` cannot write a sequence of ``task`` into."""
    wanted = blank(task)
    if type(sequence) is not type(wanted):
        raise ValueError(f"sequence is a {type(sequence).__name__}; it must be as blank(task) is")
    pairs = (
        [(sequence, wanted)]
        if isinstance(wanted, np.ndarray)
        else zip(sequence, wanted, strict=True)
    )
    for given, room in pairs:
        if isinstance(room, np.ndarray) and not (
            is_array(given)
            and (given.dtype, given.ndim) == (room.dtype, room.ndim)
            and given.shape[1:] == room.shape[1:]
            and len(given) >= len(room)
            and given.flags.writeable
        ):
            raise ValueError(
                f"sequence has {said(getattr(given, 'shape', given))}; it must have an array "
                f"{room.shape} of {room.dtype}, as blank(task) has"
            )


def sizes(task: Any) -> tuple[int, int]:
    """Return the numbers of inputs and outputs that a net for ``task`` needs."""
    check_fields("task", task)
    if hasattr(task, "inputs") and hasattr(task, "outputs"):
        return task.inputs, task.outputs
    if not hasattr(task, "alphabet"):
        raise ValueError(f"task = {said(task)}; it must be a task: it has no sizes")
    return task.alphabet, getattr(task, "answers", task.alphabet)


def _check_draw(task, rng, sequence):
    check_task(task)
    check_generator(rng)
    check_room(task, sequence)


@generic(check=_check_draw)
def draw(task, rng, sequence):
    """Write the next sequence of ``task`` into ``sequence`` and return its number of steps.

    At each step there is an input; a sequence of symbols with T steps has T + 1 entries: entry t is
    read, entry t + 1 is to be predicted.
    """


def blank(task: Any) -> Any:
    """Return an empty sequence of ``task``, for :func:`draw`."""
    check_task(task)
    if hasattr(task, "inputs"):
        return Series(np.zeros((task.steps, task.inputs)), np.zeros(task.outputs))
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    if hasattr(task, "strict"):
        return Marked(symbols, np.zeros(task.steps, dtype=np.int64), task.strict)
    return symbols


@guarded
def sample(task: Any, rng: np.random.Generator, n: int) -> Any:
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
