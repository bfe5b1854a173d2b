"""Multi-grid random search: points around the best one, in a box that shrinks."""

from typing import Annotated, Any

from errorflow.core.options import ABOVE_0, SHARE
from errorflow.methods import Learner, method
from errorflow.methods.annealing import COMPARED, SIDES, Initial
from errorflow.methods.nets import drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.search_nets import PRESENTATIONS, HiddenUnits, Net, net_for
from errorflow.rules import multigrid as rule_of_grids


@method(
    "multigrid", "Bengio, Simard and Frasconi 1994", kind="without gradients", cost="W", memory="n"
)
def multigrid(
    task,
    rng,
    *,
    net: Net = "A1",
    hidden: HiddenUnits = None,
    initial: Initial = 0.5,
    bound: Annotated[float, ABOVE_0, "half the first box; our choice"] = 10.0,
    points: Annotated[int, "points in a box; our choice"] = 20,
    factor: Annotated[float, SHARE, "the box shrinks by this factor; 1994: 0.9"] = 0.9,
    least: Annotated[float, ABOVE_0, "the smallest box; our choice"] = 1e-3,
) -> Learner:
    """Multi-grid random search; counted are sequences."""
    searched = drawn(net_for(task, net, hidden), rng, initial)
    options: dict[str, Any] = {"bound": bound, "points": points, "factor": factor, "least": least}
    return Learner(searched, lambda net: rule_of_grids.multigrid(net, **options))


ROWS = {
    **{
        "multigrid/2-sequence" + ("" if T == 100 else f"-p{T}"): Row(
            "multigrid",
            "2-sequence",
            {"longest": T, **SIDES},
            10,
            500_000,
            sequences=published,
            source=COMPARED,
        )
        for T, published in PRESENTATIONS["multigrid"].items()
    },
    # On parity it failed with more than 40 % wrong from some length on.
    "multigrid/parity": Row(
        "multigrid", "parity", {"longest": 50, "tolerance": 0.5}, 10, 500_000, source=COMPARED
    ),
    **bridge("multigrid", budget=600_000),
    **store("multigrid", hidden=4, budget=10_000_000),
}
