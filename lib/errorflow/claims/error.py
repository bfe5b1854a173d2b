"""Claims of Section 2 about the error signal, the weight update and the learning rate."""

import numpy as np

from errorflow.claims import DIRECTION, claim, corrected, verdict

PAGE = "20-how-the-error-travels"
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


@claim(
    "error-signal",
    section="Section 2, conventional gradient descent",
    claim="The external error with its slope, put into the error signal, gives gradient descent.",
    kind="derivation",
    criterion="The sum of theta y equals the numeric gradient of half the squared error to 1e-7: "
    "as printed, or with the output's slope counted once.",
    page=PAGE,
)
def error_signal():
    """Compare both readings with finite differences."""
    distances = {True: 0.0, False: 0.0}
    for seed in range(3):
        W, x, d = _net(seed)
        wanted = _numeric(W, x, d)
        for printed in distances:
            got = _changes(W, x, d, printed=printed).sum(axis=0)
            distance = np.abs(got - wanted).max() / np.abs(wanted).max()
            distances[printed] = max(distances[printed], distance)
    return corrected(distances[True] < 1e-7, distances[False] < 1e-7)


@claim(
    "reset",
    section="Section 2, conventional gradient descent",
    claim="A reset of the activations sets the error signals there to zero.",
    kind="identity",
    criterion="With the slopes of the reset step 0, every weight change before it is exactly 0.",
    page=PAGE,
)
def reset():
    """Look at the changes on either side of a reset; the only error comes after it."""
    W, x, d = _net(1)
    d[:-1] = _forward(W, x)[:-1, -1]
    changes = _changes(W, x, d, reset=4)
    return verdict(not changes[STEPS - 4 :].any() and changes[: STEPS - 4].any())


@claim(
    "learning-rate",
    section="Section 2, analyzing eq. (2)",
    claim="A larger learning rate leaves the ratio of long-range to short-range error flow alone.",
    kind="identity",
    criterion="At fixed weights the parts of one update from near and from far have the same "
    "ratio, to 1e-15, for learning rates of 0.1, 1 and 10.",
    page=PAGE,
)
def learning_rate():
    """Split one update by distance, for three rates."""
    W, x, d = _net(2)
    sizes = np.abs(_changes(W, x, d)).max(axis=(1, 2))
    ratios = [(alpha * sizes[-1]) / (alpha * sizes[0]) for alpha in (0.1, 1.0, 10.0)]
    return verdict(max(ratios) - min(ratios) <= 1e-15 * max(ratios))


@claim(
    "learning-rate-many",
    section="Section 2, analyzing eq. (2)",
    claim="So a larger learning rate does not countermand the vanishing gradient.",
    kind="qualitative",
    criterion="After equally many sequences of the two-sequence task at lag 4 the flow over the "
    "lag is the same within a factor 10 for learning rates 1 and 10.",
    page=PAGE,
)
def learning_rate_many():
    """Train two nets from the same start and compare their flow."""
    from errorflow.experiments.rows import experiment
    from errorflow.experiments.run import prepare
    from errorflow.experiments.training import present

    flows = []
    for rate in (1, 10):
        (net, *rest), _ = prepare(experiment(f"table2/rtrl-p4-lr{rate}"), 0)
        symbols = np.zeros(5, dtype=np.int64)
        present(net, *rest, symbols, 0, 300_000, 0, np.empty(0))
        h, flow = 0.0, 1.0
        for t, symbol in enumerate([3, 0, 1, 2]):
            h = 1.0 / (1.0 + np.exp(-(net.hidden[0, symbol] + net.hidden[0, 5] * h)))
            flow *= h * (1.0 - h) * net.hidden[0, 5] if t else 1.0
        flows.append(abs(flow))
    return verdict(max(flows) < 10 * min(flows), otherwise=DIRECTION)
