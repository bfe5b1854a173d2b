"""What counts as solved: criteria, judged while learning or on whole sets of sequences."""

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from errorflow.core.checks import check_generator, check_size
from errorflow.core.compiled import generic, lean
from errorflow.core.entries import check_fields, guarded
from errorflow.core.loss import Loss
from errorflow.core.sequences import check_set, foreseen
from errorflow.nets import (
    Net,
    check_finite,
    check_net,
    check_offers,
    output_size,
    read,
    reader,
    state_size,
    step,
)
from errorflow.rules import check_lesson, learn
from errorflow.rules.no_learning import NoLearning, _evaluate, check_judged, no_learning
from errorflow.tasks import blank, check_room, check_suits, draw
from errorflow.tasks.reber import StringSet


def check_criterion(criterion: Any, net: Any) -> None:
    """Refuse a criterion whose workspace and sets are not for ``net``."""
    sizes = check_net(net)
    check_fields("criterion", criterion, sizes)
    for name in ("training", "test"):
        if hasattr(criterion, name):
            check_data(criterion, net, getattr(criterion, name))
    if hasattr(criterion, "task"):
        steps, symbols = criterion.task.steps, criterion.symbols
        check_suits(criterion.task, net, criterion.loss)
        check_room(criterion.task, symbols)
        check_lesson(criterion.judge, net, symbols, steps, criterion.loss)


def check_data(criterion: Any, net: Any, data: Any) -> None:
    """Refuse a set that a criterion cannot look at."""
    if hasattr(criterion, "judge"):
        check_judged(criterion.judge, net, data, criterion.loss)
    else:
        check_fields("data", data)
        if not isinstance(data, StringSet):
            raise ValueError(f"data is a {type(data).__name__}; it must be a StringSet")
        check_set(data, reader(net), check_net(net)["I"], output_size(net))


def _check_mistaken(criterion, net, data, most):
    check_criterion(criterion, net)
    check_finite(net)
    check_data(criterion, net, data)
    check_size("most", most, 0)


@generic(check=_check_mistaken)
def mistaken(criterion, net, data, most):
    """Return how many sequences of a set ``net`` has wrong, looking no further than ``most``."""


def _check_met(criterion, net, rng, presented, streak, wrong, wrong_at_end):
    check_criterion(criterion, net)
    check_finite(net)
    check_generator(rng)
    counts = {"presented": presented, "streak": streak}
    for name, value in {**counts, "wrong": wrong, "wrong_at_end": wrong_at_end}.items():
        check_size(name, value, 0)


@generic(check=_check_met)
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
    symbols: Any

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

    training: StringSet
    test: StringSet
    every: int
    strict: bool
    lag: Literal[0, 1]
    context: float
    reset: bool
    states: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]

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
            mistakes += not _predicts(net, data, row, c.strict, c.lag, c.states, c.y)
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
        mistakes, _ = _evaluate(c.judge, net, data, c.loss, c.at_end, most)
        return mistakes


@lean
def _predicts(net, strings, row, strict, lag, states, y):
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


@guarded
def share_predicted(
    net: Net,
    strings: StringSet,
    *,
    strict: bool = True,
    lag: Literal[0, 1] = 0,
    context: float = 0.0,
) -> float:
    """Return the share of a ``StringSet`` of which ``net`` predicts all that is judged.

    A net with weights that are not finite predicts nothing.
    """
    if not np.isfinite(net.w).all():
        return 0.0
    n = len(strings.length)
    options: dict[str, Any] = {"strict": strict, "lag": lag, "context": context}
    return 1 - mistaken(all_predicted(net, strings, strings, **options), net, strings, n) / n


@guarded
def streak(goal: int, *, at_end: bool = False) -> Streak:
    """Return :class:`Streak`; ``goal`` is at least 1, else a ``ValueError``."""
    return Streak(goal, at_end)


@guarded
def frozen_streak(
    net: Net,
    task: Any,
    loss: Loss,
    goal: int,
    every: int,
    *,
    at_end: bool = False,
    lag: Literal[0, 1] = 0,
    reset: bool = True,
) -> FrozenStreak:
    """Return :class:`FrozenStreak` with a workspace for ``net`` and sequences of ``task``."""
    judge = no_learning(net, lag=lag, reset=reset)
    return FrozenStreak(goal, at_end, every, judge, task, loss, blank(task))


@guarded
def all_predicted(
    net: Net,
    training: StringSet,
    test: StringSet,
    *,
    every: int = 20,
    strict: bool = True,
    lag: Literal[0, 1] = 0,
    context: float = 0.0,
    reset: bool = True,
) -> AllPredicted:
    """Return :class:`AllPredicted` with a workspace for ``net``; the sets are ``StringSet``."""
    check_offers(net, "step", "read")
    states, y = np.zeros((2, state_size(net))), np.zeros(output_size(net))
    return AllPredicted(training, test, every, strict, lag, context, reset, states, y)


@guarded
def all_right(net: Net, training: Any, test: Any, loss: Loss, *, at_end: bool = False) -> AllRight:
    """Return :class:`AllRight` with a workspace for ``net``; the sets are of one kind."""
    criterion = AllRight(training, test, no_learning(net), loss, at_end)
    check_criterion(criterion, net)
    return criterion
