"""The factor of Section 2 for any torch module that maps a sequence to a sequence, by autograd.

What every architecture has is its inputs; inner units it may lack or hide. So the flow is measured
from the last output ``y(T)`` back to the input ``x(T - q)``, ``q`` steps before it.

For a net ``y(t) = f(W y(t-1) + x(t))`` the input joins the net input, and the derivative of output
``u`` by input ``v`` is ``f'_u(net_u(T))`` times the scaling factor of eq. (1) from ``u`` to ``v``
over ``q`` steps. In other nets the input weights and gates at ``T - q`` stand at its end.
"""

from collections.abc import Callable
from typing import NamedTuple

from errorflow.core.extras import extra

with extra("torch"):
    import torch
from numpy.typing import ArrayLike

from errorflow.nets.lstm import MemoryCells


class Flow(NamedTuple):
    """An error flow against the steps back, q = 0, 1, .., as float64 arrays.

    ``factors[q, u, v]`` is d y_u(T) / d x_v(T - q), ``norms[q]`` the spectral norm of
    ``factors[q]``: the most that an error of length 1 at the output can bring to that input. For a
    batch both have an axis more in front.
    """

    norms: torch.Tensor
    factors: torch.Tensor


def measure(module: Callable, inputs: ArrayLike | torch.Tensor) -> Flow:
    """Return the :class:`Flow` from the last output of ``module`` back to each of its inputs.

    ``module`` is a callable that maps a sequence of inputs (T, I) to outputs (T, U), or to a tuple
    that begins with them, as ``torch.nn.LSTM`` does; it computes in float64. ``inputs`` is one
    sequence, (T, I), or a batch (B, T, I), gone through one by one. The results are ``norms`` (T,)
    and ``factors`` (T, U, I), row ``q`` for ``q`` steps back, or (B, T) and (B, T, U, I). The
    gradients of the module's weights are left alone. Raises ``ValueError`` for other shapes,
    entries that are not finite, weights and outputs that are not float64, outputs that carry no
    gradient, and inputs that the module does not take.

    >>> def leaky(x):
    ...     return (x * 0.5 ** torch.arange(len(x) - 1, -1, -1.0)[:, None]).cumsum(0)
    >>> measure(leaky, torch.ones(4, 1)).norms
    tensor([1.0000, 0.5000, 0.2500, 0.1250], dtype=torch.float64)
    """
    inputs = torch.as_tensor(inputs)
    if inputs.is_complex():
        raise ValueError(f"inputs are {inputs.dtype}; they must be real numbers")
    inputs = inputs.detach().to(torch.float64)
    if inputs.ndim not in (2, 3) or 0 in inputs.shape:
        raise ValueError(
            f"inputs has shape {tuple(inputs.shape)}; it must be (T, I) or (B, T, I), none of it 0"
        )
    if not inputs.isfinite().all():
        raise ValueError("inputs has entries that are not finite; all must be numbers")
    if inputs.ndim == 3:
        flows = [measure(module, sequence) for sequence in inputs]
        return Flow(*map(torch.stack, zip(*flows, strict=True)))
    with torch.enable_grad():
        x = inputs.clone().requires_grad_()
        last = _checked(_run(module, x), len(x))[-1]
        rows = [
            torch.autograd.grad(unit, x, retain_graph=True, materialize_grads=True)[0]
            for unit in last
        ]
    factors = torch.stack(rows, 1).flip(0)
    return Flow(torch.linalg.matrix_norm(factors, 2), factors)


def _run(module, x):
    """Return what the module makes of ``x``; refuse weights that are not float64, and say why."""
    if isinstance(module, torch.nn.Module):
        for name, weight in module.named_parameters():
            if weight.dtype not in (torch.float64, torch.complex128):
                raise ValueError(f"{name} is {weight.dtype}; call module.double() before")
    try:
        return module(x)
    except RuntimeError as error:
        message = f"the module does not take inputs of shape {tuple(x.shape)}: {error}"
        raise ValueError(message) from error


def _checked(outputs, steps):
    """Return the outputs proper, (T, U), if they are what :func:`measure` needs."""
    if outputs == ():
        raise ValueError("the module returned an empty tuple; its first entry must be the outputs")
    if isinstance(outputs, tuple):
        outputs = outputs[0]
    if not isinstance(outputs, torch.Tensor):
        raise ValueError(f"the module returned {type(outputs).__name__}; it must return a tensor")
    shape = tuple(outputs.shape)
    if outputs.ndim != 2 or shape[0] != steps or shape[1] == 0:
        raise ValueError(f"the outputs have shape {shape}; it must be (T, U) with T = {steps}")
    if outputs.dtype != torch.float64:
        raise ValueError(f"the outputs are {outputs.dtype}; call module.double() before")
    if not outputs.isfinite().all():
        raise ValueError("the outputs have entries that are not finite; all must be numbers")
    if not outputs.requires_grad:
        raise ValueError("the outputs carry no gradient; they must depend on the inputs")
    return outputs


def memory_cells(
    net: MemoryCells,
    x: ArrayLike | torch.Tensor,
    added: torch.Tensor | None = None,
    *,
    truncate: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the outputs and contents, (T, S) each, of the memory cells of 1997 in float64.

    ``net`` is an :class:`errorflow.nets.lstm.MemoryCells` and ``x`` (T, I) its inputs, one-hot
    where the net reads symbols. ``added`` (T, S) goes straight into the contents: a handle by which
    to measure the flow from content to content. With ``truncate`` errors do not go back through
    the recurrent connections, as by the rule of 1997 (appendix A.1): from the net inputs of cells
    and gates they go no further, and inside a cell they stay as they are. Raises ``ValueError`` for
    shapes that do not fit.
    """
    B, S, I = net.blocks, net.blocks * net.size, net.inputs
    x = torch.as_tensor(x)
    if x.ndim != 2 or x.shape[1] != I:
        raise ValueError(f"x has shape {tuple(x.shape)}; it must be (T, I) with I = {I}")
    if added is None:
        added = torch.zeros(len(x), S, dtype=torch.float64)
    if added.shape != (len(x), S):
        raise ValueError(f"added has shape {tuple(added.shape)}; it must be {(len(x), S)}")
    W, own = torch.as_tensor(net.hidden), torch.arange(S) // net.size
    from_inputs = x.double() @ W[:, :I].T
    if len(net.bias):
        from_inputs = from_inputs + torch.cat([torch.zeros(S), torch.as_tensor(net.bias)])
    s, seen = torch.zeros(S, dtype=torch.float64), torch.zeros(W.shape[1] - I, dtype=torch.float64)
    outputs, contents = [], []
    for t in range(len(x)):
        total = from_inputs[t] + W[:, I:] @ (seen.detach() if truncate else seen)
        gates = torch.sigmoid(total[S:])
        s = s + gates[:B][own] * _squash(net.g, total[:S]) + added[t]
        y = _squash(net.h, s)
        if len(gates) > B:
            y = gates[B:][own] * y
        if len(seen):
            seen = torch.cat([y, gates])
        outputs.append(y)
        contents.append(s)
    return torch.stack(outputs), torch.stack(contents)


def _squash(f, x):
    """Return the value of an :class:`errorflow.nets.lstm.Squash` function."""
    return x if f.identity else f.low + (f.high - f.low) * torch.sigmoid(x)
