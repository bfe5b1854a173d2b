"""Derivatives of a torch graph by automatic differentiation, beyond the range of float64."""

import math

from errorflow.core.extras import extra

with extra("torch"):
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

RANGE, TINY = 2.0**1000, 2.0**-1022
"""Between 1 / RANGE and RANGE nothing is lost: float64 ends at 2^1024, and below TINY digits go."""


def scaled(last, x):
    """Return factors times 2^k, the powers k, and a mark where there is no k, (T,) each.

    The way back is linear in the error, and powers of two cost no digits. Overflow shows, as inf or
    nan, underflow does not: so the highest k is taken at which a distance does not overflow. The
    mark is inf where the lowest is too high, nan where what is nearer has sunk below TINY there.
    """
    factors = derivatives(last, x, 0)
    size = _size(factors)
    small, large = size < 1.0 / RANGE, ~(size <= RANGE)
    sure = (size > 2.0**-800) & ~large
    if sure.any():
        u = int(factors[sure].abs().amax((0, 2)).argmax())
        other = derivatives(last[u : u + 1], x, -100)[sure, 0] * 2.0**100
        if ((other - factors[sure, u]).abs().amax(1) > 1e-6 * size[sure]).any():
            raise ValueError("small errors are not scaled as large ones; remove hooks that clip")
    left = (small.cumsum(0) > 0) | large
    powers, sunk = torch.zeros_like(size), torch.zeros_like(left)
    for k in range(1000 if small.any() else -250, -1001, -250):
        if left.any():
            other = derivatives(last, x, k)
            there = _size(other)
            sunk = (~left & (_size(factors) > 0.0) & (there < TINY)).cumsum(0) > 0
            fits = left & ~sunk & (there <= RANGE)
            factors[fits], powers[fits] = other[fits], float(k)
            # What is so small is rounded at every step: 5e-324 times 0.9 is itself.
            factors[fits & (there < TINY)] = 0.0
            left &= ~fits
    factors[left] = 0.0
    mark = torch.where(left, torch.where(sunk, math.nan, math.inf), 0.0)
    return factors, powers, mark


def _size(factors):
    """Return the largest entry at each distance."""
    return factors.abs().amax((1, 2))


def derivatives(last, x, power):
    """Return d last / d x times 2^power, (T, U, I), row q for q steps back."""
    rows = []
    try:
        for unit in last:
            error = torch.full_like(unit, 2.0**power)
            rows += torch.autograd.grad(unit, x, error, retain_graph=True, allow_unused=True)
    except Exception as failure:
        raise ValueError(
            f"autograd does not go back through the module: {type(failure).__name__}: {failure}"
        ) from failure
    if all(row is None for row in rows):
        raise ValueError(
            "the last output does not depend on the inputs; if the module makes integers (tokens) "
            "of them, measure from the embeddings: embedding= the layer that has them"
        )
    rows = [torch.zeros_like(x) if row is None else row for row in rows]
    return torch.stack([row.reshape(-1, x.shape[-1]) for row in rows], 1).flip(0)


class _Slopes(TorchDispatchMode):
    """Notes whether autograd has 0 for a slope, y (1 - y) or 1 - y^2, which is never 0."""

    rounded = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        logistic = func == torch.ops.aten.sigmoid_backward.default
        if logistic or func == torch.ops.aten.tanh_backward.default:
            y = args[1]
            self.rounded |= bool(((y * (1.0 - y) if logistic else 1.0 - y * y) == 0.0).any())
        return func(*args, **(kwargs or {}))


def meets_rounded_slope(last, x):
    """Return whether the way back meets a logistic or tanh unit whose slope is rounded to 0."""
    with _Slopes() as slopes:
        derivatives(last.sum()[None], x, 0)
    return slopes.rounded
