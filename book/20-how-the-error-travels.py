# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # An error travels back through slopes and weights; a reset stops it, a learning rate does not hurry it
#
# ```{admonition} The finding
# :class: finding
# The paper's error signals are back-propagation through time, and equal automatic differentiation
# to the last bits, once the slope of an output unit is counted once instead of twice. A reset of
# the activations lets exactly nothing through. The learning rate multiplies what comes from far and
# what comes from near alike, so that no single update changes their ratio; over many updates it
# does, because it leads to other weights.
# ```
#
# **What you will see:** the whole of back-propagation through time in a dozen lines, in the
# paper's symbols. **What it needs:** the chain rule. **Minutes:** fifteen.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Markdown

from errorflow import claims
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare
from errorflow.experiments.training import present

figures.use_style()

# %% [markdown]
# ## Forward
#
# ```{admonition} The paper, Section 2, conventional gradient descent
# :class: paper
# Units are connected to all units. A unit's activation is $y^i(t) = f_i(\mathrm{net}_i(t))$, its net input
# $\mathrm{net}_i(t) = \sum_j w_{ij}\, y^j(t-1)$. Some units are inputs, their activations are given; some
# are outputs and have targets $d_k(t)$.
# ```

# %%
f = torch.special.expit


def forward(W, x, steps):
    """Activations y[t]; the first units are inputs, set to x[t]."""
    y = [torch.zeros(len(W), dtype=torch.float64)]
    for t in range(1, steps + 1):
        net = W @ y[t - 1]
        y.append(torch.cat([x[t], f(net[x.shape[1] :])]))
    return torch.stack(y)


# %% [markdown]
# ## Backward
#
# ```{admonition} The paper, Section 2, the error signal and the weight update
# :class: paper
# With squared error, an output unit has the external error $E_k = f'_k\,(d_k - y^k)$, all others
# have none. Every unit's error signal is its slope times what comes from outside and from the next
# step:
#
# $$
# \vartheta_j(\tau) = {\color{#007BC0} f'_j(\mathrm{net}_j(\tau))} \Bigl( E_j(\tau) +
# \sum_i {\color{#D55E00} w_{ij}}\, \vartheta_i(\tau+1) \Bigr)
# $$
#
# and the weight from unit $l$ to unit $j$ changes at time $\tau$ by
#
# $$
# {\color{#D55E00} w_{jl}^{new}} = {\color{#D55E00} w_{jl}^{old}} + \alpha\, \vartheta_j(\tau)\, y^l(\tau-1)
# $$
# ```
#
# Put together, $E_k$ brings one slope and $\vartheta_k$ a second one. Both readings, to compare:


# %%
def bptt(W, x, d, printed=False):
    """The sum over time of theta_j(tau) y^l(tau - 1)."""
    y = forward(W, x, steps := len(x) - 1)
    slope = y * (1 - y)
    slope[:, : x.shape[1]] = 0.0  # nothing goes back into inputs
    theta, change = torch.zeros(len(W), dtype=torch.float64), 0.0
    for tau in range(steps, 0, -1):
        E = torch.zeros_like(theta)
        E[-1] = d[tau] - y[tau, -1]
        if printed:
            E[-1] *= slope[tau, -1]
        theta = slope[tau] * (E + W.T @ theta)
        change += torch.outer(theta, y[tau - 1])
    return change


# %% [markdown]
# A net of two inputs and four other units, the last one the output; ten steps; random targets:

# %%
rng = np.random.default_rng(1998)
W = torch.tensor(4 * rng.random((6, 6)) - 2, requires_grad=True)
x, d = torch.tensor(rng.random((11, 2))), torch.tensor(rng.random(11))
error = 0.5 * ((d[1:] - forward(W, x, 10)[1:, -1]) ** 2).sum()
error.backward()
wanted = -W.grad
with torch.no_grad():
    once, twice = bptt(W, x, d), bptt(W, x, d, printed=True)


# %%
def distance(change):
    """The largest difference from autograd, relative to the largest."""
    return ((change - wanted).abs().max() / wanted.abs().max()).item()


print("slope once: equal to 1e-14:", distance(once) < 1e-14)
print(f"slope twice: differs by {distance(twice):.0%}")

# %% [markdown]
# The article of 1997 {cite}`nc97` has the slope once. So does all code here: $E_k = d_k - y^k$.
#
# ## A reset lets nothing through
#
# ```{admonition} The paper, Section 2
# :class: paper
# Where activations are reset, error signals are set to zero.
# ```
#
# Reset the activations between the fifth and the sixth step, and ask how the error made after that
# depends on the inputs before:

# %%
with torch.no_grad():
    free = W.detach().clone()
inputs = x.clone().requires_grad_()
before = forward(free, inputs[:6], 5)
after = forward(free, inputs[5:], 5)  # starts from zero again
whole = forward(free, inputs, 10)
for name, y in (("with a reset", after), ("without", whole)):
    (flow,) = torch.autograd.grad(y[-1, -1], inputs, retain_graph=True)
    effect = flow[1:6].abs().max()
    print(f"{name:12} largest effect of inputs 1 to 5: {effect:.1e}")

# %% [markdown]
# ## The learning rate hurries near and far alike
#
# ```{admonition} The paper, Section 2, analyzing equation (2)
# :class: paper
# A larger learning rate does not help: the ratio between what comes from far and what comes from
# near stays as it is.
# ```
#
# For one update that is an identity. Split the weight change of an error at the last step by how
# far it has gone back, for three learning rates:


# %%
def change_by_distance(W, x, d):
    """The size of theta_j(tau) y^l(tau - 1), by distance from the error."""
    y = forward(W, x, steps := len(x) - 1)
    slope = y * (1 - y)
    slope[:, : x.shape[1]] = 0.0
    theta = torch.zeros(len(W), dtype=torch.float64)
    theta[-1] = slope[-1, -1] * (d[-1] - y[-1, -1])
    sizes = []
    for tau in range(steps, 0, -1):
        sizes.append(torch.outer(theta, y[tau - 1]).abs().max())
        theta = slope[tau - 1] * (W.T @ theta)
    return torch.stack(sizes)


# %%
sizes = change_by_distance(free, x, d)
for alpha in (0.1, 1.0, 10.0):
    near, far = alpha * sizes[0], alpha * sizes[8]
    print(f"alpha = {alpha:4}: near {near:.1e}, 8 steps back {far:.1e}")
print(f"ratio {sizes[8] / sizes[0]:.4f}, whatever alpha")

# %% [markdown]
# Over many updates it is not an identity: a larger rate leads through other weights. Here is the
# flow from the last to the first step of the two-sequence task ([its page](41-two-sequences)) with
# lag 4, while RTRL learns it with three rates from the same start:


# %%
def flow(net, p):
    """|factor| over the p - 1 steps of the sequence that starts with x."""
    h, factor, own = 0.0, 1.0, net.hidden[0, p + 1]
    for t, symbol in enumerate([p - 1, *range(p - 1)]):
        h = 1 / (1 + np.exp(-(net.hidden[0, symbol] + own * h)))
        factor *= h * (1 - h) * own if t else 1.0
    return abs(factor)


# %%
p, chunk, chunks = 4, 5_000, choose(profile, quick=60, full=300)
curves, none = {}, np.empty(0)
for rate in (1, 4, 10):
    setup, _ = prepare(experiment(f"table2/rtrl-p{p}-lr{rate}"), 0)
    net, *rest = setup
    symbols, curves[rate] = np.zeros(p + 1, dtype=np.int64), [flow(net, p)]
    for i in range(chunks):
        present(net, *rest, symbols, i * chunk, chunk, 0, none)
        curves[rate].append(flow(net, p))

# %% mystnb={"figure": {"name": "fig-rate", "caption": "The flow over the lag of the task while RTRL learns it, with three learning rates from the same initial weights. One update cannot change the ratio of far to near; many updates lead to weights where it is another."}, "image": {"alt": "Three curves of the absolute factor on a logarithmic scale against the number of sequences presented. All start at the same small value and part from each other: with larger learning rates the flow grows earlier."}} tags=["hide-input"]
_, ax = plt.subplots()
figures.products(ax, len(curves))
for rate, values in curves.items():
    _ = ax.plot(
        chunk * np.arange(chunks + 1), values, label=rf"$\alpha$ = {rate}"
    )
_ = ax.set(
    xlabel="sequences presented",
    ylabel="|factor| over the lag",
    yscale="log",
)
_ = ax.legend()

# %%
print("alpha   flow at the start   at the end")
for rate, values in curves.items():
    print(f"{rate:5} {values[0]:15.1e} {values[-1]:15.1e}")

# %% [markdown]
# ## What differs from the paper
#
# | place | as printed | here | why |
# |---|---|---|---|
# | external error | $E_k = f'_k\,(d_k - y^k)$ | $E_k = d_k - y^k$ | $\vartheta_k$ already multiplies by $f'_k$ |
# | learning rate | cannot change the ratio | holds for each update, not for many | other rates lead to other weights |
#
# ## Claims on this page

# %% tags=["hide-input"]
Markdown(claims.markdown(claims.committed(), "20-how-the-error-travels"))
