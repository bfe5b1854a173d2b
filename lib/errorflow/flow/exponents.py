"""Section 2's flow over many steps: how fast it grows or fades, and what a net still remembers.

The mean growth per step of the error flow of ``y(t) = f(W y(t-1) + drive)``, over many steps, is
its largest Lyapunov exponent: below 0 the flow vanishes, above 0 it explodes. A small vector is
carried along by the matrices ``F'(t) W`` and rescaled at every step; forwards and backwards in time
the product of these matrices, and so its growth, is the same. All sums are taken in a fixed order
and no maths library decides where an orbit goes: a chaotic net has the same orbit on every machine.
"""

import math

import numpy as np

from errorflow.core.compiled import allocating, kernel
from errorflow.core.numerics import exp, fill_uniform, logistic, tanh
from errorflow.flow.factor import ACTIVATIONS, LOGISTIC

_LOGISTIC, _TANH, _RELU, _LINEAR = range(4)
_KINDS = {"logistic": _LOGISTIC, "tanh": _TANH, "relu": _RELU, "linear": _LINEAR}
_BIG = 2.0**300
"""Activations of relu and linear units are divided by this when they exceed it: it is exact."""


@kernel
def _activate(net, kind, y):
    """Write f(net) into ``y``."""
    for i in range(len(net)):
        if kind == _LOGISTIC:
            y[i] = logistic(net[i])
        elif kind == _TANH:
            y[i] = tanh(net[i])
        elif kind == _RELU:
            y[i] = max(net[i], 0.0)
        else:
            y[i] = net[i]


@kernel
def _slope_times(net, kind, v):
    """Multiply ``v`` by f'(net) exp(s) and return s >= 0, chosen so that nothing underflows."""
    if kind == _RELU:
        for i in range(len(net)):
            v[i] = v[i] if net[i] > 0.0 else 0.0
    if kind >= _RELU:
        return 0.0
    c = 1.0 if kind == _LOGISTIC else 2.0
    least = c * abs(net[0])
    for i in range(len(net)):
        least = min(least, c * abs(net[i]))
    for i in range(len(net)):
        far = c * abs(net[i])
        v[i] *= c * c * exp(least - far) / (1.0 + exp(-far)) ** 2
    return least


@allocating
def _follow(columns, y, v, drive, driven, kind, norms, shifts):
    """Write the growth norm * exp(-shift) of ``v`` in each step; return the steps until it is 0."""
    steps, n = len(norms), len(y)
    homogeneous = kind >= _RELU
    net, carried = np.empty(n), np.empty(n)
    divided, share = 0, 1.0
    for t in range(steps):
        row = t % len(drive)
        for i in range(n):
            net[i] = drive[row, i] * share
            carried[i] = 0.0
        for j in range(n):
            for i in range(n):
                net[i] += columns[j, i] * y[j]
                carried[i] += columns[j, i] * v[j]
        _activate(net, kind, y)
        shifts[t] = _slope_times(net, kind, carried)
        norm, size = 0.0, 0.0
        for i in range(n):
            norm = max(norm, abs(carried[i]))
            size = max(size, abs(y[i]))
        if norm == 0.0:
            return t
        norms[t] = norm
        for i in range(n):
            v[i] = carried[i] / norm
        if homogeneous and size > _BIG:
            for i in range(n):
                y[i] /= _BIG
            divided += 1
        elif homogeneous and 0.0 < size < 1.0 / _BIG and (divided > 0 or not driven):
            for i in range(n):
                y[i] *= _BIG
            divided -= 1
        share = 1.0
        for _ in range(divided):
            share /= _BIG
    return steps


