"""Ours beside C, torch and JAX at the same training work, on one core, in alternated rounds.

Prints a table and keeps it in `bench/results.md`. What counts are the ratios: all contestants run
in turn on the same machine within the same minutes, and each is judged by its best round.
"""

import os

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from errorflow.numerics import generators
from errorflow.tasks import reber
from errorflow.tasks.two_sequence import two_sequence
from errorflow.training import present, streak
from errorflow.trials import condition, draw_weights, loss_of, net_of, rule_of

HERE = Path(__file__).resolve().parent
ROUNDS = 7
FAST = {"C -O3": [], "C -O3 -ffast-math": ["-ffast-math"]}


def compile_c(name, folder):
    """Return a command for each way of compiling `name`.c."""
    commands = {}
    for label, flags in FAST.items():
        target = Path(folder) / f"{name}{len(flags)}"
        source = HERE / f"{name}.c"
        command = ["gcc", "-O3", "-march=native", *flags, str(source), "-o", str(target), "-lm"]
        subprocess.run(command, check=True)
        commands[label] = str(target)
    return commands


def in_c(command, *arguments):
    """Return a contestant that reports the nanoseconds a unit of work that a program prints."""

    def run(n):
        words = [command, *map(str, arguments), str(n)]
        out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return float(out.split()[0]) * 1e-9

    return run


def ours(row, task):
    """Return a contestant: seconds a sequence of the library's kernel."""
    c = condition(row)
    rng = generators(0, 1)[0]
    net = net_of(c)
    draw_weights(c, net, rng)
    rule = rule_of(c, net, task.steps)
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    never = streak(2**62)

    def run(n):
        start = time.perf_counter()
        present(net, rule, task, loss_of(c), never, rng, symbols, 0, n, 0, np.empty(0))
        return (time.perf_counter() - start) / n

    run(2)
    return run


def in_torch(core, units, alpha, sequences):
    """Return a contestant: torch's own recurrent module, autograd, one sequence a step."""
    torch.set_num_threads(1)
    read = torch.nn.Linear(core.hidden_size + units, units)
    parameters = [*core.parameters(), *read.parameters()]
    optimiser = torch.optim.SGD(parameters, lr=alpha)
    eye = torch.eye(units)

    def run(n):
        start = time.perf_counter()
        for i in range(n):
            symbols = torch.from_numpy(sequences[i % len(sequences)])
            x = eye[symbols[:-1]]
            hidden, _ = core(x)
            y = torch.sigmoid(read(torch.cat([hidden, x], dim=-1)))
            loss = 0.5 * ((eye[symbols[1:]] - y) ** 2).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return (time.perf_counter() - start) / n

    return run


def in_jax(units, hidden, alpha, sequences, lstm):
    """Return a contestant: a scan over steps and one over sequences inside one jit, or None."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    longest = max(map(len, sequences))
    padded = np.zeros((len(sequences), longest), dtype=np.int32)
    mask = np.zeros((len(sequences), longest - 1), dtype=np.float32)
    for row, symbols in enumerate(sequences):
        padded[row, : len(symbols)] = symbols
        mask[row, : len(symbols) - 1] = 1.0
    gates = 4 if lstm else 1
    shapes = [(gates * hidden, units), (gates * hidden, hidden), (units, hidden), (units, units)]
    keys = jax.random.split(jax.random.PRNGKey(0), len(shapes))
    weights = [0.2 * jax.random.normal(k, s) for k, s in zip(keys, shapes, strict=True)]

    def step(weights, carry, inputs):
        (h, c), (x, d, on) = carry, inputs
        U, W, V, D = weights
        total = U[:, x] + W @ h
        if lstm:
            i, f, o, g = jnp.split(total, 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
        else:
            h = jax.nn.sigmoid(total)
        y = jax.nn.sigmoid(V @ h + D[:, x])
        return (h, c), 0.5 * on * ((jax.nn.one_hot(d, units) - y) ** 2).sum()

    def loss(weights, symbols, on):
        start = (jnp.zeros(hidden), jnp.zeros(hidden))
        inputs = (symbols[:-1], symbols[1:], on)
        return jax.lax.scan(lambda c, i: step(weights, c, i), start, inputs)[1].sum()

    @jax.jit
    def train(weights, which):
        def one(weights, k):
            gradient = jax.grad(loss)(weights, data[k], on[k])
            return [w - alpha * g for w, g in zip(weights, gradient, strict=True)], None

        return jax.lax.scan(one, weights, which)[0]

    data, on = jnp.asarray(padded), jnp.asarray(mask)

    def run(n):
        which = jnp.arange(n) % len(sequences)
        jax.block_until_ready(train(weights, which))
        start = time.perf_counter()
        jax.block_until_ready(train(weights, which))
        return (time.perf_counter() - start) / n

    return run


def first_call():
    """Return the seconds of importing the library and a first, short trial in a new process."""
    code = (
        "import time; start = time.perf_counter()\n"
        "from errorflow.trials import condition, run\n"
        "run(condition('table2/rtrl-p100-lr1', budget=10), 0)\n"
        "print(time.perf_counter() - start)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def compete(contestants):
    """Return each contestant's best of several rounds, in seconds; `contestants`: (run, n)."""
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(ROUNDS):
        for name, (run, n) in contestants.items():
            best[name] = min(best[name], run(n))
    return best


