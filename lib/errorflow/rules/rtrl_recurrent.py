"""RTRL for fully recurrent nets that read symbols, written out: weights change at every step.

The same sums, bit for bit, as :mod:`errorflow.rules.rtrl`. A symbol that has not yet come in a
sequence has had no effect: of its weights' derivatives, all 0, nothing is computed.
"""

from typing import NamedTuple

import numpy as np

from errorflow.core.loss import compare
from errorflow.core.numerics import add_rows, aligned_zeros
from errorflow.core.sequences import input_at
from errorflow.nets.recurrent import Recurrent
from errorflow.nets.units import squash, squash_slope


class RTRLRecurrent(NamedTuple):
    """RTRL for a :class:`~errorflow.nets.recurrent.Recurrent` net of n units.

    While a sequence lasts, weights stand by what they come from: the n units, then the symbols as
    they first come, each with its weights to all n units. ``place`` (I,) is where those of a symbol
    begin, or -1. In that order ``w`` (n (n + I),) are the weights, ``change`` what the errors make
    of them, ``direct`` the effect of a step's own weights on one unit, ``P`` (2, n, columns) the
    derivatives of all units, and ``J`` (n,) those of one by all of them a step before. ``own``
    (n, n) views the weights among units.
    """

    alpha: float
    place: np.ndarray
    w: np.ndarray
    own: np.ndarray
    P: np.ndarray
    direct: np.ndarray
    change: np.ndarray
    J: np.ndarray
    states: np.ndarray
    net_input: np.ndarray
    errors: np.ndarray

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        """See :func:`errorflow.rules.learn`."""
        alpha, place, w, own, direct = rule.alpha, rule.place, rule.w, rule.own, rule.direct
        change, J, net_input, errors = rule.change, rule.J, rule.net_input, rule.errors
        before, state, P, P_next = rule.states[0], rule.states[1], rule.P[0], rule.P[1]
        n, I = len(before), len(place)
        for j in range(n):
            for i in range(n):
                w[j * n + i] = net.units[i, I + j]
        place[:] = -1
        before[:] = 0.0
        width, wrong, wrong_at_end, squared = n * n, 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            if place[x] < 0:
                for i in range(n):
                    w[width + i] = net.units[i, x]
                    P[i, width : width + n] = 0.0
                place[x] = width
                width += n
            now = place[x]
            for i in range(n):
                net_input[i] = w[now + i]
            add_rows(before, n, own, n, net_input, state)
            for i in range(n):
                state[i] = squash(net.f, state[i])
            for i in range(n):
                slope = squash_slope(net.f, state[i])
                for j in range(n):
                    J[j] = own[j, i] * slope
                    direct[j * n + i] = slope * before[j]
                direct[now + i] = slope
                # Before the first step no weight has had an effect.
                add_rows(J, n if t else 0, P, width, direct, P_next[i])
                for j in range(n):
                    direct[j * n + i] = 0.0
                direct[now + i] = 0.0
            wrong_at_end, more = compare(loss, sequence, t, steps, state, errors)
            wrong += wrong_at_end
            squared += more
            change[:width] = 0.0
            add_rows(errors, len(errors), P_next, width, change, change)
            for c in range(width):
                w[c] += alpha * change[c]
            before, state = state, before
            P, P_next = P_next, P
        for i in range(n):
            for j in range(n):
                net.units[i, I + j] = w[j * n + i]
        for x in range(I):
            if place[x] >= 0:
                for i in range(n):
                    net.units[i, x] = w[place[x] + i]
        return wrong, wrong_at_end, squared


def rtrl_recurrent(net: Recurrent, alpha: float) -> RTRLRecurrent:
    """Return :class:`RTRLRecurrent` with a workspace for ``net``, a fully recurrent net."""
    n, columns = net.units.shape
    w = aligned_zeros(n * columns)
    return RTRLRecurrent(
        float(alpha),
        np.full(columns - n, -1),
        w,
        w[: n * n].reshape(n, n),
        aligned_zeros(2, n, -(-n * columns // 8) * 8),
        aligned_zeros(n * columns),
        aligned_zeros(n * columns),
        np.zeros(n),
        np.zeros((2, n)),
        np.zeros(n),
        np.zeros(net.outputs),
    )
