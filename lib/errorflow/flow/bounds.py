"""Section 2's upper bound of the scaling factor, in any norm, and bounds that are closer to it.

The factors over ``q`` steps are the entries of ``W F'(t-1) W F'(t-2) .. W F'(t-q)``. Every bound
here is a natural logarithm for each ``q``, so that nothing under- or overflows, and takes many
nets at once: ``W`` is (.., n, n), ``slopes`` (.., q, n) with ``slopes[.., m - 1, l]`` the slope
``f'_l(net_l(t - m))``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from errorflow.flow import factor as flow


class Norm(NamedTuple):
    """A matrix norm with a vector norm it is compatible with: ``|A x| <= |A| |x|``.

    ``matrix`` takes (.., n, n), ``vector`` (.., n); ``diagonal`` takes the diagonal (.., n) of a
    matrix and returns the norm of that matrix. Each returns (..).
    """

    name: str
    matrix: Callable
    vector: Callable
    diagonal: Callable


def _largest(x):
    return np.abs(x).max(axis=-1)


def _euclidean(x):
    return np.sqrt(np.square(x).sum(axis=-1))


ROWS = Norm("row sum", lambda A: np.abs(A).sum(axis=-1).max(axis=-1), _largest, _largest)
"""The largest row sum and the largest component: the norms in which the paper ends."""

COLUMNS = Norm(
    "column sum",
    lambda A: np.abs(A).sum(axis=-2).max(axis=-1),
    lambda x: np.abs(x).sum(axis=-1),
    _largest,
)
"""The 1-norm: the largest column sum and the sum of all components."""

SPECTRAL = Norm("spectral", lambda A: np.linalg.norm(A, 2, axis=(-2, -1)), _euclidean, _largest)
"""The largest singular value and the Euclidean length."""

FROBENIUS = Norm(
    "Frobenius", lambda A: np.sqrt(np.square(A).sum(axis=(-2, -1))), _euclidean, _euclidean
)
"""The root of the sum of squares, and the Euclidean length: the norm of ``F'`` grows with n."""

NORMS = (ROWS, COLUMNS, SPECTRAL, FROBENIUS)
"""Norms in which a unit vector has norm 1 and no component exceeds the norm of its vector."""


def weighted(p):
    """Return the norm ``max |x_i| / p_i`` of a vector, with the matrix norm that belongs to it.

    ``p`` (n,) must be positive; with all ``p`` 1 this is :data:`ROWS`. Raises ``ValueError`` for
    other shapes and entries that are not positive.
    """
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 1 or not (np.isfinite(p) & (p > 0.0)).all():
        raise ValueError(f"p = {p}; it must be a vector of positive numbers")
    return Norm(
        "weighted",
        lambda A: ROWS.matrix(A * p / p[:, None]),
        lambda x: _largest(x / p),
        _largest,
    )


