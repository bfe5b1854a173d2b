# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Memory cells, gates held open and attention keep an error alive; default initialisations do not
#
# ```{admonition} The finding
# :class: finding
# Measured in one and the same way, the error flow of plain nets, and of torch's LSTM and GRU as
# they are initialised, falls by more than ten orders of magnitude within a hundred steps. It does
# not fall in the memory cell of 1997: from content to content the factor is exactly 1 by its own
# rule, and of the order of 1 at the initial weights when nothing is truncated. A bias that holds
# the gates open does the same for LSTM and GRU. Attention does not fade with distance at all, but
# shares one error among all inputs.
# ```
#
# **What you will see:** one function of autograd that measures any architecture, checked against
# equation (1), and eleven nets under it. **What it needs:** [the scaling factor](21-one-factor).
# **Minutes:** twenty.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import Markdown
from torch import nn

from errorflow import claims
from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.flow import factor
from errorflow.flow.forward import trajectory
from errorflow.flow.memory_cells import memory_cells
from errorflow.flow.torch import measure
from errorflow.nets import lstm

figures.use_style()
_ = torch.set_num_threads(1)

# %% [markdown]
# ## One handle for every architecture
#
# Equation (1) goes from the net input of a unit to that of another. An LSTM has several net inputs
# a unit, self-attention has none and no recurrence either. What all of them have is a sequence of
# inputs $x(1), \dots, x(T)$ and a last output $y(T)$. So here the error flow over $q$ steps is
#
# $$
# {\color{#9747FF} \frac{\partial y_u(T)}{\partial x_v(T-q)}}, \qquad q = 0, 1, \dots, T-1,
# $$
#
# and its size the spectral norm of this matrix: the most that an error of length 1 at the output
# can bring to the input of $q$ steps before. `measure` asks autograd for it, once for each output.
# (On a model of your own it is [one line](86-measure-your-own-model).)

# %% tags=["remove-input"]
from errorflow.display.source import show
from errorflow.flow.torch_autograd import derivatives

show(derivatives)

# %% [markdown]
# Does that agree with the paper's factor where both are defined? An Elman net whose units receive
# one input each, through a weight of 1:


# %%
def elman(W, f):
    """y(t) = f(W y(t-1) + x(t)), from y = 0."""

    def run(x):
        y, outputs = torch.zeros(len(W), dtype=torch.float64), []
        for now in x:
            y = f(W @ y + now)
            outputs.append(y)
        return torch.stack(outputs)

    return run


# %% [markdown]
# There $x_v(T-q)$ is a part of $\mathrm{net}_v(T-q)$, and $y_u(T)$ is $f$ of $\mathrm{net}_u(T)$. The derivative
# must be the factor of equation (1) times one more slope, $f'_u(\mathrm{net}_u(T))$:

# %%
rng = np.random.default_rng(25)
W, x = 4 * rng.random((5, 5)) - 2, rng.random((20, 5))
_, slopes = trajectory(W, np.zeros(5), len(x), drive=x)
measured = measure(elman(torch.tensor(W), torch.sigmoid), x).factors

worst = 0.0
for q in range(1, len(x)):
    for u, v in np.ndindex(5, 5):
        eq1 = factor.scaling_recursive(W, slopes[1 : q + 1], u, v)
        wanted = slopes[0, u] * eq1
        difference = abs(measured[q, u, v].item() - wanted)
        worst = max(worst, difference / measured[q].abs().max().item())
print("equal to eq. (1) to 1e-12, for all u, v and q:", worst < 1e-12)

# %% [markdown]
# In other nets the weights and gates through which $x(T-q)$ comes in, and those through which
# $y(T)$ goes out, are part of what is measured. They move a curve up or down as a whole; how it
# falls with $q$ is the matter of the recurrence.
#
# ## Plain recurrent nets
#
# All nets get the same inputs, eight Gaussian numbers a step for a hundred steps, and have eight
# units. The median over seeds is shown.

# %%
T, n, seeds = 100, 8, choose(profile, quick=5, full=50)


def flows(make, scale=1.0, T=T):
    """Median over seeds of the norms, for nets drawn by make()."""
    norms = []
    for seed in range(seeds):
        _ = torch.manual_seed(seed)
        x = scale * torch.randn(T, n, dtype=torch.float64)
        norms.append(measure(make(), x).norms)
    return torch.stack(norms).median(0).values.numpy()


