import numpy as np
import pytest

from errorflow.experiments.run import Result
from errorflow.methods import all_rows
from errorflow.records.statistics import summary, wilson
from errorflow.records.tables import beside, published


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe (1998), Table I, method 3, and the closed forms at the ends
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson(successes, n, low, high):
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_takes_numpys_integers():
    assert wilson(np.int64(14), np.int32(18)) == wilson(14, 18)


@pytest.mark.parametrize(
    ("successes", "n", "message"),
    [
        (1, 0, "n = 0; it must be"),
        (-1, 3, "successes = -1; it must be"),
        (4, 3, "trials; they must be"),
        (1.0, 3, "successes = 1.0; it must be"),
    ],
)
def test_wilson_refuses(successes, n, message):
    with pytest.raises(ValueError, match=message):
        wilson(successes, n)


def test_wilson_refuses_a_level():
    with pytest.raises(ValueError, match="level = 1"):
        wilson(1, 3, level=1)


def trials(*times):
    return [Result(time is not None, time or 99, 36, [], None) for time in times]


def test_summary():
    s = summary(trials(10, None, 30, 20))
    assert (s.n, s.successes, s.mean, s.median, s.min, s.max) == (4, 3, 20, 20, 10, 30)
    nothing = summary(trials(None, None))
    assert (nothing.successes, nothing.mean, nothing.min) == (0, None, None)


def test_published_is_as_printed():
    assert published("table1/lstm-3x2-lr0.5") == ("100 %", "8,440")
    assert published("table2/rtrl-p10-lr4") == ("0 %", "> 5,000,000")
    assert published("table1/rtrl-3") == ("some fraction", "173,000")
    assert published("table2/chunker-p100") == ("33 %", "32,400")
    assert published("task2a/hierarchical-chunker-p100") == ("100 %", "no number")
    assert published("task2b/chunker-p100") == ("0 %", "no number")
    assert published("bridge/bptt-p2") == ("–", "–")


def test_beside():
    table = beside([("table2/rtrl-p4-lr1", "literal", 5_000_000, trials(10, None))])
    ours = "1\u00a0of\u00a02, cap 5,000,000 | 9\u2013\u206091\u00a0% | 10 | 10 to 10 |"
    assert table.splitlines()[-1] == f"| rtrl\u2011p4\u2011lr1 | 78 %, 1,043,000 | literal | {ours}"


def test_published_percentages_are_counts_of_trials():
    """78 % of 18 trials is 14 of them; a percentage that no count gives would be a misprint."""
    tables = ("table1/", "table2/", "task2")
    for name, row in all_rows().items():
        if row.success is not None and name.startswith(tables):
            rates = [round(100 * k / row.trials) for k in range(row.trials + 1)]
            assert row.success in rates, name
