"""Rows of the methods on higher levels."""

from errorflow.demonstrations.row import Demonstration

ROWS: dict[str, Demonstration] = {}
