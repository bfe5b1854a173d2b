"""What the papers print about their experiments: pure data, every row with its source.

[P98] is the paper, [NC97] Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural
Computation 9(8), 1997, whose Tables 1 and 2 are the same and which says how they were made.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One row of a table: the condition, and what was published of it.

    ``success`` is the percentage printed, ``sequences`` the mean number of sequences until success
    of the successful trials; None where the tables print no number. ``weights`` is printed too, as
    a range where nets grow. The learning rate ``alpha`` of the Elman net is not: 0.1 is our choice;
    that of ``rcc`` is the epsilon of its outputs in Fahlman's program.
    ``more_than`` is the number in rows that print no mean but "> number", for no trial succeeded.
    Where the source only says in words that all trials succeed or fail, both are None. Of the
    chunkers ``weights`` counts the automatizer's, as the table does, or those of a level.
    ``hidden`` counts hidden units, for ``rcc`` at most, or for LSTM the blocks, of ``size`` cells
    each.
    """

    method: str
    task: str
    alpha: float
    weights: int | str
    success: float | None
    sequences: int | None
    trials: int
    budget: int
    source: str
    p: int | None = None
    hidden: int = 1
    size: int = 1
    more_than: int | None = None
    q: int | None = None

    @property
    def net(self):
        """The kind of net, as the tables describe it."""
        if self.method == "lstm":
            return f"{self.hidden} block(s) of {self.size} memory cell(s)"
        several = {"chunker": "two nets, each of ", "hierarchical-chunker": "nets, each of "}
        several |= {"rcc": "up to "}
        return f"{several.get(self.method, '')}{self.hidden} hidden unit(s)"


_5M = 5_000_000
_T1 = "[P98] Table 1, [NC97] Table 1"
_N1 = "[NC97] Table 1"
_T2 = "[P98] Table 2, [NC97] Table 2"

ROWS = {
    "table1/rtrl-3": Row("rtrl", "reber", 0.05, 170, None, 173_000, 30, 500_000, _T1, hidden=3),
    "table1/rtrl-12": Row("rtrl", "reber", 0.1, 494, None, 25_000, 30, 500_000, _T1, hidden=12),
    "table1/elman-15": Row(
        "elman", "reber", 0.1, 435, 0, None, 30, 500_000, _T1, hidden=15, more_than=200_000
    ),
    "table1/rcc": Row("rcc", "reber", 0.35, "119-198", 50, 182_000, 30, 768_000, _T1, hidden=25),
    "table1/lstm-4x1-lr0.1": Row(
        "lstm", "reber", 0.1, 264, 100, 39_740, 30, 250_000, _N1, hidden=4
    ),
    "table1/lstm-3x2-lr0.1": Row(
        "lstm", "reber", 0.1, 276, 100, 21_730, 30, 250_000, _N1, None, 3, 2
    ),
    "table1/lstm-3x2-lr0.2": Row(
        "lstm", "reber", 0.2, 276, 97, 14_060, 30, 250_000, _N1, None, 3, 2
    ),
    "table1/lstm-4x1-lr0.5": Row("lstm", "reber", 0.5, 264, 97, 9_500, 30, 250_000, _N1, hidden=4),
    "table1/lstm-3x2-lr0.5": Row(
        "lstm", "reber", 0.5, 276, 100, 8_440, 30, 250_000, _T1, None, 3, 2
    ),
    "table2/rtrl-p4-lr1": Row("rtrl", "2a", 1.0, 36, 78, 1_043_000, 18, 5_000_000, _T2, 4),
    "table2/rtrl-p4-lr4": Row("rtrl", "2a", 4.0, 36, 56, 892_000, 18, 5_000_000, _T2, 4),
    "table2/rtrl-p4-lr10": Row("rtrl", "2a", 10.0, 36, 22, 254_000, 18, 5_000_000, _T2, 4),
    **{
        f"table2/{method}-p{p}-lr{rate}": Row(
            method, "2a", float(rate), (p + 2) ** 2, 0, None, 18, _5M, _T2, p, more_than=_5M
        )
        for method, p in (("rtrl", 10), ("rtrl", 100), ("bptt", 100))
        for rate in (1, 4, 10)
    },
    "table2/lstm-p100": Row("lstm", "2a", 1.0, 10_504, 100, 5_040, 18, 5_000_000, _T2, 100),
    "table2/chunker-p100": Row("chunker", "2a", 1.0, 10_506, 33, 32_400, 18, 5_000_000, _T2, 100),
    "task2a/hierarchical-chunker-p100": Row(
        "hierarchical-chunker", "2a", 1.0, 10_404, 100, None, 18, 500_000, "[NC97] 5.2", 100
    ),
    "task2b/rtrl-p100": Row("rtrl", "2b", 1.0, 10_404, 0, None, 18, 500_000, "[NC97] 5.2", 100),
    "task2b/chunker-p100": Row(
        "chunker", "2b", 1.0, 10_506, 0, None, 18, 500_000, "[NC97] 5.2", 100
    ),
    "task2b/lstm-p100": Row("lstm", "2b", 1.0, 10_504, 100, 5_680, 18, 500_000, "[NC97] 5.2", 100),
} | {
    f"task2c/q{q}-p{p}": Row(
        "lstm", "2c", 0.01, weights, 100, sequences, 20, 250_000, "[NC97] Table 3", p, 2, q=q
    )
    for q, p, weights, sequences in (
        (50, 50, 364, 30_000),
        (100, 100, 664, 31_000),
        (200, 200, 1_264, 33_000),
        (500, 500, 3_064, 38_000),
        (1000, 1000, 6_064, 49_000),
        (1000, 500, 3_064, 49_000),
        (1000, 200, 1_264, 75_000),
        (1000, 100, 664, 135_000),
        (1000, 50, 364, 203_000),
    )
}

ROWS |= {
    f"lags/{method}-p{p}": Row(
        method, "2a", 4.0, (p + 2) ** 2, None, None, 18, 5_000_000, "not in the tables", p
    )
    for method in ("rtrl", "bptt")
    for p in range(2, 13)
}
