"""Nets of Table 2 above each other: an upper one sees only what the lower one did not predict."""

from typing import Any, NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.compiled import inline
from errorflow.nets import describe
from errorflow.nets.layered import Layered, layered, table2


class Pair(NamedTuple):
    """The automatizer ``A`` and the chunker ``C``, a :class:`~errorflow.nets.layered.Layered` each.

    ``A`` has one output more than ``C``: the last, which predicts the activation of C's hidden
    unit. ``w`` holds A's weights alone: only they are counted, as in Table 2.
    """

    w: np.ndarray
    A: Layered
    C: Layered

    def __repr__(self):
        H, columns = self.A.hidden.shape
        return describe(self, inputs=columns - H, hidden=H, outputs=len(self.A.output))


def pair(p: int, *, low: float = 0.0, high: float = 1.0, offset: float = 0.0) -> Pair:
    """Return Table 2's :class:`Pair` for lag ``p``, with all weights 0.

    >>> pair(100)
    Pair(inputs=101, hidden=1, outputs=102, weights=10506)
    """
    options: dict[str, Any] = {"low": low, "high": high, "offset": offset}
    A, C = layered(p + 1, 1, p + 2, **options), table2(p, **options)
    return Pair(A.w, A, C)


class Hierarchy(NamedTuple):
    """Table 2's nets above each other: the first ``active`` are in use, the last of those learns.

    ``levels`` (levels, weights of a level) holds them all, ``w`` those of the level that learns;
    the levels below it are frozen. ``p``, ``low``, ``high`` and ``offset`` are as in
    :func:`~errorflow.nets.layered.table2`.
    """

    w: np.ndarray
    levels: np.ndarray
    active: int
    p: int
    low: float
    high: float
    offset: float

    def __repr__(self):
        return describe(self, weights=len(self.w), levels=len(self.levels), active=self.active)

    @property
    def weights(self):
        """The number of weights of the levels in use."""
        return self.active * len(self.w)


@inline
def level(net, n):
    """Return level ``n`` of a hierarchy as a :class:`~errorflow.nets.layered.Layered` net."""
    w, columns, outputs = net.levels[n], net.p + 2, net.p + 1
    hidden = w[:columns].reshape((1, columns))
    output = w[columns:].reshape((columns, outputs)).T
    return Layered(w, hidden, output, net.low, net.high, net.offset)


def hierarchy(
    p: int, levels: int, *, low: float = 0.0, high: float = 1.0, offset: float = 0.0
) -> Hierarchy:
    """Return a :class:`Hierarchy` of up to ``levels`` nets for lag ``p``, one in use, weights 0.

    >>> grown(hierarchy(4, 3))
    Hierarchy(levels=3, active=2, weights=36)
    """
    check_size("levels", levels)
    one = table2(p, low=low, high=high, offset=offset)
    weights = np.zeros((levels, len(one.w)))
    return Hierarchy(weights[0], weights, 1, p, one.low, one.high, one.offset)


def grown(net):
    """Return the hierarchy with one level more in use, its weights as they are."""
    if net.active == len(net.levels):
        raise ValueError(f"active = {net.active}; the hierarchy has no level above that")
    return net._replace(w=net.levels[net.active], active=net.active + 1)
