"""Claims of Section 2 about the paths of eq. (2): one factor, one product, and their sum."""

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.flow import factor, paths
from errorflow.flow.activations import ACTIVATIONS, LOGISTIC
from errorflow.flow.random_nets import random_net


@decides("path-count")
def path_count():
    sizes = [(n, q) for n in range(1, 6) for q in range(1, 7)]
    counts = [len(factor.path_products(np.ones((n, n)), np.ones((q, n)), 0, 0)) for n, q in sizes]
    return verdict(counts == [n ** (q - 1) for n, q in sizes])


@decides("path-signs")
def path_signs():
    rng = np.random.default_rng(1)
    mixed = []
    for _ in range(20):
        terms = factor.path_products(*random_net(rng, 5, 2.0, 4), 0, 1)
        mixed.append(terms.min() < 0.0 < terms.max() and abs(terms.sum()) < np.abs(terms).sum())
    return verdict(all(mixed))


def _nets(n, w_max, q, number, **options):
    rng = np.random.default_rng(n)
    return [random_net(rng, n, w_max, q, **options) for _ in range(number)]


def _means(w_max, q, *, same_sign=False, sizes=(10, 40, 160)):
    """Return the mean |factor| over all pairs of units and over nets, for nets of three sizes."""
    means = []
    for n in sizes:
        nets = _nets(n, w_max, q, 2 + 400 // n, same_sign=same_sign)
        means.append(np.mean([paths.mean_flow(*net) for net in nets], axis=0)[-1])
    return means


@decides("units-not-necessarily")
def units_not_necessarily():
    falls = [bool((np.diff(_means(4.0, q)) < 0.0).all()) for q in (1, 2)]
    return verdict(all(falls))


@decides("units-expectation")
def units_expectation():
    def rises(w_max, q, same_sign=False):
        return bool((np.diff(_means(w_max, q, same_sign=same_sign)) > 0.0).all())

    printed = all(rises(4.0, q, same) for q in (1, 2, 8) for same in (False, True))
    return corrected(printed, rises(4.0, 8) and rises(0.2, 2) and rises(0.2, 8))


@decides("largest-product")
def largest_product():
    bound = (3.9 / 4.0) ** np.arange(1, 11)
    nets = [net for n, number in ((5, 20), (20, 10), (100, 2)) for net in _nets(n, 3.9, 10, number)]
    return verdict(all((paths.largest_product(*net) <= bound).all() for net in nets))


@decides("paths-vanish")
def paths_vanish():
    smaller = []
    for n, number in ((5, 40), (20, 40), (100, 15)):
        flows = np.median([paths.largest_flow(*net) for net in _nets(n, 3.9, 10, number)], axis=0)
        smaller.append(flows[9] < flows[0])
    return verdict(all(smaller))


@decides("rho-maximum")
def rho_maximum():
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


@decides("rho-limit")
def rho_limit():
    w = np.array([-100.0, 100.0])
    constant = all((paths.rho(w, 0.5, c) < 1e-9).all() for c in (-5.0, 0.0, 5.0))
    held = (paths.rho(w, 0.5, -0.5 * w) < 1e-9).all()
    return corrected(constant and held, constant)


@decides("rho-any-unit")
def rho_any_unit():
    w = np.array([-100.0, 100.0])
    small = {a: (paths.rho(w, 1.0, 0.0, f) < 1e-9).all() for a, f in ACTIVATIONS.items()}
    return corrected(all(small.values()), small["logistic"] and small["tanh"])


@decides("larger-weights")
def larger_weights():
    return verdict(all(max(growth(n)) <= 0.0 for n in (1, 10, 100)))


def growth(n, deviations=(0.1, 1.0, 2.0, 4.0, 10.0, 40.0), nets=10, q=100):
    """Return ``log |factor| / q``, the largest from one unit: a median for each deviation."""
    medians = []
    for deviation in deviations:
        sample = _nets(n, 3.0**0.5 * deviation, q, nets)
        medians.append(
            np.median([factor.log_flow(W, slopes, 0)[1][-1].max() / q for W, slopes in sample])
        )
    return medians


@decides("slope-quarter")
def slope_quarter():
    slopes = LOGISTIC.slope(np.linspace(-40.0, 40.0, 8001))
    return verdict(LOGISTIC.slope(np.zeros(1))[0] == 0.25 and slopes.max() <= 0.25)


@decides("weights-below-4")
def weights_below_4():
    w, net = np.linspace(-3.999, 3.999, 101)[:, None], np.linspace(-40.0, 40.0, 8001)
    below = (paths.rho(w, 0.0, net) < 1.0).all()
    return verdict(below and paths.rho(4.0, 0.0, 0.0) == 1.0 == paths.rho(-4.0, 0.0, 0.0))


@decides("vanishes-at-start")
def vanishes_at_start():
    ratios = []
    for n, number in ((5, 10), (20, 10), (100, 3), (400, 1)):
        for net in _nets(n, 0.2, 10, number):
            flows = paths.largest_flow(*net)
            ratios.append(flows[9] / flows[0])
    return verdict(max(ratios) <= 0.5**9, direction=max(ratios) < 0.01)
