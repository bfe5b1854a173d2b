"""Nets of Table 2 above each other: an upper one sees only what the lower one did not predict."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import Within, fitting, guarded
from errorflow.nets import describe, input_size, output_size
from errorflow.nets.layered import Layered, layered, table2


@fitting("self.A.hidden.shape == self.C.hidden.shape", "len(self.A.output) == O + 1")
class Pair(NamedTuple):
    """The automatizer ``A`` and the chunker ``C``, a :class:`~errorflow.nets.layered.Layered` each.

    ``A`` has one output more than ``C``: the last, which predicts the activation of C's hidden
    unit. ``w`` holds A's weights alone: only they are counted, as in Table 2.
    """

    w: np.ndarray
    A: Layered
    C: Layered

    @staticmethod
    def input_size(net):
        return input_size(net.C)

    @staticmethod
    def output_size(net):
        return output_size(net.C)

    def __repr__(self):
        H, columns = self.A.hidden.shape
        return describe(self, inputs=columns - H, hidden=H, outputs=len(self.A.output))


@guarded
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

    w: Annotated[np.ndarray, "(p + 2) * (p + 2)"]
    levels: Annotated[np.ndarray, "L, (p + 2) * (p + 2)"]
    active: Annotated[int, Within("1 .. L")]
    p: int
    low: float
    high: float
    offset: float

    @staticmethod
    def input_size(net):
        return net.p + 1

    @staticmethod
    def output_size(net):
        return net.p + 1

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


@guarded
def hierarchy(
    p: int, levels: int, *, low: float = 0.0, high: float = 1.0, offset: float = 0.0
) -> Hierarchy:
    """Return a :class:`Hierarchy` of up to ``levels`` nets for lag ``p``, one in use, weights 0.

    >>> grown(hierarchy(4, 3))
    Hierarchy(levels=3, active=2, weights=36)
    """
    one = table2(p, low=low, high=high, offset=offset)
    weights = np.zeros((levels, len(one.w)))
    return Hierarchy(weights[0], weights, 1, p, one.low, one.high, one.offset)


@guarded
def grown(net: Hierarchy) -> Hierarchy:
    """Return the hierarchy with one level more in use, its weights as they are."""
    if net.active == len(net.levels):
        raise ValueError(f"active = {net.active}; the hierarchy has no level above that")
    return net._replace(w=net.levels[net.active], active=net.active + 1)
