"""RTRL for the nets of Table 2 with the error flow altered, to see what it is that learning needs.

The far part of the gradient can be given any size, and errors before the last step can be kept
from the hidden unit. Nothing altered, the weight changes are those of
:mod:`errorflow.rules.rtrl_one_unit`, bit for bit.
"""

from sys import float_info
from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
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
class Altered(NamedTuple):
    """RTRL with per-step updates for a :class:`~errorflow.nets.layered.Layered` net with H = 1.

    The derivatives ``P`` (I + 1,) of the hidden activation by the weights into it are carried over
    a step with the factor f' w_hh, its size clipped to [``least``, ``most``]: the part of the
    gradient that q steps have scaled by their factors is then scaled by at least ``least`` ** q
    and at most ``most`` ** q. What the net computes is not altered. With ``late`` the weights into
    the hidden unit are changed by the error of the last step alone. ``product`` is scratch, as in
    :class:`errorflow.rules.rtrl_one_unit.RTRLOneUnit`; squared errors are not summed.
    """

    alpha: NotNegative
    least: float
    most: float
    late: bool
    P: Annotated[np.ndarray, "I + 1"]
    product: Annotated[np.ndarray, "A"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        alpha, P, product = rule.alpha, rule.P, rule.product
        hidden, own, O = net.hidden[0], len(P) - 1, len(net.output)
        from_hidden = net.output[:, own]
        wrong, wrong_at_end, before = 0, 0, 0.0
        P[:] = 0.0
        for t in range(steps):
            x, d = sequence[t], sequence[t + 1]
            y = logistic(hidden[x] + hidden[own] * before)
            h = net.low + (net.high - net.low) * y
            slope = hidden_slope(net, h)
            factor = clip(slope * hidden[own], rule.least, rule.most)
            for j in range(len(P)):
                P[j] *= factor
            P[x] += slope
            P[own] += slope * before
            from_input = net.output[:, x]
            wrong_at_end = 0
            for k in range(O):
                weight = from_hidden[k]
                out = logistic(from_input[k] + weight * h)
                error = (loss.high if k == d else loss.low) - out
                wrong_at_end += abs(error) >= loss.tolerance
                theta = error * (loss.slope * (out * (1.0 - out)) + loss.offset)
                product[k] = weight * theta
                from_input[k] += alpha * theta
                from_hidden[k] = weight + alpha * (theta * h)
            wrong += wrong_at_end
            e = alpha * tree_sum(product)
            if not rule.late or t == steps - 1:
                for j in range(len(P)):
                    hidden[j] += e * P[j]
            before = h
        return wrong, wrong_at_end, 0.0


@inline
def clip(factor, least, most):
    """Return ``factor`` with its size brought into [least, most] and its sign kept; 0 stays 0."""
    if factor == 0.0:
        return factor
    size = min(max(abs(factor), least), most)
    return size if factor > 0.0 else -size


@guarded
def scaled_flow(
    net: Layered,
    alpha: NotNegative,
    *,
    least: float = 0.0,
    most: float = float_info.max,
    late: bool = False,
) -> Altered:
    """Return :class:`Altered` with a workspace for ``net``, a layered net with H = 1."""
    check_one_unit(net)
    if not 0.0 <= least <= most <= float_info.max:
        raise ValueError(f"least = {least}, most = {most}; they must be finite, 0 <= least <= most")
    scratch = np.zeros(net.hidden.shape[1]), *addends(1, len(net.output))
    return Altered(alpha, least, most, late, *scratch)
