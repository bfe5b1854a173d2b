"""Truncated back-propagation through time, BPTT(k; h)."""

from typing import Annotated

from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial, plain
from errorflow.methods.rows import bridge, store
from errorflow.methods.two_sequence import two_sequence
from errorflow.rules.truncated_bptt import truncated_bptt as bptt_k_h


@method("truncated-bptt", "Williams and Peng 1990", kind="gradient methods", cost="W", memory="n k")
def truncated_bptt(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
    k: Annotated[int, "errors go back so many steps; our choice"] = 10,
    h: Annotated[int, "a pass back after so many steps; our choice"] = 5,
) -> Learner:
    """BPTT(k; h): weights change after each pass back, every h steps, over k steps."""
    net = plain(task, rng, hidden, initial)
    return Learner(net, lambda net: bptt_k_h(net, task.steps, alpha, k, h=h))


ROWS = {
    **bridge("truncated-bptt"),
    **two_sequence("truncated-bptt", 10),
    **store("truncated-bptt", far=True, hidden=4),
}
