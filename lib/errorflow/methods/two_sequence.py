"""Rows on the 2-sequence problem of reference [1], whose nets several gradient methods share.

Five units and first weights from [-0.5, 0.5] are the authors'. What they published are the
sequences that were wrong after training.
"""

from typing import Any

from errorflow.methods.rows import Row

WRONG = {5: 58, 10: 56, 20: 43, 50: 53, 100: 50}
"""Percent wrong of back-propagation, by the largest length."""


def two_sequence(method: str, *longest: int, **options: Any) -> dict[str, Row]:
    """Return the rows of a gradient method for sequences of these largest lengths."""
    rows = {}
    for T in longest:
        nets = {"longest": T, "hidden": 4, "initial": 0.5}
        source = f"[1]: back-propagation has {WRONG[T]} % wrong"
        rows[f"{method}/2-sequence-p{T}"] = Row(
            method, "2-sequence", nets | options, 10, 30_000, source=source
        )
    return rows
