# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Above the single time step a lag of a hundred is short, as long as it is always the same
#
# ```{admonition} The finding
# :class: finding
# The chunkers solve task 2a at lag 100 in hundreds of sequences: what is predictable never reaches
# the upper net, whose own lag is one step. With random symbols in between everything reaches it, and
# nothing is learned. Ring's units, which modify connections, learn a gap in about as many epochs as
# it has letters, with two units for each letter. Their error is not scaled at all on its way
# back: the factor is 1 a step, as far as there are units, and 0 beyond. At any lag but the one they
# were trained at their answer is a guess.
# ```
#
# **What you will see:** what reaches the chunker, levels added one by one, units added one by one,
# and what becomes of them at another lag. **What it needs:** [the task](41-two-sequences), [the
# flow](20-how-the-error-travels). **Minutes:** fifteen.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims, figures
from errorflow.cause import contributions
from errorflow.claims.higher import EPOCHS, delayed, preferred, trained_at
from errorflow.methods import Experiment, prepare, run
from errorflow.nets.transitions import transitions
from errorflow.numerics import generators
from errorflow.profiles import choose
from errorflow.rules import Loss, learn
from errorflow.rules.frozen import frozen
from errorflow.rules.transitions import growing
from errorflow.sequences import Marked
from errorflow.statistics import summary
from errorflow.tasks import blank, draw
from errorflow.tasks.gap import gap
from errorflow.training import online, streak

figures.use_style()
seeds = range(choose(profile, quick=3, full=10))

# %% [markdown]
# ## The chunker
#
# ```{admonition} The paper, Section 3, type (3)
# :class: paper
# If a problem with long time lags has local regularities, a hierarchical chunker system works well.
# ```
#
# **Idea** {cite}`r23`. What can be predicted carries no news. A net $A$, the *automatizer*, predicts
# each next symbol; a second net $C$, the *chunker*, reads only the symbols that $A$ failed to
# predict. In $C$'s time they follow each other directly, whatever lies between them in ours.
#
# **Equations.** Let $x(t)$ be the symbol that comes, $p_A$ and $q_A$ what $A$ has predicted, of the
# symbol and of $C$'s hidden unit $h_C$, and $p_C$ what $C$ predicted when it last read anything.
#
# $$E_A = |p_A - x(t)|^2 + (q_A - h_C)^2, \qquad
# E_C = |p_C - x(t)|^2 \ \text{ if } \max_k |p_A - x(t)|_k > \varepsilon .$$
#
# Both nets learn by RTRL. If $A$ failed, $C$ first learns and then reads $x(t)$; else $C$ stays as
# it is. The second part of $E_A$ asks $A$ at every step for what $C$ remembers: it is to make $A$
# able to do without $C$. What $\varepsilon$ was is not stated; here it is 0.25.
#
# **In code** the rule `rules/chunker.py` is these steps in this order: `correct` changes the outputs
# and says whether $A$ failed, `reproduce` is the second part of $E_A$, `receive` reads a symbol and
# carries the derivatives on. It counts what $C$ has read, as `rule.inputs`:


# %%
def read_by_C(p, seed, regular, n=60, block=25):
    """Return how many symbols C reads, for each block of sequences."""
    about = (("regular", regular), ("goal", 10**6))
    e = Experiment("chunker", "2a", p, n * block, about)
    net, rule, problem, rng, _ = prepare(e, seed)
    counts, judge = [], streak(10**6, at_end=True)
    for _ in range(n):
        before = rule.inputs[0]
        online(net, rule, problem.task, problem.loss, judge, rng, block)
        counts.append((rule.inputs[0] - before) / block)
    return counts


p = 20
kinds = {"2a, regular": True, "2b, random": False}
read = {
    kind: np.mean([read_by_C(p, s, regular) for s in seeds], axis=0)
    for kind, regular in kinds.items()
}
for kind, counts in read.items():
    print(f"{kind}: {counts[0]:.1f} symbols first, {counts[-1]:.1f} later")

