"""Rows of the nets with delays."""
from errorflow.demonstrations.row import Demonstration, bridges
ROWS = {}
