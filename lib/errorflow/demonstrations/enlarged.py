"""Rows of the methods that keep gradients larger.

Bengio and Frasconi (1994) publish the share of wrong sequences, in percent, not of trials that
succeed: :data:`PUBLISHED` has it. They say of the trials that there were 20 or more, and nothing of
when they ended; the budgets here are a few times their mean numbers of presentations. Rows with
"coin" are a control: a ``most`` so large that flips are wanted by a fair coin, whatever came back.
"""

from errorflow.demonstrations.row import Demonstration, bridges, table2

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
"""Wrong sequences in percent, by task, method and largest length T. The blanks of the printed table
of parity are lost in the copy used: only what stands in its first columns is here, and nothing of
the time-weighted method, whose columns are uncertain."""

SMOOTH = ("pseudo-newton", "time-weighted-pseudo-newton")
ONE_UNIT, COIN = "1 hidden unit", ("most", 1e9)


def _row(method, task, p, net, weights, budget, trials=20, **constants):
    errors = PUBLISHED.get(task, {}).get(method, {})
    source = f"{errors[p]} % of sequences wrong (Bengio and Frasconi 1994)" if p in errors else ""
    return Demonstration(
        method, task, p, net, weights, trials, budget,
        constants=tuple(constants.items()), source=source or "not published",
    )  # fmt: skip


def _smooth(method):
    # Their nets: five units, here with an input that is always 1; for the latch a single one.
    sequences = {
        f"{method}/2-sequence-p{p}": _row(method, "2-sequence", p, "5 units", 35, 10_000, hidden=4)
        for p in (5, 10, 20, 50, 100)
    }
    parity = {
        f"{method}/parity-p{p}": _row(
            method, "parity", p, "2 hidden units", 12, 50_000, hidden=2, depth=2
        )
        for p in (3, 5)
    }
    return {
        **sequences,
        **parity,
        f"{method}/latch-p20": _row(method, "latch", 20, "1 unit", 3, 10_000, hidden=0),
    }


ROWS = {}
for _method in SMOOTH:
    ROWS |= bridges(_method, ONE_UNIT, table2) | _smooth(_method)

ROWS |= {
    **bridges("discrete", ONE_UNIT, table2),
    **{
        f"discrete/2-sequence-p{p}": _row(
            "discrete", "2-sequence", p, "4 hidden units", 30, 10_000, hidden=4
        )
        for p in (5, 10, 20, 50, 100)
    },
    **{
        f"discrete/parity-p{p}": _row(
            "discrete", "parity", p, "3 hidden units", 20, 50_000, hidden=3
        )
        for p in (3, 5, 10)
    },
    "discrete/latch-p20": _row("discrete", "latch", 20, ONE_UNIT, 6, 10_000),
    **{
        f"discrete/coin-p{p}": Demonstration(
            "discrete", "2a", p, ONE_UNIT, table2(p), 10, 30_000, constants=(COIN,)
        )
        for p in (10, 50, 100)
    },
    "discrete/coin-2-sequence-p100": Demonstration(
        "discrete", "2-sequence", 100, "4 hidden units", 30, 20, 10_000,
        constants=(("hidden", 4), COIN),
    ),
}  # fmt: skip
