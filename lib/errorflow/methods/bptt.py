"""Back-propagation through time: the error of a whole sequence, sent back step by step."""

from typing import Annotated

from errorflow.methods import Learner, method, nets
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.two_sequence import two_sequence
from errorflow.nets.layered import Layered
from errorflow.rules import bptt as general
from errorflow.rules.bptt_one_unit import bptt_one_unit
from errorflow.tasks.problems import Reading


@method("bptt", "Williams and Zipser 1992", kind="gradient methods", cost="W", memory="n T")
def bptt(
    task,
    rng,
    *,
    hidden: nets.Hidden = 1,
    alpha: nets.Alpha = 1.0,
    initial: nets.Initial = 0.2,
    reset: nets.Reset = True,
    outputs_see: nets.OutputsSee = "hidden(t)",
    connections: nets.Connections = None,
    hidden_range: nets.HiddenRange = (0.0, 1.0),
    hidden_offset: nets.HiddenOffset = 0.0,
    output_slope: nets.OutputSlope = (1.0, 0.0),
    fused: Annotated[
        bool, "Table 2's net by a kernel of its own, which sums in another order: other last bits"
    ] = True,
) -> Learner:
    """BPTT; its gradient is known, and weights change, at the end of a sequence."""
    net = nets.plain(
        task,
        rng,
        hidden,
        initial,
        connections=connections,
        hidden_range=hidden_range,
        hidden_offset=hidden_offset,
    )
    nets.check_output_slope(net, output_slope)
    lag = nets.lag_of(outputs_see)

    def rule(net):
        if fused and isinstance(net, Layered) and hidden == 1 and not hasattr(task, "answers"):
            return bptt_one_unit(net, task.steps, alpha, lag=lag, reset=reset)
        return general.bptt(net, task.steps, alpha, lag=lag, reset=reset)

    return Learner(net, rule, output_slope, Reading(lag, reset))


TABLE_2 = "[P98] Table 2, [NC97] Table 2"

ROWS = {
    **{
        f"table2/bptt-p100-lr{alpha}": Row(
            "bptt",
            "2a",
            {"p": 100, "alpha": alpha},
            18,
            5_000_000,
            success=0,
            more_than=5_000_000,
            weights=10_404,
            source=TABLE_2,
        )
        for alpha in (1, 4, 10)
    },
    **{
        f"lags/bptt-p{p}": Row("bptt", "2a", {"p": p, "alpha": 4.0}, 18, 5_000_000)
        for p in range(2, 13)
    },
    **bridge("bptt", fused=False),
    **two_sequence("bptt", 5, 10, 20, 50, 100),
    **store("bptt", far=True, hidden=4),
}
