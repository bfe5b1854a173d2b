"""Pseudo-Newton optimisation: gradients divided by curvatures, so that small ones count."""

from typing import Annotated, Any, Literal

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.options import ABOVE_0, SHARE, Count, NotNegative, at_least
from errorflow.methods import Learner, method
from errorflow.methods.nets import drawn, plain
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.layered import layered
from errorflow.nets.units import LOGISTIC, TANH
from errorflow.rules import pseudo_newton as rules
from errorflow.tasks import sizes

Hidden = Annotated[int, at_least(0), "hidden units; for vectors, units that are no output"]
Depth = Annotated[Literal[1, 2], "for vectors: one fully recurrent layer, or a second of outputs"]
Alpha = Annotated[float, ABOVE_0, "learning rate; Bengio et al. 1994: 0.01"]
Mu = Annotated[float, ABOVE_0, "added to curvatures; 1994: 0.001 to 0.3, here after a pilot"]
Momentum = Annotated[float, SHARE, "1994: 0.8"]
Initial = Annotated[float, at_least(0), "the first weights' range; 1994: 0.5"]


@guarded
def smooth(
    task: Any, rng: np.random.Generator, hidden: Count, depth: int, initial: NotNegative
) -> Any:
    """Return the plain net, or, of ``depth`` 2, one of a hidden layer and outputs for vectors.

    The units of the plain net are tanh units if the targets of vectors can be negative. It cannot
    learn parity, whatever its weights: no one layer of units tells whether two bits differ.
    """
    sizes(task)
    if depth == 1 or not hasattr(task, "inputs"):
        f = TANH if getattr(task, "low", 0.0) < 0.0 else LOGISTIC
        return plain(task, rng, hidden, initial, f=f)
    return drawn(layered(task.inputs, hidden, task.outputs), rng, initial)


@method("pseudo-newton", "Becker and LeCun 1988", kind="larger gradients", cost="W", memory="n T")
def pseudo_newton(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    depth: Depth = 1,
    alpha: Alpha = 0.01,
    mu: Mu = 0.01,
    momentum: Momentum = 0.8,
    initial: Initial = 0.5,
) -> Learner:
    """Gradients divided by one curvature a weight; the constants are those of the other form."""
    net = smooth(task, rng, hidden, depth, initial)
    how = {"mu": mu, "momentum": momentum}
    return Learner(net, lambda net: rules.pseudo_newton(net, task.steps, alpha, **how))


@method(
    "time-weighted-pseudo-newton",
    "Bengio, Simard and Frasconi 1994",
    kind="larger gradients",
    cost="W",
    memory="n T",
)
def time_weighted_pseudo_newton(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    depth: Depth = 1,
    alpha: Alpha = 0.01,
    mu: Mu = 0.01,
    momentum: Momentum = 0.8,
    initial: Initial = 0.5,
) -> Learner:
    """Gradients divided by one curvature a weight and time."""
    net = smooth(task, rng, hidden, depth, initial)
    how = {"mu": mu, "momentum": momentum}
    return Learner(net, lambda net: rules.time_weighted(net, task.steps, alpha, **how))


PUBLISHED = {
    "2-sequence": {
        "back-propagation": {5: 58, 10: 56, 20: 43, 50: 53, 100: 50},
        "pseudo-newton": {5: 2, 10: 3, 20: 10, 50: 25, 100: 29},
        "time-weighted-pseudo-newton": {5: 0, 10: 0, 20: 9, 50: 34, 100: 14},
        "discrete": {5: 6, 10: 16, 20: 29, 50: 23, 100: 22},
    },
    "parity": {
        "back-propagation": {3: 2, 5: 20},
        "pseudo-newton": {3: 3, 5: 25},
        "discrete": {3: 0, 5: 0},
    },
}
"""Wrong sequences in percent, by task, method and largest length T (Bengio and Frasconi 1994). The
blanks of the printed table of parity are lost in the copy used: only what stands in its first
columns is here, and nothing of the time-weighted method, whose columns are uncertain."""


def of_bengio(method: str, task: str, longest: int, budget: int, **options: Any) -> Row:
    """Return a row of a method of 1994, which publishes wrong sequences, not trials that succeed.

    Of the trials it says that there were 20 or more, and nothing of when they ended; the budgets
    here are a few times its mean numbers of presentations.
    """
    errors = PUBLISHED.get(task, {}).get(method, {})
    source = "not published"
    if longest in errors:
        source = f"{errors[longest]} % of sequences wrong (Bengio and Frasconi 1994)"
    return Row(method, task, {"longest": longest, **options}, 20, budget, source=source)


ROWS = {}
for _method in ("pseudo-newton", "time-weighted-pseudo-newton"):
    ROWS |= bridge(_method)
    # Their nets: five units, here with an input that is always 1; for the latch a single one.
    for _T in (5, 10, 20, 50, 100):
        _row = of_bengio(_method, "2-sequence", _T, 10_000, hidden=4)
        ROWS[f"{_method}/2-sequence-p{_T}"] = _row
    for _T in (3, 5):
        ROWS[f"{_method}/parity-p{_T}"] = of_bengio(
            _method, "parity", _T, 50_000, hidden=2, depth=2
        )
    ROWS[f"{_method}/latch-p20"] = of_bengio(_method, "latch", 20, 10_000, hidden=0)
    ROWS |= store(_method, far=True, hidden=4)
