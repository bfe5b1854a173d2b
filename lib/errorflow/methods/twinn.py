"""Time warping invariant nets: each input adds to the state, scaled by how far it has moved."""

from typing import Annotated

from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.nets import Initial, drawn
from errorflow.methods.rows import bridge, store
from errorflow.nets.twinn import time_warping
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method("twinn", "Sun, Chen and Lee 1993", kind="special architectures", cost="W", memory="n T")
def twinn(
    task,
    rng,
    *,
    states: Annotated[int, "state units; 1993: 4"] = 4,
    alpha: Annotated[
        float,
        ABOVE_0,
        "learning rate; in a pilot at lag 6, seeds 0 to 2, 0.1 learned and 1 did not",
    ] = 0.1,
    initial: Initial = 0.2,
) -> Learner:
    """A time warping invariant net by BPTT; the authors' RTRL has the same gradient."""
    inputs, outputs = sizes(task)
    net = drawn(time_warping(inputs, states, outputs), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


# The trajectories that Sun et al. told apart were not published: the store stands in their place.
ROWS = bridge("twinn") | store("twinn", far=True)
