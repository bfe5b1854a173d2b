# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Measure your own model: as torch makes them, recurrent nets lose an error within tens of steps
#
# ```{admonition} The finding
# :class: finding
# One line draws how much of an error at the last output reaches each earlier input, for any torch
# model that reads a sequence. `nn.RNN`, `nn.GRU` and `nn.LSTM` as they are initialised let less than
# a thousandth of it through to inputs twenty steps back. A larger bias at the forget gate,
# attention, or a mean over the steps before the last layer keep it: none of them needs training to
# do so.
# ```
#
# **What you will see:** one function on a handful of models, what its picture says, and what it
# refuses to measure. **What it needs:** torch; of the paper, that [an error is multiplied at every
# step](21-one-factor). **Minutes:** fifteen.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %%
import math
import textwrap

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn.utils import rnn

from errorflow.display import figures
from errorflow.display.profiles import choose
from errorflow.flow.torch import measure, plot

figures.use_style()
torch.set_num_threads(1)
_ = torch.manual_seed(86)

# %% [markdown]
# ## One line
#
# A model that computes in float64, and a sequence of a hundred inputs, (T, I). Yours comes with its
# weights and a sequence of your data; here both are random:

# %% mystnb={"figure": {"name": "fig-one-line", "caption": "The error flow of torch's LSTM as it is initialised, for one random sequence."}, "image": {"alt": "A line that falls nearly straight, from a power of ten just below 0 at no step back to about -20 at a hundred steps back."}}
lstm, sequence = nn.LSTM(8, 16).double(), torch.randn(100, 8)
_ = plot(lstm, sequence)

# %% [markdown]
# ## How to read it
#
# **Across:** steps back from the last input; $q = 0$ is the last input itself. **Up:** the power of
# ten of the norm of $\partial y(T) / \partial x(T-q)$, that is, the most that an error of length 1
# at the last output $y(T)$ can bring to the input $x(T-q)$. This is what gradient descent has to go
# by when it should learn from that input.
#
# **A straight line** means that every step back multiplies the error by the same factor, and its
# slope is the logarithm of that factor: $\lvert \text{flow} \rvert \approx c \cdot
# \text{factor}^{\,q}$. That is the paper's Section 2: the error is a product of as many factors $w
# f'$ as there are steps.
#
# | the line | factor a step | what it means |
# |---|---|---|
# | falls | below 1 | the error vanishes: far inputs have next to no part in the gradient |
# | rises | above 1 | it explodes: far inputs make it useless |
# | is level | 1 | far and near inputs count alike |
#
# **Where it begins,** $c$, is the doing of the weights that lead into the net and out of it. They
# lift or lower the whole line, and a larger learning rate makes up for them; for a slope nothing
# does. Two numbers sum it up:


# %%
def a_step(flow):
    """The factor by which one more step back multiplies the error."""
    logs = flow.logs.reshape(-1, flow.logs.shape[-1]).median(0).values
    return ((logs[-1] - logs[10]) / (len(logs) - 11)).exp().item()


def reach(flow):
    """Steps back to where a thousandth is left of the flow at q = 0."""
    logs = flow.logs.reshape(-1, flow.logs.shape[-1]).median(0).values
    below = (logs < logs[0] - math.log(1000)).nonzero()
    return f"{int(below[0])} steps" if len(below) else "all steps"


flow = measure(lstm, sequence)
print(f"factor a step {a_step(flow):.2f}, a thousandth after {reach(flow)}")

# %% [markdown]
# `measure` returns what `plot` draws: `norms` and their natural logarithms `logs`, and `factors`,
# the derivative of every output by every input.
#
# ## Five models, as torch makes them
#
# One sequence says little about a model, so take a batch. These models read (T, B, I), as torch's
# recurrent nets do unless they are told otherwise: `batch_dim=1`. The curve is then the median, with
# the middle half of the sequences as a band.

# %%
n, T = 16, 100
batch = torch.randn(T, choose(profile, quick=5, full=50), 8)


def forget_3():
    """An LSTM whose forget gate starts at f(3) rather than f(0)."""
    net = nn.LSTM(8, n)
    with torch.no_grad():
        net.bias_ih_l0[n : 2 * n] += 3.0
    return net


