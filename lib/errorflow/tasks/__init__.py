"""The tasks: sequences of symbols, their legal successors, what counts as solved."""

from errorflow.compiled import generic


@generic
def draw(task, rng, symbols):
    """Write the next sequence of ``task`` into ``symbols`` and return its number of predictions.

    ``symbols`` is an integer array; with T predictions its first T + 1 entries are the sequence:
    entry t is read, entry t + 1 is to be predicted.
    """
