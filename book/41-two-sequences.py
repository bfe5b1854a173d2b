# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Gradient descent learns a lag of four but not of ten; one memory cell learns a hundred
#
# ```{admonition} The finding
# :class: finding
# The paper's second experiment holds where it matters: real-time recurrent learning can solve the
# task at lag 4 and does not at lag 10, and one memory cell solves it at lag 100. Three things do not
# come out as printed. At lag 4 the share of successes depends on the learning rate the other way
# round. The memory cell, described to the letter, needs tens of times the published number of
# sequences; it comes near that number once the output error is not multiplied by the slope of the
# output units. And the chunker solves the task at once as a pair of nets; as the one net
# into which it is to collapse it does not.
# ```
#
# **What you will see:** the task, its nets with 36, 144, 10404 and 10504 weights, and trials run
# live. **What it needs:** [the scaling factor](21-one-factor). **Minutes:** twenty.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims
from errorflow.core.numerics import fill_uniform, generators
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.experiments.interventions import flow_over_lag
from errorflow.experiments.protocols import protocol
from errorflow.experiments.rows import experiment, matching
from errorflow.experiments.run import prepare, run
from errorflow.experiments.training import online
from errorflow.flow import factor
from errorflow.nets.layered import table2
from errorflow.records import runner, tables
from errorflow.records.statistics import summary
from errorflow.records.store import committed
from errorflow.tasks import draw
from errorflow.tasks.two_sequence import two_sequence

figures.use_style()

# %% [markdown]
# ## The task
#
# ```{admonition} The paper, Section 4.2
# :class: paper
# There are two sequences, $(y, a_1, \dots, a_{p-1}, y)$ and $(x, a_1, \dots, a_{p-1}, x)$. The net
# predicts each next symbol. All but the last follow from the one before; the last one equals the
# first, $p$ steps back. Success, says the article of 1997, is an error below 0.25 at every output
# unit during 10,000 successive sequences.
# ```

# %%
rng = generators(1998, 1)[0]
task = two_sequence(4)
symbols = np.zeros(task.steps + 1, dtype=int)
for _ in range(3):
    draw(task, rng, symbols)
    print(" ".join(["a1", "a2", "a3", "x", "y"][k] for k in symbols))

# %% [markdown]
# ## What the theory says before any training
#
# The net has one hidden unit with a connection to itself, of weight $w_{hh}$. By equation (1) an
# error at its last step is scaled by $f' w_{hh}$ a step. With initial weights in $[-0.2, 0.2]$:

# %%
for p in (4, 10, 100):
    net, logs = table2(p), []
    for rng in generators(1, 200):
        fill_uniform(rng, net.w, -0.2, 0.2)
        W, slopes = net.hidden[:, p + 1 :], np.full((p - 1, 1), 0.25)
        logs.append(factor.log_scaling(W, slopes, 0, 0)[1])
    power = np.median(logs) / np.log(10)
    print(f"p = {p:3}: median factor over {p - 1} steps 10^{power:.1f}")

# %% [markdown]
# The slope was taken at its largest, 0.25; what a net really gets is less. At $p = 100$ nothing of
# the error arrives.
#
# ## RTRL at lags 4 and 10
#
# ```{admonition} The paper, Table 2
# :class: paper
# RTRL at $p = 4$: 78, 56 and 22 % of trials succeed with learning rates 1, 4 and 10, after
# 1,043,000, 892,000 and 254,000 sequences. At $p = 10$ and $p = 100$ no trial succeeds in 5,000,000
# sequences, nor does any of BPTT at $p = 100$.
# ```
#
# `literal` is the description taken at its word; under `delayed` the outputs see the hidden unit one
# step later, which is how the formulas of Section 2 connect units to units.

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.nets.layered import Layered
from errorflow.rules.bptt_one_unit import BPTTOneUnit
from errorflow.rules.rtrl_one_unit import RTRLOneUnit

show(Layered.step, Layered.back_step, RTRLOneUnit.learn, BPTTOneUnit.learn)


