"""Ring's temporal transition hierarchies: a unit more for each step that has to be bridged."""

from typing import Annotated, Any

from errorflow.core.options import ABOVE_0, SHARE
from errorflow.methods import Learner, method
from errorflow.methods.nets import symbols_of
from errorflow.methods.rows import Row, bridge
from errorflow.nets.transitions import transitions
from errorflow.rules.transitions import growing


@method("ring", "Ring 1993", kind="higher levels", cost="W", memory="W")
def ring(
    task,
    rng,
    *,
    alpha: Annotated[float, ABOVE_0, "learning rate; 1993: 1.5 (gap), 0.04 (Reber)"] = 1.5,
    sigma: Annotated[float, SHARE, "of the running averages; 1993: 0.2 (gap), 0.08 (Reber)"] = 0.2,
    theta: Annotated[float, ABOVE_0, "a unit is added above this; 1993: 1"] = 1.0,
    eps: Annotated[float, ABOVE_0, "the averages' offset; 1993: 0.1"] = 0.1,
    cap: Annotated[int, "at most so many units; 1993: 40 for Reber, else our choice"] = 400,
    settled: Annotated[
        bool, "our choice: without it this alpha, applied to every order at once, diverges"
    ] = True,
) -> Learner:
    """Ring's units, no bias, first weights 0."""
    symbols = symbols_of(task, "ring")
    net = transitions(symbols, symbols, cap)
    how: dict[str, Any] = {"sigma": sigma, "theta": theta, "eps": eps, "settled": settled}
    return Learner(net, lambda net: growing(net, alpha, **how))


EPOCHS = {2: 4, 4: 6, 6: 8, 8: 10, 10: 12, 24: 26}
"""Published: epochs of the gap task, of two sequences each, for each gap; no chance is in them."""
SOURCE = "[Ring 1993]; what counts as right is not stated"


def _gap(p):
    options = {"p": p, "alternating": True, "streak": 100}
    published: dict[str, Any] = {"success": 100, "sequences": 2 * EPOCHS[p], "source": SOURCE}
    return Row("ring", "gap", options, 1, 2_000, **published)


def _reber(**options):
    # 206.3 +- 16.7 strings; whether the 100 right ones at the end are among them is not stated.
    constants = {"alpha": 0.04, "sigma": 0.08, "cap": 40}
    published: dict[str, Any] = {"success": 100, "sequences": 206, "source": SOURCE}
    return Row("ring", "reber", constants | options, 30, 3_000, **published)


ROWS = {
    **bridge("ring"),
    "ring/2b": Row("ring", "2b", {"p": 10, "streak": 1_000}, 10, 30_000),
    **{f"ring/gap-p{p}": _gap(p) for p in EPOCHS},
    "ring/reber": _reber(),
    "ring/reber-any": _reber(strict=False),
}
