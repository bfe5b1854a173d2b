"""Rows of the special architectures.

Where the authors' own task needs data that were not published, as Plate's and Sun et al.'s do, the
continuous latch stands in its place: :mod:`errorflow.demonstrations.storing`.
"""

from errorflow.demonstrations.row import Demonstration, bridges

SECOND_ORDER = "3 state units"
PLATE = "8 hidden units"
MOZER = "6 fast and 4 slow units"
STANDARD = "10 units, no time constants"
TWINN = "4 state units"

TOMITA = {1: 40.0, 2: 40.0, 3: 0.0, 4: None, 5: 0.0, 6: 0.0, 7: 0.0}
"""Perfect solutions in 5 trials by BFGS on Tomita's own strings; 4 was learned from other data."""

GAPS = {2: (328, 100.0), 4: (584, 64.0), 6: (992, 8.0), 8: (1312, 0.0), 10: (1630, 0.0)}
"""For each gap: epochs of nets with time constants, and the success rate of those without.

An epoch has both sequences, 10,000 were allowed. Nets with time constants always succeeded, with
the best one for each gap; here it is 0.9 for all. The epochs of the standard nets are left out:
their mean seems to count failures too.
"""

TWO_OF_FIVE = "Watrous and Kuhn 1992, 5 trials, Tomita's strings"
OF_MOZER = "Mozer 1992, 25 trials"


def _second_order(p):
    return 4 * (p + 1) * (p + 4)


def _plate(p):
    return (p + 1) * (p + 17)


def _mozer(p):
    return (p + 11) * (p + 11)


def _twinn(p):
    return (p + 5) * (p + 5)


def _lstm(p):
    return (p + 1) * (p + 4)


ROWS = {
    **bridges("second-order", SECOND_ORDER, _second_order),
    **{
        f"second-order/tomita{number}-p10": Demonstration(
            "second-order", "tomita", 10, SECOND_ORDER, 32, 10, 300_000,
            about=(("number", number),), success=success,
            source="not published" if success is None else TWO_OF_FIVE,
        )
        for number, success in TOMITA.items()
    },
    **bridges("plate", PLATE, _plate),
    **bridges("mozer", MOZER, _mozer),
    **{
        f"mozer/gap-p{gap}": Demonstration(
            "mozer", "gap", gap, MOZER, 529, 25, 20_000,
            success=100.0, sequences=2 * epochs, source=OF_MOZER,
        )
        for gap, (epochs, _) in GAPS.items()
    },
    **{
        f"mozer/standard-gap-p{gap}": Demonstration(
            "mozer", "gap", gap, STANDARD, 529, 25, 20_000,
            constants=(("fast", 10), ("slow", 0)), success=success, source=OF_MOZER,
        )
        for gap, (_, success) in GAPS.items()
    },
    **{
        f"mozer/tau{tau}-gap-p25": Demonstration(
            "mozer", "gap", 25, MOZER, 1444, 10, 20_000, constants=(("tau", tau),),
            source="Mozer 1992: gaps of up to 25 were learned",
        )
        for tau in (0.5, 0.75, 0.9, 0.95, 0.99)
    },
    **bridges("twinn", TWINN, _twinn),
    **bridges("lstm", "1 memory cell with its input gate", _lstm),
}  # fmt: skip
