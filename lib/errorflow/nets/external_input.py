"""Units that the input reaches with a fixed weight of 1: the nets of Bengio et al. 1994.

One tanh unit whose first inputs are parameters is the latch (variant I of weight guessing); five
fully connected ones without biases are their net for the 2-sequence problem.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import net_inputs
from errorflow.nets import describe, first_units, has, matrices
from errorflow.nets.units import TANH, squash, squash_slope


@has(first_units.read, first_units.back_read)
class ExternalInput(NamedTuple):
    """n fully connected tanh units; input 0 is added to the net input of the last, unit 0 is read.

    ``units`` (n, n) are the recurrent weights. If ``first`` (2,) is not empty, the first input of a
    sequence is replaced: by ``first[1]`` if it is positive, else by ``first[0]``. The state is the
    activations and, behind them, 1 once there has been an input. Other inputs are not looked at.
    """

    w: np.ndarray
    units: Annotated[np.ndarray, "n, n"]
    first: Annotated[np.ndarray, "0 | 2"]

    def __repr__(self):
        return describe(self, units=len(self.units))

    @staticmethod
    def input_size(net):
        return 1

    @staticmethod
    def state_size(net):
        return net.units.shape[0] + 1

    @staticmethod
    def output_size(net):
        return 1

    @staticmethod
    def reads(net, n):
        return n >= 1

    @staticmethod
    def step(net, x, before, state):
        n = net.units.shape[0]
        net_inputs(net.units, x, 0, before[:n], state[:n])
        drive = x[0]
        if len(net.first) and before[n] == 0.0:
            drive = net.first[1] if x[0] > 0.0 else net.first[0]
        state[n - 1] += drive
        for i in range(n):
            state[i] = squash(TANH, state[i])
        state[n] = 1.0

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        n = net.units.shape[0]
        e_before[:] = 0.0
        for i in range(n):
            theta = squash_slope(TANH, state[i]) * e[i]
            for j in range(n):
                change.units[i, j] += theta * before[j]
                e_before[j] += net.units[i, j] * theta
            if i == n - 1 and len(net.first) and before[n] == 0.0:
                change.first[1 if x[0] > 0.0 else 0] += theta


@guarded
def external_input(n: int) -> ExternalInput:
    """Return ``n`` fully connected units, all weights 0.

    >>> external_input(5)
    ExternalInput(units=5, weights=25)
    """
    return ExternalInput(*matrices((n, n), (0,)))


def three_weight_latch() -> ExternalInput:
    """Return the latch with three parameters: a weight, and a first input for each class.

    >>> three_weight_latch()
    ExternalInput(units=1, weights=3)
    """
    return ExternalInput(*matrices((1, 1), (2,)))
