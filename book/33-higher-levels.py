# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # A lag of a hundred is short if states are laid out for it or what lies between is predictable
#
# ```{admonition} The finding
# :class: finding
# Methods on a higher level send something else back than a derivative, shorten its way, or make
# more of it. EM sends back the probability of the target given the state: it crosses a hundred
# steps at once where the designer has laid out states that are never left, and fades like a
# derivative where all transitions are open. Kalman filters make more of each derivative and solve
# some trials at lags of 2 to 4 in a few hundred sequences; within 3,000 most fail at lag 4, and all
# at lag 6. The two-net chunker, judged as a pair, solves lag 100 in hundreds of sequences, the
# hierarchical one in over a thousand: once learned, only about two symbols a sequence reach the
# upper net. With random symbols in between neither solves even lag 10. Ring's units, which modify
# connections, learn a gap in about as many epochs as it has letters, with two units for each, and
# guess at every other lag.
# ```
#
# **What you will see:** state machines trained by EM and what they make of a real number, two
# Kalman filters, what reaches a chunker, units added one by one. **What it needs:**
# [the scaling factor](21-one-factor), [the task](41-two-sequences). **Minutes:** forty.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
from itertools import islice, pairwise

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims
from errorflow.claims import states_and_filters as levels
from errorflow.claims.chunkers_and_ring import EPOCHS, delayed, trained_at
from errorflow.core.loss import Loss
from errorflow.core.numerics import generators
from errorflow.core.sequences import Marked
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.interventions import (
    contributions,
    start_with_flow,
)
from errorflow.experiments.rows import experiment, row
from errorflow.experiments.run import learner_of, prepare, run
from errorflow.experiments.training import online
from errorflow.flow.unrolled import growth
from errorflow.methods import all_methods
from errorflow.nets import output_size, read, step
from errorflow.nets.hierarchy import level
from errorflow.nets.transitions import transitions
from errorflow.records import tables
from errorflow.records.store import committed
from errorflow.rules import learn
from errorflow.rules.no_learning import no_learning
from errorflow.rules.transitions import growing
from errorflow.tasks import blank, draw
from errorflow.tasks.gap import gap

figures.use_style()

several = choose(profile, quick=3, full=10)


def common(entry, p, budget=None, **options):
    """The common test's experiment at lag p, some options changed."""
    e = experiment(f"bridge/{entry}-p10", budget=budget)
    return e.changed(p=p, **options)


def trials(e, n):
    """Successes of n trials, and the mean time of those."""
    results = [run(e, seed) for seed in range(n)]
    times = [r.sequences for r in results if r.success]
    mean = f", {np.mean(times):,.0f}" if times else ""
    return f"{len(times)} of {n}{mean}"


def table(titles, rows):
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(str, r))} |" for r in lines)


# %% [markdown]
# ## EM: the target goes back, not its derivative
#
# ```{admonition} The paper, Section 3, type (3)
# :class: paper
# An approach by expectation and maximisation propagates targets {cite}`r01`. It has a discrete
# number of states and will therefore have problems with continuous values.
# ```
#
# **Idea.** The net is a machine with $n$ states. Each input $u_t$ picks the probabilities
# $\varphi_{ij,t} = P(x_t = i \mid x_{t-1} = j, u_t)$ with which it goes from state $j$ to state
# $i$; the target is a final state. Given that target, how probable is each transition on the way?
# Make every transition as frequent as it is on the ways that end where they should.
#
# **Equations.** $\zeta$ is what is known before the target, $\beta$ what the target says, $h$ both
# together; $L = P(\text{target})$.
#
# $$
# \begin{aligned}
# \zeta_{i,t} &= \sum_j \varphi_{ij,t}\, \zeta_{j,t-1} \\
# \beta_{j,t-1} &= \sum_i \varphi_{ij,t}\, \beta_{i,t} \\
# h_{ij,t} &= \zeta_{j,t-1}\, \varphi_{ij,t}\, \beta_{i,t} \,/\, L
# \end{aligned}
# $$
#
# $\zeta_{i,0}$ is 1 for the start and 0 for all other states, $\beta_{i,T}$ is 1 for the wanted
# final state and 0 for all others. A table entry becomes the share of its transition,
# $\varphi_{ij}(k) = \sum_{t: u_t = k} h_{ij,t} / \sum_{t: u_t = k} \sum_l h_{lj,t}$. For real
# inputs $\varphi_{\cdot j}$ is a softmax of the input, whose weights take a step up the gradient of
# $\sum h \log \varphi$, short enough not to lower that sum. Neither then lowers the product of $L$
# over the training set.

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.nets.state_machine import StateMachine
from errorflow.rules.expectation import Expectation, _infer, _maximise

show(StateMachine.step, _infer, _maximise, Expectation.epochs)

