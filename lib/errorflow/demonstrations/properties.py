"""What the methods of Section 3 cost, as orders of magnitude.

Of each method: operations a step, and numbers kept besides the weights. n is the number of units
(or states), W of weights, O of outputs, T of steps in a sequence.
"""

from typing import NamedTuple


class Properties(NamedTuple):
    """``cost`` a step and ``memory``."""

    cost: str
    memory: str


PROPERTIES = {
    "elman": Properties("W", "n"),
    "rtrl": Properties("n² W", "n W"),
    "bptt": Properties("W", "n T"),
    "truncated-bptt": Properties("W", "n k"),
    "hybrid": Properties("n W", "n W"),
    "pearlmutter": Properties("W", "n T"),
    "rcc": Properties("W", "W"),
    "guessing": Properties("W", "n"),
    "annealing": Properties("W", "n"),
    "multigrid": Properties("W", "n"),
    "pseudo-newton": Properties("W", "n T"),
    "time-weighted-pseudo-newton": Properties("W", "n T"),
    "discrete": Properties("W", "n T"),
    "em": Properties("n²", "n T"),
    "iohmm": Properties("n²", "n T"),
    "kalman": Properties("O W²", "W²"),
    "decoupled-kalman": Properties("O W²/n", "W²/n"),
    "chunker": Properties("W", "W"),
    "chunker-pair": Properties("W", "W"),
    "hierarchical-chunker": Properties("W", "W"),
    "ring": Properties("W", "W"),
    "second-order": Properties("W", "n T"),
    "tdnn": Properties("W", "n T"),
    "narx": Properties("W", "n T"),
    "gamma": Properties("W", "n T"),
    "plate": Properties("n²", "n T"),
    "mozer": Properties("W", "n T"),
    "twinn": Properties("W", "n T"),
    "lstm": Properties("W", "W"),
    "lstm-blocks": Properties("W", "W"),
}
