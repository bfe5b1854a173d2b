"""Bad input is refused where it enters, by a message that names it and what would be right."""

from numbers import Integral
from typing import Any


def check_size(name: str, value: Any, least: int = 1) -> int:
    """Return a size, of Python's or of numpy's integers, as an ``int``.

    Raises a ``ValueError`` that names a size which is no integer of at least ``least``.

    >>> import numpy as np
    >>> check_size("hidden", np.int64(3))
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} = {value!r}; it must be an integer of at least {least}")
    return int(value)
