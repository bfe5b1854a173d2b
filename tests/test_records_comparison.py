"""The common tests of Section 3, read from records."""

from errorflow.methods import all_methods, all_rows
from errorflow.records import tables
from errorflow.records.comparison import Successes, bridged, interval, longest, method_of, stored
from errorflow.records.statistics import wilson
from errorflow.records.store import Record


def records(row, successes, n=10, **changes):
    """Return ``n`` records of a row, the first of them successful."""
    budget = all_rows()[row].budget
    known = Record(row, "literal", budget, 0, True, 7, 36, 0.5, "0", "0", "here")
    known = known._replace(**changes)
    return [known._replace(seed=seed, success=seed < successes) for seed in range(n)]


def test_only_full_rows_with_the_published_cap_count():
    some = records("bridge/bptt-p2", 9) + records("bridge/bptt-p3", 4, n=9)
    some += records("bridge/bptt-p4", 10, budget=200) + records("bptt/2-sequence-p10", 10)
    some += records("bridge/bptt-p6", 10, protocol="delayed")
    some += records("bridge/bptt-p10", 10, options=(("alpha", 4.0),))
    assert bridged(some) == {"bptt": {2: Successes(9, 10)}}
    assert stored(some) == {}


def test_both_forms_of_the_second_test():
    some = records("store/twinn-p10", 8) + records("store/twinn-p10-distractors", 1)
    assert stored(some) == {
        "store/twinn-p10": Successes(8, 10),
        "store/twinn-p10-distractors": Successes(1, 10),
    }
    assert bridged(some) == {}


def test_a_lag_counts_only_if_all_shorter_ones_do():
    good, half = Successes(6, 10), Successes(5, 10)
    assert longest({2: good, 3: good, 4: half, 6: good}) == 3
    assert longest({2: half, 3: good}) is None
    assert interval({2: good, 3: half}) == wilson(6, 10)
    assert interval({2: half, 3: good}) == wilson(5, 10)


def test_entries_are_methods_or_forms_of_them():
    some = records("bridge/chunker-p2", 1) + records("bridge/chunker-pair-p2", 9)
    alone, together = {2: Successes(1, 10)}, {2: Successes(9, 10)}
    assert bridged(some) == {"chunker": alone, "chunker-pair": together}
    some = records("store/lstm-blocks-p50-distractors", 3)
    assert stored(some) == {"store/lstm-blocks-p50-distractors": Successes(3, 10)}
    of = {entry: method_of(entry) for entry in ("chunker-pair", "lstm-blocks", "lstm", "twinn")}
    assert {entry: m.name for entry, m in of.items()} == {
        "chunker-pair": "chunker", "lstm-blocks": "lstm", "lstm": "lstm", "twinn": "twinn",
    }  # fmt: skip
    assert of["chunker-pair"] == all_methods()["chunker"]


def test_recorded_rows_beside_what_was_published():
    some = records("guessing/latch-1", 40, n=40) + records("bridge/guessing-p2", 10)
    some += records("elman/2-sequence-p10", 0)
    lines = tables.of_authors(some, ["guessing"]).splitlines()
    assert len(lines) == 3
    assert "| 100\u00a0%, 6 | 40\u00a0of\u00a040 |" in lines[2]
    assert lines[2].endswith("| 7 | 7 to 7 |")
    assert "| – | 0\u00a0of\u00a010 |" in tables.of_authors(some, ["elman"])
