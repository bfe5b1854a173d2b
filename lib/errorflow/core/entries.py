"""What functions take and named tuples hold: said by annotations, checked where it enters.

Numbers are annotated as in :mod:`errorflow.core.options`. An array is annotated with its shape, and
one of integers with the range of its values too, as integers may be::

    states: Annotated[np.ndarray, ">= T + 1, S"]
    source: Annotated[np.ndarray, "W", Within("0 .. I - 1")]

A name in a shape is a field, or a size that is known where the check is made: of a net its inputs
I, outputs O, entries of the state S and weights W, of a sequence its steps T. Any other name stands
for whatever the first array has there. A bar separates what is allowed. ``Annotated[NamedTuple,
"net"]`` is a net of the same shape. What else must hold is said by :func:`fitting`.
"""

import functools
import inspect
import types
from collections.abc import Callable
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

from errorflow.core.checks import is_array, said
from errorflow.core.options import ANY, Limit, Option

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

SIZES = {"I": "input_size", "O": "output_size", "S": "state_size"}


class Within(NamedTuple):
    """The range of an integer, or of all integers of an array: ``"0 .. n - 1"``."""

    text: str


class _Kind(NamedTuple):
    """What an annotation asks for: an ``option`` if it is a number, else one of ``classes``."""

    option: Option | None = None
    classes: tuple = ()
    shape: str = ""
    within: str = ""


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that is called from outside: its arguments are as annotated, or refused.

    Numbers arrive as Python's own. A ``ValueError`` names what is not allowed.

    >>> @guarded
    ... def half(n: int): return n / 2
    >>> half(np.int64(3))
    1.5
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args, **named):
        given = signature.bind(*args, **named)
        for name, kind in _kinds(function).items():
            free = not kind.option and kind.classes in ((), (np.ndarray,))
            if name in given.arguments and not free:
                given.arguments[name] = _checked(name, kind, given.arguments[name], {})
        return function(*given.args, **given.kwargs)

    return checked


def fitting(*requires: str, nets: tuple = (), takes: tuple = ()) -> Callable[[type[T]], type[T]]:
    """Decorate a class of named tuples: what must hold besides its annotations.

    ``requires`` are conditions on sizes, on the ``net`` and on ``self``. Rules are for some kinds
    of ``nets``, and may take some kinds of sequences alone.
    """

    def decorate(cls: Any) -> Any:
        cls.requires, cls.nets, cls.takes = requires, nets, takes
        return cls

    return decorate


def is_named_tuple(value: Any) -> bool:
    """Return whether a value is a ``NamedTuple``, as nets, rules, tasks and sets are."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def check_fields(what: str, thing: Any, sizes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Refuse a named tuple whose fields are not as annotated; return the sizes known by then.

    ``sizes`` are known before; the ``ValueError`` begins with ``what`` and names the field.
    """
    if not is_named_tuple(thing):
        raise ValueError(
            f"{what} = {said(thing)}; it must be a named tuple, as nets, rules and tasks are"
        )
    cls: Any = type(thing)
    known, kinds = dict(sizes or {}), _kinds(cls)
    fields = [(name, getattr(thing, name), kinds.get(name, _Kind())) for name in thing._fields]
    nets = getattr(cls, "nets", ())
    if nets and "net" in known and not isinstance(known["net"], nets):
        name, kinds_of = known["net"], " or ".join(kind.__name__ for kind in nets)
        raise ValueError(f"{what} is {cls.__name__}, for {kinds_of}; the net is {said(name)}")
    for name, value, kind in fields:
        if kind.classes == (np.ndarray,):
            _check_array(f"{what}.{name}", value, kind)
        elif kind.shape == "net":
            if "net" in known:
                check_twin(f"{what}.{name}", value, known["net"])
        else:
            value = _checked(name, kind, value, known)
        if kind.option and isinstance(value, int):
            known[name] = value
        if name == "w" and isinstance(value, np.ndarray):
            known["W"] = len(value)
    for size, name in SIZES.items():
        if hasattr(cls, name):
            known[size] = getattr(cls, name)(thing)
            if known[size] < (size != "S"):
                raise ValueError(f"{what} does not fit itself: its {name} would be {known[size]}")
    for name, value, kind in fields:
        if kind.shape and kind.shape != "net":
            _check_shape(f"{what}.{name}", value, kind.shape, known)
    for name, value, kind in fields:
        if kind.within:
            _check_range(f"{what}.{name}", value, kind.within, known)
    for condition in getattr(cls, "requires", ()):
        if _evaluated(condition, {**known, "self": thing}) in (False, 0):
            raise ValueError(f"{what} does not fit itself: {condition} does not hold")
    return known


