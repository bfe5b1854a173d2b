"""What counts as solved: criteria, judged while learning or on whole sets of sequences."""

from typing import NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.compiled import generic, lean
from errorflow.core.loss import Loss
from errorflow.core.sequences import foreseen
from errorflow.nets import output_size, read, state_size, step
from errorflow.rules import learn
from errorflow.rules.no_learning import NoLearning, evaluate, no_learning
from errorflow.tasks import blank, draw


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
        streak = 0 if (wrong_at_end if criterion.at_end else wrong) else streak + 1
        return streak, streak == criterion.goal


class FrozenStreak(NamedTuple):
    """Solved: ``goal`` successive sequences without a wrong output, the weights held fixed.

    Looked at after every ``every`` sequences. Counted are the sequences presented until then.
    """

    goal: int
    at_end: bool
    every: int
    judge: NoLearning
    task: NamedTuple
    loss: Loss
    symbols: np.ndarray

    def counted(self, presented):
        """Return the number of sequences that the paper would state."""
        return presented

    @staticmethod
    def met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
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
        if presented % criterion.every:
            return 0, False
        for strings in (criterion.training, criterion.test):
            if mistaken(criterion, net, strings, 1):
                return 0, False
        return 0, True

    @staticmethod
    def mistaken(criterion, net, data, most):
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
    judge: NoLearning
    loss: Loss
    at_end: bool

    @staticmethod
    def mistaken(criterion, net, data, most):
        c = criterion
        mistakes, _ = evaluate(c.judge, net, data, c.loss, c.at_end, most)
        return mistakes


@lean
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
        for i in range(states.shape[1]):
            states[0, i] = states[1, i]
    return True


def share_predicted(net, strings, *, strict=True, lag=0, context=0.0):
    """Return the share of a ``StringSet`` of which ``net`` predicts all that is judged.

    A net with weights that are not finite predicts nothing.
    """
    if not np.isfinite(net.w).all():
        return 0.0
    n = len(strings.length)
    options = {"strict": strict, "lag": lag, "context": context}
    return 1 - mistaken(all_predicted(net, strings, strings, **options), net, strings, n) / n


def streak(goal, *, at_end=False):
    """Return :class:`Streak`; ``goal`` is at least 1, else a ``ValueError``."""
    return Streak(check_size("goal", goal), bool(at_end))


def frozen_streak(net, task, loss, goal, every, *, at_end=False, lag=0, reset=True):
    """Return :class:`FrozenStreak` with a workspace for ``net`` and sequences of ``task``."""
    symbols = blank(task)
    judge = no_learning(net, lag=lag, reset=reset)
    goal, every = check_size("goal", goal), check_size("every", every)
    return FrozenStreak(goal, at_end, every, judge, task, loss, symbols)


def all_predicted(net, training, test, *, every=20, strict=True, lag=0, context=0.0, reset=True):
    """Return :class:`AllPredicted` with a workspace for ``net``; the sets are ``StringSet``."""
    states, y = np.zeros((2, state_size(net))), np.zeros(output_size(net))
    return AllPredicted(training, test, every, strict, lag, context, reset, states, y)


def all_right(net, training, test, loss, *, at_end=False):
    """Return :class:`AllRight` with a workspace for ``net``; the sets are of one kind."""
    return AllRight(training, test, no_learning(net), loss, at_end)
