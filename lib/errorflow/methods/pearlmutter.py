"""Pearlmutter's continuous-time nets: units with time constants, trained by BPTT."""

from typing import Annotated

from errorflow.core.numerics import fill_uniform
from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.two_sequence import two_sequence
from errorflow.nets.continuous import continuous
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method("pearlmutter", "Pearlmutter 1989", kind="gradient methods", cost="W", memory="n T")
def pearlmutter(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
    T: Annotated[float, ABOVE_0, "the units' time constant; our choice"] = 1.0,
    dt: Annotated[float, ABOVE_0, "the time that an input lasts, one step; our choice"] = 0.1,
    adaptive: Annotated[bool, "time constants are learned too"] = False,
) -> Learner:
    """BPTT for units with time constants, an Euler step of dt for each input."""
    inputs, outputs = sizes(task)
    net = continuous(inputs, hidden, outputs, T=T, dt=dt, adaptive=adaptive)
    fill_uniform(rng, net.w[: len(net.w) - hidden], -initial, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


def _learned_time_constant(p):
    # Lags and time constants were chosen after a pilot with the seeds 0 to 5.
    test = {"p": p, "judged_at": "end", "streak": 1_000}
    return Row("pearlmutter", "2a", {**test, "adaptive": True}, 10, 30_000)


ROWS = {
    **bridge("pearlmutter"),
    "pearlmutter/learned-T-p3": _learned_time_constant(3),
    "pearlmutter/learned-T-p10": _learned_time_constant(10),
    **two_sequence("pearlmutter", 10, 50),
    **store("pearlmutter", far=True, hidden=4),
}
