# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # LSTM learns the embedded Reber grammar, but how often depends on what the text leaves open
#
# ```{admonition} The finding
# :class: finding
# Memory cells do learn this grammar to perfection within tens of thousands of strings. Read to the
# letter, the description of 1997 gives a net that does so in a part of the trials only; with the
# ranges of one table's caption instead of the text's, and targets that the outputs can reach,
# nearly every trial succeeds. Which of the two was run cannot be told from the papers. Without
# memory cells the full gradient learns the grammar in some trials, later; the truncated gradient of
# an Elman net learns all of it but the one symbol that must be remembered.
# ```
#
# **What you will see:** the grammar drawn from its automaton, strings, a net of 276 weights
# learning them live under two protocols. **What it needs:** the idea of a memory cell.
# **Minutes:** twenty.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims
from errorflow.core.numerics import generators
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.experiments.interventions import contributions
from errorflow.experiments.protocols import protocol
from errorflow.experiments.rows import experiment, matching
from errorflow.experiments.run import learner_of, prepare, run
from errorflow.experiments.training import online
from errorflow.records import runner, tables
from errorflow.records.store import committed
from errorflow.tasks import reber
from errorflow.tasks.criteria import share_predicted

figures.use_style()

# %% [markdown]
# ## The task
#
# ```{admonition} The paper, Section 4.1, Figures 1 and 2
# :class: paper
# Strings come from a finite automaton: walk from its left end to its right end, write down the
# symbol of every edge, choose between two edges by a fair coin. In the embedded grammar the symbol
# after the first decides which of two copies of the automaton is entered, and returns as the last
# but one. A net reads a string symbol by symbol and predicts the next one each time.
# ```

# %% mystnb={"figure": {"name": "fig-reber", "caption": "The Reber grammar (the paper's Figure 1), drawn from the automaton that the code walks through. Where two edges leave a state each is taken with probability 1/2."}, "image": {"alt": "A graph of eight states. B leads from the start to state 0. T leads on to state 1, which has a loop S, and by X to state 3; P leads to state 2, which has a loop T, and by V to state 4. From 3, S leads to the end state 5 and X back to 2; from 4, V leads to 5 and P to 3. E leaves state 5."}} tags=["hide-input"]
places = {
    "in": (0, 1, ""),
    0: (1, 1, "0"),
    1: (2, 2, "1"),
    2: (2, 0, "2"),
    3: (3.4, 2, "3"),
}
places |= {4: (3.4, 0, "4"), 5: (4.4, 1, "5"), "out": (5.4, 1, "")}
edges = [("in", "B", 0), (5, "E", "out")]
edges += [(s, *edge) for s, two in enumerate(reber.EDGES) for edge in two]
_, ax = plt.subplots(figsize=(7, 3.6))
figures.automaton(ax, places, edges)

# %% mystnb={"figure": {"name": "fig-embedded", "caption": "The embedded Reber grammar (the paper's Figure 2): two copies of the grammar between a symbol and its repetition."}, "image": {"alt": "A graph: B leads from the start to a fork. T leads to an upper box with a whole Reber grammar and T leads out of it; P leads to a lower box and P leads out of it. Both ways join, and E leads to the end."}} tags=["hide-input"]
places = {
    "in": (0, 0.8, ""),
    "fork": (1, 0.8, ""),
    "up": (2.2, 1.6, "Reber"),
    "down": (2.2, 0, "Reber"),
}
places |= {"join": (3.4, 0.8, ""), "out": (4.4, 0.8, "")}
edges = [("in", "B", "fork"), ("join", "E", "out")]
for symbol, box in (("T", "up"), ("P", "down")):
    edges += [("fork", symbol, box), (box, symbol, "join")]
_, ax = plt.subplots(figsize=(7, 3))
figures.automaton(ax, places, edges, radius=0.24)

# %% [markdown]
# A few strings, and what may follow after each of their symbols:

# %%
rng = generators(1998, 1)[0]
for _ in range(3):
    string = reber.embedded(rng)
    options = (reber.legal(string[:t]) for t in range(1, len(string)))
    print(f"{string:<18}", " ".join("".join(sorted(o)) for o in options))

# %% [markdown]
# What may come next follows from a few symbols back, but for the last symbol but one: it needs the
# second symbol. How many steps lie between reading that one and predicting it again?

# %%
strings = [reber.embedded(rng) for _ in range(20_000)]
lengths = np.array([len(string) for string in strings])
print(f"mean length {lengths.mean():.1f}, shortest {lengths.min()}")
print("from the second symbol to its repetition:", lengths.min() - 4)

# %% [markdown]
# The paper says as much: the task has no long lags. It is there to compare methods where all of
# them have a chance.
#
# Two sets of 256 strings are drawn, the second without any string of the first. That makes the
# test strings longer:

# %%
training, test = reber.training_and_test(rng)
print(
    len(set(training)),
    "different training strings, mean length",
    np.mean([*map(len, training)]),
)
print(
    len(set(test)),
    "different test strings, mean length",
    np.mean([*map(len, test)]),
)

