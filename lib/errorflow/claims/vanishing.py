"""Claims about where the flow vanishes (Section 2), and about it as the cause (Abstract)."""

import numpy as np

from errorflow.claims import DIRECTION, HOLDS, claim, corrected, verdict
from errorflow.experiments.interventions import flow_over_lag
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare
from errorflow.experiments.training import online
from errorflow.flow.exponents import random_exponents

PAGE = "24-where-it-does-not-vanish"
SIZES, WEIGHTS = (1, 2, 5, 10, 20, 50, 100), (0.2, 1.0, 4.0, 10.0, 40.0, 1000.0)
MOST = 0.8
"""A share of nets that is most of them."""


def vanishing(n, w_max, nets=20):
    """Return the share of bias-free logistic nets with an exponent below 0."""
    rng = np.random.default_rng([n, round(1000 * w_max)])
    return np.mean(random_exponents(n, w_max, nets, 150, rng=rng, transient=50) < 0.0)


@claim(
    "almost-always",
    section="Section 2, conclusion",
    claim="The gradient vanishes in almost all cases.",
    kind="numeric",
    criterion="Bias-free logistic nets of 1 to 100 units with weights drawn from [-w, w], w from "
    "0.2 to 1000: for every size and every w at least 80 % of the nets have a Lyapunov exponent "
    "below 0. Corrected: up to 10 units at every w, and at every size for w just below 4/n and for "
    "w = 1000.",
    page=PAGE,
)
def almost_always():
    """Count nets whose flow vanishes, over sizes and weights."""
    share = {(n, w): vanishing(n, w) for n in SIZES for w in WEIGHTS}
    small = all(share[n, w] >= MOST for n in SIZES if n <= 10 for w in WEIGHTS)
    edges = all(min(vanishing(n, 3.99 / n), share[n, 1000.0]) >= MOST for n in SIZES)
    return corrected(all(s >= MOST for s in share.values()), small and edges)


@claim(
    "one-unit-vanishes",
    section="Section 2, conclusion",
    claim="Large weights make the slopes small, and therefore the gradient vanishes: one unit.",
    kind="numeric",
    criterion="For a single logistic unit with any weight up to 1000, with and without a bias, the "
    "exponent is never above 0, in 200 nets for each of six ranges of weights. (It is a theorem.)",
    page=PAGE,
)
def one_unit_vanishes():
    """Look for an exponent above 0 of a single unit."""
    rng, largest = np.random.default_rng(1), []
    for w_max in WEIGHTS:
        for biased in (False, True):
            values = random_exponents(1, w_max, 100, 500, rng=rng, biased=biased)
            largest.append(values.max())
    return verdict(max(largest) <= 0.0)


@claim(
    "huge-weights-vanish",
    section="Section 2, conclusion",
    claim="Large weights make the slopes small, and therefore the gradient vanishes: any net.",
    kind="numeric",
    criterion="With weights from [-40, 40] at least 80 % of the nets vanish at each of 1, 10 and "
    "100 units. Corrected: that at every size they do from some weights on, and these grow with "
    "the size: 40 is enough for 10 units and not for 100, 1000 is enough for 100.",
    page=PAGE,
)
def huge_weights_vanish():
    """Compare sizes and weights."""
    share = {(n, w): vanishing(n, w) for n in (1, 10, 100) for w in (40.0, 1000.0)}
    printed = all(share[n, 40.0] >= MOST for n in (1, 10, 100))
    grown = min(share[1, 40.0], share[10, 40.0], share[100, 1000.0]) >= MOST > share[100, 40.0]
    return corrected(printed, grown)


@claim(
    "below-4-vanishes",
    section="Section 2, analysis of eq. (2)",
    claim="If all weights are below 4 in size, as they are when learning starts, the error flow of "
    "logistic units tends to vanish.",
    kind="numeric",
    criterion="With weights from [-3.99, 3.99] at least 80 % of the nets of each size up to 100 "
    "have an exponent below 0. Corrected: with the initial weights of the experiments, "
    "[-0.2, 0.2], all have.",
    page=PAGE,
)
def below_4_vanishes():
    """Compare the paper's limit with initial weights as they are used."""
    printed = all(vanishing(n, 3.99) >= MOST for n in SIZES)
    return corrected(printed, all(vanishing(n, 0.2) == 1.0 for n in SIZES))


def trial(p, seed, budget, *, weight=None, centre=0.0):
    """Return (success, flow before, flow after) of RTRL with learning rate 1 from a changed start.

    The hidden unit's weight to itself is set to ``weight``, and ``centre`` is taken from its
    weights from the symbols between first and last.
    """
    setup, _ = prepare(experiment("table2/rtrl-p4-lr1").changed(p=p), seed)
    if weight is not None:
        setup.net.hidden[0, -1] = weight
    setup.net.hidden[0, : p - 1] -= centre
    before = flow_over_lag(setup.net, p)
    trained = online(*setup, budget)
    return trained.success, before, flow_over_lag(trained.net, p)


@claim(
    "cause-of-learning-time",
    section="Abstract; Section 1",
    claim="Learning takes too long because the error vanishes on its way back.",
    kind="qualitative",
    criterion="RTRL, learning rate 1, three seeds, 20,000 sequences: from a start with a flow of "
    "about 1 all trials succeed at lag 4 and at lag 10; from the published start, and from starts "
    "with one half of the change, not all do. Same direction only: at lag 4 alone.",
    page=PAGE,
)
def cause_of_learning_time():
    """Start with and without a flow."""
    budget, seeds = 20_000, range(3)
    starts = {"published": {}, "weight": {"weight": 4.0}, "centre": {"centre": 2.0}}
    flowing = {p: [trial(p, s, budget, weight=4.0, centre=2.0) for s in seeds] for p in (4, 10)}
    about_one = all(0.5 < before < 2.0 for t in flowing.values() for _, before, _ in t)
    without = [all(trial(4, s, budget, **k)[0] for s in seeds) for k in starts.values()]
    helps = about_one and not any(without) and all(t[0] for t in flowing[4])
    if helps and all(t[0] for t in flowing[10]):
        return HOLDS
    return verdict(False, otherwise=DIRECTION) if helps else verdict(False)


@claim(
    "flow-grows-where-learned",
    section="Section 1",
    claim="Where the error signals vanish, dependencies over the lag are hard to learn.",
    kind="numeric",
    criterion="At lag 4, learning rate 10, a trial that succeeds ends with a flow at least 100 "
    "times that of its start and above 0.01; at lag 10 a trial of 100,000 sequences fails, and "
    "its flow is below 1e-6 before and after.",
    page=PAGE,
)
def flow_grows_where_learned():
    """Compare the flow before and after learning."""
    ends = {}
    for p, budget in ((4, 500_000), (10, 100_000)):
        setup, _ = prepare(experiment(f"table2/rtrl-p{p}-lr10"), 0)
        before = flow_over_lag(setup.net, p)
        trained = online(*setup, budget)
        ends[p] = trained.success, before, flow_over_lag(trained.net, p)
    (learned, b4, a4), (stuck, b10, a10) = ends[4], ends[10]
    grown = learned and a4 > 0.01 and a4 > 100.0 * b4
    return verdict(grown and not stuck and max(b10, a10) < 1e-6)
