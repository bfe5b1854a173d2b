"""Nets given by a list of their connections: A1 and A2 of random weight guessing.

Schmidhuber and Hochreiter 1996. Hidden units see the input and what was a step before; outputs see
the hidden units of the same step. That order is not stated, but parity asks for it: its last step
is an exclusive or, which needs a hidden unit between input and output.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import Within, guarded
from errorflow.nets import describe, first_units, has, matrices
from errorflow.nets.units import LOGISTIC, Squash, squash, squash_slope


@has(first_units.input_size, first_units.output_size)
class Sparse(NamedTuple):
    """A net of ``units`` units, hidden ones first and outputs last, for vectors of inputs.

    ``w`` (connections,) are all weights; those into unit i are ``start[i]`` to ``start[i + 1]``.
    Connection k comes from what ``source[k]`` counts: the inputs, then all units a step before,
    then the units that have been computed in this step. The state is the activations of the units.
    """

    w: np.ndarray
    source: Annotated[np.ndarray, "W", Within("0 .. I + 2 * units - 1")]
    start: Annotated[np.ndarray, "units + 1", Within("0 .. W")]
    inputs: int
    units: int
    outputs: Annotated[int, Within("1 .. units")]
    f: Squash

    def __repr__(self):
        hidden = self.units - self.outputs
        return describe(self, inputs=self.inputs, hidden=hidden, outputs=self.outputs)

    @staticmethod
    def state_size(net):
        return net.units

    @staticmethod
    def reads(net, n):
        return n == net.inputs

    @staticmethod
    def step(net, x, before, state):
        for i in range(net.units):
            total = 0.0
            for k in range(net.start[i], net.start[i + 1]):
                s = net.source[k]
                if s < net.inputs:
                    total += net.w[k] * x[s]
                elif s < net.inputs + net.units:
                    total += net.w[k] * before[s - net.inputs]
                else:
                    total += net.w[k] * state[s - net.inputs - net.units]
            state[i] = squash(net.f, total)

    @staticmethod
    def read(net, x, state, y):
        for k in range(net.outputs):
            y[k] = state[net.units - net.outputs + k]

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        """See :func:`errorflow.nets.back_read`; the outputs' slope follows in the step back."""
        for k in range(net.outputs):
            e[net.units - net.outputs + k] += errors[k]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`; unlike there, ``e`` is used up on the way."""
        e_before[:] = 0.0
        for i in range(net.units - 1, -1, -1):
            theta = squash_slope(net.f, state[i]) * e[i]
            for k in range(net.start[i], net.start[i + 1]):
                s = net.source[k]
                if s < net.inputs:
                    change.w[k] += theta * x[s]
                elif s < net.inputs + net.units:
                    change.w[k] += theta * before[s - net.inputs]
                    e_before[s - net.inputs] += theta * net.w[k]
                else:
                    change.w[k] += theta * state[s - net.inputs - net.units]
                    e[s - net.inputs - net.units] += theta * net.w[k]


@guarded
def a1(inputs: int, hidden: int, outputs: int, *, f: Squash = LOGISTIC) -> Sparse:
    """Return A1, fully connected; its outputs do not see the last input, which is the constant 1.

    So only hidden units have a bias, and with one of them there are the seven parameters of the
    net that Bengio et al. 1994 used, which the authors say is the same.

    >>> a1(2, 1, 1)
    Sparse(inputs=2, hidden=1, outputs=1, weights=7)
    """
    units = range(hidden + outputs)
    into_hidden = [*range(inputs), *_before(inputs, units)]
    into_output = [*range(inputs - 1), *_now(inputs, hidden, outputs)]
    into_output += _before(inputs, units[hidden:])
    return _wired(inputs, hidden, outputs, [into_hidden] * hidden, into_output, f)


@guarded
def a2(
    inputs: int, outputs: int, *, hidden: int = 10, own: bool = True, f: Squash = LOGISTIC
) -> Sparse:
    """Return A2: hidden units see inputs, outputs and, if ``own``, themselves; no other unit.

    Outputs see the inputs and all hidden units, not themselves; all units are biased.

    >>> len(a2(2, 1).w), len(a2(2, 1, own=False).w)
    (52, 42)
    """
    outs = range(hidden, hidden + outputs)
    into_hidden = [
        [*range(inputs), *_before(inputs, outs), *_before(inputs, [i] if own else [])]
        for i in range(hidden)
    ]
    into_output = [*range(inputs), *_now(inputs, hidden, outputs)]
    return _wired(inputs, hidden, outputs, into_hidden, into_output, f)


def _before(inputs, units):
    return [inputs + j for j in units]


def _now(inputs, hidden, outputs):
    return [inputs + hidden + outputs + j for j in range(hidden)]


def _wired(inputs, hidden, outputs, into_hidden, into_output, f):
    rows = [*into_hidden, *[into_output] * outputs]
    start = np.cumsum([0, *map(len, rows)])
    (w,) = matrices((int(start[-1]),))[:1]
    return Sparse(w, np.concatenate(rows), start, inputs, hidden + outputs, outputs, f)
