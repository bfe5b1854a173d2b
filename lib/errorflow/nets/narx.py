"""NARX: what is fed back are the outputs of the last D steps, nothing else.

T. Lin, B. G. Horne, P. Tino and C. L. Giles, NIPS 8, 1996, and the report that Section 3 cites.
Inputs have no delays here (their D_u = 0): what a net remembers goes through its outputs.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, dot_column, logistic, net_inputs, tanh
from errorflow.nets import describe, first_units, has, matrices, readout


@has(first_units.input_size, readout.output_size, first_units.read, first_units.back_read)
class Narx(NamedTuple):
    """y(t) = f(x(t), y(t-1) .. y(t-D)), f a layer of tanh units and logistic outputs, no biases.

    ``hidden`` (H, I + D O) holds the weights from x(t) and from y(t-1) .. y(t-D), ``output``
    (O, I + H) those from x(t) and the hidden units. The state is y(t) .. y(t-D+1), which a step
    shifts, and the hidden activations, which no later step sees.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I + D * O"]
    output: Annotated[np.ndarray, "O, I + H"]
    inputs: int
    D: int

    def __repr__(self):
        sizes = {"inputs": self.inputs, "hidden": len(self.hidden), "outputs": len(self.output)}
        return describe(self, **sizes, D=self.D)

    @staticmethod
    def state_size(net):
        return net.D * net.output.shape[0] + net.hidden.shape[0]

    @staticmethod
    def step(net, x, before, state):
        O, I = net.output.shape[0], net.inputs
        past = net.D * O
        h = state[past:]
        net_inputs(net.hidden, x, I, before[:past], h)
        for i in range(len(h)):
            h[i] = tanh(h[i])
        net_inputs(net.output, x, I, h, state)
        for k in range(O):
            state[k] = logistic(state[k])
        for j in range(O, past):
            state[j] = before[j - O]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        O, I = net.output.shape[0], net.inputs
        past = net.D * O
        h, theta_y = state[past:], e_before[:O]  # as scratch, until the hidden units have it
        for k in range(O):
            theta_y[k] = e[k] * (state[k] * (1.0 - state[k]))
            credit(change.output, k, x, theta_y[k])
        for j in range(len(h)):
            for k in range(O):
                change.output[k, I + j] += theta_y[k] * h[j]
            e_h = e[past + j] + dot_column(net.output, I + j, theta_y, O)
            e_before[past + j] = e_h * (1.0 - h[j] * h[j])
        for j in range(past):
            e_before[j] = e[j + O] if j + O < past else 0.0
        for i in range(len(h)):
            theta = e_before[past + i]
            e_before[past + i] = 0.0
            credit(change.hidden, i, x, theta)
            for j in range(past):
                change.hidden[i, I + j] += theta * before[j]
                e_before[j] += net.hidden[i, I + j] * theta


@guarded
def narx(inputs: int, hidden: int, outputs: int, D: int) -> Narx:
    """Return a :class:`Narx` net with all weights 0 that sees its last D >= 1 outputs.

    >>> narx(5, 1, 5, 10)
    Narx(inputs=5, hidden=1, outputs=5, D=10, weights=85)
    """
    shapes = (hidden, inputs + D * outputs), (outputs, inputs + hidden, "F")
    return Narx(*matrices(*shapes), inputs, D)
