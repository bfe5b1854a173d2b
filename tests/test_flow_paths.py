import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import verdicts

from errorflow import claims
from errorflow.flow import factor, paths
from errorflow.flow.activations import ACTIVATIONS, LINEAR, LOGISTIC, RELU, TANH
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net

SATURATING = (LOGISTIC, TANH)
others = st.floats(-30.0, 30.0)
activations = st.sampled_from(SATURATING)


def test_rho_is_slope_times_weight():
    w = np.array([-8.0, 0.0, 2.0])
    expected = LOGISTIC.slope(0.5 * w + 1.0) * np.abs(w)
    np.testing.assert_array_equal(paths.rho(w, 0.5, 1.0), expected)


def test_limits():
    limits = {name: paths.limit(activation) for name, activation in ACTIVATIONS.items()}
    assert limits == {"logistic": 4.0, "tanh": 1.0, "relu": 1.0, "linear": 1.0}


@settings(deadline=None)
@given(c=others, activation=activations)
def test_stationary_points_solve_the_equation(c, activation):
    low, high = paths.stationary(c, activation)
    assert low < min(c, 0.0)
    assert max(c, 0.0) < high
    k = activation.steepness
    for net in (low, high):
        coth = 1.0 / math.tanh(k * net / 2.0)
        assert net - c == pytest.approx(coth / k, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(c=st.floats(-8.0, 8.0), y=st.sampled_from([-2.0, 0.3, 1.0]), activation=activations)
def test_maximum_is_the_largest_on_a_grid(c, y, activation):
    best = paths.maximum(y, c, activation)
    net = np.linspace(-20.0, 20.0, 4001)
    grid = paths.rho((net - c) / y, y, c, activation)
    assert best.rho == pytest.approx(float(paths.rho(best.w, y, c, activation)), rel=1e-9)
    assert best.w * y + c == pytest.approx(best.net, abs=1e-9)
    assert grid.max() <= best.rho * (1.0 + 1e-12)
    assert grid.max() >= best.rho * (1.0 - 1e-3)


def test_published_and_other_numbers():
    assert paths.maximum(1.0).net == pytest.approx(1.5434, abs=1e-4)
    assert paths.maximum(1.0).rho == pytest.approx(0.2239, abs=1e-4)
    assert paths.maximum(1.0, activation=TANH).rho == pytest.approx(0.4477, abs=1e-4)
    low, high = paths.stationary(-5.0)
    assert paths.rho(high + 5.0, 1.0, -5.0) == pytest.approx(1.298, abs=1e-3)
    assert paths.rho(low + 5.0, 1.0, -5.0) == pytest.approx(0.0025, abs=1e-4)
    assert paths.maximum(1.0, -5.0).net == high
    assert paths.maximum(1.0, 5.0).net == -high


@pytest.mark.parametrize("c", [-1e8, -800.0, 800.0, 1e8])
def test_extreme_inputs_stay_finite(c):
    assert np.isfinite(paths.stationary(c)).all()
    assert paths.maximum(1.0, c).rho == pytest.approx(abs(c) / 4.0, rel=1e-2)


@pytest.mark.parametrize("activation", SATURATING, ids=lambda a: a.name)
@pytest.mark.parametrize("gain", [1.0 + 1e-9, 1.2, 2.0, 50.0])
def test_latch_is_a_stable_fixed_point(activation, gain):
    w = gain * paths.limit(activation)
    net, size = paths.latch(w, activation)
    bias = -0.5 * w if activation is LOGISTIC else 0.0
    assert w * activation.f(net) + bias == pytest.approx(net, rel=1e-12)
    assert net > 0.0
    assert 0.0 < size < 1.0


def test_latch_forgets_as_weights_grow():
    sizes = [paths.latch(w)[1] for w in (4.5, 5.0, 6.0, 8.0, 10.0, 20.0)]
    assert sizes == sorted(sizes, reverse=True)
    assert [round(size, 2) for size in sizes] == [0.78, 0.62, 0.39, 0.17, 0.07, 0.0]


@pytest.mark.parametrize("n", [1, 2, 4])
def test_summaries_equal_listed_paths(n):
    W, slopes = random_net(np.random.default_rng(n), n, 4.0, 5)
    pairs = list(itertools.product(range(n), range(n)))
    for q in range(1, 6):
        terms = np.array([factor.path_products(W, slopes[:q], u, v) for u, v in pairs])
        sums = np.abs(terms.sum(axis=1))
        assert paths.mean_flow(W, slopes)[q - 1] == pytest.approx(sums.mean())
        assert paths.largest_flow(W, slopes)[q - 1] == pytest.approx(sums.max())
        assert paths.largest_product(W, slopes)[q - 1] == pytest.approx(np.abs(terms).max())
        left = sums.sum() / np.abs(terms).sum()
        assert paths.cancellation(W, slopes)[q - 1] == pytest.approx(left)


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 12),
    row=st.floats(0.1, 3.99),
    axis=st.sampled_from([0, 1]),
)
def test_row_or_column_sums_below_4_suffice(seed, n, row, axis):
    W, _ = random_net(np.random.default_rng(seed), n, 1.0, 1)
    W *= row / np.abs(W).sum(axis=axis, keepdims=True)
    slopes = trajectory(W, np.zeros(n), 12)[1]
    bound = (row / 4.0) ** np.arange(1, 13)
    assert (paths.largest_flow(W, slopes) <= bound * (1.0 + 1e-12)).all()


def test_regrouping_moves_every_weight_to_the_unit_it_enters():
    W, slopes = random_net(np.random.default_rng(3), 4, 4.0, 3)
    terms = factor.path_products(W, slopes, 0, 1).reshape(4, 4)
    for l1, l2 in itertools.product(range(4), range(4)):
        inner = slopes[0, l1] * W[l1, l2] * slopes[1, l2] * W[l2, 1]
        assert terms[l1, l2] == pytest.approx(W[0, l1] * inner * slopes[2, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paths.rho(np.inf, 1.0), "w has entries that are not finite"),
        (lambda: paths.stationary(math.nan), "c = nan; it must be a finite number"),
        (lambda: paths.stationary(0.0, RELU), "'relu' does not saturate"),
        (lambda: paths.maximum(1.0, 0.0, LINEAR), "must be one of logistic, tanh"),
        (lambda: paths.maximum(0.0), "y = 0: nothing comes through w"),
        (lambda: paths.latch(4.0), r"w = 4.0 makes no latch; it must be more than 4.0"),
        (lambda: paths.latch(-9.0, TANH), r"must be more than 1.0"),
        (lambda: paths.largest_product([[1.0, 2.0]], [[1.0]]), "must be square"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


EXPECTED = {
    "path-count": claims.HOLDS,
    "path-signs": claims.HOLDS,
    "units-not-necessarily": claims.HOLDS,
    "units-expectation": claims.CORRECTED,  # mixed signs, and not after one or two steps
    "largest-product": claims.HOLDS,
    "paths-vanish": claims.CONTRADICTED,  # the sum over paths grows at n = 100
    "rho-maximum": claims.CORRECTED,  # two solutions, one is the global maximum
    "rho-limit": claims.CORRECTED,  # only if net grows with w
    "rho-any-unit": claims.CORRECTED,  # only for units that saturate
    "larger-weights": claims.CONTRADICTED,  # 100 units with medium weights
    "slope-quarter": claims.HOLDS,
    "weights-below-4": claims.HOLDS,
    "vanishes-at-start": claims.DIRECTION,  # at n = 400 the flow falls by just under half a step
}


def test_claims_give_the_expected_verdicts():
    assert verdicts("22-path-by-path") == EXPECTED