# %% [markdown]
# **At work.** Task 2a at lag 100, the last symbol alone. As the authors did for their two-class
# problem, we lay the states out: a start, and a final state for each class that is never left.

# %%
setup, _ = prepare(experiment("bridge/em-p100"), 100)
net, rule, data, loss, _, rng = setup
print("half the summed squared error")
passes = islice(rule.epochs(net, data, loss, rng), 4)
for k, (_, squared, n) in enumerate(passes, 1):
    print(f"{squared:.3f} before pass {k} over {n} sequences")
print(net)

# %% [markdown]
# One or two passes do it, as the common test below counts. Only the first symbol decides which
# final state is entered, and what is entered stays. Nothing is lost between the first step and the
# last.
#
# ## The credit against q
#
# What takes the place of the error flow is $\beta$: it tells how much more probable the target is
# from one state than from another, $q$ steps before the end. Only the ratios of its entries count
# in $h$. So the spread $1 - \min_j \beta_{j,T-q} / \max_j \beta_{j,T-q}$ is the credit that the
# transitions of that step can get. Between the two final states of the laid-out machine it is 1 for
# every $q$. In a machine whose tables are drawn with all transitions open, it shrinks at about the
# same rate with each step:


# %%
def spread(net, inputs, among):
    """1 - min / max over states of P(target | state), q steps back."""
    n = net.output.shape[1]
    phi = net.transition.reshape(n, n, -1)
    beta, found = net.output[-1], []
    for x in reversed(inputs):
        found.append(1 - beta[among].min() / beta[among].max())
        beta = (phi[:, :, x] * beta[:, None]).sum(axis=0)
    return np.array(found)


def credit(method, p, among, seeds, **options):
    """The spread at the start, a row for each of the seeds."""
    e, inputs = common(method, p, **options), [p, *range(p - 1)]
    nets = [learner_of(e, seed).net for seed in range(seeds)]
    return np.array([spread(net, inputs, among) for net in nets])


# %%
p, seeds = 20, choose(profile, quick=20, full=100)
curves = {
    "start and final states": credit("em", p, [1, 2], seeds),
    "3 states, all open": credit("iohmm", p, slice(None), seeds),
    "8 states, all open": credit("iohmm", p, slice(None), seeds, states=8),
}

# %% mystnb={"figure": {"name": "fig-state-credit", "caption": "How much the target tells about the state $q$ steps before it, in machines at their start: median over random tables, and the middle half of them. Laid out with final states that are never left, nothing fades; with all transitions open it fades about exponentially."}, "image": {"alt": "Three curves on a logarithmic axis against steps back. The laid-out machine's is flat at one. That of three open states falls steadily to below ten to the minus eleven within twenty steps, that of eight states falls somewhat faster."}} tags=["hide-input"]
_, ax = plt.subplots()
for label, values in curves.items():
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
    (line,) = ax.plot(middle, label=label)
    _ = ax.fill_between(
        np.arange(p), low, high, color=line.get_color(), alpha=0.15, lw=0
    )
_ = ax.set(yscale="log", xlabel="steps back, q", ylabel="spread of β")
_ = ax.set_xticks(range(0, p, 5))
_ = ax.legend()

# %% [markdown]
# At this pace the differences fall below the rounding of float64 within some twenty-five steps, and
# nothing is left for EM to see. EM is no way around the vanishing as such. It is the layout that
# keeps the credit, as a self-connection of 1 does in a memory cell.
#
# ## EM on its authors' tasks
#
# The 2-sequence problem (three elements tell the class, noise follows, lengths from $T/2$ to $T$):
# a start and two chains of three states, softmax transitions. Parity: two states, tables, all
# transitions open. Success is a training set and a test set of 100 sequences without a wrong
# output; after it stands the mean number of sequences presented.

# %%
n, rows = choose(profile, quick=3, full=20), []
for T in (10, 20, 50, 100):
    name = f"em/2-sequence-p{T}"
    published, ours = row(name).sequences, trials(experiment(name), n)
    rows.append(("2-sequence", T, ours, f"{published:,}"))
for T in (3, 5, 10, 50):
    e = experiment("em/parity-p500").changed(longest=T)
    rows.append(("parity", T, trials(e, n), "–"))
Markdown(table(["task", "T", "solved", "published"], rows))