def powers(norms):
    """Powers of ten at q = 0, 10, 99, and the mean factor a step."""
    logs = np.log10(norms[[0, 10, -1]])
    step = 10 ** ((logs[2] - logs[1]) / (len(norms) - 11))
    texts = [f"{round(log, 1) + 0.0:8.1f}" for log in logs]
    return "".join(texts) + f"{step:8.2f}"


head = "power of ten at q =     0      10      99  a step"


# %% [markdown]
# `nn.RNN` has tanh units and draws its weights from $[-1/\sqrt{n}, 1/\sqrt{n}]$. The logistic net
# has the same range; the third is a tanh net with an orthogonal recurrent matrix and no biases:


# %%
def logistic():
    W = (2 * torch.rand(n, n, dtype=torch.float64) - 1) / n**0.5
    return elman(W, torch.sigmoid)


def tanh():
    return nn.RNN(n, n).double()


def orthogonal():
    net = nn.RNN(n, n, bias=False).double()
    nn.init.orthogonal_(net.weight_hh_l0)
    return net


# %%
curves = {f.__name__: flows(f) for f in (logistic, tanh, orthogonal)}
print(head)
for name, norms in curves.items():
    print(f"{name:18}{powers(norms)}")

# %% [markdown]
# All three vanish, the logistic one fastest: its slope is a quarter at most. Why does the orthogonal
# net vanish too? Its matrix keeps every length, but its slopes are 1 only where the units are at 0.
# Smaller inputs:

# %%
for scale in (0.1, 0.01, 0.001):
    print(f"inputs x {scale:5} {powers(flows(orthogonal, scale))}")

# %% [markdown]
# An orthogonal matrix keeps the error as long as the units stay nearly linear, that is, as long as
# next to nothing is put into them.
#
# ## The memory cell of 1997: from content to content
#
# ```{admonition} The paper, Section 3
# :class: paper
# LSTM enforces constant error flow through special units. Irrelevant signals are kept from
# perturbing what they store by multiplicative units.
# ```
#
# A cell's content is $s(t) = s(t-1) + y^{in}(t)\, g(\mathrm{net}_c(t))$. Its rule does not let errors go
# back through the recurrent connections {cite}`nc97`, so what remains of the recurrence is $s$ and
# its self-weight of 1. `memory_cells` takes a second handle, an amount added to the contents. The
# net is the one of Table 1 with four cells, its inputs are random symbols:


# %%
def cells(scale=1.0, blocks=4):
    """Table 1's net, weights drawn from [-0.2, 0.2] times scale."""
    net = lstm.table1(blocks, 1)
    draw = torch.rand(len(net.w), dtype=torch.float64).numpy()
    net.w[:] = 0.2 * scale * (2 * draw - 1)
    net.bias[blocks:] = -1.0 - np.arange(blocks)  # output gates: -1, -2, ..
    return net


def contents(net, x, truncate):
    """The flow from contents to contents."""
    nothing = torch.zeros(len(x), net.blocks, dtype=torch.float64)
    return measure(
        lambda added: memory_cells(net, x, added, truncate=truncate)[1],
        nothing,
    )


# %%
_ = torch.manual_seed(0)
symbols = nn.functional.one_hot(torch.randint(7, (T,)))
factors = contents(cells(), symbols, truncate=True).factors
same = bool((factors == torch.eye(4)).all())
print(f"truncated: the identity, bit for bit, at all {T} distances: {same}")

# %% [markdown]
# Nothing is lost, and nothing is passed on to another cell. That is true of the truncated error,
# which is not the gradient. The full gradient adds what goes out of a cell, through its output
# gate and recurrent weights, into the gates and inputs of all cells. How much is that?

# %%
print("largest and smallest singular value of the full flow, q = 99")
for scale in (1, 10):
    ends = []
    for seed in range(seeds):
        _ = torch.manual_seed(seed)
        full = contents(cells(scale), symbols, truncate=False).factors
        singular = torch.linalg.svdvals(full[-1])
        ends.append([singular[0].item(), singular[-1].item()])
    high, low = np.max(ends, 0)[0], np.min(ends, 0)[1]
    print(f"weights within {0.2 * scale:.1f}: {low:8.2g} to {high:.2g}")

# %% [markdown]
# At the initial weights the full flow stays of the order of 1 over a hundred steps, while that of
# the nets above is gone; but it is no longer 1, and differs between the cells. With weights ten
# times larger it grows in one direction and shrinks in another. The self-weight of 1 keeps the
# gradient from vanishing at the start of learning; that it is *constant* is the work of the
# truncation.
#
# ## What irrelevant inputs do to the content
#
# ```{admonition} The paper, Section 3
# :class: paper
# A unit that adds its scaled net input to its old activation stores a value that later, irrelevant
# inputs disturb. The multiplicative units of LSTM prevent that.
# ```
#
# Put 1 into each cell, then show it random inputs. With its input gate held at 1 the cell is the
# adding unit; the other gates have the biases 0, -5 and -10. The second column is the price: the
# largest flow from any later input to the contents.


