"""Long Short-Term Memory as of 1997: memory cells in blocks behind input and output gates.

The net of Table 1 has both gates, recurrent connections among cells and gates, and gate biases;
its outputs see the cells alone. The net of Table 2 has one cell and its input gate, no recurrent
connections and no biases; its outputs see the inputs too.
"""

from typing import NamedTuple

import numpy as np

from errorflow.compiled import inline
from errorflow.nets import check_size, describe, matrices
from errorflow.numerics import logistic, tree_sum


class Squash(NamedTuple):
    """A logistic function scaled to [``low``, ``high``], or the identity."""

    low: float
    high: float
    identity: bool = False


@inline
def squash(f, x):
    """Return f(x)."""
    return x if f.identity else f.low + (f.high - f.low) * logistic(x)


@inline
def squash_slope(f, y):
    """Return f'(x) from y = f(x)."""
    return 1.0 if f.identity else (y - f.low) * (f.high - y) / (f.high - f.low)


class MemoryCells(NamedTuple):
    """S memory cells in B blocks.

    Weights: ``cell`` (S, I + R), ``gate_in`` (B, I + R) and ``gate_out`` (B, I + R) from the
    inputs and the R = S + 2 B recurrent activations, or R = 0; ``bias_in`` and ``bias_out`` (B,);
    ``output`` (O, S) from the cells, or (O, I + S) from inputs and cells. Matrices and biases that
    a net does not have are empty. The self-weight 1.0 of a cell is no weight.

    The state is ``s`` (S), then the activations ``y_c`` (S), ``y_in`` (B), ``y_out`` (B or 0), the
    ones that recurrent connections see; then ``g(net_c)`` (S) and ``h(s)`` (S).
    """

    w: np.ndarray
    cell: np.ndarray
    gate_in: np.ndarray
    bias_in: np.ndarray
    gate_out: np.ndarray
    bias_out: np.ndarray
    output: np.ndarray
    inputs: int
    g: Squash
    h: Squash

    def __repr__(self):
        """Return the sizes and the number of weights."""
        S, B = len(self.cell), len(self.gate_in)
        return describe(self, blocks=B, size=S // B if B else 0, outputs=len(self.output))

    @staticmethod
    def state_size(net):
        """Return 4 S + B for each kind of gate."""
        return 4 * net.cell.shape[0] + net.gate_in.shape[0] + net.gate_out.shape[0]

    @staticmethod
    def output_size(net):
        """Return the number of outputs."""
        return net.output.shape[0]

    @staticmethod
    def step(net, x, before, state):
        """See :func:`errorflow.nets.step`; eqs. (7) to (9) of the 1997 paper."""
        S, B, B_out = net.cell.shape[0], net.gate_in.shape[0], net.gate_out.shape[0]
        y_in, y_out, g, h = 2 * S, 2 * S + B, 2 * S + B + B_out, 3 * S + B + B_out
        for j in range(B):
            state[y_in + j] = logistic(_net(net, net.gate_in, j, x, before, net.bias_in))
        for j in range(B_out):
            state[y_out + j] = logistic(_net(net, net.gate_out, j, x, before, net.bias_out))
        for v in range(S):
            j = v // (S // B)
            total = _net(net, net.cell, v, x, before, net.cell[:0, 0])
            state[g + v] = squash(net.g, total)
            state[v] = before[v] + state[y_in + j] * state[g + v]
            state[h + v] = squash(net.h, state[v])
            state[S + v] = state[h + v] * (state[y_out + j] if B_out else 1.0)

    @staticmethod
    def read(net, x, state, y):
        """See :func:`errorflow.nets.read`."""
        O, S = len(y), net.cell.shape[0]
        first = net.output.shape[1] - S
        for k in range(O):
            y[k] = net.output[k, x] if first else 0.0
        for v in range(S):
            for k in range(O):
                y[k] += net.output[k, first + v] * state[S + v]
        for k in range(O):
            y[k] = logistic(y[k])

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        """See :func:`errorflow.nets.back_read`; eq. (19)."""
        O, S = len(y), net.cell.shape[0]
        first = net.output.shape[1] - S
        for k in range(O):
            errors[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
        if first:
            for k in range(O):
                change.output[k, x] += errors[k]
        for v in range(S):
            for k in range(O):
                change.output[k, first + v] += errors[k] * state[S + v]
                y[k] = net.output[k, first + v] * errors[k]
            e[S + v] += tree_sum(y, O)

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: the full gradient, nothing truncated."""
        S, B, B_out = net.cell.shape[0], net.gate_in.shape[0], net.gate_out.shape[0]
        y_in, y_out, g, h = 2 * S, 2 * S + B, 2 * S + B + B_out, 3 * S + B + B_out
        size = S // B if B else 1
        e_before[:] = 0.0
        for j in range(B):
            into_in, into_out = e[y_in + j], e[y_out + j] if B_out else 0.0
            for v in range(j * size, (j + 1) * size):
                gate = state[y_out + j] if B_out else 1.0
                into_out += e[S + v] * state[h + v]
                e_s = e[v] + (e[S + v] * gate + e[h + v]) * squash_slope(net.h, state[h + v])
                into_in += e_s * state[g + v]
                e_g = e[g + v] + e_s * state[y_in + j]
                theta = e_g * squash_slope(net.g, state[g + v])
                e_before[v] += e_s
                _back(net, net.cell, change.cell, v, x, before, theta, e_before)
            theta = into_in * state[y_in + j] * (1.0 - state[y_in + j])
            _back(net, net.gate_in, change.gate_in, j, x, before, theta, e_before)
            if len(net.bias_in):
                change.bias_in[j] += theta
            if B_out:
                theta = into_out * state[y_out + j] * (1.0 - state[y_out + j])
                _back(net, net.gate_out, change.gate_out, j, x, before, theta, e_before)
                if len(net.bias_out):
                    change.bias_out[j] += theta


@inline
def _net(net, W, i, x, before, bias):
    """Return the net input of row ``i`` of ``W``: a symbol, recurrent activations, a bias."""
    S, I = net.cell.shape[0], net.inputs
    total = W[i, x]
    for j in range(W.shape[1] - I):
        total += W[i, I + j] * before[S + j]
    return total + bias[i] if len(bias) else total


@inline
def _back(net, W, change, i, x, before, theta, e_before):
    """Send ``theta`` back through row ``i`` of ``W``."""
    S, I = net.cell.shape[0], net.inputs
    change[i, x] += theta
    for j in range(W.shape[1] - I):
        change[i, I + j] += theta * before[S + j]
        e_before[S + j] += W[i, I + j] * theta


def memory_cells(inputs, blocks, size, outputs, *, g, h, full=True):
    """Return a :class:`MemoryCells` net with all weights 0.

    ``g`` and ``h`` are :class:`Squash` functions. A ``full`` net has output gates, biases and
    recurrent connections, and its outputs see only cells; the other has none of them, and its
    outputs see the inputs too. It may have 0 blocks.
    """
    check_size("inputs", inputs)
    check_size("blocks", blocks, 1 if full else 0)
    check_size("size", size)
    check_size("outputs", outputs)
    S = blocks * size
    R = S + 2 * blocks if full else 0
    gates_out, biases = (blocks, blocks) if full else (0, 0)
    arrays = matrices(
        (S, inputs + R),
        (blocks, inputs + R),
        (biases,),
        (gates_out, inputs + R),
        (biases,),
        (outputs, S if full else inputs + S, "F"),
    )
    return MemoryCells(*arrays, inputs, g, h)


def table1(blocks, size, *, g=(-2.0, 2.0), h=(-1.0, 1.0)):
    """Return Table 1's net: 7 inputs and outputs, ``blocks`` blocks of ``size`` cells.

    ``g`` and ``h`` are the ranges of the cells' input and output functions.

    >>> table1(3, 2)
    MemoryCells(blocks=3, size=2, outputs=7, weights=276)
    >>> table1(4, 1)
    MemoryCells(blocks=4, size=1, outputs=7, weights=264)
    """
    return memory_cells(7, blocks, size, 7, g=Squash(*g), h=Squash(*h))


def table2(p, *, cells=1, g=(0.0, 1.0)):
    """Return Table 2's net: p + 1 inputs and outputs, a cell with its input gate, or none yet.

    ``g`` is the range of the cell's input function; its output function is the identity.

    >>> table2(100)
    MemoryCells(blocks=1, size=1, outputs=101, weights=10504)
    """
    identity = Squash(0.0, 0.0, identity=True)
    return memory_cells(p + 1, cells, 1, p + 1, g=Squash(*g), h=identity, full=False)
