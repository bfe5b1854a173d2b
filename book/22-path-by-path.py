# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Every path decays while weights are below 4; the sum over all paths need not
#
# ```{admonition} The finding
# :class: finding
# With logistic units and weights below 4 in absolute value every single path of equation (2) decays
# exponentially, as the paper says. But there are $n^{q-1}$ paths, and in a net of a hundred units
# their sum grows from step to step although each of them shrinks. Row sums below 4 are enough to
# make the error vanish; weights below 4 are not. The formula for the largest factor of a step is a
# condition that two weights meet, one of them only a local maximum; and for large weights that
# factor goes to 0 only as long as the other inputs of the unit stay as they are.
# ```
#
# **What you will see:** the terms of equation (2) one by one, the factor $\rho$ of a single step
# with its maximum, and what the terms add up to. **What it needs:**
# [equation (2)](21-one-factor). **Minutes:** twenty-five.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from errorflow import claims
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.flow import factor, paths
from errorflow.flow.activations import ACTIVATIONS, LOGISTIC
from errorflow.flow.forward import trajectory
from errorflow.flow.random_nets import random_net

figures.use_style()

# %% [markdown]
# ## How many terms, and of which sign?
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# The factor is a sum of $n^{q-1}$ terms. As they may differ in sign, more units need not mean a
# larger error flow.
# ```
#
# Five logistic units, weights in $[-2, 2]$. When the net has run for a while, an error is sent back
# from unit 0 to unit 1:

# %%
rng = np.random.default_rng(22)
n, q_max = 5, 7
W, slopes = random_net(rng, n, 2.0, q_max)

print(" q   terms  positive   sum of terms   sum of |terms|")
for q in range(1, q_max + 1):
    terms = factor.path_products(W, slopes[:q], 0, 1)
    share, size = (terms > 0).mean(), np.abs(terms).sum()
    print(
        f"{q:2} {len(terms):7} {share:8.0%} {terms.sum():+14.1e}"
        f" {size:14.1e}"
    )

# %% [markdown]
# The number of terms is multiplied by five at every step, about half of them are positive, and by
# and large the less is left of them, the more there are. Their sizes are spread over many powers of
# ten:

# %% mystnb={"figure": {"name": "fig-path-sizes", "caption": "All paths of seven steps through five units, sorted by the size of their product; positive and negative ones apart."}, "image": {"alt": "Two nearly equal histograms, of positive and of negative products, over the logarithm of their size. Both are bell-shaped, most of them within four powers of ten, with a long tail towards small products."}} tags=["hide-input"]
sizes = np.log10(np.abs(terms))
bins = np.linspace(sizes.min(), sizes.max(), 40)
_, ax = plt.subplots(figsize=(7, 3))
_ = ax.hist(
    sizes[terms > 0],
    bins,
    histtype="stepfilled",
    color=figures.PRODUCT,
    alpha=0.35,
    label="positive",
)
_ = ax.hist(
    sizes[terms < 0],
    bins,
    histtype="step",
    color=figures.shades(2)[0],
    linewidth=2,
    linestyle="--",
    label="negative",
)
_ = ax.set(xlabel=r"$\log_{10}$ |product|", ylabel="number of paths")
_ = ax.legend()

# %% [markdown]
# How much is left after cancellation in larger nets? The paths need not be listed: the sum of the
# absolute products is the factor of a net with weights $|w|$ and the same slopes. The median over
# twenty nets, all pairs of units taken together:

# %%
for n in (5, 10, 50):
    left = [
        paths.cancellation(*random_net(rng, n, 2.0, 6)) for _ in range(20)
    ]
    two, four, six = np.median(left, axis=0)[[1, 3, 5]]
    print(f"n = {n:2}: q = 2 {two:.2g}, q = 4 {four:.1g}, q = 6 {six:.1g}")

