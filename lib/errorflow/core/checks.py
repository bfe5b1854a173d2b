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
        raise ValueError(f"{name} = {values!r:.60}; it must be real numbers, in rows of one length")
    array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has entries that are not finite; all must be numbers")
    return array
