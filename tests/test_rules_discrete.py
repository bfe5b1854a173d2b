"""Discrete error propagation: wanted flips, by hand and on average."""

import numpy as np
import pytest
from oracles import SQUARED, change_by

from errorflow.core.numerics import generators
from errorflow.core.sequences import Series
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import threshold
from errorflow.rules import learn
from errorflow.rules.discrete import discrete, flip


def test_a_flip_is_on_average_what_came_back():
    """The mean over the random number is linear: 2 g / most, and sure beyond it."""
    for most in (2.0, 5.0):
        for g in (-most, -0.7, 0.1, 1.3, most):
            mean = np.mean([flip(g, most, (k + 0.5) / 10_000) for k in range(10_000)])
            assert mean == pytest.approx(2.0 * g / most, abs=3e-4)
        assert flip(most + 1.0, most, 0.999) == 2.0
        assert flip(-most - 1.0, most, 0.0) == -2.0
    assert flip(0.0, 2.0, 0.3) == 0.0


def latched(weight):
    """Return a unit that holds its sign, and an output that shows it."""
    net = threshold.threshold(1, 1, 1)
    net.hidden[:], net.output[:] = [[0.5, weight]], [[0.0, weight]]
    return net


def test_a_wanted_flip_goes_around_a_latch_undiminished():
    net, steps = latched(2.0), 100
    rule = discrete(net, steps, 0.0, generators(0, 1)[0])
    x = Series(np.zeros((steps, 1)), np.zeros(1))
    x.inputs[0] = 1.0
    learn(rule, net, x, steps, SQUARED)
    assert (rule.states[1:, 0] == 1.0).all()
    assert (rule.wanted == -2.0).all()
    learn(rule, net, x._replace(target=np.ones(1)), steps, SQUARED)
    assert not rule.wanted.any()


def test_the_change_of_weights_is_the_chain_rule_with_pseudo_slopes():
    net, epsilon = latched(2.0), 0.5
    x = Series(np.array([[1.0], [0.0]]), np.zeros(1))
    change = change_by(discrete(net, 2, 1.0, generators(0, 1)[0], epsilon=epsilon), net, x)[0]
    latch, first = 2.0 / (2.0 + epsilon), 2.0 / (0.5 + epsilon)
    wanted = [-2.0 * first, -2.0 * latch, 0.0, -2.0 * latch]
    np.testing.assert_allclose(change, wanted, rtol=1e-15)


def test_a_step_of_the_right_size_flips_the_output():
    """With alpha slope^2 |y|^2 > 1 the net input of a wrong output crosses the threshold."""
    net = latched(0.1)
    x = Series(np.ones((1, 1)), np.zeros(1))
    before = learn(discrete(net, 1, 1.0, generators(0, 1)[0]), net, x, 1, SQUARED)
    after = learn(discrete(net, 1, 0.0, generators(0, 1)[0]), net, x, 1, SQUARED)
    assert before[:2] == (1, 1)
    assert after[:2] == (0, 0)


def test_the_method_learns():
    e = Experiment("discrete", "2a", 3_000, p=4, judged_at="end", streak=1_000)
    assert all(run(e, seed).success for seed in range(2))


def test_outputs_can_reach_the_targets_of_their_task():
    e = Experiment("discrete", "latch", 10, longest=5)
    assert prepare(e, 0)[0].net[-2:] == (-1.0, 1.0)


RNG = generators(0, 1)[0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: discrete(latched(1.0), 4, 0.1, RNG, epsilon=0.0), "epsilon = 0.0"),
        (lambda: discrete(latched(1.0), 4, 0.1, RNG, most=-1.0), "most = -1.0"),
        (lambda: threshold.threshold(2, 1, 1, low=1.0), "low = 1.0, high = 1.0"),
        (lambda: threshold.threshold(2, 0, 1), "hidden = 0"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
