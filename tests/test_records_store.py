import json
import multiprocessing
import os
from collections import Counter

import pytest
from conftest import ROOT

from errorflow.experiments.rows import experiment, weights
from errorflow.methods import all_methods, all_rows
from errorflow.records.store import Record, Records, of_the_book


def record(seed=0, row="table2/rtrl-p4-lr1", **changes):
    values = (row, "literal", 10, seed, False, 10, 36, 0.5, "0.1.0", "abc", "Linux x86_64")
    return Record(*values)._replace(**changes)


def test_what_is_appended_is_read(tmp_path):
    records = Records(tmp_path / "new")
    for seed in (3, 1):
        records.append(record(seed))
    records.append(record(0, row="table1/rtrl-3"))
    assert list(records.read(["table2/rtrl-p4-lr1"]).values()) == [record(3), record(1)]
    assert len(records.read()) == 3
    assert records.read(["table2/lstm-p100"]) == {}
    assert record(3).identity in records.read()


def test_budget_protocol_and_options_are_part_of_the_identity(tmp_path):
    records = Records(tmp_path)
    options = (("h", "identity"), ("targets", (0.1, 0.9)))
    known = [{}, {"budget": 20}, {"protocol": "delayed"}, {"options": options}]
    for changes in [*known, {"source": "other"}]:
        records.append(record(**changes))
    assert set(records.read()) == {record(**changes).identity for changes in known}


def test_a_line_without_options_is_as_it_always_was():
    """So that the lines of earlier versions are read, and none has to be written again."""
    keys = list(json.loads(record().line()))
    assert keys == [
        "row", "protocol", "budget", "seed", "success", "sequences", "weights", "seconds",
        "version", "source", "machine",
    ]  # fmt: skip
    assert Record.parse(record().line()) == record()
    own = record(options=(("cell", 1_000), ("h", "identity"), ("targets", (0.1, 0.9))))
    assert list(json.loads(own.line())) == [*keys, "options"]
    assert json.loads(own.line())["options"]["targets"] == [0.1, 0.9]
    assert Record.parse(own.line()) == own


def test_torn_last_line_is_dropped_with_a_warning_and_overwritten(tmp_path):
    records = Records(tmp_path)
    records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    whole = file.read_bytes()
    for cut in (1, 40, len(whole) - 2):
        file.write_bytes(whole + whole[:cut])
        with pytest.warns(UserWarning, match=r"rtrl-p4-lr1.jsonl: the last line was torn"):
            assert list(records.read().values()) == [record(0)]
        records.append(record(1))
        assert list(records.read().values()) == [record(0), record(1)]
    file.write_bytes(whole[:30])
    records.append(record(2))
    assert list(records.read().values()) == [record(2)]


def test_a_last_line_that_is_whole_needs_no_end(tmp_path):
    records = Records(tmp_path)
    records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    file.write_bytes(file.read_bytes() + record(1).line().encode())
    assert list(records.read().values()) == [record(0), record(1)]
    records.append(record(2))
    assert list(records.read().values()) == [record(0), record(1), record(2)]


def test_a_trial_is_there_once(tmp_path):
    records = Records(tmp_path)
    for _ in range(2):
        records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    assert file.read_text().count("\n") == 1
    with pytest.raises(ValueError, match=r"lr1.jsonl: seed 0 is there with another result"):
        records.append(record(0, sequences=9, success=True))
    file.write_text(
        file.read_text() + record(1).line() + "\n" + record(0, weights=35).line() + "\n"
    )
    with pytest.raises(ValueError, match=r"lr1.jsonl: lines 1 and 3 contradict each other"):
        records.read()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"success": "no"}, "success = 'no'; it must be true or false"),
        ({"sequences": -5}, "sequences = -5; it must be an integer of at least 0"),
        ({"sequences": 11}, "sequences = 11; the budget is 10"),
        ({"sequences": True}, "sequences = True; it must be an integer"),
        ({"seconds": float("nan")}, "NaN is no number"),
        ({"seconds": "1"}, "seconds = '1'; it must be a number of at least 0"),
        ({"row": "table1/rtrl-3"}, "this is a record of row table1/rtrl-3"),
        ({"budget": 0}, "budget = 0; it must be an integer of at least 1"),
        ({"version": 1}, "version = 1; it must be a string"),
    ],
)
def test_fields_are_checked(tmp_path, changes, message):
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    file.parent.mkdir()
    file.write_text(json.dumps(json.loads(record().line()) | changes) + "\n")
    with pytest.raises(ValueError, match=rf"lr1.jsonl, line 1: .*{message}"):
        Records(tmp_path).read()


@pytest.mark.parametrize("line", ["[" * 100_000, record().line().replace("}", ', "seed": 0}')])
def test_hostile_lines_are_no_records(line):
    with pytest.raises(ValueError, match=r"nested too deep|stands twice"):
        Record.parse(line)


def test_no_folder_is_not_an_empty_one(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder of records .*typo"):
        Records(tmp_path / "typo").read()
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="file is a file; name a folder"):
        Records(tmp_path / "file").check_writable()


@pytest.mark.parametrize("line", ['{"row": 1}', "{", "[1, 2]", "null", json.dumps([0] * 11)])
def test_corrupt_line_is_named(tmp_path, line):
    records = Records(tmp_path)
    records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    file.write_text(f"{file.read_text()}{line}\n{record(1).line()}\n")
    with pytest.raises(ValueError, match=r"rtrl-p4-lr1.jsonl, line 2: this is no record"):
        records.read()


def write_many(folder, first):
    for seed in range(first, first + 40):
        Records(folder).append(record(seed))


def test_two_writers_do_not_mix_their_lines(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, n)) for n in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(Records(tmp_path).read()) == 80


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="cannot write"):
        Records(tmp_path).check_writable()


def test_a_file_in_the_way_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Records(tmp_path / "file").check_writable()


COMMITTED = list(Records(ROOT / "book" / "results").read().values())


def as_published(r):
    """Return whether a record is of its row as it is, with the whole budget."""
    literal = (r.protocol, r.options) == ("literal", ())
    return literal and r.budget == all_rows()[r.row].budget


def test_what_the_book_does_not_keep_is_named():
    with pytest.raises(FileNotFoundError, match=r"nothing\.yml does not exist: .*a checkout"):
        of_the_book("nothing.yml")


def test_every_row_has_its_committed_trials():
    trials = Counter(r.row for r in COMMITTED if as_published(r))
    missing = {name: row.trials - trials[name] for name, row in all_rows().items()}
    assert {name: n for name, n in missing.items() if n > 0} == {}
    assert set(all_methods()) <= {row.method for row in all_rows().values()}


def test_every_committed_trial_is_of_an_experiment_there_is():
    for row, protocol, options in {(r.row, r.protocol, r.options) for r in COMMITTED}:
        assert experiment(row, protocol, dict(options)) is not None


def test_committed_trials_have_the_weights_that_are_counted():
    """But for nets that grow as long as they learn; a hierarchy grows by whole levels."""
    recorded = {(r.row, r.weights) for r in COMMITTED if as_published(r)}
    of = {name: all_rows()[name].method for name, _ in recorded}
    fixed = {(name, n) for name, n in recorded if of[name] not in ("rcc", "ring")}
    levels = {(name, n) for name, n in fixed if of[name] == "hierarchical-chunker"}
    assert {(name, n) for name, n in fixed - levels if weights(name) != n} == set()
    assert {(name, n) for name, n in levels if n % weights(name)} == set()
