import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import verdicts

from errorflow import claims
from errorflow.flow import bounds, factor
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net

ALL = pytest.mark.parametrize("norm", bounds.NORMS, ids=lambda norm: norm.name)
ROUNDING = 1e-9


def nets(seed, count=200, n=4, q=5, w_max=4.0, warm_up=0):
    return random_net(np.random.default_rng(seed), n, w_max, q, count=count, warm_up=warm_up)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 7),
    q=st.integers(1, 8),
    w_max=st.floats(0.01, 50.0),
    warm_up=st.integers(0, 5),
)
def test_no_factor_exceeds_the_bound_without_n(seed, n, q, w_max, warm_up):
    """100 draws of 100 nets are 10,000 nets: the factor, the sharper bounds and the paper's."""
    W, slopes = nets(seed, 100, n, q, w_max, warm_up=warm_up)
    factors = bounds.largest_factor(W, slopes)
    assert (factors <= bounds.path_bound(W, slopes) + ROUNDING).all()
    for norm in bounds.NORMS:
        stepwise = bounds.stepwise_bound(W, slopes, norm)
        without_n = bounds.bound_without_n(W, slopes, norm)
        assert (factors <= stepwise + ROUNDING).all(), norm.name
        assert (stepwise <= without_n + ROUNDING).all(), norm.name
        assert (without_n <= bounds.paper_bound(W, slopes, norm)).all(), norm.name
    for norm in (bounds.ROWS, bounds.COLUMNS):  # norms of absolute values bound |paths| too
        assert (
            bounds.path_bound(W, slopes) <= bounds.stepwise_bound(W, slopes, norm) + ROUNDING
        ).all()


def log_factors(W, slopes):
    products, logs = factor.log_products(W, slopes)
    with np.errstate(divide="ignore"):
        return logs[..., None, None] + np.log(np.abs(products))


