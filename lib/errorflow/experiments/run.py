"""A trial: one experiment, one seed, one result."""

from typing import Any, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.loss import Loss
from errorflow.core.options import Count
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.training import batch, online
from errorflow.methods import Growth, all_methods
from errorflow.methods.learner import Learner, weights_of
from errorflow.tasks.problems import TASKS

TRIALS_PER_PAIR = 10
"""Experiment 1: so many successive trials share a pair of training and test set."""


class Result(NamedTuple):
    """What came of a trial: ``net`` is the trained one, ``curve`` as in :class:`.Trained`.

    ``sequences`` are those until success, as the paper counts them, or the budget.
    """

    success: bool
    sequences: int
    weights: int
    curve: list[tuple[int, float]]
    net: Any


class Prepared(NamedTuple):
    """A trial before its first sequence: the arguments of ``online`` or ``batch`` of training.

    ``task`` draws sequences, or, for a rule that has ``epochs``, is the set that it learns from.
    """

    net: Any
    rule: Any
    task: Any
    loss: Loss
    criterion: Any
    rng: np.random.Generator


@guarded
def learner_of(e: Experiment, seed: Count = 0) -> Learner:
    """Return the learner of an experiment, its weights drawn."""
    return _built(e, seed)[0]


@guarded
def prepare(e: Experiment, seed: Count, *, measure: bool = False) -> tuple[Prepared, Growth | None]:
    """Return the trial with that ``seed`` before its first sequence, and how its net will grow.

    A rule that can do without squared errors sums them only if ``measure`` is set.
    """
    return _prepare(e, seed, measure)[:2]


@guarded
def run(e: Experiment, seed: Count, *, curve_every: Count = 0) -> Result:
    """Run the trial of an experiment with that ``seed``.

    The same experiment and seed give the same result on any machine. Trials 10 k .. 10 k + 9 share
    the training and test set of Experiment 1. With ``curve_every`` the mean squared error is kept
    for every so many sequences.
    """
    prepared, growth, whole = _prepare(e, seed, bool(curve_every))
    if hasattr(prepared.rule, "epochs"):
        trained = batch(*prepared, e.budget, curve=bool(curve_every))
    else:
        trained = online(*prepared, e.budget, growth=growth, curve_every=curve_every)
    weights = weights_of(trained.net if whole is None else whole)
    return Result(trained.success, trained.sequences, weights, trained.curve, trained.net)


def _prepare(e: Experiment, seed: int, measure: bool) -> tuple[Prepared, Growth | None, Any]:
    learner, problem, rng = _built(e, seed)
    whole = learner.net if learner.whole is None else learner.whole
    slope, offset = learner.output_slope
    loss = problem.loss._replace(slope=slope, offset=offset)
    measure = measure or learner.growth is not None

    def rule_for(net):
        rule = learner.rule(net)
        return rule._replace(measure=True) if measure and hasattr(rule, "measure") else rule

    rule = rule_for(learner.net)
    if hasattr(rule, "epochs"):
        task, criterion = problem.set_and_criterion(whole, learner.reading, rng)
    else:
        task, criterion = problem.task, problem.criterion(whole, learner.reading)
    growth = learner.growth
    if growth is not None:
        grow = growth.grow

        def grow_both(net):
            grown = grow(net)
            return grown, rule_for(grown)

        growth = growth._replace(grow=grow_both)
    return Prepared(learner.net, rule, task, loss, criterion, rng), growth, learner.whole


def _built(e: Experiment, seed: int) -> tuple[Learner, Any, np.random.Generator]:
    """Return the learner and the problem of a trial, and its generator."""
    rng, shared = _generator(seed, 0), _generator(seed // TRIALS_PER_PAIR, 1)
    problem = TASKS[e.task](shared, **e.task_options())
    build = all_methods()[e.method].build
    return build(problem.task, rng, **e.method_options()), problem, rng


def _generator(seed, stream):
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(stream,))))
