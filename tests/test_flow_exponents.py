import math

import numpy as np
import pytest
from oracles import verdicts

from errorflow.claims import CORRECTED, DIRECTION, HOLDS
from errorflow.flow import exponents, factor
from errorflow.flow.activations import ACTIVATIONS, LINEAR, LOGISTIC, RELU, TANH
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import uniform_weights


def net(seed, n, w_max, biased=False):
    rng = np.random.default_rng(seed)
    W = uniform_weights(rng, (n, n), w_max)
    return W, uniform_weights(rng, (n,), w_max) if biased else np.zeros(n), rng


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
@pytest.mark.parametrize("biased", [False, True])
def test_growth_is_the_product_of_eq_3(activation, biased):
    """The matrices F'(t) W, multiplied out, enlarge the vector by as much."""
    n, q = 6, 12
    W, bias, rng = net(3, n, 1.5, biased)
    start, drive = rng.random(n), bias + rng.random((q, n))
    _, slopes = trajectory(W, start, q, activation=activation, drive=drive)
    product = np.eye(n)
    for slope in slopes[::-1]:  # the first step first
        product = (slope[:, None] * W) @ product
    v = (np.arange(1, n + 1) * 0.6180339887498949) % 1.0 - 0.5
    wanted = math.log(np.abs(product @ v).max() / np.abs(v).max())
    got = exponents.growth(W, start, q, activation=activation, drive=drive)
    assert got.shape == (q,)
    assert got.sum() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("activation", [LOGISTIC, TANH], ids=lambda a: a.name)
def test_exponent_is_the_growth_of_log_products(activation):
    """Many steps: the largest factor grows as the vector does, up to a constant."""
    n, q = 10, 400
    W, bias, rng = net(5, n, 3.0)
    start = rng.random(n)
    _, slopes = trajectory(W, start, q, activation=activation, drive=bias)
    largest = factor.log_products(W, slopes)[1]
    got = exponents.exponent(W, start, q, activation=activation, drive=bias)
    assert got == pytest.approx(largest[-1] / q, abs=0.03)


def test_bound_is_kept():
    """No exponent exceeds the logarithm of the largest slope times the row-sum norm."""
    for a in ACTIVATIONS.values():
        for seed in range(5):
            W, bias, rng = net(seed, 8, 2.0, biased=True)
            got = exponents.exponent(W, rng.random(8), 100, activation=a, drive=bias)
            assert got <= math.log(a.max_slope * np.abs(W).sum(axis=1).max()) + 1e-9


def test_linear_exponent_is_the_spectral_radius():
    W, _, rng = net(0, 20, 1.0)
    got = exponents.exponent(W, rng.random(20), 5000, transient=100, activation=LINEAR)
    assert got == pytest.approx(math.log(np.abs(np.linalg.eigvals(W)).max()), abs=2e-3)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
@pytest.mark.parametrize("activation", [RELU, LINEAR], ids=lambda a: a.name)
def test_unbounded_units_neither_over_nor_underflow(activation, scale):
    """A positive matrix keeps all relu units on; the exponent is exactly its log eigenvalue."""
    n = 4
    W = np.full((n, n), scale / n)
    logs = exponents.growth(W, np.ones(n), 1000, activation=activation)
    assert logs[1:] == pytest.approx(math.log(scale), abs=1e-12)


def test_drive_is_rescaled_with_the_activations():
    """A unit that grew beyond 1e300 and shrinks again feels its bias as if nothing had happened."""
    up, down = np.full((60, 1), 1.0), np.full((4000, 1), -1.0)
    # Slopes of a linear net do not depend on its activations: use relu, which is off below 0.
    logs = exponents.growth([[2.0]], [0.0], 1200, activation=RELU, drive=1.0)
    assert logs == pytest.approx(math.log(2.0))
    logs = exponents.growth([[0.5]], [1e200], 4060, activation=RELU, drive=np.vstack([up, down]))
    # 1e200 / 2^t falls below 2 after about 664 steps; then the bias of -1 switches the unit off.
    on = np.isfinite(logs).sum()
    y, t = 1e200, 0
    while y > 0:
        y, t = max(0.5 * y + (1.0 if t < 60 else -1.0), 0.0), t + 1
    assert on == t - 1