def test_log_products_of_many_nets_are_those_of_each():
    W, slopes = nets(0, 20)
    logs = log_factors(W, slopes)
    for k in range(len(W)):
        for u in range(4):
            np.testing.assert_allclose(logs[k, :, u], factor.log_flow(W[k], slopes[k], u)[1])
        alone = log_factors(W[k], slopes[k])
        np.testing.assert_allclose(logs[k], alone, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(bounds.largest_factor(W, slopes), logs.max(axis=(-2, -1)))


def test_path_bound_is_the_sum_of_absolute_path_products():
    W, slopes = (array[0] for array in nets(1, 1, 3, 4))
    sums = [np.abs(factor.path_products(W, slopes, u, v)).sum() for u in range(3) for v in range(3)]
    assert bounds.path_bound(W, slopes)[-1] == pytest.approx(math.log(max(sums)))


def test_logarithms_neither_under_nor_overflow():
    slopes = np.full((3000, 2), 0.25)
    for size in (1e-3, 1e3):
        W = np.full((2, 2), size)
        expected = 3000 * math.log(2 * size / 4)
        assert bounds.bound_without_n(W, slopes)[-1] == pytest.approx(expected)
        assert bounds.largest_factor(W, slopes)[-1] == pytest.approx(expected - math.log(2))
    zero = np.zeros((2, 2))
    assert (
        bounds.paper_bound(zero, slopes)[-1] == bounds.largest_factor(zero, slopes)[-1] == -np.inf
    )


@ALL
def test_matrix_norm_is_compatible_with_its_vector_norm(norm):
    rng = np.random.default_rng(2)
    A, x = 2 * rng.random((500, 5, 5)) - 1, 2 * rng.random((500, 5)) - 1
    product = (A @ x[..., None])[..., 0]
    assert (norm.vector(product) <= norm.matrix(A) * norm.vector(x) * (1 + 1e-12)).all()


@ALL
def test_norms_of_unit_vectors_components_and_diagonals(norm):
    x = 2 * np.random.default_rng(3).random((100, 5)) - 1
    np.testing.assert_allclose(norm.vector(np.eye(5)), 1)
    assert (np.abs(x).max(axis=1) <= norm.vector(x)).all()
    np.testing.assert_allclose(norm.matrix(x[:, :, None] * np.eye(5)), norm.diagonal(x))


def test_row_sum_norm_takes_rows_not_columns():
    A = np.array([[1.0, -2.0], [0.0, 0.5]])
    assert bounds.ROWS.matrix(A) == 3.0
    assert bounds.COLUMNS.matrix(A) == 2.5


def test_weighted_norm_is_induced_by_its_vector_norm():
    p = np.array([1.0, 0.2, 0.05])
    norm, A = bounds.weighted(p), np.random.default_rng(4).random((3, 3))
    assert norm.vector(A @ p) == pytest.approx(norm.matrix(A) * norm.vector(p))
    W = nets(5, 1, 3)[0][0]
    assert bounds.weighted(np.ones(3)).matrix(W) == bounds.ROWS.matrix(W)


def test_bound_of_the_perron_vector():
    """|factor| <= (f'max r)^q p_u / p_v, and |W| has norm r in the norm weighted by p."""
    for seed in range(50):
        W, slopes = (array[0] for array in nets(seed, 1))
        r, p = bounds.perron(W)
        assert np.allclose(np.abs(W) @ p, r * p)
        assert bounds.weighted(p).matrix(W) == pytest.approx(r)
        q = np.arange(1, 6)[:, None, None]
        largest = bounds.largest_slope(slopes)[:, None, None]
        logs = q * np.log(largest * r) + np.log(p[:, None] / p)
        assert (log_factors(W, slopes) <= logs + ROUNDING).all()


def test_bound_fails_where_a_unit_vector_has_a_large_norm():
    W, slopes = np.array([[0.0, 1.0], [0.0, 0.0]]), np.full((1, 2), 0.25)
    norm = bounds.weighted([1.0, 0.01])
    assert bounds.paper_bound(W, slopes, norm)[0] < bounds.largest_factor(W, slopes)[0]


def test_row_of_ones_exceeds_the_1_norm():
    W = np.zeros((4, 4))
    W[0] = 1.0
    assert bounds.COLUMNS.vector(W[0]) == 4.0 > bounds.COLUMNS.matrix(W) == 1.0


def test_first_inequality_needs_two_steps():
    """n f'max |W_v| |W_u| / |W| is below the factor of one step for u = v = 0."""
    W = np.diag([0.1, 2.0])
    row, column, whole = (
        bounds.ROWS.vector(W[0]),
        bounds.ROWS.vector(W[:, 0]),
        bounds.ROWS.matrix(W),
    )
    assert 2 * 0.25 * row * column / whole < factor.scaling_recursive(W, [[0.25, 0.25]], 0, 0)
    assert 2 * 0.25**2 * row * column >= factor.scaling_recursive(W, [[0.25, 0.25]] * 2, 0, 0)


def test_one_unit_attains_the_bound_at_its_fixed_point():
    slopes = trajectory([[3.0]], [0.5], 500)[1][:20]
    assert bounds.paper_bound([[3.0]], slopes)[-1] == pytest.approx(
        bounds.largest_factor([[3.0]], slopes)[-1], rel=1e-12
    )


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gap_of_equal_weights_and_maximal_slopes_is_n_squared(n):
    W, slopes = np.full((n, n), 3.0 / n), np.full((6, n), 0.25)
    gap = bounds.paper_bound(W, slopes) - bounds.largest_factor(W, slopes)
    np.testing.assert_allclose(gap, 2 * math.log(n), atol=1e-12)


def test_running_net_meets_both_conditions():
    x = np.array([1.0, -1.0, 1.0, -1.0])
    W = 0.9 * np.outer(x, x)
    slopes = trajectory(W, np.random.default_rng(0).random(4), 500)[1][:5]
    assert slopes == pytest.approx(0.25)
    paths = factor.path_products(W, slopes, 0, 1)
    assert (paths < 0).all()
    gap = bounds.paper_bound(W, slopes) - bounds.largest_factor(W, slopes)
    np.testing.assert_allclose(gap, math.log(16), atol=1e-9)


def test_largest_slope_is_that_so_far():
    slopes = np.array([[0.1, 0.2], [0.05, 0.1], [0.25, 0.0]])
    np.testing.assert_array_equal(bounds.largest_slope(slopes), [0.2, 0.2, 0.25])
    assert bounds.largest_slope(slopes, bounds.FROBENIUS)[0] == pytest.approx(math.hypot(0.1, 0.2))


def test_spectral_radius_bounds_no_product():
    W, slopes = np.array([[8.0, 8.0], [-8.0, -8.0]]), np.tile([0.25, 0.0], (10, 1))
    assert bounds.spectral_radius(W) < 1e-6
    assert factor.scaling_recursive(W, slopes, 0, 0) == 2.0**10


@pytest.mark.parametrize(
    ("W", "slopes", "message"),
    [
        (np.ones((2, 3)), np.ones((1, 2)), r"W has shape \(2, 3\); it must be"),
        (np.ones((0, 0)), np.ones((1, 0)), r"W has shape \(0, 0\)"),
        (np.ones((2, 2)), np.ones((1, 3)), r"slopes has shape \(1, 3\).*n = 2"),
        (np.ones((2, 2)), np.ones((0, 2)), r"slopes has shape \(0, 2\).*q >= 1"),
        (np.full((2, 2), np.nan), np.ones((1, 2)), "W has entries that are not finite"),
        (np.ones((2, 2)), np.full((1, 2), np.inf), "slopes has entries that are not finite"),
    ],
)
@pytest.mark.parametrize(
    "function", [bounds.paper_bound, bounds.stepwise_bound, bounds.largest_factor]
)
def test_wrong_input_is_refused(function, W, slopes, message):
    with pytest.raises(ValueError, match=message):
        function(W, slopes)


def test_other_wrong_input_is_refused():
    with pytest.raises(ValueError, match="must be a vector of positive numbers"):
        bounds.weighted([1.0, 0.0])
    with pytest.raises(ValueError, match=r"W has shape \(2,\); it must be square"):
        bounds.perron([1.0, 2.0])
    with pytest.raises(ValueError, match="W has entries that are 0"):
        bounds.perron(np.eye(2))


EXPECTED = {
    "inner-product": claims.HOLDS,
    "outgoing-norm": claims.HOLDS,
    "incoming-norm": claims.CORRECTED,  # false in the 1-norm; components are enough
    "any-norm": claims.CORRECTED,  # unit vectors must have norm 1
    "upper-bound": claims.HOLDS,
    "bound-reached": claims.CORRECTED,  # for n > 1 only without the factor n
    "largest-slope": claims.HOLDS,
    "small-weights": claims.HOLDS,
    "large-weights-slope-norm": claims.CONTRADICTED,  # some unit is unsaturated in a large net
    "large-weights-saturate": claims.HOLDS,
}


def test_verdicts():
    assert verdicts("23-the-bound") == EXPECTED
