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
    S, B, I = net.cell.shape[0], net.gate_in.shape[0], net.inputs
    y_in, g = 2 * S, 2 * S + B + net.gate_out.shape[0]
    R = net.cell.shape[1] - I
    for v in range(S):
        gate = state[y_in + v // (S // B)]
        by_cell = squash_slope(net.g, state[g + v]) * gate
        by_gate = state[g + v] * (gate * (1.0 - gate))
        rule.D_cell[v, x] += by_cell
        rule.D_in[v, x] += by_gate
        for m in range(R):
            rule.D_cell[v, I + m] += by_cell * before[S + m]
            rule.D_in[v, I + m] += by_gate * before[S + m]
        rule.D_bias[v] += by_gate


@inline
def spread(rule, net, into, alpha, x, before, state, loss):
    """Add the step's weight changes to ``into``, times ``alpha``: eqs. (19) to (23), (26), (28)."""
    O, S, B, I = len(rule.y), net.cell.shape[0], net.gate_in.shape[0], net.inputs
    y_out, h = 2 * S + B, 3 * S + B + net.gate_out.shape[0]
    y, theta, e = rule.y, rule.errors, rule.e
    first = net.output.shape[1] - S
    for k in range(O):
        theta[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
    if first:
        for k in range(O):
            into.output[k, x] += alpha * theta[k]
    for v in range(S):
        for k in range(O):
            y[k] = net.output[k, first + v] * theta[k]
            into.output[k, first + v] += alpha * (theta[k] * state[S + v])
        e[v] = tree_sum(y, O)
    for j in range(B):
        size = S // B
        if len(net.gate_out):
            gate, total = state[y_out + j], 0.0
            for v in range(j * size, (j + 1) * size):
                total += e[v] * state[h + v]
                e[v] *= gate
            change = alpha * (total * (gate * (1.0 - gate)))
            into.gate_out[j, x] += change
            for m in range(net.gate_out.shape[1] - I):
                into.gate_out[j, I + m] += change * before[S + m]
            if len(net.bias_out):
                into.bias_out[j] += change
        for v in range(j * size, (j + 1) * size):
            e_s = alpha * (e[v] * squash_slope(net.h, state[h + v]))
            for m in range(net.cell.shape[1]):
                into.cell[v, m] += e_s * rule.D_cell[v, m]
                into.gate_in[j, m] += e_s * rule.D_in[v, m]
            if len(net.bias_in):
                into.bias_in[j] += e_s * rule.D_bias[v]


def truncated(net, alpha, *, per_step=True, reset=True):
    """Return :class:`Truncated` with a workspace for ``net``."""
    outputs, (S, columns) = output_size(net), net.cell.shape
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