def table(title, unit, best):
    """Return Markdown lines: seconds a unit of work, and how often ours does it meanwhile."""
    lines = [
        f"## {title}",
        "",
        f"| | µs a {unit} | ours is so many times as fast |",
        "|---|---|---|",
    ]
    for name, seconds in best.items():
        ratio = f"{seconds / best['ours']:.2f}" if name != "ours" else "1"
        lines.append(f"| {name} | {1e6 * seconds:.2f} | {ratio} |")
    return [*lines, ""]


def scaling_of_flow():
    """Return Markdown lines: what one pair of units and what all pairs cost, per step back."""
    from errorflow import flow
    from errorflow.lyapunov import exponent

    lines = [
        "## Error flow",
        "",
        "| n | one unit u, µs a step | over n² | all pairs, µs a step | over n³ |",
    ]
    lines.append("|---|---|---|---|---|")
    rng, q = np.random.default_rng(0), 50
    for n in (100, 200, 400, 800):
        W, slopes = rng.random((n, n)) / n, 0.25 * rng.random((q, n))
        costs = []
        for function, arguments in ((flow.log_flow, (0,)), (flow.log_products, ())):
            best = float("inf")
            for _ in range(3):
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
    lines += [
        "",
        f"10,000 steps of a Lyapunov exponent at n = 100: {time.perf_counter() - start:.2f} s.",
        "",
    ]
    return lines


def main():
    """Run all comparisons, print them and keep them."""
    folder = tempfile.mkdtemp()
    lines = [
        "# Side by side",
        "",
        f"Written by `make bench`: one core, best of {ROUNDS} alternated rounds. C does the same",
        "training work and is compiled with `-O3 -march=native`, once more with `-ffast-math`.",
        "torch and JAX train nets of the same size by autograd, one sequence a step.",
        "",
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, torch {torch.__version__.partition('+')[0]}",
        "",
    ]
    for p, n in ((100, 20_000), (4, 2_000_000)):
        sequences = [np.array([first, *range(p - 1), first]) for first in (p - 1, p)]
        contestants = {"ours": (ours(f"table2/rtrl-p{p}-lr1", two_sequence(p)), n)}
        for label, command in compile_c("two_sequence", folder).items():
            contestants[label] = (in_c(command, p, 1.0), n)
        run = in_torch(torch.nn.RNN(p + 1, 1), p + 1, 1.0, sequences)
        contestants["torch, nn.RNN"] = (run, 100)
        if jax := in_jax(p + 1, 1, 1.0, sequences, lstm=False):
            contestants["JAX, scan in jit"] = (jax, 2_000)
        best = compete(contestants)
        lines += table(f"RTRL, one hidden unit, p = {p}", "sequence", best)
    strings, _ = reber.training_and_test(generators(0, 1)[0])
    task = reber.string_set(strings)
    steps = float(np.mean(task.length - 1))
    sequences = [np.array([reber.SYMBOLS.index(s) for s in string]) for string in strings]
    run = ours("table1/lstm-3x2-lr0.5", task)
    contestants = {"ours": (lambda n: run(n) / steps, 50_000)}
    for label, command in compile_c("reber_lstm", folder).items():
        contestants[label] = (in_c(command, 3, 2, 0.5), 50_000)
    rival = in_torch(torch.nn.LSTM(7, 6), 7, 0.5, sequences)
    contestants["torch, nn.LSTM"] = (lambda n: rival(n) / steps, 300)
    if jax := in_jax(7, 6, 0.5, sequences, lstm=True):
        contestants["JAX, scan in jit"] = (lambda n: jax(n) / steps, 5_000)
    lines += table(
        "LSTM, 3 blocks of 2 cells, embedded Reber grammar", "prediction", compete(contestants)
    )
    lines += scaling_of_flow()
    first_call()
    seconds = min(first_call() for _ in range(ROUNDS))
    lines += [
        "## First call",
        "",
        "Importing the library and a first trial in a new process, with a",
    ]
    lines += [f"warm machine-code cache: {seconds:.2f} s.", ""]
    text = "\n".join(lines)
    print(text)
    (HERE / "results.md").write_text(text)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
