"""The latching problem as Lin, Horne, Tino and Giles (1996) pose it for one tanh unit.

What the classes send to the unit at the first steps is to be learned; from then on there is noise,
and the class is to be told after the last step.
"""

from typing import NamedTuple

from errorflow.core.checks import check_size


class LearnedLatch(NamedTuple):
    """Two classes with probability 1/2, their targets -``target`` and ``target``.

    Inputs are a 1 at the place of the class and the step for the first ``informative`` steps, 0
    else, and last the noise, uniform in [-``noise``, ``noise``] from then on.
    """

    steps: int
    informative: int
    noise: float
    target: float
    outputs: int = 1

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


def learned_latch(steps, *, informative=3, noise=0.155, target=0.8):
    """Return :class:`LearnedLatch`; noise and target as published, three first steps as in 1994.

    >>> learned_latch(50).inputs
    7
    """
    check_size("informative", informative)
    check_size("steps", steps, informative)
    if noise < 0.0:
        raise ValueError(f"noise = {noise}; it must be at least 0")
    return LearnedLatch(steps, informative, float(noise), float(target))
