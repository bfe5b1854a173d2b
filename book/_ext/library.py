"""The pages of the library: a section for each module of a room, from its docstrings.

A page says ``% modules of errorflow.nets`` where they are to stand.
"""

import inspect
import pkgutil
import re
from collections import _tuplegetter
from importlib import import_module
from typing import get_type_hints

from numpy.typing import ArrayLike
from sphinx.ext.autodoc import FunctionDocumenter
from sphinx.util.typing import stringify_annotation

from errorflow.core.options import options_of

MARK = re.compile(r"^% modules of ([\w.]+)$", re.MULTILINE)

ARRAY_LIKE = stringify_annotation(ArrayLike, "smart")

SECTION = """
## `{short}`

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :member-order: bysource
   :no-value:
```
"""


class CompiledDocumenter(FunctionDocumenter):
    """Document what numba compiled as the function that it was."""

    objtype = "compiled"
    directivetype = "function"
    priority = FunctionDocumenter.priority + 10

    @classmethod
    def can_document_member(cls, member, membername, isattr, parent):
        """Return whether numba keeps a function for ``member``."""
        return hasattr(member, "py_func")

    def import_object(self, raiseerror=False):
        """Import, and take the function."""
        found = super().import_object(raiseerror)
        if found:
            self.object = self.object.py_func
        return found


def _modules(room):
    package = import_module(room)
    return [
        room,
        *(
            m.name
            for m in pkgutil.iter_modules(package.__path__, f"{room}.")
        ),
    ]


def _expand(app, docname, source):
    def sections(match):
        shown[docname] = match[1], _modules(match[1])
        names = shown[docname][1]
        return "".join(
            SECTION.format(name=n, short=n.removeprefix("errorflow."))
            for n in names
        )

    shown = _shown(app.env)
    source[0] = MARK.sub(sections, source[0])


def _shown(env):
    """Return, for each page, its room and the modules that it showed when it was last read."""
    if not hasattr(env, "library"):
        env.library = {}
    return env.library


def _outdated(app, env, added, changed, removed):
    # Sphinx follows the files of modules, but not that a room has another module, or loses one.
    return [
        page
        for page, (room, names) in _shown(env).items()
        if page in env.found_docs and names != _modules(room)
    ]


def _skip(app, what, name, obj, skip, options):
    # The fields of named tuples: the class says more than "Alias for field number 0".
    return True if isinstance(obj, _tuplegetter) else None


def _escape(app, what, name, obj, options, lines):
    # In a docstring |w| is the size of w, not a substitution; within literals it stands as it is.
    lines[:] = [
        re.sub(r"(``.*?``)|\|", lambda m: m[1] or r"\|", line)
        for line in lines
    ]


def _plain_types(app, obj, bound_method):
    # An option is annotated with its limit and its note too: they stand below the signature.
    if inspect.isfunction(obj):
        options_of(obj)  # which it remembers
        obj.__annotations__ = get_type_hints(obj)


def _short_types(
    app, what, name, obj, options, signature, return_annotation
):
    # What numpy takes for an array is a union of a dozen types, some of them private.
    return tuple(
        text and text.replace(ARRAY_LIKE, "ArrayLike")
        for text in (signature, return_annotation)
    )


def _notes(app, what, name, obj, options, lines):
    if inspect.isfunction(obj):
        for option in options_of(obj).values():
            if option.note:
                lines.append(
                    f":param {option.name}: {option.note} ({option.words})"
                )


def _exists(app, env, node, contnode):
    # What exists but has no entry in this book (another library's, a constant) needs no link.
    if node.get("refdomain") == "py":
        for name in (
            f"{node.get('py:module')}.{node['reftarget']}",
            node["reftarget"],
        ):
            try:
                pkgutil.resolve_name(name)
            except (ImportError, AttributeError, ValueError):
                continue
            return contnode
    return None


def setup(app):
    """Register the extension with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.add_autodocumenter(CompiledDocumenter)
    app.connect("source-read", _expand)
    app.connect("env-get-outdated", _outdated)
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-before-process-signature", _plain_types)
    app.connect("autodoc-process-signature", _short_types)
    app.connect("autodoc-process-docstring", _notes)
    app.connect("autodoc-process-docstring", _escape)
    app.connect("missing-reference", _exists)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
