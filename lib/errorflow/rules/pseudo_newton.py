"""Pseudo-Newton steps: every gradient divided by a curvature, at whatever size it arrives.

``pseudo_newton`` divides the gradient of a weight by that weight's curvature, summed over time
(Becker and LeCun 1988). ``time_weighted`` divides what each use of a weight brings, at each time,
by the curvature of that use alone (Bengio, Simard and Frasconi 1994):
dw_i = alpha sum_t gradient_it / (curvature_it + mu). Both change weights at the end of a sequence,
with momentum.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np

from errorflow.core.checks import is_array
from errorflow.core.compiled import inline, kernel
from errorflow.core.entries import guarded
from errorflow.core.loss import Loss, has_target
from errorflow.core.numerics import assign
from errorflow.core.options import NotNegative, Positive
from errorflow.core.sequences import Series, input_at
from errorflow.nets import (
    Net,
    check_offers,
    check_shown,
    curve_read,
    curve_step,
    output_size,
    state_size,
    zeros_like,
)
from errorflow.nets.curvature import Uses
from errorflow.rules.forward import forward, room

Rate = NotNegative
Mu = Positive


class PseudoNewton(NamedTuple):
    """Both forms, for nets with curvatures: in the time-weighted one ``uses.mu`` is ``mu``.

    ``states`` (steps + 1, state), ``y`` and ``errors`` (steps, outputs) hold the sequence,
    ``curves`` (outputs,), ``e`` and ``h`` (2, state) what goes back; ``last`` (weights,) is the
    last change, for the momentum.
    """

    alpha: Rate
    mu: Mu
    momentum: Rate
    states: Annotated[np.ndarray, ">= T + 1, S"]
    y: Annotated[np.ndarray, ">= T, O"]
    errors: Annotated[np.ndarray, ">= T, O"]
    curves: Annotated[np.ndarray, "O"]
    e: Annotated[np.ndarray, "2, S"]
    h: Annotated[np.ndarray, "2, S"]
    uses: Uses
    last: Annotated[np.ndarray, "W"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        change, curvature, each = rule.uses.change, rule.uses.curvature, rule.uses.mu > 0.0
        change.w[:] = 0.0
        curvature.w[:] = 0.0
        rule.e[:] = 0.0
        rule.h[:] = 0.0
        seen = forward(net, sequence, steps, loss, 0, rule.states, rule.y, rule.errors)
        for t in range(steps - 1, -1, -1):
            back(rule, net, sequence, t, steps, loss)
        for i in range(len(net.w)):
            newton = change.w[i] if each else change.w[i] / (curvature.w[i] + rule.mu)
            rule.last[i] = rule.alpha * newton + rule.momentum * rule.last[i]
            net.w[i] += rule.last[i]
        return seen


@inline
def back(rule, net, sequence, t, steps, loss):
    """Send errors and curvatures from after step ``t`` to before it."""
    now, then = (steps - t) % 2, (steps - t + 1) % 2
    x, state, uses, e, h = input_at(sequence, t), rule.states[t + 1], rule.uses, rule.e, rule.h
    if has_target(loss, sequence, t, steps):
        rule.curves[:] = 1.0
        errors = rule.errors[t]
        curve_read(net, x, state, rule.y[t], errors, rule.curves, loss, uses, e[now], h[now])
    curve_step(net, x, rule.states[t], state, e[now], h[now], uses, e[then], h[then])


@guarded
def pseudo_newton(
    net: Net, steps: int, alpha: Rate, *, mu: Mu, momentum: Rate = 0.0
) -> PseudoNewton:
    """Return the rule with one curvature a weight, for sequences of up to ``steps`` steps."""
    return _rule(net, steps, alpha, mu, momentum, False)


@guarded
def time_weighted(
    net: Net, steps: int, alpha: Rate, *, mu: Mu, momentum: Rate = 0.0
) -> PseudoNewton:
    """Return the rule with one curvature a weight and time, for up to ``steps`` steps."""
    return _rule(net, steps, alpha, mu, momentum, True)


def _rule(net, steps, alpha, mu, momentum, each):
    check_offers(net, "curve_read", "curve_step")
    size, outputs = state_size(net), output_size(net)
    return PseudoNewton(
        alpha,
        mu,
        momentum,
        *room(net, steps),
        np.zeros(outputs),
        np.zeros((2, size)),
        np.zeros((2, size)),
        Uses(zeros_like(net), zeros_like(net), mu if each else 0.0),
        np.zeros(len(net.w)),
    )


@guarded
def instances(net: Net, sequence: Any, loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """Return gradient and curvature of every use of the weights, two arrays (steps, weights).

    Row q is the use q steps before the end of the ``sequence``: symbols, one more than steps, or a
    :class:`~errorflow.core.sequences.Series`. Gradients are minus the derivatives.
    """
    shown = getattr(sequence, "inputs", getattr(sequence, "symbols", sequence))
    steps = len(shown) - (not isinstance(sequence, Series)) if is_array(shown) else 0
    check_shown(net, sequence, steps, targets=True, at_end=loss.at_end)
    rule = pseudo_newton(net, steps, 0.0, mu=1.0)
    gradients, curvatures = np.zeros((2, steps, len(net.w)))
    _instances(rule, net, sequence, steps, loss, gradients, curvatures)
    return gradients, curvatures


@kernel
def _instances(rule, net, sequence, steps, loss, gradients, curvatures):
    rule.e[:] = 0.0
    rule.h[:] = 0.0
    forward(net, sequence, steps, loss, 0, rule.states, rule.y, rule.errors)
    for q in range(steps):
        rule.uses.change.w[:] = 0.0
        rule.uses.curvature.w[:] = 0.0
        back(rule, net, sequence, steps - 1 - q, steps, loss)
        assign(gradients[q], rule.uses.change.w)
        assign(curvatures[q], rule.uses.curvature.w)
