"""Random weight guessing: new weights again and again, until the whole training set is right."""

from typing import Annotated

from errorflow.core.options import ABOVE_0
from errorflow.methods import Learner, method
from errorflow.methods.rows import Row, bridge, store
from errorflow.methods.search_nets import HiddenUnits, Net, net_for
from errorflow.rules import guessing as rule_of_guesses


@method(
    "guessing", "Schmidhuber and Hochreiter 1996", kind="without gradients", cost="W", memory="n"
)
def guessing(
    task,
    rng,
    *,
    net: Net = "A1",
    hidden: HiddenUnits = None,
    bound: Annotated[float, ABOVE_0, "weights are guessed in [-bound, bound]; 1996: 100"] = 100.0,
) -> Learner:
    """Random weight guessing; counted are guesses."""
    guessed = net_for(task, net, hidden)
    return Learner(guessed, lambda net: rule_of_guesses.guessing(net, bound=bound))


LONG = {"longest": 600, "shortest": 500}
TO_ONE = LONG | {"tolerance": 0.1}
FIRST = TO_ONE | {"informative": 1, "gaussian": True}
VARIANCE, DEVIATION = {"noise": 0.2**0.5}, {"noise": 0.2}
"""Noise "of variance 0.2" is taken at its word, and in the rows that end in -sd as a standard
deviation (added after a pilot: at its word it makes these problems several times harder than
published)."""


def _row(task, options, published, *, trials=10):
    """Published is the mean number of guesses; budgets are ten times that and more."""
    budget = 10 * published if published > 100 else 1_000
    return Row(
        "guessing",
        task,
        options,
        trials,
        budget,
        success=100.0,
        sequences=published,
        source="Schmidhuber and Hochreiter 1996; NIPS 9, 1997",
    )


def _latch(published, **options):
    return _row("latch", TO_ONE | {"targets": (-1.0, 1.0), "net": "latch II"} | options, published)


def _tomita(number, published, **options):
    """Strings as long as all their sequences; how illegal ones were drawn is not said."""
    return _row("tomita", TO_ONE | {"number": number} | options, published)


ROWS = {
    "guessing/latch-1": _row("latch", LONG | {"net": "latch I"}, 6, trials=40),
    "guessing/latch-2": _latch(22),
    "guessing/latch-2-sd": _latch(22, **DEVIATION),
    "guessing/2-sequence-a1": _row("2-sequence", FIRST | VARIANCE, 1247),
    "guessing/2-sequence-a2": _row("2-sequence", FIRST | VARIANCE | {"net": "A2"}, 718),
    "guessing/2-sequence-a1-sd": _row("2-sequence", FIRST | DEVIATION, 1247),
    "guessing/2-sequence-a2-sd": _row("2-sequence", FIRST | DEVIATION | {"net": "A2"}, 718),
    "guessing/parity-a1": _row("parity", TO_ONE, 2906),
    "guessing/parity-a2": _row("parity", TO_ONE | {"net": "A2"}, 2797),
    "guessing/parity-a2-not-own": _row("parity", TO_ONE | {"net": "A2, not own"}, 250),
    "guessing/tomita-1-a1": _tomita(1, 182),
    "guessing/tomita-1-a2": _tomita(1, 288, net="A2"),
    "guessing/tomita-2-a1": _tomita(2, 1511, hidden=3),
    "guessing/tomita-2-a2": _tomita(2, 17_953, net="A2"),
    "guessing/tomita-4-a1": _tomita(4, 13_833, hidden=2),
    "guessing/tomita-4-a2": _tomita(4, 35_610, net="A2"),
    **bridge("guessing"),
    **store("guessing", hidden=4),
}
