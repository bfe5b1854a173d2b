"""Kalman filter training: the weights are a state to be estimated, each target a measurement of it.

G. V. Puskorius and L. A. Feldkamp, IEEE Trans. Neural Networks 5(2), 1994. The global filter keeps
the covariance of all weights, the decoupled one only those of weights into the same unit.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.checks import whole_numbers
from errorflow.core.compiled import inline
from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.loss import Loss
from errorflow.core.numerics import assign
from errorflow.core.options import SHARE, NotNegative, Positive
from errorflow.core.sequences import input_at
from errorflow.nets import Net, back_read, check_offers, copy, output_size, state_size, zeros_like
from errorflow.rules.covariance import invert, shrink
from errorflow.rules.forward import respond
from errorflow.rules.rtrl import carry

EXACT = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
"""With it the backward step of an output takes its true slope."""


@fitting(
    "(self.start[1:] >= self.start[:-1]).all()",
    "(self.at[1:] - self.at[:-1] == (self.start[1:] - self.start[:-1]) ** 2).all()",
)
class Kalman(NamedTuple):
    """The extended Kalman filter for any net, with an update after every step that has a target.

    Weights ``order[start[g]:start[g + 1]]`` are group g; its covariance P_g is kept, row by row,
    from ``P[at[g]]`` on. ``H`` (O, W) holds dy_k / dw. ``D`` (2, state, W) are the dynamic
    derivatives of the state, as in RTRL, the earlier ones scaled by the discount ``gamma`` at each
    step. ``B`` (O, W) is H P with the weights in the order of the groups, and ``A`` (O, O) the
    inverse of R + sum_g H_g P_g H_g^T.
    """

    gamma: Annotated[float, SHARE]
    R: Positive
    Q: NotNegative
    order: Annotated[np.ndarray, "W", Within("0 .. W - 1")]
    start: Annotated[np.ndarray, "g", Within("0 .. W")]
    at: Annotated[np.ndarray, "g", Within("0 .. p")]
    P: Annotated[np.ndarray, "p"]
    H: Annotated[np.ndarray, "O, W"]
    D: Annotated[np.ndarray, "2, S, W"]
    B: Annotated[np.ndarray, "O, W"]
    C: Annotated[np.ndarray, "O, W"]
    A: Annotated[np.ndarray, "O, O"]
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]
    xi: Annotated[np.ndarray, "O"]
    errors: Annotated[np.ndarray, "O"]
    e: Annotated[np.ndarray, "S"]
    J: Annotated[np.ndarray, "S, S"]
    change: Annotated[NamedTuple, "net"]

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


@guarded
def by_unit(net: Net) -> list[np.ndarray]:
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


@guarded
def kalman(
    net: Net,
    groups: Sequence[np.ndarray] | None = None,
    *,
    gamma: Annotated[float, SHARE] = 1.0,
    initial_p: Positive = 100.0,
    R: Positive = 1.0,
    Q: NotNegative = 0.0,
) -> Kalman:
    """Return :class:`Kalman` with a workspace for ``net``; without ``groups``, the global filter.

    ``groups`` are arrays of indices of ``net.w`` that name each weight once. P_g begins as
    ``initial_p`` times the identity; ``R`` and ``Q`` times the identity are the covariances of the
    noise of targets and weights. Raises ``ValueError`` for values that make no filter.
    """
    check_offers(net, "back_read", "back_step")
    W, outputs, size = len(net.w), output_size(net), state_size(net)
    if groups is None:
        groups = [np.arange(W)]
    groups = [whole_numbers("a group", group) for group in groups]
    order = np.concatenate([np.arange(0), *groups])
    if not np.array_equal(np.sort(order), np.arange(W)):
        raise ValueError(f"{len(groups)} groups name {len(order)} weights; each of {W} once")
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    start, at = (np.concatenate(([0], np.cumsum(s))) for s in (sizes, sizes**2))
    return Kalman(
        gamma,
        R,
        Q,
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
