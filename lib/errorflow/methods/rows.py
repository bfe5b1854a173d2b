"""Rows: experiments with a name, and what was published of them.

A row is named after the method and what it is shown on, or after the table it stands in. Rows
``bridge/METHOD-pP`` put all methods to the same test, the last symbol of task 2a at lag P; rows
``store/METHOD-pP`` to another: a real number, to be told P steps later.

In the common test a method has ten trials at each lag and 30,000 sequences a trial; right is a last
symbol with every output within 0.25 of its target, in 1,000 successive sequences. Of the second
test it has to tell a number to within 0.1 after ten silent steps or ten with other numbers,
in 100,000 sequences; nets have four hidden units where the method leaves the choice, so that size
is not what limits them. (Two pilot trials a row were known, with other seeds, 30,000 sequences and
mostly smaller nets.) Fifty steps, with 200,000 sequences, were added when the results at ten were
known, for the methods that had a success there; not for RTRL and the O(n^3) algorithm, whose
gradient is that of BPTT.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

LAGS = (2, 3, 4, 6, 10, 20, 50, 100)
"""The lags of the rows ``bridge/METHOD-pP``."""


class Row(NamedTuple):
    """An experiment, how many trials of it are recorded, and what was published of it.

    ``options`` are those of task and method that differ from their defaults. Published: ``success``
    in percent; ``sequences``, the mean until success of the successful trials; ``more_than``, where
    a table prints "> number" since no trial succeeded; ``weights``, a range where nets grow. None
    where no number is printed; ``source`` says where, and what else is.
    """

    method: str
    task: str
    options: Mapping[str, Any]
    trials: int
    budget: int
    success: float | None = None
    sequences: int | None = None
    more_than: int | None = None
    weights: int | str | None = None
    source: str = "not published"

    @property
    def is_published(self) -> bool:
        """Whether any result was published."""
        return not self.success is self.sequences is self.more_than is None


def bridge(
    method: str,
    *,
    entry: str | None = None,
    lags: tuple[int, ...] = LAGS,
    budget: int = 30_000,
    **options: Any,
) -> dict[str, Row]:
    """Return the rows of the common test for a method, as the ``entry`` of that name."""
    test = {"judged_at": "end", "streak": 1_000}
    return {
        f"bridge/{entry or method}-p{p}": Row(method, "2a", {"p": p, **test, **options}, 10, budget)
        for p in lags
    }


def store(
    method: str,
    *,
    entry: str | None = None,
    far: bool = False,
    budget: int = 100_000,
    **options: Any,
) -> dict[str, Row]:
    """Return the rows of the second common test; with ``far`` those of fifty steps too."""
    rows = {}
    for steps, most in ((10, budget), (50, 200_000)) if far else ((10, budget),):
        for name, how in (("", {}), ("-distractors", {"distractors": True})):
            row = Row(method, "store", {"p": steps, **how, **options}, 10, most)
            rows[f"store/{entry or method}-p{steps}{name}"] = row
    return rows


def common_tests(method: str) -> dict[str, Row]:
    """Return the rows of both common tests for a method with its default options."""
    return bridge(method) | store(method)
