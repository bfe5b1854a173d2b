import numpy as np
import pytest

from errorflow.flow.activations import RELU, TANH
from errorflow.flow.exponents import exponent
from errorflow.flow.random_nets import uniform_weights
from errorflow.flow.storage import storage


def accuracy(W, x, noise, steps=60, **options):
    rng = np.random.default_rng(1)
    return storage(W, [x, -np.asarray(x)], steps, noise=noise, rng=rng, **options)


def test_a_latch_stores_and_a_fading_unit_does_not():
    latch = accuracy([[2.0]], [3.0], 0.2, activation=TANH)
    assert latch.shape == (60,)
    assert (latch == 1.0).all()
    fading = accuracy([[0.5]], [3.0], 0.2, activation=TANH)
    assert fading[0] == 1.0
    assert abs(fading[-20:].mean() - 0.5) < 0.05


def test_chaos_stores_without_noise_only():
    rng = np.random.default_rng(0)
    W = uniform_weights(rng, (50, 50), 4 * (3 / 50) ** 0.5)
    x = 2 * rng.random(50) - 1
    assert exponent(W, x, 400, activation=TANH) > 0.2
    assert (accuracy(W, x, 0.0, activation=TANH) == 1.0).all()
    assert abs(accuracy(W, x, 0.1, activation=TANH)[-20:].mean() - 0.5) < 0.06


def test_no_difference_counts_one_half():
    assert accuracy([[0.0]], [3.0], 0.0, steps=3).tolist() == [1.0, 0.5, 0.5]


def test_more_noise_stores_less():
    shares = [accuracy([[1.5]], [1.0], noise, activation=TANH).mean() for noise in (0.1, 0.5, 2)]
    assert shares[0] > shares[1] > shares[2]


def test_storage_refuses():
    rng = np.random.default_rng(0)
    for inputs, options, message in (
        ([[1.0]], {}, r"inputs has shape \(1, 1\)"),
        ([[1.0], [2.0]], {"noise": -1.0}, r"noise = -1.0"),
        ([[1.0], [2.0]], {"runs": 6}, "runs = 6"),
        ([[1.0], [2.0]], {"start": [1.0, 2.0]}, r"start \(2,\)"),
        ([[1.0], [2.0]], {"bias": np.zeros((5, 1))}, "bias"),
    ):
        with pytest.raises(ValueError, match=message):
            storage([[1.0]], inputs, 5, rng=rng, **{"noise": 0.1, **options})
    with pytest.raises(ValueError, match=r"overflow after \d+ steps"):
        storage([[1e9]], [[1.0], [2.0]], 50, noise=0.0, rng=rng, activation=RELU)
