"""Mozer's gap task: X or Y at the start comes once more, so many letters later.

The two sequences are X or Y, ``gap`` letters of A B C .. K, the same X or Y, and the rest of the
letters (Mozer 1992). Every next symbol is to be predicted; only the second trigger needs memory.
"""

from typing import Annotated, NamedTuple

from errorflow.core.entries import Within, guarded

LETTERS = 11


class Gap(NamedTuple):
    """Mozer's task with ``gap`` of the ``letters`` between the triggers, each with probability 1/2.

    Symbols 0 .. letters - 1 are the letters in their order, then come X and Y. If ``alternating``,
    X and Y take turns, and two sequences are an epoch.
    """

    gap: Annotated[int, Within("1 .. letters")]
    letters: int
    alternating: bool

    @property
    def alphabet(self):
        """The number of different symbols."""
        return self.letters + 2

    @property
    def steps(self):
        """The number of predictions."""
        return self.letters + 1

    @staticmethod
    def draw(task, rng, sequence):
        trigger = task.letters if rng.random() < 0.5 else task.letters + 1
        if task.alternating:  # `sequence` still holds the last one, at first none
            trigger = task.letters + (sequence[0] == task.letters)
        sequence[0] = sequence[task.gap + 1] = trigger
        for k in range(task.letters):
            sequence[k + 1 if k < task.gap else k + 2] = k
        return task.letters + 1


@guarded
def gap(length: int, *, alternating: bool = False) -> Gap:
    """Return Mozer's task with a gap of ``length`` >= 1 letters; long ones have more than eleven.

    >>> gap(4).alphabet
    13
    """
    return Gap(length, max(LETTERS, length + 1), alternating)
