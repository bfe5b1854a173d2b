import math

import numpy as np
import pytest

from errorflow.core import numerics
from errorflow.core.checks import real_array
from errorflow.core.compiled import kernel


def mapped(function):
    @kernel
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    def run(x):
        y = np.empty_like(x)
        loop(x, y)
        return y

    return run


X = np.concatenate(
    [np.linspace(-700, 700, 20_001), np.linspace(-1, 1, 20_001), [0.0, -0.0, 1e-300]]
)


@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning")
@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (numerics.exp, np.exp),
        (numerics.logistic, lambda x: 1 / (1 + np.exp(-x))),
        (numerics.tanh, np.tanh),
    ],
)
def test_elementary_functions(function, exact):
    wanted = exact(X.astype(np.longdouble))
    got = mapped(function)(X)
    error = np.abs(got - wanted)
    if function is not numerics.tanh:
        error /= wanted
    assert float(error.max()) < 5e-16
    far = mapped(function)(np.array([-1e308, 1e308]))
    assert np.isfinite(far).all()


def test_tree_sum_is_a_sum_in_a_fixed_order():
    @kernel
    def total(x):
        return numerics.tree_sum(x)

    for n in (8, 16, 128, 1024):
        values = np.random.default_rng(n).random(n) - 0.5
        assert total(values.copy()) == pytest.approx(math.fsum(values), abs=1e-13)
    # ((a + e) + (c + g)) + ((b + f) + (d + h)), whatever the machine could do at once
    a, b, c, d = 1e16, 1.0, -1e16, 1.0
    assert total(np.array([a, b, c, d, 0.0, 0.0, 0.0, 0.0])) == (a + c) + (b + d) == 2.0


def test_generators_are_independent_and_fixed():
    one, other = numerics.generators(1998, 2)
    assert [f"{one.random():.6f}" for _ in range(2)] != [f"{other.random():.6f}" for _ in range(2)]
    again = numerics.generators(1998, 1)[0]
    w = np.empty(3)
    numerics.fill_uniform(again, w, -0.2, 0.2)
    first = numerics.generators(1998, 1)[0]
    assert w.tolist() == [-0.2 + 0.4 * first.random() for _ in range(3)]


def test_fresh_generators_for_each_seed():
    assert len({g.random() for g in numerics.generators(0, 100)}) == 100


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 1j], r"x = \[1.0, 1j\]; it must be real numbers"),
        ([[1.0], [1.0, 2.0]], "it must be real numbers, in rows of one length"),
        ("1", "x = '1'; it must be real numbers"),
        ([None], "it must be real numbers"),
        ([1.0, np.nan], "x has entries that are not finite"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), "x is a masked array"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        real_array("x", values)


def test_arrays_of_real_numbers_are_float64():
    for values in ([1, 2], (True, False), np.float32([1.5]), 3):
        assert real_array("x", values).dtype == np.float64