# %% [markdown]
# The published error on the 2-sequence problem is 0 % at all lengths, and ours agrees, in fewer
# presentations. On parity the authors report 12 % errors for sequences of 250 to 500 steps after
# 3,400 presentations. There no layout helps, because both states must be left at every input 1, and
# plain EM gets no further than a few steps. The authors added terms to the criterion that push the
# tables' determinants away from 0. That is the fading above: a two-state table multiplies the
# difference of the two $\beta$ by its determinant, exactly. We did not rebuild these terms.
#
# ## IOHMM: the outputs are learned too
#
# **Idea.** In an input/output hidden Markov model nobody names the states. Each has its own output
# probabilities, $P(\text{class } k \mid x_T = i)$, which EM learns with the transitions.
# **Equations.** As above, with $\beta_{i,T} = P(\text{target} \mid x_T = i)$; an output becomes the
# share of its class among the sequences that end in state $i$. **On its authors' task,** Tomita's
# grammars, with the published numbers of states:

# %%
n, rows = choose(profile, quick=4, full=20), []
for g in range(1, 8):
    name = f"iohmm/tomita{g}-p10"
    e, published = experiment(name), row(name).success
    rows.append((g, e["states"], trials(e, n), f"{published:.0f} %"))
titles = ["grammar", "states", "solved", "published (training)"]
Markdown(table(titles, rows))

# %% [markdown]
# Many trials end in a local maximum, in the literature as here. **The common test,** the last
# symbol of task 2a, tables drawn with all transitions open:

# %%
n, rows = choose(profile, quick=4, full=10), []
for p in (2, 4, 6, 10):
    em, iohmm = (trials(common(m, p), n) for m in ("em", "iohmm"))
    rows.append((p, em, iohmm))
Markdown(table(["lag", "EM, laid out", "IOHMM, open"], rows))

# %% [markdown]
# ## A real number in a discrete machine
#
# A number from [0, 1] is shown at the first step and wanted five steps later. The machine is taught
# to end in state $k$ of $n$ if the number lies in the $k$-th of $n$ equal parts of [0, 1]. What it
# has kept is read off as the middle of the part of the most probable state. Even of the right part
# the middle is off by $1/(n\sqrt{12})$ on average, root mean square; what it comes to for the 200
# numbers tested is printed beside the error. The other way to teach: two states, and the second one
# is the target with the number itself as probability.

# %%
passes, kept = 500, {}
for n in (2, 4, 8):
    numbers, y = levels.keep(
        n, passes, lambda u, rng, n=n: levels.parts(u, rng, n=n)
    )
    kept[n] = numbers, (y.argmax(axis=1) + 0.5) / n
    best = (np.floor(n * numbers) + 0.5) / n
    error = levels.rms(kept[n][1] - numbers)
    least = levels.rms(best - numbers)
    print(f"{error:.3f}, at best {least:.3f}: {n} states")
numbers, y = levels.keep(2, 200, levels.drawn)
print(f"{levels.rms(y[:, 1] - numbers):.3f}: 2 states, read as probability")

# %% mystnb={"figure": {"name": "fig-states-number", "caption": "A number that was shown, and what the machine still has of it five steps later: the middle of the most probable one of 2, 4 and 8 parts, and, for two states taught with the number as probability, the probability itself."}, "image": {"alt": "Two panels of what was kept against what was shown. Left: staircases around the diagonal. Two and four states give even steps; of eight states one is never used, and the widths of the seven steps are uneven. Right: the probability of one of two states rises smoothly in a flat S close to the diagonal."}} tags=["hide-input"]
_, axes = plt.subplots(1, 2, sharey=True)
for n, (shown, value) in kept.items():
    order = np.argsort(shown)
    _ = axes[0].plot(shown[order], value[order], label=f"{n} states")
order = np.argsort(numbers)
_ = axes[1].plot(numbers[order], y[order, 1], label="probability, 2 states")
for ax in axes:
    _ = ax.plot([0, 1], [0, 1], color="0.5", linewidth=1, linestyle="-")
    _ = ax.set(xlabel="number shown")
    _ = ax.legend(loc="upper left")
_ = axes[0].set(ylabel="number kept")

# %% [markdown]
# The paper's judgement holds for the states, and eight of them, one of which is never used, come
# out worse than they could be. The reason it gives does not bind: what the machine carries from
# step to step is a distribution over the states, and that is a real number. Two states that are
# never left keep it.
#
# ## Kalman filters
#
# ```{admonition} The paper, Section 3, type (3)
# :class: paper
# Kalman filter techniques have been used to train recurrent nets {cite}`r18`. But a derivative
# discount factor leads to vanishing gradient problems.
# ```
#
# **Idea.** The weights are what is to be estimated, each target is a noisy measurement of them. The
# filter keeps a covariance $P$ that says how uncertain each weight still is, and so how far an
# error may move it. The *global* filter has one $P$ for all weights, the *decoupled* one a $P_g$
# for the weights into each unit $g$.
#
# **Equations.** $\xi = d - y$ is the error, $H_g = (\partial y / \partial w_g)^T$ has one column
# for each output and comes from RTRL, $R$ and $Q$ are the covariances of the noise of targets and
# weights:
#
# $$
# \begin{aligned}
# A &= \Big(R + \sum_g H_g^T P_g H_g\Big)^{-1} \\
# w_g &\leftarrow w_g + P_g H_g A\, \xi \\
# P_g &\leftarrow P_g - P_g H_g A H_g^T P_g + Q
# \end{aligned}
# $$

