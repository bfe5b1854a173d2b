# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # The upper bound is true, its factor n is not needed, and a net stays orders of magnitude below it
#
# ```{admonition} The finding
# :class: finding
# The paper's bound on the scaling factor holds in every usual norm. One step of its derivation
# fails in the 1-norm and can be repaired; one condition, that unit vectors have norm 1, has to be
# added. The bound needs no factor $n$, and with it no net of two or more units can reach it. What
# a net does lies many orders of magnitude below, most of all because its paths cancel. And large
# weights do not make the norm of $F'$ small: in a large net one unsaturated unit keeps it up while
# the average slope goes to 0.
# ```
#
# **What you will see:** the derivation step by step, each step tested on thousands of nets, the
# bound beside what it bounds, and two sharper ones. **What it needs:**
# [the scaling factor](21-one-factor), norms of vectors and matrices. **Minutes:** twenty.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.flow import bounds, factor
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net

figures.use_style()

# %% [markdown]
# ## The bound
#
# ```{admonition} The paper, Section 2, upper bound
# :class: paper
# Take a matrix norm that is compatible with a vector norm, one in which no component exceeds the
# norm of its vector. Let $f'_{\max}$ be the largest norm of $F'(t-m)$, $m = 1, \dots, q$. Then
#
# $$
# {\color{#9747FF} \left| \frac{\partial \vartheta_v(t-q)}{\partial \vartheta_u(t)} \right|} \;\le\;
# n\, ({\color{#007BC0} f'_{\max}})^q\, \lVert {\color{#D55E00} W_v} \rVert\, \lVert {\color{#D55E00} W_{u^T}}
# \rVert\, \lVert {\color{#D55E00} W} \rVert^{q-2} \;\le\;
# n\, \bigl( {\color{#007BC0} f'_{\max}} \lVert {\color{#D55E00} W} \rVert \bigr)^q .
# $$
# ```
#
# Four norms meet the condition: the largest row sum, with the largest component of a vector (the
# pair in which the paper ends); the largest column sum, with the sum of the components (the
# 1-norm); the largest singular value and the Frobenius norm, both with the Euclidean length.

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.flow.bounds import bound_without_n, paper_bound

show(paper_bound, bound_without_n)

# %% [markdown]
# ## Does every step of the derivation hold?
#
# There are four: $|x^T y| \le n \lVert x \rVert \lVert y \rVert$; a slope is at most $\lVert F'
# \rVert$; a column of $W$ is at most $\lVert W \rVert$, since $\lVert W e_v \rVert \le \lVert W
# \rVert \lVert e_v \rVert$; and so is a row. Each is tried on random nets of four units, weights
# in $[-4, 4]$; what is counted are the nets with an exception.

# %%
count, n, q = choose(profile, quick=2_000, full=50_000), 4, 5
rng = np.random.default_rng(0)
W, slopes = random_net(rng, n, 4, q, count=count, warm_up=0)
factors = bounds.largest_factor(W, slopes)

# %%
print("nets with an exception     x.y   slope   column  row    bound")
for norm in bounds.NORMS:
    rows, columns = norm.vector(W), norm.vector(W.swapaxes(1, 2))
    inner = np.abs(W @ W) - n * rows[:, :, None] * columns[:, None, :]
    steps = (
        inner,
        slopes - norm.diagonal(slopes)[:, :, None],
        columns - norm.matrix(W)[:, None],
        rows - norm.matrix(W)[:, None],
        factors - bounds.paper_bound(W, slopes, norm),
    )
    fails = [(s.reshape(count, -1) > 1e-9).any(1).sum() for s in steps]
    print(f"{norm.name:22}" + "".join(f"{k:8}" for k in fails))

# %% [markdown]
# One step fails, in one norm: a row of $W$ may have a larger 1-norm than $W$. The plainest case is
# one row of ones:

# %%
W1 = np.zeros((4, 4))
W1[0] = 1
size, of_all = bounds.COLUMNS.vector(W1[0]), bounds.COLUMNS.matrix(W1)
print(f"1-norm of row 0: {size:.0f}, 1-norm of W: {of_all:.0f}")

