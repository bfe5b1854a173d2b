"""The continuous latch: a real number is shown first and asked for after ``steps`` steps."""

from typing import Literal, NamedTuple

from errorflow.core.entries import guarded


class Store(NamedTuple):
    """Sequences of ``steps`` inputs: a number in [``low``, ``high``], whether it counts, and 1.

    The first number counts and is the target. Later ones do not: they are 0, or with
    ``distractors`` as random as the first.
    """

    steps: int
    distractors: bool
    low: float
    high: float
    inputs: Literal[3] = 3
    outputs: Literal[1] = 1

    @staticmethod
    def draw(task, rng, sequence):
        for t in range(task.steps):
            number = 0.0
            if t == 0 or task.distractors:
                number = task.low + (task.high - task.low) * rng.random()
            sequence.inputs[t, 0] = number
            sequence.inputs[t, 1] = 1.0 if t == 0 else 0.0
            sequence.inputs[t, 2] = 1.0
        sequence.target[0] = sequence.inputs[0, 0]
        return task.steps


@guarded
def store(
    steps: int, *, distractors: bool = False, numbers: tuple[float, float] = (0.0, 1.0)
) -> Store:
    """Return :class:`Store`; ``steps`` must be an integer of at least 1."""
    return Store(steps, distractors, *numbers)
