"""The pages: their pairs, their cleanliness, their parameters."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from unittest import mock

import jupytext
import nbformat
import pytest
from conftest import ROOT, SOURCES, book

NOTEBOOKS = [source for source in SOURCES if source.suffix == ".py"]
by_name = pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda s: s.stem)


def cells(notebook):
    return [(c.cell_type, c.source, c.metadata.get("tags", []), c.metadata.get("mystnb", {}))
            for c in notebook.cells]  # fmt: skip


def test_every_page_is_in_the_toc():
    assert sorted(ROOT.glob("book/[0-9]*.py")) == sorted(NOTEBOOKS)
    assert {p.stem for p in ROOT.glob("book/*.ipynb")} == {p.stem for p in NOTEBOOKS}


def test_every_room_of_the_library_has_a_page():
    rooms = {file.parent.name for file in ROOT.glob("lib/errorflow/*/__init__.py")}
    pages = {source.stem.partition("-library-")[2] for source in SOURCES} - {""}
    assert pages == rooms
    for room in rooms:
        (page,) = ROOT.glob(f"book/*-library-{room}.md")
        assert f"% modules of errorflow.{room}\n" in page.read_text()


@by_name
def test_pair_in_sync(source):
    pair = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert cells(jupytext.read(source)) == cells(pair), "run `make refresh`"


@by_name
def test_notebook_is_executed_and_clean(source):
    text = source.with_suffix(".ipynb").read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
    assert not re.search(r"papermill|\d{4}-\d\d-\d\dT\d\d|/home/|/tmp/|site-packages", text)
    assert str(ROOT) not in text


@by_name
def test_computing_pages_take_a_profile(source):
    tagged = [c for c in jupytext.read(source).cells if "parameters" in c.metadata.get("tags", [])]
    assert [c.source for c in tagged] == ['profile = "quick"']


@by_name
def test_figures_say_what_they_show(source):
    pair = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    for cell in pair.cells:
        if any("image/png" in o.get("data", {}) for o in cell.get("outputs", [])):
            about = cell.metadata.get("mystnb", {})
            assert about["figure"]["name"].startswith("fig-")
            assert len(about["figure"]["caption"]) > 40
            assert len(about["image"]["alt"]) > 40


def test_visible_cells_are_short():
    hidden = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
    lengths = [
        len(cell.source.splitlines())
        for source in NOTEBOOKS
        for cell in jupytext.read(source).cells
        if cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))
    ]
    assert max(lengths) <= 30
    assert sorted(lengths)[len(lengths) // 2] <= 8


@by_name
def test_code_fits_the_column(source):
    for cell in jupytext.read(source).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 76, cell.source


@by_name
def test_no_cell_warns(source):
    pair = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    outputs = [output for cell in pair.cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


@by_name
def test_tables_hold_no_formulas(source):
    """A cell's Markdown output is not typeset."""
    pair = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    outputs = [output for cell in pair.cells for output in cell.get("outputs", [])]
    assert not [o for o in outputs if "$" in o.get("data", {}).get("text/markdown", "")]


def test_readme_figure_is_the_landing_page_s():
    import base64

    landing = nbformat.read(SOURCES[0].with_suffix(".ipynb"), as_version=4)
    pictures = [o.data["image/png"] for c in landing.cells for o in c.get("outputs", [])
                if "image/png" in o.get("data", {})]  # fmt: skip
    assert base64.b64decode(pictures[0]) == book.FIGURE.read_bytes()


@pytest.mark.parametrize(
    ("profile", "message"), [("fast", "PROFILE=fast is unknown; it must be one of quick, full")]
)
def test_unknown_profile_is_refused(monkeypatch, capsys, profile, message):
    monkeypatch.setattr(sys, "argv", ["book.py", "build", "--profile", profile])
    assert book.main() == 2
    assert message in capsys.readouterr().err


def test_unknown_parameter_is_refused(tmp_path):
    page = next(s for s in NOTEBOOKS if "21" in s.stem)
    with pytest.raises(book.BookError, match=r"has no parameter seeds; it has profile"):
        book.execute(page, tmp_path / "page.ipynb", {"seeds": 3})


def test_a_page_runs_in_any_folder(tmp_path):
    page = next(s for s in NOTEBOOKS if "80" in s.stem)
    shutil.copy(page, tmp_path)
    book.execute(tmp_path / page.name, tmp_path / "page.ipynb", {})
    assert (tmp_path / "page.ipynb").read_bytes() == page.with_suffix(".ipynb").read_bytes()


@by_name
def test_no_page_names_a_file(source):
    """It would be looked for where one stands; records and ledger come by `committed()`."""
    code = (c.source for c in jupytext.read(source).cells if c.cell_type == "code")
    assert not re.search(r"\b(open|Path|Records|read_csv|read_text)\(|__file__", "\n".join(code))


