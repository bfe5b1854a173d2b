"""Claims of Section 3 about the gradient methods that it names first."""

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.claims.published_tables import complete
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.interventions import contributions
from errorflow.nets import back_step, layered, recurrent, zeros_like
from errorflow.nets.cascade import cascade
from errorflow.nets.continuous import continuous
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.elman import elman
from errorflow.rules.hybrid import hybrid
from errorflow.rules.rtrl import rtrl

LOSS = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
SEEDS, LAG = 20, 100


def change(rule, net, symbols, loss=LOSS):
    """Return the weight change that one sequence brings, and leave the net as it was."""
    before = net.w.copy()
    learn(rule, net, symbols, len(symbols) - 1, loss)
    result = net.w - before
    net.w[:] = before
    return result


def two_sequence(p):
    """Return a sequence of task 2a."""
    return np.array([p - 1, *range(p - 1), p - 1])


def drawn(make, seeds, scale):
    """Return a net for each of the seeds 0, 1, .., its weights from [-scale, scale]."""
    nets = [make() for _ in range(seeds)]
    for net, rng in zip(nets, generators(30, seeds), strict=True):
        fill_uniform(rng, net.w, -scale, scale)
    return nets


@decides("exact-gradients")
def exact_gradients():
    rng, worst = generators(31, 1)[0], 0.0
    symbols = np.array([int(5 * rng.random()) for _ in range(21)])
    for net in drawn(lambda: recurrent.recurrent(5, 2, 5), 10, 1.5):
        wanted = change(bptt(net, 20, 1.0), net, symbols)
        for rule in (rtrl(net, 1.0, per_step=False), *(hybrid(net, 1.0, h) for h in (1, 3, 7, 30))):
            deviation = np.abs(change(rule, net, symbols) - wanted).max()
            worst = max(worst, deviation / np.abs(wanted).max())
    return verdict(worst < 1e-12)


@decides("elman-one-step")
def elman_one_step():
    at_end, symbols, worst = LOSS._replace(at_end=True), two_sequence(10), 0.0
    for net in drawn(lambda: layered.layered(11, 4, 11), 10, 1.5):
        hidden = net.hidden.size
        got = change(elman(net, 1.0, per_step=False), net, symbols, at_end)[:hidden]
        wanted = contributions(net, symbols)[0, :hidden]
        worst = max(worst, np.abs(got - wanted).max() / np.abs(wanted).max())
    return verdict(worst < 1e-12)


def remains(net, q):
    """Return how large the part of the use q steps back is, by that of the last use."""
    parts = np.abs(contributions(net, two_sequence(LAG))[:, : net.hidden.size]).sum(axis=1)
    return parts[q] / parts[0]


def _vanishes(nets):
    return verdict(max(remains(net, LAG - 1) for net in nets) < 1e-3)


@decides("vanishes-exact")
def vanishes_exact():
    return _vanishes(drawn(lambda: layered.table2(LAG), SEEDS, 0.2))


@decides("vanishes-rcc")
def vanishes_rcc():
    candidates = drawn(lambda: cascade(LAG + 1, LAG + 1, 1), SEEDS, 1.0)
    return _vanishes(net._replace(units=1) for net in candidates)


@decides("vanishes-pearlmutter")
def vanishes_pearlmutter():
    nets = drawn(lambda: continuous(LAG + 1, 1, LAG + 1), SEEDS, 0.2)
    for net in nets:
        net.T[:] = 1.0
    return _vanishes(nets)


def sent_back(w, dt, t):
    """Return what is left at time ``t`` of an error 1 at a unit at rest at 1/2, T = 1, by steps."""
    net = continuous(1, 1, 1, dt=dt)
    net.hidden[0] = -w / 2.0, w
    state, e, e_before = np.full(2, 0.5), np.array([1.0, 0.0]), np.zeros(2)
    nothing = zeros_like(net)
    for _ in range(round(t / dt)):
        back_step(net, 0, state, state, e, nothing, e_before)
        e, e_before = e_before, e
    return e[0]


@decides("time-constants-exponential")
def time_constants_exponential():
    holds = True
    for w in (0.0, 2.0, 3.0):
        exact = np.exp(-10.0 * (1.0 - w / 4.0))
        one, half = (sent_back(w, dt, 10.0) / exact - 1.0 for dt in (1e-3, 5e-4))
        holds = holds and abs(one) < 0.01 and 0.475 < half / one < 0.525
    return verdict(holds)


def rate(method, lags):
    """Return the share of successes in the recorded trials at these lags."""
    known = complete([f"bridge/{method}-p{p}" for p in lags]).values()
    return sum(s.successes for s in known) / sum(s.n for s in known)


def _hardly(method):
    @decides(f"hardly-{method}")
    def decide():
        short, long = rate(method, (2, 3, 4)), rate(method, (20, 50, 100))
        return verdict(long <= 0.1, direction=long < short)


for _method in ("elman", "rcc", "rtrl", "hybrid", "pearlmutter"):
    _hardly(_method)
