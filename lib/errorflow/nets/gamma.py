"""The gamma memory: a delay line of leaky taps, whose depth in time is learned.

B. de Vries and J. C. Principe, NIPS 3, 1991. Tap k of a line follows tap k - 1:

    g_k(t) = (1 - mu) g_k(t-1) + mu g_{k-1}(t-1),   g_0(t) = the signal.

Its impulse response after n steps is C(n-1, k-1) mu^k (1-mu)^(n-k), with the sum 1 and the mean
k / mu. With mu = 1 it is a tapped delay line; it is stable for 0 < mu < 2.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, logistic, net_inputs, spell
from errorflow.nets import describe, first_units, has, matrices, readout


@has(first_units.input_size, readout.output_size, readout.read, readout.back_read)
class Gamma(NamedTuple):
    """The net :class:`~errorflow.nets.tdnn.Tdnn` with a gamma memory in place of each delay line.

    ``hidden`` (H, K (I + H)) holds the weights from x(t), the weights from taps 1 .. K of the
    hidden units, and those from taps 1 .. K - 1 of the inputs; ``output`` (O, I + H) as there;
    ``mu`` (H + I,) belongs to the lines, hidden units first. The state is h(t), the taps in the
    order of the columns, and x(t).
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, K * (I + H)"]
    output: Annotated[np.ndarray, "O, I + H"]
    mu: Annotated[np.ndarray, "H + I"]
    inputs: int
    K: int

    def __repr__(self):
        sizes = {"inputs": self.inputs, "hidden": len(self.hidden), "outputs": len(self.output)}
        return describe(self, **sizes, K=self.K)

    @staticmethod
    def state_size(net):
        return net.hidden.shape[0] + net.hidden.shape[1]

    @staticmethod
    def step(net, x, before, state):
        H, I, K = net.hidden.shape[0], net.inputs, net.K
        inputs, newest = H + K * H, K * (H + I) + H - I
        for k in range(1, K + 1):
            for j in range(H):
                state[k * H + j] = follow(net.mu[j], before[k * H + j], before[k * H - H + j])
        for k in range(K - 1):
            at = inputs + k * I
            source = at - I if k else newest
            for j in range(I):
                state[at + j] = follow(net.mu[H + j], before[at + j], before[source + j])
        spell(x, I, state[newest:])
        net_inputs(net.hidden, x, I, state[H:newest], state)
        for i in range(H):
            state[i] = logistic(state[i])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`; to inputs of the past no error is sent."""
        H, I, K = net.hidden.shape[0], net.inputs, net.K
        inputs, newest = H + K * H, K * (H + I) + H - I
        for j in range(H):
            e_before[j] = 0.0
        for j in range(H, newest):
            e_before[j] = e[j]
        for j in range(newest, len(e)):
            e_before[j] = 0.0
        for i in range(H):
            theta = e[i] * (state[i] * (1.0 - state[i]))
            credit(change.hidden, i, x, theta)
            for j in range(H, newest):
                change.hidden[i, I - H + j] += theta * state[j]
                e_before[j] += net.hidden[i, I - H + j] * theta
        # e_before holds the errors at the taps of this step; lower taps first, they go to the last.
        for k in range(1, K + 1):
            for j in range(H):
                tap, source = k * H + j, k * H - H + j
                change.mu[j] += e_before[tap] * (before[source] - before[tap])
                e_before[source] += net.mu[j] * e_before[tap]
                e_before[tap] *= 1.0 - net.mu[j]
        for k in range(K - 1):
            for j in range(I):
                tap = inputs + k * I + j
                source = tap - I if k else newest + j
                change.mu[H + j] += e_before[tap] * (before[source] - before[tap])
                if k:
                    e_before[source] += net.mu[H + j] * e_before[tap]
                e_before[tap] *= 1.0 - net.mu[H + j]


@inline
def follow(mu, tap, source):
    """Return a tap's next value."""
    return (1.0 - mu) * tap + mu * source


@guarded
def gamma(inputs: int, hidden: int, outputs: int, K: int, *, mu: float = 1.0) -> Gamma:
    """Return a :class:`Gamma` net with K >= 1 taps a line, 0 < mu < 2, all other weights 0.

    >>> gamma(5, 1, 5, 10)
    Gamma(inputs=5, hidden=1, outputs=5, K=10, weights=96)
    """
    if not 0.0 < mu < 2.0:
        raise ValueError(f"mu = {mu}; a gamma memory is stable for 0 < mu < 2")
    columns = inputs + hidden
    w, taps, output, all_mu = matrices((hidden, K * columns), (outputs, columns, "F"), (columns,))
    all_mu[:] = mu
    return Gamma(w, taps, output, all_mu, inputs, K)