def test_failing_cell_is_shown(tmp_path):
    page = tmp_path / "page.py"
    page.write_text('# %%\nfine = 1\n\n# %%\nraise RuntimeError("the cell that fails")\n')
    with pytest.raises(book.BookError, match=r"(?s)page.py failed in this cell.*the cell that"):
        book.execute(page, tmp_path / "page.ipynb", {})


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os; os._exit(1)", "page.py: .*[Kk]ernel died"),
        ("import os; os.kill(os.getppid(), 9)", "a process that ran pages was killed"),
    ],
)
def test_a_killed_process_is_one_line(tmp_path, cell, message):
    page = tmp_path / "page.py"
    page.write_text(f"# %%\n{cell}\n")
    code = (
        "import pathlib, sys; sys.path.insert(0, 'tools'); import book\n"
        f"page = pathlib.Path({str(page)!r})\n"
        "try: book.execute_all([(page, page.with_suffix('.ipynb'), {}, print)])\n"
        "except book.BookError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.fullmatch(f"{message}.*\n", done.stdout)


def test_a_kernel_that_is_not_there_is_one_line(tmp_path, monkeypatch):
    kernel = {"name": "typo", "display_name": "Python 3", "language": "python"}
    monkeypatch.setattr(book, "METADATA", book.METADATA | {"kernelspec": kernel})
    page = tmp_path / "page.py"
    page.write_text("# %%\nfine = 1\n")
    with pytest.raises(book.BookError, match=r"^page.py: No such kernel named typo$"):
        book.execute(page, tmp_path / "page.ipynb", {})


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    said = "OSError: [Errno 28] No space left on device\n" * 1_000
    full = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(book.subprocess, "run", lambda *_, **__: full)
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device: '.*stage'$"):
        book.render(tmp_path / "pages", tmp_path / "stage", {})


FIGURE_CELL = """# %% mystnb={"figure": {"name": "fig-dot", "caption": "A dot."}}
import matplotlib.pyplot as plt
_ = plt.plot(0, 0, "o")
"""


def test_a_figure_that_did_not_come_is_named(tmp_path):
    page = tmp_path / "page.py"
    page.write_text(FIGURE_CELL.replace("plt.plot", "print"))
    with pytest.raises(book.BookError, match=r"page.py: no image came from the cell of fig-dot"):
        book.execute(page, tmp_path / "page.ipynb", {})


def test_settings_of_the_users_do_not_reach_a_page(tmp_path):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\n")
    profile = tmp_path / "profile_default"
    profile.mkdir()
    config = "c.InlineBackend.figure_formats = {'svg'}\nc.InteractiveShellApp.exec_lines = ['1/0']"
    (profile / "ipython_config.py").write_text(f"c = get_config()\n{config}\n")
    hostile = dict.fromkeys(("IPYTHONDIR", "MATPLOTLIBRC", "JUPYTER_PATH"), str(tmp_path))
    page = tmp_path / "pages" / "page.py"
    page.parent.mkdir()
    page.write_text(FIGURE_CELL)
    with mock.patch.dict(os.environ, {**hostile, "MPLBACKEND": "Agg"}):
        book.own_settings()
        book.execute(page, tmp_path / "page.ipynb", {})
    (cell,) = nbformat.read(tmp_path / "page.ipynb", as_version=4).cells
    assert [sorted(output.data) for output in cell.outputs] == [["image/png", "text/plain"]]


def test_a_book_that_was_built_over_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "BUILD", tmp_path)
    page = tmp_path / "html" / "index.html"
    page.parent.mkdir()
    page.write_text("ours")
    mark = {"stamp": "s", "profile": "quick"}
    stamp = json.dumps(mark | {"content": book.content(page.parent)})
    (page.parent / "stamp.json").write_text(stamp)
    assert book.read_stamp() == mark
    page.write_text("another's")
    assert book.read_stamp() is None


def test_another_trees_library_is_refused(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(book, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["book.py", "build"])
    assert book.main() == 2
    assert "not this tree's" in capsys.readouterr().err


def test_a_taken_port_is_one_line(capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(
            sys, "argv", ["book.py", "serve", "--port", str(taken.getsockname()[1])]
        )
        assert book.main() == 2
    assert re.fullmatch(r"error: .*[Aa]ddress already in use\n", capsys.readouterr().err)


def test_key_follows_content_alone(tmp_path):
    page = NOTEBOOKS[0]
    before = book.page_key(page, "quick")
    page.touch()
    assert book.page_key(page, "quick") == before
    assert book.page_key(page, "full") != before
    assert book.page_key(NOTEBOOKS[1], "quick") != before


def test_printed_text_is_one_output():
    from nbformat.v4 import new_output

    outputs = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    outputs += [new_output("display_data", {"text/plain": "x"})]
    outputs += [new_output("stream", name="stdout", text="c\n")]
    whole = book.joined(outputs)
    assert [output.get("text") for output in whole] == ["a\nb\n", None, "c\n"]