# %% mystnb={"figure": {"name": "fig-chunker-inputs", "caption": "Symbols of a sequence that reach the chunker, at lag 20, while the automatizer learns; means of 25 sequences and of several trials. A sequence has 21 symbols."}, "image": {"alt": "Two curves against the number of sequences. For the regular task the curve falls from about twenty to two within a few hundred sequences. For the random task it stays at twenty-one throughout."}} tags=["hide-input"]
_, ax = plt.subplots()
for kind, counts in read.items():
    _ = ax.plot(25 * np.arange(1, len(counts) + 1), counts, label=kind)
_ = ax.axhline(2, color="0.45", linewidth=1, linestyle="-")
_ = ax.text(1500, 2.3, "first and last", ha="right", color="0.35")
_ = ax.set(xlabel="sequences presented", ylabel="symbols read by C", ylim=0)
_ = ax.legend(loc="center right")

# %% [markdown]
# On task 2a $C$ comes to read two symbols, the first and the last, at times fewer, when $A$ happens
# to guess the last one right. (The criterion below, fixed beforehand, wanted 2 at least; it fails by
# that.) On task 2b nothing can be predicted, and $C$
# reads what $A$ reads.
#
# **Error flow.** In $A$ an error is scaled as in any net with one hidden unit: it vanishes. $C$ does
# not have to send one far. From the last symbol to the first it is one step in $C$'s time, at any
# $p$.
#
# **Result.** The published row, on [the page of the second experiment](41-two-sequences), has
# successes in a third of the trials at lag 100 after 32,400 sequences. Here it is judged at the last
# symbol: the automatizer alone, or `as_pair`, $C$ where $A$ fails.


# %%
def row(method, p, budget, about=(), **constants):
    """Return 'successes / trials, mean number of sequences'."""
    e = Experiment(method, "2a", p, budget, about, (*constants.items(),))
    s = summary([run(e, seed) for seed in seeds])
    mean = f", after {s.mean:,.0f}" if s.successes else ""
    return f"{s.successes} / {s.n}{mean}"


# %%
print("lag   automatizer    pair")
for p in (2, 10, 100):
    alone = row("chunker", p, 5_000)
    together = row("chunker", p, 5_000, as_pair=True)
    print(f"{p:3}   {alone:12}   {together}")

# %% [markdown]
# As a pair the nets solve every lag. At lag 2 the automatizer can learn to do without $C$; at longer
# ones it does not within these sequences.
#
# ## The hierarchical chunker
#
# **Idea** {cite}`r23`. The same, without a collapse into one net: a level is trained until it stops
# getting better, then it is frozen, and a level is put above it that reads what it fails to predict.
# The answer is that of the lowest level that did not fail.
#
# **In code.** `nets/hierarchy.py` has levels that are nets of Table 2, `rules/hierarchical_chunker.py`
# hands a symbol up from level to level until one has predicted it. "Stops" means here: 100 sequences
# brought less than 1 %.
#
# **Error flow.** Only the topmost level learns, and what it reads are its own neighbours in time.
#
# **Result.** Published is that it always solves the task, quickly {cite}`nc97`.

# %%
for p in (2, 10, 100):
    print(f"lag {p:3}:", row("hierarchical-chunker", p, 5_000))

# %%
random = (("regular", False),)
print("2b, lag 10:", row("hierarchical-chunker", 10, 10_000, random))
print("2b, lag 10, pair:", row("chunker", 10, 10_000, random, as_pair=True))

