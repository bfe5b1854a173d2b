"""Claims of Section 3 about chunkers, and about units that modify connections."""

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.loss import Loss
from errorflow.core.numerics import generators
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.experiments.training import online
from errorflow.methods.ring import EPOCHS
from errorflow.nets.transitions import transitions
from errorflow.rules import learn
from errorflow.rules.no_learning import no_learning
from errorflow.rules.transitions import growing

LENGTHS = (2, 4, 6, 8, 10, 24)


def inputs_to_chunker(task, p, seed):
    """Return how many symbols of a sequence C reads, of 400, once A has seen 2,000."""
    setup, _ = prepare(Experiment("chunker", task, 2_400, p=p, streak=2_401), seed)
    online(*setup, 2_000)
    setup.rule.inputs[0] = 0
    online(*setup, 400)
    return setup.rule.inputs[0] / 400


@decides("chunker-regularities")
def chunker_regularities():
    counts = {
        task: [(p, inputs_to_chunker(task, p, s)) for p in (10, 20) for s in range(5)]
        for task in ("2a", "2b")
    }
    few = all(2.0 <= n <= 2.1 for _, n in counts["2a"])
    return verdict(few and all(n >= 0.9 * p for p, n in counts["2b"]))


@decides("hierarchical-chunker-works")
def hierarchical_chunker_works():
    def successes(row):
        e = experiment(row, budget=5_000)
        return [run(e, seed).success for seed in range(5)]

    works = all(all(successes(f"bridge/hierarchical-chunker-p{p}")) for p in (10, 20, 50, 100))
    needs = not any(successes("hierarchical-chunker/2b"))
    return verdict(works and needs, direction=works)


def gap_trial(length):
    """Return the outcome of Ring's units on the gap task: X and Y by turns, no chance in it."""
    return run(experiment(f"ring/gap-p{length}"), 0)


@decides("ring-fast")
def ring_fast():
    ratios = []
    for length in LENGTHS:
        result = gap_trial(length)
        ratios.append(result.sequences / 2 / EPOCHS[length] if result.success else np.inf)
    return verdict(max(ratios) <= 1.5, direction=max(ratios) <= 5)


@decides("ring-units-grow")
def ring_units_grow():
    units = [gap_trial(length).net.higher for length in LENGTHS]
    slope, offset = np.polyfit(LENGTHS, units, 1)
    residual = np.abs(slope * np.array(LENGTHS) + offset - units).max()
    return verdict(residual <= 2.0 and 1.5 <= slope <= 2.5)


def delayed(p):
    """Return two sequences (x, a, .., a, b, x) and (y, a, .., a, b, y), the last p steps late."""
    return [np.array([first, *[0] * (p - 2), 1, first]) for first in (2, 3)]


def preferred(net, p):
    """Return in how many of the two sequences the right one of x and y has the larger output."""
    right = 0
    for symbols in delayed(p):
        judge = no_learning(net)
        learn(judge, net, symbols, p, Loss(0.0, 1.0, 1.0, 0.0, 0.25))
        right += judge.y[symbols[0]] > judge.y[5 - symbols[0]]
    return right


def trained_at(p, seed):
    """Return Ring's net after 100 right sequences of lag p, drawn at random; only ends are judged.

    Raises ``RuntimeError`` if that takes more than 5,000 sequences.
    """
    loss, rng = Loss(0.0, 1.0, 1.0, 0.0, 0.25, at_end=True), generators(seed, 1)[0]
    net = transitions(4, 4, 200)
    rule = growing(net, 1.5, sigma=0.2, theta=1.0, eps=0.1)
    pair, right = delayed(p), 0
    for _ in range(5_000):
        wrong, _, _ = learn(rule, net, pair[int(rng.random() < 0.5)], p, loss)
        right = 0 if wrong else right + 1
        if right == 100:
            return net
    raise RuntimeError(f"lag {p} was not learned")


@decides("ring-other-lags")
def ring_other_lags():
    nets = [trained_at(10, seed) for seed in range(5)]
    known = all(preferred(net, 10) == 2 for net in nets)
    others = [preferred(net, p) for net in nets for p in (8, 9, 11, 12)]
    return verdict(known and max(others) < 2)
