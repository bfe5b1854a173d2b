"""What a method makes of a task: a net, the rule that trains it, and how they go together."""

from collections.abc import Callable
from typing import Any, NamedTuple

from errorflow.core.options import Count
from errorflow.nets import check_net
from errorflow.tasks.problems import Reading


class Growth(NamedTuple):
    """When a net grows: after ``after`` sequences, or, if that is 0, when learning stagnates.

    It stagnates when the mean squared error of ``window`` sequences is less than the fraction
    ``gain`` below that of the ``window`` before. ``grow(net)`` returns the new net; it is called
    ``times`` times at most.
    """

    grow: Callable[[Any], Any]
    after: Count = 0
    window: int = 100
    gain: float = 0.01
    times: int = 1


class Learner(NamedTuple):
    """A ``net``, its weights drawn, and the ``rule(net)`` that changes them.

    ``rule`` is a function, called when training begins and each time the net has grown. A rule
    learns on-line, one sequence after the other (:func:`errorflow.rules.learn`), or has ``epochs``
    and learns from a set. An output's error starts on its way back multiplied by a f' + b, (a, b)
    being ``output_slope``. ``reading`` is None for nets that only their rule can read. ``whole`` is
    the grown net, if ``net`` is handed over small: its weights are counted.
    """

    net: Any
    rule: Callable[[Any], Any]
    output_slope: tuple[float, float] = (1.0, 0.0)
    reading: Reading | None = Reading()
    growth: Growth | None = None
    whole: Any = None

    @property
    def weights(self) -> int:
        """The number of weights, of the whole net; of one that grows without end, at the start."""
        return weights_of(self.net if self.whole is None else self.whole)


def weights_of(net: Any) -> int:
    """Return the number of weights of a net that are in use."""
    check_net(net)
    return getattr(net, "weights", len(net.w))
