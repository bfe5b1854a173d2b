"""Claims of the paper's Abstract and Section 1."""

import numpy as np

from errorflow.claims import UNTESTABLE, claim, verdict
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import layered
from errorflow.rules import learn

TWO_SEQUENCES, LANDING = "41-two-sequences", "00-vanishing-gradient"


@claim(
    "applications",
    section="Abstract; Section 1",
    claim="Practical applications involve dependencies over many time steps.",
    kind="qualitative",
    criterion="None: the sentence is about applications, not about nets.",
    page=LANDING,
)
def applications():
    """State that nothing here can be computed."""
    return UNTESTABLE


@claim(
    "signals-vanish",
    section="Section 1",
    claim="With BPTT and RTRL error signals that flow backwards in time tend to vanish.",
    kind="numeric",
    criterion="In the nets of Table 2 at their initial weights the median flow over the lag is "
    "below 1e-3 at lag 4, 1e-10 at lag 10 and 1e-100 at lag 100.",
    page=TWO_SEQUENCES,
)
def signals_vanish():
    """Take the largest slope, 1/4, for every step: the true flow is smaller still."""
    medians = []
    for p in (4, 10, 100):
        logs = []
        for rng in generators(7, 100):
            net = layered.table2(p)
            fill_uniform(rng, net.w, -0.2, 0.2)
            logs.append((p - 1) * np.log10(abs(net.hidden[0, p + 1]) / 4.0))
        medians.append(np.median(logs))
    return verdict(medians[0] < -3 and medians[1] < -10 and medians[2] < -100)


@claim(
    "too-long",
    section="Abstract; Section 1",
    claim="Conventional learning takes too long when the minimal time lag is extended.",
    kind="numeric",
    criterion="RTRL with learning rate 10, three seeds: all succeed within 3,000,000 sequences at "
    "lag 2 and lag 4, later at lag 4, and none within 300,000 at lag 10.",
    page=TWO_SEQUENCES,
)
def too_long():
    """Run the trials."""
    base = experiment("table2/rtrl-p4-lr10", budget=3_000_000)
    short = [run(base.changed(p=2), seed) for seed in range(3)]
    four = [run(base, seed) for seed in range(3)]
    ten = [run(base.changed(p=10, budget=300_000), seed) for seed in range(3)]
    slower = np.median([t.sequences for t in short]) < np.median([t.sequences for t in four])
    succeed = all(t.success for t in short + four)
    return verdict(succeed and slower and not any(t.success for t in ten))


@claim(
    "insufficient-changes",
    section="Section 1",
    claim="Long-term dependencies are hard to learn because the weight changes are insufficient.",
    kind="numeric",
    criterion="At initial weights and lag 10, what the last error changes of the hidden unit's "
    "weight from the first symbol is below 1e-8 of what it changes of that from the last but one.",
    page=TWO_SEQUENCES,
)
def insufficient_changes():
    """Split the gradient of BPTT for an error at the last step only."""
    from errorflow.rules.bptt import bptt

    ratios = []
    for seed in range(20):
        (net, _, _, loss, _, _), _ = prepare(experiment("table2/rtrl-p10-lr1"), seed)
        rule = bptt(net, 10, 1.0)
        whole, part = (np.array([9, *range(9), 9]), np.array([9, *range(9)]))
        before = net.w.copy()
        changes = []
        for symbols in (whole, part):
            learn(rule, net, symbols, len(symbols) - 1, loss)
            changes.append(rule.change.hidden[0].copy())
            net.w[:] = before
        last = changes[0] - changes[1]  # what the error of the last step adds
        ratios.append(abs(last[9] / last[8]))
    return verdict(np.median(ratios) < 1e-8)


@claim(
    "reasonable-time",
    section="Abstract",
    claim="With advanced methods long time lags can be learned in reasonable time.",
    kind="numeric",
    criterion="LSTM at lag 100, protocol no-slope: three trials of three succeed within 20,000 "
    "sequences, where RTRL at lag 10 does not within 300,000.",
    page=TWO_SEQUENCES,
)
def reasonable_time():
    """Run the trials."""
    no_slope = experiment("table2/lstm-p100", "no-slope", budget=20_000)
    cell = [run(no_slope, seed) for seed in range(3)]
    rtrl = experiment("table2/rtrl-p10-lr1", budget=300_000)
    plain = [run(rtrl, seed) for seed in range(3)]
    return verdict(all(t.success for t in cell) and not any(t.success for t in plain))
