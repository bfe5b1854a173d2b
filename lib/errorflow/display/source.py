"""The code that runs, shown on the page: under the equation that it computes."""

import ast
import html
import inspect
import textwrap
from collections.abc import Callable
from typing import NamedTuple

FOLDED = 12
"""Code of more lines than these is folded."""


class Source(NamedTuple):
    """Source code for a page: Markdown where that is shown, the code itself elsewhere."""

    parts: tuple[tuple[str, str], ...]

    def __repr__(self):
        return "\n\n".join(code for _, code in self.parts)

    def _repr_markdown_(self):
        return "\n\n".join(_markdown(name, code) for name, code in self.parts)


def show(*things: Callable) -> Source:
    """Return the source of functions, methods and classes as a page's cell displays it.

    Their docstrings are left out: the text above says what they do. Long code is folded.
    Raises ``TypeError`` for what has no source.

    >>> show(inspect.unwrap)._repr_markdown_().startswith("<details")
    True
    """
    return Source(tuple(_part(thing) for thing in things))


def _part(thing):
    thing = getattr(thing, "py_func", thing)  # what numba compiled keeps the function
    code = textwrap.dedent(inspect.getsource(thing)).rstrip()
    return f"{thing.__module__}.{thing.__qualname__}", _without_docstrings(code)


def _without_docstrings(code):
    lines = code.splitlines()
    drop: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            docstring, *body = node.body
            end = docstring.end_lineno or docstring.lineno
            if body:
                drop.update(range(docstring.lineno, end + 1 + (not lines[end].strip())))
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in drop)


def _markdown(name, code):
    lines = code.count("\n") + 1
    fence = f"```python\n{code}\n```"
    title = f"<code>{html.escape(name)}</code>, {lines} lines"
    if lines <= FOLDED:
        return f'<div class="running-code">{title}</div>\n\n{fence}'
    return f'<details class="running-code"><summary>{title}</summary>\n\n{fence}\n\n</details>'
