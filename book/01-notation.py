# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # One notation for the paper, the formulas and the code
#
# ```{admonition} The finding
# :class: finding
# The paper's symbols can be used as names in code almost unchanged. Two habits of the paper have to
# be pinned down to do so: weights carry the index of the unit they lead *to* first, and time runs
# backwards in everything that is about an error.
# ```
#
# **What you will see:** a table to come back to. **What it needs:** nothing. **Minutes:** three.
#
# ## Units, weights, activations
#
# | paper | meaning | code | shape |
# |---|---|---|---|
# | $n$ | number of units | `n` | |
# | $w_{ij}$ | weight from unit $j$ to unit $i$ | `W[i, j]` | (n, n) |
# | $\mathrm{net}_i(t)$ | net input, $\sum_j w_{ij}\, y^j(t-1)$ | `W @ y` | (n,) |
# | $y^i(t)$ | activation, $f_i(\mathrm{net}_i(t))$ | `y[i]` | (n,) |
# | $f_i$, $f'_i$ | activation function, its slope | `numerics.logistic`; `slopes` | |
# | $d_k(t)$ | target of output unit $k$ | `symbols[t + 1] == k` | |
# | $E_k(t)$ | external error of an output unit | `errors[k]`, $d_k - y^k$ | (outputs,) |
# | $\vartheta_j(t)$ | error signal of unit $j$ | `theta` | |
# | $\alpha$ | learning rate | `alpha` | |
#
# ## The way back
#
# | paper | meaning | code | shape |
# |---|---|---|---|
# | $q$ | steps an error has gone back | `q` | |
# | $u$, $v$ | where it starts, where it arrives | `u`, `v` | |
# | $f'_l(\mathrm{net}_l(t-m))$ | slope met after $m$ steps | `slopes[m - 1, l]` | (q, n) |
# | $\partial\vartheta_v(t-q)/\partial\vartheta_u(t)$ | the scaling factor | `factor.scaling_recursive(W, slopes, u, v)` | |
# | $l_1, \dots, l_{q-1}$ | the units of one path | an entry of `factor.path_products` | (n^(q-1),) |
# | $W_{u^T}$, $W_v$ | weights into $u$, out of $v$ | `W[u]`, `W[:, v]` | (n,) |
# | $F'(t-m)$ | diagonal matrix of slopes | `np.diag(slopes[m - 1])` | (n, n) |
# | $w_{max}$, $\mu$ | largest weight; $n\,w_{max}/4$ | `w_max`, `mu` | |
#
# Displayed formulas and figures use one colour each for slopes, weights and their product:
#
# $$
# {\color{#007BC0} f'}, \quad {\color{#007BC0} F'}\ \text{(slopes)} \qquad
# {\color{#D55E00} w}, \quad {\color{#D55E00} W}\ \text{(weights)} \qquad
# {\color{#9747FF} \rho}, \quad {\color{#9747FF} \frac{\partial \vartheta_v(t-q)}{\partial \vartheta_u(t)}}\ \text{(the product, the factor)}
# $$
#
# Several factors in one figure, or the terms of one, are shades of the same violet. Where the nets
# of a figure differ in kind, or something else is shown, colours only tell the curves apart.
#
# ## Experiments
#
# | papers | meaning | code |
# |---|---|---|
# | $p$ | minimal time lag of Experiment 2 | `p` |
# | $s_{c}$, $y^{c}$ | a memory cell's content and output | `state` of `nets.lstm.MemoryCells` |
# | $y^{in}$, $y^{out}$ | its gates' activations | the same |
# | $g$, $h$ | its input and output function | `net.g`, `net.h` |
#
# The symbols of memory cells are those of the article of 1997 {cite}`nc97`, which describes the
# experiments; the paper of 1998 refers to its preprint {cite}`r08`.
#
# ## A net, its weights, its count
#
# In the library a net is a tuple of arrays. All weights lie in one vector `w`; the matrices are
# views of it, so the count is the length of the vector, and it shows:

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
from errorflow.nets import layered, lstm, recurrent

for net in (recurrent.table1(3), lstm.table1(3, 2), layered.table2(100)):
    print(net)

# %% [markdown]
# These are the counts that the paper's two tables print for the same nets: about 170, 276 and
# 10404.
