"""JupyterLab over the pages: a `.py` opens as a notebook, and both are saved as they are kept."""

import sys
from pathlib import Path

import nbformat

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))
import book

KEPT = {"lines_to_next_cell", "mystnb", "tags"}
"""The metadata of cells that pages have."""


def tidy_page(model, **_):
    """Before a page's notebook is saved: leave in it what `make refresh` leaves in it."""
    if model["type"] == "notebook" and "jupytext" in model["content"]["metadata"]:
        notebook = model["content"] = nbformat.from_dict(model["content"])
        for cell in notebook.cells:
            for key in cell.metadata.keys() - KEPT:
                del cell.metadata[key]
        book.tidy(notebook)


c = get_config()  # noqa: F821
c.ServerApp.root_dir = str(book.ROOT / "book")
c.ServerApp.answer_yes = True  # one Ctrl-C ends it
c.ServerApp.allow_root = True  # as in a container; it listens to this machine alone, with a token
# JUPYTER_NO_CONFIG keeps out what the user has enabled, and these.
c.ServerApp.jpserver_extensions = {"jupyter_lsp": True, "jupyter_server_terminals": True}
c.ServerApp.contents_manager_class = "jupytext.AsyncTextFileContentsManager"
c.ContentsManager.pre_save_hook = tidy_page
c.LabApp.default_url = f"/lab/tree/{Path(book.toc()[0]).name}.py"
c.LabApp.app_settings_dir = str(TOOLS / "lab")
c.LabApp.user_settings_dir = str(book.BUILD / "settings" / "lab" / "user-settings")
c.LabApp.workspaces_dir = str(book.BUILD / "settings" / "lab" / "workspaces")
# Nothing is fetched from elsewhere.
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