class Attention(nn.Module):
    """Two layers of causal self-attention."""

    def __init__(self):
        super().__init__()
        self.into = nn.Linear(8, n)
        layer = nn.TransformerEncoderLayer(n, 2, 4 * n)
        self.layers = nn.TransformerEncoder(
            layer, 2, enable_nested_tensor=False
        )

    def forward(self, x):
        T, ahead = len(x), -math.inf
        mask = torch.full((T, T), ahead, dtype=x.dtype).triu(1)
        return self.layers(self.into(x), mask=mask)


# %% [markdown]
# `double()` makes them compute in float64, `eval()` switches dropout off, which the attention layers
# bring with them:

# %%
models = {
    "RNN": nn.RNN(8, n),
    "GRU": nn.GRU(8, n),
    "LSTM": nn.LSTM(8, n),
    "LSTM, forget bias 3": forget_3(),
    "attention": Attention(),
}
flows = {
    name: measure(model.double().eval(), batch, batch_dim=1)
    for name, model in models.items()
}
for name, flow in flows.items():
    print(f"{name:20} {a_step(flow):.2f} a step, {reach(flow)}")

# %% mystnb={"figure": {"name": "fig-five-models", "caption": "Five models with their initial weights: medians over the sequences of a batch, bands for the middle half. Right: the two that keep the error, on a scale of their own."}, "image": {"alt": "Two panels. Left, three lines fall steadily, RNN to a power of ten of about -35, GRU to -21, LSTM to -18 at a hundred steps back, while two lines stay near -2. Right, the same two closer: attention drops after the last input and is then level, the LSTM with forget bias 3 sinks slowly, by about one power of ten."}} tags=["hide-input"]
_, axes = plt.subplots(1, 2, figsize=(8.5, 3.9))
for ax, names in zip(axes, (list(flows), list(flows)[3:]), strict=True):
    for name in names:
        place = list(flows).index(name)
        ax.set_prop_cycle(
            color=[figures.COLOURS[place]],
            linestyle=[figures.DASHES[place]],
        )
        _ = plot(flows[name], ax=ax, label=name)
_ = axes[0].legend(loc="lower left", fontsize=9)
_ = axes[1].set_ylabel("")

# %% [markdown]
# The three recurrent nets lose the error, the LSTM too: its forget gate starts at $f(0) = 1/2$, and
# a content that is halved at every step is no memory. A bias of 3 opens the gate to $f(3)$, and the
# line is nearly level; the memory cell of 1997, which has no such gate, is so from the start.
# Attention looks at every input directly. Only the last input is special: it is also passed on
# unchanged.
# [The page on other units](25-flow-through-other-units) has more of them.
#
# ## Where numbers end
#
# A net of tanh units at rest, with recurrent weights four times as large as torch's, and an LSTM over
# two thousand steps. Both leave the range of float64, from $10^{-308}$ to $10^{308}$; `logs`, and the
# picture, go on to $10^{\pm 600}$:

# %%
at_rest = nn.RNN(8, n, bias=False).double()
with torch.no_grad():
    at_rest.weight_hh_l0 *= 4.0
ends = {
    "exploding": measure(at_rest, torch.zeros(1000, 8)),
    "vanishing": measure(nn.LSTM(8, 8).double(), torch.randn(2000, 8)),
}
for name, flow in ends.items():
    end = flow.logs[-1].item() / math.log(10)
    lost = int(((flow.norms == 0) | flow.norms.isinf()).sum())
    print(f"{name}: {lost} norms are 0 or inf, the last is 10^{end:.0f}")

# %% [markdown]
# ## Tokens, several outputs, one answer at the end
#
# Tokens are integers, and by an integer nothing can be derived. So name the layer that makes vectors
# of them, and the flow goes back to these. Where a model returns several things, name the one that is
# meant. This one answers once, after it has read everything; it reads its last state, or the mean of
# all:


# %%
class Classifier(nn.Module):
    """Tokens (B, T) to logits (B, 3)."""

    def __init__(self, mean=False):
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, n, batch_first=True)
        self.head = nn.Linear(n, 3)
        self.mean = mean

    def forward(self, tokens):
        hidden, _ = self.lstm(self.embed(tokens))
        read = hidden.mean(1) if self.mean else hidden[:, -1]
        return {"hidden": hidden, "logits": self.head(read)}


# %% mystnb={"figure": {"name": "fig-classifier", "caption": "A classifier of token sequences, measured from its logits to its embeddings: with the last state before the last layer, and with the mean of all states."}, "image": {"alt": "Two lines over a hundred steps back. The one of the last state falls from a power of ten of about -1 to -22. The one of the mean stays level at -3."}}
tokens = torch.randint(50, (5, T))
answers = {}
for name, mean in (("last state", False), ("mean of states", True)):
    model = Classifier(mean).double()
    answers[name] = measure(
        model, tokens, batch_dim=0, embedding=model.embed, output="logits"
    )
    ax = plot(answers[name], label=name)
_ = ax.legend()

# %% [markdown]
# The recurrence is the same in both. The mean gives every input a way to the answer that does not
# go through all later steps, and so keeps the error alive without any gate.
#
# ## Sequences of different lengths
#
# A `PackedSequence` is taken as it is, and given on as one. Rows of shorter sequences end in `nan`:

# %%
parts = [torch.randn(length, 8) for length in (30, 80, 50)]
packed = rnn.pack_sequence(parts, enforce_sorted=False)
ragged = measure(nn.GRU(8, n).double(), packed)
print(tuple(ragged.logs.shape), "inputs:", (~ragged.logs.isnan()).sum(1))

# %% [markdown]
# ## What is refused
#
# Some calls would run, and give numbers that answer another question. They are errors that say what
# to do:


# %%
def refused(model, inputs, **options):
    try:
        measure(model, inputs, **options)
    except ValueError as error:
        print(textwrap.fill(f"- {error}", 76))


model = Classifier().double()
refused(nn.LSTM(8, n), sequence)
refused(Attention().double(), sequence, batch_dim=1)
refused(nn.LSTM(8, n).double(), batch)
refused(nn.LSTM(8, n).double(), batch.transpose(0, 1), batch_dim=0)
refused(nn.LSTMCell(8, n).double(), sequence)
refused(
    lambda x: model(x[..., 0].long())["logits"],
    tokens[:1, :, None] + 0.0,
    batch_dim=0,
)
refused(model, tokens, batch_dim=0, embedding=model.embed)

# %% [markdown]
# A model that takes more than its inputs goes into a function of them: `measure(lambda x: model(x,
# mask), x)`, after `model.double().eval()`.
#
# ## What it does not tell
#
# - **It is a derivative, here and now:** at these weights and these inputs. Measure before training,
#   after some of it, and on your own data.
# - **The norm is the most** that can come back, in the best direction. A given error brings less.
# - **An error that arrives is not yet learned from.** The gradient of the weights is a sum over all
#   steps, and near inputs may drown far ones even where nothing vanishes:
#   [the cause](42-the-cause) of the paper's failures is only partly the vanishing error.
# - **A model in float32** has fewer powers: what is smaller than the number below is lost in training
#   altogether, and much earlier it is lost beside larger terms of the same sum.
# - **A saturated unit** has a slope that autograd rounds: $y (1-y)$ is exactly 0 once $y$ is rounded
#   to 1, where the true slope is a small number. If a whole distance is 0 for that reason, `measure`
#   warns.
# - **It costs** one way back for each output. For a language model measure the hidden state, not the
#   logits of its whole vocabulary.

# %%
print(f"{torch.finfo(torch.float32).tiny:.0e}")

# %% [markdown]
# ```{exercise}
# :label: ex-own-model
# By which number must the recurrent weights of the net at rest be divided for its line to be level?
# And is it level then with random inputs?
# ```
#
# ```{solution} ex-own-model
# :class: dropdown
# At rest every slope of tanh is 1, so that the factor a step is the largest modulus of an eigenvalue,
# `torch.linalg.eigvals(at_rest.weight_hh_l0).abs().max()`: divide by that. Random inputs move the
# units to where their slopes are below 1, and the line falls.
# ```
