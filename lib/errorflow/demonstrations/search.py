"""Rows of the methods without gradients.

Guessing, by Schmidhuber and Hochreiter: a published number is the mean number of guesses in ten
trials, for the first latch in forty; budgets are ten times that and more. Noise "of variance 0.2"
is taken at its word, and in the rows that end in -sd as a standard deviation (added after a pilot:
at its word it makes these problems several times harder than published). Tomita's strings are
as long as all their sequences, 500 to 600; how illegal ones were drawn is not said, here all are
equally probable.

Annealing and multi-grid search: the published numbers are mean sequence presentations of Bengio and
Frasconi 1994, with final classification errors of 0 % (annealing, parity) and those at
:data:`PRESENTATIONS` (2-sequence); on parity multi-grid search failed with more than 40 % from some
length on. How large their sets were is not said: here 100, right is an output on the right side.

The common test counts what the rules count. Guessing has 30,000 guesses. Annealing and multi-grid
search may look at the set of 20 sequences as often, which is 600,000 sequences. Annealing leaves
out lags 50 and 100: with 2704 weights it would not come to its first adaptation of the steps.
"""

from errorflow.demonstrations.row import LAGS, Demonstration, bridges, table2

ONE_UNIT = "1 hidden unit"
GUESSED = "Schmidhuber and Hochreiter 1996; NIPS 9, 1997"
COMPARED = "Bengio and Frasconi 1994, Tables 1 to 4"

LONG = (("shortest", 500),)
TO_ONE = (*LONG, ("tolerance", 0.1))
LATCH_2 = (*TO_ONE, ("targets", (-1.0, 1.0)))
FIRST = (*TO_ONE, ("informative", 1), ("gaussian", True))
VARIANCE, DEVIATION = (("noise", 0.2**0.5),), (("noise", 0.2),)
SIDES = (("targets", (-0.8, 0.8)), ("tolerance", 0.8))

A1, A2 = "A1, 1 hidden unit", "A2, 10 hidden units"


def _guessed(task, about, net, description, weights, published, *, hidden=1, trials=10):
    constants = (("net", net), ("hidden", hidden)) if hidden > 1 else (("net", net),)
    how = {"about": about, "constants": constants, "success": 100.0, "sequences": published}
    budget = 10 * published if published > 100 else 1_000
    sizes = 600, description, weights, trials, budget
    return Demonstration("guessing", task, *sizes, **how, source=GUESSED)


def _tomita(number, net, description, weights, published, hidden=1):
    about = (*TO_ONE, ("number", number))
    return _guessed("tomita", about, net, description, weights, published, hidden=hidden)


def _searched(method, task, p, about, net, weights, budget, published):
    description = {"external input": "5 tanh units", "A1": A1}[net]
    how = {"about": about, "constants": (("net", net),), "sequences": published}
    return Demonstration(method, task, p, description, weights, 10, budget, **how, source=COMPARED)


PRESENTATIONS = {
    "annealing": {5: 200_000, 10: 39_000, 20: 82_000, 50: 77_000, 100: 43_000},
    "multigrid": {5: 4_100, 10: 5_800, 20: 2_500, 50: 3_900, 100: 6_400},
}
"""Published of the 2-sequence problem, by method and largest length T. The errors in the end were
6, 0, 7, 4 and 11 % with annealing, 2, 6, 1, 3 and 6 % with multi-grid search."""


def _classes(method):
    """Return the rows of the 2-sequence problem; T = 100 stands without its length."""
    return {
        f"{method}/2-sequence" + ("" if T == 100 else f"-p{T}"): _searched(
            method, "2-sequence", T, SIDES, "external input", 25, 500_000, published
        )
        for T, published in PRESENTATIONS[method].items()
    }


ROWS = {
    "guessing/latch-1": _guessed("latch", LONG, "latch I", "1 tanh unit", 3, 6, trials=40),
    "guessing/latch-2": _guessed("latch", LATCH_2, "latch II", "1 tanh unit", 3, 22),
    "guessing/latch-2-sd": _guessed("latch", LATCH_2 + DEVIATION, "latch II", "1 tanh unit", 3, 22),
    "guessing/2-sequence-a1": _guessed("2-sequence", FIRST + VARIANCE, "A1", A1, 7, 1247),
    "guessing/2-sequence-a2": _guessed("2-sequence", FIRST + VARIANCE, "A2", A2, 52, 718),
    "guessing/2-sequence-a1-sd": _guessed("2-sequence", FIRST + DEVIATION, "A1", A1, 7, 1247),
    "guessing/2-sequence-a2-sd": _guessed("2-sequence", FIRST + DEVIATION, "A2", A2, 52, 718),
    "guessing/parity-a1": _guessed("parity", TO_ONE, "A1", A1, 7, 2906),
    "guessing/parity-a2": _guessed("parity", TO_ONE, "A2", A2, 52, 2797),
    "guessing/parity-a2-not-own": _guessed(
        "parity", TO_ONE, "A2, not own", "A2 without self-connections", 42, 250
    ),
    "guessing/tomita-1-a1": _tomita(1, "A1", A1, 7, 182),
    "guessing/tomita-1-a2": _tomita(1, "A2", A2, 52, 288),
    "guessing/tomita-2-a1": _tomita(2, "A1", "A1, 3 hidden units", 23, 1511, 3),
    "guessing/tomita-2-a2": _tomita(2, "A2", A2, 52, 17_953),
    "guessing/tomita-4-a1": _tomita(4, "A1", "A1, 2 hidden units", 14, 13_833, 2),
    "guessing/tomita-4-a2": _tomita(4, "A2", A2, 52, 35_610),
    **_classes("annealing"),
    **_classes("multigrid"),
    "annealing/parity": _searched(
        "annealing", "parity", 50, (("tolerance", 0.5),), "A1", 7, 8_000_000, 810_000
    ),
    "multigrid/parity": _searched(
        "multigrid", "parity", 50, (("tolerance", 0.5),), "A1", 7, 500_000, None
    ),
    **bridges("guessing", ONE_UNIT, table2),
    **bridges("annealing", ONE_UNIT, table2, lags=LAGS[:-2], budget=600_000),
    **bridges("multigrid", ONE_UNIT, table2, budget=600_000),
}
