import json
import multiprocessing
import os
from collections import Counter

import pytest
from conftest import ROOT

from errorflow import demonstrations
from errorflow.methods import all_methods
from errorflow.records.store import KEYS, Records, identity


def record(seed=0, row="table2/rtrl-p4-lr1", **changes):
    values = (row, "literal", 10, seed, False, 10, 36, 0.5, "0.1.0", "abc", "Linux x86_64")
    return {**dict(zip(KEYS, values, strict=True)), **changes}


def test_what_is_appended_is_read(tmp_path):
    records = Records(tmp_path / "new")
    for seed in (3, 1):
        records.append(record(seed))
    records.append(record(0, row="table1/rtrl-3"))
    assert list(records.read(["table2/rtrl-p4-lr1"]).values()) == [record(3), record(1)]
    assert len(records.read()) == 3
    assert records.read(["table2/lstm-p100"]) == {}
    assert identity(record(3)) in records.read()


def test_budget_and_protocol_are_part_of_the_identity(tmp_path):
    records = Records(tmp_path)
    for changes in ({}, {"budget": 20}, {"protocol": "delayed"}, {"source": "other"}):
        records.append(record(**changes))
    assert len(records.read()) == 3


def test_torn_last_line_is_dropped_with_a_warning_and_overwritten(tmp_path):
    records = Records(tmp_path)
    records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    whole = file.read_bytes()
    for cut in (1, 40, len(whole) - 1):
        file.write_bytes(whole + whole[:cut])
        with pytest.warns(UserWarning, match=r"rtrl-p4-lr1.jsonl: the last line was torn"):
            assert list(records.read().values()) == [record(0)]
        records.append(record(1))
        assert list(records.read().values()) == [record(0), record(1)]
    file.write_bytes(whole[:30])
    records.append(record(2))
    assert list(records.read().values()) == [record(2)]


@pytest.mark.parametrize("line", ['{"row": 1}', "{", "[1, 2]", "null", json.dumps([0] * 11)])
def test_corrupt_line_is_named(tmp_path, line):
    records = Records(tmp_path)
    records.append(record(0))
    file = tmp_path / "table2" / "rtrl-p4-lr1.jsonl"
    file.write_text(f"{file.read_text()}{line}\n{json.dumps(record(1))}\n")
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


def test_every_row_has_its_committed_trials():
    trials = Counter(
        r["row"]
        for r in Records(ROOT / "book" / "results").read().values()
        if r["protocol"] == "literal" and r["budget"] == demonstrations.ALL[r["row"]].budget
    )
    missing = {row: d.trials - trials[row] for row, d in demonstrations.ALL.items()}
    assert {row: n for row, n in missing.items() if n > 0} == {}
    methods = {d.method for d in demonstrations.ALL.values()}
    assert set(all_methods()) <= methods