# %%
def disturbed(bias, seed):
    """Largest change of a content 1; largest flow from an input."""
    _ = torch.manual_seed(seed)
    net = cells()
    net.bias[:4] = bias
    x = torch.randn(T, 7, dtype=torch.float64)
    start = torch.zeros(T, 4, dtype=torch.float64)
    start[0] = 1.0
    s = memory_cells(net, x, start)[1]
    into = measure(lambda x: memory_cells(net, x, start)[1], x)
    return (s[-1] - 1).abs().max().item(), into.norms.max().item()


# %%
for name, bias in (("held at 1", 50), ("0", 0), ("-5", -5), ("-10", -10)):
    change, into = np.median([disturbed(bias, s) for s in range(3)], axis=0)
    print(f"input gate {name:10} change {change:7.1g}   flow {into:.1g}")

# %% [markdown]
# The adding unit and the cell with a half-open gate lose what they stored. A closed gate protects
# it, and shuts out with the inputs the error that would teach the cell what to store: gates have to
# learn when to open. Nothing in the architecture closes them at the start.
#
# ## Time constants and linear units
#
# ```{admonition} The paper, Section 3
# :class: paper
# Where units have time constants, these determine the factor by which an error is scaled over one
# step at a single unit.
# ```
#
# A unit $y(t) = \tau\, y(t-1) + (1-\tau)\, \tanh(x(t))$ with no other recurrence; then its
# descendant of today, a diagonal linear unit $h(t) = \lambda\, h(t-1) + x(t)$ with complex
# $\lambda$ of modulus 0.99, whose real and imaginary parts are its outputs:


# %%
def leaky(tau):
    def run(x):
        y, outputs = torch.zeros_like(x[0]), []
        for now in x:
            y = tau * y + (1 - tau) * torch.tanh(now)
            outputs.append(y)
        return torch.stack(outputs)

    return run


def linear():
    turn = torch.exp(1j * torch.linspace(0.0, 3.0, n).double())
    h, lam = torch.zeros(n), 0.99 * turn

    def run(x, h=h):
        outputs = [h := lam * h + now for now in x]
        return torch.view_as_real(torch.stack(outputs)).flatten(1)

    return run


# %%
same_input = torch.full((T, 1), 0.5)
powers_of = 0.0 + np.arange(T)
for tau in (0.5, 0.9, 0.99):
    norms = measure(leaky(tau), same_input).norms.numpy()
    exact = np.allclose(norms / norms[0], tau**powers_of, rtol=1e-12)
    print(f"tau = {tau:<4}: tau^q to 1e-12: {exact}", end=", ")
    print(f"after {T - 1} steps {norms[-1] / norms[0]:.1g}")
curves["linear"] = flows(linear)
print(np.allclose(curves["linear"], 0.99**powers_of, rtol=1e-12))

# %% [markdown]
# One number decides; and one number fits one time lag. Only the self-weight 1 fits all of them,
# and that is the cell of 1997.
#
# ## Gates of today, and attention
#
# torch's LSTM multiplies the content by a forget gate at each step, its GRU by an update
# gate. Both gates start near one half. A bias of 5 holds them open:


# %%
def default_lstm():
    return nn.LSTM(n, n).double()


def default_gru():
    return nn.GRU(n, n).double()


def held_open(net):
    with torch.no_grad():
        net.bias_ih_l0[n : 2 * n] += 5.0  # LSTM: forget; GRU: update
    return net


# %% [markdown]
# And a head of causal self-attention, in which the last output looks at all inputs directly:


# %%
def attention():
    Q, K, V = (nn.Linear(n, n, bias=False).double() for _ in range(3))

    def run(x):
        scores = Q(x) @ K(x).T / n**0.5
        future = torch.ones(len(x), len(x), dtype=bool).triu(1)
        return scores.masked_fill(future, -torch.inf).softmax(1) @ V(x)

    return run


# %% [markdown]
# For the figure the cell of 1997 has eight cells and reads the same inputs as all others:


# %%
def cells_of_1997(truncate):
    g, h = lstm.Squash(-2.0, 2.0), lstm.Squash(-1.0, 1.0)
    net = lstm.memory_cells(n, n, 1, 1, g=g, h=h)
    draw = torch.rand(len(net.w), dtype=torch.float64).numpy()
    net.w[:] = 0.4 * draw - 0.2
    return lambda x: memory_cells(net, x, truncate=truncate)


