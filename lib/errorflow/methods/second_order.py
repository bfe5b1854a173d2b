"""Second-order nets: sigma-pi units, whose weights are chosen by the input."""

from typing import Annotated, Any

from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Initial, drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.second_order import second_order as sigma_pi
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method(
    "second-order",
    "Watrous and Kuhn 1992; Miller and Giles 1993",
    kind="special architectures",
    cost="W",
    memory="n T",
)
def second_order(
    task,
    rng,
    *,
    states: Annotated[int, "state units; Watrous and Kuhn: 3"] = 3,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
) -> Learner:
    """Sigma-pi units by BPTT; the authors' BFGS has the same gradient, all else is our choice."""
    inputs, outputs = sizes(task)
    net = drawn(sigma_pi(inputs, states, outputs), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


TOMITA = {1: 40.0, 2: 40.0, 3: 0.0, 4: None, 5: 0.0, 6: 0.0, 7: 0.0}
"""Perfect solutions in 5 trials by BFGS on Tomita's own strings; 4 was learned from other data."""


def _grammar(number):
    success = TOMITA[number]
    source = "Watrous and Kuhn 1992, 5 trials, Tomita's strings"
    published: dict[str, Any] = {} if success is None else {"success": success, "source": source}
    options = {"longest": 10, "number": number}
    return Row("second-order", "tomita", options, 10, 300_000, **published)


ROWS = {
    **bridge("second-order"),
    **{f"second-order/tomita{number}-p10": _grammar(number) for number in TOMITA},
    **store("second-order"),
}
