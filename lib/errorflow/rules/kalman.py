"""Kalman filter training: the weights are a state to be estimated, each target a measurement of it.

G. V. Puskorius and L. A. Feldkamp, IEEE Trans. Neural Networks 5(2), 1994. The global filter keeps
the covariance of all weights, the decoupled one only those of weights into the same unit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.loss import Loss
from errorflow.core.numerics import assign
from errorflow.core.sequences import input_at
from errorflow.nets import Net, back_read, copy, output_size, state_size, zeros_like
from errorflow.rules.covariance import invert, shrink
from errorflow.rules.forward import respond
from errorflow.rules.rtrl import carry

EXACT = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
"""With it the backward step of an output takes its true slope."""


class Kalman(NamedTuple):
    """The extended Kalman filter for any net, with an update after every step that has a target.

    Weights ``order[start[g]:start[g + 1]]`` are group g; its covariance P_g is kept, row by row,
    from ``P[at[g]]`` on. ``H`` (O, W) holds dy_k / dw. ``D`` (2, state, W) are the dynamic
    derivatives of the state, as in RTRL, the earlier ones scaled by the discount ``gamma`` at each
    step. ``B`` (O, W) is H P with the weights in the order of the groups, and ``A`` (O, O) the
    inverse of R + sum_g H_g P_g H_g^T.
    """

    gamma: float
    R: float
    Q: float
    order: np.ndarray
    start: np.ndarray
    at: np.ndarray
    P: np.ndarray
    H: np.ndarray
    D: np.ndarray
    B: np.ndarray
    C: np.ndarray
    A: np.ndarray
    states: np.ndarray
    y: np.ndarray
    xi: np.ndarray
    errors: np.ndarray
    e: np.ndarray
    J: np.ndarray
    change: NamedTuple

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        """See :func:`errorflow.rules.learn`; the loss decides where and what the targets are."""
        before, state, D, D_next = rule.states[0], rule.states[1], rule.D[0], rule.D[1]
        before[:] = 0.0
        D[:] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            wrong_at_end, more = respond(
                net, sequence, t, steps, loss, before, state, state, rule.y, rule.xi
            )
            for i in range(len(D)):
                for w in range(D.shape[1]):
                    D[i, w] *= rule.gamma
            carry(net, x, before, state, D, D_next, rule.J, rule.e, rule.change)
            wrong += wrong_at_end
            squared += more
            if more > 0.0:  # there is a target
                differentiate(rule, net, x, state, D_next)
                update(rule, net.w)
            before, state = state, before
            D, D_next = D_next, D
        return wrong, wrong_at_end, squared


@inline
def differentiate(rule, net, x, state, D):
    """Fill ``rule.H`` with the derivatives of the outputs: an error of 1 goes back from each."""
    errors, e, change, H = rule.errors, rule.e, rule.change, rule.H
    for k in range(len(errors)):
        errors[:] = 0.0
        errors[k] = 1.0
        e[:] = 0.0
        change.w[:] = 0.0
        back_read(net, x, state, rule.y, errors, EXACT, change, e)
        assign(H[k], change.w)
        for i in range(len(e)):
            if e[i] != 0.0:
                for w in range(H.shape[1]):
                    H[k, w] += e[i] * D[i, w]


@inline
def update(rule, w):
    """Change the weights and all P_g: w += P H^T A xi, P_g -= P_g H_g^T A H_g P_g - Q."""
    order, start, H, A, B, C, xi = rule.order, rule.start, rule.H, rule.A, rule.B, rule.C, rule.xi
    O = len(xi)
    B[:] = 0.0
    for g in range(len(start) - 1):
        a, b, at = start[g], start[g + 1], rule.at[g]
        for k in range(O):
            for c in range(a, b):
                h = H[k, order[c]]
                if h != 0.0:
                    row = rule.P[at + (c - a) * (b - a) : at + (c - a + 1) * (b - a)]
                    for r in range(b - a):
                        B[k, a + r] += row[r] * h
    A[:] = 0.0
    for k in range(O):
        for c in range(len(order)):
            h = H[k, order[c]]
            if h != 0.0:
                for m in range(k + 1):
                    A[k, m] += h * B[m, c]
        A[k, k] += rule.R
    invert(A)
    for k in range(O):
        gain = 0.0
        for m in range(O):
            gain += A[k, m] * xi[m]
        for c in range(len(order)):
            w[order[c]] += B[k, c] * gain
    for g in range(len(start) - 1):
        a, b = start[g], start[g + 1]
        P = rule.P[rule.at[g] : rule.at[g + 1]].reshape((b - a, b - a))
        shrink(P, A, B[:, a:b], C[:, a:b])
        for r in range(b - a):
            P[r, r] += rule.Q


def by_unit(net):
    """Return the groups of the decoupled filter: the weights into each unit, as indices of ``w``.

    >>> from errorflow.nets.layered import layered
    >>> [len(group) for group in by_unit(layered(5, 2, 5))]
    [7, 7, 7, 7, 7, 7, 7]
    """
    numbers = copy(net)
    numbers.w[:] = np.arange(len(net.w))
    rows = []
    for field in numbers:
        if isinstance(field, np.ndarray) and field is not numbers.w:
            rows += [np.atleast_1d(row).astype(np.int64) for row in field]
    return rows


def kalman(
    net: Net,
    groups: Sequence[np.ndarray] | None = None,
    *,
    gamma: float = 1.0,
    initial_p: float = 100.0,
    R: float = 1.0,
    Q: float = 0.0,
) -> Kalman:
    """Return :class:`Kalman` with a workspace for ``net``; without ``groups``, the global filter.

    ``groups`` are arrays of indices of ``net.w`` that name each weight once. P_g begins as
    ``initial_p`` times the identity; ``R`` and ``Q`` times the identity are the covariances of the
    noise of targets and weights. Raises ``ValueError`` for values that make no filter.
    """
    W, outputs, size = len(net.w), output_size(net), state_size(net)
    groups = [np.arange(W)] if groups is None else list(groups)
    order = np.concatenate(groups)
    if not np.array_equal(np.sort(order), np.arange(W)):
        raise ValueError(f"{len(groups)} groups name {len(order)} weights; each of {W} once")
    for name, value, least in (("initial_p", initial_p, True), ("R", R, True), ("Q", Q, False)):
        if not (value > 0.0 if least else value >= 0.0):
            raise ValueError(f"{name} = {value}; it must be {'above' if least else 'at least'} 0")
    if not 0.0 <= gamma <= 1.0:
        raise ValueError(f"gamma = {gamma}; the discount must lie in [0, 1]")
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    start, at = (np.concatenate(([0], np.cumsum(s))) for s in (sizes, sizes**2))
    return Kalman(
        float(gamma),
        float(R),
        float(Q),
        order,
        start,
        at,
        np.concatenate([initial_p * np.eye(s).ravel() for s in sizes]),
        np.zeros((outputs, W)),
        np.zeros((2, size, W)),
        np.zeros((outputs, W)),
        np.zeros((outputs, W)),
        np.zeros((outputs, outputs)),
        np.zeros((2, size)),
        np.zeros(outputs),
        np.zeros(outputs),
        np.zeros(outputs),
        np.zeros(size),
        np.zeros((size, size)),
        zeros_like(net),
    )
