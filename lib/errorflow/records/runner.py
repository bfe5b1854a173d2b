"""Many trials on any ``concurrent.futures`` executor: what is missing is run, and recorded."""

import concurrent.futures
import functools
import multiprocessing
import os
import platform
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from errorflow import __version__
from errorflow.core.compiled import CompilationError, source_hash
from errorflow.experiments.rows import experiment, row
from errorflow.experiments.run import run
from errorflow.methods import load
from errorflow.records.store import Record, Records

PROFILES: dict[str, tuple[int | None, int | None]] = {
    "full": (None, None),
    "quick": (3, 100_000),
    "smoke": (1, 200),
}
"""Trials and cap of a profile; None says as published."""

FIRST_SEED = 100
"""Recorded trials have seeds from here on: those below were seen on pages and in pilots, before
the criteria that the records are judged by were fixed."""


MOST_TRIALS = 100_000
"""More of a row are refused: who asks for more has mistyped, and all are listed before one runs."""


class Job(NamedTuple):
    """A trial to be run, by its identity; ``methods`` are files with methods of one's own."""

    row: str
    protocol: str
    options: tuple[tuple[str, Any], ...]
    budget: int
    seed: int
    methods: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple:
        """What its record will be known by."""
        return tuple(self[:5])


def jobs(
    rows: Iterable[str],
    protocol: str = "literal",
    *,
    settings: Mapping[str, Any] | None = None,
    trials: int | None = None,
    budget: int | None = None,
    profile: str = "full",
    methods: Sequence[str] = (),
) -> list[Job]:
    """Return the jobs of the given rows, in order; numbers that are given overrule the profile's.

    Raises ``ValueError`` for an unknown row, protocol or profile, settings that change nothing,
    and numbers below 1.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile {profile!r} is unknown; it must be one of {', '.join(PROFILES)}")
    for name, value in (("trials", trials), ("budget", budget)):
        if value is not None and value < 1:
            raise ValueError(f"{name} = {value}; it must be at least 1")
    if trials is not None and trials > MOST_TRIALS:
        raise ValueError(f"trials = {trials}; it must be at most {MOST_TRIALS}")
    few, cap = PROFILES[profile]
    wanted = []
    for name in dict.fromkeys(rows):
        published = row(name)
        e = experiment(name, protocol, settings)
        options = tuple((option, e[option]) for option in sorted(settings or ()))
        n = trials or few or published.trials
        most = budget or (min(cap, published.budget) if cap else published.budget)
        wanted += [
            Job(name, protocol, options, most, seed, tuple(methods))
            for seed in range(FIRST_SEED, FIRST_SEED + n)
        ]
    return wanted


def trial(job: Job) -> Record:
    """Run a job and return its record; ``seconds`` are those of training alone."""
    for file in job.methods:
        load(file)
    e = experiment(job.row, job.protocol, dict(job.options), job.budget)
    try:  # compile, or load machine code, before the clock starts
        run(e.changed(budget=1), job.seed)
    except CompilationError as error:
        raise ValueError(
            f"method {e.method!r} cannot be compiled: {str(error).splitlines()[-1]}; functions of "
            "nets and rules make no arrays: write a[i] = b[i] in a loop"
        ) from None
    start = time.perf_counter()
    result = run(e, job.seed)
    seconds = time.perf_counter() - start
    return Record(
        job.row,
        job.protocol,
        job.budget,
        job.seed,
        result.success,
        result.sequences,
        result.weights,
        round(seconds, 4),
        __version__,
        source_hash()[:16],
        f"{platform.system()} {platform.machine()}",
        job.options,
    )


def processes(n: int | None = None) -> concurrent.futures.ProcessPoolExecutor:
    """Return an executor of ``n`` local processes, one a core if not given.

    They end when this process ends, however that comes about.
    """
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(
        n or os.cpu_count(), mp_context=context, initializer=_end_with_parent
    )


def _end_with_parent():
    parent = multiprocessing.parent_process()

    def watch():
        if parent:
            parent.join()
            os._exit(1)  # whatever a kernel is in the middle of

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    threading.Thread(target=watch, daemon=True).start()


def execute(
    wanted: Iterable[Job],
    records: Records,
    executor: concurrent.futures.Executor,
    *,
    report: Callable[[Record, int, int], Any] = lambda *_: None,
) -> None:
    """Run those of the ``wanted`` jobs that have no record; record each as it ends.

    ``report(record, done, total)`` is called after each. Jobs that are not yet started are
    cancelled when anything goes wrong.
    """
    records.check_writable()
    wanted = list(wanted)
    known = records.read({job.row for job in wanted})
    missing = [job for job in wanted if job.identity not in known]
    for done, (job, record) in enumerate(_as_completed(trial, missing, executor), 1):
        if not isinstance(record, Record) or record.identity != job.identity:
            raise ValueError(f"a worker answered {record!r:.80} to {job.row} seed {job.seed}")
        records.append(Record.parse(record.line()))
        report(record, done, len(missing))


def differing(
    records: Iterable[Record],
    executor: concurrent.futures.Executor,
    *,
    methods: Sequence[str] = (),
    report: Callable[[Record, int, int], Any] = lambda *_: None,
) -> list[tuple[Record, list[str]]]:
    """Run recorded trials again; return those that differ, with the keys whose values do."""
    records, found = list(records), []
    again = functools.partial(differs, methods=tuple(methods))
    for done, (record, keys) in enumerate(_as_completed(again, records, executor), 1):
        if keys:
            found.append((record, keys))
        report(record, done, len(records))
    return found


def differs(record: Record, *, methods: tuple[str, ...] = ()) -> list[str]:
    """Run a recorded trial again and return the keys whose values are not the same."""
    r = record
    new = trial(Job(r.row, r.protocol, r.options, r.budget, r.seed, methods))
    return [k for k in ("success", "sequences", "weights") if getattr(new, k) != getattr(r, k)]


LOOK = 3.0
"""Seconds without a result after which an executor that can is asked whether it is still there."""


def _as_completed(function, arguments, executor):
    """Yield (argument, result) as they come; cancel what has not started if anything goes wrong."""
    ended: queue.SimpleQueue = queue.SimpleQueue()
    futures = {executor.submit(_apply, source_hash(), function, a): a for a in arguments}
    check = getattr(executor, "check", lambda: None)
    try:
        for future in futures:
            future.add_done_callback(ended.put)
        for _ in futures:
            future = _next(ended, check)
            yield futures[future], _result(future, futures[future])
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _next(ended, check):
    """Return the next future that has ended; ``check`` raises if none will."""
    while True:
        try:
            return ended.get(timeout=LOOK)
        except queue.Empty:
            check()


def _apply(source, function, argument):
    """Call ``function`` on a worker, if its library is that of the process that asks."""
    if source_hash() != source:
        raise ValueError(
            f"a worker on {platform.node()} has other sources of errorflow than this process; "
            "both must be of one version"
        )
    return function(argument)


def _result(future, argument):
    """Return the result of a future; what went wrong is said in one line."""
    try:
        return future.result()
    except (ValueError, OSError):
        raise
    except concurrent.futures.BrokenExecutor as error:
        again = "the same command goes on with what is missing"
        raise OSError(
            f"a worker process was killed, for lack of memory perhaps; {again}"
        ) from error
    except concurrent.futures.CancelledError:
        raise OSError("the scheduler has given up the trials") from None
    except Exception as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(f"{argument.row} seed {argument.seed}: {said}") from error
