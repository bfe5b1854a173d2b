"""The recorded trials of Section 3, as data: every method on its authors' task and on a common one.

A row is named after the method and what it is shown on: `guessing/parity`. Rows `bridge/METHOD-pP`
put all methods to the same test: the last symbol of task 2a, with lag P; rows
`store/METHOD-pP` to another: a real number, P steps later.
"""

from errorflow.demonstrations import (
    architectures,
    delays,
    enlarged,
    gradients,
    higher,
    levels,
    search,
    storing,
)
from errorflow.experiments import paper

ROWS = {}
for _part in (gradients, search, enlarged, levels, higher, delays, architectures, storing):
    ROWS |= _part.ROWS

ALL = paper.ROWS | ROWS
"""Every row that can be run."""
