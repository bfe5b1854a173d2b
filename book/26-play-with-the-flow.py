# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # An error that neither fades nor explodes is the exception: try sizes, weights and units
#
# ```{admonition} The finding
# :class: finding
# The size of a net, its weights and its activation function decide what is left of an error. Over
# a hundred steps, nets of one or three logistic or tanh units lose it whatever the scale of their
# weights; nets of a hundred mostly lose it or let it grow. Only at few combinations does the median
# stay within four powers of ten.
# ```
#
# **What you will see:** two figures that you can move, with the mouse or with the arrow keys.
# **What it needs:** [the scaling factor](21-one-factor). **Minutes:** ten.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import numpy as np
from IPython.display import HTML

from errorflow.display import figures
from errorflow.display import interactive as widgets
from errorflow.display.profiles import choose
from errorflow.flow import batches, factor
from errorflow.flow.activations import ACTIVATIONS
from errorflow.flow.forward import trajectory

# %% [markdown]
# ## What is computed
#
# Weights uniform in $[-w_{max}, w_{max}]$, activations at the start uniform in $[0, 1]$, no input:
# by what factor is an error at unit 0 scaled when it reaches the last unit, $q$ steps before? For
# five sizes, twelve scales of the weights and three activation functions. Every scale takes the
# same random nets, and so does every activation function, so that nothing else changes.

# %%
sizes = [1, 3, 10, 30, 100]
scales = [0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 10, 20]
names = ["logistic", "tanh", "relu"]
nets = choose(profile, quick=101, full=1001)

# %%
rng, logs = np.random.default_rng(26), {}
for n in sizes:
    W, start = 2 * rng.random((nets, n, n)) - 1, rng.random((nets, n))
    for f in names:
        logs[n, f] = batches.log_flows(
            W, start, scales, 100, activation=ACTIVATIONS[f]
        )

# %% [markdown]
# `batches.log_flows` computes many nets at once. Does it give what `factor` gives for one?

# %%
a_net = 4 * W[0, :5, :5]
_, slopes = trajectory(a_net, start[0, :5], 20)
one = factor.log_flow(a_net, slopes, 0)[1][:, -1]
many = batches.log_flows([W[0, :5, :5]], [start[0, :5]], [4], 20)
print("equal to 1e-9:", np.abs(one - many[0, 0]).max() < 1e-9)

# %% [markdown]
# Some factors are exactly 0, their logarithms $-\infty$: a ReLU net can fall silent. So the
# quartiles are taken by rank, the nets being one more than a multiple of four:

# %%
ranks = np.array([1, 2, 3]) * (nets // 4)
quartiles = np.array(
    [
        [np.sort(logs[n, f], axis=0)[ranks] / np.log(10) for f in names]
        for n in sizes
    ]
)
curves = quartiles.transpose(0, 3, 1, 2, 4)  # n, w_max, f, quartile, q
print(curves.shape)

# %% [markdown]
# ## The flow
#
# ```{admonition} The paper, Section 2, upper bound
# :class: paper
# With logistic units and $w_{\max} < 4/n$ the factor is at most $n \mu^q$, where $\mu = n\,
# w_{\max}/4$: it decays exponentially.
# ```
#
# For tanh and ReLU, whose slopes reach 1, $\mu = n\,w_{max}$. The bound is drawn where $\mu < 1$.

# %%
bounds = np.full((*curves.shape[:3], 2), np.nan)
for a, b, c in np.ndindex(bounds.shape[:3]):
    mu = sizes[a] * scales[b] * ACTIVATIONS[names[c]].max_slope
    if mu < 1:
        bounds[a, b, c] = np.log10(sizes[a]), np.log10(mu)

# %% tags=["hide-input"]
lags = [*range(1, 21), *range(22, 61, 2), *range(65, 101, 5)]
caption = (
    "How an error fades on its way back. The controls choose among nets "
    "computed beforehand; a click into the plot sets *q*. Ten logistic "
    "units: [w = 1](n=10 w_max=1 activation=logistic q=20) loses the "
    "error to rounding long before the end, "
    "[w = 4](n=10 w_max=4 activation=logistic q=20) loses least, "
    "[w = 20](n=10 w_max=20 activation=logistic q=20) saturates the "
    "units. [Where the bound holds](n=3 w_max=1 activation=logistic q=20),"
    " the flow is far below it. A hundred units at w = 4 "
    "[amplify the error](n=100 w_max=4 activation=logistic q=100). "
    "[Thirty tanh units](n=30 w_max=0.5 activation=tanh q=100) nearly "
    "keep it; [with three times the weights]"
    "(n=30 w_max=1.5 activation=tanh q=100) they let it grow. Of nets of "
    "[a hundred ReLU units](n=100 w_max=1 activation=relu q=20) or of "
    "[ten](n=10 w_max=1 activation=relu q=20), about half fall silent; "
    "in others the error grows."
)
HTML(
    widgets.explorer(
        "flow",
        {
            "n": ("units, *n*", sizes),
            "w_max": ("weights up to *w*_{max}", scales),
            "activation": ("activation", names),
        },
        lags,
        curves[..., np.array(lags) - 1],
        start={"n": 10, "w_max": 1, "activation": "logistic", "q": 20},
        bounds=bounds,
        level=(np.log10(figures.EPSILON), "machine precision"),
        caption=caption,
    )
)

# %% [markdown]
# ## Paths and matrices, side by side
#
# Equation (2) sums over all paths, equations (1) and (3) multiply matrices. Why is that the same?
# A path picks one entry of every matrix $W F'(t-m)$, in the row of the unit where the error is and
# the column of the unit to which it goes; its product is the product of these entries. Adding up
# over all ways to pick is what multiplying matrices does.

# %%
W = 8 * np.random.default_rng(7).random((3, 3)) - 4
_, slopes = trajectory(W, np.full(3, 0.5), 4)
u, v = 0, 2
products = [factor.path_products(W, slopes[:q], u, v) for q in (1, 2, 3, 4)]
matrices = [W * slope for slope in slopes]
rows = [np.eye(3)[u] @ matrices[0]]
for matrix in matrices[1:]:
    rows.append(rows[-1] @ matrix)

# %% tags=["hide-input"]
HTML(
    widgets.two_views(
        "views",
        products,
        matrices,
        rows,
        u=u,
        v=v,
        start={"q": 3, "path": 2},
        caption="A net of three logistic units, 0 to 2, and the factor "
        "from unit 0 to unit 2. The framed bar is one path, and the "
        "framed entries are its factors; choose another with the slider "
        "or by a click. One step back there is [one path](q=1 path=1), "
        "four steps back there are [twenty-seven](q=4 path=1).",
    )
)

# %% [markdown]
# ## The same in print
#
# The power of ten of the median factor after 100 steps:

# %%
last = curves[:, :, :, 1, -1]
for c, f in enumerate(names):
    print(f"{f:9}" + "".join(f"{w:7g}" for w in scales))
    for a, n in enumerate(sizes):
        powers = "".join(f"{x:7.1f}" for x in last[a, :, c])
        print(f"n = {n:<5}" + powers.replace("-inf", "zero"))

# %% [markdown]
# How many of the 24 logistic and tanh medians of each size are below $10^{-4}$, how many above
# $10^4$? And how many ReLU nets have fallen silent?

# %%
print("          lost  kept  grown")
for n, powers in zip(sizes, last[:, :, :2], strict=True):
    lost, grown = (powers < -4).sum(), (powers > 4).sum()
    kept_here = powers.size - lost - grown
    print(f"n = {n:<5}{lost:5}{kept_here:6}{grown:7}")
silent = np.mean([np.isinf(logs[n, "relu"][..., -1]) for n in sizes])
print(f"ReLU nets fallen silent: {silent:.0%}")

# %% [markdown]
# Along a row of the table, logistic nets lose least or gain most between $w_{max} = 3$ and 10, and
# less is left on either side; the same with tanh, at smaller weights. Down a column, on the whole,
# more units lose less, until the error grows.
#
# A ReLU net has the same slopes at every scale, so that its factor is proportional to $w_{max}$ at
# each step. Where about half of the nets are silent, the median hangs on a few of them: it is zero,
# or the factor of the weakest net that is not silent. Read the upper quartile there.
#
# And the paths of the small net, summed, beside the entry of the row:

# %%
for q, terms in enumerate(products, start=1):
    total = f"{terms.sum():+.5f}"
    print(
        f"q = {q}: {len(terms):2} paths, sum {total}, "
        f"row {rows[q - 1][v]:+.5f}"
    )
