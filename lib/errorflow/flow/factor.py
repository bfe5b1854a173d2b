"""Section 2: the factor by which an error is scaled on its way back through time.

An error at unit ``u`` and time ``t`` reaches unit ``v`` at time ``t - q`` scaled by
``d theta_v(t-q) / d theta_u(t)``. The paper gives that factor three times: by recursion
(eq. 1), as a sum over all paths (eq. 2) and as a product of matrices (eq. 3).

Everywhere ``W[i, j]`` is the weight from unit ``j`` to unit ``i`` and
``slopes[m - 1, l]`` is ``f'_l(net_l(t - m))``, ``m = 1 .. q``.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from errorflow.flow.checks import checked_net

LEAST_POWER = -(2**60)
"""The power of two of a sum without terms."""

MAX_PATHS = 1_000_000
"""Eq. 2 has ``n**(q-1)`` terms; more than this many are refused."""


def _checked(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> tuple[np.ndarray, np.ndarray]:
    W, slopes = checked_net(W, slopes)
    if W.ndim != 2 or slopes.ndim != 2:
        raise ValueError(f"W {W.shape} and slopes {slopes.shape} must be one net's: (n, n), (q, n)")
    for name, unit in (("u", u), ("v", v)):
        if isinstance(unit, bool) or not isinstance(unit, (int, np.integer)):
            raise ValueError(f"{name} = {unit!r}; it must be a unit's index, an integer")
        if not 0 <= unit < len(W):
            raise ValueError(f"{name} = {unit} is no unit; it must be in 0 .. {len(W) - 1}")
    return W, slopes


def scaling_recursive(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> float:
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


def path_products(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> np.ndarray:
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


def scaling_paths(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> float:
    """Return the scaling factor as the sum over all paths, eq. (2), its weight's indices corrected.

    Arguments and errors are those of :func:`path_products`.

    >>> scaling_paths([[2.0]], [[0.25], [0.25]], 0, 0)
    0.25
    """
    return float(path_products(W, slopes, u, v).sum())


def scaling_matrix(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> float:
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


def log_flow(W: ArrayLike, slopes: ArrayLike, u: int) -> tuple[np.ndarray, np.ndarray]:
    """Return signs and ``log |factor|`` from unit ``u`` to every unit, 1 .. q steps back.

    The recursion of eq. (1), scaled so that nothing under- or overflows: where factors lie far
    apart, each has a power of two of its own. Both arrays have shape (q, n); row ``m - 1``
    belongs to ``m`` steps back. A factor of exactly 0 has sign 0 and logarithm -inf. Arguments and
    errors are those of :func:`scaling_recursive`.

    >>> signs, logs = log_flow([[1.0]], [[0.25]] * 1000, 0)
    >>> signs[-1, 0], round(logs[-1, 0] / 1000, 6)
    (np.int64(1), np.float64(-1.386294))
    """
    W, slopes = _checked(W, slopes, u, u)
    scaled = _scaled(W, slopes, W[u : u + 1])
    if scaled is None:
        return _each_scaled(W, slopes, u)
    products, logs = scaled[0][:, 0], scaled[1][:, None]
    with np.errstate(divide="ignore"):
        return np.sign(products).astype(np.int64), logs + np.log(np.abs(products))


TINY = 1e-290
"""A factor of less than this share of the largest would lose digits on its way."""


def _scaled(W, slopes, arriving):
    """Return (factors over the largest, its logarithm) for every q, from the rows ``arriving``.

    One scale for each q is fast, and as exact as any unless factors lie too far apart: then None.
    """
    log, products, logs = 0.0, [], []
    linked = (W != 0.0).astype(np.float64)
    path = arriving != 0.0
    with np.errstate(all="ignore"):
        for slope in np.moveaxis(slopes[..., None, :], -3, 0):
            factors = arriving * slope
            path = path & (slope != 0.0)
            scale = np.abs(factors).max(axis=(-2, -1))
            log = log + np.log(scale)
            products.append(factors / np.where(scale > 0.0, scale, 1.0)[..., None, None])
            logs.append(log)
            if not np.isfinite(scale).all() or (path & (np.abs(products[-1]) < TINY)).any():
                return None
            arriving = products[-1] @ W
            path = path @ linked > 0.0  # of floats: numpy has no fast product of booleans
    return np.stack(products, axis=-3), np.stack(logs, axis=-1)


def _each_scaled(W, slopes, u):
    """Return what :func:`log_flow` does, each factor with a power of two of its own."""
    signs, logs = np.zeros(slopes.shape, dtype=np.int64), np.full(slopes.shape, -np.inf)
    weights = _parts(W)
    factor, power = weights[0][u], weights[1][u]
    for m, (slope, by) in enumerate(zip(*_parts(slopes), strict=True)):
        factor, power = _parts(factor * slope, power + by)
        there = factor != 0.0
        signs[m] = np.sign(factor)
        logs[m, there] = np.log(np.abs(factor[there])) + power[there] * math.log(2.0)
        factor, power = _sent_back(factor, power, *weights)
    return signs, logs


def _parts(values, power=0):
    """Return (mantissas, powers) of ``values`` 2**``power``: exact, whatever their sizes."""
    mantissas, powers = np.frexp(values)
    return mantissas, powers.astype(np.int64) + power


def _sent_back(factor, power, w, by):
    """Return the parts of (``factor`` 2**``power``) (``w`` 2**``by``): a scale for each sum."""
    terms = factor[:, None] * w
    powers = np.where(terms == 0.0, LEAST_POWER, power[:, None] + by)
    largest = powers.max(axis=0)
    return _parts(np.ldexp(terms, np.maximum(powers - largest, -1_100)).sum(axis=0), largest)


def log_scaling(W: ArrayLike, slopes: ArrayLike, u: int, v: int) -> tuple[int, float]:
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


def log_products(W: ArrayLike, slopes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return all factors at once, for every q: ``(products, logs)``.

    ``exp(logs[q - 1]) * products[q - 1, u, v]`` is the factor from ``u`` to ``v`` over ``q`` steps;
    the largest entry of every ``products[q - 1]`` has absolute value 1, so that nothing overflows
    and only what is less than 1e-300 of it can be lost, and ``logs`` are the logarithms of the
    largest factors. ``products`` is (q, n, n), ``logs`` (q,); both cost O(q n^3). Where all factors
    are 0 the products are 0 and the logarithm is -inf. Many nets are taken at once: for ``W``
    (.., n, n) and ``slopes`` (.., q, n) the results are (.., q, n, n) and (.., q). Raises
    ``ValueError`` for shapes that do not fit and entries that are not finite.
    """
    W, slopes = checked_net(W, slopes)
    return _scaled(W, slopes, W) or _one_by_one(W, slopes)


def _one_by_one(W, slopes):
    """Return what :func:`log_products` does, from each unit of each net on its own."""
    shape, (q, n) = np.broadcast_shapes(W.shape[:-2], slopes.shape[:-2]), slopes.shape[-2:]
    nets = np.broadcast_to(W, (*shape, n, n)).reshape(-1, n, n)
    each = np.broadcast_to(slopes, (*shape, q, n)).reshape(-1, q, n)
    flows = [[_each_scaled(net, s, u) for u in range(n)] for net, s in zip(nets, each, strict=True)]
    signs, sizes = np.moveaxis(np.array(flows), 2, 0).swapaxes(2, 3)
    largest = sizes.max(axis=(-2, -1))
    finite = np.where(np.isfinite(largest), largest, 0.0)[..., None, None]
    products = signs * np.exp(sizes - finite)
    return products.reshape(*shape, q, n, n), largest.reshape(*shape, q)