# %% tags=["remove-input"]
from errorflow.rules.covariance import shrink
from errorflow.rules.kalman import update

show(update, shrink)

# %% [markdown]
# On a linear unit this is the method of least squares; with a small $P$ it is a gradient step. The
# derivatives of the hidden activations $y_h$ are carried forward with a discount $\gamma$:
#
# $$
# \frac{\partial y_h(t)}{\partial w} =
# f' \Big[\gamma\, W\, \frac{\partial y_h(t-1)}{\partial w} + \dots \Big]
# $$

# %% tags=["remove-input"]
from errorflow.rules.kalman import Kalman, differentiate

show(Kalman.learn, differentiate)

# %% [markdown]
# **Error flow.** So the part of the derivative that comes from $q$ steps back is $\gamma^q$ times
# what it is without a discount. In task 2a each input is read once, and its weight shows its part:


# %%
def parts_of(net, p, gamma):
    """The largest |dy / dw| by the weight from the input q steps back."""
    H = np.abs(levels.last_H(net, p, gamma)).max(axis=0)
    return H[[*range(p - 2, -1, -1), p]]


p, gammas = 40, (1.0, 0.99, 0.9)
small = levels.drawn_net(p, 0, 0.2)
flowing = levels.drawn_net(p, 0, 0.2)
start_with_flow(flowing)
flows = [
    {gamma: parts_of(net, p, gamma) for gamma in gammas}
    for net in (small, flowing)
]

# %% mystnb={"figure": {"name": "fig-kalman-discount", "caption": "The derivative of the outputs by the weight from the input $q$ steps back, as the filter has it, for three discounts. Left: Table 2's net at its initial weights. Right: the same net with a self-connection of 4, which brings the flow near 1."}, "image": {"alt": "Two panels on logarithmic axes. Left, three curves lie almost on top of each other and fall to about ten to the minus ninety within forty steps. Right, the scale covers a few powers of ten only: the three curves fan out, that for a discount of 0.9 falling about two powers of ten further than that without."}} tags=["hide-input"]
_, axes = plt.subplots(1, 2)
titles = ("initial weights", "self-connection of 4")
for ax, curves, title in zip(axes, flows, titles, strict=True):
    for gamma, values in curves.items():
        _ = ax.plot(values / values[0], label=f"γ = {gamma}")
    _ = ax.set(yscale="log", xlabel="steps back, q", title=title)
_ = axes[0].set(ylabel="derivative, relative to q = 0")
_ = axes[1].legend()

# %% [markdown]
# The discount does what the paper says. But at the usual weights it is not what makes the
# derivative vanish: a factor of 0.9 a step is nothing beside the net's own, and only where the flow
# is near 1 does it show.
#
# **The common test.** Gradient descent (RTRL), the two filters, and the decoupled filter with a
# discount, 3,000 sequences; again successes, and the mean number of sequences:

# %%
n, rows = choose(profile, quick=5, full=30), []
for p in (2, 3, 4, 6):
    each = [
        common(method, p, 3_000)
        for method in ("rtrl", "kalman", "decoupled-kalman")
    ]
    each.append(each[-1].changed(gamma=0.9))
    rows.append([p, *(trials(e, n) for e in each)])
titles = ["lag", "RTRL", "global", "decoupled", "decoupled, γ = 0.9"]
Markdown(table(titles, rows))

# %% [markdown]
# Where a filter succeeds within these sequences, it mostly does so in far fewer than gradient
# descent. But the global one fails in most trials from lag 3 on, the decoupled one from lag 4 on at
# the latest, and at lag 6 both fail in all; some of the means rest on one trial. The filters do not
# change what the derivative holds. The discount of 0.9 makes no difference that these trials could
# show. Each sequence has its price: a global filter's covariance has $(p+2)^4$ entries, which ends
# its rows at lag 10.

