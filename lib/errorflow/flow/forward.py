"""Section 2's net, run forward: ``y(t) = f(W y(t-1) + drive(t))``.

Nets of more than a few units can be chaotic: a last bit that a library's matrix product or
exponential sets otherwise on another machine would change all digits within some dozen steps. So
all sums are taken in a fixed order, and activations are those of :mod:`errorflow.core.numerics`.
"""

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.compiled import inline, kernel
from errorflow.core.entries import guarded
from errorflow.flow.activations import LOGISTIC, Activation, activate, check_activation, slope_at
from errorflow.flow.checks import checked_drive, checked_start, checked_weights


@inline
def add_weighted(columns, y, total):
    """Add ``W y`` to ``total``, in the order of j; ``columns[j]`` are the weights out of unit j."""
    for j in range(len(y)):
        for i in range(len(total)):
            total[i] += columns[j, i] * y[j]


@kernel
def _run(columns, start, drive, kind, activations, slopes):
    """Run nets that may share their weights; the last step is written first."""
    nets, steps, n = activations.shape
    for k in range(nets):
        y = start[k]
        for step in range(steps):
            net, slope = activations[k, steps - 1 - step], slopes[k, steps - 1 - step]
            for i in range(n):
                net[i] = drive[k, step, i]
            add_weighted(columns[k % len(columns)], y, net)
            for i in range(n):
                slope[i] = slope_at(kind, net[i])
                net[i] = activate(kind, net[i])
            y = net


@guarded
def trajectory(
    W: ArrayLike,
    y: ArrayLike,
    steps: int,
    *,
    activation: Activation = LOGISTIC,
    drive: ArrayLike = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Run the net ``y(t) = f(W y(t-1) + drive(t))`` and return its activations and slopes.

    Both have shape (steps, n); row ``m - 1`` belongs to time ``t - m``, the latest first, so that
    the slopes can be handed to :mod:`errorflow.flow.factor`. ``y`` (n,) holds the activations
    before the first step; ``drive`` is a bias or external input: a number, (n,), or (steps, n) with
    the first step first. Many nets are run at once if ``W`` is (.., n, n), ``y`` (.., n) or
    ``drive`` (.., steps, n); what has no such axes is the same for all of them. Raises
    ``ValueError`` for shapes that do not fit, entries that are not finite and steps < 1.
    """
    W = checked_weights(W)
    n = W.shape[-1]
    y, drive = checked_start(y, n), checked_drive(drive, steps, n)
    check_activation(activation)
    axes = W.shape[:-2], y.shape[:-1], drive.shape[:-2]
    many = max(axes, key=len)
    if not {*axes} <= {(), many}:
        raise ValueError(f"W {W.shape}, y {y.shape} and drive {drive.shape} are not equally many")
    shape = (*many, steps, n)
    columns = np.ascontiguousarray(W.reshape(-1, n, n).swapaxes(1, 2))
    start = np.broadcast_to(y, (*many, n)).reshape(-1, n).copy()
    drive = np.ascontiguousarray(np.broadcast_to(drive, shape)).reshape(-1, steps, n)
    activations, slopes = np.empty(drive.shape), np.empty(drive.shape)
    _run(columns, start, drive, activation.kind, activations, slopes)
    return activations.reshape(shape), slopes.reshape(shape)
