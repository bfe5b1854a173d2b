"""The benchmark's parts, at sizes too small to measure anything."""

import shutil
import subprocess

import contestants
import cost
import kernels
import numpy as np
import pytest
from conftest import ROOT

from errorflow.experiments.rows import experiment
from errorflow.records.store import Record

needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="there is no gcc")
PROGRAMS = sorted((ROOT / "bench").glob("*.c"))


def test_each_program_has_a_row_and_each_method_a_program():
    assert {contestants.program(experiment(row)) for row in kernels.rows()} == set(PROGRAMS)


@needs_gcc
@pytest.mark.parametrize("row", kernels.rows())
def test_c_runs_and_errs_as_much_as_we_do(row, tmp_path):
    e = experiment(row)
    n = 200 if dict(e.options).get("p") == 100 else 500
    in_c = contestants.InC(e, tmp_path, "-DMEASURE")
    ours = contestants.Ours(e, measure=True)
    assert 0 < in_c(n) < 1
    assert 0 < ours(n) < 1
    assert in_c.error == pytest.approx(ours.error, rel=0.15)


@needs_gcc
@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_programs_compile_without_warnings_and_state_their_use(source, tmp_path):
    program = contestants.compile_c(source, tmp_path, "-Wall", "-Wextra", "-Werror")
    done = subprocess.run([program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


@needs_gcc
def test_inputs_as_vectors_give_the_same_weights(tmp_path):
    e = experiment("table2/rtrl-p10-lr1")
    printed = []
    for flags in ((), ("-DDENSE",)):
        run = contestants.InC(e, tmp_path, "-DMEASURE", *flags)
        done = subprocess.run([*run.command, "300"], capture_output=True, text=True, check=True)
        printed.append([float(word) for word in done.stdout.split()[1:]])
    np.testing.assert_allclose(*printed, rtol=1e-8)


@pytest.mark.parametrize("row", ["table1/elman-15", "table2/lstm-p100", "task2c/q50-p50"])
def test_torch_takes_part(row):
    assert 0 < contestants.in_torch(experiment(row))(2) < 1


def test_rounds_alternate_and_the_best_counts():
    calls, times = [], iter(np.linspace(1, 0, 100))

    def contestant(name):
        def run(n):
            calls.append(name)
            return next(times)

        return run

    effort = contestants.Effort(3, 0.0)
    best = contestants.compete({name: contestant(name) for name in "ab"}, effort)
    assert calls[-6:] == ["a", "b"] * 3
    assert best["a"] > best["b"] > 0


def record(row, seed, seconds, protocol="literal", budget=5_000_000):
    known = (False, budget, 36, seconds, "0", "0", "here")
    return Record(row, protocol, budget, seed, *known)


def test_cost_from_a_few_records(tmp_path):
    few = [
        record("table2/rtrl-p4-lr4", 100, 300.0),
        record("table2/rtrl-p4-lr4", 101, 100.0),
        record("table2/rtrl-p4-lr4", 101, 1e9, protocol="delayed"),
        record("table2/rtrl-p4-lr4", 102, 1e9, budget=200),
        record("table2/rtrl-p4-lr4", 102, 1e9)._replace(options=(("initial", 0.5),)),
        record("table2/lstm-p100", 100, 20.0),
    ]
    of_p4 = contestants.shape(experiment("table2/rtrl-p4-lr1"))
    entries, missing = cost.of_rows(few, {of_p4: {"ours": 2.0, "torch": 10.0}})
    assert entries == [
        ("table2/rtrl-p4-lr4", 2, pytest.approx(1.0), pytest.approx(5.0)),
        ("table2/lstm-p100", 1, pytest.approx(0.1), None),
    ]
    assert "table1/elman-15" in missing
    text = "\n".join(cost.lines(entries, missing))
    assert "| table2/rtrl-p4-lr4 | 2 of 18 | 1 | 5 |" in text
    cost.draw(entries, tmp_path / "cost.png")
    assert (tmp_path / "cost.png").stat().st_size > 5_000


def test_cost_without_records():
    entries, missing = cost.of_rows([], {})
    assert entries == []
    assert "cost.png" not in "\n".join(cost.lines(entries, missing))
