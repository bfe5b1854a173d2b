"""Latch and 2-sequence problem (Bengio, Simard and Frasconi 1994): what came first decides.

A sequence belongs to one of two classes with probability 1/2. Its first elements say which, -1 or
1; all that follow are noise. The class is to be told after the last one.
"""

from typing import Annotated, Literal, NamedTuple

from errorflow.core.checks import check_size
from errorflow.core.entries import Within, guarded
from errorflow.core.options import NotNegative


class TwoClass(NamedTuple):
    """Sequences of ``shortest`` to ``steps`` elements, the first ``informative`` ones -1 or 1.

    Noise is uniform in [-``noise``, ``noise``], or with ``gaussian`` the sum of twelve uniform
    numbers, with standard deviation ``noise``. Inputs are the element and 1; the target is ``low``
    or ``high``.
    """

    shortest: Annotated[int, Within("1 .. steps")]
    steps: int
    informative: int
    noise: NotNegative
    gaussian: bool
    low: float
    high: float
    inputs: Literal[2] = 2
    outputs: Literal[1] = 1

    @staticmethod
    def draw(task, rng, sequence):
        steps = task.shortest + int(rng.random() * (task.steps - task.shortest + 1))
        second = rng.random() < 0.5
        sequence.target[0] = task.high if second else task.low
        for t in range(steps):
            if t < task.informative:
                element = 1.0 if second else -1.0
            elif task.gaussian:
                total = -6.0
                for _ in range(12):
                    total += rng.random()
                element = task.noise * total
            else:
                element = task.noise * (2.0 * rng.random() - 1.0)
            sequence.inputs[t, 0], sequence.inputs[t, 1] = element, 1.0
        return steps


@guarded
def two_class(
    shortest: int,
    longest: int,
    *,
    informative: int = 1,
    noise: NotNegative = 0.2,
    gaussian: bool = False,
    targets: tuple[float, float] = (0.0, 1.0),
) -> TwoClass:
    """Return :class:`TwoClass`; lengths must be integers, 1 <= shortest <= longest.

    >>> two_class(50, 100).steps
    100
    """
    check_size("longest", longest, shortest)
    return TwoClass(shortest, longest, informative, noise, gaussian, *targets)
