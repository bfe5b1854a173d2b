"""The command line: ``errorflow list | run | table | verify | claims``.

Nothing heavy is imported before it is needed, so that ``--help`` answers at once.
"""

import argparse
import io
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import Executor

from errorflow import __version__


def _parser():
    parser = argparse.ArgumentParser(prog="errorflow", description="Hochreiter (1998), run.")
    parser.add_argument("--version", action="version", version=f"errorflow {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--methods", action="append", default=[], metavar="FILE", help="methods of your own"
    )
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--records", metavar="DIR", help="default: those of the book")
    workers = argparse.ArgumentParser(add_help=False)
    workers.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
    workers.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster, tcp://host:port; a minute without workers ends the run",
    )

    command = commands.add_parser("list", parents=[common], help="name rows, protocols and options")
    command.add_argument("rows", nargs="*", metavar="ROW", help="names or patterns; default: all")
    command.add_argument(
        "--options", action="store_true", help="each option of the rows, explained"
    )
    command.add_argument("--json", action="store_true", help="as a list of objects")

    command = commands.add_parser(
        "run", parents=[common, folder, workers], help="run what is missing of some rows' trials"
    )
    command.add_argument(
        "rows", nargs="+", metavar="ROW", help="names or patterns such as 'bridge/lstm-*'; or `all`"
    )
    command.add_argument("--protocol", default="literal", metavar="NAME", help="see `list`")
    command.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE", help="a reading of your own"
    )
    command.add_argument("--trials", type=int, metavar="N", help="instead of the published number")
    command.add_argument("--budget", type=int, metavar="N", help="sequences a trial at most")
    command.add_argument("--profile", default="full", help="full (default), quick or smoke")

    command = commands.add_parser(
        "table", parents=[common, folder], help="print a table, published beside ours"
    )
    command.add_argument("table", help="1, 2, or the first part of rows' names: bridge, say")
    command.add_argument("--json", action="store_true", help="as a list of objects")

    command = commands.add_parser(
        "verify", parents=[common, folder, workers], help="run recorded trials again and compare"
    )
    command.add_argument("rows", nargs="*", metavar="ROW", help="names or patterns; default: all")
    command.add_argument("--sample", type=int, metavar="N", help="only the N shortest of each row")
    command.add_argument(
        "--seconds", type=float, metavar="S", help="only trials recorded to take at most so long"
    )

    command = commands.add_parser("claims", help="decide every claim of the paper")
    command.add_argument("--write", metavar="FILE", help="write the ledger to this YAML file too")
    return parser


