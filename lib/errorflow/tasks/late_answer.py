"""Task 2c of the 1997 paper: long sequences of noise, and the answer after a trigger.

A sequence is b, then x or y with probability 1/2, then ``q`` distractors, then more of them, each
followed by another with probability 9/10, then the trigger e. To be predicted is only what follows:
x or y, as in second place. The lag is at least q + 1.
"""

from typing import NamedTuple

from errorflow.core.entries import guarded

X, Y, TRIGGER, BEGIN, DISTRACTORS = 0, 1, 2, 3, 4
LONGEST_TAIL = 400
"""More distractors than this after the first ``q`` have probability 0.9**400, below 1e-18; the
trigger then comes at once."""


class LateAnswer(NamedTuple):
    """Task 2c with ``p`` distractors and at least ``q`` of them before the trigger.

    Symbols 0 and 1 are x and y, the only outputs; then e, b and the distractors.
    """

    p: int
    q: int

    @property
    def answers(self):
        """The number of symbols that can be the answer, x and y."""
        return 2

    @property
    def alphabet(self):
        """The number of different symbols, p + 4."""
        return self.p + DISTRACTORS

    @property
    def steps(self):
        """The largest number of steps in a sequence."""
        return 3 + self.q + LONGEST_TAIL

    @staticmethod
    def draw(task, rng, sequence):
        """See :func:`errorflow.tasks.draw`; only the last entry is to be predicted."""
        answer = X if rng.random() < 0.5 else Y
        sequence[0], sequence[1] = BEGIN, answer
        t = 2
        for _ in range(task.q):
            sequence[t] = DISTRACTORS + int(rng.random() * task.p)
            t += 1
        while rng.random() < 0.9 and t < 2 + task.q + LONGEST_TAIL:
            sequence[t] = DISTRACTORS + int(rng.random() * task.p)
            t += 1
        sequence[t], sequence[t + 1] = TRIGGER, answer
        return t + 1


@guarded
def late_answer(p: int, q: int) -> LateAnswer:
    """Return task 2c; ``p`` and ``q`` must be integers of at least 1, else a ``ValueError``.

    >>> late_answer(50, 50).alphabet
    54
    """
    return LateAnswer(p, q)
