"""Discrete states whose transitions the input decides: tables of probabilities, or softmax nets.

Y. Bengio and P. Frasconi, NIPS 6, 1994 (a target is the desired final state) and NIPS 7, 1995 (the
input/output hidden Markov model, whose states have output probabilities).
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline, specialise, types
from errorflow.core.entries import guarded
from errorflow.core.numerics import exp, weighted
from errorflow.nets import describe, has, matrices, readout

FORBIDDEN = -600.0
"""The weight that makes a transition as good as impossible, e**-600, without denormal numbers."""


@has(readout.output_size)
class StateMachine(NamedTuple):
    """A distribution over n states, moved by each input; it begins in state 0.

    Row i n + j of ``transition`` (n n, K) belongs to phi_ij = P(x_t = i | x_{t-1} = j, u_t): its
    entries are the probabilities for each of K symbols, and columns sum to 1 over i; or, with
    ``softmax``, the weights from K real inputs, and phi_ij is their softmax over i. ``output``
    (O, n) holds P(class k | state i), and with one output P(1 | state i). Where ``emission`` is
    False outputs say what class a final state stands for, and are no weights.

    The state of the net is zeta_t = (P(x_t = i))_i; a vector of zeros stands for the start.
    """

    w: np.ndarray
    transition: Annotated[np.ndarray, "S * S, K"]
    output: Annotated[np.ndarray, "O, S"]
    softmax: bool
    emission: bool

    @property
    def weights(self):
        """The number of weights; that columns sum to 1 is not subtracted."""
        return self.transition.size + (self.output.size if self.emission else 0)

    def __repr__(self):
        (outputs, states), inputs = self.output.shape, self.transition.shape[1]
        sizes = {"inputs": inputs, "states": states, "outputs": outputs}
        return describe(self, weights=self.weights, **sizes)

    @staticmethod
    def input_size(net):
        return net.transition.shape[1]

    @staticmethod
    def state_size(net):
        return net.output.shape[1]

    @staticmethod
    def reads(net, n):
        K = net.transition.shape[1]
        return n in (0, K) if net.softmax else n == 0 or K > 1

    @staticmethod
    def step(net, x, before, state):
        """See :func:`errorflow.nets.step`: zeta_i,t = sum_j phi_ij,t zeta_j,t-1."""
        n = len(state)
        state[:] = 0.0
        start = before.sum() == 0.0
        for j in range(n):
            share = (1.0 if j == 0 else 0.0) if start else before[j]
            if share == 0.0:
                continue
            total = 0.0
            for i in range(n):
                total += strength(net, x, i * n + j)
            for i in range(n):
                state[i] += share * (strength(net, x, i * n + j) / total)

    @staticmethod
    def read(net, x, state, y):
        """See :func:`errorflow.nets.read`: y_k = P(class k)."""
        for k in range(len(net.output)):
            y[k] = 0.0
            for i in range(len(state)):
                y[k] += net.output[k, i] * state[i]


@inline
def transitions(net, x, phi):
    """Write all phi_ij that belong to input ``x`` into ``phi`` (n, n)."""
    n = len(phi)
    for j in range(n):
        total = 0.0
        for i in range(n):
            phi[i, j] = strength(net, x, i * n + j)
            total += phi[i, j]
        for i in range(n):
            phi[i, j] /= total


@inline
def strength(net, x, row):
    """Return the transition of that ``row`` for input ``x``, not yet divided by their sum."""
    return exp(weighted(net.transition, row, x)) if net.softmax else net.transition[row, symbol(x)]


def symbol(x):
    """Return a symbol; a vector stands for symbol 1 if its first entry is positive, else for 0."""
    return x if np.ndim(x) == 0 else int(x[0] > 0.0)


@specialise(symbol)
def _symbol(x):
    return (lambda x: int(x[0] > 0.0)) if isinstance(x, types.Array) else lambda x: x


@guarded
def state_machine(
    inputs: int, states: int, outputs: int, *, softmax: bool = False, emission: bool = False
) -> StateMachine:
    """Return a :class:`StateMachine` with all weights 0; ``inputs`` counts symbols or inputs.

    >>> state_machine(5, 3, 5, emission=True)
    StateMachine(inputs=5, states=3, outputs=5, weights=60)
    """
    shapes = (states * states, inputs), (outputs, states)
    return StateMachine(*matrices(*shapes), softmax, emission)
