"""A time warping invariant net: its state moves with the input's way, not with time.

G. Sun, H. Chen and Y. Lee, NIPS 5, 1993: while the input goes from I(t) to I(t+1), the state is
changed in proportion to the length l of that way,

    S(t+1) = S(t) + l(t) tanh(W [S(t); I(t)]),    l(t) = ||I(t+1) - I(t)||.

Repeated inputs change nothing. The factor by which an error goes back is 1 + l diag(tanh') W.
"""

from math import sqrt
from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import net_inputs, spell, tanh
from errorflow.nets import describe, has, matrices, readout


@has(readout.input_size, readout.output_size, readout.read, readout.back_read)
class TimeWarping(NamedTuple):
    """H state units, and logistic outputs that see them and the inputs.

    ``hidden`` (H, H + I) holds the weights from the state units and from the inputs, both of the
    step before; ``output`` (O, I + H) those into the outputs. A symbol is a vector with a 1 at its
    place: from one symbol to another it is a way of sqrt(2). Before the first input all inputs are
    0. The state of the net is S and tanh(..), (H) each, l, and the last input (I).
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, H + I"]
    output: Annotated[np.ndarray, "O, I + H"]

    def __repr__(self):
        H, columns = self.hidden.shape
        return describe(self, inputs=columns - H, states=H, outputs=len(self.output))

    @staticmethod
    def state_size(net):
        return net.hidden.shape[0] + 1 + net.hidden.shape[1]

    @staticmethod
    def step(net, x, before, state):
        """See :func:`errorflow.nets.step`; ``x`` is I(t+1), the last input is I(t)."""
        H, columns = net.hidden.shape
        l, last = 2 * H, 2 * H + 1
        spell(x, columns - H, state[last:])
        square = 0.0
        for k in range(last, len(state)):
            square += (state[k] - before[k]) * (state[k] - before[k])
        state[l] = sqrt(square)
        net_inputs(net.hidden[:, :H], x, 0, before, state[H:l])
        for i in range(H):
            for k in range(H, columns):
                state[H + i] += net.hidden[i, k] * before[H + 1 + k]
            state[H + i] = tanh(state[H + i])
            state[i] = before[i] + state[l] * state[H + i]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: e, and what comes by the net inputs."""
        H, columns = net.hidden.shape
        l = state[2 * H]
        e_before[:] = 0.0
        for i in range(H):
            e_before[i] = e[i]
        for i in range(H):
            theta = (e[H + i] + l * e[i]) * (1.0 - state[H + i] * state[H + i])
            for j in range(H):
                change.hidden[i, j] += theta * before[j]
                e_before[j] += net.hidden[i, j] * theta
            for k in range(H, columns):
                change.hidden[i, k] += theta * before[H + 1 + k]


@guarded
def time_warping(inputs: int, states: int, outputs: int) -> TimeWarping:
    """Return a :class:`TimeWarping` net with all weights 0.

    >>> time_warping(6, 4, 3)
    TimeWarping(inputs=6, states=4, outputs=3, weights=70)
    """
    return TimeWarping(*matrices((states, states + inputs), (outputs, inputs + states, "F")))
