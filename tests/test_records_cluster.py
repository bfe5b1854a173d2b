"""Runs on a real cluster: a scheduler and workers on loopback, killed and mistaken."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import distributed
import pytest
from oracles import heed_interrupts

from errorflow.cli import main
from errorflow.records import cluster, runner
from errorflow.records.store import Records

pytestmark = pytest.mark.filterwarnings("ignore")

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ROW = "table2/rtrl-p10-lr1"
LONG = ["run", "table1/rtrl-12", "--trials", "2"]
LIBRARY = Path(runner.__file__).parents[2]


class Dask:
    """A scheduler, and the workers that are started one by one."""

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        file = folder / "scheduler.json"
        self.scheduler = self.start("scheduler", "--port", "0", "--scheduler-file", str(file))
        for _ in range(300):
            time.sleep(0.1)
            if file.exists() and file.read_text().endswith("}"):
                break
        self.address = json.loads(file.read_text())["address"]

    def start(self, what, *words, program=(), **environment):
        program = program or ["-m", f"distributed.cli.dask_{what}"]
        command = [sys.executable, *program, *words, "--host", "127.0.0.1", "--no-dashboard"]
        environment = {**os.environ, **environment}
        return subprocess.Popen(command, cwd=self.folder, env=environment, **QUIET)

    def worker(self, **how):
        words = [self.address, "--nthreads", "1", "--no-nanny"]
        self.workers.append(self.start("worker", *words, **how))

    def wait_for_workers(self):
        with distributed.Client(self.address) as client:
            client.wait_for_workers(len(self.workers), timeout=60)

    def run(self, words, records):
        """Return the exit code of a run on this cluster."""
        return main([*words, "--scheduler", self.address, "--records", str(records)])

    def kill(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    dask = Dask(tmp_path)
    yield dask
    dask.kill()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 3.0)
    monkeypatch.setattr(runner, "LOOK", 0.5)


def last_line(capsys):
    """Return the last line for the user, after seeing that no traceback is among them."""
    lines = capsys.readouterr().err.splitlines()
    assert not any("Traceback" in line for line in lines), lines
    return lines[-1]


def test_survives_a_killed_worker(dask, tmp_path):
    dask.worker()
    dask.worker()
    folder = tmp_path / "records"

    def kill_one():
        for _ in range(600):
            time.sleep(0.1)
            if folder.exists() and len(Records(folder).read()) >= 2:
                break
        dask.workers[0].kill()

    threading.Thread(target=kill_one).start()
    assert dask.run(["run", ROW, "--trials", "10", "--budget", "300000"], folder) == 0
    lines = (folder / f"{ROW}.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["seed"] for line in lines) == list(range(100, 110))


def test_says_that_there_is_no_worker_and_does_not_wait_for_ever(dask, tmp_path, capsys, impatient):
    assert dask.run(["run", ROW], tmp_path / "records") == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first == f"0 worker(s) at {dask.address}; start one: dask worker {dask.address}"
    assert last.startswith(
        f"errorflow: no worker was at {dask.address} for 3 seconds; one that ends"
    )


def test_all_workers_killed(dask, tmp_path, capsys, impatient):
    dask.worker()
    dask.wait_for_workers()
    threading.Timer(4.0, dask.workers[0].kill).start()
    assert dask.run(LONG, tmp_path / "records") == 2
    assert "for 3 seconds" in last_line(capsys)


def test_a_scheduler_that_dies(dask, tmp_path, capsys, impatient):
    dask.worker()
    dask.wait_for_workers()
    threading.Timer(4.0, dask.scheduler.kill).start()
    assert dask.run(LONG, tmp_path / "records") == 2
    assert "scheduler" in last_line(capsys)


def test_a_worker_without_the_library(dask, tmp_path, capsys):
    (tmp_path / "bare.py").write_text(
        "import runpy, sys\n"
        f"sys.path = [path for path in sys.path if path != {str(LIBRARY)!r}]\n"
        "runpy.run_module('distributed.cli.dask_worker', run_name='__main__', alter_sys=True)\n"
    )
    dask.worker(program=[str(tmp_path / "bare.py")], PYTHONPATH="")
    dask.wait_for_workers()
    assert dask.run(["run", ROW], tmp_path / "records") == 2
    assert "install there what is installed here" in last_line(capsys)


def test_a_worker_with_other_sources(dask, tmp_path, capsys, impatient):
    shutil.copytree(LIBRARY, tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "lib" / "errorflow" / "core" / "loss.py", "a") as file:
        file.write("# changed\n")
    dask.worker(PYTHONPATH=str(tmp_path / "lib"))
    dask.wait_for_workers()
    assert dask.run(["run", ROW], tmp_path / "records") == 2
    assert "has other sources of errorflow" in last_line(capsys)
    assert not list((tmp_path / "records").rglob("*.jsonl"))


def test_a_trial_that_raises(dask, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from errorflow.methods import method\n"
        "@method('mine', 'a test', kind='without gradients', cost='W', memory='n')\n"
        "def build(task, rng):\n"
        "    1 / 0\n"
    )
    dask.worker()
    words = ["run", "bridge/mine-p2", "--methods", str(mine), "--scheduler", dask.address]
    command = [sys.executable, "-m", "errorflow.cli", *words, "--records", str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = "errorflow: bridge/mine-p2 seed 100: ZeroDivisionError: division by zero"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, line)
    assert "Traceback" not in done.stderr


def test_interrupted(dask, tmp_path):
    dask.worker()
    command = [sys.executable, "-m", "errorflow.cli", *LONG, "--scheduler", dask.address]
    command += ["--records", str(tmp_path / "records")]
    dask.wait_for_workers()
    how = {"stderr": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts}
    run = subprocess.Popen(command, **how)
    time.sleep(6.0)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=20)
    assert run.returncode == 130
    assert err.splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in err


def test_unreachable_scheduler(tmp_path, capsys):
    words = ["run", ROW, "--scheduler", "tcp://127.0.0.1:1", "--records", str(tmp_path / "new")]
    assert main(words) == 2
    assert "tcp://127.0.0.1:1" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.jsonl"))
