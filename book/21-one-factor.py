# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Recursion, paths and matrices give one and the same factor, once an index is turned round
#
# ```{admonition} The finding
# :class: finding
# The paper writes the factor by which an error is scaled on its way back three times. Equations
# (1) and (3) are right as printed; equation (2) is right after the two indices of its weight change
# places. All three then agree with each other and with automatic differentiation to the last few
# bits, for every number of steps.
# ```
#
# **What you will see:** three functions of a few lines, each under its equation, and a test of
# each. **What it needs:** the chain rule. **Minutes:** fifteen.

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
from errorflow.flow import factor
from errorflow.flow.forward import trajectory

figures.use_style()

# %% [markdown]
# ## The question
#
# Unit $i$ of a fully connected net has the activation $y^i(t) = f(\mathrm{net}_i(t))$ with
# $\mathrm{net}_i(t) = \sum_j w_{ij}\, y^j(t-1)$. An error signal $\vartheta_u(t)$ at unit $u$ is carried
# back through the same weights. How much of it reaches unit $v$ at time $t-q$?
#
# Here is a net small enough to look at: five logistic units, weights in $[-2, 2]$, run for three
# steps. `slopes[m - 1, l]` is $f'_l(\mathrm{net}_l(t-m))$: row 0 is one step back, the last row $q$ steps.

# %%
rng = np.random.default_rng(0)
n, q = 5, 3
W = 4 * rng.random((n, n)) - 2
activations, slopes = trajectory(W, rng.random(n), q)
u, v = 0, 1
print(np.array_str(slopes, precision=3))

# %% [markdown]
# Every slope is at most 0.25, the largest slope the logistic function has.
#
# ## Equation (1): step by step
#
# ```{admonition} The paper, Section 2, eq. (1)
# :class: paper
# One step back, the factor is the slope of the receiving unit times the weight from it to $u$.
# Each further step collects what has arrived at all units, weighted by the connections along which
# it came, and multiplies by the slope of the unit that receives it:
#
# $$
# {\color{#9747FF} \frac{\partial \vartheta_v(t-q)}{\partial \vartheta_u(t)}} =
# \begin{cases}
# {\color{#007BC0} f'_v(\mathrm{net}_v(t-1))}\, {\color{#D55E00} w_{uv}} & q = 1 \\[4pt]
# {\color{#007BC0} f'_v(\mathrm{net}_v(t-q))} \displaystyle\sum_{l=1}^{n}
# {\color{#9747FF} \frac{\partial \vartheta_l(t-q+1)}{\partial \vartheta_u(t)}}\, {\color{#D55E00} w_{lv}} & q > 1
# \end{cases}
# $$
# ```
#
# Slopes are blue, weights orange and the factor violet, here and [throughout](01-notation). In
# code, all receiving units at once:

# %%
scaling = slopes[0] * W[u]
for slope in slopes[1:]:
    scaling = slope * (scaling @ W)
print(f"eq. (1) at v = {v}: {scaling[v]:.6f}")

# %% [markdown]
# `factor.scaling_recursive` is these three lines and a check of what is handed in.

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.flow.factor import scaling_recursive

show(scaling_recursive)

# %% [markdown]
# ## Equation (2): path by path
#
# ```{admonition} The paper, Section 2, eq. (2)
# :class: paper
# The factor is also a sum over all ways to get from $u$ to $v$ in $q$ steps, through any units
# $l_1, \dots, l_{q-1}$ in between, with $l_0 = u$ and $l_q = v$. Every path contributes one
# product of slopes and weights. The weight is printed with the indices $w_{l_m l_{m-1}}$.
# ```
#
# Which weight does an error cross between $l_{m-1}$, where it is, and $l_m$, which it reaches next?
# The activation went from $l_m$ to $l_{m-1}$, so by the paper's own convention (first index: where
# to) that is $w_{l_{m-1} l_m}$:
#
# $$
# {\color{#9747FF} \frac{\partial \vartheta_v(t-q)}{\partial \vartheta_u(t)}} =
# \sum_{l_1=1}^{n} \cdots \sum_{l_{q-1}=1}^{n} \;
# \prod_{m=1}^{q} {\color{#007BC0} f'_{l_m}(\mathrm{net}_{l_m}(t-m))}\; {\color{#D55E00} w_{l_{m-1} l_m}}
# $$
#
# Do the two readings differ in numbers? Using the transposed matrix is the printed reading:

# %%
derived = factor.scaling_paths(W, slopes, u, v)
printed = factor.scaling_paths(W.T, slopes, u, v)
print(f"eq. (2), index as derived: {derived:+.6f}")
print(f"eq. (2), index as printed: {printed:+.6f}")

# %% [markdown]
# Only the first is the number of equation (1). The printed form would be right for symmetric
# weights and for them alone. From here on the code uses the derived index.

# %% tags=["remove-input"]
from errorflow.flow.factor import path_products, scaling_paths

show(path_products, scaling_paths)

# %% [markdown]
# The terms are as interesting as their sum. There are $n^{q-1}$ of them, here 25:

# %% mystnb={"figure": {"name": "fig-paths", "caption": "The 25 path products of eq. (2) in the order of their size, and the sum they leave. Positive terms and negative terms cancel in part."}, "image": {"alt": "Bar chart of 25 path products sorted from the most negative to the most positive, with a horizontal line at their sum, which is closer to zero than the largest single products taken together."}} tags=["hide-input"]
terms = np.sort(factor.path_products(W, slopes, u, v))
_, ax = plt.subplots(figsize=(7, 3))
_ = ax.bar(
    np.arange(1, len(terms) + 1),
    terms,
    color=figures.PRODUCT,
    alpha=0.45,
    width=0.7,
)
_ = ax.axhline(terms.sum(), color=figures.PRODUCT, linestyle="--")
_ = ax.annotate(
    "sum of all paths",
    (1, terms.sum()),
    xytext=(0, -5),
    textcoords="offset points",
    color=figures.PRODUCT,
    va="top",
)
_ = ax.set(
    xlabel="path, by size of its product",
    ylabel="product of slopes and weights",
)

# %%
print(f"sum of the terms {terms.sum():+.5f}")
print(f"sum of their absolute values {np.abs(terms).sum():.5f}")

# %% [markdown]
# ## Equation (3): matrix by matrix
#
# ```{admonition} The paper, Section 2, eq. (3)
# :class: paper
# With $F'(t)$ the diagonal matrix of slopes, $W_{u^T}$ the weights into $u$ and $W_v$ the weights
# out of $v$, the same factor is a row times matrices times a column:
#
# $$
# {\color{#9747FF} \frac{\partial \vartheta_v(t-q)}{\partial \vartheta_u(t)}} =
# ({\color{#D55E00} W_{u^T}})^T \prod_{m=1}^{q-2} \bigl({\color{#007BC0} F'(t-m)}\, {\color{#D55E00} W}\bigr)\; {\color{#007BC0} F'(t-q+1)}\; {\color{#D55E00} W_v}\; {\color{#007BC0} f'_v(\mathrm{net}_v(t-q))}
# $$
# ```
#
# For $q = 1$ the printed product has no meaning; one step back the factor is $w_{uv}\,
# f'_v(\mathrm{net}_v(t-1))$, as in equation (1). The paper also says that $[A]_{ij}$ stands in column $i$
# and row $j$; with $[W]_{ij} = w_{ij}$ and $Y(t) = F(W\,Y(t-1))$ it must be row $i$, column $j$.

# %%
D = [np.diag(slope) for slope in slopes]
print(f"eq. (3): {W[u] @ D[0] @ W @ D[1] @ W[:, v] * slopes[2, v]:.6f}")

# %% tags=["remove-input"]
from errorflow.flow.factor import scaling_matrix

show(scaling_matrix)

# %% [markdown]
# ## Do they agree, always?
#
# Against each other and against the derivative that torch finds on the unrolled net, over many
# nets, sizes and numbers of steps. Paths may cancel, so the difference is measured against the sum
# of the absolute products: what is left is rounding.


# %%
def autograd(W, start, q, u, v):
    """Return d net_u(t) / d net_v(t-q) on the unrolled net."""
    W = torch.tensor(W)
    first = (W @ torch.tensor(start)).requires_grad_()
    net = first
    for _ in range(q):
        net = W @ torch.sigmoid(net)
    return torch.autograd.grad(net[u], first)[0][v].item()


# %%
worst = 0.0
for _ in range(choose(profile, quick=300, full=5000)):
    n, q = 1 + int(5 * rng.random()), 1 + int(6 * rng.random())
    W, start = 8 * rng.random((n, n)) - 4, rng.random(n)
    _, slopes = trajectory(W, start, q)
    size = np.abs(factor.path_products(W, slopes, 0, n - 1)).sum()
    forms = (
        factor.scaling_recursive,
        factor.scaling_paths,
        factor.scaling_matrix,
    )
    values = [form(W, slopes, 0, n - 1) for form in forms] + [
        autograd(W, start, q, 0, n - 1)
    ]
    worst = max(worst, (max(values) - min(values)) / size)
print(
    "largest relative difference of four ways below 1e-12:", worst < 1e-12
)

# %% [markdown]
# ## What differs from the paper
#
# | place | as printed | here | why |
# |---|---|---|---|
# | eq. (2) | $w_{l_m l_{m-1}}$ | $w_{l_{m-1} l_m}$ | the printed weight belongs to the opposite connection |
# | eq. (3) | for $q \ge 2$ | and $w_{uv} f'_v$ for $q = 1$ | the empty product is not defined there |
# | matrix notation | column $i$, row $j$ | row $i$, column $j$ | only so is $Y(t) = F(W\,Y(t-1))$ |

# %% [markdown]
# ## Claims on this page

# %% tags=["hide-input"]
Markdown(claims.markdown(claims.committed(), "21-one-factor"))

# %% [markdown]
# ```{exercise}
# :label: ex-cost
# Equations (1) and (3) cost $O(q\,n^2)$ operations for one pair of units. What does equation (2)
# cost, and from which $q$ on is it hopeless for $n = 10$?
# ```
#
# ```{solution} ex-cost
# :class: dropdown
# It has $n^{q-1}$ products of $2q$ factors. With $n = 10$ a million terms are reached at $q = 7$;
# `factor.scaling_paths` refuses more.
# ```
