"""The same trials on one local process, on two, and on a Dask cluster of two."""

import contextlib
import logging
import tempfile
import time

from errorflow.records import runner as runs
from errorflow.records.store import Records

ROW, TRIALS, BUDGET = "table2/rtrl-p10-lr4", 8, 4_000_000
"""No trial of this row succeeds: all take the same time, about four seconds."""


@contextlib.contextmanager
def cluster():
    """Yield an executor on a Dask cluster on loopback: two processes of one thread each."""
    import distributed

    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    quiet = {"dashboard_address": None, "silence_logs": logging.ERROR}
    with distributed.LocalCluster(**options, **quiet) as local:
        executor = runs.cluster(local.scheduler_address)
        yield executor
        distributed.default_client().close()


def compare(effort):
    """Return each executor's best seconds for the trials, in alternated rounds."""
    full = effort.rounds > 1
    wanted = runs.jobs([ROW], trials=TRIALS, budget=BUDGET if full else BUDGET // 40)
    with runs.processes(1) as one, runs.processes(2) as two, cluster() as dask:
        executors = {"one process": one, "two processes": two, "Dask, two workers": dask}
        best = dict.fromkeys(executors, float("inf"))
        for number in range(-1, min(3, effort.rounds)):
            for name, executor in executors.items():
                # Round -1 is there for the workers to import and to load what is compiled.
                now = wanted if number >= 0 else [job._replace(budget=10_000) for job in wanted]
                with tempfile.TemporaryDirectory() as folder:
                    start = time.perf_counter()
                    runs.execute(now, Records(folder), executor)
                    seconds = time.perf_counter() - start
                if number >= 0:
                    best[name] = min(best[name], seconds)
    return best


def lines(effort):
    """Return Markdown lines."""
    best = compare(effort)
    one, two, dask = best.values()
    return [
        "## Workers",
        "",
        f"{TRIALS} trials of {ROW} with their records, the workers warm, best of",
        f"{min(3, effort.rounds)} alternated rounds.",
        "",
        "| | s | times as fast as one process |",
        "|---|---|---|",
        *(f"| {name} | {seconds:.2f} | {one / seconds:.2f} |" for name, seconds in best.items()),
        "",
        f"The cluster takes {100 * abs(dask / two - 1):.1f} % {'more' if dask > two else 'less'}",
        "time than two local processes. Aims: two processes 1.9 times as fast as one, a cluster",
        "within 5 %.",
        "",
    ]
