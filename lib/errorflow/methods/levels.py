"""Type (3), methods on higher levels: targets for states, and the Kalman filters."""

import numpy as np

from errorflow.core.checks import check_size
from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.methods.nets import plain
from errorflow.nets.state_machine import FORBIDDEN, state_machine
from errorflow.rules.expectation import expectation
from errorflow.rules.kalman import by_unit, kalman

KIND = "higher levels"


@method("em", kind=KIND)
def by_em(task, rng, *, chain=3, look_up=False, initial=0.5):
    """EM target propagation: a final state is wanted, one for each of two classes.

    The ``chain`` of states that ends in it can only be gone forward (NIPS 6: 3 states for the
    2-sequence problem); with 0 there are the two final states alone, and all transitions (there:
    parity). ``look_up``: real inputs are read as two symbols, by their sign. ``initial`` bounds
    softmax weights (the range of the authors' recurrent nets); tables are drawn uniformly.
    """
    check_size("chain", chain, 0)
    states = 1 + 2 * chain if chain else 2
    allowed = np.ones((states, states), dtype=bool)
    if chain:
        allowed = np.eye(states, dtype=bool) | np.eye(states, k=-1, dtype=bool)
        allowed[1 + chain] = False
        allowed[1 + chain, [0, 1 + chain]] = True
    net = _machine(task, rng, allowed, look_up, initial, emission=False)
    # The last two symbols of task 2a are the ones to be told apart.
    net.output[-1, -1] = 1.0
    if len(net.output) > 1:
        net.output[-2, chain] = 1.0
    return net, expectation(net, task.steps)


@method("iohmm", kind=KIND)
def by_iohmm(task, rng, *, states=3, look_up=True, initial=0.5):
    """The input/output hidden Markov model: what the ``states`` stand for is learned too.

    NIPS 7 has 2, 8, 7, 4, 4, 3, 3 states for Tomita's grammars; 3 is our choice for all others.
    """
    check_size("states", states)
    allowed = np.ones((states, states), dtype=bool)
    net = _machine(task, rng, allowed, look_up, initial, emission=True)
    for i in range(states):
        for k in range(len(net.output)):
            net.output[k, i] = rng.random()
        if len(net.output) > 1:
            net.output[:, i] /= sum(net.output[:, i])
    return net, expectation(net, task.steps)


def _machine(task, rng, allowed, look_up, initial, *, emission):
    """Return a state machine for ``task`` with random transitions where ``allowed`` [i, j]."""
    real, states = hasattr(task, "inputs"), len(allowed)
    if real and task.outputs != 1:
        raise ValueError(f"the task has {task.outputs} targets; this method is for one")
    low, high = getattr(task, "low", 0.0), getattr(task, "high", 1.0)
    if (low, high) != (0.0, 1.0):
        raise ValueError(f"targets are {low} and {high}; they must be 0 and 1, as probabilities")
    symbols = 2 if real else task.symbols
    inputs, outputs = (task.inputs, 1) if real else (symbols, symbols)
    softmax = real and not look_up
    net = state_machine(
        inputs if softmax else symbols, states, outputs, softmax=softmax, emission=emission
    )
    table = net.transition.reshape(states, states, -1)
    if softmax:
        fill_uniform(rng, net.transition.ravel(), -initial, initial)
        table[~allowed] = 0.0
        table[~allowed, -1] = FORBIDDEN  # the last input is always 1
    else:
        fill_uniform(rng, net.transition.ravel(), 0.0, 1.0)
        table[~allowed] = 0.0
        table /= sum(table)
    return net


@method("kalman", kind=KIND)
def by_kalman(task, rng, *, hidden=1, gamma=1.0, initial_p=100.0, R=0.1, Q=1e-4, initial=0.2):
    """The global extended Kalman filter.

    ``initial_p`` = 100 and ``Q`` = 1e-4 lie in the ranges that Puskorius and Feldkamp use; they
    anneal R from 100 to about 5; ``R`` = 0.1 is our choice, the best of 0.1, 1, 10 and 100 in a
    pilot at lags 3 and 4 with the seeds 0 to 9.
    """
    net = plain(task, rng, hidden, initial)
    return net, kalman(net, gamma=gamma, initial_p=initial_p, R=R, Q=Q)


@method("decoupled-kalman", kind=KIND)
def by_decoupled_kalman(
    task, rng, *, hidden=1, gamma=1.0, initial_p=100.0, R=0.1, Q=1e-4, initial=0.2
):
    """The decoupled filter: a covariance for the weights into each unit; constants as above."""
    net = plain(task, rng, hidden, initial)
    return net, kalman(net, by_unit(net), gamma=gamma, initial_p=initial_p, R=R, Q=Q)
