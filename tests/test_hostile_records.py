"""Hostile words on the command line, hostile lines in record files: refused in one line of ours."""

import contextlib
import io
import json
import os
import re
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles import InLine

from errorflow.cli import main
from errorflow.records import runner
from errorflow.records.store import Record, Records

ROW = "table2/rtrl-p4-lr10"
MANY = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CASES = settings(
    max_examples=MANY or 200,
    derandomize=not MANY,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

NUMBERS = ["0", "1", "2", "-1", "1.5", "1e3", "nan", "inf", "-inf", "1_0", "0x1", "", " 1", "٣"]
TEXTS = st.one_of(st.sampled_from(NUMBERS), st.text(max_size=12))
OPTIONS = st.sampled_from(["alpha", "hidden", "targets", "tolerance", "streak", "p", "update", "h"])
VALUES = st.one_of(TEXTS, st.lists(st.sampled_from(NUMBERS), max_size=4).map(",".join))
ROWS = st.one_of(
    st.sampled_from([ROW, "table1/rcc", "table2/*", "*", "all", "table2/rtrl-p4-lr10.jsonl"]),
    st.text(max_size=20),
    st.from_regex(r"\A(\.\./){0,3}table[12]/[a-z*?\[\]-]{0,12}\Z"),
)
ONE_ROW = ROWS.filter(lambda row: row != "all" and not set("*?[") & set(row))
# Whatever is run has one trial of one sequence.
FEW = ["--trials", "1", "--budget", "1"]


def flags(*names):
    return st.lists(st.tuples(st.sampled_from(names), TEXTS).map(list), max_size=2)


def flat(groups):
    return [word for group in groups for word in group]


COMMANDS = st.one_of(
    st.tuples(st.just(["list"]), st.lists(ROWS, max_size=2), flags("--methods").map(flat)),
    st.tuples(st.just(["table"]), st.tuples(TEXTS | ROWS).map(list)),
    st.tuples(
        st.just(["run", ROW, *FEW]),
        st.lists(st.tuples(OPTIONS | TEXTS, VALUES).map(lambda pair: f"--set={'='.join(pair)}")),
    ),
    st.tuples(
        st.just(["run", ROW, *FEW]),
        flags("--protocol", "--profile", "--jobs", "--trials", "--set").map(flat),
    ),
    st.tuples(st.just(["run", *FEW]), ONE_ROW.map(lambda row: [row])),
    st.tuples(
        st.just(["verify", ROW, "--sample", "1"]),
        flags("--seconds", "--sample", "--jobs").map(flat),
    ),
)


def told(words):
    """Return (exit code, what was said on stderr) of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as end:  # argparse
            code = end.code
    return code, err.getvalue()


@CASES
@given(parts=COMMANDS)
def test_a_command_does_what_it_says_or_is_refused_in_one_line(parts, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "processes", lambda n: InLine())
    monkeypatch.chdir(tmp_path)
    words = flat(parts)
    if words[0] in ("run", "verify"):
        words += ["--records", str(tmp_path / "records")]
    Records(tmp_path / "records").append(RECORD)
    code, err = told(words)
    assert code in (0, 2), (words, err)
    assert "Traceback" not in err
    if code == 2:
        assert re.search(r"^errorflow( \w+)?: ", err.splitlines()[-1]), (words, err)
    assert {path.name for path in tmp_path.iterdir()} <= {"records"}


RECORD = Record(ROW, "literal", 10, 7, False, 10, 36, 0.5, "0.1.0", "abc", "Linux x86_64")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@CASES
@given(key=st.sampled_from([*RECORD._fields, "more"]), value=JSON)
def test_a_field_of_any_value_is_refused_or_kept(key, value):
    fields = json.loads(RECORD.line()) | {key: value}
    line = json.dumps(fields)
    try:
        record = Record.parse(line)
    except ValueError:
        return
    assert Record.parse(record.line()) == record
    assert isinstance(record.success, bool)
    assert 0 <= record.sequences <= record.budget


@CASES
@given(data=st.data())
def test_a_file_with_a_broken_line_is_refused_by_name_and_number(data, tmp_path):
    whole = RECORD.line().encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + data.draw(st.binary(min_size=1, max_size=3)) + whole[at + 1 :]
    file = tmp_path / f"{ROW}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(whole + b"\n" + broken + b"\n" + whole + b"\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused = None
        try:
            assert RECORD.identity in Records(tmp_path).read()
        except ValueError as error:
            refused = str(error)
    assert refused is None or (str(file) in refused and re.search(r"lines? \d", refused))


@pytest.mark.parametrize("depth", [10, 100_000])
def test_nested_brackets(depth):
    with pytest.raises(ValueError):
        Record.parse("[" * depth + "]" * depth)
