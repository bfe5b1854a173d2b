"""Units that are either -1 or 1: a threshold has no slope, but it can hold a bit for ever."""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import net_inputs
from errorflow.nets import describe, has, matrices, readout


@has(readout.input_size, readout.output_size)
class Threshold(NamedTuple):
    """A layered net of threshold units, -1 below 0 and else 1; without biases.

    ``hidden`` (H, I + H) and ``output`` (O, I + H) hold the weights from the inputs and from the
    hidden units, a step before and now. The state is the H hidden activations and then their net
    inputs. Outputs are read as ``low`` or ``high``. There is no gradient: the net offers no
    backward step, :mod:`errorflow.rules.discrete` brings its own.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I + H"]
    output: Annotated[np.ndarray, "O, I + H"]
    low: float
    high: float

    def __repr__(self):
        H, columns = self.hidden.shape
        return describe(self, inputs=columns - H, hidden=H, outputs=len(self.output))

    @staticmethod
    def state_size(net):
        return 2 * net.hidden.shape[0]

    @staticmethod
    def step(net, x, before, state):
        H = len(state) // 2
        net_inputs(net.hidden, x, net.hidden.shape[1] - H, before, state[H:])
        for i in range(H):
            state[i] = -1.0 if state[H + i] < 0.0 else 1.0

    @staticmethod
    def read(net, x, state, y):
        net_inputs(net.output, x, net.output.shape[1] - len(state) // 2, state, y)
        for k in range(len(y)):
            y[k] = net.low if y[k] < 0.0 else net.high


@guarded
def threshold(
    inputs: int, hidden: int, outputs: int, *, low: float = 0.0, high: float = 1.0
) -> Threshold:
    """Return a :class:`Threshold` net with all weights 0.

    >>> threshold(2, 3, 1)
    Threshold(inputs=2, hidden=3, outputs=1, weights=20)
    """
    if not low < high:
        raise ValueError(f"low = {low}, high = {high}; low must be below high")
    shapes = (hidden, inputs + hidden), (outputs, inputs + hidden, "F")
    return Threshold(*matrices(*shapes), low, high)
