"""What a unit makes of its net input: a logistic function of any range, tanh, or the identity."""

from typing import NamedTuple

from errorflow.core.compiled import inline
from errorflow.core.numerics import logistic


class Squash(NamedTuple):
    """``low`` + (``high`` - ``low``) / (1 + e**(-``steepness`` x)), or the identity."""

    low: float
    high: float
    identity: bool = False
    steepness: float = 1.0


LOGISTIC = Squash(0.0, 1.0)
TANH = Squash(-1.0, 1.0, steepness=2.0)
IDENTITY = Squash(0.0, 0.0, identity=True)


@inline
def squash(f, x):
    """Return f(x)."""
    return x if f.identity else f.low + (f.high - f.low) * logistic(f.steepness * x)


@inline
def squash_slope(f, y):
    """Return f'(x) from y = f(x)."""
    if f.identity:
        return 1.0
    return (y - f.low) * (f.high - y) / (f.high - f.low) * f.steepness
