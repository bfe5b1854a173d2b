import numpy as np
import pytest

from errorflow.flow import batches, factor
from errorflow.flow.activations import ACTIVATIONS, LINEAR, LOGISTIC, RELU
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import uniform_weights


def nets(seed, count, n):
    rng = np.random.default_rng(seed)
    return uniform_weights(rng, (count, n, n), 1.0), rng.random((count, n))


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_equals_the_flow_of_each_net(activation, n):
    W, start = nets(n, 6, n)
    scales, q, u, v = [0.2, 1.0, 3.0], 12, n // 2, n - 1
    logs = batches.log_flows(W, start, scales, q, activation=activation, u=u, v=v)
    for net in range(len(W)):
        for c, scale in enumerate(scales):
            _, slopes = trajectory(scale * W[net], start[net], q, activation=activation)
            expected = factor.log_flow(scale * W[net], slopes, u)[1][:, v]
            assert logs[net, c] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_scales_do_not_depend_on_each_other():
    W, start = nets(0, 3, 20)
    together = batches.log_flows(W, start, [0.5, 4.0, 20.0], 60)
    alone = batches.log_flows(W, start, [4.0], 60)
    assert np.array_equal(together[:, 1:2], alone)


def test_a_factor_of_0_stays_0():
    logs = batches.log_flows([[[-1.0]]], [[1.0]], [1.0, 2.0], 3, activation=RELU)
    assert np.isneginf(logs).all()


def test_a_small_factor_is_not_lost_beside_a_large_one():
    """The factor to unit 0 grows, the one to unit 1 fades: in the end they are 1e440 apart."""
    W, q = np.array([[[1e3, 0.0], [1e-250, 1e-3]]]), 120
    logs = batches.log_flows(W, [[0.0, 0.0]], [1.0], q, activation=LINEAR, u=1, v=1)
    assert logs[0, 0] == pytest.approx(np.log(1e-3) * np.arange(1, q + 1), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [[0.0]], [1.0], 2), r"W \(1, 1\)"),
        (([[[1.0]]], [[0.0, 1.0]], [1.0], 2), r"start \(1, 2\)"),
        (([[[1.0]]], [[0.0]], 1.0, 2), r"scales \(\)"),
        (([[[1.0]]], [[0.0]], [1.0], 0), "q = 0; it must be an integer of at least 1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        batches.log_flows(*arguments)


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match="activation 'step' is unknown; it must be logistic"):
        batches.log_flows([[[1.0]]], [[0.0]], [1.0], 1, activation=LOGISTIC._replace(name="step"))
    with pytest.raises(ValueError, match="v = 1 is no unit; there are 1"):
        batches.log_flows([[[1.0]]], [[0.0]], [1.0], 1, v=1)
