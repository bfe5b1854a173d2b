"""Rows of the methods that keep gradients larger."""

from errorflow.demonstrations.row import Demonstration

ROWS: dict[str, Demonstration] = {}
