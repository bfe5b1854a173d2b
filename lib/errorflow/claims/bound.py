"""Claims of Section 2 about the upper bound of the scaling factor."""

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.flow import bounds
from errorflow.flow.activations import LOGISTIC
from errorflow.flow.random_nets import random_net

ROUNDING = 1e-9


def _nets(seed, n, q=5, w_max=4.0, count=500, warm_up=0):
    rng = np.random.default_rng(seed)
    return random_net(rng, n, w_max, q, count=count, warm_up=warm_up)


def _holds(W, slopes, norm):
    """Return whether the paper's bound is above every factor of these nets."""
    bound = bounds.paper_bound(W, slopes, norm)
    return (bounds.largest_factor(W, slopes) <= bound + ROUNDING).all()


@decides("inner-product")
def inner_product():
    rng = np.random.default_rng(4)
    x, y = 2.0 * rng.random((2, 10_000, 6)) - 1.0
    products = np.abs((x * y).sum(axis=-1))
    return verdict(
        all(
            (np.abs(x).max(axis=-1) <= norm.vector(x) * (1 + ROUNDING)).all()
            and (products <= 6 * norm.vector(x) * norm.vector(y) * (1 + ROUNDING)).all()
            for norm in bounds.NORMS
        )
    )


@decides("outgoing-norm")
def outgoing_norm():
    W, _ = _nets(5, 4)
    columns = np.swapaxes(W, -1, -2)
    return verdict(
        all(
            (norm.vector(columns) <= norm.matrix(W)[:, None] * (1 + ROUNDING)).all()
            for norm in bounds.NORMS
        )
    )


@decides("incoming-norm")
def incoming_norm():
    W, _ = _nets(5, 4)
    sizes = [(norm.matrix(W)[:, None] * (1 + ROUNDING), norm) for norm in bounds.NORMS]
    return corrected(
        all((norm.vector(W) <= size).all() for size, norm in sizes),
        all((np.abs(W).max(axis=-1) <= size).all() for size, _ in sizes),
    )


@decides("any-norm")
def any_norm():
    W, slopes = _nets(6, 2, q=1)
    one_way = W * [[0.0, 1.0], [0.0, 0.0]]
    norms = (*bounds.NORMS, bounds.weighted([1.0, 0.01]))
    holds = [_holds(one_way, slopes, norm) for norm in norms]
    unit = [bool((norm.vector(np.eye(2)) == 1.0).all()) for norm in norms]
    return corrected(all(holds), all(h for h, one in zip(holds, unit, strict=True) if one))


@decides("upper-bound")
def upper_bound():
    nets = _nets(1, 1), _nets(2, 4), _nets(3, 8)
    return verdict(all(_holds(W, slopes, norm) for W, slopes in nets for norm in bounds.NORMS))


@decides("bound-reached")
def bound_reached():
    def reached(bound):
        return all(
            any(
                abs(bounds.largest_factor(W, slopes)[-1] - bound(W, slopes)[-1]) < ROUNDING
                for W in (np.full((n, n), 3.0), 3.0 * np.roll(np.eye(n), 1, axis=0))
            )
            for n in (2, 3, 4, 5)
            for slopes in [np.full((5, n), LOGISTIC.max_slope)]
        )

    return corrected(reached(bounds.paper_bound), reached(bounds.bound_without_n))


@decides("largest-slope")
def largest_slope():
    slope = LOGISTIC.slope(np.linspace(-20.0, 20.0, 4001))
    return verdict(slope.max() == 0.25 and LOGISTIC.slope(np.zeros(1))[0] == 0.25)


@decides("small-weights")
def small_weights():
    return verdict(
        all(
            (
                bounds.largest_factor(*_nets(7, n, 20, 3.9 / n, 300))
                <= np.log(n) + np.arange(1, 21) * np.log(3.9 / 4.0)
            ).all()
            for n in (2, 5, 20)
        )
    )


def _slopes(seed, total):
    """Return the slopes of nets of four sizes n, with weights of up to ``total`` / n."""
    sizes = (1, 200), (10, 100), (100, 20), (400, 2)
    return [_nets(seed, n, 5, total / n, count, warm_up=20)[1] for n, count in sizes]


@decides("large-weights-slope-norm")
def large_weights_slope_norm():
    return verdict(all(np.median(s.max(axis=-1)) < 0.025 for s in _slopes(8, 2000.0)))


@decides("large-weights-saturate")
def large_weights_saturate():
    return verdict(all(np.median(s) < 0.025 for s in _slopes(9, 20_000.0)))
