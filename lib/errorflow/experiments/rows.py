"""The rows as experiments: found by name or pattern, under a protocol or a reading of one's own."""

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from errorflow.core.checks import said
from errorflow.core.entries import guarded
from errorflow.experiments.experiment import Experiment, parsed
from errorflow.experiments.protocols import PROTOCOLS, protocol
from errorflow.experiments.run import learner_of, prepare
from errorflow.methods import Row, all_rows


@guarded
def row(name: str) -> Row:
    """Return the row of that name; an unknown one is a ``ValueError`` that names the nearest."""
    rows = all_rows()
    if name not in rows:
        near = difflib.get_close_matches(name, rows, 4, 0.5) or list(rows)[:4]
        raise ValueError(f"row {name!r} is unknown; the nearest are {', '.join(near)}")
    return rows[name]


@guarded
def matching(patterns: Iterable[str]) -> list[str]:
    """Return the names of the rows that match any pattern, each once; ``all`` matches all.

    >>> matching(["table2/rtrl-p4-*"])
    ['table2/rtrl-p4-lr1', 'table2/rtrl-p4-lr4', 'table2/rtrl-p4-lr10']
    """
    if isinstance(patterns, str):
        patterns = [patterns]
    names: dict[str, None] = {}
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise ValueError(f"pattern = {said(pattern)}; it must be a text")
        wanted = "*" if pattern == "all" else pattern
        found = [name for name in all_rows() if fnmatchcase(name, wanted)]
        if not found:
            row(pattern)  # raises
        names |= dict.fromkeys(found)
    return list(names)


@guarded
def experiment(
    name: str,
    protocol_name: str = "literal",
    settings: Mapping[str, Any] | None = None,
    budget: int | None = None,
) -> Experiment:
    """Return the experiment of a row, under a protocol, with some options set.

    ``settings`` has values of options, or texts that stand for them. A protocol that names an
    option that the row has not, or that changes nothing of it, is a ``ValueError``, and so is a
    setting that changes nothing.

    >>> experiment("table2/rtrl-p4-lr1")["p"]
    4
    """
    r = row(name)
    e = Experiment(r.method, r.task, r.budget if budget is None else budget, **r.options)
    overrides = protocol(protocol_name)
    for option in overrides:
        if option not in e.all_options():
            has = f"method {e.method!r} on task {e.task!r}"
            raise ValueError(
                f"protocol {protocol_name!r} sets {option}, which {has} has not: row {name}"
            )
    under = e.changed(**overrides)
    if overrides and not differ(e, under):
        raise ValueError(f"protocol {protocol_name!r} changes nothing of row {name}")
    texts = {k: v for k, v in (settings or {}).items() if isinstance(v, str)}
    values = {**(settings or {}), **parsed(under, texts)}
    whole = under.changed(**values)
    for option in values:
        others = {k: v for k, v in values.items() if k != option}
        if not differ(under.changed(**others), whole):
            raise ValueError(f"{option} = {values[option]!r} changes nothing of row {name}")
    return whole


@guarded
def weights(name: str) -> int:
    """Return the number of weights of a row's net, counted; of one that grows, at the start."""
    return learner_of(experiment(name)).weights


@guarded
def differ(a: Experiment, b: Experiment) -> bool:
    """Return whether two experiments differ in anything that decides a trial.

    They are built with the same seed, and all that they are built of is compared.
    """
    if a == b:
        return False
    return not _equal(_parts(a), _parts(b))


def _parts(e):
    prepared, growth = prepare(e, 0)
    grown = growth.grow(prepared.net) if growth else None
    return *prepared[:-1], growth and growth[1:], grown


def _equal(a, b):
    if isinstance(a, tuple) and isinstance(b, tuple):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(_equal(x, y) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, np.random.Generator):
        return True
    return type(a) is type(b) and a == b


@guarded
def allowed_protocols(name: str) -> list[str]:
    """Return ``literal``, and the protocols that set options of a row to other values."""
    e = experiment(name)
    return [
        candidate
        for candidate, overrides in PROTOCOLS.items()
        if not overrides
        or (overrides.keys() <= e.all_options().keys() and e.changed(**overrides) != e)
    ]
