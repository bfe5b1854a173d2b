"""Bad input is refused where it enters, by a message that names it and what would be right."""

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_size(name: str, value: Any, least: int = 1) -> int:
    """Return a size, of Python's or of numpy's integers, as an ``int``.

    Raises a ``ValueError`` that names a size which is no integer of at least ``least``.

    >>> check_size("hidden", np.int64(3))
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} = {value!r}; it must be an integer of at least {least}")
    return int(value)


def check_sizes(**sizes: Any) -> None:
    """Raise a ``ValueError`` that names the first size which is no integer of at least 1."""
    for name, value in sizes.items():
        check_size(name, value)


def real_array(name: str, values: Any) -> NDArray[np.float64]:
    """Return ``values`` as an array of float64, which they may be already.

    Raises a ``ValueError`` that names what is masked, complex, no number or not finite.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array; all its entries must be numbers")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} = {said(values)}; it must be real numbers, in rows of one length")
    array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    return array


def whole_numbers(name: str, values: Any) -> NDArray[np.int64]:
    """Return a vector of integers, given as an array or as a list, as an array of int64."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):
        array = np.array(None)
    if isinstance(values, np.ma.MaskedArray) or array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{name} = {said(values)}; it must be a list of integers")
    return array.astype(np.int64, copy=False)


def said(value: Any) -> str:
    """Return a value in a few words, for a message; also one that cannot say itself."""
    try:
        text = repr(value)
    except Exception:
        text = ""
    return text if 0 < len(text) <= 60 else f"a {type(value).__name__}"


def is_array(value: Any) -> bool:
    """Return whether a value is an array, and not a masked one."""
    return isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray)


def check_generator(rng: Any) -> None:
    """Refuse what is not a ``numpy.random.Generator``."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng = {said(rng)}; it must be a numpy.random.Generator")


def check_vector(
    name: str,
    value: Any,
    length: int | None = None,
    *,
    more: bool = False,
    finite: bool = False,
    written: bool = True,
) -> None:
    """Refuse what is not an array of float64 of that ``length``, or, with ``more``, longer.

    It may have to be ``finite``, and, since it is ``written`` to, an array that can be.
    """
    wanted = "(n,)" if length is None else f"({'>= ' if more else ''}{length},)"
    if not is_array(value) or value.dtype != np.float64:
        raise ValueError(f"{name} is {_kind(value)}; it must be an array {wanted} of float64")
    n = len(value) if value.ndim == 1 else -1
    if n < 0 or (length is not None and (n < length or (n > length and not more))):
        raise ValueError(f"{name} has shape {value.shape}; it must be {wanted}")
    if finite and not np.isfinite(value).all():
        raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    if written and not value.flags.writeable:
        raise ValueError(f"{name} cannot be written to; it must be an array that can")


def check_symbols(name: str, value: Any, length: int) -> None:
    """Refuse what is not an array of at least ``length`` integers."""
    if not is_array(value) or value.dtype.kind != "i" or not value.dtype.isnative:
        raise ValueError(
            f"{name} is {_kind(value)}; it must be an array (>= {length},) of integers"
        )
    if value.ndim != 1 or len(value) < length:
        raise ValueError(f"{name} has shape {value.shape}; it must be (>= {length},)")


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"{'an array' if is_array(value) else 'a masked array'} of {value.dtype}"
    return said(value)
