"""Rows of the methods without gradients."""

from errorflow.demonstrations.row import Demonstration

ROWS: dict[str, Demonstration] = {}
