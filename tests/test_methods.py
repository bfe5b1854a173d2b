"""Methods of Section 3: the registry, the problems, trials."""

import numpy as np
import pytest

from errorflow import demonstrations, methods
from errorflow.core.checks import check_size
from errorflow.core.numerics import generators
from errorflow.experiments.transfer import stretched, transfer
from errorflow.experiments.trials import condition
from errorflow.methods import Experiment, all_methods, prepare, run
from errorflow.methods.problems import PROBLEMS
from errorflow.nets import output_size
from errorflow.tasks import blank, draw, sample

BRIDGES = {name.rpartition("-p")[0]: name for name in demonstrations.ROWS}
"""A row for each method and task."""


def test_methods_come_in_the_order_of_section_3():
    kinds = [m.kind for m in all_methods().values()]
    assert kinds == sorted(kinds, key=methods.KINDS.index)
    assert all(name == m.name for name, m in all_methods().items())


@pytest.mark.parametrize("name", demonstrations.ROWS)
def test_rows_state_the_number_of_weights(name):
    net = prepare(condition(name), 0).net
    assert getattr(net, "weights", len(net.w)) == demonstrations.ROWS[name].weights


@pytest.mark.parametrize("name", BRIDGES.values())
def test_a_trial_is_the_same_twice(name):
    e = condition(name, budget=50)
    a, b = run(e, 0), run(e, 0)
    assert (a.success, a.sequences, a.weights) == (b.success, b.sequences, b.weights)
    assert np.array_equal(a.net.w, b.net.w)


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_have_tasks_that_can_be_drawn(name):
    problem, rng = PROBLEMS[name](5), generators(0, 1)[0]
    sequence = blank(problem.task)
    assert all(1 <= draw(problem.task, rng, sequence) <= problem.task.steps for _ in range(20))
    data = sample(problem.task, rng, problem.size)
    assert len(data.length) == problem.size


def test_a_series_is_learned_with_the_gradient_of_its_target():
    """BPTT and RTRL agree on real inputs, as they do on symbols."""
    e = Experiment("bptt", "parity", 5, 40, (), (("hidden", 3), ("initial", 1.0)))
    other = Experiment("rtrl", "parity", 5, 40, (), (("hidden", 3), ("initial", 1.0)))
    a, b = run(e, 0).net, run(other, 0).net
    assert output_size(a) == 1
    assert not np.array_equal(a.w, prepare(e, 0).net.w)
    np.testing.assert_allclose(a.w, b.w, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "adam"}, "method = 'adam'; it must be one of elman"),
        ({"task": "chess"}, "task = 'chess'; it must be one of 2a"),
        ({"p": 0}, "p = 0; it must be an integer of at least 1"),
        ({"budget": 2.5}, "budget = 2.5"),
        ({"constants": (("beta", 1),)}, "method 'bptt' has no constant 'beta'; it has hidden"),
        ({"about": (("beta", 1),)}, "task 'parity' has no constant 'beta'; it has shortest"),
    ],
)
def test_experiment_refuses(change, message):
    fields = {"method": "bptt", "task": "parity", "p": 5, "budget": 10, **change}
    with pytest.raises(ValueError, match=message):
        Experiment(**fields)


@pytest.mark.parametrize(
    ("method", "constants"),
    [("plate", {"alpha": 1e300}), ("pseudo-newton", {"alpha": 1e300}), ("kalman", {"R": 1e-320})],
)
def test_a_net_that_is_not_finite_is_no_success(method, constants):
    e = Experiment(method, "store", 5, 3_000, (), tuple(constants.items()))
    trial = run(e, 0)
    assert not np.isfinite(trial.net.w).all()
    assert (trial.success, trial.sequences) == (False, 3_000)


def test_section_3_has_one_protocol():
    with pytest.raises(ValueError, match="protocol 'delayed'; rows of Section 3 have only"):
        condition("bridge/bptt-p2", "delayed")


def test_sizes_are_integers():
    with pytest.raises(ValueError, match="n = True; it must be an integer of at least 2"):
        check_size("n", True, 2)


def test_a_stretched_sequence_differs_in_its_middle_alone():
    for change in (-2, -1, 0, 1, 2):
        symbols = stretched(6, 5, change)
        assert len(symbols) == 7 + change
        assert symbols[[0, -2, -1]].tolist() == [5, 4, 5]
    with pytest.raises(ValueError, match="change = -5"):
        stretched(6, 5, -5)


def test_transfer_of_a_net_that_failed_is_none():
    e = Experiment("bptt", "2a", 6, 100)
    assert transfer(e, 0) is None


def test_transfer_counts_both_sequences():
    e = Experiment("bptt", "2a", 2, 10_000, (), (("alpha", 4.0),))
    right = transfer(e, 0, (0, 1))
    assert right[0] == 2
    assert 0 <= right[1] <= 2
