"""Many trials on any ``concurrent.futures`` executor: what is missing is run, and recorded."""

import concurrent.futures
import multiprocessing
import os
import platform
import time
from dataclasses import replace
from typing import NamedTuple

from errorflow import __version__, demonstrations
from errorflow.core.compiled import source_hash
from errorflow.experiments.trials import condition, run

PROFILES = {"full": (None, None), "quick": (3, 100_000), "smoke": (1, 200)}
"""Trials and cap of a profile; None says as published."""

FIRST_SEED = 100
"""Recorded trials have seeds from here on: those below were seen on pages and in pilots, before
the criteria that the records are judged by were fixed."""


class Job(NamedTuple):
    """A trial to be run, by its identity."""

    row: str
    protocol: str
    budget: int
    seed: int


def jobs(rows, protocol="literal", *, trials=None, budget=None, profile="full"):
    """Return the jobs of the given rows, in order; numbers that are given overrule the profile's.

    Raises ``ValueError`` for an unknown row, protocol or profile, and numbers below 1.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile {profile!r} is unknown; it must be one of {', '.join(PROFILES)}")
    for name, value in (("trials", trials), ("budget", budget)):
        if value is not None and value < 1:
            raise ValueError(f"{name} = {value}; it must be at least 1")
    few, cap = PROFILES[profile]
    wanted = []
    for row in rows:
        condition(row, protocol)
        published = demonstrations.ALL[row]
        n = trials or few or published.trials
        most = budget or (min(cap, published.budget) if cap else published.budget)
        wanted += [Job(row, protocol, most, seed) for seed in range(FIRST_SEED, FIRST_SEED + n)]
    return wanted


def trial(job):
    """Run a job and return its record; ``seconds`` are those of training alone."""
    c = condition(job.row, job.protocol, job.budget)
    run(replace(c, budget=1), job.seed)  # compile, or load machine code, before the clock starts
    start = time.perf_counter()
    result = run(c, job.seed)
    seconds = time.perf_counter() - start
    return {
        **job._asdict(),
        "success": result.success,
        "sequences": result.sequences,
        "weights": result.weights,
        "seconds": round(seconds, 4),
        "version": __version__,
        "source": source_hash()[:16],
        "machine": f"{platform.system()} {platform.machine()}",
    }


def processes(n=None):
    """Return an executor of ``n`` local processes, one a core if not given."""
    return concurrent.futures.ProcessPoolExecutor(
        n or os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
    )


def cluster(address):
    """Return an executor on the Dask cluster whose scheduler is at ``address``.

    Raises ``OSError`` if none answers there within five seconds.
    """
    import distributed

    client = distributed.Client(address, timeout="5s")
    return client.get_executor(pure=False)


def execute(wanted, records, executor, *, report=lambda *_: None):
    """Run those of the ``wanted`` jobs that have no record; record each as it ends.

    ``report(record, done, total)`` is called after each. Jobs that are not yet started are
    cancelled when anything goes wrong.
    """
    known = records.read({job.row for job in wanted})
    missing = [job for job in wanted if tuple(job) not in known]
    futures = [executor.submit(trial, job) for job in missing]
    try:
        for done, future in enumerate(concurrent.futures.as_completed(futures), 1):
            record = future.result()
            records.append(record)
            report(record, done, len(missing))
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def differs(record):
    """Run a recorded trial again and return the keys whose values are not the same."""
    again = trial(Job(*(record[key] for key in Job._fields)))
    return [key for key in ("success", "sequences", "weights") if again[key] != record[key]]
