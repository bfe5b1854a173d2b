"""Elman's rule for his own net alone, written out: outputs that see the hidden units alone.

The same sums, bit for bit, as :mod:`errorflow.rules.elman` with weights changed at every step and
no momentum. While a sequence lasts, the weights among hidden units are kept by the unit they come
from, and rows are filled up, so that every loop runs along rows of whole vectors.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import fitting, guarded
from errorflow.core.loss import compare
from errorflow.core.numerics import add_rows, add_sums, aligned_zeros, logistic
from errorflow.core.options import NotNegative
from errorflow.core.sequences import Marked, input_at
from errorflow.nets.layered import Layered, hidden_slope


@fitting(
    "R >= H", "Y >= Q >= O", "net.output.shape[1] == H", nets=(Layered,), takes=(np.ndarray, Marked)
)
class ElmanLayered(NamedTuple):
    """The rule for a :class:`~errorflow.nets.layered.Layered` net and symbols.

    Rows have a place for each hidden unit and are filled up to a multiple of 4, and so are the
    outputs; what stands in the places behind never comes back. ``own`` (H, row) holds the weights
    from each hidden unit to all, ``output`` (outputs, row) those into each output, ``states``
    (2, row) the activations before and after a step, ``theta`` (row,) the errors at the hidden net
    inputs, ``sums`` (4, row) their parts.
    """

    alpha: NotNegative
    context: float
    own: Annotated[np.ndarray, "H, R"]
    output: Annotated[np.ndarray, "Q, R"]
    states: Annotated[np.ndarray, "2, R"]
    theta: Annotated[np.ndarray, "R"]
    sums: Annotated[np.ndarray, "4, R"]
    y: Annotated[np.ndarray, "Y"]
    errors: Annotated[np.ndarray, "O"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        alpha, own, theta = rule.alpha, rule.own, rule.theta
        before, state, y, errors = rule.states[0], rule.states[1], rule.y, rule.errors
        H, row = own.shape
        fetch(rule, net)
        before[:] = rule.context
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            for i in range(H):
                state[i] = net.hidden[i, x]
            for i in range(H, row):
                state[i] = 0.0
            add_rows(before, H, own, 0, state)
            for i in range(row):
                state[i] = net.low + (net.high - net.low) * logistic(state[i])
            y[:] = 0.0
            add_sums(rule.output, 0, H, state, y)
            for k in range(len(y)):
                y[k] = logistic(y[k])
            wrong_at_end, more = compare(loss, sequence, t, steps, y, errors)
            wrong += wrong_at_end
            squared += more
            for k in range(len(errors)):
                errors[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
            change_output(rule, state)
            for i in range(row):
                theta[i] *= hidden_slope(net, state[i])
            for i in range(H):
                net.hidden[i, x] += alpha * theta[i]
            for j in range(H):
                seen = before[j]
                for i in range(row):
                    own[j, i] += alpha * (theta[i] * seen)
            before, state = state, before
        put_back(rule, net)
        return wrong, wrong_at_end, squared


@inline
def fetch(rule, net):
    """Copy the weights into the rule's rows."""
    own, output = rule.own, rule.output
    H, I = own.shape[0], net.hidden.shape[1] - own.shape[0]
    own[:] = 0.0
    output[:] = 0.0
    for i in range(H):
        for j in range(H):
            own[j, i] = net.hidden[i, I + j]
        for k in range(len(net.output)):
            output[k, i] = net.output[k, i]


@inline
def put_back(rule, net):
    """Copy the weights back into the net."""
    own, output = rule.own, rule.output
    H, I = own.shape[0], net.hidden.shape[1] - own.shape[0]
    for i in range(H):
        for j in range(H):
            net.hidden[i, I + j] = own[j, i]
        for k in range(len(net.output)):
            net.output[k, i] = output[k, i]


@inline
def change_output(rule, state):
    """Write into ``rule.theta`` what the errors send back, then change the weights they came by.

    The sums are those of :func:`errorflow.core.numerics.dot_column`, of all hidden units at once.
    """
    alpha, output, errors, sums = rule.alpha, rule.output, rule.errors, rule.sums
    O = len(errors)
    sums[:] = 0.0
    for k in range(O):
        part = sums[k % 4 if k < O - O % 4 else 0]
        for i in range(len(state)):
            into = output[k, i]
            part[i] += into * errors[k]
            output[k, i] = into + alpha * (errors[k] * state[i])
    for i in range(len(state)):
        rule.theta[i] = (sums[0, i] + sums[1, i]) + (sums[2, i] + sums[3, i])


@guarded
def elman_layered(net: Layered, alpha: NotNegative, *, context: float = 0.0) -> ElmanLayered:
    """Return :class:`ElmanLayered` for ``net``, whose outputs see the hidden units alone."""
    H, (O, seen) = len(net.hidden), net.output.shape
    if seen != H:
        raise ValueError(f"outputs see {seen} activations; this rule is for the {H} hidden units'")
    row, outputs = -(-H // 4) * 4, -(-O // 4) * 4
    return ElmanLayered(
        alpha,
        context,
        aligned_zeros(H, row),
        aligned_zeros(outputs, row),
        aligned_zeros(2, row),
        aligned_zeros(row),
        aligned_zeros(4, row),
        np.zeros(-(-O // 8) * 8),  # a multiple of 8 goes through the logistic in vectors
        np.zeros(O),
    )