# %% [markdown]
# ## The net and its rule
#
# ```{admonition} The paper, Table 1
# :class: paper
# LSTM with 3 blocks of 2 memory cells, 276 weights, learning rate 0.5: all trials succeed, after
# 8,440 strings on average. RTRL and Elman nets, taken from other publications, succeed in some
# fraction of trials or not at all, recurrent cascade-correlation in half of them.
# ```

# %%
literal = experiment("table1/lstm-3x2-lr0.5")
print(learner_of(literal).net)

# %% [markdown]
# Its rule truncates the gradient: an error reaches the cells and gates and is sent back no
# further, except inside the cells. `rules/truncated.py` is the rule; a test compares it with
# automatic differentiation on a net where every hidden-to-hidden path is cut by `detach`.
#
# ## Two readings, run
#
# A trial is successful when *all* symbols of *all* strings of both sets are predicted: every symbol
# that may follow is more active than every one that may not. Both sets are tested after every 20
# strings. `literal` takes the text of 1997 {cite}`nc97` at its word. `caption` differs in this:

# %%
for option, value in protocol("caption").items():
    print(f"{option}: {literal[option]} -> {value}")

# %% [markdown]
# `g` and `h` are the ranges of the cells' input and output functions: the caption of the article's
# Table 10 gives them the other way round than its text.

# %%
n = choose(profile, quick=10, full=30)
budget = choose(profile, quick=100_000, full=250_000)
row, results, curves = "table1/lstm-3x2-lr0.5", [], {}
for name in ("literal", "caption"):
    e = experiment(row, name, budget=budget)
    trials = [run(e, seed, curve_every=500) for seed in range(n)]
    results.append((row, name, budget, trials))
    curves[name] = trials[1].curve

# %%
Markdown(tables.beside(results))

# %% mystnb={"figure": {"name": "fig-reber-learning", "caption": "Learning curves of one trial, the same seed under both protocols: half the summed squared error of a string, mean over 500 strings. It cannot fall to zero: where two symbols may follow, the one that does is chance. Targets of 0.1 and 0.9 instead of 0 and 1 make every error smaller, so the levels of the two curves are not to be compared, only their course."}, "image": {"alt": "Two learning curves against the number of strings presented. Both fall quickly at first and then more slowly; the curve of the caption protocol ends early, when the trial has succeeded."}} tags=["hide-input"]
_, ax = plt.subplots()
for name, curve in curves.items():
    figures.learning(ax, curve, name)
_ = ax.legend()

# %% [markdown]
# ## The other methods
#
# Three further rows of Table 1 come from other publications, with nets, counts and criteria of
# their own. Here all rows have the same sets, the same criterion and the same number of trials.

# %%
for row in ("rtrl-3", "rtrl-12", "elman-15", "rcc", "lstm-3x2-lr0.5"):
    net = learner_of(experiment(f"table1/{row}")).net
    print(f"{row:15}", net)

# %% [markdown]
# The first two are fully recurrent and know the whole gradient, forward in time. The third drops
# everything that would leave the current step. The fourth starts without hidden units and adds
# them one by one, each trained to correlate with what is still wrong, then frozen. What does a net
# without the far gradient learn? The criterion, taken apart: all symbols of a string; all but the
# outer one, the last but one; the outer one alone.

# %%
rng = generators(5, 1)[0]
fresh = [reber.embedded(rng) for _ in range(256)]
parts = {
    judged: reber.string_set(fresh, judged=judged)
    for judged in reber.JUDGED
}

# %% [markdown]
# And how much of the outer symbol's error gets back to where that symbol was read? Of what the
# error at the outer symbol would change in the weights into hidden units (full gradient), this is
# the part that the step of reading it brings:


# %%
def from_outer(net):
    """Median share of that step in the change, by size."""
    values = []
    for string in fresh[:50]:
        symbols = [reber.SYMBOLS.index(s) for s in string[:-1]]
        parts = np.abs(contributions(net, symbols)[:, : net.hidden.size])
        values.append(parts.sum(axis=1)[-2] / parts.sum())
    return np.median(values)


# %%
both = ("elman-15", "literal"), ("lstm-3x2-lr0.5", "caption")
shares = {}
for row, name in both:
    setup, _ = prepare(experiment(f"table1/{row}", name), 1)
    net, shares[row] = setup.net, []
    before = from_outer(net)
    for _ in range(choose(profile, quick=25, full=100)):
        online(*setup, 1_000)
        shares[row] += [[share_predicted(net, s) for s in parts.values()]]
    print(f"{row}: {before:.1e} at first, {from_outer(net):.1e} at last")

# %% mystnb={"figure": {"name": "fig-shares", "caption": "One trial of each net, LSTM under the protocol caption: the share of 256 fresh strings in which everything is predicted, everything but the outer symbol, and the outer symbol alone (which a net that knows nothing of it gets right in half of the strings)."}, "image": {"alt": "Two panels, Elman net and LSTM, share of strings against the number of strings presented. The Elman net soon predicts all but the outer symbol in every string, while the outer symbol alone stays at about one half. With LSTM all three shares rise to about one."}} tags=["hide-input"]
_, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True)
for ax, (row, values) in zip(axes, shares.items(), strict=True):
    sequences = 1_000 * np.arange(1, len(values) + 1)
    _ = ax.plot(sequences, values, label=list(parts))
    _ = ax.set(title=row, xlabel="strings presented", ylim=(-0.03, 1.03))
