"""Claims about where the flow vanishes (Section 2), and about it as the cause (Abstract)."""

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.experiments.interventions import trained
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare
from errorflow.flow.exponents import random_exponents

SIZES, WEIGHTS = (1, 2, 5, 10, 20, 50, 100), (0.2, 1.0, 4.0, 10.0, 40.0, 1000.0)
MOST = 0.8
"""A share of nets that is most of them."""


def vanishing(n, w_max, nets=20):
    """Return the share of bias-free logistic nets with an exponent below 0."""
    rng = np.random.default_rng([n, round(1000 * w_max)])
    return np.mean(random_exponents(n, w_max, nets, 150, rng=rng, transient=50) < 0.0)


@decides("almost-always")
def almost_always():
    share = {(n, w): vanishing(n, w) for n in SIZES for w in WEIGHTS}
    small = all(share[n, w] >= MOST for n in SIZES if n <= 10 for w in WEIGHTS)
    edges = all(min(vanishing(n, 3.99 / n), share[n, 1000.0]) >= MOST for n in SIZES)
    return corrected(all(s >= MOST for s in share.values()), small and edges)


@decides("one-unit-vanishes")
def one_unit_vanishes():
    rng = np.random.default_rng(1)
    return verdict(
        all(
            (random_exponents(1, w_max, 100, 500, rng=rng, biased=biased) <= 0.0).all()
            for w_max in WEIGHTS
            for biased in (False, True)
        )
    )


@decides("huge-weights-vanish")
def huge_weights_vanish():
    share = {(n, w): vanishing(n, w) for n in (1, 10, 100) for w in (40.0, 1000.0)}
    printed = all(share[n, 40.0] >= MOST for n in (1, 10, 100))
    grown = min(share[1, 40.0], share[10, 40.0], share[100, 1000.0]) >= MOST > share[100, 40.0]
    return corrected(printed, grown)


@decides("below-4-vanishes")
def below_4_vanishes():
    printed = all(vanishing(n, 3.99) >= MOST for n in SIZES)
    return corrected(printed, all(vanishing(n, 0.2) == 1.0 for n in SIZES))


def trial(p, seed, budget, *, weight=None, centre=0.0):
    """Return the :class:`.FlowResult` of RTRL with learning rate 1 from a changed start.

    The hidden unit's weight to itself is set to ``weight``, and ``centre`` is taken from its
    weights from the symbols between first and last.
    """
    setup, _ = prepare(experiment("table2/rtrl-p4-lr1").changed(p=p), seed)
    if weight is not None:
        setup.net.hidden[0, -1] = weight
    setup.net.hidden[0, : p - 1] -= centre
    return trained(setup, p, budget)


@decides("cause-of-learning-time")
def cause_of_learning_time():
    budget, seeds = 20_000, range(3)
    starts = ({}, {"weight": 4.0}, {"centre": 2.0})
    flowing = {p: [trial(p, s, budget, weight=4.0, centre=2.0) for s in seeds] for p in (4, 10)}
    about_one = all(0.5 < t.before < 2.0 for trials in flowing.values() for t in trials)
    without = [all(trial(4, s, budget, **k).success for s in seeds) for k in starts]
    helps = about_one and not any(without) and all(t.success for t in flowing[4])
    return verdict(helps and all(t.success for t in flowing[10]), direction=helps)


@decides("flow-grows-where-learned")
def flow_grows_where_learned():
    four, ten = (
        trained(prepare(experiment(f"table2/rtrl-p{p}-lr10"), 0)[0], p, budget)
        for p, budget in ((4, 500_000), (10, 100_000))
    )
    grown = four.success and four.after > 0.01 and four.after > 100.0 * four.before
    return verdict(grown and not ten.success and max(ten.before, ten.after) < 1e-6)
