"""An error on its way back through any net, over as many steps as wanted.

What :mod:`errorflow.flow.exponents` does for the nets of Section 2, here by the nets' own step
back: the error is rescaled at every step, so that it neither underflows nor overflows.
"""

from math import sqrt

import numpy as np

from errorflow.core.compiled import inline, kernel
from errorflow.core.entries import guarded
from errorflow.core.sequences import Series, input_at
from errorflow.flow.exponents import no_special_direction
from errorflow.nets import Net, back_step, check_shown, state_size, step, zeros_like


@guarded
def growth(net: Net, sequence: np.ndarray | Series, steps: int) -> np.ndarray:
    """Return the logarithm of an error's growth in each step back, from the last on, (steps,).

    ``sequence`` is what ``net`` reads, from a state of zeros: symbols or a
    :class:`~errorflow.core.sequences.Series` of at least ``steps``. The error starts in no special
    direction; its size is the Euclidean norm over the whole state. Entries are -inf from the step
    on in which it is exactly 0. Raises ``ValueError`` for ``steps`` < 1.
    """
    check_shown(net, sequence, steps, "step", "back_step")
    size = state_size(net)
    e = np.zeros((2, size))
    e[0] = no_special_direction(size)
    norms = np.zeros(steps)
    _send_back(net, sequence, zeros_like(net), np.zeros((steps + 1, size)), e, norms)
    with np.errstate(divide="ignore"):
        return np.log(norms)


@inline
def run(net, sequence, states):
    """Fill ``states`` (steps + 1, S), of which row 0 is given, with what ``net`` reads."""
    for t in range(len(states) - 1):
        step(net, input_at(sequence, t), states[t], states[t + 1])


@kernel
def _send_back(net, sequence, change, states, e, norms):
    """Fill ``norms`` with the growth in each step back; stop where nothing is left."""
    steps = len(norms)
    run(net, sequence, states)
    now, before = e[0], e[1]
    size = _norm(now)
    for q in range(steps):
        for i in range(len(now)):
            now[i] /= size
        t = steps - 1 - q
        back_step(net, input_at(sequence, t), states[t], states[t + 1], now, change, before)
        size = norms[q] = _norm(before)
        if size == 0.0:
            break
        now, before = before, now


@kernel
def _norm(e):
    total = 0.0
    for i in range(len(e)):
        total += e[i] * e[i]
    return sqrt(total)
