"""A rule for gamma memories: after each sequence every mu is brought back into its range."""

from typing import NamedTuple

from errorflow.rules import learn as learn_by


class Clipped(NamedTuple):
    """``rule``, then every entry of ``net.mu`` below ``low`` or above ``high`` is set to it."""

    rule: NamedTuple
    low: float
    high: float

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        result = learn_by(rule.rule, net, sequence, steps, loss)
        for j in range(len(net.mu)):
            net.mu[j] = min(max(net.mu[j], rule.low), rule.high)
        return result
