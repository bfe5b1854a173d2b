"""Claims of Section 3 about nets with delays, and what [12] says of the nets it names.

The criteria were fixed before their predicates were run. Of `narx-longer` a pilot on ten seeds had
shown lengths of about 40, 80 and 140 steps.
"""

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import run
from errorflow.flow.delay_lines import decay, flow_back, resting
from errorflow.nets.gamma import gamma
from errorflow.nets.latch import latch
from errorflow.nets.tdnn import tdnn
from errorflow.rules import learn
from errorflow.rules.bptt import bptt

NETS, STEPS, UNITS, INPUTS = 100, 61, 5, 2
RANGES = (0.2, 1.0, 4.0)
AFTER = 50


def pure(D, weight):
    """Return a net of one unit that is fed back with a delay of ``D`` steps alone."""
    net = tdnn(1, 1, 1, D)
    net.hidden[0, D] = weight
    return net


def error_after(D, size):
    """Return the norm of the error after 50 steps, in 100 nets of five units with random inputs.

    The weights of the D taps come from [-``size``, ``size``]; those of the taps that two nets have
    in common are the same.
    """
    norms = np.zeros(NETS)
    for seed in range(NETS):
        net = tdnn(INPUTS, UNITS, 1, D)
        weights, stream = generators(seed, 2)
        drawn = net.hidden[:, : INPUTS + D * UNITS]
        for columns in np.split(drawn, range(INPUTS, drawn.shape[1], UNITS), axis=1):
            fresh = np.zeros(columns.size)
            fill_uniform(weights, fresh, -size, size)
            columns[:] = fresh.reshape(columns.shape)
        x = np.array([[2.0 * stream.random() - 1.0 for _ in range(INPUTS)] for _ in range(STEPS)])
        norms[seed] = np.abs(flow_back(net, x, UNITS)[AFTER]).sum(axis=0).max()
    return norms


@decides("delay-line-ratio")
def delay_line_ratio():
    exact = True
    for weight in (-3.0, 1.0, 6.0):
        plain = flow_back(pure(1, weight), np.zeros((11, 1)), 1)[:, 0, 0]
        for D in (2, 5, 10):
            delayed = flow_back(pure(D, weight), np.zeros((11 * D, 1)), 1)[:, 0, 0]
            exact &= np.allclose(delayed[::D], plain, rtol=1e-12, atol=0.0)
            exact &= np.count_nonzero(delayed) == 11
    return verdict(exact)


@decides("delay-line-spread")
def delay_line_spread():
    x = resting(1.25)
    good = round(x, 4) == 0.7104
    rho = decay([1.25 * (1.0 - x * x)])
    for D, wanted in ((1, 0.619), (2, 0.732), (3, 0.794), (4, 0.832), (6, 0.878), (10, 0.921)):
        root = decay(np.full(D, rho / D))
        net, inputs = latch(1, D), np.zeros((600, 2))
        net.w[0], inputs[:20, 0] = 1.0, 1.0
        flow = flow_back(net, inputs, 1)[:, 0, 0]
        measured = (flow[400] / flow[300]) ** 0.01
        good &= round(root, 3) == wanted and abs(measured / root - 1.0) < 1e-3
        good &= D == 1 or rho < root < rho ** (1.0 / D)
    return verdict(good)


@decides("delay-shortcuts")
def delay_shortcuts():
    more = [(error_after(10, size) > error_after(1, size)).sum() for size in RANGES]
    return verdict(min(more) >= 95, direction=max(more) >= 95)


@decides("delay-trade-off")
def delay_trade_off():
    rises = []
    for size in RANGES:
        medians = [np.median(error_after(D, size)) for D in (1, 2, 5, 10, 20)]
        rises.append(np.all(np.diff(medians) > 0.0))
    return verdict(all(rises), direction=any(rises))


@decides("delay-parameters")
def delay_parameters():
    counted = [tdnn(7, 3, 7, D).hidden.size for D in range(1, 31)]
    total = [len(tdnn(7, 3, 7, D).w) for D in range(1, 31)]
    return verdict(
        counted == [D * counted[0] for D in range(1, 31)] and set(np.diff(total)) == {counted[0]}
    )


def longest(D, trials=20):
    """Return the largest T = 20, 40, .. at which half of the trials learn the latch.

    Looked no further than two failures in a row, or T = 200.
    """
    best = 0
    for T in range(20, 201, 20):
        e = Experiment("narx-latch", "learned-latch", 6_000, longest=T, D=D)
        if 2 * sum(run(e, 10 + i).success for i in range(trials)) >= trials:
            best = T
        elif T - best >= 40:
            break
    return best


@decides("narx-longer")
def narx_longer():
    one, three, six = (longest(D) for D in (1, 3, 6))
    ratios = three / one, six / one
    return verdict(all(2.0 <= ratio <= 3.0 for ratio in ratios), direction=min(ratios) > 1.5)


@decides("gamma-tdnn")
def gamma_tdnn():
    loss, good = Loss(0.0, 1.0, 1.0, 0.0, 0.25), True
    for seed in range(10):
        weights, stream = generators(seed, 2)
        a, b = tdnn(5, 2, 5, 4), gamma(5, 2, 5, 4)
        fill_uniform(weights, a.w, -1.5, 1.5)
        b.w[: len(a.w)] = a.w
        sequence = np.array([int(5 * stream.random()) for _ in range(13)])
        for net in (a, b):
            learn(bptt(net, 12, 1.0), net, sequence, 12, loss)
        good &= np.array_equal(a.w, b.w[: len(a.w)])
    for mu in (0.3, 0.7, 1.5):
        net = gamma(1, 1, 1, 4, mu=mu)
        net.hidden[0, 1 + 3] = 1.0  # from tap K alone
        good &= bool(np.count_nonzero(flow_back(net, np.zeros((12, 1)), 1)[1:]) > 2)
    return verdict(good)