def main(arguments=None):
    """Run the command line and return its exit code; 2 says that the call was wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not every terminal knows every letter
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        for file in getattr(options, "methods", ()):
            from errorflow.methods import load

            load(file)
        code = globals()[f"_{options.command}"](options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever read the output, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, ValueError, ImportError) as error:
        print("errorflow:", *str(error).splitlines(), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on with what is missing", file=sys.stderr)
        return 130


def _list(options):
    from errorflow.experiments.protocols import PROTOCOLS
    from errorflow.experiments.rows import allowed_protocols, experiment, matching, row, weights
    from errorflow.experiments.run import learner_of

    names = matching(options.rows or ["all"])
    if options.json:
        entries = []
        for name in names:
            of, e, learner = row(name), experiment(name), learner_of(experiment(name))
            net = learner.net if learner.whole is None else learner.whole
            entry = {"net": repr(net), "method": of.method, "task": of.task, "trials": of.trials}
            entry |= {"budget": of.budget, "weights": learner.weights, "options": dict(e.options)}
            entries += [{"row": name, "protocol": p} | entry for p in allowed_protocols(name)]
        print(json.dumps(entries, indent=1))
        return 0
    if options.options:
        for name in names:
            e = experiment(name)
            print(f"{name}: method {e.method} on task {e.task}")
            for option in e.all_options().values():
                print(f"  {option.name} = {e[option.name]}: {option.note} ({option.words})")
        return 0
    print(f"{'row':40} {'method':28} {'task':14} {'weights':>8} {'trials':>6} {'cap':>10}")
    for name in names:
        of = row(name)
        sizes = f"{weights(name):8,} {of.trials:6} {of.budget:10,}"
        print(f"{name:40} {of.method:28} {of.task:14} {sizes}")
    print(f"\nprotocols: {', '.join(PROTOCOLS)}")
    return 0


def _run(options):
    from errorflow.experiments.rows import matching
    from errorflow.records import runner

    rows = matching(options.rows)
    wanted = runner.jobs(
        rows,
        options.protocol,
        settings=_settings(options.set),
        trials=options.trials,
        budget=options.budget,
        profile=options.profile,
        methods=[os.path.abspath(file) for file in options.methods],
    )
    records = _records(options)
    with _Executor(options) as executor:
        runner.execute(wanted, records, executor, report=_Progress(wanted))
    known = records.read(rows)
    print(f"{sum(job.identity in known for job in wanted)} of {len(wanted)} trials have a record")
    return 0


def _records(options):
    from errorflow.records.store import Records, committed

    if options.records is None:
        return committed()
    if not options.records:
        raise ValueError("records = ''; it must be a folder")
    return Records(options.records)


def _settings(texts):
    """Return {option: text} from OPTION=VALUE."""
    for text in texts:
        if "=" not in text:
            raise ValueError(f"--set {text}: it must be OPTION=VALUE, such as alpha=0.5")
    return dict(text.split("=", 1) for text in texts)


class _Executor:
    """The executor that the options name, shut down in the end, at once if anything went wrong."""

    def __init__(self, options):
        from errorflow.records import runner

        if options.jobs is not None and options.jobs < 1:
            raise ValueError(f"jobs = {options.jobs}; it must be at least 1")
        if options.scheduler:
            from errorflow.records.cluster import Cluster

            self.executor: Executor = Cluster(options.scheduler, _tell)
        else:
            self.executor = runner.processes(options.jobs)

    def __enter__(self):
        return self.executor

    def __exit__(self, kind, error, trace):
        if kind:
            self.executor.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():  # one may be in a long trial
                process.terminate()
        else:
            self.executor.shutdown()


class _Progress:
    """Live on a terminal, plain lines elsewhere; where nobody can be told, nothing is."""

    def __init__(self, wanted):
        self.rows = len({job.row for job in wanted})
        self.start = time.monotonic()
        self.successes = self.sequences = 0

    def __call__(self, record, done, total):
        self.successes += record.success
        self.sequences += record.sequences
        elapsed = time.monotonic() - self.start
        line = (
            f"{self.rows} row(s): {done}/{total} trials, {self.successes} successes, "
            f"{self.sequences / elapsed:,.0f} sequences/s, "
            f"{elapsed / done * (total - done) / 60:.1f} min left; last: {record.row}"
        )
        if sys.stderr and sys.stderr.isatty():
            _tell(f"\r\x1b[K{line}", end="" if done < total else "\n")
        else:
            _tell(line)


def _tell(text, end="\n"):
    """Say how it goes; where nobody can be told, nothing is said."""
    try:
        if sys.stderr:
            print(text, end=end, file=sys.stderr, flush=True)
    except OSError:  # a pipe that was closed, a full disk
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _table(options):
    from errorflow.experiments.rows import matching
    from errorflow.records import tables

    prefix = f"table{options.table}" if options.table.isdigit() else options.table
    matching([f"{prefix}/*"])  # refuses a table without rows
    entries = tables.table(prefix, _records(options).read().values())
    print(json.dumps(entries, indent=1) if options.json else tables.text(entries))
    return 0


def _verify(options):
    from errorflow.experiments.rows import matching
    from errorflow.records import runner

    if options.sample is not None and options.sample < 1:
        raise ValueError(f"sample = {options.sample}; it must be at least 1")
    rows = matching(options.rows) if options.rows else None
    known, chosen = _records(options), {}
    for record in sorted(known.read(rows).values(), key=lambda r: r.sequences):
        reading = record.row, record.protocol, record.options, record.budget
        group = chosen.setdefault(reading, [])
        short = options.seconds is None or record.seconds <= options.seconds
        if short and (options.sample is None or len(group) < options.sample):
            group.append(record)
    records = [record for group in chosen.values() for record in group]
    if not records:
        raise ValueError(f"no recorded trial of these rows was found in {known.folder}")
    with _Executor(options) as executor:
        methods = [os.path.abspath(file) for file in options.methods]
        failed = runner.differing(records, executor, methods=methods, report=_Progress(records))
    for record, keys in failed:
        print(f"{record.row} seed {record.seed}: {', '.join(keys)} differ(s)")
    count = len(records)
    print(f"{count - len(failed)} of {count} recorded trials came out the same again")
    return 1 if failed else 0


def _claims(options):
    from errorflow import claims
    from errorflow.flow import torch  # noqa: F401 (some claims need it: say so before any is decided)

    if options.write:  # refused before minutes of work, not after
        with open(options.write, "a", encoding="utf-8"):
            pass
    entries = []
    for claim in claims.all_claims():
        entries.append(claims.entry(claim))
        print(f"{entries[-1]['verdict']:24}  {claim.id:28}  {claim.claim}", flush=True)
    if options.write:
        claims.write(options.write, entries)
    return 0


if __name__ == "__main__":
    sys.exit(main())
