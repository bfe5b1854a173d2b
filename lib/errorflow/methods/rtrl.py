"""Real-time recurrent learning: the exact gradient, carried forward in time."""

from typing import Annotated

from errorflow.methods import Learner, method, nets
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.layered import Layered
from errorflow.nets.recurrent import Recurrent
from errorflow.rules import rtrl as general
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.rules.rtrl_recurrent import rtrl_recurrent
from errorflow.tasks.problems import Reading


@method(
    "rtrl",
    "Williams and Zipser 1989; Robinson and Fallside 1987",
    kind="gradient methods",
    cost="n² W",
    memory="n W",
)
def rtrl(
    task,
    rng,
    *,
    hidden: nets.Hidden = 1,
    alpha: nets.Alpha = 1.0,
    initial: nets.Initial = 0.2,
    update: nets.Update = "step",
    reset: nets.Reset = True,
    outputs_see: nets.OutputsSee = "hidden(t)",
    connections: nets.Connections = None,
    clamped: Annotated[
        bool,
        "visible units are inputs and outputs in one, set to the true symbol after each step, so "
        "that hidden and visible units see it and the hidden units before; 1989, as told in 1991",
    ] = False,
    hidden_range: nets.HiddenRange = (0.0, 1.0),
    hidden_offset: nets.HiddenOffset = 0.0,
    output_slope: nets.OutputSlope = (1.0, 0.0),
) -> Learner:
    """RTRL, in steps or sequences; Table 2's net has a kernel of its own for steps."""
    net = nets.plain(
        task,
        rng,
        hidden,
        initial,
        connections="layered" if clamped else connections,
        hidden_range=hidden_range,
        hidden_offset=hidden_offset,
    )
    nets.check_output_slope(net, output_slope)
    symbols = hasattr(task, "alphabet")
    lag = nets.lag_of("hidden(t-1)" if clamped else outputs_see)

    def rule(net):
        if (
            isinstance(net, Layered)
            and hidden == 1
            and not hasattr(task, "answers")
            and update == "step"
        ):
            return rtrl_one_unit(net, alpha, lag=lag, reset=reset)
        if isinstance(net, Recurrent) and symbols and update == "step" and reset and not lag:
            return rtrl_recurrent(net, alpha)
        return general.rtrl(net, alpha, per_step=update == "step", lag=lag, reset=reset)

    return Learner(net, rule, output_slope, Reading(lag, reset))


TABLE_1 = "[P98] Table 1, [NC97] Table 1"
TABLE_2 = "[P98] Table 2, [NC97] Table 2"


def _table1(hidden, alpha, weights, sequences):
    options = {"hidden": hidden, "alpha": alpha, "connections": "full"}
    published = {"sequences": sequences, "weights": weights, "source": TABLE_1}
    return Row("rtrl", "embedded-reber", options, 30, 500_000, **published)


def _table2(p, alpha, **published):
    options = {"p": p, "alpha": alpha}
    return Row("rtrl", "2a", options, 18, 5_000_000, **published, source=TABLE_2)


ROWS = {
    "table1/rtrl-3": _table1(3, 0.05, 170, 173_000),
    "table1/rtrl-12": _table1(12, 0.1, 494, 25_000),
    "table2/rtrl-p4-lr1": _table2(4, 1.0, success=78, sequences=1_043_000, weights=36),
    "table2/rtrl-p4-lr4": _table2(4, 4.0, success=56, sequences=892_000, weights=36),
    "table2/rtrl-p4-lr10": _table2(4, 10.0, success=22, sequences=254_000, weights=36),
    **{
        f"table2/rtrl-p{p}-lr{alpha}": _table2(
            p, alpha, success=0, more_than=5_000_000, weights=weights
        )
        for p, weights in ((10, 144), (100, 10_404))
        for alpha in (1, 4, 10)
    },
    "task2b/rtrl-p100": Row(
        "rtrl", "2b", {"p": 100}, 18, 500_000, success=0, weights=10_404, source="[NC97] 5.2"
    ),
    **{
        f"lags/rtrl-p{p}": Row("rtrl", "2a", {"p": p, "alpha": 4.0}, 18, 5_000_000)
        for p in range(2, 13)
    },
    **bridge("rtrl", update="sequence"),
    **store("rtrl", hidden=4, update="sequence"),
}
