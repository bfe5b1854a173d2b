"""Runs from start to end: killed, resumed, on processes and on a cluster."""

import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from errorflow import demonstrations
from errorflow.cli import main
from errorflow.experiments import paper
from errorflow.records import runner as runs
from errorflow.records import tables
from errorflow.records.store import Records

ROW = "table2/rtrl-p4-lr10"


def outcomes(folder):
    fields = ("row", "protocol", "budget", "seed", "success", "sequences", "weights")
    return sorted(tuple(r[f] for f in fields) for r in Records(folder).read().values())


class InLine(concurrent.futures.Executor):
    def submit(self, function, *args):
        future = concurrent.futures.Future()
        future.set_result(function(*args))
        return future


def test_jobs_are_the_published_trials_with_fresh_seeds():
    wanted = runs.jobs([ROW, "table1/rtrl-3"])
    assert len(wanted) == 18 + 30
    assert wanted[0] == (ROW, "literal", 5_000_000, runs.FIRST_SEED)
    assert len(runs.jobs([ROW], profile="smoke")) == 1
    quick = runs.jobs([ROW], profile="quick", trials=2)
    assert [job.budget for job in quick] == [100_000] * 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "table9/x"], "row 'table9/x' is unknown"),
        (["run", ROW, "--trials", "0"], "trials = 0"),
        (["run", ROW, "--budget", "-5"], "budget = -5"),
        (["run", ROW, "--jobs", "0"], "jobs = 0"),
        (["run", ROW, "--profile", "fast"], "profile 'fast' is unknown; it must be one of full"),
        (["run", ROW, "--protocol", "loose"], "protocol 'loose' is unknown"),
        (["run", ROW, "--records", "/dev/null/here"], "/dev/null"),
        (["verify", "--sample", "0"], "sample = 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_missing_is_run(tmp_path):
    wanted = runs.jobs([ROW], trials=3, budget=300)
    records, seen = Records(tmp_path), []
    runs.execute(wanted[:2], records, InLine(), report=lambda r, *_: seen.append(r["seed"]))
    runs.execute(wanted, records, InLine(), report=lambda r, *_: seen.append(r["seed"]))
    assert sorted(seen[:2]) == [100, 101]
    assert seen[2:] == [102]
    runs.execute(runs.jobs([ROW], trials=1, budget=200), records, InLine())
    assert len(records.read()) == 4


def test_records_do_not_depend_on_the_number_of_workers(tmp_path, capfd):
    for workers in (1, 2):
        words = ["run", ROW, "table1/lstm-3x2-lr0.5", "--trials", "2", "--budget", "400"]
        words += ["--jobs", str(workers), "--records", str(tmp_path / str(workers))]
        assert main(words) == 0
    assert outcomes(tmp_path / "1") == outcomes(tmp_path / "2")
    assert main(["verify", "--records", str(tmp_path / "1")]) == 0
    assert "4 of 4 recorded trials came out the same again" in capfd.readouterr().out


def test_verify_finds_a_record_that_no_longer_holds(tmp_path, capsys):
    record = runs.trial(runs.Job(ROW, "literal", 300, 100))
    Records(tmp_path).append({**record, "sequences": 299})
    assert main(["verify", "--records", str(tmp_path)]) == 1
    assert "seed 100: sequences differ(s)" in capsys.readouterr().out


def test_kill_9_loses_at_most_the_trials_in_flight(tmp_path):
    words = ["run", "table2/rtrl-p10-lr1", "--trials", "12", "--budget", "200000", "--jobs", "2"]
    command = [sys.executable, "-m", "errorflow.cli", *words, "--records", str(tmp_path)]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(600):
        time.sleep(0.1)
        done = len(Records(tmp_path).read())
        if done >= 3:
            break
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    before = outcomes(tmp_path)
    assert 3 <= len(before) < 12
    assert main([*words, "--records", str(tmp_path)]) == 0
    after = outcomes(tmp_path)
    assert set(before) < set(after)
    assert len(after) == 12


@pytest.mark.filterwarnings("ignore")
def test_cluster_survives_a_killed_worker(tmp_path):
    """A real scheduler, two real workers on loopback, one of them killed in mid-run."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address_file = tmp_path / "scheduler.json"
    dask += ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "--scheduler-file", str(address_file)], **quiet)
    workers = []
    try:
        for _ in range(200):
            time.sleep(0.1)
            if address_file.exists() and address_file.read_text().endswith("}"):
                break
        address = json.loads(address_file.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard"]
        worker += ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"]
        workers = [subprocess.Popen(worker, cwd=tmp_path, **quiet) for _ in range(2)]
        words = ["run", "table2/rtrl-p10-lr1", "--trials", "10", "--budget", "300000"]
        folder = tmp_path / "records"
        command = [sys.executable, "-m", "errorflow.cli", *words, "--records", str(folder)]
        run = subprocess.Popen([*command, "--scheduler", address], **quiet)
        for _ in range(600):
            time.sleep(0.1)
            if folder.exists() and len(Records(folder).read()) >= 2:
                break
        workers[0].kill()
        assert run.wait(timeout=120) == 0
        lines = (folder / "table2" / "rtrl-p10-lr1.jsonl").read_text().splitlines()
        assert sorted(json.loads(line)["seed"] for line in lines) == list(range(100, 110))
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_unreachable_scheduler(tmp_path, capsys):
    words = ["run", ROW, "--scheduler", "tcp://127.0.0.1:1", "--records", str(tmp_path / "new")]
    assert main(words) == 2
    assert "tcp://127.0.0.1:1" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.jsonl"))


def test_list_names_every_row_and_protocol(capsys):
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["row"] for row in rows} == set(demonstrations.ALL)
    assert set(rows[0]) == {
        "row",
        "net",
        "method",
        "task",
        "protocol",
        "trials",
        "budget",
        "weights",
    }
    assert main(["list"]) == 0
    assert "protocols: literal" in capsys.readouterr().out


def test_output_that_nobody_reads_is_no_error():
    command = [sys.executable, "-m", "errorflow.cli", "list", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("words", [["--help"], ["list"]])
def test_light_commands_import_nothing_heavy(words):
    code = "import sys; from errorflow.cli import main\n"
    code += "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
    code += "assert not {'numpy', 'numba', 'torch', 'distributed'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_worker_is_light(tmp_path):
    """Even one that has to compile its machine code first."""
    # Not getrusage: its maximum includes that of the process that started this one.
    code = (
        "import re, sys; from errorflow import demonstrations, runs\n"
        "runs.trial(runs.Job('table2/lstm-p100', 'literal', 300, 0))\n"
        "assert 'torch' not in sys.modules\n"
        "print(re.search(r'VmHWM:\\s*(\\d+) kB', open('/proc/self/status').read())[1])"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}  # empty, and no other test's
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert 50_000 < int(done.stdout) < 400_000


def records_of(successes, times, row=ROW, budget=5_000_000):
    return [
        {"row": row, "protocol": "literal", "budget": budget, "success": k < successes,
         "sequences": times if k < successes else budget}
        for k in range(18)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("successes", "times", "expected"),
    [
        (4, 254_000, "holds"),
        (6, 254_000 * 1.49, "holds"),
        (4, 254_000 * 1.6, "same direction only"),
        (7, 254_000, "contradicted"),
        (0, 0, "contradicted"),
    ],
)
def test_verdict_on_a_table_cell(successes, times, expected):
    entries = tables.table("table2", records_of(successes, times))
    entry = next(e for e in entries if e["row"] == ROW)
    assert entry["verdict"] == expected
    assert set(entry) == {
        "row", "protocol", "published", "n", "successes", "interval",
        "mean", "median", "min", "max", "verdict",
    }  # fmt: skip


def test_table_leaves_other_caps_out():
    entries = tables.table("table2", records_of(4, 10, budget=100))
    assert {e["verdict"] for e in entries} == {"not run yet"}
    assert "not run yet" in tables.text(entries)


def test_markdown_shows_only_what_was_run():
    entries = tables.table("table2", records_of(4, 254_000))
    lines = tables.markdown(entries, paper.ROWS).splitlines()
    assert len(lines) == 3
    ours = "4\u00a0of\u00a018 | 9\u2013\u206045\u00a0% | 254,000"
    row = "rtrl\u2011p4\u2011lr10"
    assert lines[2].startswith(f"| {row} | 22 %, 254,000 | literal | {ours}")
    assert lines[2].endswith("**holds** |")
    assert len(tables.markdown(entries, []).splitlines()) == 2


def test_censored_median():
    assert tables.censored_median(records_of(9, 7)) == 7
    assert tables.censored_median(records_of(8, 7)) is None


def test_table_prints_json(tmp_path, capsys):
    assert main(["table", "2", "--json", "--records", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "not run yet"
