"""NARX networks: past outputs come back through delay lines."""

from typing import Annotated

from errorflow.core.options import ABOVE_0, at_least
from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial, drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.tdnn import Taps
from errorflow.nets.latch import latch
from errorflow.nets.narx import narx as output_delays
from errorflow.rules.bptt import bptt
from errorflow.rules.online_epochs import OnlineEpochs
from errorflow.tasks import sizes


@method(
    "narx", "Lin, Horne, Tino and Giles 1996", kind="special architectures", cost="W", memory="n T"
)
def narx(
    task, rng, *, hidden: Hidden = 1, D: Taps = 10, alpha: Alpha = 1.0, initial: Initial = 0.2
) -> Learner:
    """A NARX net by BPTT."""
    inputs, outputs = sizes(task)
    net = drawn(output_delays(inputs, hidden, outputs, D), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


@method(
    "narx-latch",
    "Lin, Horne, Tino and Giles 1996",
    kind="special architectures",
    cost="W",
    memory="n T",
)
def narx_latch(
    task,
    rng,
    *,
    D: Annotated[int, "taps; 1996: 1, 3 and 6"] = 6,
    total: Annotated[float, ABOVE_0, "the sum of the feedback's weights; 1996: 1.25"] = 1.25,
    alpha: Annotated[float, ABOVE_0, "learning rate; 1996: 0.1"] = 0.1,
    initial: Annotated[float, at_least(0), "the learned inputs' range; 1996: 0.155"] = 0.155,
) -> Learner:
    """A latch with D taps; that weights change after each string, not each pass, is our choice."""
    if not hasattr(task, "inputs"):
        raise ValueError("method narx-latch needs a task of vectors, such as the latch")
    net = drawn(latch(task.inputs - 1, D, total=total), rng, initial)
    return Learner(net, lambda net: OnlineEpochs(bptt(net, task.steps, alpha)))


def _latch(T, D):
    """50 runs of 100 passes over 60 strings."""
    source = "Lin et al. 1996: two to three times as long as with D = 1" if D > 1 else "Lin et al."
    options = {"longest": T, "D": D}
    return Row("narx-latch", "learned-latch", options, 50, 6_000, source=source)


ROWS = {
    **bridge("narx"),
    **{
        f"narx-latch/D{D}-p{T}": _latch(T, D)
        for D in (1, 3, 6)
        for T in (20, 40, 60, 80, 100, 150, 200)
    },
    **{
        f"narx/2-sequence-p{T}": Row("narx", "2-sequence", {"longest": T}, 10, 30_000)
        for T in (10, 20, 50)
    },
    **store("narx", far=True, hidden=4),
}