# %%
curves["LSTM"] = flows(default_lstm)
curves["GRU"] = flows(default_gru)
curves["LSTM, bias 5"] = flows(lambda: held_open(default_lstm()))
curves["GRU, bias 5"] = flows(lambda: held_open(default_gru()))
curves["attention"] = flows(attention)
curves["1997, truncated"] = flows(lambda: cells_of_1997(True))
curves["1997, full"] = flows(lambda: cells_of_1997(False))

# %% mystnb={"figure": {"name": "fig-other-units", "caption": "Norm of the derivative of the last output by the input $q$ steps before, median over seeds. Left: nets in which it vanishes. Right: units in which it lasts, as medians over ten neighbouring distances; mind the scale, three powers of ten instead of sixty."}, "image": {"alt": "Two panels on logarithmic scales. Left, five straight falling lines: logistic falls below 1e-60 within seventy steps, tanh to about 1e-39, LSTM and GRU to about 1e-21, the orthogonal net to about 1e-13. Right, six nearly level lines: the linear unit falls from 1 to a third, the others stay near 1e-2, attention and both cells of 1997 without any trend."}} tags=["hide-input"]
fading = ("logistic", "LSTM", "GRU", "tanh", "orthogonal")
lasting = ("linear", "LSTM, bias 5", "GRU, bias 5", "attention")
lasting += ("1997, truncated", "1997, full")
_, axes = plt.subplots(1, 2, figsize=(8.5, 4.6))
for name in fading:
    _ = axes[0].plot(np.arange(T), curves[name], label=name)
for name in lasting:
    medians = np.median(curves[name].reshape(-1, 10), axis=1)
    _ = axes[1].plot(np.arange(4.5, T, 10), medians, label=name)
for ax, title in zip(axes, ("vanishes", "lasts"), strict=True):
    _ = ax.set(yscale="log", xlabel="steps back, $q$", xlim=(0, T))
    _ = ax.set_title(title, fontsize=11)
    _ = ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, fontsize=9
    )
_ = axes[0].set(ylim=(1e-60, 1e1), yticks=10.0 ** np.arange(-60, 1, 20))
_ = axes[0].set_ylabel("norm of $dy(T)/dx(T-q)$")
_ = axes[1].set_ylim(2e-3, 2.0)

# %%
print(head)
for name, norms in curves.items():
    print(f"{name:18}{powers(norms)}")

# %% [markdown]
# The last column is the factor by which the norm changes in a step. Without a bias the forget gate of
# the LSTM is a time constant of little more than one half, and so is the update gate of the GRU: a
# better one than the slopes of a tanh net, and no more. What makes an LSTM remember is the bias of
# that gate, or the gate's absence, as in 1997. At the start no training has moved these gates: the
# table says what gradient descent has to begin with.
#
# Attention is level for another reason: there are no steps to go through. Its price is in the length
# of the sequence. The median flow over all distances:

# %%
for length in (25, 100, 400):
    median = np.median(flows(attention, T=length))
    print(f"T = {length:3}: {median:.2g}, times T: {median * length:.1f}")

# %% [markdown]
# An untrained head looks at everything alike, so each input gets about one part in $T$ of the error:
# the flow falls with the length of the sequence, in proportion and not exponentially.
#
# ## What differs from the paper
#
# | place | the paper | here | why |
# |---|---|---|---|
# | Section 2, the factor | from net input to net input | from output to input | the one handle that every architecture has |
# | Section 3, LSTM's constant flow | stated without condition | exact for the truncated error; of the order of 1 for the full gradient | the paper leaves the rule to its references |
# | Section 3, multiplicative units | prevent perturbations | do so when closed | whether training closes them is the matter of [Section 4](40-embedded-reber) |
# | later units | not there yet | measured beside | they answer the same question |

# %% [markdown]
# ## Claims on this page

# %% tags=["hide-input"]
ledger = claims.committed()
Markdown(claims.markdown(ledger, "25-flow-through-other-units"))

# %% [markdown]
# ```{exercise}
# :label: ex-gru
# The GRU with bias 5 has a level flow, but a small one from the start, $q = 0$. The LSTM with
# bias 5 starts higher. Why?
# ```
#
# ```{solution} ex-gru
# :class: dropdown
# With an update gate $z$ the GRU keeps $z$ of its content and lets in $1 - z$ of the new one: what
# holds the content shuts the input out. An LSTM has a gate of its own for the input.
# ```
