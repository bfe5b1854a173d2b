# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # A method of your own takes one file
#
# ```{admonition} The finding
# :class: finding
# A gated recurrent unit, which the paper could not know, takes a net of some sixty lines and a
# function of ten. It is then run, recorded, listed and drawn like every method of Section 3, by the
# same rules.
# ```
#
# **What you will see:** a net, checked against finite differences; a method; its trials beside those
# of the paper's methods. **What it needs:** [the page on LSTM and its kin](34-special-architectures).
# **Minutes:** fifteen.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
import matplotlib.pyplot as plt

from errorflow.core.numerics import generators
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import learner_of, run
from errorflow.methods import all_methods
from errorflow.records import comparison
from errorflow.records.store import committed

figures.use_style()

# %% [markdown]
# ## The net
#
# A net is a `NamedTuple` of arrays: first `w`, all weights, then the matrices, which are views of
# it. What it computes are static methods, compiled when they are first needed. The gated recurrent
# unit of Cho et al. (2014) decides with a gate $z$ how much of its state to renew, and with a gate
# $r$ how much of it the new content sees:
#
# $$
# \begin{aligned}
# z &= f(W_z x + U_z h(t-1)), & c &= \tanh(W_c x + r\, U_c h(t-1)), \\
# r &= f(W_r x + U_r h(t-1)), & h(t) &= (1 - z)\, h(t-1) + z\, c.
# \end{aligned}
# $$
#
# The state holds $h$ and, for the way back, $z$, $r$, $U_c h(t-1)$ and $c$. Inputs are symbols, so
# that an input picks a column.

# %% tags=["own-file"]
from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.numerics import fill_uniform, logistic, tanh
from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.nets import matrices
from errorflow.nets.readout import back_read_out, read_out
from errorflow.rules.bptt import bptt


# %% tags=["own-file"]
@inline
def forward(net, x, before, state):
    """Write h, z, r, U_c h(t-1) and c into the state, n entries each."""
    n = net.units.shape[0] // 3
    first = net.units.shape[1] - n
    for i in range(n):
        z, r, u = net.units[i, x], net.units[n + i, x], 0.0
        for j in range(n):
            z += net.units[i, first + j] * before[j]
            r += net.units[n + i, first + j] * before[j]
            u += net.units[2 * n + i, first + j] * before[j]
        z, r = logistic(z), logistic(r)
        c = tanh(net.units[2 * n + i, x] + r * u)
        state[i] = (1.0 - z) * before[i] + z * c
        state[n + i], state[2 * n + i] = z, r
        state[3 * n + i], state[4 * n + i] = u, c


# %% [markdown]
# The way back is the derivative of that, line by line: `e` holds the errors at $h(t)$, and the
# errors at $h(t-1)$ go to `e_before`. `change` is a net of the same shape that collects the weight
# changes for learning rate 1.


# %% tags=["own-file"]
@inline
def backward(net, x, before, state, e, change, e_before):
    """Send the errors at h(t) one step back."""
    n = net.units.shape[0] // 3
    first, W, dW = net.units.shape[1] - n, net.units, change.units
    e_before[:] = 0.0
    for i in range(n):
        z, r = state[n + i], state[2 * n + i]
        u, c = state[3 * n + i], state[4 * n + i]
        at_c = e[i] * z * (1.0 - c * c)
        at_z = e[i] * (c - before[i]) * z * (1.0 - z)
        at_r = at_c * u * r * (1.0 - r)
        dW[i, x] += at_z
        dW[n + i, x] += at_r
        dW[2 * n + i, x] += at_c
        e_before[i] += e[i] * (1.0 - z)
        for k, at in ((i, at_z), (n + i, at_r), (2 * n + i, at_c * r)):
            for j in range(n):
                dW[k, first + j] += at * before[j]
                e_before[j] += W[k, first + j] * at


# %% [markdown]
# Around these two stand what every net brings: the sizes of state and output, and the outputs, here
# logistic units that see the state and the inputs, as in Table 2.


