"""Table 2's net with the hidden unit linear and its weight to itself fixed at 1: it sums up.

Through such a unit an error goes back unchanged, whatever the weights are.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.nets import describe, has, matrices, readout
from errorflow.nets.readout import back_read_out, read_out


@has(readout.output_size)
class Integrator(NamedTuple):
    """A net with one hidden unit h(t) = h(t-1) + the weight from the input symbol; no biases.

    ``hidden`` (I,) holds the weights from the inputs, ``output`` (O, I + 1) those from the inputs
    and from the hidden unit to the logistic outputs. The self-weight 1 is no weight.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "I"]
    output: Annotated[np.ndarray, "O, I + 1"]

    def __repr__(self):
        return describe(self, inputs=len(self.hidden), hidden=1, outputs=len(self.output))

    @staticmethod
    def input_size(net):
        return len(net.hidden)

    @staticmethod
    def state_size(net):
        return 1

    @staticmethod
    def reads(net, n):
        return n == 0

    @staticmethod
    def step(net, x, before, state):
        state[0] = before[0] + net.hidden[x]

    @staticmethod
    def read(net, x, state, y):
        read_out(net.output, 1, x, state, y)

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        back_read_out(net.output, 1, x, state, y, errors, loss, change.output, e)

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: the error stays as it is."""
        change.hidden[x] += e[0]
        e_before[0] = e[0]


@guarded
def integrator(p: int) -> Integrator:
    """Return an :class:`Integrator` for the two-sequence task with lag p, all weights 0.

    >>> [len(integrator(p).w) for p in (4, 10, 100)]
    [35, 143, 10403]
    """
    shapes = (p + 1,), (p + 1, p + 2, "F")
    return Integrator(*matrices(*shapes))
