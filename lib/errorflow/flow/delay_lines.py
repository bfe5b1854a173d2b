"""Error flow through delay lines: measured in any net, and what theory says of a single unit."""

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.options import Count
from errorflow.core.sequences import Series
from errorflow.flow.unrolled import run
from errorflow.nets import Net, back_step, check_shown, state_size, zeros_like


@guarded
def flow_back(net: Net, inputs: ArrayLike, units: int) -> np.ndarray:
    """Return the flow (T, units, units) of a net that is shown ``inputs`` (T, I).

    Entry [q, j, i] is d y_i(T) / d y_j(T - q), along all ways through the delay lines; the first
    ``units`` entries of the net's state are the activations y.
    """
    inputs = real_array("inputs", inputs)
    if inputs.ndim != 2 or not len(inputs):
        raise ValueError(f"inputs has shape {inputs.shape}; it must be (T, I)")
    sizes = check_shown(net, Series(inputs, np.zeros(1)), len(inputs), "step", "back_step")
    if units > sizes["S"]:
        raise ValueError(f"units = {units}; the state has {sizes['S']} entries")
    T, size = len(inputs), state_size(net)
    states, e = np.zeros((T + 1, size)), np.zeros((2, size))
    flow = np.zeros((T, units, units))
    _flow_back(net, inputs, zeros_like(net), states, e, flow)
    return flow


@kernel
def _flow_back(net, inputs, change, states, e, flow):
    T, units = flow.shape[0], flow.shape[1]
    run(net, inputs, states)
    for i in range(units):
        now, before = e[0], e[1]
        now[:] = 0.0
        now[i] = 1.0
        for q in range(T):
            for j in range(units):
                flow[q, j, i] = now[j]
            back_step(net, inputs[T - 1 - q], states[T - 1 - q], states[T - q], now, change, before)
            now, before = before, now


def decay(gains: ArrayLike) -> float:
    """Return the factor a step by which an error decays in the end, or grows.

    ``gains`` (D,) are f' w_r, r = 1 .. D, of one unit at rest. The factor is the largest |z| with
    z^D = sum over r of gains_r z^(D-r).

    >>> round(decay([0.0, 0.0, 0.125]), 12)
    0.5
    """
    gains = real_array("gains", gains)
    if gains.ndim != 1 or not gains.any():
        raise ValueError(f"gains = {gains}; they must be a vector of numbers, not all of them 0")
    return float(np.abs(np.roots([1.0, *np.negative(gains)])).max())


@guarded
def resting(total: float) -> float:
    """Return the activation x > 0 with x = tanh(``total`` x); ``total`` must exceed 1.

    >>> round(resting(1.25), 4)
    0.7104
    """
    if not total > 1.0:
        raise ValueError(f"total = {total}; a tanh unit latches if it is more than 1")
    x = 1.0
    for _ in range(10_000):
        x, last = float(np.tanh(total * x)), x
        if x == last:
            break
    return x


@guarded
def impulse_response(k: Count, mu: float, n: int) -> np.ndarray:
    """Return what tap ``k`` of a gamma memory holds 0 .. ``n`` - 1 steps after an impulse.

    That is C(m-1, k-1) mu^k (1-mu)^(m-k) after m steps; tap 0 is the signal itself.
    """
    taps = np.zeros(k + 1)
    response = np.zeros(n)
    for m in range(n):
        taps[1:] = (1.0 - mu) * taps[1:] + mu * taps[:-1]
        taps[0] = float(m == 0)
        response[m] = taps[k]
    return response
