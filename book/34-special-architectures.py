# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Delay lines carry an error further, at best by their length, and pay in weights
#
# ```{admonition} The finding
# :class: finding
# What Section 3 says of nets with delays holds. A delay line of $D$ steps divides the steps that an
# error has to go by $D$, if nothing is fed back sooner; spread over all taps, the same feedback gains
# less. Each tap costs as many weights as the first. A unit that latches can be taught to hold information
# two to three times as long with three or six taps, as its authors said. But an error that arrives is not yet
# a lag that is learned: asked for all symbols of the second experiment, a net that sees the
# whole sequence at once drives its hidden unit into saturation and fails.
# ```
#
# **What you will see:** three nets with delays, their error flow, and what they learn. **What it
# needs:** [the scaling factor](21-one-factor). **Minutes:** fifteen.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
from statistics import median

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims, figures
from errorflow.delays import decay, flow_back, impulse_response, resting
from errorflow.methods import Experiment, run
from errorflow.nets import state_size, step
from errorflow.nets.gamma import gamma
from errorflow.nets.latch import latch
from errorflow.nets.narx import narx
from errorflow.nets.tdnn import tdnn
from errorflow.numerics import fill_uniform, generators
from errorflow.profiles import choose

figures.use_style()

# %% [markdown]
# ## Time-delay nets
#
# ```{admonition} The paper, Section 3, type (4)
# :class: paper
# Old activations are fed back through fixed delay lines, which are connections that jump ahead
# between the copies of a net unfolded in time. In the best case the length of the line is the ratio
# of the steps that an error has to go without and with it. Errors decrease more slowly, as they
# take shortcuts. The trade-off: a longer line lets more error through, and needs more parameters.
# ```
#
# **Idea.** A unit sees not only what was a step before, but what was $1, 2, \dots, D$ steps before
# {cite}`r11`:
#
# $$ y_i(t) = f\Big(\sum_j \sum_d w^{(d)}_{ij}\, y_j(t-d)\Big). $$
#
# **The code that carries it.** The delay line is part of the net's state. A step computes the
# hidden units from the whole of the old state and then shifts it; an error goes back the same way.
# BPTT needs nothing else. With one tap the net is the plain one, bit for bit.

# %%
for D in (1, 5, 10):
    print(tdnn(11, 1, 11, D))

# %% [markdown]
# **Error flow.** One unit, fed back with weight 1, either from one step before, or from ten steps
# before alone, or from each of the last ten steps with a tenth of the weight:


# %%
def unit(weights):
    """One unit without input, and the weights of its taps."""
    net = tdnn(1, 1, 1, len(weights))
    net.hidden[0, 1 : 1 + len(weights)] = weights
    return net


def flow(net, T):
    """The error q = 0 .. T - 1 steps back from the last of T."""
    return flow_back(net, np.zeros((T, 1)), 1)[:, 0, 0]


plain, spread = flow(unit([1.0]), 61), flow(unit([0.1] * 10), 610)
pure = flow(unit([0.0] * 9 + [1.0]), 610)  # ten units, one after another
print("equal:", np.allclose(pure[::10], plain, rtol=1e-12, atol=0))

# %% mystnb={"figure": {"name": "fig-delay-flow", "caption": "The error $q$ steps back from a unit with feedback of weight 1: through one tap, through a delay of ten steps alone, and spread evenly over ten taps."}, "image": {"alt": "Logarithmic plot of the error against steps back. With one tap the error falls on a straight line to about ten to the minus 39 at 60 steps. Through the pure delay there is an error at multiples of ten only, and it falls to about ten to the minus four. Spread over ten taps it drops by a factor of about forty at once, stays there for ten steps and then falls, somewhat more steeply than through the pure delay, to about ten to the minus seven."}} tags=["hide-input"]
_, ax = plt.subplots()
q = np.arange(61)
_ = ax.plot(q, np.log10(plain), label="one tap")
_ = ax.plot(
    q[::10], np.log10(pure[:61:10]), "o", label="a delay of 10 alone"
)
_ = ax.plot(q, np.log10(spread[:61]), label="spread over 10 taps")
_ = ax.set(
    xlabel="steps back, q",
    ylabel="$\\log_{10}$ of the error",
    ylim=(-40, 1),
)
_ = ax.legend()

# %% [markdown]
# The pure delay is the paper's best case: after ten steps the error is what the plain unit has after
# one, exactly. Between the multiples of ten nothing arrives at all. Spread over the taps the error
# decays by a constant factor a step again, a slower one than with one tap.
#
# A net of five units with random weights and inputs, its error after 50 steps:


# %%
def after(D, size, seed, T=61):
    """The error 50 steps back, in a net with weights from [-size, size]."""
    rng, stream = generators(seed, 2)
    net = tdnn(2, 5, 1, D)
    fill_uniform(rng, net.w, -size, size)
    x = 2.0 * np.array([stream.random() for _ in range(2 * T)]) - 1.0
    return np.abs(flow_back(net, x.reshape(T, 2), 5)[50]).sum(axis=0).max()


for size in (0.2, 1.0, 4.0):
    medians = (
        np.median([after(D, size, s) for s in range(50)])
        for D in (1, 2, 5, 10)
    )
    print(f"[-{size}, {size}]:", *(f"{m:.0e}" for m in medians))

# %% [markdown]
# From left to right, with 1, 2, 5 and 10 taps, each longer line lets more through. The price is counted
# above: each tap has as many weights into the hidden units as the first.
#
# **On the second experiment.** Task 2a, one hidden unit, learning rate 1, 30,000 sequences; once as
# in the paper, every symbol to be predicted, and once the last symbol alone. With as many taps as
# the lag the first symbol never leaves the net's sight.


# %% tags=["hide-input"]
def outcome(method, task, p, n, *, about=(), **constants):
    """Successes of n trials, and the median of their sequences."""
    e = Experiment(
        method, task, p, 30_000, tuple(about), tuple(constants.items())
    )
    times = [
        trial.sequences
        for trial in (run(e, s) for s in range(n))
        if trial.success
    ]
    return f"{len(times)} of {n}" + (
        f", {round(median(times), -2):,.0f}" if times else ""
    )


def table(titles, rows):
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return Markdown(
        "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
    )


# %%
rows, n = [], choose(profile, quick=2, full=10)
for p, D in (
    (4, 1),
    (4, 10),
    (10, 1),
    (10, 10),
    (20, 1),
    (20, 10),
    (20, 20),
):
    every = outcome("tdnn", "2a", p, n, D=D)
    last = outcome("tdnn", "2a", p, n, D=D, about=[("last_only", True)])
    rows.append([p, D, len(tdnn(p + 1, 1, p + 1, D).w), every, last])

# %% tags=["hide-input"]
table(["lag p", "taps D", "weights", "all symbols", "the last alone"], rows)

# %% [markdown]
# If the last symbol alone is asked for, the taps do what they should: lags in their sight are
# learned, and somewhat longer ones too. If all symbols are asked for, a lag of 20 is not learned even
# by a net with 20 taps. The hidden unit at the end of such a trial, at each step:

# %%
e = Experiment("tdnn", "2a", 20, 30_000, (), (("D", 20),))
net = run(e, 0).net
states = np.zeros((21, state_size(net)))
for t, symbol in enumerate([19, *range(19)]):
    step(net, symbol, states[t], states[t + 1])
print(
    *(f"{1 - h:.0e}" for h in states[1:6, 0]),
    "...",
    f"{1 - states[20, 0]:.0e}",
)
print("largest weight to an output:", round(net.output[:, -1].max(), 1))

# %% [markdown]
# Printed is what it lacks to 1: at last nothing, in 53 bits. All outputs but one have to be small at every step, and the hidden
# unit serves them as a bias: with a negative weight to every output it helps most where it is at
# its largest. The more taps there are, the sooner it is there. Its slope is then nothing, and so is
# every error that passes it, by the shortest way too. A delay line shortens the way; it does not
# keep the slope from vanishing.
#
# The speech of the TDNN's authors is not to be had, so their own task is missing here.
#
# ## NARX nets
#
# ```{admonition} The paper, Section 3, type (4); Lin, Horne, Tino and Giles
# :class: paper
# NARX nets {cite}`r12` are a special case of the time-delay net. Their authors say: these nets do not
# circumvent the problem, but often hold information two to three times as long.
# ```
#
# **Idea.** Only the outputs of the last $D$ steps are fed back, $y(t) = f(x(t), y(t-1), \dots,
# y(t-D))$, with a layer of hidden units in between.

# %%
for D in (1, 10):
    print(narx(11, 1, 11, D))

# %% [markdown]
# **Error flow.** The authors' example is a unit that latches, $x(t) = \tanh \sum_r w_r\, x(t-r)$ with
# $w_r = 1.25/D$. At rest it has $x = 0.71$ for every $D$. The factor by which an error decays there in
# a step is the largest root of $z^D = \rho/D \,(z^{D-1} + \dots + 1)$:

# %%
x = resting(1.25)
rho = decay([1.25 * (1 - x * x)])
rows = []
for D in (1, 2, 3, 4, 6, 10):
    root = decay([rho / D] * D)
    ratio = np.log(rho) / np.log(root)
    rows.append([D, f"{root:.3f}", f"{rho ** (1 / D):.3f}", f"{ratio:.1f}"])

# %% tags=["hide-input"]
titles = [
    "D",
    "decay a step",
    "of a delay of D alone",
    "as many times fewer steps",
]
table(titles, rows)

