"""Claims of the paper's Abstract and Section 1."""

import numpy as np

from errorflow.claims import UNTESTABLE, decides, verdict
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.interventions import contributions
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import layered


@decides("applications")
def applications():
    return UNTESTABLE


@decides("signals-vanish")
def signals_vanish():
    medians = []
    for p in (4, 10, 100):
        logs = []
        for rng in generators(7, 100):
            net = layered.table2(p)
            fill_uniform(rng, net.w, -0.2, 0.2)
            logs.append((p - 1) * np.log10(abs(net.hidden[0, p + 1]) / 4.0))
        medians.append(np.median(logs))
    return verdict(medians[0] < -3 and medians[1] < -10 and medians[2] < -100)


@decides("too-long")
def too_long():
    base = experiment("table2/rtrl-p4-lr10", budget=3_000_000)
    short = [run(base.changed(p=2), seed) for seed in range(3)]
    four = [run(base, seed) for seed in range(3)]
    ten = [run(base.changed(p=10, budget=300_000), seed) for seed in range(3)]
    slower = np.median([t.sequences for t in short]) < np.median([t.sequences for t in four])
    succeed = all(t.success for t in short + four)
    return verdict(succeed and slower and not any(t.success for t in ten))


@decides("insufficient-changes")
def insufficient_changes():
    ratios = []
    for seed in range(20):
        (net, *_), _ = prepare(experiment("table2/rtrl-p10-lr1"), seed)
        change = contributions(net, [9, *range(9), 9]).sum(axis=0)
        ratios.append(abs(change[9] / change[8]))  # of the hidden unit's weights from x and a_8
    return verdict(np.median(ratios) < 1e-8)


@decides("reasonable-time")
def reasonable_time():
    no_slope = experiment("table2/lstm-p100", "no-slope", budget=20_000)
    cell = [run(no_slope, seed) for seed in range(3)]
    rtrl = experiment("table2/rtrl-p10-lr1", budget=300_000)
    plain = [run(rtrl, seed) for seed in range(3)]
    return verdict(all(t.success for t in cell) and not any(t.success for t in plain))
