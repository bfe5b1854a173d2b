"""Claims of Section 2 about the error signal, the weight update and the learning rate."""

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.experiments.interventions import trained
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare

STEPS, UNITS, INPUTS = 8, 5, 2


def _forward(W, x):
    """Return activations (steps + 1, n); the first units are inputs."""
    y = np.zeros((len(x), len(W)))
    for t in range(1, len(x)):
        y[t] = 1.0 / (1.0 + np.exp(-(W @ y[t - 1])))
        y[t, :INPUTS] = x[t]
    return y


def _changes(W, x, d, *, printed=False, reset=None):
    """Return theta_j(tau) y^l(tau-1) for every tau, the last first; the last unit is the output."""
    y = _forward(W, x)
    slope = y * (1.0 - y)
    slope[:, :INPUTS] = 0.0
    if reset is not None:
        slope[reset] = 0.0
    theta, changes = np.zeros(len(W)), []
    for tau in range(len(x) - 1, 0, -1):
        E = np.zeros(len(W))
        E[-1] = (d[tau] - y[tau, -1]) * (slope[tau, -1] if printed else 1.0)
        theta = slope[tau] * (E + W.T @ theta)
        changes.append(np.outer(theta, y[tau - 1]))
    return np.array(changes)


def _net(seed):
    rng = np.random.default_rng(seed)
    W = 3.0 * rng.random((UNITS, UNITS)) - 1.5
    return W, rng.random((STEPS + 1, INPUTS)), rng.random(STEPS + 1)


def _numeric(W, x, d, h=1e-6):
    """Return minus the gradient of half the squared error, by central differences."""
    gradient = np.zeros_like(W)
    for index in np.ndindex(*W.shape):
        plus, minus = W.copy(), W.copy()
        plus[index] += h
        minus[index] -= h
        errors = [0.5 * np.sum((d[1:] - _forward(V, x)[1:, -1]) ** 2) for V in (plus, minus)]
        gradient[index] = -(errors[0] - errors[1]) / (2.0 * h)
    return gradient


@decides("error-signal")
def error_signal():
    distances = {True: 0.0, False: 0.0}
    for seed in range(3):
        W, x, d = _net(seed)
        wanted = _numeric(W, x, d)
        for printed in distances:
            got = _changes(W, x, d, printed=printed).sum(axis=0)
            distance = np.abs(got - wanted).max() / np.abs(wanted).max()
            distances[printed] = max(distances[printed], distance)
    return corrected(distances[True] < 1e-7, distances[False] < 1e-7)


@decides("reset")
def reset():
    W, x, d = _net(1)
    d[:-1] = _forward(W, x)[:-1, -1]
    changes = _changes(W, x, d, reset=4)
    return verdict(not changes[STEPS - 4 :].any() and changes[: STEPS - 4].any())


@decides("learning-rate")
def learning_rate():
    W, x, d = _net(2)
    sizes = np.abs(_changes(W, x, d)).max(axis=(1, 2))
    ratios = [(alpha * sizes[-1]) / (alpha * sizes[0]) for alpha in (0.1, 1.0, 10.0)]
    return verdict(max(ratios) - min(ratios) <= 1e-15 * max(ratios))


@decides("learning-rate-many")
def learning_rate_many():
    flows = []
    for rate in (1, 10):
        setup, _ = prepare(experiment(f"table2/rtrl-p4-lr{rate}"), 0)
        flows.append(trained(setup, 4, 300_000).after)
    return verdict(max(flows) < 10 * min(flows), direction=True)
