"""Fahlman's recurrent cascade: hidden units that come one after the other, each fed by itself.

S. E. Fahlman, *The Recurrent Cascade-Correlation Architecture*, NIPS 3, 1991.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import Within, guarded
from errorflow.core.numerics import tanh
from errorflow.core.options import Count, Positive
from errorflow.nets import describe, has, matrices, readout


@inline
def sigmoid(net, x):
    """Return the activation of a unit of ``net`` for the net input ``x``."""
    return net.high * tanh(net.steepness * x)


@inline
def sigmoid_slope(net, y):
    """Return a unit's slope from its activation."""
    return net.steepness * (net.high * net.high - y * y) / net.high


@has(readout.output_size)
class Cascade(NamedTuple):
    """A net whose ``units`` hidden units are a cascade; there is room for M of them.

    Row h of ``hidden`` (M, 1 + I + M) holds the weights into hidden unit h, from the bias, the
    inputs, hidden units 0 .. h - 1 at the same step, and in column 1 + I + h from unit h itself,
    one step before. ``output`` (O, 1 + I + M) holds those from bias, inputs and hidden units to the
    outputs. All activations are ``high`` tanh(``steepness`` net). The input of the symbol that is
    read is ``on``, the others are ``off``.

    What lies beyond ``units`` is 0 and not counted. With 7 inputs and outputs 7 units have 189
    weights and 9 have 236, which the 119 to 198 of Table 1 do not fit.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "M, 1 + I + M"]
    output: Annotated[np.ndarray, "O, 1 + I + M"]
    units: Annotated[int, Within("0 .. M")]
    off: float
    on: float
    high: Positive
    steepness: Positive

    def __repr__(self):
        sizes = {"inputs": self.inputs, "hidden": self.units, "outputs": len(self.output)}
        return describe(self, weights=self.weights, **sizes)

    @property
    def inputs(self):
        """The number of inputs."""
        return self.hidden.shape[1] - 1 - len(self.hidden)

    @property
    def weights(self):
        """The number of weights in use.

        >>> [cascade(7, 7, 25, units=units).weights for units in (0, 7, 9)]
        [56, 189, 236]
        """
        H, seen = self.units, 1 + self.inputs
        return H * seen + H * (H + 1) // 2 + len(self.output) * (seen + H)

    @staticmethod
    def input_size(net):
        return net.inputs

    @staticmethod
    def state_size(net):
        return net.hidden.shape[0]

    @staticmethod
    def reads(net, n):
        return n == 0

    @staticmethod
    def step(net, x, before, state):
        first = net.hidden.shape[1] - len(state)
        for h in range(net.units):
            total = net.hidden[h, 0]
            for i in range(1, first):
                total += net.hidden[h, i] * (net.on if i == 1 + x else net.off)
            for j in range(h):
                total += net.hidden[h, first + j] * state[j]
            state[h] = sigmoid(net, total + net.hidden[h, first + h] * before[h])
        state[net.units :] = 0.0

    @staticmethod
    def read(net, x, state, y):
        first = net.hidden.shape[1] - len(state)
        for k in range(net.output.shape[0]):
            y[k] = net.output[k, 0]
        for i in range(1, first):
            for k in range(net.output.shape[0]):
                y[k] += net.output[k, i] * (net.on if i == 1 + x else net.off)
        for h in range(net.units):
            for k in range(net.output.shape[0]):
                y[k] += net.output[k, first + h] * state[h]
        for k in range(len(y)):
            y[k] = sigmoid(net, y[k])

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        O, first = len(errors), net.hidden.shape[1] - len(state)
        for k in range(O):
            errors[k] *= loss.slope * sigmoid_slope(net, y[k]) + loss.offset
            change.output[k, 0] += errors[k]
        for i in range(1, first):
            for k in range(O):
                change.output[k, i] += errors[k] * (net.on if i == 1 + x else net.off)
        for h in range(net.units):
            for k in range(O):
                change.output[k, first + h] += errors[k] * state[h]
                e[h] += net.output[k, first + h] * errors[k]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`; errors go through later units to earlier ones.

        A step back only a unit itself is reached. The rule of cascade-correlation uses none of it.
        """
        first = net.hidden.shape[1] - len(state)
        e_before[:] = 0.0
        for h in range(net.units - 1, -1, -1):
            theta = e[h] * sigmoid_slope(net, state[h])
            change.hidden[h, 0] += theta
            for i in range(1, first):
                change.hidden[h, i] += theta * (net.on if i == 1 + x else net.off)
            for j in range(h):
                change.hidden[h, first + j] += theta * state[j]
                e[j] += net.hidden[h, first + j] * theta
            change.hidden[h, first + h] += theta * before[h]
            e_before[h] = net.hidden[h, first + h] * theta


@guarded
def cascade(
    inputs: int,
    outputs: int,
    room: int,
    *,
    units: Count = 0,
    inputs_are: tuple[float, float] = (0.0, 1.0),
    high: Positive = 1.0,
    steepness: Positive = 1.0,
) -> Cascade:
    """Return a :class:`Cascade` with all weights 0, and room for so many hidden units.

    ``inputs_are`` gives an input's value without and with its symbol.

    >>> cascade(7, 7, 25)
    Cascade(inputs=7, hidden=0, outputs=7, weights=56)
    """
    if units > room:
        raise ValueError(f"units = {units}; there is room for {room}")
    columns = 1 + inputs + room
    w, hidden, output = matrices((room, columns), (outputs, columns, "F"))
    return Cascade(w, hidden, output, units, *inputs_are, high, steepness)
