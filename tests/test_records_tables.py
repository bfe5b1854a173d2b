"""Tables: published beside ours, as entries, as text, as Markdown."""

import pytest

from errorflow.methods import all_rows
from errorflow.records import runner, tables
from errorflow.records.store import Record

ROW = "table2/rtrl-p4-lr10"


def records_of(successes, times, row=ROW, budget=5_000_000):
    known = Record(row, "literal", budget, 0, True, times, 36, 0.5, "0", "0", "here")
    failed = known._replace(success=False, sequences=budget)
    return [
        (known if k < successes else failed)._replace(seed=runner.FIRST_SEED + k) for k in range(18)
    ]


@pytest.mark.parametrize(
    ("successes", "times", "expected"),
    [
        (4, 254_000, "holds"),
        (6, 254_000 * 1.49, "holds"),
        (4, 254_000 * 1.6, "same direction only"),
        (7, 254_000, "contradicted"),
        (0, 0, "contradicted"),
    ],
)
def test_verdict_on_a_table_cell(successes, times, expected):
    entries = tables.table("table2", records_of(successes, times))
    entry = next(e for e in entries if e["row"] == ROW)
    assert entry["verdict"] == expected
    assert set(entry) == {
        "row", "protocol", "published", "n", "successes", "interval",
        "mean", "median", "min", "max", "verdict", "options",
    }  # fmt: skip


def test_a_records_text_is_no_markup():
    (hostile,) = [r._replace(protocol="<img src=x>|") for r in records_of(1, 10)[:1]]
    line = tables.beside([(ROW, hostile.protocol, 10, [hostile])]).splitlines()[-1]
    assert "| &lt;img src=x&gt;\\| |" in line


def test_text_for_a_terminal_is_as_it_is_recorded():
    entries = tables.table("table2", [records_of(1, 10)[0]._replace(protocol="<own>|")])
    assert "<own>|" in tables.text(entries)


def test_table_leaves_other_caps_out():
    entries = tables.table("table2", records_of(4, 10, budget=100))
    assert {e["verdict"] for e in entries} == {"not run yet"}
    assert "not run yet" in tables.text(entries)


def test_markdown_shows_only_what_was_run():
    entries = tables.table("table2", records_of(4, 254_000))
    lines = tables.markdown(entries, all_rows()).splitlines()
    assert len(lines) == 3
    ours = "4\u00a0of\u00a018 | 9\u2013\u206045\u00a0% | 254,000"
    row = "rtrl\u2011p4\u2011lr10"
    assert lines[2].startswith(f"| {row} | 22 %, 254,000 | literal | {ours}")
    assert lines[2].endswith("**holds** |")
    assert len(tables.markdown(entries, []).splitlines()) == 2


def test_censored_median():
    assert tables.censored_median(records_of(9, 7)) == 7
    assert tables.censored_median(records_of(8, 7)) is None


def test_readings_of_one_s_own_are_entries_of_their_own():
    options = (("alpha", 4.0), ("targets", (0.1, 0.9)))
    own = [r._replace(options=options) for r in records_of(4, 254_000)]
    both = records_of(7, 254_000) + own
    entries = [e for e in tables.table("table2", both) if e["row"] == ROW]
    assert [(e["options"], e["successes"]) for e in entries] == [({}, 7), (dict(options), 4)]
    lines = tables.markdown(entries, [ROW]).splitlines()
    assert len(lines) == 4
    assert "alpha" not in lines[2]
    assert "alpha" in lines[3]
    assert "0.9" in lines[3]
    assert len(tables.text(entries).splitlines()) == 3
