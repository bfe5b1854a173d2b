"""Extended Kalman filters for recurrent nets, global and decoupled."""

from typing import Annotated

from errorflow.core.options import ABOVE_0, SHARE, at_least
from errorflow.methods import Learner, method
from errorflow.methods.nets import Hidden, Initial, plain
from errorflow.methods.rows import Row, bridge, store
from errorflow.rules import kalman as filters

Gamma = Annotated[float, SHARE, "discount of past derivatives; published, without its value"]
InitialP = Annotated[float, ABOVE_0, "first covariance, times the unit matrix; 1994: 100 to 1000"]
R = Annotated[
    float,
    ABOVE_0,
    "noise of the targets; 1994: annealed from 100 to about 5; 0.1 is the best of 0.1, 1, 10 and "
    "100 in a pilot at lags 3 and 4 with the seeds 0 to 9",
]
Q = Annotated[float, at_least(0), "noise of the weights; 1994: 1e-2 to 1e-6"]


@method("kalman", "Puskorius and Feldkamp 1994", kind="higher levels", cost="O W²", memory="W²")
def kalman(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    gamma: Gamma = 1.0,
    initial_p: InitialP = 100.0,
    R: R = 0.1,
    Q: Q = 1e-4,
    initial: Initial = 0.2,
) -> Learner:
    """The global extended Kalman filter."""
    net = plain(task, rng, hidden, initial)
    how = {"gamma": gamma, "initial_p": initial_p, "R": R, "Q": Q}
    return Learner(net, lambda net: filters.kalman(net, None, **how))


@method(
    "decoupled-kalman",
    "Puskorius and Feldkamp 1994",
    kind="higher levels",
    cost="O W²/n",
    memory="W²/n",
)
def decoupled_kalman(
    task,
    rng,
    *,
    hidden: Hidden = 1,
    gamma: Gamma = 1.0,
    initial_p: InitialP = 100.0,
    R: R = 0.1,
    Q: Q = 1e-4,
    initial: Initial = 0.2,
) -> Learner:
    """The decoupled filter: a covariance for the weights into each unit."""
    net = plain(task, rng, hidden, initial)
    how = {"gamma": gamma, "initial_p": initial_p, "R": R, "Q": Q}
    return Learner(net, lambda net: filters.kalman(net, filters.by_unit(net), **how))


LAGS = (2, 3, 4, 6, 10)
"""The global covariance has an entry for each pair of weights, (p + 2)^4 at lag p, and changes p
times a sequence: ten trials take three minutes at lag 10, two hours at lag 20. The decoupled filter
has (p + 2)^2 entries for each of p + 2 units: seven minutes at lag 20, four hours at lag 50."""


def _discounted(p, gamma):
    test = {"p": p, "judged_at": "end", "streak": 1_000}
    return Row("decoupled-kalman", "2a", {**test, "gamma": gamma}, 10, 30_000)


ROWS = {
    **bridge("kalman", lags=LAGS),
    **bridge("decoupled-kalman", lags=LAGS),
    **{
        f"decoupled-kalman/gamma-{gamma}-p{p}": _discounted(p, gamma)
        for gamma in (0.99, 0.9)
        for p in (2, 3, 4, 6)
    },
    # As many hidden units as Mozer's nets have context units.
    **{
        f"decoupled-kalman/gap-p{p}": Row(
            "decoupled-kalman", "gap", {"p": p, "hidden": 10}, 10, 2_000
        )
        for p in (4, 8)
    },
    **store("kalman", far=True, hidden=4),
    **store("decoupled-kalman", far=True, hidden=4),
}
