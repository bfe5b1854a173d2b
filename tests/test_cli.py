"""The command line: what it runs, finds again and refuses; one line, and exit code 2."""

import json
import os
import re
import subprocess
import sys

import pytest
from oracles import InLine

from errorflow import __version__
from errorflow.cli import main
from errorflow.experiments.rows import experiment
from errorflow.methods import all_rows
from errorflow.records import runner
from errorflow.records.store import Records

ROW = "table2/rtrl-p4-lr10"
LSTM = "table1/lstm-3x2-lr0.5"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "table9/x"], "row 'table9/x' is unknown; the nearest are"),
        (["run", "bridge/adam-*"], "row 'bridge/adam-*' is unknown; the nearest are"),
        (["run", ROW, "--trials", "0"], "trials = 0"),
        (["run", ROW, "--budget", "-5"], "budget = -5"),
        (["run", ROW, "--jobs", "0"], "jobs = 0"),
        (["run", ROW, "--profile", "fast"], "profile 'fast' is unknown; it must be one of full"),
        (["run", ROW, "--protocol", "loose"], "protocol 'loose' is unknown"),
        (["run", LSTM, "--protocol", "cleeremans"], "protocol 'cleeremans' sets context, which"),
        (["run", "bridge/bptt-p2", "--protocol", "per-sequence"], "'per-sequence' sets update, wh"),
        (["run", "bridge/rtrl-p2", "--protocol", "per-sequence"], "'per-sequence' changes nothing"),
        (["run", "bridge/guessing-p2", "--set", "streak=500"], "streak = 500 changes nothing"),
        (["run", ROW, "--set", "alpha"], "--set alpha: it must be OPTION=VALUE, such as alpha=0.5"),
        (["run", ROW, "--set", "alpha=fast"], "alpha = 'fast'; it must be a finite number above 0"),
        (["run", ROW, "--set", "beta=1"], "has no option 'beta'; it has p, targets, tolerance"),
        (["run", ROW, "--records", "/dev/null/here"], "/dev/null"),
        (["verify", "--sample", "0"], "sample = 0"),
        (["verify", "table9/x"], "row 'table9/x' is unknown"),
        (["claims", "--write", "nowhere/x.yml"], "nowhere/x.yml"),
        (["table", "9"], "row 'table9/*' is unknown"),
        (["list", "--methods", "nowhere.py"], "methods file nowhere.py does not exist"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def in_line(monkeypatch):
    """No processes are started, unless two or more are asked for."""
    start = runner.processes
    monkeypatch.setattr(runner, "processes", lambda n: start(n) if n and n > 1 else InLine())


@pytest.mark.usefixtures("in_line")
def test_a_reading_of_one_s_own_is_recorded_and_found_again(tmp_path, capsys):
    words = ["run", LSTM, "--trials", "2", "--budget", "300"]
    words += ["--records", str(tmp_path)]
    own = [*words, "--set", "h=identity", "--set", "targets=0.1,0.9"]
    for _ in range(2):
        assert main(own) == 0
        captured = capsys.readouterr()
        assert "2 of 2 trials have a record" in captured.out
    assert captured.err == ""  # nothing was left to be run
    assert main(words) == 0
    records = Records(tmp_path).read()
    assert len(records) == 4
    settings = (("h", "identity"), ("targets", (0.1, 0.9)))
    assert [r.options for r in records.values()] == [settings] * 2 + [()] * 2
    assert {r.protocol for r in records.values()} == {"literal"}
    lines = (tmp_path / f"{LSTM}.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["options"] == {"h": "identity", "targets": [0.1, 0.9]}
    assert "options" not in json.loads(lines[-1])
    assert main(["verify", "--records", str(tmp_path)]) == 0
    assert "4 of 4 recorded trials came out the same again" in capsys.readouterr().out


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Three short trials each of two rows."""
    folder = tmp_path_factory.mktemp("records")
    wanted = runner.jobs(["table2/rtrl-p4-lr10", "table2/rtrl-p4-lr4"], trials=3, budget=300)
    runner.execute(wanted, Records(folder), InLine())
    return folder


@pytest.mark.usefixtures("in_line")
@pytest.mark.parametrize(
    ("words", "number"),
    [
        ([], 6),
        (["--jobs", "2"], 6),
        (["--sample", "2"], 4),
        ([ROW, "--sample", "1"], 1),
        (["table2/rtrl-p4-*"], 6),
        (["--seconds", "1000"], 6),
    ],
)
def test_verify_runs_what_is_asked_for(recorded, words, number, capsys):
    records = Records(recorded)
    lines = {file: file.read_text() for file in recorded.rglob("*.jsonl")}
    if "--seconds" in words:  # what took no time at all is asked for too
        known = [r for r in records.read().values() if r.seconds <= float(words[-1])]
        number = len(known)
    assert main(["verify", *words, "--records", str(recorded)]) == 0
    told = capsys.readouterr().out
    assert f"{number} of {number} recorded trials came out the same again" in told
    assert {file: file.read_text() for file in lines} == lines


@pytest.mark.usefixtures("in_line")
def test_nothing_found_is_no_success(recorded, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words, message in (
        (["verify", "--records", "typo"], "there is no folder of records typo"),
        (["table", "2", "--records", "typo"], "there is no folder of records typo"),
        (["verify", "table1/rcc", "--records", str(recorded)], "no recorded trial of these rows"),
        (["run", ROW, "--records", ""], "records = ''; it must be a folder"),
        (["run", ROW, "--trials", "100000000"], "trials = 100000000; it must be at most 100000"),
    ):
        assert main(words) == 2
        assert message in capsys.readouterr().err
    assert main(["table", "2"]) == 0
    assert "not run yet" not in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_terminals_that_do_not_know_every_letter(encoding):
    command = [sys.executable, "-m", "errorflow.cli", "table", "2"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "table2/lstm-p100" in done.stdout.decode(encoding)


def test_version(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert capsys.readouterr().out == f"errorflow {__version__}\n"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_list_names_every_row_and_protocol(capsys):
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["row"] for row in rows} == set(all_rows())
    assert set(rows[0]) == {
        "row",
        "net",
        "method",
        "task",
        "protocol",
        "trials",
        "budget",
        "weights",
        "options",
    }
    protocols = {(row["row"], row["protocol"]) for row in rows}
    assert ("table1/elman-15", "cleeremans") in protocols
    assert (LSTM, "cleeremans") not in protocols
    assert ("table2/lstm-p100", "no-slope") in protocols
    assert main(["list", "table1/*", "bridge/lstm-p2", "--json"]) == 0
    few = {row["row"] for row in json.loads(capsys.readouterr().out)}
    assert few == {name for name in all_rows() if name.startswith("table1/")} | {"bridge/lstm-p2"}
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert "protocols: literal" in text
    assert set(all_rows()) <= set(text.split())


def test_list_explains_every_option(capsys):
    assert main(["list", ROW, "--options"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{ROW}: method rtrl on task 2a"
    options = experiment(ROW).all_options()
    assert [line.split()[0] for line in lines[1:]] == list(options)
    alpha = next(line for line in lines if line.split()[0] == "alpha")
    assert alpha.split(": ", 1)[0].strip() == "alpha = 10.0"
    assert options["alpha"].note in alpha
    assert alpha.endswith("(a finite number above 0)")


def test_output_that_nobody_reads_is_no_error():
    command = [sys.executable, "-m", "errorflow.cli", "list", "bridge/*"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], {"numpy", "numba", "torch", "distributed"}),
        (["--version"], {"numpy", "numba", "torch", "distributed"}),
        (["list"], {"matplotlib", "torch", "distributed"}),
    ],
)
def test_light_commands_import_nothing_heavy(words, heavy):
    code = "import sys; from errorflow.cli import main\n"
    code += "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
    code += f"assert not {heavy!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL)


def test_table_prints_json(tmp_path, capsys):
    assert main(["table", "2", "--json", "--records", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "not run yet"
