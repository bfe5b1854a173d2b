"""Methods and tasks: the registry, what each can do, trials that are the same twice."""

import numpy as np
import pytest

from errorflow import methods
from errorflow.core.checks import check_size
from errorflow.core.numerics import generators
from errorflow.core.options import REQUIRED, options_of
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.experiments.transfer import stretched, transfer
from errorflow.methods import all_methods, all_rows
from errorflow.nets import output_size
from errorflow.tasks import blank, draw, sample
from errorflow.tasks.problems import TASKS, task

SECTION_4 = ("table", "task2", "lags/")
CASES = {name.rpartition("-p")[0]: name for name in all_rows() if not name.startswith(SECTION_4)}
"""A row for each method and task of Section 3."""


def test_methods_come_in_the_order_of_section_3():
    kinds = [m.kind for m in all_methods().values()]
    assert kinds == sorted(kinds, key=methods.KINDS.index)
    assert set(kinds) == set(methods.KINDS)
    assert all(name == m.name for name, m in all_methods().items())


def test_every_method_says_what_it_is_and_costs():
    for m in all_methods().values():
        assert m.reference[-4:].isdigit(), m.name
        assert m.cost
        assert m.memory
        assert m.build.__doc__


def test_rows_come_with_the_tables_first():
    prefixes = list(dict.fromkeys(name.partition("/")[0] for name in all_rows()))
    assert prefixes[:6] == ["table1", "table2", "task2a", "task2b", "task2c", "lags"]


def test_every_method_has_its_row_in_the_common_test():
    tested = {r.method for name, r in all_rows().items() if name.startswith("bridge/")}
    assert tested == set(all_methods()) - {"narx-latch"}


@pytest.mark.parametrize("name", CASES.values())
def test_a_trial_is_the_same_twice(name):
    e = experiment(name, budget=50)
    a, b = run(e, 0), run(e, 0)
    assert a[:4] == b[:4]
    assert np.array_equal(a.net.w, b.net.w)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_can_be_drawn(name):
    needed = [o.name for o in options_of(TASKS[name]).values() if o.default is REQUIRED]
    rng, shared = generators(0, 2)
    problem = TASKS[name](shared, **dict.fromkeys(needed, 5))
    sequence = blank(problem.task)
    assert all(1 <= draw(problem.task, rng, sequence) <= problem.task.steps for _ in range(20))
    if hasattr(problem, "set_size"):
        data = sample(problem.task, rng, problem.set_size)
        assert len(data.length) == problem.set_size


def test_a_series_is_learned_with_the_gradient_of_its_target():
    """BPTT and RTRL agree on real inputs, as they do on symbols."""
    options = {"longest": 5, "hidden": 3, "initial": 1.0}
    e = Experiment("bptt", "parity", 40, **options)
    other = Experiment("rtrl", "parity", 40, **options, update="sequence")
    a, b = run(e, 0).net, run(other, 0).net
    assert output_size(a) == 1
    assert not np.array_equal(a.w, prepare(e, 0)[0].net.w)
    np.testing.assert_allclose(a.w, b.w, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "adam"}, "method = 'adam'; it must be one of rtrl"),
        ({"task": "chess"}, "task = 'chess'; it must be one of embedded-reber"),
        ({"longest": 0}, "longest = 0; it must be an integer of at least 1"),
        ({"beta": 1}, "method 'bptt' on task 'parity' has no option 'beta'; it has longest"),
    ],
)
def test_experiment_refuses(change, message):
    fields = {"method": "bptt", "task": "parity", "longest": 5, "budget": 10, **change}
    with pytest.raises(ValueError, match=message):
        Experiment(**fields)


@pytest.mark.parametrize(
    ("method", "options"),
    [("plate", {"alpha": 1e300}), ("pseudo-newton", {"alpha": 1e300}), ("kalman", {"R": 1e-320})],
)
def test_a_net_that_is_not_finite_is_no_success(method, options):
    trial = run(Experiment(method, "store", 3_000, p=5, **options), 0)
    assert not np.isfinite(trial.net.w).all()
    assert (trial.success, trial.sequences) == (False, 3_000)


def test_names_are_taken_once():
    about = {"kind": "gradient methods", "reference": "x", "cost": "W", "memory": "W"}
    with pytest.raises(ValueError, match=r"method 'bptt' is taken by errorflow.methods.bptt"):
        methods.method("bptt", **about)(test_names_are_taken_once)
    with pytest.raises(ValueError, match="kind = 'magic' of method 'new'; it must be one of grad"):
        methods.method("new", **about | {"kind": "magic"})
    with pytest.raises(ValueError, match="task '2a' is defined twice"):
        task("2a")


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
    assert transfer(experiment("bridge/bptt-p6", budget=100), 0) is None


def test_transfer_counts_both_sequences():
    e = experiment("bridge/bptt-p2", budget=10_000).changed(alpha=4.0)
    right = transfer(e, 0, (0, 1))
    assert right[0] == 2
    assert 0 <= right[1] <= 2
