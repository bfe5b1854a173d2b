"""Pearlmutter's continuous-time net, in steps of Euler's method.

B. A. Pearlmutter, Neural Computation 1, 1989: T_i dy_i/dt = -y_i + s(x_i), where x_i is the net
input. BPTT through the steps is the adjoint equation of that paper, in steps too.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, logistic, net_inputs
from errorflow.core.options import Positive
from errorflow.nets import describe, has, matrices, readout


@has(readout.input_size, readout.output_size, readout.read, readout.back_read)
class Continuous(NamedTuple):
    """Hidden units with time constants, and logistic outputs that follow at once.

    ``hidden`` (H, I + H) holds the weights from the inputs and from the hidden units, ``output``
    (O, I + H) those to the outputs, ``T`` (H,) the time constants. A step lasts ``dt``:
    y(t) = (1 - dt/T) y(t - dt) + (dt/T) s(x(t)), s logistic. A T below dt counts as dt and stays.
    Time constants are learned if they are ``adaptive``. The state holds y, then s(x): (2 H,).
    Pearlmutter's outputs are units with time constants too; they could not answer within a step.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I + H"]
    output: Annotated[np.ndarray, "O, I + H"]
    T: Annotated[np.ndarray, "H"]
    dt: Positive
    adaptive: bool

    def __repr__(self):
        H, columns = self.hidden.shape
        sizes = {"inputs": columns - H, "hidden": H, "outputs": len(self.output)}
        return describe(self, weights=self.weights, **sizes)

    @property
    def weights(self):
        """The number of weights, with the time constants if they are learned."""
        return len(self.w) - (0 if self.adaptive else len(self.T))

    @staticmethod
    def state_size(net):
        return 2 * len(net.T)

    @staticmethod
    def step(net, x, before, state):
        H = len(net.T)
        y, s = state[:H], state[H:]
        net_inputs(net.hidden, x, net.hidden.shape[1] - H, before[:H], s)
        for i in range(H):
            s[i] = logistic(s[i])
            y[i] = before[i] + net.dt / max(net.T[i], net.dt) * (s[i] - before[i])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: of e, 1 - dt/T stays at the unit."""
        H = len(net.T)
        first = net.hidden.shape[1] - H
        e_before[:] = 0.0
        for i in range(H):
            s, rate = state[H + i], net.dt / max(net.T[i], net.dt)
            theta = (rate * e[i] + e[H + i]) * (s * (1.0 - s))
            credit(change.hidden, i, x, theta)
            e_before[i] += (1.0 - rate) * e[i]
            for j in range(H):
                change.hidden[i, first + j] += theta * before[j]
                e_before[j] += net.hidden[i, first + j] * theta
            if net.adaptive and net.T[i] > net.dt:
                change.T[i] += e[i] * (rate / net.T[i]) * (before[i] - s)


@guarded
def continuous(
    inputs: int,
    hidden: int,
    outputs: int,
    *,
    T: float = 1.0,
    dt: float = 0.1,
    adaptive: bool = True,
) -> Continuous:
    """Return a :class:`Continuous` net with all weights 0 and all time constants ``T``.

    Raises ``ValueError`` unless 0 < dt <= T.

    >>> continuous(5, 1, 5)
    Continuous(inputs=5, hidden=1, outputs=5, weights=37)
    """
    if not 0.0 < dt <= T:
        raise ValueError(f"dt = {dt}, T = {T}; a step must be above 0 and no longer than T")
    columns = inputs + hidden
    w, units, output, times = matrices((hidden, columns), (outputs, columns, "F"), (hidden,))
    times[:] = T
    return Continuous(w, units, output, times, dt, adaptive)
