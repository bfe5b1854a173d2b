"""The rules: how weights change. A rule is a ``NamedTuple`` that carries its own workspace.

Nets and rules know nothing of tasks; a rule is handed one sequence of symbols at a time.
"""

from typing import Protocol

from errorflow.core.compiled import generic
from errorflow.core.loss import Loss
from errorflow.nets import Net


class Rule(Protocol):
    """What every rule that learns a sequence at a time is."""

    @staticmethod
    def learn(rule, net: Net, sequence, steps: int, loss: Loss) -> tuple[int, int, float]:
        """See :func:`learn`."""


@generic
def learn(rule, net, sequence, steps, loss):
    """Learn from one sequence, of ``steps`` inputs; rules written out for one net want sequence.

    Changes ``net.w`` and returns (wrong, wrong_at_end, squared): the number of output errors of at
    least ``loss.tolerance`` over all steps and at the last one, and half the sum of all squared
    errors.
    """
