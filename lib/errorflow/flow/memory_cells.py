"""The memory cells of 1997 in torch: their error flow is measured by automatic differentiation."""

from errorflow.core.checks import real_array, said
from errorflow.core.entries import check_fields
from errorflow.core.extras import extra

with extra("torch"):
    import torch
from numpy.typing import ArrayLike

from errorflow.nets.lstm import MemoryCells


def memory_cells(
    net: MemoryCells,
    x: ArrayLike | torch.Tensor,
    added: torch.Tensor | None = None,
    *,
    truncate: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the outputs and contents, (T, S) each, of the memory cells of 1997 in float64.

    ``net`` is an :class:`errorflow.nets.lstm.MemoryCells`, its weights arrays or tensors, and ``x``
    (T, I) its inputs, one-hot where the net reads symbols. ``added`` (T, S) goes straight into the
    contents: a handle by which to measure the flow from content to content. With ``truncate``
    errors do not go back through the recurrent connections, as by the rule of 1997 (appendix A.1):
    from the net inputs of cells and gates they go no further, and inside a cell they stay as they
    are. Raises ``ValueError`` for shapes that do not fit.
    """
    if not isinstance(net, MemoryCells):
        raise ValueError(f"net = {said(net)}; it must be a MemoryCells")
    tensors = {k: v.detach().numpy() for k, v in net._asdict().items() if torch.is_tensor(v)}
    check_fields("net", net._replace(**tensors))
    B, S, I = net.blocks, net.blocks * net.size, net.inputs
    x = _tensor("x", x)
    if x.ndim != 2 or x.shape[1] != I:
        raise ValueError(f"x has shape {tuple(x.shape)}; it must be (T, I) with I = {I}")
    if added is None:
        added = torch.zeros(len(x), S, dtype=torch.float64)
    added = _tensor("added", added)
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


def _tensor(name, values):
    return values if isinstance(values, torch.Tensor) else torch.as_tensor(real_array(name, values))


def _squash(f, x):
    """Return the value of an :class:`errorflow.nets.lstm.Squash` function."""
    return x if f.identity else f.low + (f.high - f.low) * torch.sigmoid(x)