def _checked(W, slopes):
    W, slopes = np.asarray(W, dtype=np.float64), np.asarray(slopes, dtype=np.float64)
    if W.ndim < 2 or W.shape[-1] != W.shape[-2] or W.shape[-1] == 0:
        raise ValueError(f"W has shape {W.shape}; it must be (.., n, n)")
    if slopes.ndim < 2 or slopes.shape[-1] != W.shape[-1] or slopes.shape[-2] == 0:
        raise ValueError(
            f"slopes has shape {slopes.shape}; it must be (.., q, n) with q >= 1 and "
            f"n = {W.shape[-1]}"
        )
    for name, array in (("W", W), ("slopes", slopes)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    return W, slopes


def _log(x):
    with np.errstate(divide="ignore"):
        return np.log(x)


def largest_slope(slopes, norm=ROWS):
    """Return ``f'_max``, the largest ``|F'(t-m)|`` of ``m = 1 .. q``, for every q: (.., q)."""
    return np.maximum.accumulate(norm.diagonal(np.asarray(slopes, dtype=np.float64)), axis=-1)


def bound_without_n(W, slopes, norm=ROWS):
    """Return ``log (f'_max |W|)^q`` for every q: the paper's bound without its factor n, (.., q).

    It bounds every factor if the norm of each unit vector is 1 and no component of a vector
    exceeds the vector's norm. Raises ``ValueError`` for shapes that do not fit and entries that
    are not finite.
    """
    W, slopes = _checked(W, slopes)
    q = np.arange(1, slopes.shape[-2] + 1)
    return q * (_log(largest_slope(slopes, norm)) + _log(norm.matrix(W))[..., None])


def paper_bound(W, slopes, norm=ROWS):
    """Return ``log n (f'_max |W|)^q`` for every q, the last inequality of Section 2: (.., q).

    Arguments and errors are those of :func:`bound_without_n`.
    """
    return np.log(np.shape(W)[-1] or 1) + bound_without_n(W, slopes, norm)


def stepwise_bound(W, slopes, norm=ROWS):
    """Return the sum of ``log |W F'(t-m)|``, ``m = 1 .. q``, for every q: (.., q).

    It uses the slope that every unit has instead of the largest of all. Arguments and errors are
    those of :func:`bound_without_n`.
    """
    W, slopes = _checked(W, slopes)
    return np.cumsum(_log(norm.matrix(W[..., None, :, :] * slopes[..., None, :])), axis=-1)


def log_factors(W, slopes):
    """Return ``log |factor|`` from every unit to every unit, for every q: (.., q, n, n).

    The factors of eq. (1), of many nets at once, rescaled at every step so that nothing under- or
    overflows; a factor of exactly 0 gives -inf. With ``abs(W)`` for ``W`` these are the sums of
    the absolute path products of eq. (2): what the factors would be if no two paths cancelled.
    Arguments and errors are those of :func:`bound_without_n`.
    """
    W, slopes = _checked(W, slopes)
    arriving, log, logs = W, 0.0, []
    for m in range(slopes.shape[-2]):
        factors = arriving * slopes[..., m, None, :]
        scale = np.abs(factors).max(axis=(-2, -1), keepdims=True)
        log = log + _log(scale)
        factors = factors / np.where(scale > 0.0, scale, 1.0)
        logs.append(log + _log(np.abs(factors)))
        arriving = factors @ W
    return np.stack(logs, axis=-3)


def largest_factor(W, slopes):
    """Return the log of the largest absolute factor between any two units, for every q: (.., q).

    Arguments and errors are those of :func:`bound_without_n`.
    """
    return log_factors(W, slopes).max(axis=(-2, -1))


def path_bound(W, slopes):
    """Return the log of the largest sum of absolute path products of eq. (2), for every q: (.., q).

    That is the largest factor the net would have if no two paths cancelled. Arguments and errors
    are those of :func:`bound_without_n`.
    """
    return largest_factor(np.abs(W), slopes)


def spectral_radius(W):
    """Return the largest absolute eigenvalue of each matrix of ``W`` (.., n, n)."""
    return np.abs(np.linalg.eigvals(W)).max(axis=-1)


def perron(W):
    """Return the spectral radius ``r`` of ``|W|`` and a positive ``p`` with ``|W| p = r p``.

    ``W`` (n, n) must have no entry 0, so that ``p`` is unique up to its length; its largest
    component is 1. Then ``|factor| <= (f'_max r)^q p_u / p_v``. Raises ``ValueError`` for other
    shapes and entries.
    """
    W = np.abs(np.asarray(W, dtype=np.float64))
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"W has shape {W.shape}; it must be square, (n, n)")
    if not (np.isfinite(W) & (W > 0.0)).all():
        raise ValueError("W has entries that are 0 or not finite; all must be other numbers")
    values, vectors = np.linalg.eig(W)
    first = np.argmax(values.real)
    p = np.abs(vectors[:, first].real)
    return float(values[first].real), p / p.max()


def random_nets(rng, count, n, q, w_max, *, warm_up=0):
    """Return ``W`` (count, n, n), uniform in [-w_max, w_max], and slopes (count, q, n).

    The nets are logistic, without biases, and start from activations uniform in [0, 1]; the
    ``q`` steps kept are preceded by ``warm_up`` others. Raises ``ValueError`` for sizes below 1.
    """
    if min(count, n, q) < 1:
        raise ValueError(f"count, n, q = {count}, {n}, {q}; each must be at least 1")
    W = w_max * (2.0 * rng.random((count, n, n)) - 1.0)
    y, slopes = rng.random((count, n)), np.empty((count, q, n))
    for step in range(-warm_up, q):
        net = (W @ y[..., None])[..., 0]
        y = flow.LOGISTIC.f(net)
        if step >= 0:
            slopes[:, -1 - step] = flow.LOGISTIC.slope(net)
    return W, slopes