# %% [markdown]
# It does. Without local regularities no level finds anything to predict, each hands all symbols on
# to the next, and ten of them know as little as one.
#
# ## Units that modify connections
#
# ```{admonition} The paper, Section 3, type (3)
# :class: paper
# Higher-order units can bridge long time lags. The method is very fast, but it does not generalise
# to temporal dependencies that were not trained, and the number of added units increases with the
# lag.
# ```
#
# **Idea** {cite}`r19`. Start with connections from input symbols to outputs. Where the changes of a
# weight contradict each other, now up, now down, something earlier must decide: add a unit that sees
# the symbol one step before and adds its activation to that weight. Its own weights may contradict
# themselves again, so that a unit is added above it, which sees a step further back.
#
# **Equations.** All units are linear. With $j$ the symbol read at time $t$ and $k$ the unit that
# modifies the connection from $j$ to $i$, if there is one,
#
# $$y_i(t) = w_{ij} + y_k(t-1), \qquad
# D_i(t) = d_i - y_i \ \text{ for outputs}, \qquad
# D_k(t) = D_i(t) \ \text{ if the connection was used.}$$
#
# $\Delta w_{ij} = \alpha D_i$ for the symbol that $i$ saw. A unit modifies one connection only, so
# there is one path from it to an output, and this is the whole gradient of the step's error, not
# a truncated one. A unit is added when the running averages say
#
# $$\overline{|D|} > \Theta\,(\varepsilon + |\overline{D}|) .$$
#
# **In code.** `nets/transitions.py` has the units and what they modify, `rules/transitions.py` the
# changes and the averages; `learn` is one loop over units, lower ones first. Two sequences of the
# gap task, $x\,a\,b\,x\,c\,d\ldots$ and $y\,a\,b\,y\,c\,d\ldots$, by turns, as the net grows:

# %%
task, rng = gap(2, alternating=True), generators(0, 1)[0]
squared = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
published = {"sigma": 0.2, "theta": 1.0, "eps": 0.1}
net = transitions(task.symbols, task.symbols, 40)
rule, symbols = growing(net, 1.5, **published), blank(task)
names = [*"abcdefghijkxy", *(f"u{k}" for k in range(1, 41))]
for epoch in range(1, 7):
    old, squares = net.size[0], 0.0
    for _ in range(2):
        steps = draw(task, rng, symbols)
        squares += learn(rule, net, symbols, steps, squared)[2]
    print(f"epoch {epoch}: error {squares:6.3f}", end="")
    for k in range(old, net.size[0]):
        i, j = net.owner[k], net.source[k]
        print(f", {names[k]} on {names[j]}-{names[i]}", end="")
    print()

# %% [markdown]
# After two letters comes $x$ or $y$: the connections $b$-$x$ and $b$-$y$ contradict themselves,
# and so do those from $x$ and $y$, which are followed by $a$ at first and by $c$ the second time.
# One epoch later the units on $b$-$x$ and $b$-$y$ turn out to see an $a$ in both sequences, and get
# a unit each on that connection; these see $x$ or $y$.
#
# What the sources used here leave open, and what was chosen, after a pilot: initial weights are 0;
# averages go on only where a change is not 0, and start with $\overline{|D|} = 0$ and
# $\overline{D} = 1$; activations are not reset between sequences, without which the first symbol
# could not be told from the same symbol later; and a weight that has a modifier changes no more.
# Without the last, all weights along a path change by $\alpha D$ at once. With $m$ of them the
# error of the next time is $1 - m\alpha$ times the old one, and with $\alpha = 1.5$ it grows:

# %%
for settled in (True, False):
    about = (("alternating", True), ("goal", 100))
    constants = (("settled", settled), ("cap", 100))
    o = run(Experiment("ring", "gap", 4, 2_000, about, constants), 0)
    said = f"after {o.sequences / 2:.0f} epochs" if o.success else "never"
    print(f"settled {settled!s:5}: right {said}, {o.net.higher} units")

# %% [markdown]
# ### Error flow
#
# An error at an output goes to the unit that modifies the connection used, with the factor 1, and on
# from there, until a connection has no modifier; where another symbol than the right one was read,
# the factor is 0. Here the part of the weight change that each step brings, for a net of task
# 2a at lag 20 that has learned it, beside that of Table 2's net for BPTT, at its initial weights:

