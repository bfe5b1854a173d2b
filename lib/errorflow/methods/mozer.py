"""Mozer's time constants: units that change slowly carry the error as slowly back."""

from typing import Annotated

from errorflow.core.options import SHARE, at_least
from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Initial, drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.mozer import time_constants
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method("mozer", "Mozer 1992", kind="special architectures", cost="W", memory="n T")
def mozer(
    task,
    rng,
    *,
    fast: Annotated[int, at_least(0), "units without a time constant; 1992: 6"] = 6,
    slow: Annotated[int, at_least(0), "units with one; 1992: 4"] = 4,
    tau: Annotated[float, SHARE, "their time constant; 1992: 0.75 to 0.95, the best a gap"] = 0.9,
    alpha: Alpha = 1.0,
    initial: Initial = 0.2,
) -> Learner:
    """Units with and without a time constant, by BPTT."""
    inputs, outputs = sizes(task)
    net = drawn(time_constants(inputs, [0.0] * fast + [tau] * slow, outputs), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


GAPS = {2: (328, 100.0), 4: (584, 64.0), 6: (992, 8.0), 8: (1312, 0.0), 10: (1630, 0.0)}
"""For each gap: epochs of nets with time constants, and the success rate of those without.

An epoch has both sequences, 10,000 were allowed. Nets with time constants always succeeded, with
the best one for each gap; here it is 0.9 for all. The epochs of the standard nets are left out:
their mean seems to count failures too.
"""
OF_MOZER = "Mozer 1992, 25 trials"


def _gap(p, trials=25, **options):
    return Row("mozer", "gap", {"p": p, **options}, trials, 20_000)


ROWS = {
    **bridge("mozer"),
    **{
        f"mozer/gap-p{p}": _gap(p)._replace(success=100.0, sequences=2 * epochs, source=OF_MOZER)
        for p, (epochs, _) in GAPS.items()
    },
    **{
        f"mozer/standard-gap-p{p}": _gap(p, fast=10, slow=0)._replace(
            success=success, source=OF_MOZER
        )
        for p, (_, success) in GAPS.items()
    },
    **{
        f"mozer/tau{tau}-gap-p25": _gap(25, 10, tau=tau)._replace(
            source="Mozer 1992: gaps of up to 25 were learned"
        )
        for tau in (0.5, 0.75, 0.9, 0.95, 0.99)
    },
    **store("mozer", far=True),
}
