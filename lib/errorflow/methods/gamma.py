"""Gamma memories: a chain of leaky units in place of a delay line, its depth learned."""

from typing import Annotated

from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial, drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.gamma import gamma as memories
from errorflow.rules.bptt import bptt
from errorflow.rules.clipped import Clipped
from errorflow.tasks import sizes


@method("gamma", "de Vries and Principe 1991", kind="special architectures", cost="W", memory="n T")
def gamma(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    K: Annotated[int, "stages of a memory; our choice"] = 10,
    mu: Annotated[float, ABOVE_0, "the first mu of every memory; our choice"] = 0.5,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
) -> Learner:
    """Gamma memories by BPTT; a mu that leaves the stable range [0, 2] is set back to its end."""
    inputs, outputs = sizes(task)
    net = drawn(memories(inputs, hidden, outputs, K), rng, initial)
    net.mu[:] = mu
    return Learner(net, lambda net: Clipped(bptt(net, task.steps, alpha), 0.0, 2.0))


# De Vries and Principe published no such trials: the 2-sequence problem stands in their place.
ROWS = {
    **bridge("gamma"),
    **{
        f"gamma/2-sequence-p{T}": Row("gamma", "2-sequence", {"longest": T}, 10, 30_000)
        for T in (10, 20, 50)
    },
    **store("gamma", far=True, hidden=4),
}
