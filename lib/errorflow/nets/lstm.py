"""Long Short-Term Memory as of 1997: memory cells in blocks behind input and output gates.

The net of Table 1 has both gates, recurrent connections among cells and gates, and gate biases;
its outputs see the cells alone. The net of Table 2 has one cell and its input gate, no recurrent
connections and no biases; its outputs see the inputs too.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.compiled import inline
from errorflow.core.entries import fitting, guarded
from errorflow.core.numerics import credit, logistic, net_inputs
from errorflow.core.options import Count
from errorflow.nets import describe, has, matrices, readout
from errorflow.nets.readout import back_read_out, read_out
from errorflow.nets.units import IDENTITY, Squash, squash_slope


@fitting("n - blocks * size in (blocks, 2 * blocks)", "M in (I, I + n)")
@has(readout.output_size)
class MemoryCells(NamedTuple):
    """S memory cells in B blocks.

    ``hidden`` (S + B + B, I + R) has a row for each cell, each input gate and each output gate:
    the weights from the I inputs and from the R = S + 2 B recurrent activations, or R = 0.
    ``bias`` (2 B,) belongs to the gates. ``output`` is (O, S), from the cells, or (O, I + S), from
    inputs and cells. A net without output gates or biases has no rows for them. The self-weight
    1.0 of a cell is no weight.

    The state is the activations in the order of the rows, ``y_c``, ``y_in``, ``y_out``, which are
    what recurrent connections see; then ``s``, ``g(net_c)`` and ``h(s)``, (S) each.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "n, M"]
    bias: Annotated[np.ndarray, "0 | 2 * blocks"]
    output: Annotated[np.ndarray, "O, blocks * size | I + blocks * size"]
    inputs: int
    blocks: Count
    size: int
    g: Squash
    h: Squash

    def __repr__(self):
        return describe(self, blocks=self.blocks, size=self.size, outputs=len(self.output))

    @staticmethod
    def input_size(net):
        return net.inputs

    @staticmethod
    def state_size(net):
        return net.hidden.shape[0] + 3 * net.blocks * net.size

    @staticmethod
    def step(net, x, before, state):
        """See :func:`errorflow.nets.step`; eqs. (7) to (9) of the 1997 paper."""
        B, size, n = net.blocks, net.size, net.hidden.shape[0]
        S = B * size
        net_inputs(net.hidden, x, net.inputs, before, state)
        for j in range(len(net.bias)):
            state[S + j] += net.bias[j]
        for r in range(n):
            state[r] = logistic(state[r])
        s, g, h = n, n + S, n + 2 * S
        for j in range(B):
            for v in range(j * size, (j + 1) * size):
                state[g + v] = net.g.low + (net.g.high - net.g.low) * state[v]
                state[s + v] = before[s + v] + state[S + j] * state[g + v]
                state[h + v] = state[s + v]
        if not net.h.identity:
            squashed = state[h : h + S]
            for v in range(S):
                squashed[v] = net.h.low + (net.h.high - net.h.low) * logistic(squashed[v])
        for j in range(B):
            gate = state[S + B + j] if n > S + B else 1.0
            for v in range(j * size, (j + 1) * size):
                state[v] = gate * state[h + v]

    @staticmethod
    def read(net, x, state, y):
        read_out(net.output, net.blocks * net.size, x, state, y)

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        """See :func:`errorflow.nets.back_read`; eq. (19)."""
        cells = net.blocks * net.size
        back_read_out(net.output, cells, x, state, y, errors, loss, change.output, e)

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: the full gradient, nothing truncated."""
        B, size, n = net.blocks, net.size, net.hidden.shape[0]
        S = B * size
        s, g, h = n, n + S, n + 2 * S
        e_before[:] = 0.0
        for j in range(B):
            y_in, y_out = state[S + j], state[S + B + j] if n > S + B else 1.0
            e_in, e_out = e[S + j], e[S + B + j] if n > S + B else 0.0
            for v in range(j * size, (j + 1) * size):
                e_out += e[v] * state[h + v]
                e_s = e[s + v] + (e[v] * y_out + e[h + v]) * squash_slope(net.h, state[h + v])
                e_in += e_s * state[g + v]
                e_before[s + v] += e_s
                theta = (e[g + v] + e_s * y_in) * squash_slope(net.g, state[g + v])
                _back(net, v, x, before, theta, change, e_before)
            theta = e_in * y_in * (1.0 - y_in)
            _back(net, S + j, x, before, theta, change, e_before)
            if n > S + B:
                theta = e_out * y_out * (1.0 - y_out)
                _back(net, S + B + j, x, before, theta, change, e_before)


@inline
def _back(net, r, x, before, theta, change, e_before):
    """Send the error ``theta`` at the net input of row ``r`` back."""
    I, S = net.inputs, net.blocks * net.size
    credit(change.hidden, r, x, theta)
    for m in range(net.hidden.shape[1] - I):
        change.hidden[r, I + m] += theta * before[m]
        e_before[m] += net.hidden[r, I + m] * theta
    if r >= S and len(net.bias):
        change.bias[r - S] += theta


@guarded
def memory_cells(
    inputs: int,
    blocks: Count,
    size: int,
    outputs: int,
    *,
    g: Squash,
    h: Squash,
    full: bool = True,
    biases: bool = True,
) -> MemoryCells:
    """Return a :class:`MemoryCells` net with all weights 0.

    ``g`` and ``h`` are :class:`Squash` functions. A ``full`` net has output gates, biases and
    recurrent connections, and its outputs see only cells; the other has none of them, and its
    outputs see the inputs too. It may have 0 blocks. A full net may do without ``biases``.
    """
    check_size("blocks", blocks, 1 if full else 0)
    S = blocks * size
    rows, R = (S + 2 * blocks, S + 2 * blocks) if full else (S + blocks, 0)
    w, hidden, bias, output = matrices(
        (rows, inputs + R),
        (2 * blocks if full and biases else 0,),
        (outputs, S if full else inputs + S, "F"),
    )
    return MemoryCells(w, hidden, bias, output, inputs, blocks, size, g, h)


@guarded
def table1(
    blocks: int,
    size: int,
    *,
    g: tuple[float, float] = (-2.0, 2.0),
    h: tuple[float, float] = (-1.0, 1.0),
) -> MemoryCells:
    """Return Table 1's net: 7 inputs and outputs, ``blocks`` blocks of ``size`` cells.

    ``g`` and ``h`` are the ranges of the cells' input and output functions.

    >>> table1(3, 2)
    MemoryCells(blocks=3, size=2, outputs=7, weights=276)
    >>> table1(4, 1)
    MemoryCells(blocks=4, size=1, outputs=7, weights=264)
    """
    return memory_cells(7, blocks, size, 7, g=Squash(*g), h=Squash(*h))


@guarded
def table2(p: int, *, cells: Count = 1, g: tuple[float, float] = (0.0, 1.0)) -> MemoryCells:
    """Return Table 2's net: p + 1 inputs and outputs, a cell with its input gate, or none yet.

    ``g`` is the range of the cell's input function; its output function is the identity.

    >>> table2(100)
    MemoryCells(blocks=1, size=1, outputs=101, weights=10504)
    """
    return memory_cells(p + 1, cells, 1, p + 1, g=Squash(*g), h=IDENTITY, full=False)


@guarded
def task2c(
    p: int, *, g: tuple[float, float] = (-2.0, 2.0), h: tuple[float, float] = (-1.0, 1.0)
) -> MemoryCells:
    """Return the net of task 2c: p + 4 inputs, two outputs, two blocks of one cell, no biases.

    >>> [len(task2c(p).w) for p in (50, 100, 200, 500, 1000)]
    [364, 664, 1264, 3064, 6064]
    """
    return memory_cells(p + 4, 2, 1, 2, g=Squash(*g), h=Squash(*h), biases=False)