# %% mystnb={"figure": {"name": "fig-ring-flow", "caption": "Norm of the part of the weight change that the use of the weights q steps before the last prediction brings, relative to q = 0, on task 2a with lag 20. Ring's net has learned the task; its last unit sees the first symbol, 19 steps back."}, "image": {"alt": "Against the steps back, on a logarithmic scale, the curve for one logistic hidden unit falls along a nearly straight line by some forty orders of magnitude within nineteen steps. The curve of Ring's net is a horizontal line at one."}} tags=["hide-input"]
p = 20
symbols = [p - 1, *range(p - 1), p - 1]
trained = run(Experiment("ring", "2a", p, 5_000), 0).net
start = prepare(Experiment("bptt", "2a", p, 1), 0).net
flows = {}
for label, net in (("Ring's units", trained), ("one unit, BPTT", start)):
    norms = np.linalg.norm(contributions(net, symbols), axis=1)
    flows[label] = norms / norms[0]
_, ax = plt.subplots()
for label, flow in flows.items():
    _ = ax.plot(np.arange(p), flow, label=label)
_ = ax.set(xlabel="steps back q", ylabel="relative size", yscale="log")
_ = ax.set_xticks(range(0, p, 4))
_ = ax.legend(loc="lower left")

# %%
for label, flow in flows.items():
    print(f"{label}: {flow[-1]:.0e} at q = {p - 1}")

# %% [markdown]
# The error does not vanish, but neither does it find the lag by itself: the path to the symbol 19
# steps back exists because nineteen units have been put there one after the other.
#
# ### The gap task
#
# Published are $\text{gap} + 2$ epochs, and the number of units. What counts as right is not said;
# here it is, first, an error below 0.25 at every output, and second, that the right output is the
# largest. Counted are the epochs before the first of those without a mistake.


# %%
def epochs_until_largest(length):
    """Return the epochs before the first without a mistake."""
    task, rng = gap(length, alternating=True), generators(0, 1)[0]
    net = transitions(task.symbols, task.symbols, 100)
    rule, symbols = growing(net, 1.5, **published), blank(task)
    epoch, wrong = -1, 1
    while wrong:
        epoch, wrong = epoch + 1, 0
        for _ in range(2):
            steps = draw(task, rng, symbols)
            marked = Marked(symbols, 1 << symbols[1:], True)
            wrong += learn(rule, net, marked, steps, squared)[0]
    return epoch


# %% tags=["hide-input"]
UNITS = {2: 10, 4: 15, 6: 19, 8: 23, 10: 27, 24: 49}
about = (("alternating", True), ("goal", 100))
lines = [
    "| gap | published | error < 0.25 | largest | units published | here |",
    "|---:|---:|---:|---:|---:|---:|",
]
for length in EPOCHS:
    o = run(Experiment("ring", "gap", length, 2_000, about), 0)
    cells = length, EPOCHS[length], f"{o.sequences / 2:.0f}"
    cells += epochs_until_largest(length), UNITS[length], o.net.higher
    lines.append(f"| {' | '.join(map(str, cells))} |")
Markdown("\n".join(lines))

# %% [markdown]
# ### Reber strings
#
# The plain grammar, not the embedded one, strings in one stream, up to 40 units, other constants.
# Published: 206 strings, with a deviation of 17, and 100 strings in a row without a mistake as
# the end. Whether these hundred are among the 206 is not said, nor what a mistake is.

# %%
slow = (("alpha", 0.04), ("sigma", 0.08), ("cap", 40))
for strict in (True, False):
    e = Experiment("ring", "reber", 64, 3_000, (("strict", strict),), slow)
    times = np.array([run(e, seed).sequences for seed in range(30)])
    what = "all legal ones lead" if strict else "the largest is legal"
    m = times.mean()
    print(
        f"{what:20}: {m:.0f} strings, with the last hundred {m + 100:.0f}"
    )