# %% [markdown]
# The paper writes the row as $e_u W$, and multiplying from the left calls for the norm of $W^T$.
# Nevertheless, the last column of the table has no exception. The repair: $n$ in the first step
# came from components, $|x^T y| \le n \max|x_i| \max|y_i|$, and no component of the row exceeds
# $\lVert W \rVert$, because $|w_{us}| = |[W e_s]_u| \le \lVert W e_s \rVert \le \lVert W \rVert$.
#
# ## Is the condition on the norm enough?
#
# The derivation uses $\lVert e_k \rVert \le 1$ as well and does not say so. Take $\lVert x \rVert =
# \max |x_i| / p_i$ with $p = (1, 0.01)$. It has a compatible matrix norm, and no component
# exceeds it, but the second unit vector has norm 100:

# %%
norm = bounds.weighted([1.0, 0.01])
one_way, quarter = np.array([[0.0, 1.0], [0.0, 0.0]]), np.full((1, 2), 0.25)
scaling = factor.scaling_recursive(one_way, quarter, 0, 1)
bound = np.exp(bounds.paper_bound(one_way, quarter, norm)[0])
print(f"norm of a unit vector {norm.vector(np.eye(2)[1]):.0f}")
print(f"factor {scaling:.3f}, bound {bound:.3f}")

# %% [markdown]
# The factor is above the bound. With $\lVert e_k \rVert = 1$ for all $k$ this cannot happen.
#
# ## Is the factor n needed?
#
# No. The factor is one component of a product of matrices applied to a unit vector, and
# no component exceeds the norm of its vector:
#
# $$
# \begin{aligned}
# \bigl| \bigl[ {\color{#D55E00} W} {\color{#007BC0} F'(t-1)} \cdots {\color{#D55E00} W} {\color{#007BC0} F'(t-q)}\, e_v \bigr]_u \bigr|
# &\le \lVert {\color{#D55E00} W} {\color{#007BC0} F'(t-1)} \cdots {\color{#D55E00} W} {\color{#007BC0} F'(t-q)}\, e_v \rVert \\
# &\le \bigl( {\color{#007BC0} f'_{\max}} \lVert {\color{#D55E00} W} \rVert \bigr)^q .
# \end{aligned}
# $$
#
# This needs neither the inner product nor the row, so the step that failed is gone too, and it
# holds in all compatible norms with $\lVert e_k \rVert = 1$. It can be stopped half way:
# the product of the norms of the actual matrices $W F'(t-m)$ lies between the factor and the bound.

# %%
for norm in bounds.NORMS:
    stepwise = bounds.stepwise_bound(W, slopes, norm)
    without_n = bounds.bound_without_n(W, slopes, norm)
    above = (factors > stepwise + 1e-9) | (stepwise > without_n + 1e-9)
    print(f"{norm.name:10} {above.any(1).sum()} exceptions in {count} nets")

# %% [markdown]
# The tests of this book try it on 10,000 more nets in each norm.
#
# ## How far below the bound is a net?
#
# ```{admonition} The paper, Section 2, upper bound
# :class: paper
# If no weight is larger than $w_{\max} < 4/n$ in absolute value, then $\lVert W \rVert \le n\,
# w_{\max} < 4$ and, with slopes of at most 0.25, the factor is at most $n \mu^q$, where $\mu = n\,
# w_{\max}/4 < 1$: it decays exponentially.
# ```
#
# Weights uniform up to $3.9/n$, ten steps. Powers of ten, medians over nets; "largest" is the
# largest of the $n^2$ factors of a net, "no signs" what it would be if no two paths
# cancelled:

# %%
names = ["largest", "no signs", "stepwise", "no n", "bound", "n mu^q"]
print("    n" + "".join(f"{name:>10}" for name in names))
for n in (1, 5, 20, 100):
    rng = np.random.default_rng(n)
    net = random_net(rng, n, 3.9 / n, q := 10, count=100, warm_up=0)
    of = (
        bounds.largest_factor,
        bounds.path_bound,
        bounds.stepwise_bound,
        bounds.bound_without_n,
        bounds.paper_bound,
    )
    logs = [np.median(f(*net)[:, -1]) for f in of]
    logs.append(np.log(n) + q * np.log(3.9 / 4))
    print(f"{n:5}" + "".join(f"{x / np.log(10):10.1f}" for x in logs))