# %% [markdown]
# ## The chunker
#
# ```{admonition} The paper, Section 3, type (3)
# :class: paper
# If a problem with long time lags has local regularities, a hierarchical chunker system works well.
# ```
#
# **Idea** {cite}`r23`. What can be predicted carries no news. A net $A$, the *automatizer*,
# predicts each next symbol; a second net $C$, the *chunker*, reads only the symbols that $A$ failed
# to predict. In $C$'s time they follow each other directly, whatever lies between them in ours.
#
# **Equations.** Let $x(t)$ be the symbol that comes, as a vector, $p_A$ and $q_A$ what $A$ has
# predicted, of the symbol and of $C$'s hidden unit $h_C$, and $p_C$ what $C$ predicted when it last
# read anything.
#
# $$
# \begin{aligned}
# E_A &= |p_A - x(t)|^2 + (q_A - h_C)^2 \\
# E_C &= |p_C - x(t)|^2 \\
# &\phantom{=}\ \text{if } \max_k |p_{A,k} - x_k(t)| > \varepsilon
# \end{aligned}
# $$
#
# Both nets learn by RTRL. If $A$ failed, $C$ first learns and then reads $x(t)$; else $C$ stays as
# it is. The first symbol of a sequence it reads in any case. The second part of $E_A$ asks $A$ at
# every step for what $C$ remembers: it is to make $A$ able to do without $C$. What $\varepsilon$
# was is not stated; here it is 0.25.
#
# **In code** the rule `rules/chunker.py` is these steps in this order: `correct` changes the
# outputs and says whether $A$ failed, `reproduce` is the second part of $E_A$, `receive` reads a
# symbol and carries the derivatives on. It counts what $C$ has read, as `rule.inputs`:

# %% tags=["remove-input"]
from errorflow.rules.chunker import Chunker, correct, receive, reproduce

show(Chunker.learn, correct, reproduce, receive)


# %%
def read_by_C(task, p, seed, n=60, block=25):
    """Return how many symbols C reads, for each block of sequences."""
    setup, _ = prepare(Experiment("chunker", task, n * block, p=p), seed)
    counts = []
    for _ in range(n):
        before = setup.rule.inputs[0]
        online(*setup, block)
        counts.append((setup.rule.inputs[0] - before) / block)
    return counts


p = 20
kinds = {"2a, regular": "2a", "2b, random": "2b"}
reached = {
    kind: np.mean([read_by_C(task, p, s) for s in range(several)], axis=0)
    for kind, task in kinds.items()
}

# %% mystnb={"figure": {"name": "fig-chunker-inputs", "caption": "Symbols of a sequence that reach the chunker, at lag 20, while the automatizer learns; means of 25 sequences and of several trials. A sequence has 21 symbols."}, "image": {"alt": "Two curves against the number of sequences. For the regular task the curve falls from twenty-one to two within about one hundred sequences. For the random task it stays at twenty-one throughout."}} tags=["hide-input"]
_, ax = plt.subplots()
for kind, counts in reached.items():
    _ = ax.plot(25 * np.arange(1, len(counts) + 1), counts, label=kind)
_ = ax.axhline(2, color="0.45", linewidth=1, linestyle="-")
_ = ax.text(1500, 2.3, "first and last", ha="right", color="0.35")
_ = ax.set(xlabel="sequences presented", ylabel="symbols read by C", ylim=0)
_ = ax.legend(loc="center right")

# %% [markdown]
# On task 2a all symbols reach $C$ at first. Once $A$ has learned the regular part, two are left,
# the first and the last, at times fewer, when $A$ happens to guess the last one right. On task 2b
# nothing can be predicted, and $C$ reads what $A$ reads.
#
# **Error flow.** In $A$ an error is scaled as in any net with one hidden unit: it vanishes. $C$
# does not have to send one far. Of the symbols in the one sequence that is traced here, each net
# reads those that the net below it has missed. In its own time $q$ steps lie between the last
# symbol read before the target and the first, and over these the error of the target is scaled by a
# factor:


# %%
def missed(net, symbols):
    """The first symbol, and those that a net fails to predict."""
    n, found = net.hidden.shape[1] - 1, [symbols[0]]
    state, y = np.zeros(1), np.zeros(output_size(net))
    for x, d in pairwise(symbols):
        before, state = state, np.zeros(1)
        step(net, x, before, state)
        read(net, x, state, y)
        if np.abs(y[:n] - np.eye(n)[d]).max() > 0.25:
            found.append(d)
    return found


def flows_up(stack, p):
    """For each net: symbols read, steps from last to first, factor."""
    symbols, rows = [p, *range(p - 1), p], []
    for net in stack:
        q = len(symbols) - 2
        logs = growth(net, np.array(symbols[:-1]), q + 1)[:q]
        rows.append((len(symbols), q, f"{np.exp(logs.sum()):.1g}"))
        symbols = missed(net, symbols)
    return rows


# %%
rows = []
for p in (10, 100):
    pair = run(common("chunker-pair", p, 5_000), 0).net
    lower, upper = flows_up((pair.A, pair.C), p)
    rows += [(p, "A", *lower), (p, "C", *upper)]
Markdown(table(["lag", "net", "symbols read", "q", "factor"], rows))

