"""The pages in JupyterLab: opening, running and saving one changes nothing but what was done."""

import copy
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from unittest import mock

import jupytext
import nbformat
import pytest
from conftest import CHROMIUM, ROOT, SOURCES, book
from jupytext.config import load_jupytext_configuration_file
from traitlets.config.loader import PyFileConfigLoader

LAB = ROOT / "tools" / "lab"
PAIRING = ROOT / "book" / "jupytext.toml"
by_name = pytest.mark.parametrize(
    "source", [s for s in SOURCES if s.suffix == ".py"], ids=lambda s: s.stem
)


def as_in_lab(notebook):
    """Return a notebook with what JupyterLab, its extensions and its kernel leave in one."""
    notebook = copy.deepcopy(notebook)
    about = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "name": "python3"}
    notebook.metadata.language_info = about | {"version": "3.11.2"}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{number:08x}"
        cell.metadata |= {"editable": True, "execution": {"shell.execute_reply": "2026-01-01"}}
        if cell.get("execution_count"):
            cell.execution_count += 7
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count += 7
    return notebook


@by_name
def test_saving_leaves_a_source_as_it_is(source):
    text, settings = source.read_text(), load_jupytext_configuration_file(str(PAIRING))
    notebook = as_in_lab(jupytext.reads(text, "py:percent", config=settings))
    assert jupytext.writes(notebook, "py:percent", config=settings) == text


@by_name
def test_saving_leaves_a_notebook_as_it_is(source):
    settings = PyFileConfigLoader("config.py", str(LAB)).load_config()
    text = source.with_suffix(".ipynb").read_text()
    model = {"type": "notebook", "content": as_in_lab(nbformat.reads(text, as_version=4))}
    settings.ContentsManager.pre_save_hook(model=model, path=source.name, contents_manager=None)
    assert nbformat.writes(model["content"]) + "\n" == text


def test_what_has_not_been_run_is_not_said_to_be():
    cells = [nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("2", execution_count=5)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    book.tidy(notebook)
    assert [cell.execution_count for cell in notebook.cells] == [None, 1]


def test_a_notebook_that_is_no_page_is_left_alone():
    settings = PyFileConfigLoader("config.py", str(LAB)).load_config()
    model = {"type": "notebook", "content": as_in_lab(nbformat.v4.new_notebook())}
    before = copy.deepcopy(model)
    settings.ContentsManager.pre_save_hook(model=model, path="own.ipynb", contents_manager=None)
    assert model == before


@pytest.fixture
def lab(tmp_path):
    """JupyterLab as `make lab` starts it, over copies: its address and its folder."""
    folder = tmp_path / "pages"
    (folder / "inner").mkdir(parents=True)
    shutil.copy(PAIRING, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", f"--config={LAB / 'config.py'}", "--no-browser"]
    command += [f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    command += [f"--LabApp.user_settings_dir={tmp_path}", f"--LabApp.workspaces_dir={tmp_path}"]
    command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
    with mock.patch.dict(os.environ), open(tmp_path / "log", "w") as log:
        book.own_settings()
        server = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api").close()
            break
        except OSError:
            assert server.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.5)
    yield address, folder
    server.terminate()
    server.wait(timeout=30)


def run_and_save(browser, address, name):
    page = browser.new_page()
    page.goto(f"{address}/lab/tree/{name}?reset", wait_until="load")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_function(
        "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    for command in ("notebook:run-all-cells", "docmanager:save"):
        page.evaluate(f"jupyterapp.commands.execute('{command}')")
    page.close()


@pytest.mark.skipif(
    importlib.util.find_spec("jupyterlab") is None, reason="JupyterLab is not here: `make lab`"
)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: JupyterLab was not looked at")
@pytest.mark.xdist_group("browser")
def test_a_page_run_and_saved_in_jupyterlab_is_as_it_was(lab, browser):
    address, folder = lab
    pair = [ROOT / "book" / f"01-notation{end}" for end in (".py", ".ipynb")]
    for file in pair:
        shutil.copyfile(file, folder / file.name)
    bare = nbformat.read(pair[1], as_version=4)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(bare, folder / pair[1].name)
    run_and_save(browser, address, pair[0].name)
    for file in pair:
        assert (folder / file.name).read_bytes() == file.read_bytes(), file.name
    # A kernel works in the folder of its page, and what it said is saved.
    where = folder / "inner" / "where.ipynb"
    cell = nbformat.v4.new_code_cell("import os\n\nprint(os.getcwd())")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=book.METADATA), where)
    run_and_save(browser, address, "inner/where.ipynb")
    (cell,) = nbformat.read(where, as_version=4).cells
    assert cell.outputs[0].text == f"{where.parent}\n"
    assert where.with_suffix(".py").read_text().endswith(f"\n# %%\n{cell.source}\n")
