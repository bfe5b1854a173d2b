"""A NARX net of a single tanh unit whose weights to itself are fixed: it latches.

The unit of Lin, Horne, Tino and Giles (NIPS 8, 1996), after Bengio, Simard and Frasconi (1994). It
is also their analytic example: spread over D taps, the same feedback lets an error decay slower.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import tanh
from errorflow.nets import describe, first_units, has, matrices


@has(first_units.read, first_units.back_read)
class Latch(NamedTuple):
    """x(t) = tanh(sum over r = 1 .. D of (``total`` / D) x(t-r) + h u(t) + e(t)), the output.

    An input is a vector of the I entries of u(t), then e(t), which is noise. Only ``h`` (I,) is
    learned. The state is x(t) .. x(t-D+1).
    """

    w: np.ndarray
    h: Annotated[np.ndarray, "I - 1"]
    total: float
    D: int

    def __repr__(self):
        return describe(self, inputs=len(self.h), D=self.D)

    @staticmethod
    def input_size(net):
        return len(net.h) + 1

    @staticmethod
    def state_size(net):
        return net.D

    @staticmethod
    def output_size(net):
        return 1

    @staticmethod
    def reads(net, n):
        return n == len(net.h) + 1

    @staticmethod
    def step(net, x, before, state):
        past = 0.0
        for r in range(net.D):
            past += before[r]
        a = net.total / net.D * past
        for i in range(len(net.h)):
            a += net.h[i] * x[i]
        for r in range(net.D - 1, 0, -1):
            state[r] = before[r - 1]
        state[0] = tanh(a + x[len(net.h)])

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        theta = e[0] * (1.0 - state[0] * state[0])
        for i in range(len(net.h)):
            change.h[i] += theta * x[i]
        for r in range(net.D):
            e_before[r] = net.total / net.D * theta + (e[r + 1] if r + 1 < net.D else 0.0)


@guarded
def latch(inputs: int, D: int, *, total: float = 1.25) -> Latch:
    """Return a :class:`Latch` with all learned weights 0; ``total`` is the sum of the fixed ones.

    >>> latch(6, 3)
    Latch(inputs=6, D=3, weights=6)
    """
    return Latch(*matrices((inputs,)), total, D)
