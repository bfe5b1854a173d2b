"""Links under the title of every page that runs: its notebook and its source, to be downloaded."""

from pathlib import PurePosixPath

from docutils import nodes
from sphinx.addnodes import download_reference

FILES = {".ipynb": "notebook", ".py": "Python"}


def _add(app, doctree):
    page = app.env.doc2path(app.env.docname)
    if page.endswith(".ipynb"):
        name = PurePosixPath(app.env.docname).name
        line = nodes.paragraph(
            "", "Download this page: ", classes=["downloads"]
        )
        for end, what in FILES.items():
            text = f"{what} ({end})"
            line += download_reference("", text, reftarget=name + end)
        next(doctree.findall(nodes.section)).insert(1, line)


def setup(app):
    """Register the extension with Sphinx."""
    app.connect(
        "doctree-read", _add, priority=400
    )  # before Sphinx collects files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