_ = axes[0].set(ylabel="share of strings predicted")
_ = axes[1].legend(loc="lower right", fontsize=9)

# %%
for row, values in shares.items():
    last = ", ".join(
        f"{v:.0%} {k}" for k, v in zip(parts, values[-1], strict=True)
    )
    print(f"{row} after {1_000 * len(values):,} strings: {last}")

# %% [markdown]
# What separates the two is the one symbol that has to be carried over the whole inner string: the
# Elman net has solved everything else, and guesses that one. The table below has the same as a
# criterion, `but-outer`.
#
# ## The full trials, from records
#
# Thirty trials a row, as in the paper: three pairs of sets, ten initial weights each; three hundred
# on thirty pairs where a trial costs seconds. They were run once (`errorflow run`), with seeds that
# no page or pilot had seen, and are kept. A row *holds* if its success rate is within 15 points of
# the published one and its mean learning time within a factor of 1.5. `but-outer` drops the
# outer symbol from the criterion, `smith-zipser` and `cleeremans` are the cited authors'
# readings as far as they are known.

# %% tags=["hide-input"]
records = list(committed().read().values())
rows = matching(["table1/*"])
entries = tables.table("table1", records)
Markdown(tables.markdown(entries, rows))

# %% mystnb={"figure": {"name": "fig-reber-trials", "caption": "Every recorded trial of Table 1: circles learned, after as many strings; crosses are trials that failed, at their cap; black bars are the published means."}, "image": {"alt": "Rows of dots on a logarithmic axis, one row for each line of the table and protocol. LSTM with the ranges of the caption learns in nearly all trials, under the literal text in a part of them; the Elman net's trials are crosses at the cap."}} tags=["hide-input"]
groups = tables.groups("table1", records)
_, ax = plt.subplots(figsize=(7, 0.8 + 0.42 * len(groups)))
figures.trials(ax, groups)

# %% [markdown]
# RTRL with twelve hidden units learns in most trials, under both readings, with three in few or
# none: published are the two ends of a range of successful runs, and there the times are shorter
# than ours. The Elman net never learns the outer symbol and always everything else, so that its
# published failure is that symbol's. Recurrent cascade-correlation succeeds in a sixth of the trials
# where its author had half of six. Of the LSTM rows, blocks of two cells come near the published
# rates under `caption` and blocks of one cell under neither reading; all times are longer than
# published.
#
# Trials that share their strings are alike, so an interval that takes them for independent is too
# narrow. Drawing whole pairs of sets with replacement instead (bootstrap):

# %% tags=["hide-input"]
Markdown(tables.by_pairs(records))

# %% [markdown]
# Anyone can check a record: `errorflow verify` runs them again. The shortest one of each LSTM row
# and protocol, here:

# %%
shortest = {}
for r in sorted(records, key=lambda r: -r.seconds):
    if r.row in rows and "lstm" in r.row:
        shortest[r.row, tables.reading(r.protocol, r.options)] = r
for (row, name), record in sorted(shortest.items()):
    changed = runner.differs(record)
    print(f"{row} {name}, seed {record.seed}:", changed or "the same")

# %% [markdown]
# ## What differs from the paper
#
# | detail | the papers | here | why |
# |---|---|---|---|
# | ranges of $g$ and $h$ | text and caption disagree | both, as `literal` and `caption` | unknown which was run |
# | targets | not stated | 0/1 and, with `caption`, 0.1/0.9 | unknown |
# | weights change | "on-line" | after every step; `per-sequence` after every string | unknown |
# | test of success | when is not stated | every 20 strings | unknown |
# | cap of a failed trial | not stated | printed in the table above | a trial has to end |
# | RTRL | two ends of the range of successful runs; fresh strings, no resets, another criterion | 30 trials, sets and criterion of the LSTM rows; `smith-zipser` has their stream of strings and clamped visible units | one experiment for all |
# | Elman net | best run; learning rate and momentum not stated | learning rate 0.1; `cleeremans`: contexts start at 0.5, momentum 0.5 | not stated |
# | RCC | six runs on five sets, one of them a second attempt | 30 trials | one experiment for all |
#
# Failures under `literal` are a result, not a defect of the code: the rule is exact, and nothing
# was tuned.
#
# ```{exercise}
# :label: ex-floor
# Why can the squared error of a string not reach zero, however well a net has learned?
# ```
#
# ```{solution} ex-floor
# :class: dropdown
# At most places two symbols may follow, each with probability 1/2. The best a net can do is to
# predict 1/2 for both, which leaves half the sum of $2 \cdot (1/2)^2$, one quarter, at each such
# place.
# ```

# %% [markdown]
# ## Claims on this page
#
# The cells of the table have their verdicts above, and among all claims [here](80-verdicts).

# %% tags=["hide-input"]
ledger = [e for e in claims.committed() if e["kind"] != "table cell"]
Markdown(claims.markdown(ledger, "40-embedded-reber"))
