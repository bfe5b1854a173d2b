"""Runs from start to end: killed and resumed, on processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from oracles import InLine, heed_interrupts

from errorflow.cli import main
from errorflow.records import runner
from errorflow.records.store import Records

ROW = "table2/rtrl-p4-lr10"


def outcomes(folder):
    return sorted(r[:7] for r in Records(folder).read().values())


def test_jobs_are_the_published_trials_with_fresh_seeds():
    wanted = runner.jobs([ROW, "table1/rtrl-3"])
    assert len(wanted) == 18 + 30
    assert wanted[0] == (ROW, "literal", (), 5_000_000, runner.FIRST_SEED, ())
    assert len(runner.jobs([ROW], profile="smoke")) == 1
    quick = runner.jobs([ROW], profile="quick", trials=2)
    assert [job.budget for job in quick] == [100_000] * 2


def test_only_what_is_missing_is_run(tmp_path):
    wanted = runner.jobs([ROW], trials=3, budget=300)
    records, seen = Records(tmp_path), []
    runner.execute(wanted[:2], records, InLine(), report=lambda r, *_: seen.append(r.seed))
    runner.execute(wanted, records, InLine(), report=lambda r, *_: seen.append(r.seed))
    assert sorted(seen[:2]) == [100, 101]
    assert seen[2:] == [102]
    runner.execute(runner.jobs([ROW], trials=1, budget=200), records, InLine())
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
    record = runner.trial(runner.Job(ROW, "literal", (), 300, 100))
    Records(tmp_path).append(record._replace(sequences=299))
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


def started(folder, **how):
    """Return a run of two long trials whose workers have begun, and the processes it started."""
    words = ["run", "table1/rtrl-12", "--trials", "2", "--jobs", "2", "--records", str(folder)]
    command = [sys.executable, "-m", "errorflow.cli", *words]
    how = {"start_new_session": True, "preexec_fn": heed_interrupts, **how}
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, **how)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    for _ in range(300):
        time.sleep(0.1)
        pids = [Path("/proc") / pid for pid in children.read_text().split()]
        if sum(b"spawn_main" in (pid / "cmdline").read_bytes() for pid in pids) == 2:
            time.sleep(2)
            return run, pids
    raise AssertionError("no workers")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are read from /proc")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path, sent):
    run, pids = started(tmp_path)
    run.send_signal(sent)
    assert run.wait(timeout=15) == (130 if sent is signal.SIGINT else -sent)
    for _ in range(100):
        if not any(pid.exists() for pid in pids):
            break
        time.sleep(0.1)
    assert not any(pid.exists() for pid in pids)


def test_a_run_does_not_depend_on_who_listens(tmp_path):
    words = ["run", ROW, "--trials", "3", "--budget", "200", "--jobs", "1", "--records"]
    command = [sys.executable, "-m", "errorflow.cli", *words, str(tmp_path)]
    nobody, end = os.pipe()
    os.close(nobody)
    done = subprocess.run(command, stderr=end, stdout=subprocess.PIPE, text=True, check=False)
    os.close(end)
    assert (done.returncode, done.stdout) == (0, "3 of 3 trials have a record\n")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_worker_is_light(tmp_path):
    """Even one that has to compile its machine code first."""
    # Not getrusage: its maximum includes that of the process that started this one.
    code = (
        "import re, sys; from errorflow.records import runner\n"
        "runner.trial(runner.Job('table2/lstm-p100', 'literal', (), 300, 0))\n"
        "assert 'torch' not in sys.modules\n"
        "print(re.search(r'VmHWM:\\s*(\\d+) kB', open('/proc/self/status').read())[1])"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}  # empty, and no other test's
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert 50_000 < int(done.stdout) < 400_000
