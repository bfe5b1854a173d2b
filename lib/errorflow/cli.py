"""The command line: ``errorflow list | run | table | verify | claims``.

Nothing heavy is imported before it is needed, so that ``--help`` and ``list`` answer at once.
"""

import argparse
import json
import os
import sys
import time

RECORDS = "book/results"


def _parser():
    parser = argparse.ArgumentParser(prog="errorflow", description="Hochreiter (1998), run.")
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser("list", help="name every row and protocol")
    command.add_argument("--json", action="store_true", help="as a list of objects")

    command = commands.add_parser("run", help="run what is missing of some rows' trials")
    command.add_argument(
        "rows", nargs="+", metavar="ROW", help="a row's name, see `list`; or `all`"
    )
    command.add_argument("--protocol", default="literal", metavar="NAME", help="see `list`")
    command.add_argument("--trials", type=int, metavar="N", help="instead of the published number")
    command.add_argument("--budget", type=int, metavar="N", help="sequences a trial at most")
    command.add_argument("--profile", default="full", help="full (default), quick or smoke")
    command.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a core)")
    command.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster, tcp://host:port"
    )
    command.add_argument("--records", default=RECORDS, metavar="DIR", help=f"default: {RECORDS}")

    command = commands.add_parser("table", help="print a table, published beside ours")
    command.add_argument("table", choices=["1", "2"])
    command.add_argument("--json", action="store_true", help="as a list of objects")
    command.add_argument("--records", default=RECORDS, metavar="DIR", help=f"default: {RECORDS}")

    command = commands.add_parser("verify", help="run recorded trials again and compare")
    command.add_argument("--sample", type=int, metavar="N", help="only the N shortest of each row")
    command.add_argument("--records", default=RECORDS, metavar="DIR", help=f"default: {RECORDS}")

    command = commands.add_parser("claims", help="decide every claim of the paper")
    command.add_argument("--write", metavar="FILE", help="write the ledger to this YAML file too")
    return parser


def main(arguments=None):
    """Run the command line and return its exit code; 2 says that the call was wrong."""
    options = _parser().parse_args(arguments)
    try:
        code = globals()[f"_{options.command}"](options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever read the output, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, ValueError) as error:
        print(f"errorflow: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on with what is missing", file=sys.stderr)
        return 130


def _list(options):
    from errorflow.demonstrations import ALL, ROWS
    from errorflow.experiments.protocols import PROTOCOLS

    if options.json:
        columns = ("method", "task", "trials", "budget", "weights")
        rows = [
            {"row": name, "net": row.net, "protocol": protocol}
            | {column: getattr(row, column) for column in columns}
            for name, row in ALL.items()
            for protocol in (PROTOCOLS if name not in ROWS else ["literal"])
        ]
        print(json.dumps(rows, indent=1))
        return 0
    print(f"{'row':32} {'method':20} {'task':6} {'weights':>8} {'trials':>6} {'cap':>10}")
    for name, row in ALL.items():
        weights = row.weights if isinstance(row.weights, str) else f"{row.weights:,}"
        sizes = f"{weights:>8} {row.trials:6} {row.budget:10,}"
        print(f"{name:32} {row.method:20} {row.task:6} {sizes}")
    print(f"\nprotocols: {', '.join(PROTOCOLS)}")
    return 0


def _run(options):
    from errorflow import demonstrations
    from errorflow.records import runner as runs
    from errorflow.records.store import Records

    rows = list(demonstrations.ALL) if options.rows == ["all"] else options.rows
    wanted = runs.jobs(
        rows,
        options.protocol,
        trials=options.trials,
        budget=options.budget,
        profile=options.profile,
    )
    if options.jobs is not None and options.jobs < 1:
        raise ValueError(f"jobs = {options.jobs}; it must be at least 1")
    records = Records(options.records)
    records.check_writable()
    executor = (
        runs.cluster(options.scheduler) if options.scheduler else runs.processes(options.jobs)
    )
    try:
        runs.execute(wanted, records, executor, report=_Progress(wanted))
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
    known = records.read(rows)
    print(f"{sum(tuple(job) in known for job in wanted)} of {len(wanted)} trials have a record")
    return 0


class _Progress:
    """Live on a terminal, plain lines elsewhere."""

    def __init__(self, wanted):
        self.rows = len({job.row for job in wanted})
        self.start = time.monotonic()
        self.successes = self.sequences = 0

    def __call__(self, record, done, total):
        self.successes += record["success"]
        self.sequences += record["sequences"]
        elapsed = time.monotonic() - self.start
        line = (
            f"{self.rows} row(s): {done}/{total} trials, {self.successes} successes, "
            f"{self.sequences / elapsed:,.0f} sequences/s, "
            f"{elapsed / done * (total - done) / 60:.1f} min left; last: {record['row']}"
        )
        if sys.stderr.isatty():
            print(f"\r\x1b[K{line}", end="" if done < total else "\n", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)


def _table(options):
    from errorflow.records import Records, tables

    entries = tables.table(f"table{options.table}", Records(options.records).read().values())
    print(json.dumps(entries, indent=1) if options.json else tables.text(entries))
    return 0


def _verify(options):
    from errorflow.records import runner as runs
    from errorflow.records.store import Records

    if options.sample is not None and options.sample < 1:
        raise ValueError(f"sample = {options.sample}; it must be at least 1")
    chosen = {}
    for record in sorted(Records(options.records).read().values(), key=lambda r: r["sequences"]):
        group = chosen.setdefault((record["row"], record["protocol"], record["budget"]), [])
        if options.sample is None or len(group) < options.sample:
            group.append(record)
    failed = count = 0
    for record in (record for group in chosen.values() for record in group):
        different = runs.differs(record)
        count, failed = count + 1, failed + bool(different)
        if different:
            print(f"{record['row']} seed {record['seed']}: {', '.join(different)} differ(s)")
    print(f"{count - failed} of {count} recorded trials came out the same again")
    return 1 if failed else 0


def _claims(options):
    from errorflow import claims

    entries = []
    for claim in claims.all_claims():
        entries.append(claims.entry(claim))
        print(f"{entries[-1]['verdict']:24}  {claim.id:28}  {claim.claim}", flush=True)
    if options.write:
        claims.write(options.write, entries)
    return 0


if __name__ == "__main__":
    sys.exit(main())