# %%
def several(row, name, cap, n, **keywords):
    """Run the trials of a row with the seeds 0 .. n-1."""
    e = experiment(row, name, budget=cap)
    return row, name, cap, [run(e, s, **keywords) for s in range(n)]


# %%
results = []
for rate in (1, 4, 10):
    row, n = f"table2/rtrl-p4-lr{rate}", choose(profile, quick=3, full=18)
    results.append(several(row, "literal", 5_000_000, n))
    results.append(several(row, "delayed", 5_000_000, n))

# %%
cap = choose(profile, quick=500_000, full=5_000_000)
for rate in (1, 4, 10):
    row, n = f"table2/rtrl-p10-lr{rate}", choose(profile, quick=2, full=6)
    results.append(several(row, "literal", cap, n))
    results.append(several(row, "delayed", cap, n))

# %%
Markdown(tables.beside(results))

# %% [markdown]
# A typical success and a typical failure, their learning curves, and the factor that scales an
# error over the whole lag, before and after:

# %%
curves, length = {}, 300_000
for row in ("rtrl-p4-lr10", "rtrl-p10-lr10"):
    setup, _ = prepare(experiment(f"table2/{row}"), 0, measure=True)
    p, before = setup.task.p, flow_over_lag(setup.net, setup.task.p)
    done = online(*setup, length, curve_every=length // 100)
    after, curves[row] = flow_over_lag(done.net, p), done.curve
    kind = "success" if done.success else "failure"
    print(f"{row}, {kind}: flow {before:.0e} at first, {after:.0e} at last")

# %% mystnb={"figure": {"name": "fig-success-failure", "caption": "Learning curves of one trial of RTRL at lag 4 and one at lag 10, learning rate 10: half the summed squared error of a sequence, mean over 3,000 sequences. Grey: the error of a net that predicts everything but the last symbol; so large a rate keeps both a little above it."}, "image": {"alt": "Two curves on a logarithmic scale, both level a little above the grey line at one quarter. At lag 4 the curve drops at its end; at lag 10 it stays level to the end."}} tags=["hide-input"]
_, ax = plt.subplots()
for row, curve in curves.items():
    figures.learning(ax, curve, row)
_ = ax.axhline(0.25, color="0.45", linewidth=1, linestyle="-")
_ = ax.legend()

# %% [markdown]
# The net that learns is the one whose flow has become large; in the other there is nothing to make
# it so.
#
# Lag 4 can be learned, lag 10 is not, under either reading. The published order, in which larger
# learning rates succeed less often, is the reverse of ours under `literal`. Reading the text
# differently in one detail changes the times by a factor of ten: that is the precision with which
# the papers describe the experiment.
#
# ## LSTM at lag 100
#
# ```{admonition} The paper, Table 2
# :class: paper
# LSTM at $p = 100$, 10504 weights, learning rate 1: all trials succeed, after 5,040 sequences on
# average. The chunker succeeds in a third of its trials.
# ```
#
# The cell and its input gate are added to the net when the error has stopped decreasing, says the
# article of 1997 {cite}`nc97`; it does not say how that is decided. Here, under `literal`: when the
# mean squared error of 100 sequences is less than 1 % below that of the 100 before. Two other
# protocols change this:

# %%
for name in ("closed-gate", "no-slope"):
    print(f"{name}: {protocol(name)}")

# %% [markdown]
# `closed-gate` lowers the initial weights into the input gate by 2, so that little is let in before
# the gate has learned what to let in. `no-slope` has the cell in place from the start and takes
# the outputs' error without the slope $f'$, times $0 f' + 1$ (the gradient of the cross-entropy). All
# three succeed:

# %%
row, cap, memory = "table2/lstm-p100", 250_000, []
for name in ("literal", "closed-gate", "no-slope"):
    n = choose(profile, quick=1, full=18)
    memory.append(several(row, name, cap, n, curve_every=500))

# %%
Markdown(tables.beside(memory))

# %% mystnb={"figure": {"name": "fig-two-sequence-learning", "caption": "Learning curves of one trial at $p = 100$ under three protocols: half the summed squared error of a sequence, mean over 500 sequences. Grey: the error of a net that predicts everything but the last symbol, for which its two outputs say 1/2."}, "image": {"alt": "Three learning curves on a logarithmic scale. No-slope falls steadily within some ten thousand sequences, closed-gate within tens of thousands. Literal jumps up when the cell is added, rests on a plateau for about a hundred thousand sequences and then falls."}} tags=["hide-input"]
_, ax = plt.subplots()
for _, name, _, trials in memory:
    figures.learning(ax, trials[0].curve, name)
_ = ax.axhline(0.25, color="0.45", linewidth=1, linestyle="-")
_ = ax.text(
    ax.get_xlim()[1],
    0.26,
    "last symbol unknown",
    ha="right",
    va="bottom",
    color="0.35",
)
_ = ax.legend(loc="lower right")

# %% [markdown]
# ## And RTRL there?
#
# The nets without memory cells come down to the grey line and stay on it:

# %%
cap = choose(profile, quick=10_000, full=500_000)
for row in ("table2/rtrl-p100-lr1", "table2/bptt-p100-lr1"):
    trial = run(experiment(row, budget=cap), 0, curve_every=1000)
    print(f"{row} after {cap:,} sequences: {trial.curve[-1][1]:.3f}")

# %% [markdown]
# ## The chunker
#
# ```{admonition} The paper, Section 4.2 and its note
# :class: paper
# The neural sequence chunker succeeds in a third of its trials, after 32,400 sequences. It needs
# the local regularities of this task: with random symbols between first and last it cannot help.
# ```
#
# Two nets: the *automatizer* $A$ predicts the next symbol. Whatever it fails to predict goes to the
# *chunker* $C$, a net like it, which thus sees only the few symbols that matter, next to each other
# in its own time. $A$ has one output more: it learns to predict $C$'s hidden unit, and so is asked
# at every step for what only $C$ has reason to remember. `literal` judges $A$ alone, `pair`
# accepts what $C$ gets right where $A$ fails.

# %%
cap, chunkers = 20_000, []
for name in ("literal", "pair"):
    n = choose(profile, quick=2, full=18)
    chunkers.append(several("table2/chunker-p100", name, cap, n))
Markdown(tables.beside(chunkers))

# %% [markdown]
# As a pair the two solve the task within some hundreds of sequences. What does not happen is the
# collapse of the pair into the automatizer alone.
#
# ## The full trials, from records
#
# Eighteen trials a row with the published cap, run once (`errorflow run`) with seeds that no page
# or pilot had seen; `errorflow verify` runs them again. A row *holds* if its success rate is
# within 15 points of the published one and its mean learning time within a factor of 1.5:

# %% tags=["hide-input"]
records = list(committed().read().values())
rows = matching(["table2/*", "task2?/*"])
Markdown(tables.markdown(tables.table("table2", records), rows))

# %% mystnb={"figure": {"name": "fig-two-sequence-trials", "caption": "Every recorded trial of Table 2: circles learned, after as many sequences; crosses are trials that failed, at the cap; black bars are the published means."}, "image": {"alt": "Rows of dots on a logarithmic axis, one row for each line of the table and protocol. RTRL learns at lag 4 in all trials under the delayed protocol and in part of them under the literal one; at lags 10 and 100 all its trials are crosses at five million. LSTM learns at lag 100 in every trial."}} tags=["hide-input"]
groups = tables.groups("table2", records)
_, ax = plt.subplots(figsize=(7, 0.8 + 0.36 * len(groups)))
figures.trials(ax, groups)

# %% [markdown]
# ## From lag 2 to lag 12
#
# ```{admonition} The paper, Section 4.2
# :class: paper
# RTRL and BPTT get into trouble when the minimal lag exceeds 10 steps.
# ```
#
# With learning rate 4 and the published cap, eighteen trials at each lag:

# %% mystnb={"figure": {"name": "fig-lags", "caption": "Every recorded trial at lags 2 to 12 with learning rate 4: circles learned, after as many sequences; crosses failed within five million."}, "image": {"alt": "Two panels of dots, RTRL and BPTT, one row for each lag. At lags 2 and 3 all trials are circles, at lag 4 most are; from lag 5 on all are crosses at the cap."}} tags=["hide-input"]
groups = {
    method: [
        (label.partition("-")[2].partition(",")[0], *rest)
        for label, *rest in tables.groups("lags", records)
        if label.startswith(method)
    ]
    for method in ("rtrl", "bptt")
}
_, axes = plt.subplots(1, 2, figsize=(7, 4), sharex=True)
for ax, (method, trials) in zip(axes, groups.items(), strict=True):
    figures.trials(ax, trials)
    _ = ax.set(title=method.upper())

# %%
for method, lags in groups.items():
    counts = [sum(t.success for t in trials) for *_, trials in lags]
    print(f"{method}: successes at lags 2, 3, ..", *counts)
means = [summary(trials).mean for *_, trials in groups["rtrl"][:3]]
print("mean times at lags 2, 3, 4:", *(f"{mean:,.0f}" for mean in means))
for lag, (a, b) in enumerate(pairwise(means), 3):
    print(f"lag {lag} takes {b / a:.0f} times as long as lag {lag - 1}")

# %% [markdown]
# RTRL and BPTT need the same time: it is the same gradient. Every step more makes the time so much
# longer that the trouble begins long before lag 10. Where it begins depends on the reading (under
# `delayed`, lag 4 is learned many times sooner), that it grows by factors with each step does
# not.

# %% [markdown]
# ## Without local regularities, and an answer that comes late
#
# ```{admonition} The paper, Section 4.2, note; the article of 1997, Section 5.2
# :class: paper
# Task 2b: the symbols between first and last are random. LSTM still succeeds in all trials, after
# 5,680 sequences; RTRL and the chunker fail. Task 2c: the answer is asked for at a random time, $q$
# steps or more after the symbol that decides it, with up to 1000 distractors. LSTM always
# succeeds. A hierarchical chunker always solves task 2a, quickly.
# ```

# %% tags=["hide-input"]
others = ("task2a", "task2b", "task2c")
entries = [e for table in others for e in tables.table(table, records)]
Markdown(tables.markdown(entries, rows))

# %% [markdown]
# The shortest record of each row and protocol, run again here:

# %%
shortest = {}
for r in sorted(records, key=lambda r: -r.seconds):
    if r.row.startswith("table2") and r.seconds < 0.5:
        shortest[r.row, tables.reading(r.protocol, r.options)] = r
for (row, name), record in sorted(shortest.items()):
    changed = runner.differs(record)
    print(f"{row} {name}, seed {record.seed}:", changed or "the same")

# %% [markdown]
# ## What differs from the paper
#
# | detail | the papers | here | why |
# |---|---|---|---|
# | weights change | not stated | after every step | BPTT: at the end of a sequence, as it must |
# | success | 10,000 sequences "after training" | judged while learning; their first one ends the count | not stated |
# | number of trials and cap | 18 trials, 5,000,000 sequences | printed in the tables; `make book PROFILE=full` runs more | minutes |
# | chunker: what counts as failing to predict | "some epsilon" | an error above 0.25 | not stated |
# | chunker: who is judged | not stated | the automatizer alone; the pair as `pair` | both readings are possible |
# | when the cell is added | "stopped decreasing" | less than 1 % in 100 sequences | not stated |
#
# Whatever the protocol, the comparison of the paper stands for its own task: what gradient descent
# without memory cells cannot learn at a lag of ten, a memory cell can learn at a lag of a hundred.
# Its note on random symbols did not come out under any reading tried here, and of the article's longer
# lags the first alone did: under `caption` in every trial, though later than published, and then in
# fewer with each longer one. Why is an open question.

# %% [markdown]
# ## Claims on this page
#
# The cells of the tables have their verdicts above, and among all claims [here](80-verdicts).

# %% tags=["hide-input"]
ledger = [e for e in claims.committed() if e["kind"] != "table cell"]
Markdown(claims.markdown(ledger, "41-two-sequences"))
