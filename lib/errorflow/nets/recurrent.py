"""The net of Section 2: units 1 .. n, each connected to all, some of them read as outputs."""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import Within, guarded
from errorflow.core.numerics import credit, net_inputs
from errorflow.core.options import Count
from errorflow.nets import describe, first_units, has, matrices
from errorflow.nets.curvature import curve_layer
from errorflow.nets.units import LOGISTIC, Squash, squash, squash_slope


@has(first_units.output_size, first_units.read, first_units.back_read)
class Recurrent(NamedTuple):
    """A fully connected net of units with the activation function ``f``, without biases.

    ``units`` (n, I + n) holds the weights from the inputs and from all units a step before. The
    state is the activations of all units; the first ``outputs`` of them are the outputs. What an
    input brings to a hidden unit can therefore reach an output one step later at the earliest.
    """

    w: np.ndarray
    units: Annotated[np.ndarray, "n, I + n"]
    outputs: Annotated[int, Within("1 .. n")]
    f: Squash

    def __repr__(self):
        n, columns = self.units.shape
        return describe(self, inputs=columns - n, hidden=n - self.outputs, outputs=self.outputs)

    @staticmethod
    def input_size(net):
        return net.units.shape[1] - net.units.shape[0]

    @staticmethod
    def state_size(net):
        return net.units.shape[0]

    @staticmethod
    def step(net, x, before, state):
        n = len(state)
        net_inputs(net.units, x, net.units.shape[1] - n, before, state)
        for i in range(n):
            state[i] = squash(net.f, state[i])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: theta_i = f'_i (E_i + what came back)."""
        n = len(state)
        first = net.units.shape[1] - n
        e_before[:] = 0.0
        for i in range(n):
            if e[i] == 0.0:  # RTRL asks for one unit at a time
                continue
            theta = squash_slope(net.f, state[i]) * e[i]
            credit(change.units, i, x, theta)
            for j in range(n):
                change.units[i, first + j] += theta * before[j]
                e_before[j] += net.units[i, first + j] * theta

    @staticmethod
    def curve_read(net, x, state, y, errors, curves, loss, uses, e, h):
        """See :func:`errorflow.nets.curve_read`; the outputs' slope follows in the step back."""
        for k in range(net.outputs):
            e[k] += errors[k]
            h[k] += curves[k]

    @staticmethod
    def curve_step(net, x, before, state, e, h, uses, e_before, h_before):
        first = net.units.shape[1] - len(state)
        e_before[:] = 0.0
        h_before[:] = 0.0
        for i in range(len(state)):
            slope = squash_slope(net.f, state[i])
            e[i] *= slope
            h[i] *= slope * slope
        into = uses.change.units, uses.curvature.units
        curve_layer(uses, net.units, *into, x, first, before, e, h, e_before, h_before)


@guarded
def recurrent(inputs: int, hidden: Count, outputs: int, *, f: Squash = LOGISTIC) -> Recurrent:
    """Return a :class:`Recurrent` net with all weights 0.

    >>> recurrent(7, 3, 7)
    Recurrent(inputs=7, hidden=3, outputs=7, weights=170)
    """
    n = hidden + outputs
    return Recurrent(*matrices((n, inputs + n)), outputs, f)


@guarded
def table1(hidden: Count) -> Recurrent:
    """Return Table 1's net for RTRL: 7 inputs, 7 outputs among the fully connected units.

    >>> [len(table1(hidden).w) for hidden in (3, 12)]
    [170, 494]
    """
    return recurrent(7, hidden, 7)
