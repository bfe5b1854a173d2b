"""RTRL for the nets of Table 2 alone, written out: one hidden unit, weights change at every step.

The same sums as :mod:`errorflow.rules.rtrl` on a layered net, in one pass over the outputs.
"""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import fitting, guarded
from errorflow.core.numerics import ADDENDS, addends, aligned_zeros, logistic, tree_sum
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
class RTRLOneUnit(NamedTuple):
    """RTRL with per-step updates for a :class:`~errorflow.nets.layered.Layered` net with H = 1.

    ``h`` (1,) is the hidden activation, ``P`` (I + 1,) its derivatives by the weights into it;
    ``product``, ``errors`` and ``target`` are scratch: an entry for each output, and zeros behind
    them up to 8 times a power of two. The squared error is summed only if ``measure`` is set: it
    costs a quarter of the time.
    """

    alpha: NotNegative
    lag: Literal[0, 1]
    reset: bool
    measure: bool
    h: Annotated[np.ndarray, "1"]
    P: Annotated[np.ndarray, "I + 1"]
    product: Annotated[np.ndarray, "A"]
    errors: Annotated[np.ndarray, "A"]
    target: Annotated[np.ndarray, "A"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        alpha, P = rule.alpha, rule.P
        product, errors, target = rule.product, rule.errors, rule.target
        hidden, own, O = net.hidden[0], len(P) - 1, len(net.output)
        from_hidden = net.output[:, own]
        if rule.reset:
            rule.h[0] = 0.0
            P[:] = 0.0
        target[:O] = loss.low
        wrong, wrong_at_end, squared, e = 0, 0, 0.0, 0.0
        # The compiler makes a loop of its own for each case, and a shorter one for the usual case.
        measure, altered = rule.measure, loss.slope != 1.0 or loss.offset != 0.0
        for t in range(steps):
            x, d, before = sequence[t], sequence[t + 1], rule.h[0]
            # The last step's changes of the two weights needed now; carry() makes all of them.
            own_weight = hidden[own] + e * P[own]
            y = logistic(hidden[x] + e * P[x] + own_weight * before)
            h = net.low + (net.high - net.low) * y
            slope = hidden_slope(net, h)
            decay = slope * own_weight
            if rule.lag == 0:
                carry(hidden, P, e, decay)
                P[x] += slope
                P[own] += slope * before
            seen = before if rule.lag == 1 else h
            from_input = net.output[:, x]
            target[d] = loss.high
            wrong_at_end = 0
            for k in range(O):
                weight = from_hidden[k]
                out = logistic(from_input[k] + weight * seen)
                error = target[k] - out
                if measure:
                    errors[k] = error
                wrong_at_end += abs(error) >= loss.tolerance
                f_prime = out * (1.0 - out)
                if altered:
                    f_prime = loss.slope * f_prime + loss.offset
                theta = error * f_prime
                product[k] = weight * theta
                from_input[k] += alpha * theta
                from_hidden[k] = weight + alpha * (theta * seen)
            target[d] = loss.low
            if measure:
                for k in range(O):
                    errors[k] *= errors[k]
                squared += 0.5 * tree_sum(errors)
            wrong += wrong_at_end
            e = alpha * tree_sum(product)
            if rule.lag == 1:
                carry(hidden, P, e, decay)
                P[x] += slope
                P[own] += slope * before
                e = 0.0
            rule.h[0] = h
        carry(hidden, P, e, 1.0)
        return wrong, wrong_at_end, squared


@inline
def carry(hidden, P, e, decay):
    """Make the weight changes that ``e`` calls for, then carry ``P`` over a step, in one pass."""
    for j in range(len(P)):
        hidden[j] += e * P[j]
        P[j] *= decay


@guarded
def rtrl_one_unit(
    net: Layered,
    alpha: NotNegative,
    *,
    lag: Literal[0, 1] = 0,
    reset: bool = True,
    measure: bool = False,
) -> RTRLOneUnit:
    """Return :class:`RTRLOneUnit` with a workspace for ``net``, a layered net with H = 1."""
    check_one_unit(net)
    scratch = addends(3, len(net.output))
    return RTRLOneUnit(
        alpha, lag, reset, measure, np.zeros(1), aligned_zeros(net.hidden.shape[1]), *scratch
    )
