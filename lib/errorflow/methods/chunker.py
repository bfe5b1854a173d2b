"""The neural sequence chunker: a net that sees only what another one failed to predict."""

from typing import Annotated, Any, Literal

from errorflow.core.numerics import fill_uniform
from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method, nets
from errorflow.methods.rows import Row, bridge
from errorflow.nets.hierarchy import pair
from errorflow.rules import chunker as rule_of_two

Mismatch = Annotated[
    float, ABOVE_0, "a net fails if one of its outputs' errors exceeds this; not stated"
]


@method("chunker", "Schmidhuber 1992", kind="higher levels", cost="W", memory="W")
def chunker(
    task,
    rng,
    *,
    alpha: nets.Alpha = 1.0,
    initial: nets.Initial = 0.2,
    eps: Mismatch = 0.25,
    order: Annotated[
        Literal["A first", "C first"],
        "A learns to predict C's activation before C reads what A failed to predict, or after",
    ] = "A first",
    judged_by: Annotated[
        Literal["automatizer", "pair"], "the automatizer A alone, or C where A fails; not stated"
    ] = "automatizer",
    reset: nets.Reset = True,
    C_reset: Annotated[bool, "C's activation too; the experiment of 1992 has no boundaries"] = True,
    hidden_range: nets.HiddenRange = (0.0, 1.0),
    hidden_offset: nets.HiddenOffset = 0.0,
    output_slope: nets.OutputSlope = (1.0, 0.0),
) -> Learner:
    """Two nets of Table 2: A predicts every symbol, C what A does not, and A learns C's state."""
    low, high = hidden_range
    net = pair(nets.symbols_of(task, "chunker") - 1, low=low, high=high, offset=hidden_offset)
    fill_uniform(rng, net.A.w, -initial, initial)
    fill_uniform(rng, net.C.w, -initial, initial)
    how: dict[str, Any] = {"eps": eps, "reset": reset, "C_reset": C_reset}
    how |= {"C_first": order == "C first", "as_pair": judged_by == "pair"}
    return Learner(net, lambda net: rule_of_two.chunker(net, alpha, **how), output_slope, None)


ROWS = {
    "table2/chunker-p100": Row(
        "chunker",
        "2a",
        {"p": 100},
        18,
        5_000_000,
        success=33,
        sequences=32_400,
        weights=10_506,  # the automatizer's
        source="[P98] Table 2, [NC97] Table 2",
    ),
    "task2b/chunker-p100": Row(
        "chunker", "2b", {"p": 100}, 18, 500_000, success=0, weights=10_506, source="[NC97] 5.2"
    ),
    **bridge("chunker"),
    **bridge("chunker", entry="chunker-pair", judged_by="pair"),
    "chunker/2b": Row("chunker", "2b", {"p": 10, "streak": 1_000}, 10, 30_000),
    "chunker-pair/2b": Row(
        "chunker", "2b", {"p": 10, "streak": 1_000, "judged_by": "pair"}, 10, 30_000
    ),
}
