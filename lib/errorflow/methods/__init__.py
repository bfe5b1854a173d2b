"""Sections 3 and 4: what the name of a method stands for. One method, one file, one block.

A method is a function that takes a task, a generator and its options, the keywords, and returns a
:class:`~errorflow.methods.learner.Learner`; :func:`method` registers it. Below it stand its rows:
the experiments that are recorded, with what was published of them. See
:mod:`errorflow.methods.mozer` for an example.
"""

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import NamedTuple

from errorflow.core.checks import check_generator
from errorflow.core.entries import guarded
from errorflow.methods.learner import Growth, Learner
from errorflow.methods.rows import LAGS, Row, common_tests
from errorflow.tasks import sizes

__all__ = [
    "KINDS",
    "Growth",
    "Learner",
    "Method",
    "Row",
    "all_methods",
    "all_rows",
    "load",
    "method",
]

KINDS = (
    "gradient methods",
    "without gradients",
    "larger gradients",
    "higher levels",
    "special architectures",
)
"""What Section 3 sorts methods into: those that suffer, then its types (1) to (4)."""

ORDER = (
    "rtrl", "bptt", "elman", "truncated-bptt", "hybrid", "pearlmutter", "rcc",
    "guessing", "annealing", "multigrid",
    "pseudo-newton", "time-weighted-pseudo-newton", "discrete",
    "em", "iohmm", "kalman", "decoupled-kalman", "chunker", "hierarchical-chunker", "ring",
    "second-order", "tdnn", "narx", "narx-latch", "gamma", "plate", "mozer", "twinn", "lstm",
)  # fmt: skip
"""Methods in the order of Section 3 and of the tables; others follow those of their kind."""


class Method(NamedTuple):
    """A method: ``build(task, rng, **options)`` returns its learner for a task.

    ``cost`` is that of a step in operations, ``memory`` the numbers kept besides the weights, as
    orders of magnitude: n is the number of units (or states), W of weights, O of outputs, T of
    steps in a sequence.
    """

    name: str
    kind: str
    reference: str
    cost: str
    memory: str
    build: Callable[..., Learner]


_REGISTRY: dict[str, Method] = {}
_LOADED: dict[str, tuple[Path, str, dict[str, Row]]] = {}
"""Files with methods of one's own, by module: the path, its text, its rows."""


def method(name: str, reference: str, *, kind: str, cost: str, memory: str) -> Callable:
    """Register the decorated function as the method ``name``, of one of :data:`KINDS`."""
    if kind not in KINDS:
        raise ValueError(
            f"kind = {kind!r} of method {name!r}; it must be one of {', '.join(KINDS)}"
        )

    def register(function):
        checked = guarded(function)

        @functools.wraps(function)
        def build(task, rng, **options):
            sizes(task)
            check_generator(rng)
            return checked(task, rng, **options)

        known = _REGISTRY.get(name)
        if known and known.build.__module__ != build.__module__:
            raise ValueError(f"method {name!r} is taken by {known.build.__module__}")
        _REGISTRY[name] = Method(name, kind, reference, cost, memory, build)
        all_methods.cache_clear()
        return build

    return register


@functools.cache
def all_methods() -> Mapping[str, Method]:
    """Return all methods by name, in the order of Section 3, and those of loaded files."""
    _modules()
    order = sorted(_REGISTRY.items(), key=lambda item: _place(item[1]))
    return MappingProxyType(dict(order))


@functools.cache
def all_rows() -> Mapping[str, Row]:
    """Return the rows of all methods by name: those of the tables first, in the paper's order."""
    known = [module.ROWS for module in _modules()] + [rows for *_, rows in _LOADED.values()]
    rows = {name: row for rows in known for name, row in rows.items()}
    tables = ("table1/", "table2/", "task2a/", "task2b/", "task2c/", "lags/")

    def place(name):
        table = next((n for n, t in enumerate(tables) if name.startswith(t)), len(tables))
        return table, _place(_REGISTRY[rows[name].method])

    return MappingProxyType({name: rows[name] for name in sorted(rows, key=place)})


def _place(method):
    known = ORDER.index(method.name) if method.name in ORDER else len(ORDER)
    return KINDS.index(method.kind), known


@functools.cache
def _modules():
    """Return the modules of this package that define methods: those that have rows."""
    found = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    return [module for module in found if hasattr(module, "ROWS")]


def load(file: str | Path) -> None:
    """Load the methods of a file outside this package, with their rows.

    A method without rows in the common tests gets them. A file that is loaded already is loaded
    again only if it has changed. Raises ``ValueError`` for a file that does not exist, fails or
    defines no method.
    """
    path = Path(file).resolve()
    if not path.is_file():
        raise ValueError(f"methods file {file} does not exist")
    all_methods()
    name, text = f"errorflow_methods_{path.stem}", path.read_text(encoding="utf-8")
    if name in _LOADED and _LOADED[name][:2] == (path, text):
        return
    module, before = ModuleType(name), dict(_REGISTRY)
    module.__file__ = str(path)
    for m in before.values():
        if m.build.__module__ == name:
            del _REGISTRY[m.name]
    sys.modules[name] = module
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except Exception as error:
        _REGISTRY.clear()
        _REGISTRY.update(before)
        all_methods.cache_clear()
        raise ValueError(f"methods file {file}: {type(error).__name__}: {error}") from error
    found = [m.name for m in _REGISTRY.values() if m.build.__module__ == name]
    if not found:
        raise ValueError(f"methods file {file} defines no method; see errorflow.methods.method")
    rows = dict(module.__dict__.get("ROWS", {}))
    for method in found:
        if f"bridge/{method}-p{LAGS[0]}" not in rows:
            rows |= common_tests(method)
    _LOADED[name] = path, text, rows
    all_rows.cache_clear()
