"""Two loops: on-line, a sequence at a time, and batch, a set at a time; counted as papers count."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from errorflow.compiled import generic, kernel
from errorflow.nets import output_size, read, state_size, step
from errorflow.rules import Loss, learn
from errorflow.rules.frozen import Frozen, frozen
from errorflow.sequences import foreseen, item
from errorflow.tasks import blank, draw

CHUNK = 100_000
"""At most so many sequences are presented in one go: Python sees interrupts in between."""


@generic
def mistaken(criterion, net, data, most):
    """Return how many sequences of a set ``net`` has wrong, looking no further than ``most``."""


@generic
def met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
    """Return (length of the streak, whether the criterion is met) after a sequence."""


class Streak(NamedTuple):
    """Solved: ``goal`` successive sequences without a wrong output, judged while learning.

    With ``at_end`` only the last step counts. Counted are the sequences before the streak.
    """

    goal: int
    at_end: bool

    def counted(self, presented):
        """Return the number of sequences that the paper would state."""
        return presented - self.goal

    @staticmethod
    def met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
        """See :func:`met`."""
        streak = 0 if (wrong_at_end if criterion.at_end else wrong) else streak + 1
        return streak, streak == criterion.goal


class FrozenStreak(NamedTuple):
    """Solved: ``goal`` successive sequences without a wrong output, the weights held fixed.

    Looked at after every ``every`` sequences. Counted are the sequences presented until then.
    """

    goal: int
    at_end: bool
    every: int
    judge: Frozen
    task: NamedTuple
    loss: Loss
    symbols: np.ndarray

    def counted(self, presented):
        """Return the number of sequences that the paper would state."""
        return presented

    @staticmethod
    def met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
        """See :func:`met`."""
        if presented % criterion.every:
            return 0, False
        for _ in range(criterion.goal):
            steps = draw(criterion.task, rng, criterion.symbols)
            w, w_at_end, _ = learn(criterion.judge, net, criterion.symbols, steps, criterion.loss)
            if w_at_end if criterion.at_end else w:
                return 0, False
        return 0, True


class AllPredicted(NamedTuple):
    """Solved: all symbols of all strings of the sets ``training`` and ``test`` are predicted.

    Strictly: each legal successor's output exceeds that of every other symbol. Otherwise: the
    largest output belongs to a legal successor. Looked at after every ``every`` strings; counted
    are the strings presented until then. ``lag`` 1 says that outputs see the state one step before;
    ``context`` is what the state starts from, in each string or, without ``reset``, in each set.
    """

    training: NamedTuple
    test: NamedTuple
    every: int
    strict: bool
    lag: int
    context: float
    reset: bool
    states: np.ndarray
    y: np.ndarray

    def counted(self, presented):
        """Return the number of strings that the paper would state."""
        return presented

    @staticmethod
    def met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
        """See :func:`met`."""
        if presented % criterion.every:
            return 0, False
        for strings in (criterion.training, criterion.test):
            if mistaken(criterion, net, strings, 1):
                return 0, False
        return 0, True

    @staticmethod
    def mistaken(criterion, net, data, most):
        """See :func:`mistaken`."""
        c, mistakes = criterion, 0
        for row in range(len(data.length)):
            if c.reset or row == 0:
                c.states[0] = c.context
            mistakes += not predicts(net, data, row, c.strict, c.lag, c.states, c.y)
            if mistakes == most:
                break
        return mistakes


class AllRight(NamedTuple):
    """Solved: no output is wrong in any sequence of ``training`` and ``test``.

    With ``at_end`` only the last step counts.
    """

    training: NamedTuple
    test: NamedTuple
    judge: Frozen
    loss: Loss
    at_end: bool

    @staticmethod
    def mistaken(criterion, net, data, most):
        """See :func:`mistaken`."""
        mistakes = 0
        for i in range(len(data.length)):
            sequence, steps = item(data, i)
            wrong, wrong_at_end, _ = learn(criterion.judge, net, sequence, steps, criterion.loss)
            mistakes += (wrong_at_end if criterion.at_end else wrong) > 0
            if mistakes == most:
                break
        return mistakes


@kernel
def predicts(net, strings, row, strict, lag, states, y):
    """Return whether ``net``, from ``states[0]``, predicts all symbols of one string.

    A symbol whose set of ``successors`` is empty is not judged.
    """
    for t in range(strings.length[row] - 1):
        x, successors = strings.symbols[row, t], strings.successors[row, t]
        step(net, x, states[0], states[1])
        read(net, x, states[1 - lag], y)
        if successors and not foreseen(y, successors, strict):
            return False
        states[0] = states[1]
    return True


def share_predicted(net, strings, *, strict=True, lag=0, context=0.0):
    """Return the share of a ``StringSet`` of which ``net`` predicts all that is judged."""
    n = len(strings.length)
    options = {"strict": strict, "lag": lag, "context": context}
    return 1 - mistaken(all_predicted(net, strings, strings, **options), net, strings, n) / n


def streak(goal, *, at_end=False):
    """Return :class:`Streak`."""
    return Streak(goal, at_end)


def frozen_streak(net, task, loss, goal, every, *, at_end=False, lag=0, reset=True):
    """Return :class:`FrozenStreak` with a workspace for ``net`` and sequences of ``task``."""
    symbols = blank(task)
    judge = frozen(net, lag=lag, reset=reset)
    return FrozenStreak(goal, at_end, every, judge, task, loss, symbols)


def all_predicted(net, training, test, *, every=20, strict=True, lag=0, context=0.0, reset=True):
    """Return :class:`AllPredicted` with a workspace for ``net``; the sets are ``StringSet``."""
    states, y = np.zeros((2, state_size(net))), np.zeros(output_size(net))
    return AllPredicted(training, test, every, strict, lag, context, reset, states, y)


def all_right(net, training, test, loss, *, at_end=False):
    """Return :class:`AllRight` with a workspace for ``net``; the sets are of one kind."""
    return AllRight(training, test, frozen(net), loss, at_end)


class Growth(NamedTuple):
    """When a net grows: after ``after`` sequences, or, if that is 0, when learning stagnates.

    It stagnates when the mean squared error of ``window`` sequences is less than the fraction
    ``gain`` below that of the ``window`` before. ``grow(net)`` returns the new net and its rule; it
    is called ``times`` times at most.
    """

    grow: Callable
    after: int = 0
    window: int = 100
    gain: float = 0.01
    times: int = 1


class Trained(NamedTuple):
    """What came of it: ``curve`` holds (sequences so far, mean squared error since then)."""

    success: bool
    sequences: int
    net: NamedTuple
    curve: list


@kernel
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
    return Trained(done, criterion.counted(presented) if done else budget, net, curve)


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
    success = solved and mistaken(criterion, trained, criterion.test, 1) == 0
    return Trained(success, presented, trained, errors)