# %% [markdown]
# With the hundred counted either reading comes near the published number; the other nets compared
# there need some 20,000 strings.
#
# ### Other lags
#
# What is asked for is the first symbol, $x$ or $y$, after a run of equal symbols and a last one that
# says that it is due: $x\,a\ldots a\,b\,x$. A unit that latches would do for any length. Ring's
# net learns the lag of 10, and then only the question is put at other lags: which of $x$ and $y$
# has the larger output?

# %%
nets = [trained_at(10, seed) for seed in seeds]
print("sequences right of 2, for each net; units:", nets[0].higher)
for p in (6, 8, 9, 10, 11, 12, 14):
    print(f"lag {p:2}:", *(preferred(net, p) for net in nets))

# %% mystnb={"figure": {"name": "fig-ring-other-lags", "caption": "The output for x minus that for y, of a net that was trained at lag 10 alone, after sequences that began with x and with y. Above zero the answer is x, below it is y; where the two marks coincide it does not depend on the first symbol."}, "image": {"alt": "Two marks for each lag from 6 to 14. At lag 10 the mark for x first stands at one and the mark for y first at minus one. At every other lag the two marks lie on each other, some above and some below zero."}} tags=["hide-input"]
lags, leads = range(6, 15), []
for p in lags:
    for symbols in delayed(p):
        judge = frozen(nets[0])
        _ = learn(judge, nets[0], symbols, p, squared)
        leads.append(judge.y[2] - judge.y[3])
leads = np.reshape(leads, (-1, 2))
_, ax = plt.subplots()
_ = ax.plot(lags, leads[:, 0], "o", ms=11, mfc="none", label="x first")
_ = ax.plot(lags, leads[:, 1], "x", ms=7, label="y first")
_ = ax.axhline(0, color="0.3", linewidth=0.8, linestyle="-")
_ = ax.set(xlabel="lag", ylabel="lead of x", xticks=list(lags))
_ = ax.legend()

# %%
same = [p for p, (a, b) in zip(lags, leads, strict=True) if a == b]
print("lags at which the answer is the same for both:", *same)

# %% [markdown]
# At a longer lag the last unit of the chain sees an $a$; at a shorter one the first symbol meets a
# unit that was never trained on it. Either way the answer does not depend on the first symbol, and
# one of the two sequences is right by chance. And each step of a lag needs units of its own:

# %%
for p in (2, 10, 20, 50, 100):
    o = run(Experiment("ring", "2a", p, 5_000), 0)
    print(
        f"2a, lag {p:3}: {o.sequences:4} sequences, {o.net.higher:3} units"
    )

# %%
o = run(Experiment("ring", "2a", 10, 3_000, random), 0)
print(
    "2b, lag 10:", "right" if o.success else "never", o.net.higher, "units"
)

# %% [markdown]
# Lag 100 takes some 500 sequences, 198 units and 30,199 weights. With random symbols in between each sequence leads through other connections,
# and units are added until there is room for no more: as with the chunkers, the speed rests on the
# regularity of the task.
#
# ## What differs from the sources
#
# | detail | the sources | here | why |
# |---|---|---|---|
# | chunker: when $A$ has failed | "some epsilon" | an error above 0.25 | not stated |
# | chunker: who is judged | not stated | $A$ alone, and the pair | both readings are possible |
# | hierarchy: when a level is frozen | when it stops getting better | less than 1 % in 100 sequences | not stated |
# | Ring: weights that have a modifier | not stated | settle | else the published learning rate diverges |
# | Ring: averages | running averages | only of changes that are not 0 | else no unit is added with the published constants |
# | Ring: gap task, right | not stated | an error below 0.25; largest output | both shown |
# | Ring: reset | none for Reber strings | none anywhere | as there |
#
# ## Claims on this page

# %% tags=["hide-input"]
page = "33b-chunkers-and-ring"
Markdown(claims.markdown(claims.read("claims.yml"), page))
