"""Ring's temporal transition hierarchy: units that modify connections, a step later.

M. B. Ring, *Learning sequential tasks by incrementally adding higher orders*, NIPS 5, 1993.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import Within, guarded
from errorflow.core.options import Count
from errorflow.nets import describe, first_units, has, matrices


@has(first_units.output_size, first_units.read, first_units.back_read)
class Transitions(NamedTuple):
    """Linear units fed by the inputs alone; the first ``outputs`` are outputs, the others modify.

    ``units`` (M, I) holds the weights w_ij from input symbol j to unit i. The connection from j to
    i has the weight w_ij, and if ``modifier`` (M, I) names a unit there, and not -1, plus the
    activation of that unit one step before:

        y_i(t) = w_ij + y_modifier[i, j](t-1)    for the symbol j that is read at time t.

    Unit k modifies the connection from ``source[k]`` to ``owner[k]``, and no other, so its error
    reaches an output in ``delay[k]`` steps: tau_k = 1 + tau_owner, and 0 for an output. ``size``
    (1,) counts the units in use; there is room for M. State and units are the same. Inputs are
    symbols.
    """

    w: np.ndarray
    units: Annotated[np.ndarray, "M, I"]
    modifier: Annotated[np.ndarray, "M, I", Within("-1 .. M - 1")]
    owner: Annotated[np.ndarray, "M", Within("-1 .. M - 1")]
    source: Annotated[np.ndarray, "M", Within("-1 .. I - 1")]
    delay: Annotated[np.ndarray, "M", Within("0 .. M")]
    size: Annotated[np.ndarray, "1", Within("outputs .. M")]
    outputs: int

    def __repr__(self):
        sizes = {"inputs": self.units.shape[1], "higher": self.higher, "outputs": self.outputs}
        return describe(self, weights=self.weights, **sizes)

    @property
    def higher(self):
        """The number of higher-order units."""
        return int(self.size[0]) - self.outputs

    @property
    def weights(self):
        """The number of weights in use."""
        return int(self.size[0]) * self.units.shape[1]

    @staticmethod
    def input_size(net):
        return net.units.shape[1]

    @staticmethod
    def state_size(net):
        return net.units.shape[0]

    @staticmethod
    def reads(net, n):
        return n == 0

    @staticmethod
    def step(net, x, before, state):
        for i in range(net.size[0]):
            k = net.modifier[i, x]
            state[i] = net.units[i, x] + (before[k] if k >= 0 else 0.0)
        state[net.size[0] :] = 0.0

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: an error goes to the modifier that was used."""
        e_before[:] = 0.0
        for i in range(net.size[0]):
            change.units[i, x] += e[i]
            k = net.modifier[i, x]
            if k >= 0:
                e_before[k] = e[i]


@guarded
def transitions(inputs: int, outputs: int, room: Count) -> Transitions:
    """Return :class:`Transitions` with weights 0, no higher-order unit, and room for so many.

    >>> transitions(13, 13, 40)
    Transitions(inputs=13, higher=0, outputs=13, weights=169)
    """
    M = outputs + room
    modifier = np.full((M, inputs), -1, order="F")
    owner, source, delay = np.full(M, -1), np.full(M, -1), np.zeros(M, dtype=np.int64)
    w, units = matrices((M, inputs, "F"))
    return Transitions(w, units, modifier, owner, source, delay, np.array([outputs]), outputs)


@inline
def add_unit(net, i, j):
    """Give the connection from input j to unit i a modifier, a new unit with weights 0.

    Returns whether there was room for it.
    """
    k = net.size[0]
    if k == len(net.owner):
        return False
    net.modifier[i, j], net.owner[k], net.source[k] = k, i, j
    net.delay[k] = 1 + net.delay[i]
    net.size[0] += 1
    return True
