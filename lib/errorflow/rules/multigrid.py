"""Multi-grid random search: random points in a box that moves to the best one and shrinks.

Bengio, Simard and Frasconi 1994. Only improvements are accepted.
"""

from typing import Annotated, NamedTuple

from errorflow.core.checks import check_generator
from errorflow.core.entries import guarded
from errorflow.core.numerics import fill_uniform
from errorflow.core.options import BETWEEN_0_AND_1, Positive
from errorflow.nets import Net, copy
from errorflow.rules import check_epochs
from errorflow.rules.no_learning import NoLearning, _evaluate, no_learning


class Multigrid(NamedTuple):
    """The method and its constants.

    The box around the best weights has a half width of ``bound`` in every direction; after each
    ``points`` points it is centred anew and multiplied by ``factor``. The search has ended when
    that is below ``least``.
    """

    bound: Positive
    points: int
    factor: Annotated[float, BETWEEN_0_AND_1]
    least: Positive
    judge: NoLearning

    def epochs(self, net, data, loss, rng):
        """Search; yield (best net so far, half its squared error, sequences) after each point.

        Counted are evaluations of the error times sequences in the set.
        """
        check_epochs(self, net, data, loss)
        check_generator(rng)
        N, width, point = len(data.length), self.bound, copy(net)
        squared = _evaluate(self.judge, net, data, loss, True, 0)[1]
        yield net, squared, N
        while width >= self.least:
            centre = net.w.copy()
            for _ in range(self.points):
                fill_uniform(rng, point.w, -width, width)
                point.w[:] += centre
                other = _evaluate(self.judge, point, data, loss, True, 0)[1]
                if other < squared:
                    squared, net.w[:] = other, point.w
                yield net, squared, N
            width *= self.factor


@guarded
def multigrid(
    net: Net,
    *,
    bound: Positive = 10.0,
    points: int = 20,
    factor: Annotated[float, BETWEEN_0_AND_1] = 0.9,
    least: Positive = 1e-3,
) -> Multigrid:
    """Return :class:`Multigrid` with a workspace for ``net``."""
    return Multigrid(bound, points, factor, least, no_learning(net))