# %% [markdown]
# Were the terms alike and their signs tossed with a coin, about $n^{-(q-1)/2}$ would be left. More
# than that is left, since the terms are far from alike: the fewer of them carry the sum, the less
# they cancel.
#
# ## Which weight belongs to which slope?
#
# In equation (2), [its index turned round](21-one-factor), the slope $f'_{l_m}$ stands beside
# $w_{l_{m-1} l_m}$, a weight that *leaves* unit $l_m$. What follows in the paper is about a weight
# that *enters* the unit whose slope is taken, as in the printed form. The product does not mind:
# moved by one place, every slope is beside a weight into its own unit,
#
# $$
# \prod_{m=1}^{q} {\color{#007BC0} f'_{l_m}} {\color{#D55E00} w_{l_{m-1} l_m}} = {\color{#D55E00} w_{u l_1}}\,
# \bigl[{\color{#007BC0} f'_{l_1}} {\color{#D55E00} w_{l_1 l_2}}\bigr] \cdots \bigl[{\color{#007BC0} f'_{l_{q-1}}} {\color{#D55E00} w_{l_{q-1} v}}\bigr]\; {\color{#007BC0} f'_v} ,
# $$
#
# with $q-1$ brackets instead of $q$ and a weight and a slope left over. From here on $\rho$ is
# the size of a bracket. The net input in it contains the very weight it is multiplied by:
#
# $$
# {\color{#9747FF} \rho} = |{\color{#007BC0} f'(\mathrm{net})}\, {\color{#D55E00} w}|, \qquad \mathrm{net} = {\color{#D55E00} w}\,y + c,
# $$
#
# where $y$ is what comes through $w$ and $c$ is what all other inputs and the bias bring.
#
# ## The limit 4
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# The slope of the logistic function is at most 0.25, so $\rho < 1$ for $|w| < 4$. If the largest
# absolute weight is below 4, all $\rho$ are below 1, and the error tends to vanish, especially when
# learning starts.
# ```

# %%
net = np.linspace(-10, 10, 2001)
print(f"largest slope: {LOGISTIC.slope(net).max()}")
for w in (3.9, 4.0, 4.1):
    print(f"|w| = {w}: largest rho {paths.rho(w, 0.0, net).max():.3f}")

# %% [markdown]
# ## Where is $\rho$ largest?
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# For a constant $y \neq 0$, $\rho$ is largest where $w = \frac{1}{y} \coth(\tfrac12 \mathrm{net})$.
# ```
#
# For fixed $y$ and $c$ the derivative of $\log \rho$ with respect to $w$ must be 0:
#
# $$
# \frac{f''(\mathrm{net})}{{\color{#007BC0} f'(\mathrm{net})}}\, y + \frac{1}{{\color{#D55E00} w}} = 0, \qquad
# \frac{f''}{{\color{#007BC0} f'}} = 1 - 2f = -\tanh(\tfrac12 \mathrm{net})
# \quad\Longrightarrow\quad {\color{#D55E00} w} = \frac{1}{y} \coth(\tfrac12 \mathrm{net}).
# $$
#
# That is the paper's formula. It is not yet an answer, for $\mathrm{net}$ depends on $w$. Put into
# $\mathrm{net} = w\,y + c$ it gives an equation for the net input alone,
#
# $$ \mathrm{net} = \coth(\tfrac12 \mathrm{net}) + c . $$
#
# The left side rises, the right side falls on either side of 0, where it jumps from $-\infty$ to
# $\infty$: there are exactly two solutions, one negative, one positive. With
# $f'(\mathrm{net}) = 1 / (4 \cosh^2 \tfrac12 \mathrm{net})$ the value there is
#
# $$ {\color{#9747FF} \rho} = \frac{1}{2\,|y|\, \sinh |\mathrm{net}|} , $$
#
# so that the solution nearer to 0 is the higher one. Here they are for $y = 1$:

# %%
for c in (0.0, -1.0, -2.0, -5.0):
    for net in paths.stationary(c):
        height = paths.rho(net - c, 1.0, c)
        print(f"c = {c:4}: net = {net:+.4f}, w y = {net - c:+.4f}", end="")
        print(f", rho |y| = {height:.4f}")

