"""A set, presented again and again to a rule that learns on-line."""

from typing import NamedTuple

from errorflow.core.compiled import lean
from errorflow.core.sequences import item
from errorflow.rules import check_epochs, learn


class OnlineEpochs(NamedTuple):
    """``rule`` learns from each sequence of a set in turn; sequences are counted."""

    rule: NamedTuple

    def epochs(self, net, data, loss, rng):
        """Yield (net, squared error, sequences presented) after each pass, without end."""
        check_epochs(self, net, data, loss)
        while True:
            yield net, _one_pass(self.rule, net, data, loss), len(data.length)


@lean
def _one_pass(rule, net, data, loss):
    """Learn from all sequences of a set, in order; return their squared error on the way."""
    total = 0.0
    for i in range(len(data.length)):
        sequence, steps = item(data, i)
        _, _, squared = learn(rule, net, sequence, steps, loss)
        total += squared
    return total
