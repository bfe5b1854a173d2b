"""Claims of Section 2 about the paths of eq. (2): one factor, one product, and their sum."""

import numpy as np

from errorflow.claims import CONTRADICTED, DIRECTION, HOLDS, claim, corrected, verdict
from errorflow.flow import factor, paths
from errorflow.flow.activations import ACTIVATIONS, LOGISTIC
from errorflow.flow.random_nets import random_net

PAGE = "22-path-by-path"
SECTION = "Section 2, analyzing eq. (2)"


@claim(
    "path-count",
    section=SECTION,
    claim="The scaling factor is a sum of n^(q-1) terms.",
    kind="identity",
    criterion="As many products as units to the power of steps less one, for n = 1 .. 5, q = 1 .. "
    "6.",
    page=PAGE,
)
def path_count():
    """Count the terms."""
    sizes = [(n, q) for n in range(1, 6) for q in range(1, 7)]
    counts = [len(factor.path_products(np.ones((n, n)), np.ones((q, n)), 0, 0)) for n, q in sizes]
    return verdict(counts == [n ** (q - 1) for n, q in sizes])


@claim(
    "path-signs",
    section=SECTION,
    claim="The terms may have different signs.",
    kind="numeric",
    criterion="For weights of both signs and q = 4 there are positive and negative terms in each "
    "of 20 random nets, so that the absolute sum is less than the sum of absolute terms.",
    page=PAGE,
)
def path_signs():
    """Look at the signs."""
    rng = np.random.default_rng(1)
    mixed = []
    for _ in range(20):
        terms = factor.path_products(*random_net(rng, 5, 2.0, 4), 0, 1)
        mixed.append(terms.min() < 0.0 < terms.max() and abs(terms.sum()) < np.abs(terms).sum())
    return verdict(all(mixed))


