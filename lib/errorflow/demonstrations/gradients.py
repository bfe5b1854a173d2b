"""Rows of the gradient methods."""

from errorflow.demonstrations.row import bridges, table2

ONE_UNIT = "1 hidden unit"

ROWS = {
    **bridges("elman", ONE_UNIT, table2),
    **bridges("rtrl", ONE_UNIT, table2),
    **bridges("bptt", ONE_UNIT, table2),
}
