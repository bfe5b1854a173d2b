"""The latching problem as Lin, Horne, Tino and Giles (1996) pose it for one tanh unit.

What the classes send to the unit at the first steps is to be learned; from then on there is noise,
and the class is to be told after the last step.
"""

from typing import Annotated, Literal, NamedTuple

from errorflow.core.checks import check_size
from errorflow.core.entries import Within, guarded
from errorflow.core.options import NotNegative


class LearnedLatch(NamedTuple):
    """Two classes with probability 1/2, their targets -``target`` and ``target``.

    Inputs are a 1 at the place of the class and the step for the first ``informative`` steps, 0
    else, and last the noise, uniform in [-``noise``, ``noise``] from then on.
    """

    steps: int
    informative: Annotated[int, Within("1 .. steps")]
    noise: NotNegative
    target: float
    outputs: Literal[1] = 1

    @property
    def inputs(self):
        """The number of inputs."""
        return 2 * self.informative + 1

    @staticmethod
    def draw(task, rng, sequence):
        second = 1 if rng.random() < 0.5 else 0
        sequence.target[0] = task.target if second else -task.target
        places = 2 * task.informative
        for t in range(task.steps):
            sequence.inputs[t] = 0.0
            if t < task.informative:
                sequence.inputs[t, second * task.informative + t] = 1.0
            else:
                sequence.inputs[t, places] = task.noise * (2.0 * rng.random() - 1.0)
        return task.steps


@guarded
def learned_latch(
    steps: int, *, informative: int = 3, noise: NotNegative = 0.155, target: float = 0.8
) -> LearnedLatch:
    """Return :class:`LearnedLatch`; noise and target as published, three first steps as in 1994.

    >>> learned_latch(50).inputs
    7
    """
    check_size("steps", steps, informative)
    return LearnedLatch(steps, informative, noise, target)
