"""Experiment 2: predict the next symbol; the last one equals the first, p steps before.

Task 2a has two sequences, ``(x, a_1, .., a_{p-1}, x)`` and ``(y, a_1, .., a_{p-1}, y)``, each with
probability 1/2. In task 2b every symbol between first and last is drawn from all ``a_i`` anew.
"""

from typing import Annotated, NamedTuple

from errorflow.core.entries import guarded
from errorflow.core.options import at_least

Lag = Annotated[int, at_least(2)]
"""What the lag p of the two sequences may be."""


class TwoSequence(NamedTuple):
    """Task 2a (``regular``) or 2b, with minimal time lag ``p``.

    Symbols 0 .. p-2 are the ``a_i``, p-1 is x, p is y.
    """

    p: Lag
    regular: bool

    @property
    def alphabet(self):
        """The number of different symbols, p + 1."""
        return self.p + 1

    @property
    def steps(self):
        """The largest number of predictions in a sequence, p."""
        return self.p

    @staticmethod
    def draw(task, rng, sequence):
        p = task.p
        first = p - 1 if rng.random() < 0.5 else p
        sequence[0] = sequence[p] = first
        for t in range(1, p):
            sequence[t] = t - 1 if task.regular else int(rng.random() * (p - 1))
        return p


@guarded
def two_sequence(p: Lag, *, regular: bool = True) -> TwoSequence:
    """Return task 2a, or 2b with ``regular=False``, for a lag ``p`` >= 2, else a ``ValueError``.

    >>> two_sequence(100).alphabet
    101
    """
    return TwoSequence(p, regular)