# %% mystnb={"figure": {"name": "fig-rho", "caption": "$\\rho$ as a function of the weight for $y = 1$ and three other inputs $c$. All marks satisfy the paper's formula; the filled ones are the global maxima. For $c = 0$ there are two."}, "image": {"alt": "Three curves of rho over w from minus 10 to 15. Each is zero at w = 0 and has one hump on either side. For c = 0 the humps are equal and low; for c = -2 and c = -5 the right hump is much higher, for c = -5 above 1, and the left one almost flat."}} tags=["hide-input"]
w = np.linspace(-10, 15, 1001)
_, ax = plt.subplots()
figures.products(ax, 3)
for c in (0.0, -2.0, -5.0):
    (line,) = ax.plot(w, paths.rho(w, 1.0, c), label=f"c = {c:.0f}")
    top = paths.maximum(1.0, c).rho
    for net in paths.stationary(c):
        height = paths.rho(net - c, 1.0, c)
        _ = ax.plot(
            net - c,
            height,
            "o",
            color=line.get_color(),
            fillstyle="full" if height > 0.999 * top else "none",
        )
_ = ax.axhline(1.0, color="0.45", linewidth=1, linestyle="-")
_ = ax.set(xlabel="w", ylabel=r"$\rho = |f'(w\,y + c)\,w|$")
_ = ax.legend(loc="upper left")

# %% [markdown]
# With no other input both solutions are equally high, and low: such a unit has $\rho > 1$ only
# where $|y|$ is below the $\rho\,|y|$ printed for $c = 0$. Another input changes that. A
# negative one is made up for by a large weight, the slope stays near its maximum, and $\rho$ can
# exceed 1 even for $|y| > 1$; the other solution then is a local maximum that does not matter. The
# formula is a condition for the maximum, met twice, not the place of it.
#
# ## What happens for very large weights?
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# As $|w| \to \infty$, $\rho \to 0$. So larger weights cannot avoid the vanishing gradient.
# ```
#
# If $c$ is constant and $y \neq 0$ then $|\mathrm{net}|$ grows with $|w|$, the slope falls as
# $e^{-|w y|}$, and $\rho \to 0$. But weights and biases are learned together. If a bias makes up
# for the weight, $c = -w\,y$, then $\mathrm{net} = 0$ and $\rho = |w|/4$, without limit. What a net does
# that is meant to remember is a third case: a latch, one unit that feeds itself, with the bias
# $-w/2$ that gives it two stable states.

# %%
for w in (4.5, 5, 6, 8, 10, 20):
    constant, held = paths.rho(w, 0.5), paths.rho(w, 0.5, -0.5 * w)
    stable = paths.latch(w)[1]
    print(
        f"w = {w:4}: c = 0 {constant:.4f}, net held at 0 {held:.3f}, "
        f"stable latch {stable:.4f}"
    )

# %% mystnb={"figure": {"name": "fig-rho-limit", "caption": "Three ways to increase a weight. The other input constant: $\\rho$ vanishes in the end. The unit at a stable state of a latch: $\\rho$ is below 1 and vanishes. The net input held at 0 by a bias: $\\rho = |w|/4$ grows."}, "image": {"alt": "Rho on a logarithmic scale over the weight from 0 to 40. Two curves with constant other input rise and then fall to below a thousandth. The curve of the latch starts at 1 where w is 4 and falls. The curve with the net input held at 0 rises to 10."}} tags=["hide-input"]
w = np.linspace(0.05, 40, 500)
own = np.linspace(4.001, 40, 300)
_, ax = plt.subplots()
figures.products(ax, 4)
_ = ax.plot(w, paths.rho(w, 0.5), label="y = 0.5, c = 0")
_ = ax.plot(w, paths.rho(w, 0.5, -5.0), label="y = 0.5, c = -5")
_ = ax.plot(own, [paths.latch(x)[1] for x in own], label="stable latch")
_ = ax.plot(w, paths.rho(w, 0.5, -0.5 * w), label="net held at 0")
_ = ax.axhline(1.0, color="0.45", linewidth=1, linestyle="-")
_ = ax.set(yscale="log", ylim=(1e-4, 30), xlabel="w", ylabel=r"$\rho$")
_ = ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.62))

# %% [markdown]
# Stability is the reason in the third case: a state to which the unit returns is one where a small
# difference shrinks, and $\rho$ is the factor by which it shrinks.
#
# ## Other units
#
# The paper states the maximum and the limit before it names the logistic function. For
# $\tanh = 2 f(2 \mathrm{net}) - 1$ the same steps give $w = \frac{1}{2y} \coth(\mathrm{net})$. Units that do not
# saturate have no maximum at all.

