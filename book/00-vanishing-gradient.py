# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # An error sent back through time fades, and learning fades with it
#
# A recurrent net must find out which of its *past* inputs matter now. Gradient descent asks the
# error at time $t$ to say so, by sending it back: $t-1, t-2, \dots, t-q$. In 1998 Sepp Hochreiter
# {cite}`h98` wrote down by what factor each of those steps scales the error, why the factor is
# almost always small, which remedies were then known, and what happens when the ordinary methods
# and the remedies meet the same two tasks. This book is that paper, run: its formulas are computed
# in front of you, its nets are trained with its rules, and what comes out is printed beside what
# it printed.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np

from errorflow import figures, flow
from errorflow.profiles import choose

figures.use_style()

# %% [markdown]
# ```{admonition} The finding
# :class: finding
# Nets of ten logistic units, weights drawn uniformly from $[-w_{max}, w_{max}]$: whatever the
# scale of the weights, the typical error is below the rounding error of the sum it would have to
# change long before it has gone back a hundred steps.
# ```

# %%
q, n = 100, 10
nets = choose(profile, quick=100, full=1000)
rng = np.random.default_rng(1998)
logs = {}
for w_max in (0.2, 1.0, 3.9, 20.0):
    logs[w_max] = np.empty((q, nets))
    for net in range(nets):
        W = w_max * (2 * rng.random((n, n)) - 1)
        _, slopes = flow.trajectory(W, rng.random(n), q)
        logs[w_max][:, net] = flow.log_flow(W, slopes, 0)[1][:, 1]

# %% mystnb={"figure": {"name": "fig-decay", "caption": "By what factor an error at unit 0 has been scaled when it reaches unit 1, $q$ steps earlier. Line: median over nets; band: the middle half; thin line: the paper's bound $n\\,(n\\,w_{max}/4)^q$ where it decays; grey: where adding the error to a number of size 1 no longer changes it."}, "image": {"alt": "Four falling lines on a logarithmic scale against the number of steps back, from 1 to 100. Weights up to 0.2 fall fastest, to ten to the minus 100 and beyond; weights up to 3.9 fall slowest; weights up to 20 fall faster again. All medians cross the grey line of machine precision."}} tags=["hide-input"]
_, ax = plt.subplots()
for w_max, values in logs.items():
    mu = n * w_max / 4
    bound = np.log(n) + np.arange(1, q + 1) * np.log(mu) if mu < 1 else None
    figures.decay(ax, values, rf"$w_{{max}}$ = {w_max:g}", bound=bound)
_ = ax.axhline(
    np.log10(figures.EPSILON), color="0.45", linewidth=1, linestyle="-"
)
_ = ax.text(
    99,
    np.log10(figures.EPSILON) + 1,
    "machine precision",
    ha="right",
    color="0.35",
)
_ = ax.set(
    xlabel="steps back, q",
    ylabel=r"$\log_{10}$ |factor|",
    ylim=(-80, 4),
    xlim=(1, 100),
)
_ = ax.legend(loc="lower left")

# %% [markdown]
# Read off the same numbers, as factors per step:

# %%
for w_max, values in logs.items():
    per_step = np.exp(np.median(values[-1]) / q)
    lost = (
        np.argmax(np.median(values, axis=1) < np.log(figures.EPSILON)) + 1
    )
    print(
        f"w_max = {w_max:4g}: {per_step:.3f} a step; below machine precision after {lost} steps"
    )