# %% [markdown]
# In $C$'s time the first symbol is the one just read when the last is to be predicted, at any $p$:
# there is no step to cross, and nothing is scaled.
#
# **Result.** The published row, on [the page of the second experiment](41-two-sequences), has
# successes in a third of the trials at lag 100 after 32,400 sequences. Here it is judged at the
# last symbol: the automatizer alone (`chunker`), or the pair (`chunker-pair`), $C$ where $A$ fails.

# %%
rows = []
for p in (2, 10, 100):
    alone, pair = (
        trials(common(entry, p, 5_000), several)
        for entry in ("chunker", "chunker-pair")
    )
    rows.append((p, alone, pair))
Markdown(table(["lag", "automatizer", "pair"], rows))

# %% [markdown]
# As a pair the nets solve all three lags. At lag 2 the automatizer can learn to do without $C$; at
# the longer ones it does not within these sequences.
#
# ## The hierarchical chunker
#
# **Idea** {cite}`r23`. The same, without a collapse into one net: a level is trained until it stops
# getting better, then it is frozen, and a level is put above it that reads what it fails to
# predict. The answer is that of the lowest level that did not fail.
#
# **In code.** `nets/hierarchy.py` has levels that are nets of Table 2,
# `rules/hierarchical_chunker.py` hands a symbol up from level to level until one has predicted it.
# "Stops" means here: 100 sequences brought less than 1 %.

# %% tags=["remove-input"]
from errorflow.nets.hierarchy import Hierarchy, Pair
from errorflow.rules.hierarchical_chunker import HierarchicalChunker

show(HierarchicalChunker.learn, Hierarchy, Pair)

# %% [markdown]
# **Error flow.** Only the topmost level learns. What a level reads, and the factor, as above:

# %%
rows = []
for p in (10, 100):
    net = run(common("hierarchical-chunker", p, 5_000), 0).net
    stack = [level(net, n) for n in range(net.active)]
    for n, found in enumerate(flows_up(stack, p), 1):
        rows.append((p, n, *found))
Markdown(table(["lag", "level", "symbols read", "q", "factor"], rows))

# %% [markdown]
# **Result.** The published result is that it always solves the task, quickly {cite}`nc97`.

# %%
for p in (2, 10, 100):
    ours = trials(common("hierarchical-chunker", p, 5_000), several)
    print(f"{ours} sequences: lag {p}")

# %% [markdown]
# It does, here too. Without local regularities it does not, and neither does the pair:

# %%
for entry in ("hierarchical-chunker", "chunker-pair"):
    ours = trials(experiment(f"{entry}/2b", budget=10_000), several)
    print(f"{ours} at lag 10: {entry}")

# %% [markdown]
# No level finds anything to predict, and each hands all symbols on to the next.
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
# weight contradict each other, now up, now down, something earlier must decide: add a unit that
# sees the symbol one step before and adds its activation to that weight. Its own weights may
# contradict themselves again, so that a unit is added above it, which sees a step further back.
#
# **Equations.** All units are linear. With $j$ the symbol read at time $t$ and $k$ the unit that
# modifies the connection from $j$ to $i$, if there is one,
#
# $$
# \begin{aligned}
# y_i(t) &= w_{ij} + y_k(t-1) \\
# D_i(t) &= d_i - y_i(t) \quad \text{for outputs} \\
# D_k(t) &= D_i(t) \quad \text{if } w_{ij} \text{ was used, else } 0
# \end{aligned}
# $$
#
# $\Delta w_{ij} = \alpha D_i$ for the symbol that $i$ saw. A unit modifies one connection only, so
# there is one path from it to an output, and this is the whole gradient of the step's error, not a
# truncated one. For each connection there are running averages of $D_i$ and of $|D_i|$, and a unit
# is added where the changes contradict each other:
#
# $$
# \begin{aligned}
# \overline{D} &\leftarrow \sigma D + (1 - \sigma)\, \overline{D} \\
# \overline{|D|} &\leftarrow \sigma |D| + (1 - \sigma)\, \overline{|D|} \\
# \text{add if } \overline{|D|} &> \Theta\,(\varepsilon + |\overline{D}|)
# \end{aligned}
# $$

# %% tags=["remove-input"]
from errorflow.nets.transitions import Transitions
from errorflow.rules.transitions import Growing

show(Transitions.step, Growing.learn)

# %% [markdown]
# **In code.** `nets/transitions.py` has the units and what they modify, `rules/transitions.py` the
# changes and the averages; `learn` is one loop over units, lower ones first. Here a net grows while
# it reads two sequences of the gap task, $x\,a\,b\,x\,c\,d\ldots$ and $y\,a\,b\,y\,c\,d\ldots$, by
# turns:

# %%
task, rng = gap(2, alternating=True), generators(0, 1)[0]
squared = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
published = {"sigma": 0.2, "theta": 1.0, "eps": 0.1}
net = transitions(task.alphabet, task.alphabet, 40)
rule, symbols = growing(net, 1.5, **published), blank(task)
names = [*"abcdefghijkxy", *(f"u{k}" for k in range(1, 41))]
for epoch in range(1, 7):
    old, squares = net.size[0], 0.0
    for _ in range(2):
        steps = draw(task, rng, symbols)
        squares += learn(rule, net, symbols, steps, squared)[2]
    print(f"{squares:6.3f} error in epoch {epoch}", end="")
    for k in range(old, net.size[0]):
        i, j = net.owner[k], net.source[k]
        print(f"\n       {names[k]} on {names[j]}-{names[i]}", end="")
    print()

# %% [markdown]
# After two letters comes $x$ or $y$: the connections $b$-$x$ and $b$-$y$ contradict themselves,
# and so do those from $x$ and $y$, which are followed by $a$ at first and by $c$ the second time.
# One epoch later the units on $b$-$x$ and $b$-$y$ turn out to see an $a$ in both sequences, and get
# a unit each on that connection; these see $x$ or $y$.
#
# What the sources used here leave open, and what was chosen, after a pilot: initial weights are 0;
# averages go on only where a change is not 0, and start with $\overline{|D|} = 0$ and
# $\overline{D} = 1$; activations are not reset between sequences, because otherwise the first
# symbol could not be told from the same symbol later; and a weight that has a modifier changes no
# more. Without the last, the $m$ weights along a path would change by $\alpha D$ at once, and
# multiply the error by $1 - m\alpha$: with the published $\alpha = 1.5$ it would grow.

# %% [markdown]
# ### Error flow
#
# An error at an output goes to the unit that modifies the connection used, with the factor 1, and
# on from there, until a connection has no modifier; where another symbol than the right one was
# read, the factor is 0. Here the part of the weight change that each step brings, for a net of task
# 2a at lag 20 that has learned it, beside that of Table 2's net for BPTT, at its initial weights:

# %% mystnb={"figure": {"name": "fig-ring-flow", "caption": "Norm of the part of the weight change that the use of the weights q steps before the last prediction brings, relative to q = 0, on task 2a with lag 20. Ring's net has learned the task; its last unit sees the first symbol, 19 steps back."}, "image": {"alt": "Against the steps back, on a logarithmic scale, the curve for one logistic hidden unit falls by nearly forty orders of magnitude within nineteen steps, along a straight line but for its first step. The curve of Ring's net is a horizontal line at one."}} tags=["hide-input"]
p = 20
symbols = [p - 1, *range(p - 1), p - 1]
trained = run(common("ring", p, 5_000), 0).net
start = learner_of(common("bptt", p)).net
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

# %% [markdown]
# The error does not vanish, but neither does it find the lag by itself: the paths to the symbol 19
# steps back exist because two chains of nineteen units have been built, one for each answer.
#
# ### The gap task
#
# The published numbers are $\text{gap} + 2$ epochs, and the units. What counts as right is not
# said; here it is, first, an error below 0.25 at every output, and second, that the right output is
# the largest. We count the epochs before the first one without a mistake.


# %%
def epochs_until_largest(length):
    """Return the epochs before the first without a mistake."""
    task, rng = gap(length, alternating=True), generators(0, 1)[0]
    net = transitions(task.alphabet, task.alphabet, 100)
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
lines = [
    "| gap | published | error < 0.25 | largest | units published | here |",
    "|---:|---:|---:|---:|---:|---:|",
]
for length in EPOCHS:
    o = run(experiment(f"ring/gap-p{length}"), 0)
    cells = length, EPOCHS[length], f"{o.sequences / 2:.0f}"
    cells += epochs_until_largest(length), UNITS[length], o.net.higher
    lines.append(f"| {' | '.join(map(str, cells))} |")
Markdown("\n".join(lines))

# %% [markdown]
# Judged by the largest output, the numbers of epochs are the published ones, $\text{gap} + 2$;
# judged by an error below 0.25 they are two or three more. Two units are added for each letter of
# the gap, in the publication about as many.
#
# ### Reber strings
#
# The plain grammar, not the embedded one, strings in one stream, up to 40 units, other constants.
# Published: 206 strings, with a deviation of 17, and 100 strings in a row without a mistake as the
# end; whether these are among the 206 is not said, nor what a mistake is. The two recorded rows
# below do not count them: for `ring/reber` the outputs for all legal symbols have to lead, for
# `ring/reber-any` the largest has to be legal. With the hundred added either comes near 206. The
# other nets compared there need some 20,000 strings.
#
# ### Other lags
#
# What is asked for is the first symbol, $x$ or $y$, after a run of equal symbols and a last one
# that says that it is due: $x\,a\ldots a\,b\,x$. A unit that latches would do for any length.
# Ring's net learns the lag of 10, and then only the question is put at other lags: which of $x$ and
# $y$ has the larger output?

