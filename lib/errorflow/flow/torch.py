"""The factor of Section 2 for any torch model that reads a sequence, by automatic differentiation.

What every architecture has is its inputs; inner units it may lack or hide. So the flow is measured
from the last output ``y(T)`` back to the input ``x(T - q)``, ``q`` steps before it.

For a net ``y(t) = f(W y(t-1) + x(t))`` the input joins the net input, and the derivative of output
``u`` by input ``v`` is ``f'_u(net_u(T))`` times the scaling factor of eq. (1) from ``u`` to ``v``
over ``q`` steps. In other nets the input weights and gates at ``T - q`` stand at its end.
"""

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from errorflow.core.checks import said
from errorflow.core.entries import guarded
from errorflow.core.extras import extra

with extra("torch"):
    import torch
    from torch import nn
    from torch.nn.utils import rnn

from errorflow.flow.torch_autograd import meets_rounded_slope, scaled
from errorflow.flow.torch_modules import run, sequences


class Flow(NamedTuple):
    """An error flow against the steps back, q = 0, 1, .., as float64 tensors.

    ``factors[q, u, v]`` is d y_u(T) / d x_v(T - q), ``norms[q]`` the spectral norm of
    ``factors[q]``: the most that an error of length 1 at the output can bring to that input.
    ``logs[q]`` is the natural logarithm of the norm, also beyond 1e-308 and 1e308, where norms and
    factors become 0 or infinite. For a batch all have an axis more in front, and shorter sequences
    end in nan.
    """

    norms: torch.Tensor
    factors: torch.Tensor
    logs: torch.Tensor


def measure(
    module: Callable,
    inputs: Any,
    *,
    batch_dim: int | None = None,
    embedding: nn.Module | None = None,
    output: str | int | None = None,
) -> Flow:
    """Return the :class:`Flow` from the last output of ``module`` back to each of its inputs.

    ``module`` is any callable that computes in float64, ``inputs`` what it takes: one sequence
    (T, I), a batch (B, T, I) with ``batch_dim=0`` or (T, B, I) with ``batch_dim=1``, or a
    ``PackedSequence``. Sequences go through it one by one; a single one, (T, I), gets a batch axis
    where ``batch_dim`` says so. Of integers there is no derivative: with ``embedding``, a layer of
    the module, the inputs may be tokens, (T,) or with a batch axis, and the flow goes back to what
    that layer makes of them. The outputs are (T, U), of which the last step counts, or (U,); where
    the module returns several, ``output`` is the key, attribute or place of those meant (of a
    tuple, the first).

    The results are ``norms`` and ``logs`` (T,) and ``factors`` (T, U, I), row ``q`` for ``q`` steps
    back. They take two passes forward and one back for each of the U outputs; the module's weights
    and gradients are left alone. What over- or underflows on its way is measured again, scaled by
    powers of two, from 1e-600 to 1e600: among the logs -inf is 0 or less than that, inf more, and
    nan what rises again after a fall of too many powers. Where a logistic or tanh unit is
    saturated, autograd's ``y (1 - y)`` or ``1 - y^2`` has lost digits; if that makes all factors of
    a distance 0, a warning says so, and another if all but those of the last input are.

    Raises ``ValueError``, with what to do, for whatever is not as it is said here: also for dropout
    and batch norm in training mode, recurrent layers that take time for the batch, outputs that do
    not depend on the inputs, hooks that clip gradients, and a module that fails.

    >>> def leaky(x):
    ...     return (x * 0.5 ** torch.arange(len(x) - 1, -1, -1.0)[:, None]).cumsum(0)
    >>> measure(leaky, torch.ones(4, 1)).norms
    tensor([1.0000, 0.5000, 0.2500, 0.1250], dtype=torch.float64)
    """
    parts, wrap, alone = sequences(inputs, batch_dim, embedding)
    with torch.inference_mode(False), torch.enable_grad():
        once = partial(run, module, wrap, embedding, output)
        flows = [_flow(once, sequence) for sequence in parts]
    if alone:
        return flows[0]
    nan = partial(rnn.pad_sequence, batch_first=True, padding_value=math.nan)
    return Flow(*(nan(list(part)) for part in zip(*flows, strict=True)))


@guarded
def plot(
    flow: Flow | Callable, inputs: Any = None, *, ax: Any = None, label: str = "", **options: Any
) -> Any:
    """Draw powers of ten of the norms against the steps back, and return matplotlib's axis.

    ``flow`` is a :class:`Flow`, or a module that is measured with ``inputs`` and the ``options`` of
    :func:`measure`. The curve is drawn on ``ax``, or on the current axis; of a batch it is the
    median, with the middle half of the sequences as a band. It ends where a norm is 0 or infinite.
    """
    from matplotlib import axes, pyplot

    ax = pyplot.gca() if ax is None else ax
    if not isinstance(ax, axes.Axes):
        raise ValueError(f"ax = {said(ax)}; it must be an axis of matplotlib, or None")
    logs = (flow if isinstance(flow, Flow) else measure(flow, inputs, **options)).logs
    powers = torch.where(logs.isfinite(), logs, math.nan).cpu() / math.log(10)
    q, quarters = range(logs.shape[-1]), torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64)
    low, median, high = powers.reshape(-1, len(q)).nanquantile(quarters, 0).numpy()
    (line,) = ax.plot(q, median, label=label or None)
    if logs.ndim > 1:
        ax.fill_between(q, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    ax.set(xlabel="steps back, $q$", ylabel="norm of $dy(T)/dx(T-q)$, power of ten")
    return ax


def _flow(run, sequence):
    """Return the :class:`Flow` of one sequence."""
    before = run(sequence)[0].detach()
    last, x = run(sequence)
    if not torch.equal(before, last):
        raise ValueError(
            "two passes over the same inputs differ; call module.eval() (dropout), and let the "
            "module neither draw random numbers nor keep a state"
        )
    factors, powers, mark = scaled(last, x)
    norms = torch.linalg.matrix_norm(factors, 2)
    logs = torch.where(mark == 0.0, norms.log() - powers * math.log(2), mark)
    for q in (mark == math.inf).nonzero()[:1]:
        if q == 0 or logs[q - 1] < 1000 * math.log(2):
            raise ValueError(f"the derivatives by the input {int(q)} steps back are not finite")
    _warn_of_zeros(logs == -math.inf, last, x)
    back = torch.tensor([2.0**-k for k in powers.tolist()], dtype=norms.dtype, device=norms.device)
    return Flow(norms * back + mark, factors * back[:, None, None] + mark[:, None, None], logs)


def _warn_of_zeros(zero, last, x):
    """Say what zeros may mean other than that nothing comes back."""
    if not zero.any():
        return
    q = int(zero.nonzero()[0])
    if meets_rounded_slope(last, x):
        warnings.warn(
            f"the factors {q} steps back are exactly 0 where a logistic or tanh unit is saturated: "
            "autograd takes y (1 - y) or 1 - y^2 for its slope, which is 0 once y is rounded to 1; "
            "the true slope may be anything below 1e-16",
            stacklevel=4,
        )
    elif q == 1 and zero[1:].all():
        warnings.warn(
            "the last output depends on the last input alone; if the module should remember "
            "others, it may take time for the batch: see batch_dim=",
            stacklevel=4,
        )
