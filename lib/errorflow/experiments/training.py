"""Two loops: on-line, a sequence at a time, and batch, a set at a time; counted as papers count."""

import math
from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import lean
from errorflow.rules import learn
from errorflow.tasks import blank, draw
from errorflow.tasks.criteria import met, mistaken

CHUNK = 100_000
"""At most so many sequences are presented in one go: Python sees interrupts in between."""


class Trained(NamedTuple):
    """What came of it: ``curve`` holds (sequences so far, mean squared error since then).

    A net whose weights are not all finite is no success: kernels take every number for finite, and
    may find the outputs of such a net right (:data:`errorflow.core.compiled.FLAGS`).
    """

    success: bool
    sequences: int
    net: NamedTuple
    curve: list


@lean
def present(net, rule, task, loss, criterion, rng, symbols, presented, n, streak, squared):
    """Present ``n`` more sequences, or as many as it takes to meet the criterion.

    Returns how many have been presented by then, the streak, and whether the criterion is met;
    fills ``squared``, if it is not empty, with the squared error of each.
    """
    for i in range(n):
        steps = draw(task, rng, symbols)
        wrong, wrong_at_end, error = learn(rule, net, symbols, steps, loss)
        if len(squared):
            squared[i] = error
        presented += 1
        streak, done = met(criterion, net, rng, presented, streak, wrong, wrong_at_end)
        if done:
            return presented, streak, True
    return presented, streak, False


def online(net, rule, task, loss, criterion, rng, budget, *, growth=None, curve_every=0):
    """Train until ``criterion`` is met or ``budget`` sequences have been presented.

    With ``curve_every`` the mean squared error is kept for every so many sequences. Returns
    :class:`Trained`; without success its ``sequences`` is the budget. A net that is to grow is
    handed over small, with a criterion made for the grown net.
    """
    symbols = blank(task)
    presented, streak, done, curve, errors, previous = 0, 0, False, [], [], np.inf
    while presented < budget and not done:
        n = min(CHUNK, budget - presented)
        if growth:
            n = min(n, growth.after - presented if growth.after else growth.window)
        if curve_every:
            n = min(n, curve_every - presented % curve_every)
        squared = np.empty(n if growth or curve_every else 0)
        state = symbols, presented, n, streak, squared
        presented, streak, done = present(net, rule, task, loss, criterion, rng, *state)
        if curve_every:
            errors.extend(squared)
            if presented % curve_every == 0:
                curve.append((presented, math.fsum(errors) / len(errors)))
                errors = []
        if growth and not done:
            mean = math.fsum(squared) / n
            stagnates = mean > (1 - growth.gain) * previous
            previous = mean
            if presented >= growth.after if growth.after else stagnates:
                net, rule = growth.grow(net)
                growth = growth._replace(times=growth.times - 1) if growth.times > 1 else None
                previous = np.inf
    done = done and _finite(net)
    return Trained(done, criterion.counted(presented) if done else budget, net, curve)


def _finite(net):
    """Return whether all weights are finite numbers: see :class:`Trained`."""
    return bool(np.isfinite(net.w).all())


def batch(net, rule, data, loss, criterion, rng, budget, *, curve=False):
    """Train on a whole set again and again until it is right, the rule ends, or the budget does.

    ``rule.epochs(net, data, loss, rng)`` yields (net, squared error of the set or None, what to
    count) after each pass; a pass more is made only if the budget has room for as much again.
    With success the sequences of ``criterion.test`` are right too: they are looked at once, when
    training has ended. Returns :class:`Trained`; with ``curve`` it has the mean squared error of
    each pass that knows it.
    """
    presented, errors, solved = 0, [], False
    for trained, squared, more in rule.epochs(net, data, loss, rng):
        presented += more
        if squared is not None:
            if curve:
                errors.append((presented, squared / len(data.length)))
            solved = mistaken(criterion, trained, data, 1) == 0
        if solved or presented + more > budget:
            break
    success = solved and _finite(trained) and mistaken(criterion, trained, criterion.test, 1) == 0
    return Trained(success, presented, trained, errors)
