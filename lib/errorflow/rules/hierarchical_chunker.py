"""The hierarchical chunker: a level is trained and frozen, the next sees what it cannot predict.

Schmidhuber's multi-level history compression; every level learns by RTRL, one after the other.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.numerics import ADDENDS, addends, tree_sum
from errorflow.core.options import NotNegative
from errorflow.nets.hierarchy import Hierarchy, level
from errorflow.rules.chunker import correct, receive


@fitting("A >= I", ADDENDS, nets=(Hierarchy,), takes=(np.ndarray,))
class HierarchicalChunker(NamedTuple):
    """The rule for a :class:`~errorflow.nets.hierarchy.Hierarchy` of nets with one hidden unit.

    A symbol goes to the lowest level first. A level that is handed a symbol compares it with what
    it predicted when it read its last one, and reads it; if one of its errors exceeds ``eps``, it
    has failed and hands the symbol on to the level above. Every level reads the first symbol of a
    sequence. No level is told the time. Only the topmost one learns, before it reads.

    Responsible for a symbol is the level that does not hand it on: the lowest that was handed it
    and did not fail, or, if all failed, the topmost. Judged are the responsible level's outputs;
    the squared error is that of the level that learns, over the symbols it was handed.

    ``h`` (levels,) holds the hidden activations, ``P`` (levels, I + 1) their derivatives by the
    weights into them, ``x`` (levels,) what each read last, ``inputs`` (levels,) how many it has
    read since the rule was made. The rest is scratch.
    """

    alpha: NotNegative
    eps: float
    reset: bool
    h: Annotated[np.ndarray, "L"]
    P: Annotated[np.ndarray, "L, I + 1"]
    x: Annotated[np.ndarray, "L", Within("0 .. I - 1")]
    inputs: Annotated[np.ndarray, "L", Within("0 .. 2 ** 62")]
    product: Annotated[np.ndarray, "A"]
    errors: Annotated[np.ndarray, "A"]
    target: Annotated[np.ndarray, "A"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        scratch = rule.product, rule.errors, rule.target
        first, top = sequence[0], net.active - 1
        rule.target[: rule.P.shape[1] - 1] = loss.low
        if rule.reset:
            rule.h[:] = 0.0
            rule.P[:] = 0.0
        for n in range(net.active):
            rule.h[n] = receive(level(net, n), first, rule.h[n], rule.P[n], 0.0)
            rule.x[n] = first
            rule.inputs[n] += 1
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            d = sequence[t + 1]
            for n in range(net.active):
                one, h, x = level(net, n), rule.h[n], rule.x[n]
                # A learning rate of 0 leaves every bit of a frozen level's weights as it is.
                alpha = rule.alpha if n == top else 0.0
                wrong_at_end, failed, e = correct(one, x, h, d, rule.eps, alpha, loss, scratch)
                rule.h[n] = receive(one, d, h, rule.P[n], alpha * e)
                rule.x[n] = d
                rule.inputs[n] += 1
                if n == top:
                    for k in range(len(one.output)):
                        rule.errors[k] *= rule.errors[k]
                    squared += 0.5 * tree_sum(rule.errors)
                if not failed:
                    break
            wrong += wrong_at_end
        return wrong, wrong_at_end, squared


@guarded
def hierarchical_chunker(
    net: Hierarchy, alpha: NotNegative, *, eps: float = 0.25, reset: bool = True
) -> HierarchicalChunker:
    """Return :class:`HierarchicalChunker` with a workspace for the hierarchy ``net``."""
    L, columns = len(net.levels), net.p + 2
    state = np.zeros(L), np.zeros((L, columns))
    counts = np.zeros((2, L), dtype=np.int64)
    return HierarchicalChunker(alpha, eps, reset, *state, *counts, *addends(3, columns - 1))
