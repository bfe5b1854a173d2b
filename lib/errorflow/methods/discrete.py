"""Discrete error propagation: errors that threshold units pass on as wanted flips."""

from typing import Annotated

from errorflow.core.options import ABOVE_0, at_least
from errorflow.methods import Learner, method
from errorflow.methods.nets import Hidden, drawn
from errorflow.methods.pseudo_newton import of_bengio
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.threshold import threshold
from errorflow.rules import discrete as rule_of_flips
from errorflow.tasks import sizes


@method(
    "discrete", "Bengio, Simard and Frasconi 1994", kind="larger gradients", cost="W", memory="n T"
)
def discrete(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    alpha: Annotated[float, ABOVE_0, "learning rate; our choice, it hardly matters"] = 0.1,
    epsilon: Annotated[float, ABOVE_0, "how far a flipped unit goes; our choice"] = 1.0,
    most: Annotated[
        float, ABOVE_0, "the largest error: with 2 a flip is on average what came"
    ] = 2.0,
    initial: Annotated[float, at_least(0), "the first weights' range; 1994: 0.5"] = 0.5,
) -> Learner:
    """Discrete error propagation through threshold units."""
    inputs, outputs = sizes(task)
    low = -1.0 if getattr(task, "low", 0.0) < 0.0 else 0.0
    net = drawn(threshold(inputs, hidden, outputs, low=low), rng, initial)
    how = {"epsilon": epsilon, "most": most}
    return Learner(net, lambda net: rule_of_flips.discrete(net, task.steps, alpha, rng, **how))


COIN = 1e9
"""So large a ``most`` that flips are wanted by a fair coin, whatever came back: a control."""


def _coin(p):
    test = {"p": p, "judged_at": "end", "streak": 1_000}
    return Row("discrete", "2a", {**test, "most": COIN}, 10, 30_000)


ROWS = {
    **bridge("discrete"),
    **{
        f"discrete/2-sequence-p{T}": of_bengio("discrete", "2-sequence", T, 10_000, hidden=4)
        for T in (5, 10, 20, 50, 100)
    },
    **{
        f"discrete/parity-p{T}": of_bengio("discrete", "parity", T, 50_000, hidden=3)
        for T in (3, 5, 10)
    },
    "discrete/latch-p20": of_bengio("discrete", "latch", 20, 10_000),
    **{f"discrete/coin-p{p}": _coin(p) for p in (10, 50, 100)},
    "discrete/coin-2-sequence-p100": Row(
        "discrete", "2-sequence", {"longest": 100, "hidden": 4, "most": COIN}, 20, 10_000
    ),
    **store("discrete", hidden=4),
}
