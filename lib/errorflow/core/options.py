"""Options: the keyword arguments of a function, each with its type, its limits and a one-line note.

A function that takes options annotates them, and nothing else need be said::

    def bptt(task, rng, *, alpha: Annotated[float, ABOVE_0, "learning rate"] = 1.0)

An option without a default must be given. The types are ``int`` (at least 1 unless a limit says
otherwise), ``float`` (finite), ``bool``, ``Literal[..]``, ``tuple[..]``, ``None`` and unions of
them; an option that is not annotated has the type of its default.
"""

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from sys import float_info
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

REQUIRED = inspect.Parameter.empty


class Limit(NamedTuple):
    """The values an option may have: ``allows(value)``, said in ``words``."""

    allows: Callable[[Any], bool]
    words: str


def at_least(least: float) -> Limit:
    """Return the :class:`Limit` of values not below ``least``."""
    return Limit(lambda value: value >= least, f"of at least {least:g}")


ANY = Limit(lambda value: True, "")
ABOVE_0 = Limit(lambda value: value > 0, "above 0")
BETWEEN_0_AND_1 = Limit(lambda value: 0 < value < 1, "above 0 and below 1")
SHARE = Limit(lambda value: 0 <= value <= 1, "from 0 to 1")

Count = Annotated[int, at_least(0)]
NotNegative = Annotated[float, at_least(0)]
Positive = Annotated[float, ABOVE_0]


class Option(NamedTuple):
    """One option of a function: ``default`` is :data:`REQUIRED` where it must be given."""

    name: str
    kind: Any
    limit: Limit | None
    note: str
    default: Any

    def check(self, value: Any) -> Any:
        """Return ``value`` as the option keeps it, or raise a ``ValueError`` with its limits."""
        value = _plain(value)
        for kind in _alternatives(self.kind):
            fitted = _fit(kind, value, self.limit)
            if fitted is not REQUIRED:
                return fitted
        raise ValueError(f"{self.name} = {value!r}; it must be {self.words}")

    def parse(self, text: str) -> Any:
        """Return the value that ``text`` stands for, as on the command line; see :meth:`check`."""
        for kind in _alternatives(self.kind):
            try:
                value = _read(kind, text)
            except ValueError:
                continue
            if _fit(kind, value, self.limit) is not REQUIRED:
                return _fit(kind, value, self.limit)
        raise ValueError(f"{self.name} = {text!r}; it must be {self.words}")

    @property
    def words(self) -> str:
        """What the option may be, in words."""
        limit = self.limit.words if self.limit else None
        return " or ".join(_words(kind, limit) for kind in _alternatives(self.kind))


def check_number(name: str, value: Any, limit: Limit | None = None) -> float:
    """Return a number as a ``float``, or raise a ``ValueError`` that names it and its ``limit``.

    >>> check_number("alpha", 1, ABOVE_0)
    1.0
    """
    return Option(name, float, limit, "", None).check(value)


@functools.cache
def options_of(function: Callable) -> Mapping[str, Option]:
    """Return the options of a function, its keyword-only arguments, by name.

    >>> def rule(net, *, alpha: Annotated[float, ABOVE_0, "learning rate"] = 1.0): ...
    >>> options_of(rule)["alpha"].note
    'learning rate'
    """
    hints = get_type_hints(function, include_extras=True)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        kind = hints.get(name, type(parameter.default))
        kind, *notes = get_args(kind) if get_origin(kind) is Annotated else (kind,)
        limit = next((note for note in notes if isinstance(note, Limit)), None)
        note = next((note for note in notes if isinstance(note, str)), "")
        found[name] = Option(name, kind, limit, note, parameter.default)
    return types.MappingProxyType(found)


def checked(what: str, known: Mapping[str, Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``given`` options as they are kept, without those that equal their default.

    Raises ``ValueError`` for one that is not ``known``, has a value that is not allowed, or is
    missing; ``what`` names who has the options.
    """
    for name in given:
        if name not in known:
            raise ValueError(f"{what} has no option {name!r}; it has {', '.join(known) or 'none'}")
    kept = {}
    for name, option in known.items():
        if name not in given:
            if option.default is REQUIRED:
                raise ValueError(f"{what} needs the option {name}: {option.note}")
            continue
        value = option.check(given[name])
        if option.default is REQUIRED or not same(value, option.default):
            kept[name] = value
    return kept


def same(a: Any, b: Any) -> bool:
    """Return whether two values of options are equal and of one type: 1 is not True."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _alternatives(kind):
    if get_origin(kind) in (Union, types.UnionType):
        return get_args(kind)
    return (kind,)


def _plain(value):
    """Return numpy's numbers, and lists, as Python's numbers and tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(part) for part in value)
    return value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value


def _fit(kind, value, limit):
    """Return ``value`` as a value of ``kind`` within the ``limit``, or REQUIRED if it is none."""
    if get_origin(kind) is Literal:
        plain = isinstance(value, (str, int, float))
        known = [literal for literal in get_args(kind) if plain and same(literal, value)]
        return known[0] if known else REQUIRED
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if not isinstance(value, tuple) or (kinds[-1] is not ... and len(value) != len(kinds)):
            return REQUIRED
        kinds = kinds[:1] * len(value) if kinds[-1] is ... else kinds
        parts = tuple(_fit(k, v, limit) for k, v in zip(kinds, value, strict=True))
        return REQUIRED if any(part is REQUIRED for part in parts) else parts
    if kind in (None, types.NoneType):
        return None if value is None else REQUIRED
    if kind in (bool, str):
        return value if isinstance(value, kind) else REQUIRED
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return REQUIRED
    if kind is int and (not isinstance(value, int) or (limit is None and value < 1)):
        return REQUIRED
    if not -float_info.max <= value <= float_info.max or (limit and not limit.allows(value)):
        return REQUIRED
    return kind(value)


def _read(kind, text):
    text = text.strip()
    if get_origin(kind) is Literal:
        return next((v for v in get_args(kind) if str(v) == text), text)
    if get_origin(kind) is tuple:
        parts = text.strip("()[]").split(",")
        kinds = get_args(kind)
        kinds = kinds[:1] * len(parts) if kinds[-1] is ... else kinds
        return tuple(_read(k, part) for k, part in zip(kinds, parts, strict=True))
    if kind in (None, types.NoneType):
        return None if text.lower() == "none" else text
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    return kind(text)


def _words(kind, limit):
    if get_origin(kind) is Literal:
        return ", ".join(map(repr, get_args(kind)))
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if kinds[-1] is ...:
            return "numbers"
        return f"{len(kinds)} numbers" + (f", each {limit}" if limit else "")
    if kind in (None, types.NoneType):
        return "None"
    if kind is int:
        return f"an integer {'of at least 1' if limit is None else limit}".strip()
    if kind is float:
        return f"a finite number {limit or ''}".strip()
    return {bool: "True or False", str: "a text"}[kind]
