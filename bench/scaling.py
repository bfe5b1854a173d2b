"""How the cost grows: with the lag, with the number of hidden units, with the size of a flow."""

import shutil
import time

import numpy as np
from contestants import FAST, InC, Ours, compete

from errorflow.experiments.experiment import Experiment
from errorflow.flow import factor
from errorflow.flow.exponents import exponent

LAGS = (4, 10, 30, 100, 300, 1000)
HIDDEN = (1, 2, 4, 8, 16)


def with_the_lag(folder, effort):
    """Return Markdown lines: sequences a second of three methods, and what symbols save."""
    methods = ("rtrl", "bptt", "lstm")
    lines = [
        "## With the lag",
        "",
        "Task 2a: p steps of p + 1 outputs each. Sequences a second, and in brackets how many",
        "times as fast that is as C with `-ffast-math`. The last columns are what symbols save:",
        "the time of RTRL in C if inputs are vectors, so that every weight from an input is read",
        "and changed at every step, over that of RTRL on symbols, in C and ours.",
        "",
        "| p | RTRL | BPTT | LSTM | RTRL, ns an output | C: vectors / symbols | vectors / ours |",
        "|---|---|---|---|---|---|---|",
    ]
    gcc = shutil.which("gcc")
    for p in LAGS:
        contestants = {}
        for method in methods:
            e = Experiment(method, "2a", 1, p=p)
            contestants[method] = Ours(e)
            if gcc:
                contestants[f"{method} in C"] = InC(e, folder, FAST)
        if gcc:
            e = Experiment("rtrl", "2a", 1, p=p)
            contestants["vectors"] = InC(e, folder, FAST, "-DDENSE")
        best = compete(contestants, effort)
        cells = [str(p)]
        for method in methods:
            ratio = f" ({best[f'{method} in C'] / best[method]:.2f})" if gcc else ""
            cells.append(f"{1 / (p * best[method]):,.0f}{ratio}")
        cells.append(f"{1e9 * best['rtrl'] / (p + 1):.2f}")
        for symbols in ("rtrl in C", "rtrl"):
            cells.append(f"{best['vectors'] / best[symbols]:.1f}" if gcc else "–")
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return [*lines, ""]


def with_hidden_units(folder, effort):
    """Return Markdown lines: the general RTRL at fully recurrent nets of n = 7 + H units."""
    lines = [
        "## With the hidden units",
        "",
        "RTRL at Table 1's fully recurrent net, n = 7 + H units and 7 inputs: n · n (7 + n)",
        "derivatives, each a sum of n, a step.",
        "",
        "| H | n | ours, µs a step | over n³ (7 + n), ns | over n⁴, ns | C −ffast-math / ours |",
        "|---|---|---|---|---|---|",
    ]
    for hidden in HIDDEN:
        options = {"hidden": hidden, "connections": "full", "alpha": 0.1}
        e = Experiment("rtrl", "embedded-reber", 1, **options)
        contestants = {"ours": Ours(e)}
        if shutil.which("gcc"):
            contestants["C"] = InC(e, folder, FAST)
        best, n = compete(contestants, effort), 7 + hidden
        ns = 1e9 * best["ours"]
        cells = [hidden, n, f"{1e-3 * ns:.2f}", f"{ns / (n**3 * (7 + n)):.3f}", f"{ns / n**4:.3f}"]
        cells.append(f"{best['C'] / best['ours']:.2f}" if "C" in best else "–")
        lines.append(f"| {' | '.join(map(str, cells))} |")
        print(lines[-1], flush=True)
    return [*lines, ""]


def of_flow(effort):
    """Return Markdown lines: what one pair of units and what all pairs cost, per step back."""
    lines = [
        "## Error flow",
        "",
        "| n | one unit u, µs a step | over n² | all pairs, µs a step | over n³ |",
        "|---|---|---|---|---|",
    ]
    rng, q = np.random.default_rng(0), 50
    for n in (100, 200, 400, 800)[: 4 if effort.rounds > 1 else 2]:
        W, slopes = rng.random((n, n)) / n, 0.25 * rng.random((q, n))
        costs = []
        for function, arguments in ((factor.log_flow, (0,)), (factor.log_products, ())):
            best = float("inf")
            for _ in range(min(3, effort.rounds)):
                start = time.perf_counter()
                function(W, slopes, *arguments)
                best = min(best, (time.perf_counter() - start) / q)
            costs.append(1e6 * best)
        one, every = costs
        shares = f"{1e3 * one / n**2:.2f} ns", f"{1e3 * every / n**3:.3f} ns"
        lines.append(f"| {n} | {one:.0f} | {shares[0]} | {every:.0f} | {shares[1]} |")
    W = 0.4 * (2 * rng.random((100, 100)) - 1)
    start = time.perf_counter()
    exponent(W, rng.random(100), 10_000)
    seconds = time.perf_counter() - start
    return [*lines, "", f"10,000 steps of a Lyapunov exponent at n = 100: {seconds:.2f} s.", ""]
