"""Type (3), methods on higher levels: chunkers, and units that modify connections."""

from errorflow.core.numerics import fill_uniform
from errorflow.experiments.training import Growth
from errorflow.methods import method
from errorflow.nets import hierarchy, transitions
from errorflow.rules.chunker import chunker
from errorflow.rules.hierarchical_chunker import hierarchical_chunker
from errorflow.rules.transitions import growing

KIND = "higher levels"


def _lag(task, name):
    if not hasattr(task, "symbols"):
        raise ValueError(f"task = {task!r}; method {name} needs a task of symbols")
    return task.symbols - 1


@method("chunker", kind=KIND)
def by_chunker(task, rng, *, alpha=1.0, eps=0.25, initial=0.2):
    """The two-net chunker of Table 2, judged by its automatizer; ``eps`` is our choice."""
    net = _pair(task, rng, initial)
    return net, chunker(net, alpha, eps=eps)


@method("chunker-pair", kind=KIND)
def by_pair(task, rng, *, alpha=1.0, eps=0.25, initial=0.2):
    """The same two nets, judged together: by C where the automatizer fails."""
    net = _pair(task, rng, initial)
    return net, chunker(net, alpha, eps=eps, as_pair=True)


def _pair(task, rng, initial):
    net = hierarchy.pair(_lag(task, "chunker"))
    fill_uniform(rng, net.A.w, -initial, initial)
    fill_uniform(rng, net.C.w, -initial, initial)
    return net


@method("hierarchical-chunker", kind=KIND)
def by_hierarchy(task, rng, *, alpha=1.0, eps=0.25, levels=10, initial=0.2):
    """Frozen levels under one that learns; all constants but alpha are our choice (Section 4's)."""
    net = hierarchy.hierarchy(_lag(task, "hierarchical-chunker"), levels)
    fill_uniform(rng, net.w, -initial, initial)

    def grow(net):
        net = hierarchy.grown(net)
        fill_uniform(rng, net.w, -initial, initial)
        return net, hierarchical_chunker(net, alpha, eps=eps)

    growth = Growth(grow, times=levels - 1) if levels > 1 else None
    return net, hierarchical_chunker(net, alpha, eps=eps), growth


@method("ring", kind=KIND)
def by_ring(
    task, rng, *, alpha=1.5, sigma=0.2, theta=1.0, eps=0.1, cap=400, settled=True
):  # fmt: skip
    """Ring's units, with his constants for the gap task, no bias and initial weights 0.

    ``settled`` and so large a ``cap`` are our choice: rows have the published cap where there is
    one, and without ``settled`` this ``alpha``, applied to every order at once, diverges.
    """
    inputs = _lag(task, "ring") + 1
    net = transitions.transitions(inputs, inputs, cap)
    return net, growing(net, alpha, sigma=sigma, theta=theta, eps=eps, settled=settled)
