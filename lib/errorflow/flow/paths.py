"""Section 2, the analysis of eq. (2): single factors, single paths, and the sum over all of them.

A path's product is made of factors ``rho = |f'(net) w|``. Here ``w`` is the weight that enters the
unit whose slope is taken, ``net = w y + c``: ``y`` is the activation that comes through ``w`` and
``c`` is what all other inputs bring. With ``w`` so chosen the products of eq. (2) are grouped as
``w_{u l_1} [f'_{l_1} w_{l_1 l_2}] .. [f'_{l_{q-1}} w_{l_{q-1} v}] f'_v``.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.entries import guarded
from errorflow.flow.activations import ACTIVATIONS, LOGISTIC, Activation
from errorflow.flow.checks import checked_net
from errorflow.flow.factor import log_products


def _steepness(activation):
    if not activation.steepness:
        saturating = ", ".join(a.name for a in ACTIVATIONS.values() if a.steepness)
        raise ValueError(
            f"activation = {activation.name!r} does not saturate, rho has no maximum there; "
            f"it must be one of {saturating}"
        )
    return activation.steepness


@guarded
def rho(
    w: ArrayLike, y: ArrayLike, c: ArrayLike = 0.0, activation: Activation = LOGISTIC
) -> np.ndarray:
    """Return ``rho = |f'(w y + c) w|``, the paper's factor of one step along one path.

    ``w``, ``y`` and ``c`` are numbers or arrays that broadcast. Raises ``ValueError`` for values
    that are not finite.

    >>> float(rho(4.0, 0.5, c=-2.0))
    1.0
    """
    w, y, c = real_array("w", w), real_array("y", y), real_array("c", c)
    return activation.slope(w * y + c) * np.abs(w)


@guarded
def limit(activation: Activation = LOGISTIC) -> float:
    """Return the ``|w|`` below which rho is less than 1 whatever the net input: 1 / max f'.

    >>> limit()
    4.0
    """
    return 1.0 / activation.max_slope


def _bisect(below, low, high):
    """Return where ``below`` turns from true to false, to the last bit."""
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if below(middle) else (low, middle)
    return low


def _positive_root(c):
    """Solve ``net = coth(net/2) + c`` for ``net > 0``: there is one solution for every c."""

    def bracket(c):  # the positive root of net = 2/net + c; 1/z < coth z < 1/z + 1
        s = math.hypot(c, math.sqrt(8.0))
        return 4.0 / (s - c) if c < 0.0 else 0.5 * (s + c)

    below = lambda net: net - 1.0 / math.tanh(0.5 * net) < c  # noqa: E731
    return _bisect(below, bracket(c), bracket(c + 1.0))


@guarded
def stationary(c: float = 0.0, activation: Activation = LOGISTIC) -> tuple[float, float]:
    """Return the two net inputs at which ``d rho / d w = 0``, the negative one first.

    With ``net = w y + c`` they solve ``w = coth(net/2) / y`` for logistic units and
    ``w = coth(net) / (2 y)`` for tanh; they do not depend on ``y``. Both are local maxima of rho,
    with ``rho = 0`` at ``w = 0`` between them. Raises ``ValueError`` for a ``c`` that is not finite
    and for units that do not saturate.

    >>> [round(net, 4) for net in stationary()]
    [-1.5434, 1.5434]
    """
    k = _steepness(activation)
    return -_positive_root(-k * c) / k, _positive_root(k * c) / k


class Maximum(NamedTuple):
    """The largest rho, the weight where it is reached, and the net input there."""

    w: float
    net: float
    rho: float


@guarded
def maximum(y: float, c: float = 0.0, activation: Activation = LOGISTIC) -> Maximum:
    """Return the global maximum of rho over all ``w``, for constant ``y`` and other input ``c``.

    It is the stationary point on the other side of ``net = 0`` than ``c``, where
    ``rho = k / (2 |y| sinh(k |net|))`` with ``k`` 1 for logistic and 2 for tanh units; at
    ``c = 0`` both are equally high and the positive one is returned. Raises ``ValueError`` as
    :func:`stationary` does, and for ``y = 0``, where rho grows with ``|w|`` without end.

    >>> [round(x, 4) for x in maximum(1.0)]
    [1.5434, 1.5434, 0.2239]
    """
    if y == 0.0:
        raise ValueError("y = 0: nothing comes through w, rho has no maximum; y must not be 0")
    net = stationary(c, activation)[0 if c > 0.0 else 1]
    k = _steepness(activation)
    x = k * abs(net)
    height = k * math.exp(-x) / -math.expm1(-2.0 * x)
    return Maximum((net - c) / y, net, height / abs(y))


@guarded
def latch(w: float, activation: Activation = LOGISTIC) -> tuple[float, float]:
    """Return ``(net, rho)`` at the upper stable state of a latch, a unit that feeds itself.

    Logistic units have the bias ``-w/2``, tanh units none: ``net`` solves ``net = w f(net)`` plus
    bias. Below ``limit(activation)`` there is only the state ``net = 0``, and no latch:
    ``ValueError``, as for weights that are not finite and units that do not saturate.

    >>> [round(x, 2) for x in latch(6.0)]
    [2.58, 0.39]
    """
    k = _steepness(activation)
    gain = w / limit(activation)
    if gain <= 1.0:
        raise ValueError(f"w = {w} makes no latch; it must be more than {limit(activation)}")
    below = lambda s: gain * math.tanh(s) > s  # noqa: E731
    net = 2.0 / k * _bisect(below, math.sqrt(3.0 * (1.0 - 1.0 / gain)), gain)
    return net, float(w * activation.slope(net))


def mean_flow(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return the mean of ``|factor|`` over all pairs of units, 1 .. q steps back: shape (q,).

    Errors are those of :func:`errorflow.flow.factor.log_products`.
    """
    products, logs = log_products(W, slopes)
    return np.exp(logs) * np.abs(products).mean(axis=(1, 2))


