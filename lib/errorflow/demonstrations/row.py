"""A row of the recorded trials of Section 3."""

from typing import NamedTuple


class Demonstration(NamedTuple):
    """An experiment, and what was published of it.

    ``net`` says what the net is, ``weights`` how many it has. ``about`` and ``constants`` are the
    keywords of the task and of the method that differ from their defaults, as pairs. ``success`` is
    the published percentage, ``sequences`` the published mean of what is counted; None where
    nothing was published.
    """

    method: str
    task: str
    p: int
    net: str
    weights: int
    trials: int
    budget: int
    about: tuple = ()
    constants: tuple = ()
    success: float | None = None
    sequences: int | None = None
    source: str = "not published"
    more_than: None = None


LAGS = (2, 3, 4, 6, 10, 20, 50, 100)
"""The lags of the rows `bridge/METHOD-pP`."""


def bridges(method, net, weights, *, lags=LAGS, budget=30_000, **constants):
    """Return rows for the common test: ten trials at each lag; ``weights`` is a function of it."""
    return {
        f"bridge/{method}-p{p}": Demonstration(
            method, "2a", p, net, weights(p), 10, budget, constants=tuple(constants.items())
        )
        for p in lags
    }


def table2(p):
    """Return the number of weights of Table 2's net with one hidden unit."""
    return (p + 2) ** 2
