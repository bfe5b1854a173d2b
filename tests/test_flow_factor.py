import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from errorflow.flow import factor
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net

FORMS = [factor.scaling_recursive, factor.scaling_paths, factor.scaling_matrix]


def case(seed, n, q, scale=1.0):
    return random_net(np.random.default_rng(seed), n, scale, q, warm_up=0)


@settings(deadline=None, max_examples=200)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 5),
    q=st.integers(1, 7),
    scale=st.sampled_from([0.2, 1.0, 4.0, 20.0]),
)
def test_three_forms_agree(seed, n, q, scale):
    W, slopes = case(seed, n, q, scale)
    u, v = seed % n, seed // n % n
    absolute = np.abs(factor.path_products(W, slopes, u, v)).sum()
    values = [form(W, slopes, u, v) for form in FORMS]
    assert max(values) - min(values) <= 1e-12 * absolute
    sign, log = factor.log_scaling(W, slopes, u, v)
    assert sign * math.exp(log) == pytest.approx(values[0], rel=1e-9, abs=1e-12 * absolute)


@pytest.mark.parametrize("q", [1, 2, 3, 6])
@pytest.mark.parametrize("scale", [0.2, 3.0])
def test_equals_autograd(q, scale):
    """d net_u(t) / d net_v(t-q) on the unrolled net, by torch."""
    n = 5
    for seed in range(5):
        rng = np.random.default_rng(seed)
        W = scale * (2 * rng.random((n, n)) - 1)
        start = rng.random(n)
        _, slopes = trajectory(W, start, q)
        w = torch.tensor(W)
        first = w @ torch.tensor(start)
        first.requires_grad_()
        net = first
        for _ in range(q):
            net = w @ torch.sigmoid(net)
        for u in range(n):
            (gradient,) = torch.autograd.grad(net[u], first, retain_graph=True)
            for v in range(n):
                absolute = np.abs(factor.path_products(W, slopes, u, v)).sum()
                for form in FORMS:
                    got = form(W, slopes, u, v)
                    assert abs(got - gradient[v].item()) <= 1e-12 * absolute


def test_printed_index_is_the_transposed_weight():
    W, slopes = case(0, 5, 3)
    printed = factor.scaling_paths(W.T, slopes, 1, 3)
    assert abs(printed - factor.scaling_paths(W, slopes, 1, 3)) > 1e-6


def test_log_scaling_neither_under_nor_overflows():
    n, q = 3, 2000
    for scale in (1e-3, 1e3):
        W = scale * (np.ones((n, n)) + np.eye(n))
        slopes = np.full((q, n), 0.25)
        sign, log = factor.log_scaling(W, slopes, 0, 1)
        # Eigenvalues of the step are scale/4 (twice) and scale (4/4), with weight 1/3 off diagonal.
        expected = q * math.log(scale) + math.log1p(-(0.25**q)) - math.log(3)
        assert sign == 1
        assert log == pytest.approx(expected, rel=1e-12)
    assert factor.log_scaling(np.zeros((2, 2)), np.ones((3, 2)), 0, 1) == (0, -math.inf)


def test_log_products_hold_all_factors():
    W, slopes = case(4, 4, 6, 3.0)
    products, logs = factor.log_products(W, slopes)
    for q in range(1, 7):
        for u in range(4):
            for v in range(4):
                got = math.exp(logs[q - 1]) * products[q - 1, u, v]
                wanted = factor.scaling_matrix(W, slopes[:q], u, v)
                assert got == pytest.approx(wanted, rel=1e-10, abs=1e-14)
    assert np.abs(products).max(axis=(1, 2)) == pytest.approx(1.0)
    n = q = 200
    _, logs = factor.log_products(np.full((n, n), 1e-3), np.full((q, n), 1e-3))
    # All factors of a constant net are w f' (n w f')^(q-1).
    assert logs[-1] == pytest.approx(math.log(1e-6) + (q - 1) * math.log(n * 1e-6), rel=1e-12)
    _, logs = factor.log_products(np.zeros((2, 2)), np.ones((3, 2)))
    assert logs.tolist() == [-math.inf] * 3


@pytest.mark.parametrize("form", [*FORMS, factor.log_scaling, factor.path_products])
@pytest.mark.parametrize(
    ("W", "slopes", "u", "v", "message"),
    [
        (np.ones((2, 3)), np.ones((1, 2)), 0, 0, r"\(2, 3\).*square"),
        (np.ones((2, 2)), np.ones((1, 3)), 0, 0, r"\(1, 3\)"),
        (np.ones((2, 2)), np.ones(2), 0, 0, "slopes"),
        (np.ones((2, 2)), np.ones((0, 2)), 0, 0, "q = 0"),
        (np.full((2, 2), np.nan), np.ones((1, 2)), 0, 0, "W has entries"),
        (np.ones((2, 2)), np.full((1, 2), np.inf), 0, 0, "slopes has entries"),
        (np.ones((2, 2)), np.ones((1, 2)), 2, 0, "u = 2"),
        (np.ones((2, 2)), np.ones((1, 2)), 0, -1, "v = -1"),
        (np.ones((2, 2)), np.ones((1, 2)), 0.0, 0, "integer"),
    ],
)
def test_bad_input_is_named(form, W, slopes, u, v, message):
    with pytest.raises(ValueError, match=message):
        form(W, slopes, u, v)


def test_too_many_paths_are_refused():
    with pytest.raises(ValueError, match=r"10\*\*7 paths"):
        factor.scaling_paths(np.ones((10, 10)), np.ones((8, 10)), 0, 0)


FAR_APART = [[0.0, 1.0, 1.0], [0.0, 4.0, 0.0], [0.0, 0.0, 1.0]]
"""The factor from 0 to 1 stays 1/4; that from 0 to 2 is divided by 4 at each step."""


def test_factors_that_lie_far_apart_are_kept():
    slopes = [[0.25] * 3] * 600
    assert factor.log_scaling(FAR_APART, slopes, 0, 2) == (1, pytest.approx(600 * math.log(0.25)))
    products, logs = factor.log_products([FAR_APART] * 2, [slopes] * 2)
    for u in range(3):
        signs, sizes = factor.log_flow(FAR_APART, slopes, u)
        seen = sizes > logs[0][:, None] - 690.0
        with np.errstate(divide="ignore"):
            found = np.log(np.abs(products[:, :, u])) + logs[:, :, None]
        np.testing.assert_allclose(found[0][seen], sizes[seen], rtol=1e-12, atol=1e-12)
        assert np.array_equal(np.sign(products[0, :, u])[seen], signs[seen])
    assert np.array_equal(products[0], products[1])


@pytest.mark.parametrize("size", [1e200, 1e-200, 5e-324])
def test_a_factor_beyond_the_range_has_a_logarithm(size):
    assert factor.log_scaling([[size]], [[size]], 0, 0) == (1, pytest.approx(2 * math.log(size)))
