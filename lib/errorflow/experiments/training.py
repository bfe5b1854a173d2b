"""Two loops: on-line, a sequence at a time, and batch, a set at a time; counted as papers count."""

import math
from typing import Any, NamedTuple

import numpy as np

from errorflow.core.checks import check_generator, check_vector, said
from errorflow.core.compiled import lean
from errorflow.core.entries import check_fields, guarded
from errorflow.core.loss import Loss
from errorflow.core.options import Count
from errorflow.methods.learner import Growth
from errorflow.rules import Rule, check_lesson, learn
from errorflow.tasks import blank, check_room, check_suits, draw
from errorflow.tasks.criteria import check_criterion, check_data, met, mistaken

CHUNK = 100_000
"""At most so many sequences are presented in one go: Python sees interrupts in between."""


class Trained(NamedTuple):
    """What came of it: ``curve`` holds (sequences so far, mean squared error since then).

    A net whose weights are not all finite is no success: kernels take every number for finite, and
    may find the outputs of such a net right (:data:`errorflow.core.compiled.FLAGS`).
    """

    success: bool
    sequences: int
    net: Any
    curve: list


def check_training(
    net: Any, rule: Any, task: Any, loss: Any, criterion: Any, rng: Any, *, grows: bool = False
) -> None:
    """Refuse what does not go together in a trial; one whose net grows has another criterion."""
    if not isinstance(rule, Rule):
        raise ValueError(f"rule = {said(rule)}; it must be a rule that learns from sequences")
    check_fields("loss", loss)
    check_generator(rng)
    check_suits(task, net, loss)
    check_lesson(rule, net, blank(task), task.steps, loss)
    check_fields("criterion", criterion)
    if not hasattr(type(criterion), "met"):
        raise ValueError(f"criterion = {said(criterion)}; it must be one for learning on-line")
    if not grows:
        check_criterion(criterion, net)


@lean
def _present(net, rule, task, loss, criterion, rng, symbols, presented, n, streak, squared):
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


@guarded
def present(
    net: Any,
    rule: Any,
    task: Any,
    loss: Loss,
    criterion: Any,
    rng: np.random.Generator,
    symbols: Any,
    presented: Count,
    n: Count,
    streak: Count,
    squared: np.ndarray,
) -> tuple[int, int, bool]:
    """Present ``n`` more sequences, or as many as it takes to meet the criterion.

    Returns how many have been presented by then, the streak, and whether the criterion is met;
    fills ``squared``, if it is not empty, with the squared error of each. ``symbols`` is
    what sequences are drawn into, as :func:`errorflow.tasks.blank` makes it.
    """
    check_training(net, rule, task, loss, criterion, rng)
    check_room(task, symbols)
    check_vector("squared", squared, n if np.size(squared) else 0, more=True)
    return _present(net, rule, task, loss, criterion, rng, symbols, presented, n, streak, squared)


@guarded
def online(
    net: Any,
    rule: Any,
    task: Any,
    loss: Loss,
    criterion: Any,
    rng: np.random.Generator,
    budget: Count,
    *,
    growth: Growth | None = None,
    curve_every: Count = 0,
) -> Trained:
    """Train until ``criterion`` is met or ``budget`` sequences have been presented.

    With ``curve_every`` the mean squared error is kept for every so many sequences. Returns
    :class:`Trained`; without success its ``sequences`` is the budget. A net that is to grow is
    handed over small, with a criterion made for the grown net. Training ends when the net is no
    longer finite, which it stays: see :class:`Trained`.
    """
    check_training(net, rule, task, loss, criterion, rng, grows=growth is not None)
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
        presented, streak, done = _present(net, rule, task, loss, criterion, rng, *state)
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
                check_training(net, rule, task, loss, criterion, rng, grows=growth.times > 1)
                growth = growth._replace(times=growth.times - 1) if growth.times > 1 else None
                previous = np.inf
        if not (growth or curve_every or _finite(net)):
            break
    done = done and _finite(net)
    return Trained(done, criterion.counted(presented) if done else budget, net, curve)


def _finite(net):
    """Return whether all weights are finite numbers: see :class:`Trained`."""
    return bool(np.isfinite(net.w).all())


@guarded
def batch(
    net: Any,
    rule: Any,
    data: Any,
    loss: Loss,
    criterion: Any,
    rng: np.random.Generator,
    budget: Count,
    *,
    curve: bool = False,
) -> Trained:
    """Train on a whole set again and again until it is right, the rule ends, or the budget does.

    ``rule.epochs(net, data, loss, rng)`` yields (net, squared error of the set or None, what to
    count) after each pass; a pass more is made only if the budget has room for as much again.
    With success the sequences of ``criterion.test`` are right too: they are looked at once, when
    training has ended. Returns :class:`Trained`; with ``curve`` it has the mean squared error of
    each pass that knows it.
    """
    if not hasattr(rule, "epochs"):
        raise ValueError(f"rule = {said(rule)}; it must be a rule that learns from a set")
    check_criterion(criterion, net)
    if not hasattr(criterion, "test"):
        raise ValueError(f"criterion = {said(criterion)}; it must be one for a set")
    check_data(criterion, net, data)
    presented, errors, solved = 0, [], False
    for trained, squared, more in rule.epochs(net, data, loss, rng):
        presented += more
        if squared is not None:
            if curve:
                errors.append((presented, squared / len(data.length)))
            solved = mistaken.unchecked(criterion, trained, data, 1) == 0
        if solved or presented + more > budget:
            break
    success = solved and _finite(trained)
    success = success and mistaken.unchecked(criterion, trained, criterion.test, 1) == 0
    return Trained(success, presented, trained, errors)
