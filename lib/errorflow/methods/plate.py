"""Plate's holographic recurrent nets: the state is convolved with a key at every step."""

from typing import Annotated

from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.nets import Initial, OutputSlope, drawn
from errorflow.methods.rows import bridge, store
from errorflow.nets.plate import holographic, unit_power_key
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method("plate", "Plate 1993", kind="special architectures", cost="n²", memory="n T")
def plate(
    task,
    rng,
    *,
    hidden: Annotated[int, "entries of the key and of the state; our choice"] = 8,
    alpha: Annotated[
        float,
        ABOVE_0,
        "learning rate; of 1, 0.3, 0.1, .. 0.001 the largest with which no trial diverged at the "
        "lags 3, 20 and 100 in a pilot with the seeds 0, 1 and 2: linear units bound no error",
    ] = 0.001,
    initial: Initial = 0.2,
    output_slope: OutputSlope = (0.0, 1.0),
) -> Learner:
    """A holographic net with a key of unit power, for Plate's cross-entropy, by BPTT."""
    inputs, outputs = sizes(task)
    net = drawn(holographic(inputs, unit_power_key(hidden, rng), outputs), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha), output_slope)


# Plate's own task needs data that were not published: the continuous latch stands in its place.
ROWS = bridge("plate") | store("plate", far=True)
