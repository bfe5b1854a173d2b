import numpy as np
import pytest

from errorflow.flow import batches as ensembles
from errorflow.flow import factor as flow


def nets(seed, count, n):
    rng = np.random.default_rng(seed)
    return 2 * rng.random((count, n, n)) - 1, rng.random((count, n))


@pytest.mark.parametrize("activation", sorted(ensembles.KINDS))
@pytest.mark.parametrize("n", [1, 2, 5])
def test_equals_the_flow_of_each_net(activation, n):
    W, start = nets(n, 6, n)
    scales, q, u, v = [0.2, 1.0, 3.0], 12, n // 2, n - 1
    logs = ensembles.log_flows(W, start, scales, q, activation=activation, u=u, v=v)
    for net in range(len(W)):
        for c, scale in enumerate(scales):
            _, slopes = flow.trajectory(
                scale * W[net], start[net], q, activation=flow.ACTIVATIONS[activation]
            )
            expected = flow.log_flow(scale * W[net], slopes, u)[1][:, v]
            assert logs[net, c] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_scales_do_not_depend_on_each_other():
    W, start = nets(0, 3, 20)
    together = ensembles.log_flows(W, start, [0.5, 4.0, 20.0], 60)
    alone = ensembles.log_flows(W, start, [4.0], 60)
    assert np.array_equal(together[:, 1:2], alone)


def test_a_factor_of_0_stays_0():
    logs = ensembles.log_flows([[[-1.0]]], [[1.0]], [1.0, 2.0], 3, activation="relu")
    assert np.isneginf(logs).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [[0.0]], [1.0], 2), r"W \(1, 1\)"),
        (([[[1.0]]], [[0.0, 1.0]], [1.0], 2), r"start \(1, 2\)"),
        (([[[1.0]]], [[0.0]], 1.0, 2), r"scales \(\)"),
        (([[[1.0]]], [[0.0]], [1.0], 0), "q = 0; it must be at least 1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ensembles.log_flows(*arguments)


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match="activation = 'step'; it must be one of logistic"):
        ensembles.log_flows([[[1.0]]], [[0.0]], [1.0], 1, activation="step")
    with pytest.raises(ValueError, match="v = 1 is no unit; there are 1"):
        ensembles.log_flows([[[1.0]]], [[0.0]], [1.0], 1, v=1)
