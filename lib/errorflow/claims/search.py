"""Claims of Section 3, type (1): what searches without gradients can and cannot do."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.loss import Loss
from errorflow.core.numerics import generators
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run
from errorflow.experiments.training import batch
from errorflow.methods import all_methods
from errorflow.rules.no_learning import evaluate
from errorflow.tasks import sample
from errorflow.tasks.criteria import all_right
from errorflow.tasks.store import store
from errorflow.tasks.two_class import two_class

LOOKS = {"guessing": 5_000, "annealing": 2_000}
"""How often a search may look at the set of :func:`latched`."""

EXTRA = (0, 10, 50, 100)
TOLERANCES = (0.1, 0.03, 0.01)
SIZE = 20
"""Sequences of a set."""

STORING = {"net": "A2", "hidden": 1}
BY_HAND = (1.2, 1.4, -2.0, 0.0, 4.0, 0.0, 0.0, -10.0, 20.0)
"""Weights of that net that store a number to within 0.1 over five steps: its hidden unit keeps what
is near 1/2, since its slope there is 1/4 and its own weight 4."""


class Sizes(NamedTuple):
    """What a net is built for, where there is a set of sequences and no task."""

    inputs: int
    outputs: int = 1


def built(method, inputs, rng, **options):
    """Return the net and the rule of a method, for vectors of so many ``inputs``."""
    learner = all_methods()[method].build(Sizes(inputs), rng, **options)
    return learner.net, learner.rule(learner.net)


def searched(method, data, tolerance, looks, rng, **options):
    """Return whether a search gets the set ``data`` right within so many looks at it."""
    net, rule = built(method, data.inputs.shape[2], rng, **options)
    loss, size = Loss(0.0, 1.0, 1.0, 0.0, tolerance), len(data.length)
    criterion = all_right(net, data, data, loss, at_end=True)
    budget = looks * (size if method == "annealing" else 1)
    return batch(net, rule, data, loss, criterion, rng, budget).success


def latched(method, extra, n):
    """Return in how many of ``n`` trials a tanh unit learns to latch, with ``extra`` inputs.

    These are uniform in [-0.2, 0.2] and irrelevant. Sequences have 40 to 60 steps.
    """
    task, successes = two_class(40, 60, targets=(-1.0, 1.0)), 0
    for rng in generators(31, n):
        data = sample(task, rng, SIZE)
        noise = np.array([rng.random() for _ in range(SIZE * task.steps * extra)])
        noise = 0.4 * noise.reshape(SIZE, task.steps, extra) - 0.2
        data = data._replace(inputs=np.concatenate([data.inputs, noise], axis=2))
        successes += searched(method, data, 0.1, LOOKS[method], rng, net="latch II")
    return successes


def stored(rng, *, bits):
    """Return a set of numbers in [0, 1] to be stored over five steps, or ``bits``, rounded."""
    data = sample(store(5), rng, SIZE)
    if bits:
        for numbers in (data.inputs[:, 0, 0], data.target):
            np.rint(numbers, out=numbers)
    return data


def chances(n):
    """Return how many of ``n`` guesses store a bit, and a number to within each of TOLERANCES."""
    counts = []
    for tolerance in (None, *TOLERANCES):
        rng = generators(33, 1)[0]
        data = stored(rng, bits=tolerance is None)
        net, rule = built("guessing", 3, rng, **STORING)
        loss, hits, guesses = Loss(0.0, 1.0, 1.0, 0.0, tolerance or 0.1), 0, 0
        for _, error, more in rule.epochs(net, data, loss, rng):
            hits, guesses = hits + (error is not None), guesses + more
            if guesses >= n:
                break
        counts.append(hits)
    return counts


def by_hand():
    """Return whether the weights BY_HAND store a number to within 0.1."""
    rng = generators(33, 1)[0]
    data = stored(rng, bits=False)
    net, rule = built("guessing", 3, rng, **STORING)
    net.w[:] = BY_HAND
    return evaluate(rule.judge, net, data, Loss(0.0, 1.0, 1.0, 0.0, 0.1), True, 0)[0] == 0


def precise(n, looks=4_000):
    """Return in how many of ``n`` trials annealing stores a bit, and a number to TOLERANCES."""

    def succeeds(tolerance, rng):
        data = stored(rng, bits=tolerance is None)
        return searched("annealing", data, tolerance or 0.1, looks, rng, **STORING)

    return [sum(succeeds(t, rng) for rng in generators(34, n)) for t in (None, *TOLERANCES)]


def _collapses(counts, n):
    with_many = counts[0] == n and not any(counts[2:])
    return verdict(with_many and counts[1] <= n / 2, direction=with_many)


@decides("search-simple")
def search_simple():
    rows = {"latch-1": 60, "parity-a1": 29_060, "parity-a2-not-own": 2_500}
    trials = [
        run(experiment(f"guessing/{row}", budget=most), seed)
        for row, most in rows.items()
        for seed in range(50, 55)
    ]
    return verdict(all(trial.success for trial in trials))


@decides("search-few-inputs")
def search_few_inputs():
    return _collapses([latched("guessing", extra, 10) for extra in EXTRA], 10)


@decides("search-few-inputs-annealing")
def search_few_inputs_annealing():
    return _collapses([latched("annealing", extra, 4) for extra in EXTRA], 4)


@decides("search-few-weights")
def search_few_weights():
    means = [
        np.mean(
            [run(experiment(f"guessing/parity-{net}"), seed).sequences for seed in range(60, 70)]
        )
        for net in ("a2-not-own", "a1")
    ]
    return verdict(means[0] > means[1])


@decides("search-precise-values")
def search_precise_values():
    counts = chances(100_000)
    falls = all(b < a / 10 or b == 0 for a, b in pairwise(counts))
    return verdict(counts[0] > 100 and falls and by_hand())


@decides("search-precise-values-annealing")
def search_precise_values_annealing():
    counts = precise(3)
    return verdict(counts[0] == 3 and sorted(counts, reverse=True) == counts and counts[-1] == 0)
