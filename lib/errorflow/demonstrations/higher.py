"""Rows of the chunkers and of Ring's units, methods on higher levels.

The chunkers' rows on their authors' own tasks are those of Section 4: `table2/chunker-p100` and
`task2a/hierarchical-chunker-p100`. Ring's units start with none and grow; ``weights`` counts those
at the start. His epochs of the gap task are two sequences each, and no chance is left in them.
"""

from errorflow.demonstrations.row import Demonstration, bridges, table2

CHUNKER = "two nets, 1 hidden unit each"
LEVELS = "levels of 1 hidden unit"
UNITS = "units as needed"

RING = "[Ring 1993]; what counts as right is not stated"
EPOCHS = {2: 4, 4: 6, 6: 8, 8: 10, 10: 12, 24: 26}
"""Published: epochs of the gap task for each gap."""


def automatizer(p):
    """Return the number of weights of the two-net chunker's automatizer, as Table 2 counts it."""
    return table2(p) + p + 2


def all_pairs(p):
    """Return the number of weights from the inputs to the outputs of task 2a."""
    return (p + 1) ** 2


def _gap(length, epochs):
    symbols = max(11, length + 1) + 2
    about = ("alternating", True), ("goal", 100)
    row = Demonstration("ring", "gap", length, UNITS, symbols**2, 1, 2_000, about)
    return row._replace(success=100, sequences=2 * epochs, source=RING)


def _reber(*about):
    constants = ("alpha", 0.04), ("sigma", 0.08), ("cap", 40)
    row = Demonstration("ring", "reber", 64, "up to 40 units", 49, 30, 3_000, about, constants)
    # 206.3 +- 16.7 strings; whether the 100 right ones at the end are among them is not stated.
    return row._replace(success=100, sequences=206, source=RING)


def _random_middle(method, net, weights):
    return Demonstration(method, "2a", 10, net, weights(10), 10, 30_000, (("regular", False),))


ROWS = {
    **bridges("chunker", CHUNKER, automatizer),
    **bridges("chunker-pair", CHUNKER, automatizer),
    "chunker/2b": _random_middle("chunker", CHUNKER, automatizer),
    "chunker-pair/2b": _random_middle("chunker-pair", CHUNKER, automatizer),
    **bridges("hierarchical-chunker", LEVELS, table2),
    "hierarchical-chunker/2b": _random_middle("hierarchical-chunker", LEVELS, table2),
    **bridges("ring", UNITS, all_pairs),
    "ring/2b": _random_middle("ring", UNITS, all_pairs),
    **{f"ring/gap-p{length}": _gap(length, epochs) for length, epochs in EPOCHS.items()},
    "ring/reber": _reber(),
    "ring/reber-any": _reber(("strict", False)),
}
