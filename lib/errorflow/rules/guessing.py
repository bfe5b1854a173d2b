"""Random weight guessing: new weights again and again, until the whole training set is right.

Schmidhuber and Hochreiter 1996. Nothing is learned from a wrong guess.
"""

from typing import NamedTuple

from errorflow.core.checks import check_generator
from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.numerics import _fill_uniform
from errorflow.core.options import Positive
from errorflow.nets import Net
from errorflow.rules import check_epochs
from errorflow.rules.no_learning import NoLearning, _evaluate, no_learning

CHUNK = 100
"""So many guesses at most are made in one go."""


class Guessing(NamedTuple):
    """Weights uniform in [-``bound``, ``bound``]; ``judge`` looks at a guess's outputs."""

    bound: Positive
    judge: NoLearning

    def epochs(self, net, data, loss, rng):
        """Guess; yield (net, None, guesses) after wrong ones, (net, error, guesses) after a hit.

        A hit has the last step of every sequence right. ``error`` is half the squared error of the
        set. Counted are guesses: that is what the authors call trials.
        """
        check_epochs(self, net, data, loss)
        check_generator(rng)
        left = CHUNK
        while True:
            guesses, error = _guess(self.judge, net, data, loss, rng, self.bound, left)
            yield net, (None if error < 0.0 else error), guesses
            left = left - guesses or CHUNK


@kernel
def _guess(judge, net, data, loss, rng, bound, most):
    """Guess up to ``most`` times; return (guesses, half the squared error of a hit, else -1).

    The first wrong sequence ends a guess.
    """
    for k in range(most):
        _fill_uniform(rng, net.w, -bound, bound)
        wrong, squared = _evaluate(judge, net, data, loss, True, 1)
        if wrong == 0:
            return k + 1, squared
    return most, -1.0


@guarded
def guessing(net: Net, *, bound: Positive = 100.0) -> Guessing:
    """Return :class:`Guessing` with a workspace for ``net``; ``bound`` must be above 0."""
    return Guessing(bound, no_learning(net))
