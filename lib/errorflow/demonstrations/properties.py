"""What the methods of Section 3 cost, as orders of magnitude, and what they can store.

Of each method: operations a step, numbers kept besides the weights, and what a stored value may be.
n is the number of units (or states), W of weights, O of outputs, T of steps in a sequence.
"""

from typing import NamedTuple


class Properties(NamedTuple):
    """``cost`` a step, ``memory``, ``values``: "real" or "discrete"."""

    cost: str
    memory: str
    values: str


PROPERTIES = {
    "elman": Properties("W", "n", "real"),
    "rtrl": Properties("n² W", "n W", "real"),
    "bptt": Properties("W", "n T", "real"),
    "truncated-bptt": Properties("W", "n k", "real"),
    "hybrid": Properties("n W", "n W", "real"),
    "pearlmutter": Properties("W", "n T", "real"),
    "rcc": Properties("W", "W", "real"),
    "guessing": Properties("W", "n", "real"),
    "annealing": Properties("W", "n", "real"),
    "multigrid": Properties("W", "n", "real"),
    "pseudo-newton": Properties("W", "n T", "real"),
    "time-weighted-pseudo-newton": Properties("W", "n T", "real"),
    "discrete": Properties("W", "n T", "discrete"),
    "em": Properties("n²", "n T", "discrete"),
    "iohmm": Properties("n²", "n T", "discrete"),
    "kalman": Properties("O W²", "W²", "real"),
    "decoupled-kalman": Properties("O W²/n", "W²/n", "real"),
    "chunker": Properties("W", "W", "discrete"),
    "hierarchical-chunker": Properties("W", "W", "discrete"),
    "ring": Properties("W", "W", "discrete"),
    "second-order": Properties("W", "n T", "real"),
    "tdnn": Properties("W", "n T", "real"),
    "narx": Properties("W", "n T", "real"),
    "gamma": Properties("W", "n T", "real"),
    "plate": Properties("n²", "n T", "real"),
    "mozer": Properties("W", "n T", "real"),
    "twinn": Properties("W", "n T", "real"),
    "lstm": Properties("W", "W", "real"),
}
