"""Models and tasks of Hochreiter (1998), *Recurrent Neural Net Learning and Vanishing Gradient*."""

__version__ = "0.1.0"