# %% [markdown]
# Ten taps are worth a delay line of less than six steps: the short taps are used too. The errors
# themselves, measured in the unit at rest:

# %%
inputs = np.zeros((200, 2))
inputs[:20, 0] = 1.0  # a push of 20 steps, then nothing
flows = {}
for D in (1, 3, 6):
    net = latch(1, D)
    net.h[0] = 1.0
    flows[D] = flow_back(net, inputs, 1)[:51, 0, 0]

# %% mystnb={"figure": {"name": "fig-narx-flow", "caption": "The unit at rest: how much of its activation an activation $n$ steps back decides, $\\partial x(t) / \\partial x(t-n)$, with 1, 3 and 6 taps that share the same feedback."}, "image": {"alt": "Logarithmic plot of the derivative against n. With one tap it falls on a straight line to about ten to the minus ten at n = 50; with three taps to about ten to the minus five, with six to about ten to the minus three and a half, after a drop in the first step and small ripples."}} tags=["hide-input"]
_, ax = plt.subplots()
for D, values in flows.items():
    _ = ax.plot(np.log10(values), label=f"D = {D}")
_ = ax.set(
    xlabel="steps back, n",
    ylabel="$\\log_{10}\\, \\partial x(t)/\\partial x(t-n)$",
)
_ = ax.legend()

# %% [markdown]
# **On its authors' task.** The unit's feedback is fixed. What each of two classes sends to it at the
# first three steps is to be learned; then there is noise in $[-0.155, 0.155]$, and after $T$ steps
# the sign of $x(T)$ has to tell the class. Sixty strings, at most 100 passes, learning rate 0.1. That
# the strings change the weights one by one, and that a test set must be right too, is our choice.

# %%
lengths = list(range(20, 181, 20))
n, solved = choose(profile, quick=10, full=50), {}
for D in (1, 3, 6):
    constants, solved[D] = (("D", D),), []
    for T in lengths:
        e = Experiment(
            "narx-latch", "learned-latch", T, 6_000, (), constants
        )
        solved[D].append(sum(run(e, s).success for s in range(n)) / n)

# %% mystnb={"figure": {"name": "fig-narx-latch", "caption": "The share of trials that learn to latch a class for $T$ steps, for units whose fixed feedback is spread over 1, 3 and 6 taps."}, "image": {"alt": "Three falling curves of the share of successes against T. With one tap it falls from 1 at 20 steps to near 0 at 60; with three taps it falls from 1 at 60 to near 0 at 100; with six taps it falls after 60 steps with a dip at 80, and is near 0 at 180."}} tags=["hide-input"]
_, ax = plt.subplots()
for (D, shares), marker in zip(solved.items(), "osD", strict=True):
    _ = ax.plot(lengths, shares, marker=marker, label=f"D = {D}")
_ = ax.set(
    xlabel="steps T",
    ylabel="share of trials that learn",
    ylim=(-0.03, 1.03),
)
_ = ax.legend()

# %%
for D, shares in solved.items():
    half = max(
        T for T, share in zip(lengths, shares, strict=True) if share >= 0.5
    )
    print(f"D = {D}: half of the trials learn up to {half} steps")

# %% [markdown]
# Published: two to three times as long. Three taps double it here, six go to three times or somewhat
# beyond. All three curves come down: the problem is put off, as the authors say, not solved. (The dip
# of six taps at 80 steps comes from our criterion: those trials had all training strings right after
# the first pass and stopped there, with a test string wrong.)
#
# On task 2a a NARX net has a handicap: what it remembers must be in its outputs, and these have to be
# the same for both sequences until the last step.

# %%
rows, n = [], choose(profile, quick=2, full=10)
for p in (2, 4, 10):
    every = outcome("narx", "2a", p, n)
    last = outcome("narx", "2a", p, n, about=[("last_only", True)])
    rows.append([p, len(narx(p + 1, 1, p + 1, 10).w), every, last])

# %% tags=["hide-input"]
table(["lag p", "weights", "all symbols", "the last alone"], rows)

# %% [markdown]
# ## The gamma memory
#
# ```{admonition} The paper, Section 3, type (4)
# :class: paper
# The net of de Vries and Principe {cite}`r04` is a more complex version of a TDNN.
# ```
#
# **Idea.** Each tap is a leaky average of the one before it,
#
# $$ g_k(t) = (1-\mu)\, g_k(t-1) + \mu\, g_{k-1}(t-1), $$
#
# and $\mu$ is a weight of each line, learned like all others. An impulse reaches tap $k$ after $k/\mu$
# steps on average. With $\mu = 1$ it is a delay line of $k$ steps; with a smaller $\mu$ the same taps
# look further back and see less sharply.

