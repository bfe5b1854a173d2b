"""Section 2: the factor by which an error is scaled on its way back through time.

An error at unit ``u`` and time ``t`` reaches unit ``v`` at time ``t - q`` scaled by
``d theta_v(t-q) / d theta_u(t)``. The paper gives that factor three times: by recursion
(eq. 1), as a sum over all paths (eq. 2) and as a product of matrices (eq. 3).

Everywhere ``W[i, j]`` is the weight from unit ``j`` to unit ``i`` and
``slopes[m - 1, l]`` is ``f'_l(net_l(t - m))``, ``m = 1 .. q``.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import kernel
from errorflow.core.numerics import exp, logistic, tanh

MAX_PATHS = 1_000_000
"""Eq. 2 has ``n**(q-1)`` terms; more than this many are refused."""


def _checked(W, slopes, u, v):
    W = np.asarray(W, dtype=np.float64)
    slopes = np.asarray(slopes, dtype=np.float64)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"W has shape {W.shape}; it must be square, (n, n)")
    n = len(W)
    if slopes.ndim != 2 or slopes.shape[1] != n:
        raise ValueError(f"slopes has shape {slopes.shape}; it must be (q, n) with n = {n}")
    if len(slopes) == 0:
        raise ValueError("slopes has no rows, q = 0; the error must go back at least one step")
    for name, array in (("W", W), ("slopes", slopes)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    for name, unit in (("u", u), ("v", v)):
        if isinstance(unit, bool) or not isinstance(unit, (int, np.integer)):
            raise ValueError(f"{name} = {unit!r}; it must be a unit's index, an integer")
        if not 0 <= unit < n:
            raise ValueError(f"{name} = {unit} is no unit; it must be in 0 .. {n - 1}")
    return W, slopes


def scaling_recursive(W, slopes, u, v):
    """Return the scaling factor by the recursion of eq. (1).

    ``W`` has shape (n, n), ``slopes`` (q, n) with q >= 1; ``u`` and ``v`` are units.
    Raises ``ValueError`` for other shapes, entries that are not finite, and units out of range.

    >>> scaling_recursive([[2.0]], [[0.25], [0.25]], 0, 0)
    0.25
    """
    W, slopes = _checked(W, slopes, u, v)
    factor = slopes[0] * W[u]
    for slope in slopes[1:]:
        factor = slope * (factor @ W)
    return float(factor[v])


def path_products(W, slopes, u, v):
    """Return the terms of eq. (2), one for each of the ``n**(q-1)`` paths from ``u`` to ``v``.

    A path visits ``l_0 = u, l_1, .., l_q = v`` and contributes the product over ``m = 1 .. q`` of
    ``f'_{l_m}(net_{l_m}(t-m)) w_{l_{m-1} l_m}``. The paper prints the weight's indices the other
    way round, which is the weight of the opposite connection. Paths are ordered by
    ``(l_1, .., l_{q-1})``. Raises ``ValueError`` as :func:`scaling_recursive` does, and for more
    than ``MAX_PATHS`` paths.
    """
    W, slopes = _checked(W, slopes, u, v)
    q, n = slopes.shape
    if n ** (q - 1) > MAX_PATHS:
        raise ValueError(
            f"n = {n} units and q = {q} steps have {n}**{q - 1} paths; "
            f"at most {MAX_PATHS} are summed: use scaling_matrix"
        )
    last, products = np.array([u]), np.ones(1)
    for slope in slopes[:-1]:
        products = (products[:, None] * (slope * W[last])).ravel()
        last = np.tile(np.arange(n), len(last))
    return products * (slopes[-1, v] * W[last, v])


def scaling_paths(W, slopes, u, v):
    """Return the scaling factor as the sum over all paths, eq. (2), its weight's indices corrected.

    Arguments and errors are those of :func:`path_products`.

    >>> scaling_paths([[2.0]], [[0.25], [0.25]], 0, 0)
    0.25
    """
    return float(path_products(W, slopes, u, v).sum())


def scaling_matrix(W, slopes, u, v):
    """Return the scaling factor as the product of matrices, eq. (3).

    ``W_u^T F'(t-1) W F'(t-2) .. W_v f'_v(net_v(t-q))``, multiplied from the right, as the paper
    writes it for q >= 2; for q = 1 it is ``w_uv f'_v``. Arguments and errors are those of
    :func:`scaling_recursive`.

    >>> scaling_matrix([[2.0]], [[0.25], [0.25]], 0, 0)
    0.25
    """
    W, slopes = _checked(W, slopes, u, v)
    if len(slopes) == 1:
        return float(W[u, v] * slopes[0, v])
    column = W[:, v] * slopes[-1, v]
    for slope in slopes[-2:0:-1]:
        column = W @ (slope * column)
    return float(W[u] @ (slopes[0] * column))


def log_flow(W, slopes, u):
    """Return signs and ``log |factor|`` from unit ``u`` to every unit, 1 .. q steps back.

    The recursion of eq. (1), rescaled at every step so that nothing under- or overflows. Both
    arrays have shape (q, n); row ``m - 1`` belongs to ``m`` steps back. A factor of exactly 0 has
    sign 0 and logarithm -inf. Arguments and errors are those of :func:`scaling_recursive`.

    >>> signs, logs = log_flow([[1.0]], [[0.25]] * 1000, 0)
    >>> signs[-1, 0], round(logs[-1, 0] / 1000, 6)
    (np.int64(1), np.float64(-1.386294))
    """
    W, slopes = _checked(W, slopes, u, u)
    signs, logs = np.zeros(slopes.shape, dtype=np.int64), np.full(slopes.shape, -np.inf)
    arriving, log = W[u], 0.0
    for m, slope in enumerate(slopes):
        factor = slope * arriving
        scale = np.abs(factor).max()
        if scale == 0.0:
            break
        factor /= scale
        log += math.log(scale)
        signs[m] = np.sign(factor)
        there = factor != 0.0
        logs[m, there] = log + np.log(np.abs(factor[there]))
        arriving = factor @ W
    return signs, logs


def log_scaling(W, slopes, u, v):
    """Return ``(sign, log |factor|)`` where the factor itself would under- or overflow.

    A factor of exactly 0 gives ``(0, -inf)``. Arguments and errors are those of
    :func:`scaling_recursive`.

    >>> sign, log = log_scaling([[1.0]], [[0.25]] * 1000, 0, 0)
    >>> sign, round(log / 1000, 6)
    (1, -1.386294)
    """
    _checked(W, slopes, u, v)
    signs, logs = log_flow(W, slopes, u)
    return int(signs[-1, v]), float(logs[-1, v])


def log_products(W, slopes):
    """Return all factors at once, for every q: ``(products, logs)``.

    ``exp(logs[q - 1]) * products[q - 1, u, v]`` is the factor from ``u`` to ``v`` over ``q`` steps;
    the largest entry of every ``products[q - 1]`` has absolute value 1, so that nothing under- or
    overflows. ``products`` is (q, n, n), ``logs`` (q,); both cost O(q n^3). Where all factors are
    0 the products are 0 and the logarithm is -inf. Errors are those of :func:`scaling_recursive`.
    """
    W, slopes = _checked(W, slopes, 0, 0)
    q, n = slopes.shape
    products, logs = np.zeros((q, n, n)), np.full(q, -np.inf)
    arriving, log = W, 0.0
    for m, slope in enumerate(slopes):
        factors = arriving * slope
        scale = np.abs(factors).max()
        if scale == 0.0:
            break
        products[m] = factors / scale
        log += math.log(scale)
        logs[m] = log
        arriving = products[m] @ W
    return products, logs


class Activation(NamedTuple):
    """An activation function ``f``, its ``slope`` f' as a function of the net input, and max f'."""

    name: str
    f: Callable
    slope: Callable
    max_slope: float


def _logistic(net):
    return 0.5 * (1.0 + np.tanh(0.5 * net))


def _logistic_slope(net):
    small = np.exp(-np.abs(net))  # unlike y (1 - y) it does not round to 0 where y rounds to 1
    return small / (1.0 + small) ** 2


LOGISTIC = Activation("logistic", _logistic, _logistic_slope, 0.25)
TANH = Activation("tanh", np.tanh, lambda net: 4.0 * _logistic_slope(2.0 * net), 1.0)
RELU = Activation("relu", lambda net: np.maximum(net, 0.0), lambda net: 1.0 * (net > 0.0), 1.0)
LINEAR = Activation("linear", lambda net: net, np.ones_like, 1.0)
ACTIVATIONS = {a.name: a for a in (LOGISTIC, TANH, RELU, LINEAR)}
_KINDS = {name: kind for kind, name in enumerate(ACTIVATIONS)}


@kernel
def _run(columns, y, drive, kind, activations, slopes):
    """Run a net whose weights out of unit j are ``columns[j]``; every sum in a fixed order.

    Large nets can be chaotic: a last bit that a library's matrix product or exponential sets
    otherwise on another machine would change all digits within some dozen steps.
    """
    steps, n = activations.shape
    for step in range(steps):
        at = steps - 1 - step
        net, slope = activations[at], slopes[at]
        for i in range(n):
            net[i] = 0.0
        for j in range(n):
            for i in range(n):
                net[i] += columns[j, i] * y[j]
        for i in range(n):
            x = net[i] + drive[step, i]
            if kind == 0:
                small = exp(-abs(x))
                slope[i] = small / ((1.0 + small) * (1.0 + small))
                net[i] = logistic(x)
            elif kind == 1:
                small = exp(-2.0 * abs(x))
                slope[i] = 4.0 * small / ((1.0 + small) * (1.0 + small))
                net[i] = tanh(x)
            else:
                slope[i] = 1.0 if kind == 3 or x > 0.0 else 0.0
                net[i] = x if kind == 3 else max(x, 0.0)
        y = net


def trajectory(W, y, steps, *, activation=LOGISTIC, drive=0.0):
    """Run the net ``y(t) = f(W y(t-1) + drive(t))`` and return its activations and slopes.

    Both have shape (steps, n); row ``m - 1`` belongs to time ``t - m``, the latest first, so that
    the slopes can be handed to the functions above. ``y`` (n,) holds the activations before the
    first step; ``drive`` is a bias or external input: a number, (n,), or (steps, n) with the first
    step first. Raises ``ValueError`` for shapes that do not fit and steps < 1.
    """
    W, y = np.asarray(W, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if W.ndim != 2 or W.shape != (len(W), len(W)) or y.shape != (len(W),):
        raise ValueError(f"W {W.shape} and y {y.shape} do not fit; they must be (n, n) and (n,)")
    if steps < 1:
        raise ValueError(f"steps = {steps}; it must be at least 1")
    shape = np.shape(drive)
    if shape not in ((), (len(W),), (steps, len(W))):
        raise ValueError(f"drive {shape} does not fit; it must be a number, (n,) or (steps, n)")
    if activation.name not in _KINDS:
        raise ValueError(f"activation {activation.name!r} must be one of {', '.join(_KINDS)}")
    drive = np.ascontiguousarray(np.broadcast_to(np.asarray(drive, np.float64), (steps, len(W))))
    activations, slopes = np.empty((steps, len(W))), np.empty((steps, len(W)))
    kind = _KINDS[activation.name]
    _run(np.ascontiguousarray(W.T), y.copy(), drive, kind, activations, slopes)
    return activations, slopes