# %% tags=["own-file"]
class GRU(NamedTuple):
    """n gated units; ``units`` (3 n, I + n) has the rows of z, r and c."""

    w: np.ndarray
    units: np.ndarray
    output: np.ndarray

    step = staticmethod(forward)
    back_step = staticmethod(backward)

    @staticmethod
    def state_size(net):
        return 5 * (net.units.shape[0] // 3)

    @staticmethod
    def output_size(net):
        return net.output.shape[0]

    @staticmethod
    def read(net, x, state, y):
        read_out(net.output, net.units.shape[0] // 3, x, state, y)

    @staticmethod
    def back_read(net, x, state, y, errors, loss, change, e):
        n = net.units.shape[0] // 3
        back_read_out(
            net.output, n, x, state, y, errors, loss, change.output, e
        )


# %% [markdown]
# ## The method
#
# A method takes a task, a generator of random numbers and its options, each with a note, and
# returns a net, its weights drawn, with a function that makes its rule. Any rule will do that asks no
# more of a net than the net offers. Rows of the common tests come by themselves.


# %% tags=["own-file"]
@method(
    "gru",
    "Cho et al. 2014",
    kind="special architectures",
    cost="W",
    memory="n T",
)
def gru(
    task,
    rng,
    *,
    hidden: Annotated[int, "gated units"] = 2,
    alpha: Annotated[float, ABOVE_0, "learning rate"] = 1.0,
    initial: Annotated[
        float, "weights are drawn from [-initial, initial]"
    ] = 0.2,
) -> Learner:
    """Gated recurrent units, trained by BPTT."""
    symbols = task.alphabet
    shapes = (
        (3 * hidden, symbols + hidden),
        (symbols, symbols + hidden, "F"),
    )
    net = GRU(*matrices(*shapes))
    fill_uniform(rng, net.w, -initial, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


# %% [markdown]
# ## Is it right?
#
# A gradient that is almost right learns almost as well, and so it is checked before it is believed:
# against finite differences, weight by weight.

# %%
from errorflow.core.loss import Loss
from errorflow.nets import zeros_like
from errorflow.rules import learn

e = Experiment(
    "gru", "2a", budget=30_000, p=4, judged_at="end", streak=1_000
)
net = learner_of(e, seed=1).net
net.w[:] = 2.0 * generators(3, 1)[0].random(len(net.w)) - 1.0
loss, sequence = Loss(0.0, 1.0, 1.0, 0.0, 0.25), np.array([3, 0, 1, 2, 3])


# %%
def error(w):
    """Half the squared error over the sequence, for weights w."""
    other = zeros_like(net)
    other.w[:] = w
    return learn(bptt(other, 4, 1e-300), other, sequence, 4, loss)[2]


eps, own = 1e-6, np.eye(len(net.w))
numeric = [
    (error(net.w + eps * d) - error(net.w - eps * d)) / (2 * eps)
    for d in own
]
trained = zeros_like(net)
trained.w[:] = net.w
learn(bptt(trained, 4, 1.0), trained, sequence, 4, loss)
largest = np.abs(trained.w - net.w + numeric).max()
print(
    f"largest difference below 1e-8: {largest < 1e-8}, {len(net.w)} weights"
)

# %% [markdown]
# ## Beside the others
#
# The same task, criterion and budget as [all methods of Section 3](35-how-long-a-lag) have. These
# trials are run here; with seeds below 100, which no recorded trial has.

# %%
lags = choose(
    profile, quick=(2, 3, 4, 6, 10), full=(2, 3, 4, 6, 10, 20, 50)
)
trials = choose(profile, quick=3, full=10)
ours = {
    p: [run(e.changed(p=p), seed).success for seed in range(trials)]
    for p in lags
}
for p, found in ours.items():
    print(f"lag {p:2}: {sum(found)} of {trials}")

# %% mystnb={"figure": {"name": "fig-own-method", "caption": "Successes at each lag of the two-sequence task: the gated unit, run on this page, beside recorded trials of four methods of Section 3."}, "image": {"alt": "A table of shaded numbers, five methods against lags. The row of the gated unit is the one printed above; BPTT stops after lag 2, LSTM is dark up to 100."}} tags=["hide-input"]
bridged = comparison.bridged(committed().read().values())
names = ["gru", "bptt", "mozer", "plate", "lstm"]
values = {
    (name, p): lag for name in names[1:] for p, lag in bridged[name].items()
}
values |= {
    ("gru", p): comparison.Successes(sum(found), trials)
    for p, found in ours.items()
}
_, ax = plt.subplots(figsize=(7, 2.2))
figures.shares(ax, names, sorted({p for _, p in values}), values)
_ = ax.set_xlabel("lag, $p$")

# %% [markdown]
# ## As a file
#
# The cells that define net and method, from "The net" on, make a file, `mine.py` say. Then
#
# ```sh
# errorflow list --methods mine.py 'bridge/gru-*'
# errorflow run --methods mine.py 'bridge/gru-*' --records my-records
# errorflow run --methods mine.py bridge/gru-p10 --set hidden=4 --records my-records
# errorflow table bridge --methods mine.py --records my-records
# errorflow verify --methods mine.py --records my-records
# ```
#
# run it on all cores, record every trial, find it again and check that it comes out the same, bit
# for bit. An edit of the file is compiled anew.
#
# To bring a method into the book itself takes four files: the net in `lib/errorflow/nets/`, the
# method with its rows in `lib/errorflow/methods/` (and its name in `MODULES` there), a test, and a
# section on a page. `CONTRIBUTING.md` has the list.

# %% tags=["hide-input"]
print(
    all_methods()["gru"].name,
    "has",
    learner_of(e).weights,
    "weights at lag 4",
)
