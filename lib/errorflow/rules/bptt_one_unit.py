"""BPTT for the nets of Table 2 alone, written out: one hidden unit, weights change at the end.

The same gradient as :mod:`errorflow.rules.bptt` on a layered net. An output's error needs no way
back through time, so that all it asks for is known when it is; what goes back is a single number.
"""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from errorflow.core.entries import fitting, guarded
from errorflow.core.numerics import ADDENDS, addends, logistic, tree_sum
from errorflow.core.options import NotNegative
from errorflow.nets.layered import Layered, check_one_unit, hidden_slope


@fitting(
    "H == 1",
    "net.output.shape[1] == I + 1",
    "A >= O",
    ADDENDS,
    nets=(Layered,),
    takes=(np.ndarray,),
)
class BPTTOneUnit(NamedTuple):
    """BPTT for a :class:`~errorflow.nets.layered.Layered` net with H = 1 and inputs for outputs.

    ``h`` (steps + 1,) holds the hidden activations, ``e`` (steps,) the errors that the outputs
    send to them, ``theta`` (steps, O) the errors at the outputs' net inputs. ``product``,
    ``errors`` and ``target`` are scratch as in :class:`~errorflow.rules.rtrl_one_unit.RTRLOneUnit`.
    """

    alpha: NotNegative
    lag: Literal[0, 1]
    reset: bool
    measure: bool
    h: Annotated[np.ndarray, ">= T + 1"]
    e: Annotated[np.ndarray, ">= T"]
    theta: Annotated[np.ndarray, ">= T, O"]
    change: Annotated[np.ndarray, "O"]
    into_hidden: Annotated[np.ndarray, "I + 1"]
    product: Annotated[np.ndarray, "A"]
    errors: Annotated[np.ndarray, "A"]
    target: Annotated[np.ndarray, "A"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        alpha, h, e, change = rule.alpha, rule.h, rule.e, rule.change
        product, errors, target = rule.product, rule.errors, rule.target
        hidden, own, O = net.hidden[0], len(rule.into_hidden) - 1, len(net.output)
        from_hidden = net.output[:, own]
        if rule.reset:
            h[0] = 0.0
        change[:] = 0.0
        target[:O] = loss.low
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x, d = sequence[t], sequence[t + 1]
            y = logistic(hidden[x] + hidden[own] * h[t])
            h[t + 1] = net.low + (net.high - net.low) * y
            seen, theta, from_input = h[t + 1 - rule.lag], rule.theta[t], net.output[:, x]
            target[d] = loss.high
            wrong_at_end = 0
            for k in range(O):
                out = logistic(from_input[k] + from_hidden[k] * seen)
                error = target[k] - out
                errors[k] = error
                wrong_at_end += abs(error) >= loss.tolerance
                theta[k] = error * (loss.slope * (out * (1.0 - out)) + loss.offset)
                product[k] = from_hidden[k] * theta[k]
                change[k] += theta[k] * seen
            target[d] = loss.low
            if rule.measure:
                for k in range(O):
                    errors[k] *= errors[k]
                squared += 0.5 * tree_sum(errors)
            wrong += wrong_at_end
            e[t] = tree_sum(product)
        into_hidden, back = rule.into_hidden, 0.0
        into_hidden[:] = 0.0
        for t in range(steps - 1, -1, -1):
            if rule.lag == 0:
                back += e[t]
            theta_h = back * hidden_slope(net, h[t + 1])
            into_hidden[sequence[t]] += theta_h
            into_hidden[own] += theta_h * h[t]
            back = hidden[own] * theta_h
            if rule.lag == 1:
                back += e[t]
            from_input, theta = net.output[:, sequence[t]], rule.theta[t]
            for k in range(O):
                from_input[k] += alpha * theta[k]
        for k in range(O):
            from_hidden[k] += alpha * change[k]
        for j in range(own + 1):
            hidden[j] += alpha * into_hidden[j]
        if not rule.reset:
            h[0] = h[steps]
        return wrong, wrong_at_end, squared


@guarded
def bptt_one_unit(
    net: Layered,
    steps: int,
    alpha: NotNegative,
    *,
    lag: Literal[0, 1] = 0,
    reset: bool = True,
    measure: bool = False,
) -> BPTTOneUnit:
    """Return :class:`BPTTOneUnit` for sequences of up to ``steps`` steps, with a workspace."""
    check_one_unit(net)
    outputs, columns = net.output.shape
    options = alpha, lag, reset, measure
    sequence = np.zeros(steps + 1), np.zeros(steps), np.zeros((steps, outputs))
    scratch = addends(3, outputs)
    return BPTTOneUnit(*options, *sequence, np.zeros(outputs), np.zeros(columns), *scratch)
