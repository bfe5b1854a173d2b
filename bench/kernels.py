"""Each kernel of the tables beside C, torch and JAX."""

import shutil

from contestants import FAST, UNFUSED, InC, Ours, compete, in_jax, in_torch, program, shape

from errorflow.experiments.rows import experiment, matching

CHECKED = 1_000
"""So many sequences are trained on by both to see that C does the same work."""

ONE_NET = ("rtrl", "bptt", "elman", "lstm")
"""The methods whose work is that of a recurrent module and its gradient."""


def rows():
    """Return one row for each shape of net in Tables 1 and 2, and one of task 2c.

    A row takes part once there is a C program for it.
    """
    found = {}
    for row in matching(["table1/*", "table2/*"]):
        e = experiment(row)
        if program(e).exists():
            found.setdefault(shape(e), row)
    return [*found.values(), "task2c/q50-p50"]


def compare(row, folder, effort):
    """Return (seconds a step by contestant, half the squared error a step of ours and of C).

    Without gcc or JAX there is no such contestant.
    """
    e = experiment(row)
    contestants, errors = {"ours": Ours(e)}, {"ours": Ours(e, measure=True)}
    if shutil.which("gcc"):
        contestants["C"], errors["C"] = InC(e, folder), InC(e, folder, "-DMEASURE")
        contestants["C fast"] = InC(e, folder, FAST)
        contestants["C unfused"] = InC(e, folder, UNFUSED)
    if e.method in ONE_NET:
        contestants["torch"] = in_torch(e)
        if jax := in_jax(e):
            contestants["JAX"] = jax
    for run in errors.values():
        run(CHECKED if effort.rounds > 1 else CHECKED // 20)
    errors = {name: run.error for name, run in errors.items()}
    return compete(contestants, effort), errors


def all_rows(folder, effort):
    """Return (Markdown lines, seconds a step by shape and contestant)."""
    names = {"C": "C −O3", "C fast": "C −ffast-math", "C unfused": "C unfused"}
    names |= {"torch": "torch", "JAX": "JAX"}
    lines = [
        "## Kernels",
        "",
        "How many times as fast ours is, at each net of the tables: above 1 ours is faster. A step",
        "is a symbol read. The last columns are half the squared error a step over the first",
        f"{CHECKED:,} sequences, from other random weights: C does the same work.",
        "",
        f"| | ours, ns a step | {' | '.join(names.values())} | error: ours | C |",
        "|---" * (len(names) + 4) + "|",
    ]
    measured = {}
    for row in rows():
        best, errors = compare(row, folder, effort)
        measured[shape(experiment(row))] = best
        ratios = [f"{best[name] / best['ours']:.2f}" if name in best else "–" for name in names]
        cells = [row, f"{1e9 * best['ours']:.1f}", *ratios]
        cells += [f"{errors[name]:.4f}" if name in errors else "–" for name in ("ours", "C")]
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return [*lines, ""], measured
