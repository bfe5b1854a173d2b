"""Experiment 1: the embedded Reber grammar, Figures 1 and 2 of the paper.

A Reber string is ``B``, a walk through :data:`EDGES` from state 0 to state 5 that takes each of
two edges with probability 1/2, and ``E``. An embedded one is ``B``, a symbol ``T`` or ``P``, a
Reber string, the same symbol once more, and ``E``.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, NamedTuple, get_args

import numpy as np

from errorflow.core.checks import said
from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.options import at_least

SYMBOLS = "BTPSXVE"

EDGES = (
    (("T", 1), ("P", 2)),
    (("S", 1), ("X", 3)),
    (("T", 2), ("V", 4)),
    (("X", 2), ("S", 5)),
    (("P", 3), ("V", 5)),
)
"""The two edges (symbol, next state) out of each state 0 .. 4; state 5 is the end."""

END = len(EDGES)


@guarded
def generate(rng: np.random.Generator) -> str:
    """Return a string of the Reber grammar, drawn with ``rng.random()``.

    >>> generate(np.random.Generator(np.random.SFC64(0)))
    'BTXSE'
    """
    symbols, state = ["B"], 0
    while state != END:
        symbol, state = EDGES[state][rng.random() < 0.5]
        symbols.append(symbol)
    return "".join(symbols) + "E"


@guarded
def embedded(rng: np.random.Generator) -> str:
    """Return a string of the embedded Reber grammar, drawn with ``rng.random()``."""
    outer = "TP"[rng.random() < 0.5]
    return f"B{outer}{generate(rng)}{outer}E"


@guarded
def legal(prefix: str) -> frozenset[str]:
    """Return the symbols that may follow ``prefix`` in an embedded Reber string.

    After a whole string nothing may follow: the set is empty. A prefix that no embedded string has
    is a ``ValueError``.

    >>> sorted(legal("BT")), sorted(legal("BTB")), sorted(legal("BTBPVV"))
    (['B'], ['P', 'T'], ['E'])
    """
    options: dict[str, str | int] = {"B": "outer"}
    outer = ""
    for position, symbol in enumerate(prefix):
        if symbol not in options:
            raise ValueError(
                f"{prefix!r} begins no embedded Reber string: {symbol!r} at position {position} "
                f"must be one of {', '.join(sorted(options)) or 'nothing more'}"
            )
        place = options[symbol]
        if place == "outer":
            options = {"T": "begin", "P": "begin"}
        elif place == "begin":
            outer, options = symbol, {"B": 0}
        elif place == END:
            options = {"E": "repeat"}
        elif place == "repeat":
            options = {outer: "last"}
        elif place == "last":
            options = {"E": "done"}
        elif place == "done":
            options = {}
        else:
            options = dict(EDGES[int(place)])
    return frozenset(options)


@fitting("number > 0")
class StringSet(NamedTuple):
    """Strings as arrays, each drawn with equal probability.

    ``symbols`` (strings, longest) holds indices into :data:`SYMBOLS`; ``length`` (strings,) how
    many of them are used; ``successors`` (strings, longest), bit k set where symbol k may follow.
    """

    symbols: Annotated[np.ndarray, "number, longest", Within("0 .. I - 1")]
    length: Annotated[np.ndarray, "number", Within("2 .. longest")]
    successors: Annotated[np.ndarray, "number, longest", Within("0 .. 127")]

    @property
    def steps(self):
        """The largest number of predictions in a string."""
        return int(self.length.max()) - 1

    @property
    def alphabet(self):
        """The number of different symbols, 7."""
        return len(SYMBOLS)

    @staticmethod
    def draw(task, rng, sequence):
        k = int(rng.random() * len(task.length))
        length = task.length[k]
        for t in range(length):
            sequence[t] = task.symbols[k, t]
        return length - 1


Judged = Literal["all", "but outer", "outer"]
JUDGED = get_args(Judged)


@guarded
def string_set(
    strings: Iterable[str], *, stream: bool = False, judged: Judged = "all"
) -> StringSet:
    """Return embedded Reber strings as a :class:`StringSet`.

    In a ``stream`` each string is followed by ``B``, the begin of the next one. A place that is not
    ``judged`` has no successors: the one of the "outer" symbol, the last but one, or all others.
    """
    if not isinstance(strings, (list, tuple, set, Iterator)):
        raise ValueError(f"strings = {said(strings)}; it must be a list of texts")
    strings = list(strings)
    if not strings:
        raise ValueError("strings = []; there must be at least one")
    for row, string in enumerate(strings):
        if not isinstance(string, str):
            raise ValueError(f"strings[{row}] = {said(string)}; it must be a text")
        if legal(string):
            follows = ", ".join(sorted(legal(string)))
            raise ValueError(f"{string!r} stops at position {len(string)}; there follows {follows}")
    follow = "B" if stream else ""
    longest = max(map(len, strings)) + len(follow)
    symbols = np.zeros((len(strings), longest), dtype=np.int64)
    successors = np.zeros((len(strings), longest), dtype=np.int64)
    for row, string in enumerate(strings):
        for t, symbol in enumerate(string + follow):
            symbols[row, t] = SYMBOLS.index(symbol)
        for t in range(len(string)):
            after = legal(string[: t + 1]) or follow
            if judged in ("all", "outer" if t == len(string) - 3 else "but outer"):
                successors[row, t] = sum(1 << SYMBOLS.index(s) for s in after)
    lengths = [len(string) + len(follow) for string in strings]
    return StringSet(symbols, np.array(lengths, dtype=np.int64), successors)


class Stream(NamedTuple):
    """Fresh strings, each used once; after its last symbol the begin of the next is predicted.

    ``symbol`` and ``target`` (5, 2) are the :data:`EDGES` as arrays. Strings of more than
    ``steps`` symbols, one in some millions, are drawn again.
    """

    symbol: Annotated[np.ndarray, "5, 2", Within("0 .. 6")]
    target: Annotated[np.ndarray, "5, 2", Within("0 .. 5")]
    steps: Annotated[int, at_least(9)]
    alphabet: Literal[7] = 7

    @staticmethod
    def draw(task, rng, sequence):
        while True:
            outer = 2 if rng.random() < 0.5 else 1
            sequence[0], sequence[1], sequence[2] = 0, outer, 0
            n, state = 3, 0
            while state < len(task.symbol) and n < task.steps - 3:
                edge = int(rng.random() < 0.5)
                sequence[n] = task.symbol[state, edge]
                state = task.target[state, edge]
                n += 1
            if state == len(task.symbol):
                sequence[n], sequence[n + 1], sequence[n + 2], sequence[n + 3] = 6, outer, 6, 0
                return n + 3


@guarded
def stream(steps: Annotated[int, at_least(9)] = 96) -> Stream:
    """Return :class:`Stream`; a string has 9 symbols at least, so many must be ``steps``."""
    symbol, target = _edges()
    return Stream(symbol, target, steps)


def _edges():
    symbol = np.array([[SYMBOLS.index(s) for s, _ in pair] for pair in EDGES])
    return symbol, np.array([[state for _, state in pair] for pair in EDGES])


class Chain(NamedTuple):
    """Fresh strings of the grammar that is not embedded; after its end the next begin is predicted.

    ``symbol`` and ``target`` (5, 2) are the :data:`EDGES` as arrays. Strings of more than ``steps``
    symbols are drawn again. ``strict`` is as in :class:`~errorflow.core.sequences.Marked`.
    """

    symbol: Annotated[np.ndarray, "5, 2", Within("0 .. 6")]
    target: Annotated[np.ndarray, "5, 2", Within("0 .. 5")]
    steps: Annotated[int, at_least(5)]
    strict: bool
    alphabet: Literal[7] = 7

    @staticmethod
    def draw(task, rng, sequence):
        symbols, successors = sequence.symbols, sequence.successors
        while True:
            symbols[0], n, state = 0, 1, 0
            while state < len(task.symbol) and n < task.steps:
                successors[n - 1] = 1 << task.symbol[state, 0] | 1 << task.symbol[state, 1]
                edge = int(rng.random() < 0.5)
                symbols[n] = task.symbol[state, edge]
                state = task.target[state, edge]
                n += 1
            if state == len(task.symbol) and n < task.steps:
                successors[n - 1], symbols[n] = 1 << 6, 6
                successors[n], symbols[n + 1] = 1, 0
                return n + 1


@guarded
def chain(steps: Annotated[int, at_least(5)] = 64, *, strict: bool = True) -> Chain:
    """Return :class:`Chain`; a string has 5 symbols at least, so many must be ``steps``."""
    symbol, target = _edges()
    return Chain(symbol, target, steps, strict)


@guarded
def training_and_test(
    rng: np.random.Generator, *, size: int = 256, duplicates: bool = True
) -> tuple[list[str], list[str]]:
    """Return the protocol's two lists of strings: random ones, and others not among them.

    Training strings are kept as drawn, or with ``duplicates=False`` until ``size`` different ones
    are found; test strings are drawn until ``size`` of them are no training string.
    """
    training = []
    while len(training) < size:
        string = embedded(rng)
        if duplicates or string not in training:
            training.append(string)
    known, test = set(training), []
    while len(test) < size:
        string = embedded(rng)
        if string not in known:
            test.append(string)
    return training, test
