"""RTRL for fully recurrent nets that read symbols, written out: weights change at every step.

The same sums, bit for bit, as :mod:`errorflow.rules.rtrl`. A symbol that has not yet come in a
sequence has had no effect: of its weights' derivatives, all 0, nothing is computed.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.loss import compare
from errorflow.core.numerics import add_rows, aligned_zeros
from errorflow.core.options import NotNegative
from errorflow.core.sequences import Marked, input_at
from errorflow.nets.recurrent import Recurrent
from errorflow.nets.units import squash, squash_slope


@fitting(nets=(Recurrent,), takes=(np.ndarray, Marked))
class RTRLRecurrent(NamedTuple):
    """RTRL for a :class:`~errorflow.nets.recurrent.Recurrent` net of n units.

    While a sequence lasts, weights stand by what they come from: the n units, then the symbols as
    they first come, each with its weights to all n units. ``place`` (I,) says which of these
    sources a symbol is, or -1. In that order ``w`` (n (n + I),) are the weights, ``change`` what
    the errors make of them and ``P`` (2, n, columns) the derivatives of all units; ``seen``
    (n + I,) is what the sources are worth at a step, ``J`` (n, n) the derivatives of the units by
    those a step before. ``own`` (n, n) views the weights among units. So many sources as ``block``
    go through together: what the sums read again and again then stays in the cache.
    """

    alpha: NotNegative
    block: int
    place: Annotated[np.ndarray, "I", Within("-1 .. n + I")]
    w: Annotated[np.ndarray, "n * (n + I)"]
    own: Annotated[np.ndarray, "n, n"]
    P: Annotated[np.ndarray, "2, n, >= n * (n + I)"]
    change: Annotated[np.ndarray, "n * (n + I)"]
    J: Annotated[np.ndarray, "n, n"]
    seen: Annotated[np.ndarray, "n + I"]
    states: Annotated[np.ndarray, "2, n"]
    slopes: Annotated[np.ndarray, "n"]
    errors: Annotated[np.ndarray, "O"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        alpha, block, place, w, own = rule.alpha, rule.block, rule.place, rule.w, rule.own
        change, J, seen, slopes, errors = rule.change, rule.J, rule.seen, rule.slopes, rule.errors
        before, state, P, P_next = rule.states[0], rule.states[1], rule.P[0], rule.P[1]
        n, I = len(before), len(place)
        for j in range(n):
            for i in range(n):
                w[j * n + i] = net.units[i, I + j]
        place[:] = -1
        before[:] = 0.0
        sources, wrong, wrong_at_end, squared = n, 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            if place[x] < 0:
                for i in range(n):
                    w[sources * n + i] = net.units[i, x]
                    for c in range(sources * n, sources * n + n):
                        P[i, c] = 0.0
                place[x] = sources
                sources += 1
            now = place[x]
            for j in range(n):
                seen[j] = before[j]
            for s in range(n, sources):
                seen[s] = 0.0
            seen[now] = 1.0
            for i in range(n):
                state[i] = w[now * n + i]
            add_rows(before, n, own, 0, state)
            for i in range(n):
                state[i] = squash(net.f, state[i])
            for i in range(n):
                slopes[i] = squash_slope(net.f, state[i])
                for j in range(n):
                    J[i, j] = own[j, i] * slopes[i]
            wrong_at_end, more = compare(loss, sequence, t, steps, state, errors)
            wrong += wrong_at_end
            squared += more
            for first in range(0, sources, block):
                last = min(first + block, sources)
                begin, end = first * n, last * n
                made, weights = change[begin:end], w[begin:end]
                for i in range(n):
                    effect = P_next[i][begin:end]
                    effect[:] = 0.0
                    for s in range(last - first):
                        effect[s * n + i] = slopes[i] * seen[first + s]
                    if t:  # before the first step no weight has had an effect
                        add_rows(J[i], n, P, begin, effect)
                made[:] = 0.0
                add_rows(errors, len(errors), P_next, begin, made)
                for c in range(end - begin):
                    weights[c] += alpha * made[c]
            before, state = state, before
            P, P_next = P_next, P
        for i in range(n):
            for j in range(n):
                net.units[i, I + j] = w[j * n + i]
        for x in range(I):
            if place[x] >= 0:
                for i in range(n):
                    net.units[i, x] = w[place[x] * n + i]
        return wrong, wrong_at_end, squared


CACHE = 24 * 1024
"""Bytes of the derivatives that go through together: they and a row more fit the fastest cache."""


@guarded
def rtrl_recurrent(net: Recurrent, alpha: NotNegative) -> RTRLRecurrent:
    """Return :class:`RTRLRecurrent` with a workspace for ``net``, a fully recurrent net."""
    n, columns = net.units.shape
    w = aligned_zeros(n * columns)
    return RTRLRecurrent(
        alpha,
        8 * max(1, CACHE // (8 * 8 * n * n)),
        np.full(columns - n, -1),
        w,
        w[: n * n].reshape(n, n),
        aligned_zeros(2, n, -(-n * columns // 8) * 8),
        aligned_zeros(n * columns),
        np.zeros((n, n)),
        np.zeros(columns),
        np.zeros((2, n)),
        np.zeros(n),
        np.zeros(net.outputs),
    )
