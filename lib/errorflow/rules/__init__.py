"""The rules: how weights change. A rule is a ``NamedTuple`` that carries its own workspace.

Nets and rules know nothing of tasks; a rule is handed one sequence of symbols at a time.
"""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from errorflow.core.checks import said
from errorflow.core.compiled import generic
from errorflow.core.entries import check_fields
from errorflow.core.loss import Loss
from errorflow.core.sequences import check_sequence, check_set, longest
from errorflow.nets import Net, check_finite, check_net, reader


@runtime_checkable
class Rule(Protocol):
    """What every rule that learns a sequence at a time is.

    A rule that is not for all nets or sequences says so by :func:`errorflow.core.entries.fitting`.
    """

    @staticmethod
    def learn(rule, net: Net, sequence, steps: int, loss: Loss) -> tuple[int, int, float]:
        """See :func:`learn`."""


def _check_loss(loss):
    if not isinstance(loss, Loss):
        raise ValueError(f"loss = {said(loss)}; it must be a Loss")
    check_fields("loss", loss)


def check_lesson(rule: Any, net: Any, sequence: Any, steps: Any, loss: Any) -> None:
    """Refuse what does not go together: rule, net, sequence and loss."""
    _check_loss(loss)
    sizes = check_net(net)
    inputs, outputs = sizes["I"], sizes["O"]
    check_sequence(sequence, steps, reader(net), inputs, outputs, at_end=loss.at_end)
    check_fields("rule", rule, {**sizes, "T": int(steps)})
    takes = getattr(type(getattr(rule, "rule", rule)), "takes", ()) or (object,)
    if not isinstance(sequence, takes):
        words = " or ".join("symbols" if kind is np.ndarray else kind.__name__ for kind in takes)
        raise ValueError(f"sequence is a {type(sequence).__name__}; {_name(rule)} takes {words}")
    if loss.at_end and takes == (np.ndarray,):
        raise ValueError(f"loss.at_end = True; {_name(rule)} learns from every step")


def _name(rule):
    return type(rule).__name__


def check_epochs(rule: Any, net: Any, data: Any, loss: Any) -> None:
    """Refuse what does not go together: a rule that learns from a set, net, set and loss."""
    _check_loss(loss)
    sizes = check_net(net)
    check_finite(net)
    check_set(data, reader(net), sizes["I"], sizes["O"], at_end=loss.at_end)
    check_fields("rule", rule, {**sizes, "T": longest(data)})


def _check(rule, net, sequence, steps, loss):
    check_lesson(rule, net, sequence, steps, loss)
    check_finite(net)


@generic(check=_check)
def learn(rule, net, sequence, steps, loss):
    """Learn from one sequence, of ``steps`` inputs; rules written out for one net want sequence.

    Changes ``net.w`` and returns (wrong, wrong_at_end, squared): the number of output errors of at
    least ``loss.tolerance`` over all steps and at the last one, and half the sum of all squared
    errors.
    """
