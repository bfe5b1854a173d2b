"""A recurrent hidden layer, and outputs that see it: Table 2's net, and Elman's."""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, logistic, net_inputs
from errorflow.nets import describe, has, matrices, readout
from errorflow.nets.curvature import curve_layer


@inline
def hidden_slope(net, y):
    """Return a hidden unit's slope f'(net), from its activation."""
    return (y - net.low) * (net.high - y) / (net.high - net.low) + net.offset


@has(readout.input_size, readout.output_size, readout.read, readout.back_read)
class Layered(NamedTuple):
    """A layered recurrent net without biases.

    ``hidden`` (H, I + H) holds the weights from the inputs and from the hidden units a step
    before, ``output`` (O, I + H) those from the inputs and from the hidden units, or (O, H) from
    the hidden units alone. Outputs are
    logistic; hidden units are logistic functions scaled to [``low``, ``high``], and ``offset`` is
    added to their slope when an error goes back.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I + H"]
    output: Annotated[np.ndarray, "O, I + H | H"]
    low: float
    high: float
    offset: float

    def __repr__(self):
        H, columns = self.hidden.shape
        return describe(self, inputs=columns - H, hidden=H, outputs=len(self.output))

    @staticmethod
    def state_size(net):
        return net.hidden.shape[0]

    @staticmethod
    def step(net, x, before, state):
        H = len(state)
        first = net.hidden.shape[1] - H
        net_inputs(net.hidden, x, first, before, state)
        for i in range(H):
            state[i] = net.low + (net.high - net.low) * logistic(state[i])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        H = len(state)
        first = net.hidden.shape[1] - H
        e_before[:] = 0.0
        for i in range(H):
            theta = e[i] * hidden_slope(net, state[i])
            credit(change.hidden, i, x, theta)
            for j in range(H):
                change.hidden[i, first + j] += theta * before[j]
                e_before[j] += net.hidden[i, first + j] * theta

    @staticmethod
    def curve_read(net, x, state, y, errors, curves, loss, uses, e, h):
        first = net.output.shape[1] - len(state)
        for k in range(len(errors)):
            slope = y[k] * (1.0 - y[k])
            sent = loss.slope * slope + loss.offset
            errors[k] *= sent
            curves[k] *= slope * sent
        into = uses.change.output, uses.curvature.output
        curve_layer(uses, net.output, *into, x, first, state, errors, curves, e, h)

    @staticmethod
    def curve_step(net, x, before, state, e, h, uses, e_before, h_before):
        first = net.hidden.shape[1] - len(state)
        e_before[:] = 0.0
        h_before[:] = 0.0
        for i in range(len(state)):
            slope = hidden_slope(net, state[i])
            e[i] *= slope
            h[i] *= slope * slope
        into = uses.change.hidden, uses.curvature.hidden
        curve_layer(uses, net.hidden, *into, x, first, before, e, h, e_before, h_before)


@guarded
def layered(
    inputs: int,
    hidden: int,
    outputs: int,
    *,
    direct: bool = True,
    low: float = 0.0,
    high: float = 1.0,
    offset: float = 0.0,
) -> Layered:
    """Return a :class:`Layered` net with all weights 0; ``direct``: outputs see the inputs too.

    >>> layered(5, 1, 5)
    Layered(inputs=5, hidden=1, outputs=5, weights=36)
    """
    if not low < high:
        raise ValueError(f"low = {low}, high = {high}; low must be below high")
    shapes = (hidden, inputs + hidden), (outputs, inputs + hidden if direct else hidden, "F")
    return Layered(*matrices(*shapes), low, high, offset)


def check_one_unit(net: Layered) -> None:
    """Refuse a net that is not as Table 2's: one hidden unit, and outputs that see all inputs."""
    (H, columns), seen = net.hidden.shape, net.output.shape[1]
    if H != 1:
        raise ValueError(f"the net has {H} hidden units; this rule is for exactly 1")
    if seen != columns:
        raise ValueError(f"the net has outputs that see {seen} of {columns} activations, not all")


@guarded
def table2(p: int, *, low: float = 0.0, high: float = 1.0, offset: float = 0.0) -> Layered:
    """Return Table 2's net for RTRL and BPTT: p + 1 inputs and outputs, one hidden unit.

    >>> [len(table2(p).w) for p in (4, 10, 100)]
    [36, 144, 10404]
    """
    return layered(p + 1, 1, p + 1, low=low, high=high, offset=offset)


@guarded
def elman(hidden: int) -> Layered:
    """Return Table 1's Elman net: 7 inputs and outputs, each layer fed by the one below it.

    >>> elman(15)
    Layered(inputs=7, hidden=15, outputs=7, weights=435)
    """
    return layered(7, hidden, 7, direct=False)
