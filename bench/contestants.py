"""Who takes part: the library, C, torch and JAX, each at the same training work.

A contestant is a function ``run(n)`` that trains on ``n`` more sequences and returns the seconds a
step (a symbol read, and where there is a target the next one predicted).
"""

import copy
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import kernel
from errorflow.experiments.run import prepare
from errorflow.experiments.training import present
from errorflow.tasks import draw, sizes
from errorflow.tasks.criteria import streak

HERE = Path(__file__).resolve().parent
FAST = "-ffast-math"
UNFUSED = "-ffp-contract=off"
"""No multiply-add in one rounding: what differs from one machine to the next, ours may not have."""


class Effort(NamedTuple):
    """How long to look: alternated rounds, and about so many seconds a contestant in each."""

    rounds: int
    seconds: float


FULL, QUICK = Effort(7, 0.15), Effort(1, 0.01)


def compete(contestants, effort):
    """Return each contestant's best of several alternated rounds, in seconds a step."""
    sizes = {name: _sequences(run, effort.seconds) for name, run in contestants.items()}
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(effort.rounds):
        for name, run in contestants.items():
            best[name] = min(best[name], run(sizes[name]))
    return best


def _sequences(run, seconds):
    """Return how many sequences take about so many seconds, once all is compiled."""
    run(1)
    n = 1
    while True:
        start = time.perf_counter()
        run(n)
        elapsed = time.perf_counter() - start
        if elapsed > seconds / 4:
            return max(1, round(n * seconds / elapsed))
        n *= 4


def shape(e):
    """Return what the cost of a step depends on: method, task and sizes."""
    known = e.all_options()
    which = ("hidden", "blocks", "size", "p", "q")
    return e.method, e.task, *(e[name] if name in known else None for name in which)


@kernel
def _count(task, rng, symbols, n):
    steps = 0
    for _ in range(n):
        steps += draw(task, rng, symbols)
    return steps


class Ours:
    """The library's kernel on an experiment; keeps half the squared error a step of the last run.

    Some rules have to be asked to ``measure`` it.
    """

    def __init__(self, e, *, measure=False):
        setup, growth = prepare(e, 0, measure=measure)
        # Table 2's LSTM starts without its cell; what counts is the net that has grown.
        net, rule = growth.grow(setup.net) if growth else (setup.net, setup.rule)
        self.task, self.rng = setup.task, setup.rng
        self.trained = net, rule, setup.task, setup.loss, streak(2**62), setup.rng
        self.symbols = np.zeros(setup.task.steps + 1, dtype=np.int64)
        self.error = np.nan

    def __call__(self, n):
        """Train and return seconds a step."""
        steps = _count(self.task, copy.deepcopy(self.rng), self.symbols, n)
        squared = np.empty(n)
        start = time.perf_counter()
        present(*self.trained, self.symbols, 0, n, 0, squared)
        seconds = time.perf_counter() - start
        self.error = float(squared.sum()) / steps
        return seconds / steps


def program(e):
    """Return the path of the C program for an experiment; it need not exist."""
    named = {"embedded-reber": "reber", "2a": "two_sequence", "2c": "late_answer"}
    return HERE / f"{named.get(e.task, e.task)}_{e.method}.c"


def compile_c(source, folder, *flags):
    """Return the path of the program compiled with ``-O3 -march=native`` and more ``flags``."""
    target = Path(folder) / "".join([source.stem, *flags])
    command = ["gcc", "-O3", "-march=native", *flags, str(source), "-o", str(target), "-lm"]
    subprocess.run(command, check=True)
    return target


class InC:
    """An experiment's C program; keeps half the squared error a step of the last run."""

    def __init__(self, e, folder, *flags):
        self.command = [str(compile_c(program(e), folder, *flags))]
        if e.task == "embedded-reber":
            numbers = ("blocks", "size") if e.method == "lstm" else ("hidden",)
        else:
            numbers = ("p", "q") if e.task == "2c" else ("p",)
        self.command += [str(e[name]) for name in (*numbers, "alpha")]
        self.error = np.nan

    def __call__(self, n):
        """Train a net with new weights and return seconds a step."""
        words = [*self.command, str(n)]
        out = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        self.error = float(out[1])
        return float(out[0]) * 1e-9


