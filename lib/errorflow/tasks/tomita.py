"""Tomita's seven grammars of 0 and 1: is a string legal? It is asked after the last symbol."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.entries import Within, guarded

AUTOMATA = (
    (((1, 0), (1, 1)), (0,)),
    (((2, 1), (0, 2), (2, 2)), (0,)),
    (((0, 1), (2, 0), (3, 4), (2, 3), (4, 4)), (0, 1, 3)),
    (((1, 0), (2, 0), (3, 0), (3, 3)), (0, 1, 2)),
    (((1, 2), (0, 3), (3, 0), (2, 1)), (0,)),
    (((1, 2), (2, 0), (0, 1)), (0,)),
    (((0, 1), (2, 1), (2, 3), (4, 3), (4, 4)), (0, 1, 2, 3)),
)
"""For grammars 1 to 7: (the next states after 0 and after 1, for each state), legal last states.

1: only ones; 2: (10)*; 3: no odd run of zeros after an odd run of ones; 4: no 000; 5: an even
number of ones and of zeros; 6: their difference is a multiple of 3; 7: 0*1*0*1*. State 0 begins.
"""


class Tomita(NamedTuple):
    """Strings of ``shortest`` to ``steps`` symbols: legal ones and others with probability 1/2.

    Among those of a length and kind all are equally probable; where a length has one kind only, it
    is that. Inputs are -1 or 1 for the symbol, and 1; the target is ``high`` for a legal string.
    ``next`` (states, 2) is the automaton, ``ways`` (2, steps + 1, states) how many strings of so
    many symbols lead from a state to an illegal or legal end.
    """

    shortest: Annotated[int, Within("1 .. steps")]
    steps: int
    low: float
    high: float
    next: Annotated[np.ndarray, "states, 2", Within("0 .. states - 1")]
    ways: Annotated[np.ndarray, "2, steps + 1, states"]
    inputs: Literal[2] = 2
    outputs: Literal[1] = 1

    @staticmethod
    def draw(task, rng, sequence):
        steps = task.shortest + int(rng.random() * (task.steps - task.shortest + 1))
        kind = 1 if rng.random() < 0.5 else 0
        if task.ways[kind, steps, 0] == 0.0:
            kind = 1 - kind
        state = 0
        for t in range(steps):
            left = steps - t
            share = task.ways[kind, left - 1, task.next[state, 1]] / task.ways[kind, left, state]
            one = 1 if rng.random() < share else 0
            sequence.inputs[t, 0], sequence.inputs[t, 1] = 2.0 * one - 1.0, 1.0
            state = task.next[state, one]
        sequence.target[0] = task.high if kind else task.low
        return steps


@guarded
def is_legal(grammar: int, string: str) -> bool:
    """Return whether ``string``, of "0" and "1", is legal in Tomita's ``grammar``, 1 to 7.

    >>> [is_legal(4, string) for string in ("", "1001", "10001")]
    [True, True, False]
    """
    edges, legal = _automaton(grammar)
    state = 0
    for position, symbol in enumerate(string):
        if symbol not in "01":
            where = f"{symbol!r} at position {position}"
            raise ValueError(f"{string!r} has a symbol {where}; it must be 0 or 1")
        state = edges[state][int(symbol)]
    return state in legal


@guarded
def tomita(
    grammar: int, shortest: int, longest: int, *, targets: tuple[float, float] = (0.0, 1.0)
) -> Tomita:
    """Return :class:`Tomita`; ``grammar`` is 1 to 7, 1 <= shortest <= longest <= 1000.

    Up to 50 symbols strings are counted exactly, beyond to 53 bits.
    """
    edges, legal = _automaton(grammar)
    check_size("longest", longest, shortest)
    if longest > 1000:
        raise ValueError(f"longest = {longest}; it must be at most 1000, for counts to be floats")
    step = np.array(edges, dtype=np.int64)
    ways = np.zeros((2, longest + 1, len(edges)))
    for state in range(len(edges)):
        ways[int(state in legal), 0, state] = 1.0
    for left in range(1, longest + 1):
        ways[:, left] = ways[:, left - 1, step[:, 0]] + ways[:, left - 1, step[:, 1]]
    return Tomita(shortest, longest, *targets, step, ways)


def _automaton(grammar):
    if grammar not in range(1, 8):
        raise ValueError(f"grammar = {grammar!r}; it must be one of 1 to 7")
    return AUTOMATA[grammar - 1]
