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
from IPython.display import Markdown

from errorflow import claims
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.flow import factor
from errorflow.flow.forward import trajectory

figures.use_style()

# %% [markdown]
# ```{admonition} The finding
# :class: finding
# Nets of ten logistic units, weights drawn uniformly from $[-w_{max}, w_{max}]$: whatever the
# scale of the weights, the typical error shrinks with every step back. It shrinks fastest at the
# scale at which nets are initialised, where rounding has swallowed it within a few dozen steps.
# ```

# %%
q, n = 100, 10
nets = choose(profile, quick=100, full=1000)
rng = np.random.default_rng(1998)


def flow_of_a_net(w_max):
    """Return log |factor| from unit 0 to unit 1 over 1 .. q steps."""
    W = w_max * (2 * rng.random((n, n)) - 1)
    _, slopes = trajectory(W, rng.random(n), q)
    return factor.log_flow(W, slopes, 0)[1][:, 1]


# %%
logs = {}
for w_max in (0.2, 1.0, 3.9, 20.0):
    flows = [flow_of_a_net(w_max) for _ in range(nets)]
    logs[w_max] = np.transpose(flows)

# %% mystnb={"figure": {"name": "fig-decay", "caption": "By what factor an error at unit 0 has been scaled when it reaches unit 1, $q$ steps earlier. Line: median over nets; band: the middle half; thin line: the paper's bound $n\\,(n\\,w_{max}/4)^q$ where it decays; grey: where adding the error to a number of size 1 no longer changes it."}, "image": {"alt": "Four falling lines on a logarithmic scale against the number of steps back, from 1 to 100. Weights up to 0.2 fall fastest, to ten to the minus 100 and beyond; weights up to 3.9 fall slowest; weights up to 20 fall faster again. All but the one for 3.9 cross the grey line of machine precision."}} tags=["hide-input"]
_, ax = plt.subplots()
figures.products(ax, len(logs))
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
print("w_max   factor a step   below machine precision after")
for w_max, values in logs.items():
    median = np.median(values, axis=1)
    below = np.flatnonzero(median < np.log(figures.EPSILON)) + 1
    lost = f"{below[0]} steps" if len(below) else f"more than {q} steps"
    print(f"{w_max:5g} {np.exp(median[-1] / q):15.3f}   {lost}")

# %% [markdown]
# Weights from 0.2 to 20 cover all that a net meets between its start and saturation: small weights
# pass little on, large ones push the units to where their slope is small. In between, the decay
# is slowest, and the band shows that some nets there hardly lose anything. Larger nets can even
# amplify an error: [a page of Section 2](24-where-it-does-not-vanish) maps where that happens.
#
# ## The book
#
# | the paper | here | what came out |
# |---|---|---|
# | Section 2, error signals | [How the error travels](20-how-the-error-travels) | right, once the output's slope is counted once |
# | Section 2, eqs. (1) to (3) | [One factor, three forms](21-one-factor) | right, once an index in eq. (2) is turned round |
# | Section 2, analysis of eq. (2) | [Path by path](22-path-by-path) | each path decays; their sum need not |
# | Section 2, upper bound | [The bound](23-the-bound) | true, and far from tight |
# | Section 2, conclusion | [Where it does not vanish](24-where-it-does-not-vanish) | small nets vanish; large ones with medium weights do not |
# | Sections 2 and 3 | [Other units](25-flow-through-other-units), [play with it](26-play-with-the-flow) | what keeps an error alive |
# | Section 3, gradient methods | [Exact or cut short](30-gradient-methods) | one gradient, and it fades |
# | Section 3, type (1) | [Without gradients](31-without-gradients) | no lag is felt, but every parameter and digit |
# | Section 3, type (2) | [Larger gradients](32-larger-gradients) | dividing by curvatures wins a lag or two; strong latches of threshold units any |
# | Section 3, type (3) | [Higher levels](33-higher-levels) | a hundred steps, if states are laid out or what lies between is predictable |
# | Section 3, type (4) | [Special architectures](34-special-architectures) | linear paths keep the error, only a gate keeps what it stores |
# | Section 3, all of it | [How long a lag](35-how-long-a-lag) | seven methods bridge a hundred steps, the plain gradient two |
# | Section 4.1, Table 1 | [The embedded Reber grammar](40-embedded-reber) | learned; how often depends on details left open |
# | Section 4.2, Table 2 | [Two sequences, one lag](41-two-sequences) | the comparison holds; the counts do not |
# | Abstract, Section 1, the cause | [The cause](42-the-cause) | true at lag 4; at lag 10 in part |
#
# All that has been decided, [claim by claim](80-verdicts):

# %% tags=["hide-input"]
_, others = claims.counts(claims.committed())
Markdown("; ".join(f"{number} **{v}**" for v, number in others.items()))

# %% [markdown]
# [Notation](01-notation) maps the paper's symbols to the names in the code. Every page
# says first what came out, then what the paper claims, in a box of this kind, in our words:
#
# ```{admonition} The paper, Abstract
# :class: paper
# Learning takes too long where relevant inputs lie many steps before the output they matter for,
# because the error vanishes on its way back. Other methods can learn such tasks in reasonable time.
# ```
#
# Code is shown where it is the argument; what only draws is folded away. Every number comes from
# the cell above it. `make book` runs every cell again before it renders a page.
