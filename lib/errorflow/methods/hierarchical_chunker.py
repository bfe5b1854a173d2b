"""The hierarchical chunker: frozen levels under one that learns from what they do not predict."""

from typing import Annotated

from errorflow.methods import Growth, Learner, method, nets
from errorflow.methods.chunker import Mismatch
from errorflow.methods.rows import Row, bridge
from errorflow.nets.hierarchy import grown, hierarchy
from errorflow.rules import hierarchical_chunker as rule_of_levels


@method("hierarchical-chunker", "Schmidhuber 1992", kind="higher levels", cost="W", memory="W")
def hierarchical_chunker(
    task,
    rng,
    *,
    alpha: nets.Alpha = 1.0,
    initial: nets.Initial = 0.2,
    eps: Mismatch = 0.25,
    levels: Annotated[
        int, "at most; each is added when the error of the one below stagnates; not stated"
    ] = 10,
    reset: nets.Reset = True,
    hidden_range: nets.HiddenRange = (0.0, 1.0),
    hidden_offset: nets.HiddenOffset = 0.0,
    output_slope: nets.OutputSlope = (1.0, 0.0),
) -> Learner:
    """Levels of Table 2's net; one learns, those below are frozen."""
    low, high = hidden_range
    p = nets.symbols_of(task, "hierarchical-chunker") - 1
    net = nets.drawn(hierarchy(p, levels, low=low, high=high, offset=hidden_offset), rng, initial)

    def rule(net):
        return rule_of_levels.hierarchical_chunker(net, alpha, eps=eps, reset=reset)

    def grow(net):
        return nets.drawn(grown(net), rng, initial)

    growth = Growth(grow, times=levels - 1) if levels > 1 else None
    return Learner(net, rule, output_slope, None, growth)


ROWS = {
    "task2a/hierarchical-chunker-p100": Row(
        "hierarchical-chunker", "2a", {"p": 100}, 18, 500_000, success=100, source="[NC97] 5.2"
    ),
    **bridge("hierarchical-chunker"),
    "hierarchical-chunker/2b": Row(
        "hierarchical-chunker", "2b", {"p": 10, "streak": 1_000}, 10, 30_000
    ),
}
