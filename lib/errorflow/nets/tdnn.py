"""A time-delay net: hidden units see the last D inputs and the last D hidden activations.

K. Lang, A. Waibel and G. E. Hinton, Neural Networks 3, 1990, with delay lines for the activations
that are fed back, as Section 3 describes them. In the net unfolded in time they are connections
that jump over up to D - 1 copies.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, logistic, net_inputs, spell
from errorflow.nets import describe, first_units, has, matrices, readout


@has(first_units.input_size, readout.output_size, readout.read, readout.back_read)
class Tdnn(NamedTuple):
    """y_i(t) = f(sum over d and j of W_ij^d y_j(t - d)), logistic, without biases.

    ``hidden`` (H, D (I + H)) holds the weights from x(t); from h(t-1) .. h(t-D); from x(t-1) ..
    x(t-D+1). ``output`` (O, I + H) holds those from x(t) and h(t) to the outputs. The state is
    h(t) .. h(t-D+1) and x(t) .. x(t-D+2): a step shifts it. With D = 1 the net is
    :class:`~errorflow.nets.layered.Layered`.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, D * (I + H)"]
    output: Annotated[np.ndarray, "O, I + H"]
    inputs: int
    D: int

    def __repr__(self):
        sizes = {"inputs": self.inputs, "hidden": len(self.hidden), "outputs": len(self.output)}
        return describe(self, **sizes, D=self.D)

    @staticmethod
    def state_size(net):
        return net.hidden.shape[1] - net.inputs

    @staticmethod
    def step(net, x, before, state):
        H, I = net.hidden.shape[0], net.inputs
        net_inputs(net.hidden, x, I, before, state)
        for i in range(H):
            state[i] = logistic(state[i])
        end = net.D * H
        for j in range(H, end):
            state[j] = before[j - H]
        if net.D > 1:
            spell(x, I, state[end : end + I])
            for j in range(end + I, len(state)):
                state[j] = before[j - I]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`; to inputs of the past no error is sent."""
        H, I = net.hidden.shape[0], net.inputs
        end = net.D * H
        e_before[:] = 0.0
        for j in range(H, end):
            e_before[j - H] = e[j]
        for i in range(H):
            theta = e[i] * (state[i] * (1.0 - state[i]))
            credit(change.hidden, i, x, theta)
            for j in range(len(before)):
                change.hidden[i, I + j] += theta * before[j]
            for j in range(end):
                e_before[j] += net.hidden[i, I + j] * theta


@guarded
def tdnn(inputs: int, hidden: int, outputs: int, D: int) -> Tdnn:
    """Return a :class:`Tdnn` with all weights 0 and D >= 1 taps.

    >>> tdnn(5, 1, 5, 10)
    Tdnn(inputs=5, hidden=1, outputs=5, D=10, weights=90)
    """
    shapes = (hidden, D * (inputs + hidden)), (outputs, inputs + hidden, "F")
    return Tdnn(*matrices(*shapes), inputs, D)