def _net(W, drive, activation, steps):
    """Return W, the drive as rows, and the activation's kind, or say what does not fit."""
    W = np.asarray(W, dtype=np.float64)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or len(W) == 0:
        raise ValueError(f"W has shape {W.shape}; it must be square, (n, n), with n >= 1")
    n, shape = len(W), np.shape(drive)
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps = {steps!r}; it must be an integer of at least 1")
    if shape not in ((), (n,), (steps, n)):
        raise ValueError(f"drive {shape} does not fit; it must be a number, (n,) or (steps, n)")
    rows = np.array(np.broadcast_to(drive, (1, n)) if len(shape) < 2 else drive, dtype=np.float64)
    for name, array in (("W", W), ("drive", rows)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    if activation.name not in _KINDS:
        raise ValueError(
            f"activation {activation.name!r} is unknown; it must be one of {', '.join(ACTIVATIONS)}"
        )
    return W, rows, _KINDS[activation.name]


def growth(W, y, steps, *, activation=LOGISTIC, drive=0.0):
    """Return the logarithm of the growth of a small vector in each of ``steps`` steps, (steps,).

    ``W`` is (n, n), ``y`` (n,) holds the activations before the first step; ``drive`` is a bias or
    an external input: a number, (n,) or (steps, n). The sum over the steps is the logarithm of the
    norm of the product in eq. (3), applied to one vector; entries are -inf from the step on in
    which the vector becomes exactly 0, as with relu units that have all been switched off. Units
    without a bound (relu, linear) may grow for ever: they are rescaled exactly, and the drive with
    them. Costs O(steps n^2). Raises ``ValueError`` for shapes that do not fit, entries that are not
    finite, steps < 1 and activations other than those of :data:`errorflow.flow.factor.ACTIVATIONS`.

    >>> growth([[2.0]], [0.5], 3, drive=-1.0).round(6)  # f' w = 2 / 4 at the fixed point 1/2
    array([-0.693147, -0.693147, -0.693147])
    """
    W, rows, kind = _net(W, drive, activation, steps)
    y = np.array(y, dtype=np.float64)
    if y.shape != (len(W),) or not np.isfinite(y).all():
        raise ValueError(f"y has shape {y.shape}; it must be ({len(W)},) and finite")
    v = (np.arange(1, len(W) + 1) * 0.6180339887498949) % 1.0 - 0.5  # in no special direction
    v /= np.abs(v).max()
    norms, shifts = np.ones(steps), np.zeros(steps)
    columns, driven = np.ascontiguousarray(W.T), bool(rows.any())
    done = _follow(columns, y, v, rows, driven, kind, norms, shifts)
    logs = np.log(norms) - shifts
    logs[done:] = -math.inf
    return logs


def exponent(W, y, steps, *, transient=0, activation=LOGISTIC, drive=0.0):
    """Return the largest Lyapunov exponent per step: the mean of :func:`growth` over ``steps``.

    The ``transient`` first steps are run besides and left out; a ``drive`` for every step has
    ``transient + steps`` rows. Arguments and errors are otherwise those of :func:`growth`.

    >>> W = [[2.0, 0.0], [0.0, 3.0]]  # at rest at 1/2, where f' w is 1/2 and 3/4
    >>> round(exponent(W, [0.5, 0.5], 100, transient=50, drive=[-1.0, -1.5]), 4)
    -0.2877
    """
    if isinstance(transient, bool) or not isinstance(transient, int) or transient < 0:
        raise ValueError(f"transient = {transient!r}; it must be an integer of at least 0")
    logs = growth(W, y, transient + steps, activation=activation, drive=drive)[transient:]
    return float(logs.mean()) if len(logs) else math.nan


def uniform_net(n, w_max, *, rng, biased=False):
    """Return weights (n, n) and biases (n,), drawn from [-w_max, w_max); without bias they are 0.

    ``rng`` is a ``numpy.random.Generator``. Raises ``ValueError`` for n < 1 and w_max <= 0.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"n = {n!r}; it must be an integer of at least 1")
    if not (w_max > 0 and math.isfinite(w_max)):
        raise ValueError(f"w_max = {w_max}; it must be a number above 0")
    weights, bias = np.empty(n * n), np.zeros(n)
    fill_uniform(rng, weights, -float(w_max), float(w_max))
    if biased:
        fill_uniform(rng, bias, -float(w_max), float(w_max))
    return weights.reshape(n, n), bias


def random_exponents(n, w_max, nets, steps, *, rng, transient=100, biased=False, **activation):
    """Return the exponents of ``nets`` nets with weights from [-w_max, w_max), shape (nets,).

    Each starts from random activations in [0, 1). Keywords and errors are those of
    :func:`uniform_net` and :func:`exponent`.
    """
    values = np.empty(nets)
    for k in range(nets):
        W, bias = uniform_net(n, w_max, rng=rng, biased=biased)
        options = {"transient": transient, "drive": bias, **activation}
        values[k] = exponent(W, rng.random(n), steps, **options)
    return values


@allocating
def _noisy(columns, start, first, bias, kind, noise, rng, states):
    """Run the net from ``start`` with fresh noise; run r reads ``first[r % 2]`` in its first step.

    ``states`` (steps, runs, n) takes the activations.
    """
    steps, runs, n = states.shape
    net, y = np.empty(n), np.empty(n)
    for r in range(runs):
        for i in range(n):
            y[i] = start[i]
        for t in range(steps):
            for i in range(n):
                net[i] = bias[i] + noise * (2.0 * rng.random() - 1.0)
                if t == 0:
                    net[i] += first[r % 2, i]
            for j in range(n):
                for i in range(n):
                    net[i] += columns[j, i] * y[j]
            _activate(net, kind, y)
            for i in range(n):
                states[t, r, i] = y[i]


def storage(W, inputs, steps, *, noise, rng, runs=200, activation=LOGISTIC, bias=0.0, start=0.0):
    """Return how often it can be told which of two inputs came first, after 1 .. ``steps`` steps.

    The net is reset to ``start``, reads one row of ``inputs`` (2, n) in its first step and then
    nothing but noise: every net input gets a number drawn from [-sqrt(3) noise, sqrt(3) noise) in
    every step, whose standard deviation is ``noise``. Half of the runs give the mean activations
    for each input and step, the other half is assigned to the nearer mean. The result (steps,) is
    the share that is assigned rightly: 1 is stored, 1/2 is lost (a draw counts 1/2). ``bias`` and
    ``start`` are numbers or (n,). Costs O(runs steps n^2). Raises ``ValueError`` for what does not
    fit, noise < 0, runs that are not a multiple of 4, and activations that overflow.
    """
    W, rows, kind = _net(W, bias, activation, steps)
    n = len(W)
    inputs = np.array(inputs, dtype=np.float64)
    if inputs.shape != (2, n):
        raise ValueError(f"inputs has shape {inputs.shape}; it must be (2, {n}), one for each case")
    for name, value in (("bias", bias), ("start", start)):
        if np.shape(value) not in ((), (n,)):
            shape = np.shape(value)
            raise ValueError(f"{name} {shape} does not fit; it must be a number or ({n},)")
    if not (noise >= 0 and math.isfinite(noise)):
        raise ValueError(f"noise = {noise}; it must be a number of at least 0")
    if runs < 4 or runs % 4:
        raise ValueError(f"runs = {runs}; it must be a multiple of 4: two inputs, fit and score")
    start = np.array(np.broadcast_to(start, (n,)), dtype=np.float64)
    states = np.empty((steps, runs, n))
    columns, amplitude = np.ascontiguousarray(W.T), math.sqrt(3.0) * noise
    _noisy(columns, start, inputs, rows[0], kind, amplitude, rng, states)
    overflown = ~(np.abs(states).max(axis=(1, 2)) < 1e100)
    if overflown.any():
        raise ValueError(f"activations overflow after {overflown.argmax() + 1} steps; take fewer")
    cases = states.reshape(steps, 2, runs // 4, 2, n)  # step, half, run, input, unit
    means = cases[:, 0].mean(axis=1)
    difference, middle = means[:, 1] - means[:, 0], means.mean(axis=1)
    side = ((cases[:, 1] - middle[:, None, None]) * difference[:, None, None]).sum(axis=-1)
    right = 0.5 * (1.0 + np.sign(side) * np.array([-1.0, 1.0]))
    return right.mean(axis=(1, 2))