def test_switched_off_relu_units_end_the_flow():
    logs = exponents.growth([[-1.0]], [1.0], 3, activation=RELU)
    assert logs.tolist() == [-math.inf] * 3
    assert exponents.exponent([[-1.0]], [1.0], 3, activation=RELU) == -math.inf


def test_saturated_slopes_do_not_underflow():
    """At net input 5000 the slope e^-5000 is no float64; its logarithm is followed all the same."""
    got = exponents.growth([[5000.0]], [1.0], 1)
    assert got[0] == pytest.approx(math.log(5000.0) - 5000.0, rel=1e-12)
    got = exponents.growth([[5000.0]], [1.0], 1, activation=TANH)
    assert got[0] == pytest.approx(math.log(4 * 5000.0) - 10000.0, rel=1e-12)


def test_tanh_net_is_a_centred_logistic_net():
    W, _, rng = net(2, 10, 1.0)
    z = 2 * rng.random(10) - 1
    bias = -0.5 * (4 * W).sum(axis=1)
    tanh = exponents.growth(W, z, 30, activation=TANH)
    logistic = exponents.growth(4 * W, (1 + z) / 2, 30, drive=bias)
    np.testing.assert_allclose(logistic, tanh, atol=1e-9)


def test_signs_of_known_nets():
    """n = 1 never explodes; a hundred units with medium weights do, with huge ones not."""

    def median(n, sd, **options):
        rng = np.random.default_rng(n)
        values = exponents.random_exponents(n, sd * 3**0.5, 5, 300, rng=rng, **options)
        return np.median(values)

    assert median(100, 0.1) < -1.0
    assert median(100, 4.0) > 0.3
    assert median(100, 100.0) < -1.0
    assert median(10, 10.0) < 0.0
    assert median(100, 4.0, activation=RELU) > 2.0
    rng = np.random.default_rng(0)
    for a in (LOGISTIC, TANH):
        for w in (1.0, 10.0, 1000.0):
            values = exponents.random_exponents(
                1, w, 100, 500, rng=rng, biased=True, activation=a, transient=200
            )
            assert values.max() <= 0.0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([[1.0, 2.0]], [0.0], 3), {}, r"W has shape \(1, 2\)"),
        ((np.zeros((0, 0)), [], 3), {}, "n >= 1"),
        (([[1.0]], [0.0, 1.0], 3), {}, r"y has shape \(2,\)"),
        (([[1.0]], [math.nan], 3), {}, "y has"),
        (([[math.inf]], [0.0], 3), {}, "W has entries"),
        (([[1.0]], [0.0], 0), {}, "steps = 0"),
        (([[1.0]], [0.0], 2.0), {}, "steps = 2.0"),
        (([[1.0]], [0.0], 3), {"drive": np.zeros((2, 1))}, r"drive \(2, 1\)"),
        (([[1.0]], [0.0], 3), {"drive": math.nan}, "drive has entries"),
        (([[1.0]], [0.0], 3), {"activation": LOGISTIC._replace(name="sine")}, "'sine' is unknown"),
    ],
)
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        exponents.growth(*arguments, **options)


def test_bad_options_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="transient = -1"):
        exponents.exponent([[1.0]], [0.0], 3, transient=-1)
    with pytest.raises(ValueError, match="n = 0"):
        exponents.random_exponents(0, 1.0, 1, 1, rng=rng)
    with pytest.raises(ValueError, match="w_max = 0"):
        exponents.random_exponents(1, 0.0, 1, 1, rng=rng)


EXPECTED = {
    "almost-always": CORRECTED,  # large nets with medium weights explode
    "one-unit-vanishes": HOLDS,  # a theorem for bounded monotone maps
    "huge-weights-vanish": CORRECTED,  # the weights needed grow with the net
    "below-4-vanishes": CORRECTED,  # not from some tens of units on
    "cause-of-learning-time": DIRECTION,  # at lag 10 learning destroys the flow
    "flow-grows-where-learned": HOLDS,
}


def test_claims_have_the_verdicts_they_should():
    assert verdicts("24-where-it-does-not-vanish") == EXPECTED
