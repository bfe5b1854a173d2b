"""Units with time constants: fast ones, and slow ones that see a reduced description.

M. C. Mozer, NIPS 4, 1992: a context unit's activation is

    c_i(t) = tau_i c_i(t-1) + (1 - tau_i) tanh(net_i(t)).

tau_i = 0 is a standard unit. An error goes back through the unit itself by the factor tau_i, and
through its net input as in any net.
"""

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, net_inputs, tanh
from errorflow.nets import describe, has, matrices, readout


@has(readout.input_size, readout.output_size, readout.read, readout.back_read)
class TimeConstants(NamedTuple):
    """H context units, connected to all of them, and logistic outputs that see the inputs too.

    ``hidden`` (H, I + H) holds the weights from the inputs and from the context units a step
    before, ``output`` (O, I + H) those into the outputs; ``tau`` (H,) is fixed. The state is the
    activations c, then tanh(net), (H) each.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I + H"]
    output: Annotated[np.ndarray, "O, I + H"]
    tau: Annotated[np.ndarray, "H"]

    def __repr__(self):
        H, columns = self.hidden.shape
        return describe(self, inputs=columns - H, context=H, outputs=len(self.output))

    @staticmethod
    def state_size(net):
        return 2 * len(net.tau)

    @staticmethod
    def step(net, x, before, state):
        H = len(net.tau)
        net_inputs(net.hidden, x, net.hidden.shape[1] - H, before, state[H:])
        for i in range(H):
            state[H + i] = tanh(state[H + i])
            state[i] = net.tau[i] * before[i] + (1.0 - net.tau[i]) * state[H + i]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: tau_i e_i, and what comes by the net inputs."""
        H = len(net.tau)
        first = net.hidden.shape[1] - H
        for i in range(H):
            e_before[i] = net.tau[i] * e[i]
            e_before[H + i] = 0.0
        for i in range(H):
            slope = 1.0 - state[H + i] * state[H + i]
            theta = (e[H + i] + (1.0 - net.tau[i]) * e[i]) * slope
            credit(change.hidden, i, x, theta)
            for j in range(H):
                change.hidden[i, first + j] += theta * before[j]
                e_before[j] += net.hidden[i, first + j] * theta


@guarded
def time_constants(inputs: int, tau: ArrayLike, outputs: int) -> TimeConstants:
    """Return a :class:`TimeConstants` net with a context unit for each of ``tau``, all weights 0.

    Raises ``ValueError`` for a time constant outside [0, 1), where a unit would never change.

    >>> time_constants(13, [0.0] * 6 + [0.9] * 4, 13)
    TimeConstants(inputs=13, context=10, outputs=13, weights=529)
    """
    tau = real_array("tau", tau).copy()
    if tau.ndim != 1 or len(tau) == 0 or not ((tau >= 0.0) & (tau < 1.0)).all():
        raise ValueError(f"tau = {tau}; it must be one number in [0, 1) for each context unit")
    columns = inputs + len(tau)
    return TimeConstants(*matrices((len(tau), columns), (outputs, columns, "F")), tau)
