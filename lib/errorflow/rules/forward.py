"""The way forward that rules share: a step, its outputs, and what these are compared with."""

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import guarded
from errorflow.core.loss import compare
from errorflow.core.sequences import input_at
from errorflow.nets import Net, output_size, read, state_size, step


@inline
def respond(net, sequence, t, steps, loss, before, state, seen, y, errors):
    """Go from state ``before`` to ``state`` in step ``t``, and compare the outputs of ``seen``.

    ``seen`` is one of the two states. Fills ``y`` and ``errors``; returns (wrong outputs, half the
    squared error).
    """
    x = input_at(sequence, t)
    step(net, x, before, state)
    read(net, x, seen, y)
    return compare(loss, sequence, t, steps, y, errors)


@inline
def forward(net, sequence, steps, loss, lag, states, y, errors):
    """Run a whole sequence from ``states[0]``; return what :func:`errorflow.rules.learn` returns.

    Fills ``states`` (steps + 1, state), ``y`` and ``errors`` (steps, outputs). With ``lag`` 1
    outputs see the state one step before.
    """
    wrong, wrong_at_end, squared = 0, 0, 0.0
    for t in range(steps):
        before, state, seen = states[t], states[t + 1], states[t + 1 - lag]
        wrong_at_end, more = respond(
            net, sequence, t, steps, loss, before, state, seen, y[t], errors[t]
        )
        wrong += wrong_at_end
        squared += more
    return wrong, wrong_at_end, squared


@guarded
def room(net: Net, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return zeros for ``states`` (steps + 1, state), ``y`` and ``errors`` (steps, outputs)."""
    states, shape = np.zeros((steps + 1, state_size(net))), (steps, output_size(net))
    return states, np.zeros(shape), np.zeros(shape)