# %% mystnb={"figure": {"name": "fig-ring-other-lags", "caption": "The output for x minus that for y, of a net that was trained at lag 10 alone, after sequences that began with x and with y. Above zero the answer is x, below it is y; where the two marks coincide it does not depend on the first symbol."}, "image": {"alt": "Two marks for each lag from 6 to 14. At lag 10 the mark for x first stands at one and the mark for y first at minus one. At every other lag the two marks lie on each other, some above and some below zero."}} tags=["hide-input"]
net, lags, leads = trained_at(10, 0), range(6, 15), []
for p in lags:
    for symbols in delayed(p):
        judge = no_learning(net)
        _ = learn(judge, net, symbols, p, squared)
        leads.append(judge.y[2] - judge.y[3])
leads = np.reshape(leads, (-1, 2))
_, ax = plt.subplots()
_ = ax.plot(lags, leads[:, 0], "o", ms=11, mfc="none", label="x first")
_ = ax.plot(lags, leads[:, 1], "x", ms=7, label="y first")
_ = ax.axhline(0, color="0.3", linewidth=0.8, linestyle="-")
_ = ax.set(xlabel="lag", ylabel="lead of x", xticks=list(lags))
_ = ax.legend()

# %% [markdown]
# At a longer lag the last unit of the chain sees an $a$; at a shorter one the first symbol meets a
# unit that was never trained on it. Either way the answer does not depend on the first symbol, and
# one of the two sequences is right by chance. And each step of a lag needs units of its own:

# %%
rows = []
for p in (2, 10, 20, 50, 100):
    o = run(common("ring", p, 5_000), 0)
    rows.append((p, o.sequences, o.net.higher, f"{o.net.weights:,}"))
Markdown(table(["lag, task 2a", "sequences", "units", "weights"], rows))

# %%
o = run(experiment("ring/2b", budget=3_000), 0)
said = "solved" if o.success else "not solved"
print(f"{o.net.higher} units, {said}: 2b, lag 10")

# %% [markdown]
# With random symbols in between, each sequence leads through other connections, and units are added
# until there is room for no more: as with the chunkers, the speed rests on the regularity of the
# task.

# %% [markdown]
# ## Every recorded trial
#
# What stands above was run when this page was made, a few trials each. These are the records:
# every trial of the rows of this page, whose number, seeds and caps were fixed beforehand. Options
# are the method's where they differ from their defaults; `errorflow list ROW --options` explains all
# of them. What all methods do on one and the same task is on
# [a page of its own](35-how-long-a-lag).

# %% tags=["hide-input"]
own = [m.name for m in all_methods().values() if m.kind == "higher levels"]
Markdown(tables.of_authors(committed().read().values(), own))

# %% [markdown]
# ## What differs from the sources
#
# | detail | the sources | here | why |
# |---|---|---|---|
# | EM, 2a | – | a start and two final states | the layout of the 2-sequence problem, with chains of one |
# | EM, softmax step | gradient ascent, a rate that adapts | the longest step that is sure not to lower $\sum h \log \varphi$ | needs no constant |
# | EM, parity | terms in the criterion for the tables' determinants | plain EM | not rebuilt |
# | IOHMM, success | the training set, Tomita's strings | random strings, training and test set | one criterion for all methods |
# | Kalman, $R$ | 100, annealed to about 5 | 0.1 | a pilot at lags 3 and 4 |
# | Kalman, updates | several forms | after every step that has a target | as RTRL |
# | chunker: when $A$ has failed | "some epsilon" | an error above 0.25 | not stated |
# | chunker: who is judged | not stated | $A$ alone, and the pair | both readings are possible |
# | hierarchy: when a level is frozen | when it stops getting better | less than 1 % in 100 sequences | not stated |
# | Ring: weights that have a modifier | not stated | settle | else the published learning rate diverges |
# | Ring: averages | running averages | only of changes that are not 0 | else no unit is added with the published constants |
# | Ring: gap task, right | not stated | an error below 0.25; largest output | both shown |
# | Ring: reset | none for Reber strings | none anywhere | as there |

# %% [markdown]
# ## Claims on this page
#
# Two verdicts need a word. The machine with $n$ states has 1,000 passes in the ledger and half as
# many above, where eight states therefore come out further from their best. And the chunker: the
# criterion asked for at least 2.0 symbols a sequence; $C$ read slightly fewer, since $A$ guessed
# some of the last ones, so by its letter it fails.

# %% tags=["hide-input"]
ledger = claims.committed()
Markdown(claims.markdown(ledger, "33-higher-levels"))
