"""Claims of Section 3 about special architectures: type (4).

:mod:`errorflow.claims.units` has what the paper says of a single unit with a time constant and of
LSTM's error flow, by its own rule and in full.
"""

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import run
from errorflow.flow.exponents import no_special_direction
from errorflow.flow.unrolled import growth
from errorflow.nets import back_step, lstm, recurrent, state_size, step, zeros_like
from errorflow.nets.mozer import time_constants
from errorflow.nets.plate import holographic, unit_power_key
from errorflow.nets.second_order import second_order
from errorflow.nets.twinn import time_warping
from errorflow.nets.units import IDENTITY, LOGISTIC

NETS = 60


def exponents(w, *, order, nets=NETS, steps=1_000):
    """Return the mean growth per step back of nets with weights from [-w, w), (nets,).

    Nets of first or second ``order`` have five state units besides an output, see the inputs 1 and
    -1 or 1 at random; the steps next to both ends of the sequence are left out.
    """
    values = np.empty(nets)
    for k, rng in enumerate(generators(98, nets)):
        net = second_order(2, 5, 1) if order == 2 else recurrent.recurrent(2, 4, 1)
        fill_uniform(rng, net.w, -float(w), float(w))
        inputs = np.ones((steps, 2))
        inputs[:, 0] = [1.0 if rng.random() < 0.5 else -1.0 for _ in range(steps)]
        values[k] = growth(net, Series(inputs, np.zeros(1)), steps)[100:-100].mean()
    return values


def _error(values):
    """Return the standard error of the mean."""
    return values.std(ddof=1) / np.sqrt(len(values))


@decides("second-order-increase")
def second_order_increase():
    first, second = exponents(8, order=1), exponents(8, order=2)
    return verdict(second.mean() - first.mean() > 2.0 * np.hypot(_error(first), _error(second)))


@decides("second-order-in-principle")
def second_order_in_principle():
    net = second_order(2, 1, 1)
    net.units[:, 1] = [-1.5, 3.0]
    before, state, error = np.full(2, 0.5), np.zeros(2), np.zeros(2)
    step(net, np.ones(2), before, state)
    back_step(net, np.ones(2), before, state, np.array([0.0, 1.0]), zeros_like(net), error)
    return verdict(abs(error[1] - 1.5) < 1e-12 and np.abs(net.w).max() <= 3.0)


@decides("second-order-vanishing")
def second_order_vanishing():
    ensembles = [exponents(w, order=2) for w in (1, 2, 4, 8)]
    below = all(v.mean() + 2.0 * _error(v) < 0.0 and (v < 0.0).sum() >= 54 for v in ensembles)
    means = all(v.mean() < 0.0 for v in ensembles)
    return verdict(below, direction=means)


@decides("time-constants-in-a-net")
def time_constants_in_a_net():
    worst = 0.0
    for tau in (0.75, 0.9, 0.95):
        for rng in generators(14, 10):
            net = time_constants(13, [0.0] * 6 + [tau] * 4, 13)
            fill_uniform(rng, net.w, -0.2, 0.2)
            symbols = np.array([int(13 * rng.random()) for _ in range(100)])
            factor = np.exp(growth(net, symbols, 100)[10:90].mean())
            worst = max(worst, abs(factor / tau - 1.0))
    return verdict(worst < 0.1)


TAUS = (0.0, 0.5, 0.75, 0.9, 0.95, 0.99)


def solved(gap, tau, *, trials=4, budget=6_000):
    """Return in how many trials Mozer's net solves a gap with four units of time constant tau."""
    e = Experiment("mozer", "gap", budget, p=gap, tau=tau)
    return sum(run(e, seed).success for seed in range(trials))


@decides("time-constants-tuned")
def time_constants_tuned():
    good = {gap: sum(solved(gap, tau) >= 3 for tau in TAUS) for gap in (4, 25)}
    return verdict(0 < good[25] < good[4])


