"""Section 2's error flow of many nets at once: a kernel that gives the same bits on every machine.

Nets of more than a few units are chaotic where their weights are large, so that a last bit that
differs in a library's matrix product changes the slopes a few dozen steps later. Here every sum
runs in a fixed order. :mod:`errorflow.flow.factor` has the same computation for one net, in the
open.
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.options import ANY
from errorflow.flow.activations import LOGISTIC, Activation, activate, check_activation, slope_at
from errorflow.flow.factor import TINY, log_flow


@kernel
def _log_flows(W, start, scales, kind, u, v, slopes, logs, lost):
    """Write log |factor| into ``logs`` (nets, scales, q); where it is 0 they are left alone.

    The factors to all units have one scale: where one may be ``lost`` (nets, scales) beside larger
    ones it is said. ``slopes`` (q, n, scales) are in the end those of the last net.
    """
    nets, many, q = logs.shape
    n = W.shape[1]
    y, carried, factor = np.empty((n, many)), np.empty((n, many)), np.empty((n, many))
    for net in range(nets):
        for i in range(n):
            for c in range(many):
                y[i, c] = start[net, i]
        for m in range(q - 1, -1, -1):  # forward: the last step is one step back
            for i in range(n):
                for c in range(many):
                    carried[i, c] = 0.0
                for j in range(n):
                    w = W[net, i, j]
                    for c in range(many):
                        carried[i, c] += w * y[j, c]
            for i in range(n):
                for c in range(many):
                    x = scales[c] * carried[i, c]
                    y[i, c] = activate(kind, x)
                    slopes[m, i, c] = slope_at(kind, x)
        for c in range(many):
            for i in range(n):
                carried[i, c] = W[net, u, i]
        log, alive = np.zeros(many), np.ones(many, dtype=np.bool_)
        for m in range(q):
            for c in range(many):
                largest = 0.0
                for i in range(n):
                    factor[i, c] = slopes[m, i, c] * scales[c] * carried[i, c]
                    largest = max(largest, abs(factor[i, c]))
                if largest == 0.0 and alive[c]:
                    alive[c] = False
                    for i in range(n):
                        lost[net, c] |= slopes[m, i, c] != 0.0
                if largest > 0.0:
                    small = largest < TINY
                    for i in range(n):
                        factor[i, c] /= largest
                        small |= abs(factor[i, c]) < TINY and slopes[m, i, c] != 0.0
                    lost[net, c] |= small
                    log[c] += math.log(largest)
                    if factor[v, c] != 0.0:
                        logs[net, c, m] = log[c] + math.log(abs(factor[v, c]))
            for j in range(n):
                for c in range(many):
                    carried[j, c] = 0.0
            for i in range(n):
                for j in range(n):
                    w = W[net, i, j]
                    for c in range(many):
                        carried[j, c] += factor[i, c] * w


@guarded
def log_flows(
    W: ArrayLike,
    start: ArrayLike,
    scales: ArrayLike,
    q: int,
    *,
    activation: Activation = LOGISTIC,
    u: Annotated[int, ANY] = 0,
    v: Annotated[int, ANY] = -1,
) -> np.ndarray:
    """Return ``log |factor|`` from ``u`` to ``v`` over 1 .. q steps of every net at every scale.

    ``W`` is (nets, n, n), ``start`` (nets, n) the activations before the first step, ``scales``
    (s,) what the weights of all nets are multiplied by; the result is (nets, s, q). A net runs
    for each q the same ``q`` last steps of one trajectory, without bias or input, as
    :func:`errorflow.flow.forward.trajectory` does; the factors are those of eq. (1). One that is 0
    gives -inf. Raises ``ValueError`` for shapes that do not fit, q < 1 and unknown activations.

    >>> from errorflow.flow.activations import RELU
    >>> log_flows([[[1.0]]], [[0.0]], [4.0], 2, activation=RELU)
    array([[[-inf, -inf]]])
    """
    W, start, scales = (
        np.array(real_array(name, values), order="C")
        for name, values in (("W", W), ("start", start), ("scales", scales))
    )
    if W.ndim != 3 or W.shape[1] != W.shape[2] or start.shape != W.shape[:2] or scales.ndim != 1:
        raise ValueError(
            f"W {W.shape}, start {start.shape} and scales {scales.shape} do not fit; they must be "
            "(nets, n, n), (nets, n) and (s,)"
        )
    check_activation(activation)
    n = W.shape[1]
    for name, unit in (("u", u), ("v", v)):
        if not -n <= unit < n:
            raise ValueError(f"{name} = {unit} is no unit; there are {n}")
    logs, lost = np.full((len(W), len(scales), q), -np.inf), np.zeros((len(W), len(scales)), bool)
    slopes, units = np.empty((q, n, len(scales))), (activation.kind, u % n, v % n)
    _log_flows(W, start, scales, *units, slopes, logs, lost)
    for net in np.flatnonzero(lost.any(axis=1)):  # once more, each factor with a scale of its own
        one, again = slice(net, net + 1), np.empty((1, *logs.shape[1:]))
        _log_flows(W[one], start[one], scales, *units, slopes, again, lost[one])
        for c in np.flatnonzero(lost[net]):
            exact = log_flow(scales[c] * W[net], slopes[..., c], u % n)[1][:, v % n]
            same = np.isclose(logs[net, c], exact, rtol=1e-9, atol=1e-9)
            logs[net, c] = np.where(same, logs[net, c], exact)
    return logs
