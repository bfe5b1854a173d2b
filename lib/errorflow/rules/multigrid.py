"""Multi-grid random search: random points in a box that moves to the best one and shrinks.

Bengio, Simard and Frasconi 1994. Only improvements are accepted.
"""

from typing import NamedTuple

from errorflow.checks import check_size
from errorflow.compiled import kernel
from errorflow.nets import copy
from errorflow.rules.frozen import Frozen, evaluate, frozen


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
    judge: Frozen

    def epochs(self, net, data, loss, rng):
        """Search; yield (best net so far, half its squared error, sequences) after each box.

        Counted are evaluations of the error times sequences in the set.
        """
        N, width, point = len(data.length), self.bound, copy(net)
        squared = evaluate(self.judge, net, data, loss, True, 0)[1]
        yield net, squared, N
        while width >= self.least:
            squared = grid(self, net, point, data, loss, rng, width, squared)
            yield net, squared, self.points * N
            width *= self.factor


@kernel
def grid(rule, net, point, data, loss, rng, width, squared):
    """Look at points around ``net``, whose error is ``squared``; make it the best of them."""
    centre = net.w.copy()
    for _ in range(rule.points):
        for h in range(len(centre)):
            point.w[h] = centre[h] + width * (2.0 * rng.random() - 1.0)
        _, other = evaluate(rule.judge, point, data, loss, True, 0)
        if other < squared:
            squared = other
            net.w[:] = point.w
    return squared


def multigrid(net, *, bound=10.0, points=20, factor=0.9, least=1e-3):
    """Return :class:`Multigrid` with a workspace for ``net``."""
    for name, value in (("bound", bound), ("least", least)):
        if not value > 0.0:
            raise ValueError(f"{name} = {value}; it must be above 0")
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor = {factor}; it must be above 0 and below 1")
    check_size("points", points)
    return Multigrid(float(bound), points, float(factor), float(least), frozen(net))
