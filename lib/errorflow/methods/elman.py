"""Elman's truncation: errors go one step back and no further."""

from typing import Annotated

from errorflow.core.options import at_least
from errorflow.methods import Learner, method, nets
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.two_sequence import two_sequence
from errorflow.nets.layered import layered
from errorflow.rules import elman as rule_of_elman
from errorflow.rules.elman_layered import elman_layered
from errorflow.tasks import sizes
from errorflow.tasks.problems import Reading


@method(
    "elman",
    "Elman 1988; Cleeremans, Servan-Schreiber and McClelland 1989",
    kind="gradient methods",
    cost="W",
    memory="n",
)
def elman(
    task,
    rng,
    *,
    hidden: nets.Hidden = 1,
    alpha: nets.Alpha = 0.1,
    initial: nets.Initial = 0.2,
    update: nets.Update = "step",
    reset: nets.Reset = True,
    connections: nets.Connections = None,
    direct: Annotated[bool, "outputs of a layered net see the inputs too; Elman's do not"] = True,
    momentum: Annotated[
        float, at_least(0), "this times the last weight change is added to each; not stated"
    ] = 0.0,
    context: Annotated[float, "what the hidden units start from in each sequence; 1989: 0.5"] = 0.0,
    output_slope: nets.OutputSlope = (1.0, 0.0),
) -> Learner:
    """Back-propagation of the current step's error alone; the state before is a constant."""
    if direct:
        net = nets.plain(task, rng, hidden, initial, connections=connections)
    else:
        inputs, outputs = sizes(task)
        net = nets.drawn(layered(inputs, hidden, outputs, direct=False), rng, initial)
    nets.check_output_slope(net, output_slope)
    symbols = hasattr(task, "alphabet")

    def rule(net):
        if symbols and not direct and update == "step" and reset and not momentum:
            return elman_layered(net, alpha, context=context)
        per_step, how = update == "step", {"momentum": momentum, "context": context}
        return rule_of_elman.elman(net, alpha, per_step=per_step, reset=reset, **how)

    return Learner(net, rule, output_slope, Reading(0, reset, context))


ROWS = {
    "table1/elman-15": Row(
        "elman",
        "embedded-reber",
        # The table prints no learning rate: 0.1 is our choice.
        {"hidden": 15, "direct": False},
        30,
        500_000,
        success=0,
        more_than=200_000,
        weights=435,
        source="[P98] Table 1, [NC97] Table 1",
    ),
    **bridge("elman", alpha=1.0, update="sequence"),
    **two_sequence("elman", 10, alpha=1.0, update="sequence"),
    **store("elman", hidden=4, alpha=1.0, update="sequence"),
}
