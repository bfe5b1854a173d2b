"""Discrete error propagation: not how much a unit should change, but whether it should flip.

Bengio, Simard and Frasconi (1994) have threshold units and send back wanted flips D of 2, 0 or -2.
To flip, the net input x of a unit must change by +-epsilon - x, so that the unit has the
pseudo-slope 2 / (|x| + epsilon). What comes back to a unit, g = sum_k w_ki D_k slope_k, is made
discrete at random: S(g). How the weights change is not published in what could be found; here by
the chain rule with the pseudo-slope: dw_ij = alpha sum_t D_i slope_i y_j.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import fitting, guarded
from errorflow.core.loss import has_target
from errorflow.core.numerics import credit, net_inputs
from errorflow.core.options import NotNegative, Positive
from errorflow.core.sequences import input_at
from errorflow.nets import state_size, zeros_like
from errorflow.nets.threshold import Threshold
from errorflow.rules.forward import forward


@inline
def flip(g, most, r):
    """Return S(g): 2 with probability (g + most) / (2 most), else -2; a g of 0 asks for nothing.

    ``r`` is a random number from [0, 1); outside of [-``most``, ``most``] S is sure.
    """
    if g == 0.0:
        return 0.0
    return 2.0 if r * (2.0 * most) < g + most else -2.0


@fitting(nets=(Threshold,))
class Discrete(NamedTuple):
    """Discrete error propagation for :class:`~errorflow.nets.threshold.Threshold` nets.

    Weights change at the end of a sequence. ``wanted`` (steps, H) holds the flips D that hidden
    units were asked for; one that asks a unit for what it is already is none. ``states`` (steps +
    1, 2 H), ``y`` and ``errors`` (steps, outputs) hold the sequence, ``x_out`` (steps, outputs) the
    outputs' net inputs, ``g`` (2, H) what goes back.
    """

    alpha: NotNegative
    epsilon: Positive
    most: Positive
    rng: np.random.Generator
    states: Annotated[np.ndarray, ">= T + 1, 2 * H"]
    x_out: Annotated[np.ndarray, ">= T, O"]
    y: Annotated[np.ndarray, ">= T, O"]
    errors: Annotated[np.ndarray, ">= T, O"]
    wanted: Annotated[np.ndarray, ">= T, H"]
    g: Annotated[np.ndarray, "2, H"]
    change: Annotated[NamedTuple, "net"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        states, y, errors, change = rule.states, rule.y, rule.errors, rule.change
        H = len(net.hidden)
        first, middle = net.hidden.shape[1] - H, 0.5 * (net.low + net.high)
        seen = forward(net, sequence, steps, loss, 0, states, y, errors)
        for t in range(steps):
            net_inputs(net.output, input_at(sequence, t), first, states[t + 1], rule.x_out[t])
        change.w[:] = 0.0
        g, g_before = rule.g[0], rule.g[1]
        g[:] = 0.0
        for t in range(steps - 1, -1, -1):
            x, state, before, asked = (
                input_at(sequence, t),
                states[t + 1],
                states[t],
                rule.wanted[t],
            )
            if has_target(loss, sequence, t, steps):
                for k in range(len(errors[t])):
                    d = y[t, k] + errors[t, k]  # the target; right is its side of the middle
                    if (d > middle) != (y[t, k] > middle):
                        D = 2.0 if d > middle else -2.0
                        theta = D * slope(rule, rule.x_out[t, k])
                        ask(net.output, change.output, k, x, first, state, theta, g)
            g_before[:] = 0.0
            for i in range(H):
                asked[i] = 0.0
                D = flip(g[i], rule.most, rule.rng.random())
                if D * state[i] < 0.0:
                    asked[i] = D
                    theta = D * slope(rule, state[H + i])
                    ask(net.hidden, change.hidden, i, x, first, before, theta, g_before)
            g, g_before = g_before, g
        for i in range(len(net.w)):
            net.w[i] += rule.alpha * change.w[i]
        return seen


@inline
def slope(rule, x):
    """Return the pseudo-slope of a unit that is to flip."""
    return 2.0 / (abs(x) + rule.epsilon)


@inline
def ask(W, change, i, x, first, y, theta, g):
    """Add what unit i asks of its weights to ``change``, of the activations ``y`` to ``g``."""
    credit(change, i, x, theta)
    for j in range(W.shape[1] - first):
        change[i, first + j] += theta * y[j]
        g[j] += W[i, first + j] * theta


@guarded
def discrete(
    net: Threshold,
    steps: int,
    alpha: NotNegative,
    rng: np.random.Generator,
    *,
    epsilon: Positive = 1.0,
    most: Positive = 2.0,
) -> Discrete:
    """Return :class:`Discrete` for sequences of up to ``steps`` steps; ``rng`` makes the flips."""
    H, O = len(net.hidden), len(net.output)
    return Discrete(
        alpha,
        epsilon,
        most,
        rng,
        np.zeros((steps + 1, state_size(net))),
        np.zeros((steps, O)),
        np.zeros((steps, O)),
        np.zeros((steps, O)),
        np.zeros((steps, H)),
        np.zeros((2, H)),
        zeros_like(net),
    )
