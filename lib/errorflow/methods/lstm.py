"""Long Short-Term Memory as of 1997: memory cells behind gates, by the truncated rule."""

from typing import Annotated, Any, Literal

import numpy as np

from errorflow.core.numerics import fill_uniform
from errorflow.methods import Growth, Learner, method
from errorflow.methods.nets import Alpha, Initial, OutputSlope, Reset, Update
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.lstm import memory_cells
from errorflow.nets.units import IDENTITY, Squash
from errorflow.rules.truncated import truncated
from errorflow.tasks import sizes
from errorflow.tasks.problems import Reading

Squashing = Literal["identity"] | tuple[float, float]


@method(
    "lstm", "Hochreiter and Schmidhuber 1997", kind="special architectures", cost="W", memory="W"
)
def lstm(
    task,
    rng,
    *,
    blocks: Annotated[int, "blocks of memory cells; 1997: 3 or 4, 1 and 2"] = 1,
    size: Annotated[int, "cells in a block; 1997: 1 or 2"] = 1,
    full: Annotated[
        bool,
        "output gates, connections among cells and gates, outputs that see cells alone (Table 1); "
        "else none of these, and outputs that see the inputs too (Table 2)",
    ] = False,
    biases: Annotated[bool, "gates of a full net have biases; not in task 2c"] = True,
    g: Annotated[
        Squashing, "range of the cells' input function; Table 10 and its text disagree"
    ] = (0.0, 1.0),
    h: Annotated[
        Squashing, "range of the cells' output function; Table 10 and its text disagree"
    ] = "identity",
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
    input_gate: Annotated[
        float, "added at the start to the input gates' biases or, without any, weights"
    ] = 0.0,
    input_gate_step: Annotated[
        float, "and so much more to each block after the other: -3 in the adding problem"
    ] = 0.0,
    output_gate_step: Annotated[
        float, "output gates' biases start at 1, 2, .. times this; Table 10: -1; 0: as drawn"
    ] = 0.0,
    cell: Annotated[
        Literal["start", "stagnation"] | int,
        "the cells are there from the start, or added at stagnation of the error (less than 1 % in "
        "100 sequences) or after so many sequences; 1997: once the error has stopped decreasing",
    ] = "start",
    update: Update = "step",
    reset: Reset = True,
    output_slope: OutputSlope = (1.0, 0.0),
) -> Learner:
    """Memory cells by the truncated gradient of the 1997 paper, appendix A.1."""
    inputs, outputs = sizes(task)
    net = memory_cells(
        inputs, blocks, size, outputs, g=_squash(g), h=_squash(h), full=full, biases=biases
    )

    def draw(net):
        B, S = net.blocks, net.blocks * net.size
        fill_uniform(rng, net.w, -initial, initial)
        place = np.arange(1.0, B + 1.0)
        has_biases = len(net.bias) > 0
        if output_gate_step and has_biases:
            net.bias[B:] = output_gate_step * place
        gates = net.bias[:B] if has_biases else net.hidden[S : S + B].T
        gates += input_gate + input_gate_step * place

    def rule(net):
        return truncated(net, alpha, per_step=update == "step", reset=reset)

    if cell == "start":
        draw(net)
        return Learner(net, rule, output_slope, Reading(reset=reset))
    if full:
        raise ValueError(f"cell = {cell!r}; a full net has its cells from the 'start'")
    small = memory_cells(inputs, 0, size, outputs, g=net.g, h=net.h, full=False)
    draw(small)

    def grow(trained):
        draw(net)
        net.output[:, :inputs] = trained.output
        return net

    growth = Growth(grow, 0 if cell == "stagnation" else cell)
    return Learner(small, rule, output_slope, Reading(reset=reset), growth, net)


def _squash(f: Any) -> Squash:
    return IDENTITY if f == "identity" else Squash(*f)


FULL: dict[str, Any] = {"full": True, "g": (-2.0, 2.0), "h": (-1.0, 1.0)}
TABLE_1 = FULL | {"output_gate_step": -1.0}
LITERAL_2 = {"cell": "stagnation"}


def _table1(blocks, size, alpha, success, sequences):
    starred = (blocks, size, alpha) == (3, 2, 0.5)
    return Row(
        "lstm",
        "embedded-reber",
        {"blocks": blocks, "size": size, "alpha": alpha, **TABLE_1},
        30,
        250_000,
        success=success,
        sequences=sequences,
        weights={(3, 2): 276, (4, 1): 264}[blocks, size],
        source="[P98] Table 1, [NC97] Table 1" if starred else "[NC97] Table 1",
    )


def _task2c(q, p, weights, sequences):
    options = {"p": p, "q": q, "blocks": 2, "alpha": 0.01, **FULL, "biases": False}
    published = {"success": 100, "sequences": sequences, "weights": weights}
    return Row("lstm", "2c", options, 20, 250_000, **published, source="[NC97] Table 3")


ROWS = {
    "table1/lstm-4x1-lr0.1": _table1(4, 1, 0.1, 100, 39_740),
    "table1/lstm-3x2-lr0.1": _table1(3, 2, 0.1, 100, 21_730),
    "table1/lstm-3x2-lr0.2": _table1(3, 2, 0.2, 97, 14_060),
    "table1/lstm-4x1-lr0.5": _table1(4, 1, 0.5, 97, 9_500),
    "table1/lstm-3x2-lr0.5": _table1(3, 2, 0.5, 100, 8_440),
    "table2/lstm-p100": Row(
        "lstm",
        "2a",
        {"p": 100, **LITERAL_2},
        18,
        5_000_000,
        success=100,
        sequences=5_040,
        weights=10_504,
        source="[P98] Table 2, [NC97] Table 2",
    ),
    "task2b/lstm-p100": Row(
        "lstm",
        "2b",
        {"p": 100, **LITERAL_2},
        18,
        500_000,
        success=100,
        sequences=5_680,
        weights=10_504,
        source="[NC97] 5.2",
    ),
    "task2c/q50-p50": _task2c(50, 50, 364, 30_000),
    "task2c/q100-p100": _task2c(100, 100, 664, 31_000),
    "task2c/q200-p200": _task2c(200, 200, 1_264, 33_000),
    "task2c/q500-p500": _task2c(500, 500, 3_064, 38_000),
    "task2c/q1000-p1000": _task2c(1000, 1000, 6_064, 49_000),
    "task2c/q1000-p500": _task2c(1000, 500, 3_064, 49_000),
    "task2c/q1000-p200": _task2c(1000, 200, 1_264, 75_000),
    "task2c/q1000-p100": _task2c(1000, 100, 664, 135_000),
    "task2c/q1000-p50": _task2c(1000, 50, 364, 203_000),
    # As protocol no-slope.
    **bridge("lstm", output_slope=(0.0, 1.0)),
    **store("lstm", output_slope=(0.0, 1.0)),
    # The net, rate and start of the adding problem (1997, section 5.4); the biases that cells and
    # outputs have there are weights from an input that is always 1, and outputs that see cells have
    # none.
    **store(
        "lstm",
        entry="lstm-blocks",
        far=True,
        blocks=2,
        size=2,
        **FULL,
        alpha=0.5,
        initial=0.1,
        input_gate_step=-3.0,
    ),
}
