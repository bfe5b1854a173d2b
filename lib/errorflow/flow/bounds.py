"""Section 2's upper bound of the scaling factor, in any norm, and bounds that are closer to it.

The factors over ``q`` steps are the entries of ``W F'(t-1) W F'(t-2) .. W F'(t-q)``. Every bound
here is a natural logarithm for each ``q``, so that nothing under- or overflows, and takes many
nets at once: ``W`` is (.., n, n), ``slopes`` (.., q, n) with ``slopes[.., m - 1, l]`` the slope
``f'_l(net_l(t - m))``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.entries import guarded
from errorflow.flow.checks import checked_net, checked_slopes, checked_weights
from errorflow.flow.factor import log_products


class Norm(NamedTuple):
    """A matrix norm with a vector norm it is compatible with: ``|A x| <= |A| |x|``.

    ``matrix`` takes (.., n, n), ``vector`` (.., n); ``diagonal`` takes the diagonal (.., n) of a
    matrix and returns the norm of that matrix. Each returns (..).
    """

    name: str
    matrix: Callable[[np.ndarray], np.ndarray]
    vector: Callable[[np.ndarray], np.ndarray]
    diagonal: Callable[[np.ndarray], np.ndarray]


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


def weighted(p: ArrayLike) -> Norm:
    """Return the norm ``max |x_i| / p_i`` of a vector, with the matrix norm that belongs to it.

    ``p`` (n,) must be positive; with all ``p`` 1 this is :data:`ROWS`. Raises ``ValueError`` for
    other shapes and entries that are not positive.
    """
    p = real_array("p", p)
    if p.ndim != 1 or not (p > 0.0).all():
        raise ValueError(f"p = {p}; it must be a vector of positive numbers")
    return Norm(
        "weighted", lambda A: ROWS.matrix(A * p / p[:, None]), lambda x: _largest(x / p), _largest
    )


def _log(x):
    with np.errstate(divide="ignore"):
        return np.log(x)


@guarded
def largest_slope(slopes: ArrayLike, norm: Norm = ROWS) -> np.ndarray:
    """Return ``f'_max``, the largest ``|F'(t-m)|`` of ``m = 1 .. q``, for every q: (.., q)."""
    slopes = real_array("slopes", slopes)
    slopes = checked_slopes(slopes, slopes.shape[-1] if slopes.ndim else 0)
    return np.maximum.accumulate(norm.diagonal(slopes), axis=-1)


@guarded
def bound_without_n(W: ArrayLike, slopes: ArrayLike, norm: Norm = ROWS) -> np.ndarray:
    """Return ``log (f'_max |W|)^q`` for every q: the paper's bound without its factor n, (.., q).

    It bounds every factor if the norm of each unit vector is 1 and no component of a vector
    exceeds the vector's norm. Raises ``ValueError`` for shapes that do not fit and entries that
    are not finite.
    """
    W, slopes = checked_net(W, slopes)
    q = np.arange(1, slopes.shape[-2] + 1)
    return q * (_log(largest_slope(slopes, norm)) + _log(norm.matrix(W))[..., None])


@guarded
def paper_bound(W: ArrayLike, slopes: ArrayLike, norm: Norm = ROWS) -> np.ndarray:
    """Return ``log n (f'_max |W|)^q`` for every q, the last inequality of Section 2: (.., q).

    Arguments and errors are those of :func:`bound_without_n`.
    """
    bound = bound_without_n(W, slopes, norm)
    return np.log(np.shape(W)[-1]) + bound


@guarded
def stepwise_bound(W: ArrayLike, slopes: ArrayLike, norm: Norm = ROWS) -> np.ndarray:
    """Return the sum of ``log |W F'(t-m)|``, ``m = 1 .. q``, for every q: (.., q).

    It uses the slope that every unit has instead of the largest of all. Arguments and errors are
    those of :func:`bound_without_n`.
    """
    W, slopes = checked_net(W, slopes)
    return np.cumsum(_log(norm.matrix(W[..., None, :, :] * slopes[..., None, :])), axis=-1)


def largest_factor(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return the log of the largest absolute factor between any two units, for every q: (.., q).

    Arguments and errors are those of :func:`bound_without_n`.
    """
    return log_products(W, slopes)[1]


def path_bound(W: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """Return the log of the largest sum of absolute path products of eq. (2), for every q: (.., q).

    That is the largest factor the net would have if no two paths cancelled. Arguments and errors
    are those of :func:`bound_without_n`.
    """
    W, slopes = checked_net(W, slopes)
    return largest_factor(np.abs(W), slopes)


def spectral_radius(W: ArrayLike) -> np.ndarray:
    """Return the largest absolute eigenvalue of each matrix of ``W`` (.., n, n)."""
    return np.abs(np.linalg.eigvals(checked_weights(W))).max(axis=-1)


def perron(W: ArrayLike) -> tuple[float, np.ndarray]:
    """Return the spectral radius ``r`` of ``|W|`` and a positive ``p`` with ``|W| p = r p``.

    ``W`` (n, n) must have no entry 0, so that ``p`` is unique up to its length; its largest
    component is 1. Then ``|factor| <= (f'_max r)^q p_u / p_v``. Raises ``ValueError`` for other
    shapes and entries.
    """
    W = np.abs(real_array("W", W))
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"W has shape {W.shape}; it must be square, (n, n)")
    if not (W > 0.0).all():
        raise ValueError("W has entries that are 0; all must be other numbers")
    values, vectors = np.linalg.eig(W)
    first = np.argmax(values.real)
    p = np.abs(vectors[:, first].real)
    return float(values[first].real), p / p.max()
