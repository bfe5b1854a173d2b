"""Rows of the special architectures."""

from errorflow.demonstrations.row import Demonstration

ROWS: dict[str, Demonstration] = {}