@decides("unit-power")
def unit_power():
    kept, told, far = 0.0, 0.0, np.inf
    for n in (8, 16, 32):
        for rng in generators(17, 10):
            key = unit_power_key(n, rng)
            changed = key + [0.1 * rng.random() - 0.05 for _ in range(n)]
            kept = max(kept, abs(_size_after(key) - 1.0))
            wanted, got = _size_by_transform(changed), _size_after(changed)
            told = max(told, abs(got / wanted - 1.0))
            far = min(far, max(got, 1.0 / got))
    return verdict(kept < 1e-12 and told < 1e-9 and far > 10.0)


def _size_after(key, steps=1_000):
    net = holographic(1, key, 1)
    return np.exp(growth(net, np.zeros(steps, dtype=np.int64), steps).sum())


def _size_by_transform(key, steps=1_000):
    e = no_special_direction(len(key))
    scaled = np.abs(np.fft.fft(e)) * np.abs(np.fft.fft(key)) ** steps
    return np.linalg.norm(scaled) / np.sqrt(len(key)) / np.linalg.norm(e)


@decides("time-warping-factor")
def time_warping_factor():
    worst, exact = 0.0, True
    for rng in generators(25, 10):
        net = time_warping(3, 4, 1)
        fill_uniform(rng, net.w, -1.0, 1.0)
        before = np.array([2.0 * rng.random() - 1.0 for _ in range(state_size(net))])
        x = np.array([2.0 * rng.random() - 1.0 for _ in range(3)])
        state, J = _step_and_factor(net, x, before)
        seen = np.concatenate([before[:4], before[9:]])
        slopes = 1.0 - np.tanh(net.hidden @ seen) ** 2
        way = np.linalg.norm(x - before[9:])
        wanted = np.eye(4) + way * slopes[:, None] * net.hidden[:, :4]
        worst = max(worst, np.abs(J - wanted).max())
        again, J = _step_and_factor(net, x, state)
        exact &= np.array_equal(J, np.eye(4)) and np.array_equal(again[:4], state[:4])
    return verdict(worst < 1e-12 and exact)


def _step_and_factor(net, x, before):
    state, errors = np.zeros(len(before)), np.zeros((4, len(before)))
    step(net, x, before, state)
    for i in range(4):
        unit = np.zeros(len(before))
        unit[i] = 1.0
        back_step(net, x, before, state, unit, zeros_like(net), errors[i])
    return state, errors[:, :4]


def drift(net, seed, units, at):
    """Return how far irrelevant inputs move what ``units`` store after the first two.

    Inputs are two numbers from [-1, 1), and 1. The largest change of a unit's content after as many
    inputs as ``at`` says.
    """
    rng = generators(seed, 2)[1]
    state, after, contents = np.zeros(state_size(net)), np.zeros(state_size(net)), []
    for _ in range(max(at) + 2):
        x = np.array([2.0 * rng.random() - 1.0, 2.0 * rng.random() - 1.0, 1.0])
        step(net, x, state, after)
        state, after = after, state
        contents.append(state[units].copy())
    return np.array([np.abs(contents[q + 1] - contents[1]).max() for q in at])


def warping_drift(seed, at):
    """Return :func:`drift` of a time warping invariant net at initial weights."""
    net = time_warping(3, 4, 1)
    fill_uniform(generators(seed, 2)[0], net.w, -0.2, 0.2)
    return drift(net, seed, slice(4), at)


def cell_drift(seed, at, gate):
    """Return :func:`drift` of a memory cell at initial weights, its input gate's bias changed."""
    net = lstm.memory_cells(3, 1, 1, 1, g=LOGISTIC, h=IDENTITY, full=False)
    fill_uniform(generators(seed, 2)[0], net.w, -0.2, 0.2)
    net.hidden[1, 2] += gate
    return drift(net, seed, slice(2, 3), at)


@decides("stored-values-drift")
def stored_values_drift():
    at = (100, 400)
    warping = np.array([warping_drift(seed, at) for seed in range(10)])
    closed = np.array([cell_drift(seed, at, -12.0) for seed in range(10)])
    alone = np.array([cell_drift(seed, at, 0.0) for seed in range(10)])
    early, late = np.median(warping, axis=0)
    return verdict(1.0 < early < late and closed.max() < 0.01 and alone[:, 1].min() > 1.0)