# %%
print("unit      limit of |w|  max rho |y|  rho at w = 10, 100, y = 1")
for name, activation in ACTIVATIONS.items():
    top = "none"
    if activation.steepness:
        top = f"{paths.maximum(1.0, 0.0, activation).rho:.4f}"
    far = paths.rho(np.array([10.0, 100.0]), 1.0, 0.0, activation)
    limit = paths.limit(activation)
    print(f"{name:9} {limit:12} {top:>12}  {far[0]:8.0e} {far[1]:8.0e}")

# %% [markdown]
# ## Does the sum decay if every path does?
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# If $\rho < 1$ for all $m$, the largest product decreases exponentially with $q$: the error flow
# vanishes.
# ```
#
# This is two statements. To test them, draw nets with all $|w| \le 3.9$. The largest product is
# found without listing the paths: the best path to a unit extends the best path to some unit
# before.

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.flow.paths import largest_product

show(largest_product)

# %%
steps, nets = 10, {}
for n in (5, 20, 100):
    number = choose(profile, quick=40 if n < 100 else 20, full=200)
    rng = np.random.default_rng(n)
    nets[n] = [random_net(rng, n, 3.9, steps) for _ in range(number)]
product = {n: [paths.largest_product(*x) for x in nets[n]] for n in nets}
factors = {n: [paths.largest_flow(*x) for x in nets[n]] for n in nets}

# %% mystnb={"figure": {"name": "fig-path-and-sum", "caption": "Nets whose weights are all below 4 in absolute value: the largest product of a single path (left) and the largest factor, the sum over paths (right). Median and middle half over nets; the grey line on the left is $(3.9/4)^q$."}, "image": {"alt": "Two panels over one to ten steps back. Left, the largest single product falls for 5, 20 and 100 units and stays below a grey line. Right, the largest factor falls for 5 units, falls slowly for 20, and rises to several tens for 100."}} tags=["hide-input"]
_, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True)
for ax, largest in zip(axes, (product, factors), strict=True):
    figures.products(ax, len(nets))
    for n in nets:
        figures.decay(ax, np.log(largest[n]).T, f"n = {n}")
    _ = ax.set(xlabel="steps back q")
q = np.arange(1, steps + 1)
_ = axes[0].plot(
    q, q * np.log10(3.9 / 4), color="0.45", linewidth=1, linestyle="-"
)
_ = axes[0].set(
    ylabel=r"$\log_{10}$ of the largest", title="single product"
)
_ = axes[1].set(title="sum over paths")
_ = axes[0].legend(loc="lower left")

# %%
for n, values in factors.items():
    final = np.array(values)[:, -1]
    low, middle, high = np.quantile(final, [0.1, 0.5, 0.9])
    entries = [factor.log_products(*x) for x in nets[n]]
    typical = np.median([np.abs(p[-1]) * np.exp(g[-1]) for p, g in entries])
    print(
        f"n = {n:3}: largest after {steps} steps {middle:7.2g} "
        f"(10-90 %: {low:.1g} .. {high:.2g}), median entry {typical:.0e}"
    )

# %% [markdown]
# The first statement holds for every net. The second does not follow from it, and fails: at a
# hundred units the largest of the $n^2$ factors *grows*, while every path in it shrinks. A step
# makes each path's product smaller, but there are a hundred times as many paths after it, and even
# with signs that cancel this is more than each of them loses. The median pair of units has a small
# factor all the same: most units are saturated, and what grows arrives at the few that are not.
# Sorted by how much of the error arrives, the first tenth of the hundred units against all of them:

# %%
shares, slopes_first, slopes_all = [], [], []
for (_, slopes), (products, _) in zip(nets[100], entries, strict=True):
    arriving = np.abs(products[-1]).sum(axis=0)
    first = np.argsort(-arriving)[:10]
    shares.append(arriving[first].sum() / arriving.sum())
    slopes_first.append(np.median(slopes[-1, first]))
    slopes_all.append(np.median(slopes[-1]))