# %%
for mu in (1.0, 0.5, 0.2):
    kernel = impulse_response(4, mu, 200)
    delay = kernel @ np.arange(200)
    print(f"mu = {mu}: sum {kernel.sum():.3f}, mean delay {delay:.1f}")

# %% mystnb={"figure": {"name": "fig-gamma-kernel", "caption": "What the fourth tap of a gamma memory holds $n$ steps after an impulse, for three values of $\\mu$: the smaller $\\mu$, the deeper and the less sharp the memory."}, "image": {"alt": "Three impulse responses against n. For mu = 1 a single spike of height 1 at n = 4; for mu = 0.5 a bump of height about 0.16 around n = 7; for mu = 0.2 a low and broad bump of height about 0.05 around n = 16."}} tags=["hide-input"]
_, ax = plt.subplots()
for mu, marker in ((1.0, "o"), (0.5, "s"), (0.2, "D")):
    kernel = impulse_response(4, mu, 51)
    _ = ax.plot(kernel, marker=marker, markersize=4, label=f"$\\mu$ = {mu}")
_ = ax.set(xlabel="steps after the impulse, n", ylabel="tap 4")
_ = ax.legend()

# %% [markdown]
# **Error flow.** A unit that is fed back from tap $K$ alone, with $g = f' w$: an error decays by the
# factor $1 - \mu + \mu\, g^{1/K}$ a step. For $\mu = 1$ that is the delay line's $g^{1/K}$, and as $\mu$
# falls it comes as near to 1 as one likes, with no weight more. Measured, and by the formula:


# %%
def leaky(mu, K=4, weight=1.0):
    """One unit, fed back from tap K alone."""
    net = gamma(1, 1, 1, K, mu=mu)
    net.hidden[0, K] = weight
    return net


for mu in (0.9, 0.5, 0.2):
    net = leaky(mu)
    errors = flow(net, 601)
    state = np.zeros((2, state_size(net)))
    for _ in range(601):
        step(net, np.zeros(1), state[0], state[1])
        state[0] = state[1]
    slope = state[0, 0] * (1 - state[0, 0])
    root = 1 - mu + mu * slope**0.25
    print(f"{mu}: {(errors[400] / errors[300]) ** 0.01:.4f} {root:.4f}")

# %% [markdown]
# **Learning $\mu$.** The gradient is carried forward with the taps, $a_k = \partial g_k / \partial
# \mu$. Here a line of four taps is to give an impulse back after twelve steps:


# %%
def slope_of_mu(mu, K, lag, steps=80):
    """- dE/dmu for an impulse that tap K is to give back after the lag."""
    g, a, total = np.zeros(K + 1), np.zeros(K + 1), 0.0
    for n in range(steps):
        a[1:] = (1 - mu) * a[1:] + mu * a[:-1] + g[:-1] - g[1:]
        g[1:] = (1 - mu) * g[1:] + mu * g[:-1]
        g[0] = float(n == 0)
        total += (float(n == lag) - g[K]) * a[K]
    return total


mu = 0.9
for epoch in range(401):
    if epoch in (0, 20, 100, 400):
        print(f"{epoch:3}: mu = {mu:.3f}, mean delay {4 / mu:.1f}")
    mu += 0.05 * slope_of_mu(mu, 4, 12)

# %% [markdown]
# It finds the depth that it needs. (The kernel is skew: it is highest a few steps before its mean.)
#
# **What it learns.** De Vries and Principe published no trials that could be run again. On the
# 2-sequence problem, which has a class to tell from the first three of up to $p$ elements, with one hidden
# unit and ten taps:

# %%
rows, n = [], choose(profile, quick=2, full=10)
for p in (10, 20, 50):
    results = (
        outcome(m, "2-sequence", p, n) for m in ("tdnn", "narx", "gamma")
    )
    rows.append([p, outcome("tdnn", "2-sequence", p, n, D=1), *results])

# %% tags=["hide-input"]
table(["length p", "one tap", "TDNN", "NARX", "gamma memory"], rows)

# %% [markdown]
# ## What differs from the sources
#
# | detail | the sources | here | why |
# |---|---|---|---|
# | number of taps | TDNN: few, in layers | ten, or as many as the lag | to see the trade-off |
# | constants of TDNN, NARX and gamma nets | for other tasks | those of Table 2's net for BPTT | one test for all |
# | NARX: delayed inputs | any number | none | memory through outputs alone |
# | latch: when weights change | not found | after every string | our choice |
# | latch: success | training strings right | a test set right too | one criterion for all sets |
# | gamma: $\mu$ outside $[0, 2]$ | must not be | set back to its end | stability |
#
# ## Claims on this page

# %% tags=["hide-input"]
ledger = claims.read("claims.yml")
Markdown(claims.markdown(ledger, "34-special-architectures"))
