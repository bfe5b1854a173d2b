"""Fahlman's recurrent cascade-correlation: a net that adds one self-recurrent unit at a time."""

from typing import Annotated, NamedTuple

from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.nets import OutputSlope, symbols_of
from errorflow.methods.rows import Row, bridge
from errorflow.nets.cascade import cascade
from errorflow.rules.cascade_correlation import (
    OF_CANDIDATES,
    OF_OUTPUTS,
    Phase,
    cascade_correlation,
)


class OnASet(NamedTuple):
    """Cascade-correlation whose workspace is made when the set is known."""

    outputs: Phase
    candidates: Phase

    def epochs(self, net, data, loss, rng):
        rule = cascade_correlation(net, data.length, **self._asdict())
        return rule.epochs(net, data, loss, rng)


@method("rcc", "Fahlman 1991", kind="gradient methods", cost="W", memory="W")
def rcc(
    task,
    rng,
    *,
    room: Annotated[int, "a trial ends with so many units; not stated"] = 25,
    epsilon: Annotated[float, ABOVE_0, "quickprop's, for outputs; the program's"] = 0.35,
    candidate_epsilon: Annotated[
        float, ABOVE_0, "quickprop's, for candidates; the program's, not stated for this task"
    ] = 1.0,
    output_epochs: Annotated[int, "at most, in a phase; the program's example"] = 100,
    candidate_epochs: Annotated[int, "at most, in a phase; the program's example"] = 100,
    coding: Annotated[tuple[float, float], "an input without and with its symbol; not stated"] = (
        0.0,
        1.0,
    ),
    sigmoid: Annotated[
        tuple[float, float],
        ABOVE_0,
        "units are a tanh(b net), (a, b): the tanh of 1991; its program has (0.5, 0.5)",
    ] = (1.0, 1.0),
    output_slope: OutputSlope = (1.0, 0.0),
) -> Learner:
    """A unit's errors go back through its own connection, and only while it is a candidate."""
    symbols = symbols_of(task, "rcc")
    high, steepness = sigmoid
    net = cascade(symbols, symbols, room, inputs_are=coding, high=high, steepness=steepness)
    rule = OnASet(
        OF_OUTPUTS._replace(epsilon=epsilon, epochs=output_epochs),
        OF_CANDIDATES._replace(epsilon=candidate_epsilon, epochs=candidate_epochs),
    )
    return Learner(net, lambda net: rule, output_slope)


ROWS = {
    "table1/rcc": Row(
        "rcc",
        "embedded-reber",
        # Targets are the ends of the sigmoid; 0.1 is the offset of the program, for outputs alone.
        {"targets": (-1.0, 1.0), "output_slope": (1.0, 0.1)},
        30,
        768_000,
        success=50,
        sequences=182_000,
        weights="119-198",
        source="[P98] Table 1, [NC97] Table 1",
    ),
    **bridge("rcc"),
}
