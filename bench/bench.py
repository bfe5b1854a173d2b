"""Ours beside C, torch and JAX at the same training work, and what all of it costs.

    python bench/bench.py            about six minutes on two idle cores
    python bench/bench.py --quick    whether it runs: one short round, the numbers mean nothing

Prints its tables and keeps them in `bench/results.md`, the figure in `bench/cost.png`; with
``--quick`` both in `_build/bench`. What counts are the ratios: all contestants run in turn on the
same machine within the same minutes, and each is judged by its best round. gcc and JAX may be
missing; they then have no part in it.
"""

import os

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import argparse
import importlib.metadata
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import cost
import kernels
import scaling
import workers
from contestants import FULL, QUICK

from errorflow.records.store import Records

ROOT = Path(__file__).resolve().parent.parent


def first_call():
    """Return the seconds of importing the library and a first, short trial in a new process."""
    code = (
        "import time; start = time.perf_counter()\n"
        "from errorflow.experiments.rows import experiment\n"
        "from errorflow.experiments.run import run\n"
        "run(experiment('table2/rtrl-p100-lr1', budget=10), 0)\n"
        "print(time.perf_counter() - start)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def main():
    """Run all comparisons, print them and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs")
    quick = parser.parse_args().quick
    effort = QUICK if quick else FULL
    target = ROOT / "_build" / "bench" if quick else ROOT / "bench"
    target.mkdir(parents=True, exist_ok=True)
    versions = [
        f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "torch")
    ]
    with tempfile.TemporaryDirectory() as folder:
        table, measured = kernels.all_rows(folder, effort)
        text = [
            "# Side by side",
            "",
            f"Written by `make bench`: one core, best of {effort.rounds} alternated rounds. C does",
            "the same training work and is compiled with `-O3 -march=native`; once more with",
            "`-ffast-math`; and with `-ffp-contract=off`, unfused: rounded between the product and",
            "the sum, as ours is and must be for bits that are equal on all machines. torch",
            "(`nn.RNN`, `nn.LSTM`) and JAX (`scan` in `jit`) train nets of as many hidden units or",
            "cells by autograd, in float32, and change weights once a sequence.",
            "",
            f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
            + ", ".join(version.partition("+")[0] for version in versions),
            "",
            *table,
            *scaling.with_the_lag(folder, effort),
            *scaling.with_hidden_units(folder, effort),
        ]
    text += scaling.of_flow(effort)
    text += workers.lines(effort)
    first_call()
    seconds = min(first_call() for _ in range(effort.rounds))
    text += [
        "## First call",
        "",
        "Importing the library and a first trial in a new process, with a warm machine-code cache:",
        f"{seconds:.2f} s.",
        "",
    ]
    entries, missing = cost.of_rows(Records(ROOT / "book" / "results").read().values(), measured)
    if entries:
        cost.draw(entries, target / "cost.png")
    text = "\n".join(text + cost.lines(entries, missing))
    print(text)
    (target / "results.md").write_text(text)


if __name__ == "__main__":
    main()
