"""Methods of one's own: a file outside the package, run, recorded and listed beside the others."""

import json
import textwrap

import jupytext
import pytest
from conftest import ROOT

from errorflow import methods
from errorflow.cli import main
from errorflow.experiments.rows import experiment, matching, weights
from errorflow.experiments.run import run
from errorflow.methods import all_methods, all_rows, load
from errorflow.records import tables
from errorflow.records.comparison import Successes, bridged
from errorflow.records.store import Records

MINE = '''
from typing import Annotated

from errorflow.core.numerics import fill_uniform
from errorflow.methods import Learner, method
from errorflow.nets.layered import layered
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes


@method("mine", "Mine 2026", kind="special architectures", cost="W", memory="n T")
def mine(task, rng, *, alpha: Annotated[float, "learning rate"] = 4.0):
    """Bptt of a net with two units, from weights that are all drawn from [-1, 1]."""
    inputs, outputs = sizes(task)
    net = layered(inputs, 2, outputs)
    fill_uniform(rng, net.w, -1.0, 1.0)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))
'''


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """What a test loads is gone after it."""
    all_methods()
    monkeypatch.setattr(methods, "_REGISTRY", methods._REGISTRY.copy())
    monkeypatch.setattr(methods, "_LOADED", methods._LOADED.copy())
    yield
    all_methods.cache_clear()
    all_rows.cache_clear()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return path


def test_a_file_brings_its_method_and_rows(file):
    others = list(all_rows())
    load(file)
    assert all_methods()["mine"].reference == "Mine 2026"
    assert [name for name in all_rows() if name in others] == others
    assert matching(["bridge/mine-*"]) == [f"bridge/mine-p{p}" for p in methods.rows.LAGS]
    assert matching(["store/mine-*"]) == ["store/mine-p10", "store/mine-p10-distractors"]
    assert weights("bridge/mine-p2") == 2 * (3 + 2) + 3 * (3 + 2)
    assert run(experiment("bridge/mine-p2"), 0).success


def test_a_file_may_have_rows_of_its_own(file):
    file.write_text(
        MINE
        + textwrap.dedent("""
        from errorflow.methods.rows import Row, bridge

        ROWS = bridge("mine", lags=(2, 5)) | {
            "mine/parity-p4": Row("mine", "parity", {"longest": 4}, 3, 1_000, success=50.0)
        }
        """)
    )
    load(file)
    assert matching(["*mine*"]) == ["bridge/mine-p2", "bridge/mine-p5", "mine/parity-p4"]
    assert tables.published("mine/parity-p4") == ("50 %", "no number")


def test_an_edited_file_is_loaded_anew(file):
    load(file)
    first = all_methods()["mine"]
    load(file)
    assert all_methods()["mine"] is first
    assert experiment("bridge/mine-p2")["alpha"] == 4.0
    file.write_text(MINE.replace("= 4.0", "= 2.0").replace("inputs, 2", "inputs, 3"))
    load(file)
    assert experiment("bridge/mine-p2")["alpha"] == 2.0
    assert weights("bridge/mine-p2") == 3 * (3 + 3) + 3 * (3 + 3)
    assert sum(name.startswith("bridge/mine-") for name in all_rows()) == len(methods.rows.LAGS)


def test_an_edit_takes_away_what_is_no_longer_there(file):
    file.write_text(MINE + MINE.replace('"mine"', '"other"'))
    load(file)
    assert {"mine", "other"} <= set(all_methods())
    file.write_text(MINE + "1 / 0")
    with pytest.raises(ValueError, match=r"mine\.py: ZeroDivisionError: division by zero"):
        load(file)
    assert {"mine", "other"} <= set(all_methods())
    file.write_text(MINE)
    load(file)
    assert "other" not in all_methods()
    assert not [name for name in all_rows() if "other" in name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "mine.py does not exist"),
        ("x = 1", "mine.py defines no method; see errorflow.methods.method"),
        ("x = ", "mine.py: SyntaxError: invalid syntax"),
        ("import no_such_module", "mine.py: ModuleNotFoundError: No module named 'no_such_mod"),
        (MINE.replace('"mine"', '"bptt"'), "method 'bptt' is taken by errorflow.methods.bptt"),
        (MINE.replace("special", "odd"), "kind = 'odd architectures' of method 'mine'; it must be"),
    ],
)
def test_a_file_that_is_none_is_one_line_and_exit_code_2(file, text, message, capsys):
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    assert main(["list", "--methods", str(file)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert "mine" not in all_methods()


PAGE = "\n\n".join(
    cell.source
    for cell in jupytext.read(ROOT / "book" / "85-add-a-method.py").cells
    if "own-file" in cell.metadata.get("tags", [])
)
"""The code of the page that adds a method, as the file that it says it makes."""


def test_the_page_s_method_runs_in_worker_processes_and_stands_beside_the_others(
    file, tmp_path, capsys
):
    file.write_text(PAGE)
    own = ["--methods", str(file)]
    where = ["--records", str(tmp_path / "records")]
    few = ["--trials", "2", "--budget", "5000", "--jobs", "2"]
    assert main(["run", *own, *where, *few, "bridge/gru-p[23]"]) == 0
    assert "4 of 4 trials have a record" in capsys.readouterr().out
    records = Records(tmp_path / "records").read()
    assert {(r.row, r.weights) for r in records.values()} == {
        ("bridge/gru-p2", 45),
        ("bridge/gru-p3", 60),
    }
    assert all(r.success for r in records.values())

    assert main(["verify", *own, *where, "--jobs", "1"]) == 0
    assert "4 of 4 recorded trials came out the same again" in capsys.readouterr().out

    assert main(["table", *own, *where, "bridge", "--json"]) == 0
    entries = {e["row"]: e for e in json.loads(capsys.readouterr().out)}
    assert "bridge/bptt-p2" in entries
    assert entries["bridge/gru-p2"]["published"] == ["–", "–"]

    assert main(["list", *own, "bridge/gru-*"]) == 0
    listed = capsys.readouterr().out.split()
    assert {f"bridge/gru-p{p}" for p in methods.rows.LAGS} <= set(listed)


def test_complete_rows_are_compared_with_the_others(file):
    load(file)
    e = experiment("bridge/mine-p2")
    trials = [
        tables_record(seed, run(e, seed)) for seed in range(all_rows()["bridge/mine-p2"].trials)
    ]
    assert bridged(trials)["mine"] == {2: Successes(sum(t.success for t in trials), 10)}


def tables_record(seed, result):
    from errorflow.records.store import Record

    few = result.success, result.sequences, result.weights
    return Record("bridge/mine-p2", "literal", 30_000, seed, *few, 0.1, "0", "0", "here")