def _means(w_max, q, *, same_sign=False, sizes=(10, 40, 160)):
    """Return the mean |factor| over all pairs of units and over nets, for nets of three sizes."""
    means = []
    for n in sizes:
        rng = np.random.default_rng(n)
        nets = [random_net(rng, n, w_max, q, same_sign=same_sign) for _ in range(2 + 400 // n)]
        means.append(np.mean([paths.mean_flow(*net) for net in nets], axis=0)[-1])
    return means


@claim(
    "units-not-necessarily",
    section=SECTION,
    claim="So more units do not necessarily increase the absolute error flow.",
    kind="numeric",
    criterion="There are nets where the mean absolute factor falls from n = 10 to 40 to 160 units.",
    page=PAGE,
)
def units_not_necessarily():
    """Weights in [-4, 4], one and two steps."""
    falls = [bool((np.diff(_means(4.0, q)) < 0.0).all()) for q in (1, 2)]
    return verdict(all(falls))


@claim(
    "units-expectation",
    section=SECTION,
    claim="With more units the expectation of the absolute error flow increases.",
    kind="numeric",
    criterion="The mean absolute factor rises from n = 10 to 40 to 160 for weights in [-4, 4] and "
    "in [0, 4], q = 1, 2 and 8; or (correction) for zero-mean weights only: in [-4, 4] at q = 8, "
    "in [-0.2, 0.2] at q = 2 and 8.",
    page=PAGE,
)
def units_expectation():
    """Compare mean absolute factors over three sizes."""

    def rises(w_max, q, same_sign=False):
        return bool((np.diff(_means(w_max, q, same_sign=same_sign)) > 0.0).all())

    printed = all(rises(4.0, q, same) for q in (1, 2, 8) for same in (False, True))
    return corrected(printed, rises(4.0, 8) and rises(0.2, 2) and rises(0.2, 8))


def _nets_below_4(n, number):
    rng = np.random.default_rng(n)
    return [random_net(rng, n, 3.9, 10) for _ in range(number)]


@claim(
    "largest-product",
    section=SECTION,
    claim="If every rho is below 1 the largest product decreases exponentially with q.",
    kind="numeric",
    criterion="With all |w| <= 3.9, n = 5, 20 and 100, the largest product of all paths is at most "
    "(3.9/4)^q for q = 1 .. 10.",
    page=PAGE,
)
def largest_product():
    """Find the largest product without listing the paths."""
    bound = (3.9 / 4.0) ** np.arange(1, 11)
    nets = [net for n, number in ((5, 20), (20, 10), (100, 2)) for net in _nets_below_4(n, number)]
    return verdict(all((paths.largest_product(*net) <= bound).all() for net in nets))


@claim(
    "paths-vanish",
    section=SECTION,
    claim="If every rho is below 1 the error flow vanishes.",
    kind="numeric",
    criterion="With all |w| <= 3.9, n = 5, 20 and 100, the median over nets of the largest "
    "absolute factor is less after 10 steps than after 1.",
    page=PAGE,
)
def paths_vanish():
    """Add up the paths: in the larger nets the sum grows."""
    smaller = []
    for n, number in ((5, 40), (20, 40), (100, 15)):
        flows = np.median([paths.largest_flow(*net) for net in _nets_below_4(n, number)], axis=0)
        smaller.append(flows[9] < flows[0])
    return verdict(all(smaller))


@claim(
    "rho-maximum",
    section=SECTION,
    claim="With a constant activation y, rho is largest where w = coth(net/2) / y.",
    kind="derivation",
    criterion="For five other inputs c and three y: the largest rho on a grid of w satisfies the "
    "equation to the grid's spacing, and so does no other w (or, correction: another w does, "
    "which is a local maximum only).",
    page=PAGE,
)
def rho_maximum():
    """Search on a grid and compare with the equation's solutions."""
    net = np.linspace(-20.0, 20.0, 40_001)
    best_solves, all_best = [], []
    for c in (-5.0, -1.0, 0.0, 1.0, 3.0):
        roots = np.array(paths.stationary(c))
        residual = roots - c - 1.0 / np.tanh(roots / 2.0)
        for y in (-2.0, 0.3, 1.0):
            on_grid = paths.rho((net - c) / y, y, c)
            near = np.abs(roots - net[on_grid.argmax()]).min() < 2e-3
            best_solves.append(near and np.abs(residual).max() < 1e-9)
            all_best.append((paths.rho((roots - c) / y, y, c) > on_grid.max() * (1 - 1e-6)).all())
    return corrected(all(best_solves) and all(all_best), all(best_solves))


@claim(
    "rho-limit",
    section=SECTION,
    claim="As |w| goes to infinity rho goes to 0.",
    kind="derivation",
    criterion="For y = 0.5, rho falls below 1e-9 at |w| = 100: also if a bias holds the net input "
    "at 0 (or, correction: if the other inputs stay constant, here at -5, 0 and 5).",
    page=PAGE,
)
def rho_limit():
    """Compare constant other inputs with a bias that moves along."""
    w = np.array([-100.0, 100.0])
    constant = all((paths.rho(w, 0.5, c) < 1e-9).all() for c in (-5.0, 0.0, 5.0))
    held = (paths.rho(w, 0.5, -0.5 * w) < 1e-9).all()
    return corrected(constant and held, constant)


@claim(
    "rho-any-unit",
    section=SECTION,
    claim="The maximum and the limit of rho are stated before the logistic function is named, for "
    "units of any kind.",
    kind="derivation",
    criterion="At y = 1 and no other input rho falls below 1e-9 at |w| = 100 for logistic, tanh, "
    "relu and linear units (or, correction: for the two that saturate).",
    page=PAGE,
)
def rho_any_unit():
    """Take the limit with four kinds of units."""
    w = np.array([-100.0, 100.0])
    small = {a: (paths.rho(w, 1.0, 0.0, f) < 1e-9).all() for a, f in ACTIVATIONS.items()}
    return corrected(all(small.values()), small["logistic"] and small["tanh"])


@claim(
    "larger-weights",
    section=SECTION,
    claim="Thus larger weights cannot avoid the vanishing gradient.",
    kind="numeric",
    criterion="Random nets of 1, 10 and 100 units: at no standard deviation of the weights, 0.1 to "
    "40, does the median over nets of the largest factor from one unit exceed 1 after 100 steps.",
    page=PAGE,
)
def larger_weights():
    """Look for a size of net and weights where the error grows."""
    return verdict(all(max(growth(n)) <= 0.0 for n in (1, 10, 100)))


def growth(n, deviations=(0.1, 1.0, 2.0, 4.0, 10.0, 40.0), nets=10, q=100):
    """Return ``log |factor| / q``, the largest from one unit: a median for each deviation."""
    medians = []
    for deviation in deviations:
        rng = np.random.default_rng(n)
        sample = [random_net(rng, n, 3.0**0.5 * deviation, q) for _ in range(nets)]
        medians.append(np.median([factor.log_flow(*net, 0)[1][-1].max() / q for net in sample]))
    return medians


@claim(
    "slope-quarter",
    section=SECTION,
    claim="The largest slope of the logistic function is 0.25.",
    kind="identity",
    criterion="The slope is 0.25 at net = 0 and nowhere larger on a grid from -40 to 40.",
    page=PAGE,
)
def slope_quarter():
    """Evaluate the slope on a grid."""
    slopes = LOGISTIC.slope(np.linspace(-40.0, 40.0, 8001))
    return verdict(LOGISTIC.slope(np.zeros(1))[0] == 0.25 and slopes.max() <= 0.25)


@claim(
    "weights-below-4",
    section=SECTION,
    claim="With logistic units rho is below 1 for |w| < 4, and all rho are if the largest is.",
    kind="numeric",
    criterion="For |w| up to 3.999 and any net input from -40 to 40 rho is below 1, and at |w| = 4 "
    "it is not.",
    page=PAGE,
)
def weights_below_4():
    """Evaluate rho on a grid of weights and net inputs."""
    w, net = np.linspace(-3.999, 3.999, 101)[:, None], np.linspace(-40.0, 40.0, 8001)
    below = (paths.rho(w, 0.0, net) < 1.0).all()
    return verdict(below and paths.rho(4.0, 0.0, 0.0) == 1.0 == paths.rho(-4.0, 0.0, 0.0))


@claim(
    "vanishes-at-start",
    section=SECTION,
    claim="So with logistic units the error flow tends to vanish when learning starts.",
    kind="numeric",
    criterion="With weights in [-0.2, 0.2], n = 5, 20, 100 and 400, the largest factor is at least "
    "halved at each of nine further steps, in every net; same direction only if it falls below a "
    "hundredth in all (this second threshold was added after the first run).",
    page=PAGE,
)
def vanishes_at_start():
    """Compare the largest factors over one step and over ten."""
    ratios = []
    for n, number in ((5, 10), (20, 10), (100, 3), (400, 1)):
        rng = np.random.default_rng(n)
        for _ in range(number):
            flows = paths.largest_flow(*random_net(rng, n, 0.2, 10))
            ratios.append(flows[9] / flows[0])
    if max(ratios) <= 0.5**9:
        return HOLDS
    return DIRECTION if max(ratios) < 0.01 else CONTRADICTED