def check_twin(what: str, twin: Any, net: Any) -> None:
    """Refuse what is not a net of the shape of ``net``."""
    alike = type(twin) is type(net) and all(
        type(a) is type(b) and (a.shape, a.dtype) == (b.shape, b.dtype)
        for a, b in zip(twin, net, strict=True)
        if isinstance(b, np.ndarray)
    )
    if not alike:
        raise ValueError(
            f"{what} = {said(twin)}; it must be a net of the same shape as {said(net)}"
        )


@functools.cache
def _kinds(owner: Any) -> dict[str, _Kind]:
    """Return what the annotations of a function or a class ask for, by name."""
    try:
        hints = get_type_hints(owner, include_extras=True)
    except NameError:  # text that names what is not there: of a class of one's own
        return {}
    return {name: _kind(name, hint) for name, hint in hints.items() if name != "return"}


def _kind(name, hint):
    hint, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    within = next((note.text for note in notes if isinstance(note, Within)), "")
    if all(map(_is_plain, members)):
        limit = next((note for note in notes if isinstance(note, Limit)), None)
        if within:
            limit = ANY._replace(words=within)
        return _Kind(Option(name, hint, limit, "", None), within=within)
    shape = next((note for note in notes if isinstance(note, str)), "")
    classes = tuple(types.NoneType if m is None else get_origin(m) or m for m in members)
    known = all(map(_is_class, classes)) and not any("numpy._" in c.__module__ for c in classes)
    return _Kind(None, classes if known else (), shape, within)


def _is_plain(kind):
    return kind in (int, float, bool, str, None, types.NoneType) or (
        get_origin(kind) is Literal
        or (get_origin(kind) is tuple and all(_is_plain(k) or k is ... for k in get_args(kind)))
    )


def _is_class(kind):
    """Return whether ``isinstance`` can tell what is of this kind."""
    try:
        isinstance(None, kind)
    except TypeError:
        return False
    return True


def _checked(name, kind, value, known):
    """Return a value that is as annotated, or refuse it."""
    if kind.option:
        return kind.option.check(value)
    if kind.classes and (isinstance(value, type) or not isinstance(value, kind.classes)):
        words = " or ".join("None" if c is types.NoneType else c.__name__ for c in kind.classes)
        raise ValueError(f"{name} = {said(value)}; it must be a {words}")
    if is_named_tuple(value):
        check_fields(name, value, known)
    return value


def _check_array(what, value, kind):
    if not is_array(value):
        raise ValueError(f"{what} = {said(value)}; it must be an array")
    if kind.within and not (value.dtype.kind == "i" and value.dtype.isnative):
        raise ValueError(f"{what} is of {value.dtype}; it must be of integers")
    if kind.shape and not kind.within and value.dtype != np.float64:
        raise ValueError(f"{what} is of {value.dtype}; it must be of float64")
    if kind.shape and value.ndim != len(_dimensions(kind.shape)):
        raise ValueError(f"{what} has shape {value.shape}; it must be ({kind.shape})")


@functools.cache
def _dimensions(shape):
    """Return (whether it is the least, the allowed expressions) for each dimension of a shape."""
    parts = [part.strip() for part in shape.split(",")]
    return [(p[:2] == ">=", [e.strip() for e in p.removeprefix(">=").split("|")]) for p in parts]


def _check_shape(what, array, shape, known):
    sizes = []
    for have, (least, expressions) in zip(array.shape, _dimensions(shape), strict=True):
        if expressions[0].isidentifier() and not least:
            known.setdefault(expressions[0], have)
        allowed = [_evaluated(e, known) for e in expressions]
        sizes.append((least, have, allowed))
    for least, have, allowed in sizes:
        if not any(size is None or have == size or (least and have > size) for size in allowed):
            wanted = ", ".join(
                (">= " if some else "") + " or ".join(map(str, all_of)) for some, _, all_of in sizes
            )
            raise ValueError(f"{what} has shape {array.shape}; it must be ({wanted}): ({shape})")


def _check_range(what, value, within, known):
    least, most = (_evaluated(bound, known) for bound in within.split(" .. "))
    if least is None or most is None or np.size(value) == 0:
        return
    for number in (int(np.min(value)), int(np.max(value))):
        if not least <= number <= most:
            raise ValueError(f"{what} has {number}; it must be {least} .. {most}: {within}")


def _evaluated(expression, known):
    """Return the value of an expression of this library's own, or None if a name is not known."""
    try:
        return eval(_code(expression), {"__builtins__": {}}, known)
    except NameError:
        return None


@functools.cache
def _code(expression):
    return compile(expression, "<annotation>", "eval")
