"""Claims of Section 2 about the upper bound of the scaling factor."""

import numpy as np

from errorflow.claims import claim, corrected, verdict
from errorflow.flow import bounds
from errorflow.flow.activations import LOGISTIC
from errorflow.flow.random_nets import random_net

PAGE = "23-the-bound"
PLACE = "Section 2, upper bound"
ROUNDING = 1e-9


def _nets(seed, n, q=5, w_max=4.0, count=500, warm_up=0):
    rng = np.random.default_rng(seed)
    return random_net(rng, n, w_max, q, count=count, warm_up=warm_up)


def _holds(bound, norm=bounds.ROWS):
    """Return whether a bound is above every factor of 1500 random nets."""
    return all(
        (bounds.largest_factor(*net) <= bound(*net, norm) + ROUNDING).all()
        for net in (_nets(1, 1), _nets(2, 4), _nets(3, 8))
    )


@claim(
    "inner-product",
    section=PLACE,
    claim="An inner product is at most n times the product of the two norms, if no component of a "
    "vector exceeds the vector's norm.",
    kind="derivation",
    criterion="No exception among 10,000 random pairs of vectors in each of four vector norms, "
    "all of which meet the condition.",
    page=PAGE,
)
def inner_product():
    """Draw pairs of vectors of six components."""
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


@claim(
    "outgoing-norm",
    section=PLACE,
    claim="The weights out of a unit have a norm of at most that of the weight matrix.",
    kind="derivation",
    criterion="No exception among all columns of 500 random matrices, in each of four norms.",
    page=PAGE,
)
def outgoing_norm():
    """Compare every column's norm with its matrix's."""
    W, _ = _nets(5, 4)
    columns = np.swapaxes(W, -1, -2)
    return verdict(
        all(
            (norm.vector(columns) <= norm.matrix(W)[:, None] * (1 + ROUNDING)).all()
            for norm in bounds.NORMS
        )
    )


@claim(
    "incoming-norm",
    section=PLACE,
    claim="The weights into a unit have a norm of at most that of the weight matrix.",
    kind="derivation",
    criterion="No exception among all rows of 500 random matrices in each of four norms; or, "
    "corrected, with the largest component of the row for its norm, which is all the bound needs.",
    page=PAGE,
)
def incoming_norm():
    """Compare every row's norm, and its largest component, with its matrix's norm."""
    W, _ = _nets(5, 4)
    sizes = [(norm.matrix(W)[:, None] * (1 + ROUNDING), norm) for norm in bounds.NORMS]
    return corrected(
        all((norm.vector(W) <= size).all() for size, norm in sizes),
        all((np.abs(W).max(axis=-1) <= size).all() for size, _ in sizes),
    )


@claim(
    "any-norm",
    section=PLACE,
    claim="The bound follows for a matrix norm compatible with a vector norm in which no component "
    "exceeds the norm.",
    kind="derivation",
    criterion="In 500 nets of two units, one feeding the other, no exception in four usual norms "
    "and in the largest component after the second is divided by 0.01; or, corrected, none in "
    "those where every unit vector has norm 1.",
    page=PAGE,
)
def any_norm():
    """Try the bound in five norms, one of which gives a unit vector the norm 100."""
    W, slopes = _nets(6, 2, q=1)
    nets = W * [[0.0, 1.0], [0.0, 0.0]], slopes
    norms = (*bounds.NORMS, bounds.weighted([1.0, 0.01]))
    holds = [
        (bounds.largest_factor(*nets) <= bounds.paper_bound(*nets, norm) + ROUNDING).all()
        for norm in norms
    ]
    unit = [bool((norm.vector(np.eye(2)) == 1.0).all()) for norm in norms]
    return corrected(all(holds), all(h for h, one in zip(holds, unit, strict=True) if one))


@claim(
    "upper-bound",
    section=PLACE,
    claim="The factor over q steps is at most n times the q-th power of the largest slope norm "
    "times the norm of the weights.",
    kind="numeric",
    criterion="No exception in 1500 random nets of 1, 4 and 8 units, q = 1 .. 5, in each of four "
    "norms with unit vectors of norm 1.",
    page=PAGE,
)
def upper_bound():
    """Try the bound in four norms."""
    return verdict(all(_holds(bounds.paper_bound, norm) for norm in bounds.NORMS))


@claim(
    "bound-reached",
    section=PLACE,
    claim="The bound is reached, though only where all slopes are largest and all paths have the "
    "same sign.",
    kind="derivation",
    criterion="With all slopes 0.25 and paths of one sign (all weights equal; a ring), q = 5, some "
    "net of 2, 3, 4 and 5 units reaches the bound; or, corrected, the bound without its factor n.",
    page=PAGE,
)
def bound_reached():
    """Compare the largest factor of such nets with both bounds."""

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


@claim(
    "largest-slope",
    section=PLACE,
    claim="For logistic units the largest row sum of F' is at most 0.25, and 0.25 is reached.",
    kind="identity",
    criterion="Over net inputs from -20 to 20 the slope never exceeds 0.25 and is 0.25 at 0.",
    page=PAGE,
)
def largest_slope():
    """Look at the slope on a grid that contains 0."""
    slope = LOGISTIC.slope(np.linspace(-20.0, 20.0, 4001))
    return verdict(slope.max() == 0.25 and LOGISTIC.slope(np.zeros(1))[0] == 0.25)


@claim(
    "small-weights",
    section=PLACE,
    claim="With all weights below 4/n the factor decays at least as fast as n mu^q, "
    "mu = n w_max / 4 < 1.",
    kind="numeric",
    criterion="No exception in 300 nets of each of 2, 5 and 20 units, weights up to 3.9/n, "
    "q = 1 .. 20.",
    page=PAGE,
)
def small_weights():
    """Compare the largest factor with n mu^q."""
    return verdict(
        all(
            (
                bounds.largest_factor(*_nets(7, n, 20, 3.9 / n, 300))
                <= np.log(n) + np.arange(1, 21) * np.log(3.9 / 4.0)
            ).all()
            for n in (2, 5, 20)
        )
    )


@claim(
    "large-weights-slope-norm",
    section=PLACE,
    claim="A large norm of the weights makes the norm of F' small.",
    kind="numeric",
    criterion="In nets of 1, 10, 100 and 400 units whose weights have a norm of about 1000 the "
    "median norm of F', the largest slope of a step, is below a tenth of its maximum.",
    page=PAGE,
)
def large_weights_slope_norm():
    """Run nets with uniform weights of mean size 1000 / n, after 20 steps."""
    medians = []
    for n, count in ((1, 200), (10, 100), (100, 20), (400, 2)):
        _, slopes = _nets(8, n, 5, 2000.0 / n, count, warm_up=20)
        medians.append(np.median(slopes.max(axis=-1)))
    return verdict(max(medians) < 0.025)


@claim(
    "large-weights-saturate",
    section=PLACE,
    claim="With large weights most units are saturated and their slopes small.",
    kind="numeric",
    criterion="In nets of 1, 10, 100 and 400 units whose weights have a norm of about 10,000 the "
    "median slope of all units is below a tenth of its maximum.",
    page=PAGE,
)
def large_weights_saturate():
    """Run nets with uniform weights of mean size 10,000 / n, after 20 steps."""
    medians = []
    for n, count in ((1, 200), (10, 100), (100, 20), (400, 2)):
        _, slopes = _nets(9, n, 5, 20_000.0 / n, count, warm_up=20)
        medians.append(np.median(slopes))
    return verdict(max(medians) < 0.025)
