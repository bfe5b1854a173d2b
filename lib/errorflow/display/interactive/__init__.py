"""Figures to play with: each one fragment of HTML that loads nothing and selects among results.

A fragment holds its data, its style and its script, and works from the file system. It is driven
by native controls, so by the keyboard too; what it shows is said in a line of text as well.
Captions are plain text with three marks: ``*x*`` is italic, ``x_{y}`` has an index, and
``[text](key=value key=value)`` is a link that brings the figure into that state. Without
JavaScript the numbers of the first state and of the links stand there as a table.
"""

from errorflow.display.interactive.explorer import explorer
from errorflow.display.interactive.two_views import two_views

__all__ = ["explorer", "two_views"]
