"""Rows of the second common test: a real number, shown first, is asked for after ten steps, or 50.

Rows `store/METHOD-p10`: the steps in between are silent. Rows `store/METHOD-p10-distractors`: they
show other numbers. Right is an output within 0.1 of the number. Nets have four hidden units where
the method leaves the choice, so that size is not what limits them; those that describe states have
seven. Nets whose inputs are symbols (cascades, chunkers, Ring's) cannot be put to this test. Trials
have 100,000 sequences; annealing and multi-grid search may look at their set, of 100 sequences, as
often. All else is as in the rows `bridge/METHOD-pP`. (Two pilot trials a row were known, with other
seeds, 30,000 sequences and mostly smaller nets.)

Fifty steps, with 200,000 sequences, were added when the results at ten were known: for all methods
that had a success there, but not for RTRL and the O(n^3) algorithm, whose gradient is that of BPTT.
"""

from errorflow.demonstrations.row import Demonstration

FAR = (
    "bptt", "truncated-bptt", "pearlmutter", "pseudo-newton", "time-weighted-pseudo-newton",
    "em", "kalman", "decoupled-kalman", "tdnn", "narx", "gamma", "plate", "mozer", "twinn",
    "lstm-blocks",
)  # fmt: skip
HIDDEN, STATES = (("hidden", 4),), (("states", 7),)
PLAIN = ("4 hidden units", 40, HIDDEN)

NETS = {
    "elman": PLAIN,
    "rtrl": PLAIN,
    "bptt": PLAIN,
    "truncated-bptt": PLAIN,
    "hybrid": PLAIN,
    "pearlmutter": ("4 hidden units, T = 10 steps", 35, HIDDEN),
    "guessing": ("A1, 4 hidden units", 39, HIDDEN),
    "annealing": ("A1, 4 hidden units", 39, HIDDEN),
    "multigrid": ("A1, 4 hidden units", 39, HIDDEN),
    "pseudo-newton": PLAIN,
    "time-weighted-pseudo-newton": PLAIN,
    "discrete": ("4 hidden units", 35, HIDDEN),
    "em": ("7 states, softmax", 147, ()),
    "iohmm": ("7 states", 105, STATES),
    "kalman": PLAIN,
    "decoupled-kalman": PLAIN,
    "second-order": ("3 state units", 48, ()),
    "tdnn": ("4 hidden units, D = 10", 287, HIDDEN),
    "narx": ("4 hidden units, D = 10", 59, HIDDEN),
    "gamma": ("4 hidden units, K = 10", 294, HIDDEN),
    "plate": ("8 hidden units", 35, ()),
    "mozer": ("6 fast and 4 slow units", 143, ()),
    "twinn": ("4 state units", 35, ()),
    "lstm": ("1 memory cell with its input gate", 10, ()),
    "lstm-blocks": ("2 blocks of 2 memory cells, both gates", 96, ()),
}
"""For each method its net, the number of its weights, and the constants that differ."""


def _rows(method, steps, budget):
    net, weights, constants = NETS[method]
    return {
        f"store/{method}-p{steps}{name}": Demonstration(
            method, "store", steps, net, weights, 10, budget, about, constants
        )
        for name, about in (("", ()), ("-distractors", (("distractors", True),)))
    }


ROWS = {}
for _method in NETS:
    _searched = _method in ("annealing", "multigrid")
    ROWS |= _rows(_method, 10, 10_000_000 if _searched else 100_000)
for _method in FAR:
    ROWS |= _rows(_method, 50, 200_000)
