"""Ring's rule: the exact gradient of a step's error, and a unit more where changes contradict.

M. B. Ring, *Learning sequential tasks by incrementally adding higher orders*, NIPS 5, 1993.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.loss import compare
from errorflow.core.numerics import assign
from errorflow.core.options import SHARE, NotNegative, Positive
from errorflow.core.sequences import Marked, input_at
from errorflow.nets import step
from errorflow.nets.transitions import Transitions, add_unit

DIVERGED = 1e100
"""A larger error changes nothing: a net of linear units that diverges stays wrong, and finite."""


@fitting(nets=(Transitions,), takes=(np.ndarray, Marked))
class Growing(NamedTuple):
    """The rule for :class:`~errorflow.nets.transitions.Transitions`; it changes weights every step.

    Only one path leads from a unit to an output, so its error needs no sum. With d for targets,

        D_i(t) = d_i - y_i for outputs,
        D_k(t) = D_owner(t) if source[k] was read at t - delay[owner], else 0,
        w_ij += alpha D_i(t) for the symbol j that was read at t - delay[i].

    Running averages of a weight's change and of its absolute value go on where it is not 0:
    avg = sigma D + (1 - sigma) avg. A unit that modifies w_ij is added when
    avg|D| / (eps + |avg D|) > theta; then the averages of all weights into unit i begin anew, with
    avg|D| = 0 and avg D = 1, as those of a new unit do. With ``settled`` a weight that has a
    modifier changes no more.

    ``state`` (2, M) carries on from sequence to sequence; ``read`` (M + 1,) holds the symbols
    read, the last one at ``now[0]`` and earlier ones before it, round and round, -1 for none.
    ``average`` and ``size`` (M, I) are avg D and avg|D|; ``D`` (M,) is scratch, as ``errors`` is.
    """

    alpha: NotNegative
    sigma: Annotated[float, SHARE]
    theta: NotNegative
    eps: Positive
    settled: bool
    state: Annotated[np.ndarray, "2, M"]
    read: Annotated[np.ndarray, "M + 1", Within("-1 .. I - 1")]
    now: Annotated[np.ndarray, "1", Within("0 .. M")]
    average: Annotated[np.ndarray, "M, I"]
    size: Annotated[np.ndarray, "M, I"]
    D: Annotated[np.ndarray, "M"]
    errors: Annotated[np.ndarray, "O"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        before, state, D, keep = rule.state[0], rule.state[1], rule.D, 1.0 - rule.sigma
        average, size = rule.average, rule.size
        wrong, wrong_at_end, squared = 0, 0, 0.0
        for t in range(steps):
            x = input_at(sequence, t)
            now = (rule.now[0] + 1) % len(rule.read)
            rule.now[0], rule.read[now] = now, x
            step(net, x, before, state)
            y = state[: net.outputs]
            wrong_at_end, more = compare(loss, sequence, t, steps, y, rule.errors)
            wrong += wrong_at_end
            squared += more
            for i in range(net.size[0]):  # a unit added on the way is not among them
                if i < net.outputs:
                    D[i] = rule.errors[i]
                else:
                    owner = net.owner[i]
                    used = rule.read[now - net.delay[owner]] == net.source[i]
                    D[i] = D[owner] if used else 0.0
                j = rule.read[now - net.delay[i]]
                if D[i] == 0.0 or abs(D[i]) > DIVERGED or j < 0:
                    continue
                modified = net.modifier[i, j] >= 0
                if not (rule.settled and modified):
                    net.units[i, j] += rule.alpha * D[i]
                average[i, j] = rule.sigma * D[i] + keep * average[i, j]
                size[i, j] = rule.sigma * abs(D[i]) + keep * size[i, j]
                grows = size[i, j] > rule.theta * (rule.eps + abs(average[i, j]))
                if grows and not modified and add_unit(net, i, j):
                    average[i] = 1.0
                    size[i] = 0.0
            assign(before, state)
        return wrong, wrong_at_end, squared


@guarded
def growing(
    net: Transitions,
    alpha: NotNegative,
    *,
    sigma: Annotated[float, SHARE],
    theta: NotNegative,
    eps: Positive,
    settled: bool = True,
) -> Growing:
    """Return :class:`Growing` with a workspace for ``net``; nothing has been read yet."""
    M, inputs = net.units.shape
    return Growing(
        alpha,
        sigma,
        theta,
        eps,
        settled,
        np.zeros((2, M)),
        np.full(M + 1, -1),
        np.zeros(1, dtype=np.int64),
        np.ones((M, inputs), order="F"),
        np.zeros((M, inputs), order="F"),
        np.zeros(M),
        np.zeros(net.outputs),
    )
