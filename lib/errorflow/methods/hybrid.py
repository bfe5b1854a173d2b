"""Schmidhuber's algorithm of fixed storage: RTRL's gradient in O(n^3) operations a step."""

from typing import Annotated

from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial, plain
from errorflow.methods.rows import bridge, store
from errorflow.methods.two_sequence import two_sequence
from errorflow.rules import hybrid as rule_of_blocks


@method(
    "hybrid", "Schmidhuber 1992; Williams 1989", kind="gradient methods", cost="n W", memory="n W"
)
def hybrid(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
    h: Annotated[int | None, "steps of a block; None: the number of units, as published"] = None,
) -> Learner:
    """BPTT within blocks, RTRL between them; weights change at the end of a sequence."""
    net = plain(task, rng, hidden, initial)
    return Learner(net, lambda net: rule_of_blocks.hybrid(net, alpha, h))


ROWS = {
    # With one unit, blocks of h = n = 1 steps would make it RTRL.
    **bridge("hybrid", h=10),
    **two_sequence("hybrid", 10),
    **store("hybrid", hidden=4),
}
