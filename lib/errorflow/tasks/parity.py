"""The parity problem: is the number of ones odd? It is asked after the last element alone."""

from typing import Annotated, Literal, NamedTuple

from errorflow.core.checks import check_size
from errorflow.core.entries import Within, guarded


class Parity(NamedTuple):
    """Sequences of ``shortest`` to ``steps`` elements, each -1 or 1 with probability 1/2.

    Inputs are the element and 1; the target is ``high`` for an odd number of ones, else ``low``.
    """

    shortest: Annotated[int, Within("1 .. steps")]
    steps: int
    low: float
    high: float
    inputs: Literal[2] = 2
    outputs: Literal[1] = 1

    @staticmethod
    def draw(task, rng, sequence):
        steps = task.shortest + int(rng.random() * (task.steps - task.shortest + 1))
        odd = False
        for t in range(steps):
            one = rng.random() < 0.5
            odd = odd != one
            sequence.inputs[t, 0], sequence.inputs[t, 1] = 1.0 if one else -1.0, 1.0
        sequence.target[0] = task.high if odd else task.low
        return steps


@guarded
def parity(shortest: int, longest: int, *, targets: tuple[float, float] = (0.0, 1.0)) -> Parity:
    """Return :class:`Parity`; lengths must be integers, 1 <= shortest <= longest."""
    check_size("longest", longest, shortest)
    return Parity(shortest, longest, *targets)