def largest_flow(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return the largest ``|factor|`` over all pairs of units, 1 .. q steps back: shape (q,).

    Errors are those of :func:`errorflow.flow.factor.log_products`.
    """
    return np.exp(log_products(W, slopes)[1])


def largest_product(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return the largest ``|product|`` of eq. (2) over all paths, 1 .. q steps back: shape (q,).

    The paths are not listed: the best path to ``l_m`` extends the best one to some ``l_{m-1}``,
    which costs O(q n^2) from each unit. Errors are those of
    :func:`errorflow.flow.factor.scaling_recursive`.

    >>> largest_product([[2.0, -3.0], [1.0, 0.0]], [[0.25, 0.25]] * 2)
    array([0.75 , 0.375])
    """
    sizes, slopes = map(np.abs, checked_net(W, slopes))
    best, largest = np.eye(len(sizes)), []
    for slope in slopes:
        best = np.array([(row[:, None] * sizes).max(axis=0) for row in best]) * slope
        largest.append(best.max())
    return np.array(largest)


def cancellation(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return what is left of the paths of eq. (2) after cancellation, 1 .. q steps back: (q,).

    It is the sum of ``|factor|`` over all pairs of units, divided by the sum of all ``|product|``,
    which is the factor of a net with the weights ``|w|`` and the same slopes. 1 means that nothing
    cancels, as where no path is left. Errors are as :func:`errorflow.flow.factor.log_products` has.
    """
    products, logs = log_products(W, slopes)
    absolute, absolute_logs = log_products(np.abs(W), slopes)
    all_of = absolute.sum(axis=(1, 2))
    some = all_of > 0.0
    ratio = np.abs(products).sum(axis=(1, 2)) / np.where(some, all_of, 1.0)
    shift = np.where(some, logs, 0.0) - np.where(some, absolute_logs, 0.0)
    return np.where(some, np.exp(shift) * ratio, 1.0)