class Data(NamedTuple):
    """What torch and JAX are given of an experiment."""

    sequences: list
    inputs: int
    outputs: int
    hidden: int
    late: bool


def data(e, n=64):
    """Return :class:`Data` with ``n`` sequences; ``late``: a target at the last step only."""
    setup, _ = prepare(e, 0)
    symbols = np.zeros(setup.task.steps + 1, dtype=np.int64)
    sequences = [symbols[: draw(setup.task, setup.rng, symbols) + 1].copy() for _ in range(n)]
    hidden = e["blocks"] * e["size"] if e.method == "lstm" else e["hidden"]
    return Data(sequences, *sizes(setup.task), hidden, setup.loss.at_end)


def in_torch(e):
    """Return a contestant: torch's own recurrent module, autograd, a weight change a sequence."""
    import torch

    torch.set_num_threads(1)
    sequences, inputs, outputs, hidden, late = data(e)
    core = (torch.nn.LSTM if e.method == "lstm" else torch.nn.RNN)(inputs, hidden)
    read = torch.nn.Linear(hidden + inputs, outputs)
    optimiser = torch.optim.SGD([*core.parameters(), *read.parameters()], lr=e["alpha"])
    eye, targets = torch.eye(inputs), torch.eye(outputs)

    def run(n):
        steps, start = 0, time.perf_counter()
        for i in range(n):
            symbols = torch.from_numpy(sequences[i % len(sequences)])
            x, d = eye[symbols[:-1]], symbols[1:]
            states, _ = core(x)
            seen = torch.cat([states, x], dim=-1)
            if late:
                seen, d = seen[-1:], d[-1:]
            loss = 0.5 * ((targets[d] - torch.sigmoid(read(seen))) ** 2).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            steps += len(symbols) - 1
        return (time.perf_counter() - start) / steps

    return run


def in_jax(e):
    """Return a contestant: a scan over steps and one over sequences inside one jit, or None."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    sequences, inputs, outputs, hidden, late = data(e)
    lstm, alpha = e.method == "lstm", e["alpha"]
    steps = [len(symbols) - 1 for symbols in sequences]
    padded = np.zeros((len(sequences), max(steps) + 1), dtype=np.int32)
    mask = np.zeros((len(sequences), max(steps)), dtype=np.float32)
    for row, symbols in enumerate(sequences):
        padded[row, : len(symbols)] = symbols
        mask[row, steps[row] - 1 if late else 0 : steps[row]] = 1.0
    gates = 4 if lstm else 1
    shapes = [(gates * hidden, inputs), (gates * hidden, hidden)]
    shapes += [(outputs, hidden), (outputs, inputs)]
    keys = jax.random.split(jax.random.PRNGKey(0), len(shapes))
    weights = [0.2 * jax.random.normal(k, s) for k, s in zip(keys, shapes, strict=True)]

    def step(weights, carry, inputs):
        (h, s), (x, d, on) = carry, inputs
        U, W, V, D = weights
        total = U[:, x] + W @ h
        if lstm:
            i, f, o, g = jnp.split(total, 4)
            s = jax.nn.sigmoid(f) * s + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(s)
        else:
            h = jax.nn.sigmoid(total)
        y = jax.nn.sigmoid(V @ h + D[:, x])
        return (h, s), 0.5 * on * ((jax.nn.one_hot(d, outputs) - y) ** 2).sum()

    def loss(weights, symbols, on):
        start = (jnp.zeros(hidden), jnp.zeros(hidden))
        inputs = (symbols[:-1], symbols[1:], on)
        return jax.lax.scan(lambda c, i: step(weights, c, i), start, inputs)[1].sum()

    @jax.jit
    def train(weights, symbols, mask):
        def one(weights, sequence):
            gradient = jax.grad(loss)(weights, *sequence)
            return [w - alpha * g for w, g in zip(weights, gradient, strict=True)], None

        return jax.lax.scan(one, weights, (symbols, mask))[0]

    symbols, on = jnp.asarray(padded), jnp.asarray(mask)

    def run(n):
        times = -(-n // len(sequences))  # all of them, so that jit sees one shape
        new, start = weights, time.perf_counter()
        for _ in range(times):
            new = train(new, symbols, on)
        jax.block_until_ready(new)
        return (time.perf_counter() - start) / (times * sum(steps))

    return run