# %% [markdown]
# Read a row from left to right: what stands between the factor and the bound. The first gap is
# the largest and grows with $n$: paths of opposite sign. The second comes from taking the heaviest row
# at every step; taking the largest slope for all adds little at weights so small; then follows
# the factor $n$; and the last comes from replacing $\lVert W \rVert$ by $n\,w_{\max}$.
#
# Against the number of steps, on the left for such weights, on the right for weights five times as
# large as the condition allows:

# %% mystnb={"figure": {"name": "fig-bounds", "caption": "The largest factor of nets of 20 units and its bounds, medians over 60 nets (the middle half shaded). Left: weights below $4/n$. Right: weights in $[-1, 1]$, where the paper's bound grows while the error vanishes."}, "image": {"alt": "Two panels, power of ten against steps back. Left: all curves fall; the largest factor falls fastest, then the spectral product, the paths without signs, the row-sum product together with the bound without n, and the paper's bound parallel to it. Right: the factor falls by nine powers of ten and the spectral product hardly, while the other four rise, the paper's bound to a power of sixteen."}} tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(8.6, 4.4), sharex=True)
curves = {
    "largest factor": bounds.largest_factor,
    "paper's bound": bounds.paper_bound,
    "without n": bounds.bound_without_n,
    r"product of $\Vert WF^\prime\Vert$, row sum": bounds.stepwise_bound,
    "paths without signs": bounds.path_bound,
    r"product of $\Vert WF^\prime\Vert$, spectral": lambda W, s: (
        bounds.stepwise_bound(W, s, bounds.SPECTRAL)
    ),
}
apart = (figures.PRODUCT, "0.3", *figures.COLOURS[2:])
for ax, w_max in zip(axes, (3.9 / 20, 1.0), strict=True):
    ax.set_prop_cycle(color=apart, linestyle=figures.DASHES)
    rng = np.random.default_rng(20)
    net = random_net(rng, 20, w_max, 30, count=60, warm_up=0)
    for label, curve in curves.items():
        figures.decay(ax, curve(*net).T, label)
    _ = ax.set(title=f"weights up to {w_max:.2g}", xlabel="steps back, q")
_ = axes[0].set_ylabel("absolute factor, power of ten")
_ = fig.legend(
    *axes[0].get_legend_handles_labels(),
    loc="outside lower center",
    ncols=3,
    fontsize=9,
)

# %% [markdown]
# On the right the bound allows an explosion of many orders of magnitude, and the error vanishes.
# Bounds built on absolute values cannot know that paths cancel; the spectral norm does in part.
# A bound above 1 says nothing about the error.
#
# ## Can the bound be reached?
#
# ```{admonition} The paper, Section 2, upper bound
# :class: paper
# The bound is a best case, reached only if all $\lVert F'(t-m) \rVert$ are maximal and the
# contributions of all paths have equal sign.
# ```
#
# One unit reaches it: at a fixed point its factor is $(f'\,|w|)^q$ exactly.

# %%
W, q = np.array([[3.0]]), 10
slopes = trajectory(W, [0.5], 500)[1][:q]
scaling = factor.scaling_recursive(W, slopes, 0, 0)
bound = np.exp(bounds.paper_bound(W, slopes)[-1])
print(f"one unit: the bound is {bound / scaling:.6f} times the factor")

# %% [markdown]
# For more units the two conditions are not sufficient. Can they be met at all? With weights of one
# sign and no bias no net input is ever 0. But take $w_{ij} = w\, x_i x_j$ with as many $x_i = +1$
# as $-1$: at activations of 1/2 all net inputs are 0, all slopes 0.25, and the product along every
# path from $u$ to $v$ has the sign of $x_u x_v$. The net comes to rest there by itself:

# %%
n, mu = 4, 0.9
x = np.tile([1.0, -1.0], n // 2)
W = 4 * mu / n * np.outer(x, x)
start = np.random.default_rng(0).random(n)
slopes = trajectory(W, start, 500)[1][:q]
scaling = abs(factor.scaling_recursive(W, slopes, 0, 1))
with_n, without = bounds.paper_bound, bounds.bound_without_n
print(f"smallest slope {slopes.min():.6f}")
for name, f in {"without n": without, "the paper's": with_n}.items():
    print(f"bound {name}: {np.exp(f(W, slopes)[-1]) / scaling:.2f} times")

# %% [markdown]
# Both conditions are met, and the factor, $\mu^q / n$, is still $n^2$ below the paper's bound. The
# largest row sum counts $n$ paths into every unit at every step; at the last step only one of the
# $n$ units is $v$. Without the factor $n$ the bound can be reached, by nets with a single path: a ring
# of units, each with one weight $w$ and a bias of $-w/2$ that keeps it at net input 0.

# %%
ring, w = np.roll(np.eye(n), 1, axis=0), 3.6
slopes = trajectory(w * ring, np.full(n, 0.5), q, drive=-w / 2)[1]
scaling = np.exp(bounds.largest_factor(w * ring, slopes)[-1])
for name, f in {"without n": without, "the paper's": with_n}.items():
    bound = np.exp(f(w * ring, slopes)[-1])
    print(f"bound {name}: {bound / scaling:.2f} times")

# %% [markdown]
# ## Which nets does it cover?
#
# At the start of learning the weights are small: in $[-0.2, 0.2]$ in the experiments of 1997
# {cite}`nc97`. Still $|w| < 4/n$ holds for fewer than 20 units only. A weaker condition is
# $\lVert W \rVert < 4$ for the actual matrix, in any of the norms, or that the spectral radius of
# $|W|$, the matrix of absolute weights, is below 4. (Its eigenvector $p$ gives the norm
# `weighted(p)`, in which $\lVert W \rVert$ is that radius; then the bound has the factor
# $p_u / p_v$.) What has to stay below 4:

# %%
print("    n  n w_max  row sum  radius of |W|  spectral norm")
for n in (10, 20, 40, 100, 300, 400):
    W = 0.2 * (2 * np.random.default_rng(n).random((n, n)) - 1)
    row, singular = bounds.ROWS.matrix(W), bounds.SPECTRAL.matrix(W)
    radius = bounds.perron(W)[0]
    print(f"{n:5}{n * 0.2:9.1f}{row:9.1f}{radius:15.1f}{singular:15.1f}")

# %% [markdown]
# For random signs the spectral norm grows with $\sqrt n$, the others with $n$: it is about
# $2 w_{\max} \sqrt{n/3}$, so that $w_{\max} < 2\sqrt{3/n}$ is enough, and with initial weights of
# 0.2 the error is sure to vanish up to about 300 units. The paper's conclusion reaches much
# further than the norm in which it was drawn.
#
# ## Do large weights make F' small?
#
# ```{admonition} The paper, Section 2, upper bound
# :class: paper
# Large $\lVert W \rVert$ leads to small $\lVert F'(t-m) \rVert$: most units are saturated then, and
# their slopes small. (Said twice; the second time to conclude that the gradient almost always
# vanishes.)
# ```
#
# In the norm used there $\lVert F' \rVert$ is the *largest* of the slopes. It and the mean slope,
# medians over nets, for weights of standard deviation 10 and 100:

# %%
print("  sd     n     |W|  largest slope  mean slope  f'max |W|")
for sd in (10, 100):
    for n, count in ((10, 200), (100, 40), (1000, 6)):
        rng, w = np.random.default_rng(n), sd * 3**0.5
        W, slopes = random_net(rng, n, w, 3, count=count, warm_up=2)
        size, largest = bounds.ROWS.matrix(W), slopes.max(axis=2)
        bound = np.median(size * largest.max(axis=1))
        print(
            f"{sd:4}{n:6}{np.median(size):8.0f}{np.median(largest):15.3f}"
            f"{np.median(slopes.mean(axis=(1, 2))):12.4f}{bound:11.1f}"
        )

# %% [markdown]
# The mean slope is small throughout: most units are saturated, as the paper says. The norm is
# another matter. Net inputs have a size of about $\mathrm{sd}\,\sqrt n$, so that the one nearest
# to 0 among $n$ is at about $\mathrm{sd}/\sqrt n$: *this* has to be large for a small $\lVert F'
# \rVert$, while $\lVert W \rVert$ grows like $\mathrm{sd}\, n$. Ten units with huge weights are as
# the paper says; among a thousand one is unsaturated at most times, and one is enough. The bound
# then grows with the weights. Even a single unit need not saturate: with a large negative weight
# it is at net input 0 every second step.

# %%
slopes = trajectory(np.array([[-100.0]]), [0.5], 6)[1]
print("slopes of one unit, w = -100:", np.round(slopes[:, 0], 3))

# %% [markdown]
# Whether the *error* vanishes with large weights is another question, and the bound cannot answer
# it: [where it does not vanish](24-where-it-does-not-vanish).
#
# ## The spectral picture
#
# Far back only the rate counts: by what a step multiplies. Nets of 20 units, 30 steps, medians
# over nets. "measured" is by what the largest factor is multiplied from step to step; "spectral"
# and "row sum" are the geometric means of $\lVert W F' \rVert$; "bound" is $f'_{\max} \lVert W
# \rVert$ with row sums; "radius" is the largest absolute eigenvalue of $W$ times 0.25:

# %%
names = ["measured", "radius", "spectral", "row sum", "bound"]
print("w_max" + "".join(f"{name:>11}" for name in names))
for w in (0.1, 0.2, 0.5, 1.0, 2.0):
    net = random_net(
        np.random.default_rng(1), 20, w, 30, count=60, warm_up=0
    )
    logs = bounds.largest_factor(*net)
    rates = (
        (logs[:, -1] - logs[:, 0]) / 29,
        np.log(bounds.spectral_radius(net[0]) / 4),
        bounds.stepwise_bound(*net, bounds.SPECTRAL)[:, -1] / 30,
        bounds.stepwise_bound(*net)[:, -1] / 30,
        bounds.bound_without_n(*net)[:, -1] / 30,
    )
    print(
        f"{w:5}" + "".join(f"{np.exp(np.median(r)):11.3f}" for r in rates)
    )

# %% [markdown]
# For small weights all slopes are near 0.25 and the rate is the spectral radius times 0.25. The
# products of norms are above it, the row sums far above. With larger weights the slopes
# fall, and the measured rate falls below the radius.
#
# The radius is a good guess and no bound. This net has all eigenvalues 0; a bias holds its first unit
# at net input 0 and saturates its second:

# %%
W = np.array([[8.0, 8.0], [-8.0, -8.0]])
slopes = np.tile([0.25, 1e-6], (10, 1))
print(f"spectral radius {bounds.spectral_radius(W):.1f}")
print(
    f"factor over 10 steps {factor.scaling_recursive(W, slopes, 0, 0):.0f}"
)

# %% [markdown]
# ## What differs from the paper
#
# | place | as printed | here | why |
# |---|---|---|---|
# | norm of the weights into $u$ | at most $\lVert W \rVert$ | its components are | false in the 1-norm; the components are all the bound needs |
# | condition on the norm | no component exceeds it | and $\lVert e_k \rVert = 1$ | used, not stated; without it the bound is false |
# | bound | $n (f'_{\max} \lVert W \rVert)^q$ | $(f'_{\max} \lVert W \rVert)^q$ | the factor is a single component |
# | when it is reached | slopes maximal, paths of equal sign | never for $n \ge 2$ | these conditions leave a gap of $n^2$ |
# | large $\lVert W \rVert$ | makes $\lVert F' \rVert$ small | makes the typical slope small | one unsaturated unit keeps the norm |
# | first inequality at $q = 1$ | $\lVert W \rVert^{q-2}$ | for $q \ge 2$ | eq. (3), from which it comes, is not defined at $q = 1$, where this is false for $W$ with 0.1 and 2 on its diagonal |

# %% [markdown]
# ## Claims on this page

# %% tags=["hide-input"]
Markdown(claims.markdown(claims.committed(), "23-the-bound"))

# %% [markdown]
# ```{exercise}
# :label: ex-frobenius
# In the Frobenius norm the bound holds as well. Why does it never show that an error vanishes in a
# net of 16 logistic units at net input 0 if $\lVert W \rVert \ge 1$?
# ```
#
# ```{solution} ex-frobenius
# :class: dropdown
# $\lVert F' \rVert$ is then $0.25 \sqrt{n} = 1$, so that the bound is at least 1 at every $q$. The
# slopes' norm grows with the number of units; in the other three norms it does not.
# ```
