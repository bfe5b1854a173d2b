"""The rules: how weights change. A rule is a ``NamedTuple`` that carries its own workspace.

Nets and rules know nothing of tasks; a rule is handed one sequence of symbols at a time.
"""

from errorflow.core.compiled import generic


@generic
def learn(rule, net, sequence, steps, loss):
    """Learn from one sequence, of ``steps`` inputs; rules written out for one net want sequence.

    Changes ``net.w`` and returns (wrong, wrong_at_end, squared): the number of output errors of at
    least ``loss.tolerance`` over all steps and at the last one, and half the sum of all squared
    errors.
    """
