import numpy as np
import pytest

from errorflow.flow.activations import ACTIVATIONS, LINEAR, LOGISTIC
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net, uniform_weights


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_slopes_of_activations(activation):
    net = np.array([-3.0, -0.7, 0.2, 1.5, 4.0])
    h = 1e-6
    numeric = (activation.f(net + h) - activation.f(net - h)) / (2 * h)
    np.testing.assert_allclose(activation.slope(net), numeric, rtol=1e-8, atol=1e-10)
    assert activation.slope(np.linspace(-5, 5, 2001)).max() == activation.max_slope


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_trajectory_follows_the_activation(activation):
    rng = np.random.default_rng(5)
    W, y = 2 * rng.random((6, 6)) - 1, rng.random(6)
    activations, slopes = trajectory(W, y, 5, activation=activation, drive=0.1)
    for m in range(5, 0, -1):
        net = W @ y + 0.1
        y = activation.f(net)
        np.testing.assert_allclose(activations[m - 1], y, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(slopes[m - 1], activation.slope(net), rtol=1e-13)


def test_drive_is_a_bias_or_an_input_a_step():
    W, start = np.array([[0.3, -0.2], [0.1, 0.4]]), np.array([0.1, 0.2])
    drive = np.array([[1.0, 2.0], [3.0, -1.0]])
    activations, _ = trajectory(W, start, 2, activation=LINEAR, drive=drive)
    first = W @ start + drive[0]
    np.testing.assert_allclose(activations, [W @ first + drive[1], first])
    by_bias, _ = trajectory(W, start, 2, drive=np.array([1.0, 2.0]))
    constant, _ = trajectory(W, start, 2, drive=np.array([[1.0, 2.0]] * 2))
    np.testing.assert_array_equal(by_bias, constant)
    with pytest.raises(ValueError, match=r"drive \(3,\) does not fit"):
        trajectory(W, start, 2, drive=np.zeros(3))


def test_trajectory_is_the_net():
    rng = np.random.default_rng(3)
    W = 2 * rng.random((4, 4)) - 1
    activations, slopes = trajectory(W, rng.random(4), 6)
    net = W @ activations[1]
    np.testing.assert_allclose(activations[0], 1 / (1 + np.exp(-net)), rtol=1e-14)
    np.testing.assert_allclose(slopes, activations * (1 - activations))


def test_trajectory_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"y has shape \(3,\); it must be \(2,\)"):
        trajectory(np.ones((2, 2)), np.ones(3), 1)
    with pytest.raises(ValueError, match="steps = 0"):
        trajectory(np.ones((2, 2)), np.ones(2), 0)
    with pytest.raises(ValueError, match="W has entries that are not finite"):
        trajectory([[np.nan]], [0.0], 1)
    with pytest.raises(ValueError, match="activation 'sine' is unknown"):
        trajectory([[1.0]], [0.0], 1, activation=LOGISTIC._replace(name="sine"))
    with pytest.raises(ValueError, match="are not equally many"):
        trajectory(np.ones((3, 2, 2)), np.ones((4, 2)), 1)


def test_many_nets_run_as_one_does():
    rng = np.random.default_rng(4)
    W, start, drive = rng.random((3, 2, 2)), rng.random((3, 2)), rng.random((3, 5, 2))
    for weights, y, given in ((W, start, drive), (W[0], start, 0.5), (W[0], start[0], drive)):
        together = trajectory(weights, y, 5, drive=given)
        for k in range(3):
            alone = trajectory(
                weights[k] if weights.ndim == 3 else weights,
                y[k] if y.ndim == 2 else y,
                5,
                drive=given[k] if np.ndim(given) == 3 else given,
            )
            for all_of_them, one in zip(together, alone, strict=True):
                np.testing.assert_array_equal(all_of_them[k], one)


@pytest.mark.parametrize("same_sign", [False, True])
def test_random_net(same_sign):
    W, slopes = random_net(np.random.default_rng(1), 7, 3.0, 4, same_sign=same_sign)
    assert W.shape == (7, 7)
    assert slopes.shape == (4, 7)
    assert (np.abs(W) <= 3.0).all()
    assert (W.min() >= 0.0) == same_sign
    y = np.random.default_rng(1)
    y.random((7, 7))
    np.testing.assert_array_equal(slopes, trajectory(W, y.random(7), 54)[1][:4])


def test_many_random_nets_run_as_one_does():
    W, slopes = random_net(np.random.default_rng(6), 4, 4.0, 5, count=3, warm_up=2)
    rng = np.random.default_rng(6)
    np.testing.assert_array_equal(W, 8.0 * rng.random((3, 4, 4)) - 4.0)
    start = rng.random((3, 4))
    for k in range(3):
        np.testing.assert_array_equal(slopes[k], trajectory(W[k], start[k], 7)[1][:5])


def test_same_seed_same_weights():
    W, again = (uniform_weights(np.random.default_rng(7), (3, 3), 0.5) for _ in range(2))
    np.testing.assert_array_equal(W, again)
    assert np.abs(W).max() <= 0.5
    assert W.min() < 0.0 < W.max()
    assert uniform_weights(np.random.default_rng(7), (9,), 0.5).tolist() == W.ravel().tolist()


@pytest.mark.parametrize(
    ("n", "w_max", "q", "count", "message"),
    [
        (0, 1.0, 1, None, "n = 0; it must be an integer of at least 1"),
        (1, 1.0, 0, None, "q = 0; it must be"),
        (1, 1.0, 1, 0, "count = 0; it must be"),
        (1, 0.0, 1, None, "w_max = 0.0; it must be a finite number above 0"),
    ],
)
def test_random_nets_refuse(n, w_max, q, count, message):
    with pytest.raises(ValueError, match=message):
        random_net(np.random.default_rng(0), n, w_max, q, count=count)
