"""A second-order net: sigma-pi units, whose net input is a sum of products of input and state.

R. L. Watrous and G. M. Kuhn, NIPS 4, 1992, equation of the units: y_i(t) = f(net_i(t)) with

    net_i(t) = sum_k x_k(t) (W_ki0 + sum_j W_kij y_j(t-1)).

Each input has weights of its own between the units: a symbol picks a net, a vector mixes nets. The
threshold unit of the paper is an input that is always 1.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import specialise, types
from errorflow.core.entries import fitting, guarded
from errorflow.core.numerics import logistic
from errorflow.nets import describe, first_units, has, matrices


@fitting("n == outputs + N - 1")
@has(first_units.output_size, first_units.read, first_units.back_read)
class SecondOrder(NamedTuple):
    """Logistic output units and state units, all fed by the inputs times the state units.

    ``units`` (I, O + N, 1 + N) holds for each input the weights into each unit: its own, and those
    of its products with the N state units. The state is the activations of all units, outputs
    first; only state units are fed back.
    """

    w: np.ndarray
    units: Annotated[np.ndarray, "I, n, N"]
    outputs: int

    def __repr__(self):
        I, _, columns = self.units.shape
        return describe(self, inputs=I, states=columns - 1, outputs=self.outputs)

    @staticmethod
    def input_size(net):
        return net.units.shape[0]

    @staticmethod
    def state_size(net):
        return net.units.shape[1]

    @staticmethod
    def step(net, x, before, state):
        I, n, columns = net.units.shape
        state[:] = 0.0
        for k in entries(x, I):
            value = entry(x, k)
            for i in range(n):
                total = net.units[k, i, 0]
                for j in range(1, columns):
                    total += net.units[k, i, j] * before[net.outputs - 1 + j]
                state[i] += value * total
        for i in range(n):
            state[i] = logistic(state[i])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`; the factor is f'_i sum_k x_k W_kij."""
        I, n, columns = net.units.shape
        e_before[:] = 0.0
        for k in entries(x, I):
            value = entry(x, k)
            for i in range(n):
                theta = value * (e[i] * (state[i] * (1.0 - state[i])))
                change.units[k, i, 0] += theta
                for j in range(1, columns):
                    change.units[k, i, j] += theta * before[net.outputs - 1 + j]
                    e_before[net.outputs - 1 + j] += net.units[k, i, j] * theta


def entries(x, n):
    """Return which of ``n`` inputs are not 0: a symbol's own, or all of a vector."""
    return range(x, x + 1) if np.ndim(x) == 0 else range(n)


def entry(x, k):
    """Return the value of input k: 1 for a symbol's own."""
    return 1.0 if np.ndim(x) == 0 else x[k]


@specialise(entries)
def _entries(x, n):
    return (lambda x, n: range(n)) if isinstance(x, types.Array) else lambda x, n: range(x, x + 1)


@specialise(entry)
def _entry(x, k):
    return (lambda x, k: x[k]) if isinstance(x, types.Array) else lambda x, k: 1.0


@guarded
def second_order(inputs: int, states: int, outputs: int) -> SecondOrder:
    """Return a :class:`SecondOrder` net with all weights 0.

    >>> second_order(2, 3, 1)
    SecondOrder(inputs=2, states=3, outputs=1, weights=32)
    """
    n, columns = outputs + states, 1 + states
    w, units = matrices((inputs * n, columns))
    return SecondOrder(w, units.reshape(inputs, n, columns), outputs)
