"""Section 2's flow over many steps: how fast it grows or fades.

The mean growth per step of the error flow of ``y(t) = f(W y(t-1) + drive)``, over many steps, is
its largest Lyapunov exponent: below 0 the flow vanishes, above 0 it explodes. A small vector is
carried along by the matrices ``F'(t) W`` and rescaled at every step; forwards and backwards in time
the product of these matrices, and so its growth, is the same. All sums are taken in a fixed order
and no maths library decides where an orbit goes: a chaotic net has the same orbit on every machine.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.numerics import exp
from errorflow.core.options import Count
from errorflow.flow.activations import LOGISTIC, Activation, activate, check_activation, slope_at
from errorflow.flow.checks import checked_drive, checked_start, checked_weights
from errorflow.flow.forward import add_weighted
from errorflow.flow.random_nets import uniform_weights

_BIG = 2.0**300
"""Activations of relu and linear units are divided by this when they exceed it: it is exact."""


@kernel
def _slope_times(net, kind, steepness, v):
    """Multiply ``v`` by f'(net) exp(s) and return s >= 0, chosen so that nothing underflows."""
    if steepness == 0.0:
        for i in range(len(net)):
            v[i] *= slope_at(kind, net[i])
        return 0.0
    least = steepness * abs(net[0])
    for i in range(len(net)):
        least = min(least, steepness * abs(net[i]))
    for i in range(len(net)):
        far = steepness * abs(net[i])
        v[i] *= steepness * steepness * exp(least - far) / (1.0 + exp(-far)) ** 2
    return least


@kernel
def _carry(columns, y, v, drive, kind, steepness, norms, shifts):
    """Write the growth norm * exp(-shift) of ``v`` in each step; return the steps until it is 0."""
    steps, n = len(norms), len(y)
    net, carried = np.empty(n), np.empty(n)
    without_drive = not drive.any()
    divided, share = 0, 1.0
    for t in range(steps):
        for i in range(n):
            net[i] = drive[t % len(drive), i] * share
            carried[i] = 0.0
        add_weighted(columns, y, net)
        add_weighted(columns, v, carried)
        for i in range(n):
            y[i] = activate(kind, net[i])
        shifts[t] = _slope_times(net, kind, steepness, carried)
        norm, size = 0.0, 0.0
        for i in range(n):
            norm = max(norm, abs(carried[i]))
            size = max(size, abs(y[i]))
        if norm == 0.0:
            return t
        norms[t] = norm
        for i in range(n):
            v[i] = carried[i] / norm
        if steepness == 0.0 and size > _BIG:
            for i in range(n):
                y[i] /= _BIG
            divided += 1
        elif steepness == 0.0 and 0.0 < size < 1.0 / _BIG and (divided > 0 or without_drive):
            for i in range(n):
                y[i] *= _BIG
            divided -= 1
        share = 1.0
        for _ in range(divided):
            share /= _BIG
    return steps


@guarded
def no_special_direction(n: int) -> np.ndarray:
    """Return a vector (n,) of entries in [-1/2, 1/2) that follow no pattern a matrix may have."""
    return (np.arange(1, n + 1) * 0.6180339887498949) % 1.0 - 0.5


@guarded
def growth(
    W: ArrayLike,
    y: ArrayLike,
    steps: int,
    *,
    activation: Activation = LOGISTIC,
    drive: ArrayLike = 0.0,
) -> np.ndarray:
    """Return the logarithm of the growth of a small vector in each of ``steps`` steps, (steps,).

    ``W`` is (n, n), ``y`` (n,) holds the activations before the first step; ``drive`` is a bias or
    an external input: a number, (n,) or (steps, n). The sum over the steps is the logarithm of the
    norm of the product in eq. (3), applied to one vector; entries are -inf from the step on in
    which the vector becomes exactly 0, as with relu units that have all been switched off. Units
    without a bound (relu, linear) may grow for ever: they are rescaled exactly, and the drive with
    them. Costs O(steps n^2). Raises ``ValueError`` for shapes that do not fit, entries that are not
    finite, steps < 1 and activations other than those of :mod:`errorflow.flow.activations`.

    >>> growth([[2.0]], [0.5], 3, drive=-1.0).round(6)  # f' w = 2 / 4 at the fixed point 1/2
    array([-0.693147, -0.693147, -0.693147])
    """
    W = checked_weights(W)
    n = W.shape[-1]
    y, drive = checked_start(y, n), checked_drive(drive, steps, n)
    if (W.ndim, y.ndim) != (2, 1) or drive.ndim > 2:
        raise ValueError(f"W {W.shape}, y {y.shape} and drive {drive.shape} must be one net's")
    check_activation(activation)
    v = no_special_direction(n)
    v /= np.abs(v).max()
    norms, shifts = np.ones(steps), np.zeros(steps)
    columns = np.ascontiguousarray(W.T)
    rows = np.array(drive if drive.ndim == 2 else np.broadcast_to(drive, (1, n)))
    kind, steepness = activation.kind, activation.steepness
    done = _carry(columns, y.copy(), v, rows, kind, steepness, norms, shifts)
    logs = np.log(norms) - shifts
    logs[done:] = -math.inf
    return logs


@guarded
def exponent(
    W: ArrayLike,
    y: ArrayLike,
    steps: int,
    *,
    transient: Count = 0,
    activation: Activation = LOGISTIC,
    drive: ArrayLike = 0.0,
) -> float:
    """Return the largest Lyapunov exponent per step: the mean of :func:`growth` over ``steps``.

    The ``transient`` first steps are run besides and left out; a ``drive`` for every step has
    ``transient + steps`` rows. Arguments and errors are otherwise those of :func:`growth`.

    >>> W = [[2.0, 0.0], [0.0, 3.0]]  # at rest at 1/2, where f' w is 1/2 and 3/4
    >>> round(exponent(W, [0.5, 0.5], 100, transient=50, drive=[-1.0, -1.5]), 4)
    -0.2877
    """
    logs = growth(W, y, transient + steps, activation=activation, drive=drive)[transient:]
    return float(logs.mean()) if len(logs) else math.nan


@guarded
def random_exponents(
    n: int,
    w_max: float,
    nets: int,
    steps: int,
    *,
    rng: np.random.Generator,
    transient: Count = 100,
    biased: bool = False,
    activation: Activation = LOGISTIC,
) -> np.ndarray:
    """Return the exponents of ``nets`` nets with weights from [-w_max, w_max), shape (nets,).

    If ``biased``, biases come from there too. Each net starts from random activations in [0, 1).
    Errors are those of :func:`errorflow.flow.random_nets.uniform_weights` and :func:`exponent`.
    """
    values = np.empty(nets)
    for k in range(nets):
        W = uniform_weights(rng, (n, n), w_max)
        drive = uniform_weights(rng, (n,), w_max) if biased else 0.0
        values[k] = exponent(
            W, rng.random(n), steps, transient=transient, activation=activation, drive=drive
        )
    return values
