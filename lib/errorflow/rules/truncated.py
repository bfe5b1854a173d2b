"""The 1997 rule for memory cells: the gradient, truncated where it would leave a cell or gate.

Appendix A.1 of the 1997 paper: errors reach the net inputs of cells and gates and go no further
back, except inside the cells, where they stay as they are. What must be remembered is one
derivative of ``s`` a weight into cells and input gates, whatever the length of the sequence.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline, specialise, types
from errorflow.core.entries import fitting, guarded
from errorflow.core.loss import compare, has_target
from errorflow.core.numerics import assign, credit, dot_column, spell
from errorflow.core.options import NotNegative
from errorflow.core.sequences import input_at
from errorflow.nets import output_size, read, state_size, step, zeros_like
from errorflow.nets.lstm import MemoryCells
from errorflow.nets.units import squash_slope


@fitting(nets=(MemoryCells,))
class Truncated(NamedTuple):
    """Truncated learning for :class:`~errorflow.nets.lstm.MemoryCells`.

    ``D_cell`` and ``D_in`` (S, I + R) and ``D_bias`` (S,) hold d s / d w by the weights into the
    cell, into its input gate and by the gate's bias. Weights change after every step, or with
    ``per_step`` False at the end of a sequence (``change`` collects them). ``seen`` (I + R,) is
    what a row of the hidden matrix is multiplied with: the inputs, and the recurrent
    activations.
    """

    alpha: NotNegative
    per_step: bool
    reset: bool
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, ">= O"]
    errors: Annotated[np.ndarray, "O"]
    D_cell: Annotated[np.ndarray, "blocks * size, M"]
    D_in: Annotated[np.ndarray, "blocks * size, M"]
    D_bias: Annotated[np.ndarray, "blocks * size"]
    e: Annotated[np.ndarray, "blocks * size"]
    seen: Annotated[np.ndarray, "M"]
    change: Annotated[NamedTuple, "net"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
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
            x = input_at(sequence, t)
            step(net, x, before, state)
            if not has_target(loss, sequence, t, steps):
                remember(rule, net, x, before, state)
                before, state = state, before
                continue
            read(net, x, state, y)
            wrong_at_end, more = compare(loss, sequence, t, steps, y, errors)
            wrong += wrong_at_end
            squared += more
            if rule.per_step:
                spread(rule, net, net, x, before, state, loss)
            else:
                spread(rule, net, change, x, before, state, loss)
            before, state = state, before
        if not rule.per_step:
            for w in range(len(net.w)):
                net.w[w] += change.w[w]
        if not rule.reset and steps % 2:
            assign(rule.states[0], before)
        return wrong, wrong_at_end, squared


@inline
def remember(rule, net, x, before, state):
    """Carry the derivatives of ``s`` over a step without an error: eqs. (25) and (27)."""
    D_cell, D_in, I, B, size = rule.D_cell, rule.D_in, net.inputs, net.blocks, net.size
    S, R = B * size, D_cell.shape[1] - I
    g = net.hidden.shape[0] + S
    for j in range(B):
        y_in = state[S + j]
        for v in range(j * size, (j + 1) * size):
            by_cell = squash_slope(net.g, state[g + v]) * y_in
            by_gate = state[g + v] * (y_in * (1.0 - y_in))
            credit(D_cell, v, x, by_cell)
            credit(D_in, v, x, by_gate)
            for m in range(R):
                D_cell[v, I + m] += by_cell * before[m]
            for m in range(R):
                D_in[v, I + m] += by_gate * before[m]
            rule.D_bias[v] += by_gate


@inline
def spread(rule, net, into, x, before, state, loss):
    """Add the weight changes of a step with an error to ``into``: eqs. (19) to (28).

    ``into`` may be the net itself: what a weight is needed for comes before its change.
    """
    alpha, theta, e, seen, I = rule.alpha, rule.errors, rule.e, rule.seen, net.inputs
    B, size, hidden, D_cell, D_in = net.blocks, net.size, into.hidden, rule.D_cell, rule.D_in
    O, S, (n, M) = len(theta), B * size, hidden.shape
    g, h, gated, recurrent = n + S, n + 2 * S, n > S + B, M > I
    first, y, slope, offset = net.output.shape[1] - S, rule.y, loss.slope, loss.offset
    for k in range(O):
        theta[k] *= slope * (y[k] * (1.0 - y[k])) + offset
    for v in range(S):
        e[v] = dot_column(net.output, first + v, theta, O)
        y_c = state[v]
        for k in range(O):
            into.output[k, first + v] += alpha * (theta[k] * y_c)
    if first:
        for k in range(O):
            credit(into.output, k, x, alpha * theta[k])
    if recurrent:
        spell(x, I, seen)
        for m in range(M - I):
            seen[I + m] = before[m]
    for j in range(B):
        y_in, y_out, e_out = state[S + j], state[S + B + j] if gated else 1.0, 0.0
        for v in range(j * size, (j + 1) * size):
            e_out += e[v] * state[h + v]
            e_s = alpha * (e[v] * y_out * squash_slope(net.h, state[h + v]))
            by_cell = squash_slope(net.g, state[g + v]) * y_in
            by_gate = state[g + v] * (y_in * (1.0 - y_in))
            if recurrent:
                for m in range(M):
                    D_cell[v, m] += by_cell * seen[m]
                    hidden[v, m] += e_s * D_cell[v, m]
                for m in range(M):
                    D_in[v, m] += by_gate * seen[m]
                    hidden[S + j, m] += e_s * D_in[v, m]
            else:
                use(D_cell, v, by_cell, x, hidden, v, e_s)
                use(D_in, v, by_gate, x, hidden, S + j, e_s)
            rule.D_bias[v] += by_gate
            if len(net.bias):
                into.bias[j] += e_s * rule.D_bias[v]
        if gated:
            change = alpha * (e_out * (y_out * (1.0 - y_out)))
            for m in range(M):
                hidden[S + B + j, m] += change * seen[m]
            if len(net.bias):
                into.bias[B + j] += change


def use(D, v, by, x, W, r, e):
    """Add ``by`` times what was seen, ``x``, to row v of ``D``, then ``e`` times that to W's r."""
    by_kind = _use_symbol if np.ndim(x) == 0 else _use_vector
    by_kind(D, v, by, x, W, r, e)


@specialise(use)
def _use(D, v, by, x, W, r, e):
    return _use_vector if isinstance(x, types.Array) else _use_symbol


def _use_vector(D, v, by, x, W, r, e):
    for m in range(len(x)):
        d = D[v, m] + by * x[m]
        D[v, m] = d
        W[r, m] += e * d


def _use_symbol(D, v, by, x, W, r, e):
    w = W[r, x]
    for m in range(D.shape[1]):
        W[r, m] += e * D[v, m]
    D[v, x] += by
    W[r, x] = w + e * D[v, x]


@guarded
def truncated(
    net: MemoryCells, alpha: NotNegative, *, per_step: bool = True, reset: bool = True
) -> Truncated:
    """Return :class:`Truncated` with a workspace for ``net``."""
    outputs, S, columns = output_size(net), net.blocks * net.size, net.hidden.shape[1]
    return Truncated(
        alpha,
        per_step,
        reset,
        np.zeros((2, state_size(net))),
        np.zeros(-(-outputs // 8) * 8),  # a multiple of 8 goes through the logistic in vectors
        np.zeros(outputs),
        np.zeros((S, columns)),
        np.zeros((S, columns)),
        np.zeros(S),
        np.zeros(S),
        np.zeros(columns),
        zeros_like(net),
    )
