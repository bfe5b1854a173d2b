"""The 1997 rule for memory cells: the gradient, truncated where it would leave a cell or gate.

Appendix A.1 of the 1997 paper: errors reach the net inputs of cells and gates and go no further
back, except inside the cells, where they stay as they are. What must be remembered is one
derivative of ``s`` a weight into cells and input gates, whatever the length of the sequence.
"""

from typing import NamedTuple

import numpy as np

from errorflow.compiled import inline
from errorflow.nets import output_size, read, state_size, step, zeros_like
from errorflow.nets.lstm import squash_slope
from errorflow.numerics import tree_sum
from errorflow.rules import compare


class Truncated(NamedTuple):
    """Truncated learning for :class:`~errorflow.nets.lstm.MemoryCells`.

    ``D_cell`` and ``D_in`` (S, I + R) and ``D_bias`` (S,) hold d s / d w by the weights into the
    cell, into its input gate and by the gate's bias. Weights change after every step, or with
    ``per_step`` False at the end of a sequence (``change`` collects them).
    """

    alpha: float
    per_step: bool
    reset: bool
    states: np.ndarray
    y: np.ndarray
    errors: np.ndarray
    D_cell: np.ndarray
    D_in: np.ndarray
    D_bias: np.ndarray
    e: np.ndarray
    change: NamedTuple

    @staticmethod
    def learn(rule, net, symbols, steps, loss):
        """See :func:`errorflow.rules.learn`."""
        before, state = rule.states[0], rule.states[1]
        y, errors, change = rule.y, rule.errors, rule.change
        if rule.reset:
            before[:] = 0.0
            rule.D_cell[:] = 0.0
            rule.D_in[:] = 0.0
            rule.D_bias[:] = 0.0
        if not rule.per_step:
            change.w[:] = 0.0
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = symbols[t]
            step(net, x, before, state)
            read(net, x, state, y)
            wrong_at_end, more = compare(loss, symbols[t + 1], y, errors)
            wrong += wrong_at_end
            squared += more
            remember(rule, net, x, before, state)
            if rule.per_step:
                spread(rule, net, net, rule.alpha, x, before, state, loss)
            else:
                spread(rule, net, change, rule.alpha, x, before, state, loss)
            before, state = state, before
        if not rule.per_step:
            for w in range(len(net.w)):
                net.w[w] += change.w[w]
        if not rule.reset and steps % 2:
            rule.states[0, :] = before
        return wrong, wrong_at_end, squared


@inline
def remember(rule, net, x, before, state):
    """Carry the derivatives of ``s`` one step on: eqs. (25) and (27)."""
    D_cell, D_in, I, B, size = rule.D_cell, rule.D_in, net.inputs, net.blocks, net.size
    S, R = B * size, D_cell.shape[1] - I
    g = net.hidden.shape[0] + S
    for j in range(B):
        gate = state[S + j]
        for v in range(j * size, (j + 1) * size):
            by_cell = squash_slope(net.g, state[g + v]) * gate
            by_gate = state[g + v] * (gate * (1.0 - gate))
            D_cell[v, x] += by_cell
            D_in[v, x] += by_gate
            for m in range(R):
                D_cell[v, I + m] += by_cell * before[m]
            for m in range(R):
                D_in[v, I + m] += by_gate * before[m]
            rule.D_bias[v] += by_gate


@inline
def spread(rule, net, into, alpha, x, before, state, loss):
    """Add the step's weight changes to ``into``, times ``alpha``: eqs. (19) to (23), (26), (28)."""
    hidden, y, theta, e = into.hidden, rule.y, rule.errors, rule.e
    O, I, B, size = len(y), net.inputs, net.blocks, net.size
    S, (n, M) = B * size, hidden.shape
    first, h = net.output.shape[1] - S, n + 2 * S
    for k in range(O):
        theta[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
    if first:
        for k in range(O):
            into.output[k, x] += alpha * theta[k]
    for v in range(S):
        for k in range(O):
            y[k] = net.output[k, first + v] * theta[k]
            into.output[k, first + v] += alpha * (theta[k] * state[v])
        e[v] = tree_sum(y, O)
    for j in range(B):
        gate, total = state[S + B + j] if n > S + B else 1.0, 0.0
        for v in range(j * size, (j + 1) * size):
            total += e[v] * state[h + v]
            e_s = alpha * (e[v] * gate * squash_slope(net.h, state[h + v]))
            for m in range(M):
                hidden[v, m] += e_s * rule.D_cell[v, m]
            for m in range(M):
                hidden[S + j, m] += e_s * rule.D_in[v, m]
            if len(net.bias):
                into.bias[j] += e_s * rule.D_bias[v]
        if n > S + B:
            change = alpha * (total * (gate * (1.0 - gate)))
            hidden[S + B + j, x] += change
            for m in range(M - I):
                hidden[S + B + j, I + m] += change * before[m]
            if len(net.bias):
                into.bias[B + j] += change


def truncated(net, alpha, *, per_step=True, reset=True):
    """Return :class:`Truncated` with a workspace for ``net``."""
    outputs, S, columns = output_size(net), net.blocks * net.size, net.hidden.shape[1]
    return Truncated(
        float(alpha),
        bool(per_step),
        bool(reset),
        np.zeros((2, state_size(net))),
        np.zeros(outputs),
        np.zeros(outputs),
        np.zeros((S, columns)),
        np.zeros((S, columns)),
        np.zeros(S),
        np.zeros(S),
        zeros_like(net),
    )
