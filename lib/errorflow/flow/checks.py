"""What enters this room: weights, slopes, activations and inputs that fit, or a message why not."""

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import check_size, real_array


def checked_weights(W: ArrayLike) -> np.ndarray:
    """Return ``W`` (.., n, n) as an array; refuse other shapes, n = 0 and what is not finite."""
    W = real_array("W", W)
    if W.ndim < 2 or W.shape[-1] != W.shape[-2] or W.shape[-1] == 0:
        raise ValueError(f"W has shape {W.shape}; it must be square, (.., n, n), with n >= 1")
    return W


def checked_slopes(slopes: ArrayLike, n: int) -> np.ndarray:
    """Return ``slopes`` (.., q, n) as an array; refuse other shapes, q = 0, what is not finite."""
    slopes = real_array("slopes", slopes)
    if slopes.ndim < 2 or slopes.shape[-1] != n or slopes.shape[-2] == 0:
        no_step = ", q = 0" if slopes.ndim > 1 and slopes.shape[-2] == 0 else ""
        raise ValueError(
            f"slopes has shape {slopes.shape}{no_step}; it must be (.., q, n) with q >= 1, n = {n}"
        )
    return slopes


def checked_net(W: ArrayLike, slopes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return ``W`` (.., n, n) and ``slopes`` (.., q, n) as arrays that fit each other."""
    W = checked_weights(W)
    return W, checked_slopes(slopes, W.shape[-1])


def checked_start(y: ArrayLike, n: int) -> np.ndarray:
    """Return activations ``y`` (.., n) as an array; refuse other shapes and what is not finite."""
    y = real_array("y", y)
    if y.ndim == 0 or y.shape[-1] != n:
        raise ValueError(f"y has shape {y.shape}; it must be ({n},), an activation for each unit")
    return y


def checked_drive(drive: ArrayLike, steps: int, n: int) -> np.ndarray:
    """Return the ``drive`` as an array: a number, (n,) or (.., steps, n); refuse all else."""
    check_size("steps", steps)
    drive = real_array("drive", drive)
    if drive.shape not in ((), (n,)) and drive.shape[-2:] != (steps, n):
        raise ValueError(
            f"drive {drive.shape} does not fit; it must be a number, ({n},) or ({steps}, {n})"
        )
    return drive