print(f"share of the error {np.median(shares):.0%}")
print(f"median slope {np.median(slopes_first):.2f}", end=", ")
print(f"of all units {np.median(slopes_all):.0e}")

# %% [markdown]
# What would be sufficient? In one step an error at unit $u$ is spread over the units $l$ in
# parts $w_{ul} f'_l$. If the absolute weights *into* every unit sum to less than 4, the parts
# together are less than the whole, whatever their signs, and so at every further step. The same
# nets, each row scaled to the sum 3.9, run again:

# %%
for n in nets:
    largest = []
    for W, _ in nets[n]:
        V = 3.9 * W / np.abs(W).sum(axis=1, keepdims=True)
        _, slopes = trajectory(V, np.full(n, 0.5), steps)
        largest.append(paths.largest_flow(V, slopes)[-1])
    print(f"n = {n:3}: largest factor in any net {max(largest):.0e}")
print(f"bound (3.9/4)^{steps}: {(3.9 / 4) ** steps:.2f}")

# %% [markdown]
# The [bound](23-the-bound) of the paper is of this kind.
#
# That the flow vanishes *when learning starts* is another matter. With weights in $[-0.2, 0.2]$:

# %%
for n in (5, 20, 100, 400):
    W, slopes = random_net(rng, n, 0.2, steps)
    flows = paths.largest_flow(W, slopes)
    print(f"n = {n:3}: {steps} steps to 1 step {flows[-1] / flows[0]:.0e}")

# %% [markdown]
# There it does, but less so the larger the net. Weights far below 4 are the reason, not weights
# below 4.
#
# ## Do more units carry more error?
#
# ```{admonition} The paper, Section 2, analyzing eq. (2)
# :class: paper
# With more units the expectation of the absolute error flow increases.
# ```
#
# The expectation is over random weights; nothing is said about how they are drawn, or about $q$.
# Three ways to draw them, and the mean of $|$factor$|$ over all pairs of units and all nets:

# %%
sizes = choose(profile, quick=[5, 10, 20, 40, 160], full=[5, 20, 80, 320])
draws = {
    "w in [-0.2, 0.2]": (0.2, False),
    "w in [-4, 4]": (4.0, False),
    "w in [0, 4]": (4.0, True),
}
means = {}
for draw, (w_max, same_sign) in draws.items():
    for n in sizes:
        rng, flows = np.random.default_rng(n), []
        for _ in range(choose(profile, quick=12, full=40) + 1200 // n):
            x = random_net(rng, n, w_max, 8, same_sign=same_sign)
            flows.append(paths.mean_flow(*x))
        means[draw, n] = np.mean(flows, axis=0)

# %% mystnb={"figure": {"name": "fig-more-units", "caption": "The mean absolute factor against the number of units, over $q$ = 1, 2, 3, 5 and 8 steps, for three ways to draw the weights."}, "image": {"alt": "Three panels on logarithmic scales. Weights between -0.2 and 0.2: the curve of one step is nearly flat, all others rise. Weights between -4 and 4: the curves of one and two steps fall, that of three is nearly level, those of five and eight rise. Weights between 0 and 4: all curves fall steeply."}} tags=["hide-input"]
_, axes = plt.subplots(1, 3, figsize=(9, 3.6))
for ax, draw in zip(axes, draws, strict=True):
    figures.products(ax, 5)
    for q in (1, 2, 3, 5, 8):
        values = [means[draw, n][q - 1] for n in sizes]
        _ = ax.plot(sizes, values, label=f"q = {q}")
    _ = ax.set(title=draw, xlabel="units n", xscale="log", yscale="log")
_ = axes[0].set(ylabel="mean |factor|")
_ = axes[2].set(ylim=(1e-30, 1))
_ = axes[2].legend(loc="upper right", fontsize=9)

# %% [markdown]
# The sentence needs conditions:
#
# - **Weights of one sign:** every net input grows with $n$, all units saturate, and the flow goes
#   to 0 for every $q$.
# - **Small weights of both signs:** the slopes hardly change, and a sum of $n^{q-1}$ terms of
#   random sign grows as $n^{(q-1)/2}$. It rises for $q \ge 2$; one step has a single term.
# - **Larger weights of both signs:** net inputs spread as $\sqrt n$, so that the share of units
#   that do not saturate, and with it the means of $f'$ and of $f'^2$, fall as $n^{-1/2}$. A step
#   adds $n$ such terms and multiplies the flow by
#   $(n \cdot n^{-1/2})^{1/2} = n^{1/4}$, and the last slope stands outside the sums:
#   $n^{(q-1)/4 - 1/2} = n^{(q-3)/4}$. It falls for one step and two, and rises from four on.
#
# The exponents between the last two sizes that differ by a factor of four:

# %%
small, large = sizes[-1] // 4, sizes[-1]
for q in (1, 2, 3, 5, 8):
    rates = (q - 1) / 2, (q - 3) / 4
    for draw, expected in zip(draws, rates, strict=False):
        ratio = means[draw, large][q - 1] / means[draw, small][q - 1]
        got = np.log(ratio) / np.log(4)
        print(f"{draw}, q = {q}: {got:+.1f} (expected {expected:+.2f})")

# %% [markdown]
# The larger weights follow the estimate, up to the chance of the draw. The small ones stay somewhat
# below theirs, because their slopes, too, begin to fall at the larger of the two sizes.
#
# ## Can larger weights avoid vanishing?
#
# The paper concludes from the limit of a single $\rho$ that they cannot. The growth a step,
# $\log |$largest factor$| / q$, where positive means that the error grows; the median of ten nets
# for each size and standard deviation of the weights:

# %%
deviations = (0.1, 1, 2, 4, 10, 40)
print("deviation" + "".join(f"{d:6}" for d in deviations))
for n in (1, 10, 100):
    row = []
    for d in deviations:
        rng, growths = np.random.default_rng(n), []
        for _ in range(choose(profile, quick=10, full=100)):
            x = random_net(rng, n, 3**0.5 * d, 30, warm_up=10)
            growths.append(factor.log_flow(*x, 0)[1][-1].max() / 30)
        row.append(np.median(growths))
    print(f"n = {n:5}" + "".join(f"{g:+6.1f}" for g in row))

# %% [markdown]
# One unit never gets above 0, and ten do not either: there the conclusion is right. With a hundred
# units it is wrong over a wide range of weights. Far beyond it all units saturate and the error
# vanishes again. So larger weights *can* keep an error from vanishing in a large net; whether an
# error that grows in this way is of any use for learning is the question of
# [another page](24-where-it-does-not-vanish).
#
# ## What differs from the paper
#
# | place | the paper | here | why |
# |---|---|---|---|
# | $\rho$ | $q$ factors, the weight enters $l_m$ | $q - 1$ factors, a weight and a slope left over | the index of eq. (2) is turned round |
# | maximum of $\rho$ | at $w = \coth(\mathrm{net}/2)/y$ | a condition that two weights meet; one is the maximum | $\mathrm{net}$ depends on $w$ and on other inputs |
# | $\lvert w \rvert \to \infty$ | $\rho \to 0$ | if the other inputs stay constant | a bias can hold $\mathrm{net}$ near 0 |
# | all $\rho < 1$ | the error vanishes | every path does | $n^{q-1}$ paths; sufficient: row sums below 4 |
# | more units | the expected flow increases | for weights of both signs and $q$ large enough | slopes fall as $n$ grows |
# | larger weights | cannot avoid vanishing | can, in large nets | same reason |

# %% [markdown]
# ## Claims on this page

# %% tags=["hide-input"]
Markdown(claims.markdown(claims.committed(), "22-path-by-path"))

# %% [markdown]
# ```{exercise}
# :label: ex-row-sums
# Row sums of $|w|$ below 4 make the error vanish. Do column sums below 4, too?
# ```
#
# ```{solution} ex-row-sums
# :class: dropdown
# Yes. Row sums bound what leaves *one* unit $u$ for all units together, column sums what arrives at
# *one* unit $v$ from all units together: $\lvert$factor$\rvert \le (\mu/4)^q$ with $\mu$ the
# largest column sum follows from the transposed product. Either is sufficient, and so is a
# largest singular value below 4.
# ```
