"""Multi-grid random search: random points in a box that moves to the best one and shrinks.

Bengio, Simard and Frasconi 1994. Only improvements are accepted.
"""

from typing import NamedTuple

from errorflow.core.checks import check_size
from errorflow.core.numerics import fill_uniform
from errorflow.nets import Net, copy
from errorflow.rules.no_learning import NoLearning, evaluate, no_learning


class Multigrid(NamedTuple):
    """The method and its constants.

    The box around the best weights has a half width of ``bound`` in every direction; after each
    ``points`` points it is centred anew and multiplied by ``factor``. The search has ended when
    that is below ``least``.
    """

    bound: float
    points: int
    factor: float
    least: float
    judge: NoLearning

    def epochs(self, net, data, loss, rng):
        """Search; yield (best net so far, half its squared error, sequences) after each point.

        Counted are evaluations of the error times sequences in the set.
        """
        N, width, point = len(data.length), self.bound, copy(net)
        squared = evaluate(self.judge, net, data, loss, True, 0)[1]
        yield net, squared, N
        while width >= self.least:
            centre = net.w.copy()
            for _ in range(self.points):
                fill_uniform(rng, point.w, -width, width)
                point.w[:] += centre
                other = evaluate(self.judge, point, data, loss, True, 0)[1]
                if other < squared:
                    squared, net.w[:] = other, point.w
                yield net, squared, N
            width *= self.factor


def multigrid(
    net: Net, *, bound: float = 10.0, points: int = 20, factor: float = 0.9, least: float = 1e-3
) -> Multigrid:
    """Return :class:`Multigrid` with a workspace for ``net``."""
    for name, value in (("bound", bound), ("least", least)):
        if not value > 0.0:
            raise ValueError(f"{name} = {value}; it must be above 0")
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor = {factor}; it must be above 0 and below 1")
    check_size("points", points)
    return Multigrid(float(bound), points, float(factor), float(least), no_learning(net))
