"""A rule whose output errors start on their way back as the method says, not as the task does."""

from typing import NamedTuple

from errorflow.core.loss import Loss
from errorflow.rules import learn as learn_by


class OutputErrors(NamedTuple):
    """``rule`` with output errors (d - y) (``slope`` f' + ``offset``); all else is the task's.

    (1, 0) is the gradient of the squared error, (0, 1) that of the cross-entropy.
    """

    rule: NamedTuple
    slope: float
    offset: float

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        """See :func:`errorflow.rules.learn`."""
        own = Loss(loss.low, loss.high, rule.slope, rule.offset, loss.tolerance, loss.at_end)
        return learn_by(rule.rule, net, sequence, steps, own)
