"""Cascade-correlation, recurrent: hidden units are trained one by one and frozen.

S. E. Fahlman and C. Lebiere, NIPS 2, 1990 (what is done), Fahlman, NIPS 3, 1991 (recurrent units),
and the constants of Fahlman's public-domain program, here [program]. Errors are y - d, as there.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from errorflow.compiled import inline, kernel
from errorflow.nets import read, step
from errorflow.nets.cascade import sigmoid, sigmoid_slope
from errorflow.numerics import fill_uniform
from errorflow.rules import compare
from errorflow.rules.quickprop import quickprop

POOL = 8
"""So many candidates compete to become the next unit: [NIPS 3]. A constant, for vectors' sake."""

WEIGHTS, MULTIPLIER = 1.0, 1.0
"""First weights are drawn from [-WEIGHTS, WEIGHTS]; those of a new unit to the outputs are minus
its correlations times MULTIPLIER: [program]."""

OUTPUTS, CORRELATIONS, CANDIDATES = range(3)
"""The kinds of epochs."""


class Phase(NamedTuple):
    """How long and with which quickprop the outputs, or the candidates, are trained.

    At most ``epochs`` epochs, and until the value that is watched has not changed by the fraction
    ``change`` in ``patience`` epochs. ``epsilon`` is divided by the number of predictions in the
    set, and for candidates by that of the units that they see; ``decay`` times the weight is added
    to its slope.
    """

    epsilon: float
    mu: float
    decay: float
    patience: int
    change: float
    epochs: int


OF_OUTPUTS = Phase(epsilon=0.35, mu=2.0, decay=1e-4, patience=8, change=0.01, epochs=100)
OF_CANDIDATES = Phase(epsilon=1.0, mu=2.0, decay=0.0, patience=8, change=0.03, epochs=100)
"""The constants of [program]; its examples have 100 epochs."""


class CascadeCorrelation(NamedTuple):
    """The rule for :class:`~errorflow.nets.cascade.Cascade`, with its workspace.

    A set has P predictions, in the order of its strings. ``values`` (P, 1 + I + M) holds what
    outputs and candidates see at each of them: bias, inputs, hidden units; ``E`` (P, O) the errors
    times the outputs' slopes. Output weights have ``slopes``, ``previous`` slopes and ``steps``.
    Columns of ``c`` are the weights of a candidate, in the order of ``net.hidden``'s rows, with
    ``c_slopes``, ``c_previous`` and ``c_steps``; ``D`` is dV/dw. ``correlations`` (2, O, POOL) are
    the last ones and those being summed, ``units`` (5, POOL) V, its next value, slope, net input
    and dS/dV, ``best`` (1,) the best candidate.
    """

    outputs: Phase
    candidates: Phase
    values: np.ndarray
    E: np.ndarray
    y: np.ndarray
    errors: np.ndarray
    slopes: np.ndarray
    previous: np.ndarray
    steps: np.ndarray
    c: np.ndarray
    c_slopes: np.ndarray
    c_previous: np.ndarray
    c_steps: np.ndarray
    D: np.ndarray
    correlations: np.ndarray
    units: np.ndarray
    mean: np.ndarray
    best: np.ndarray

    def epochs(self, net, symbols, length, loss, rng):
        """Train ``net`` on a set of strings; yield (net, error) after each epoch.

        ``symbols`` (strings, longest) and ``length`` (strings,) are the set; ``error`` is half the
        summed squared error before the epoch's changes, None for an epoch of candidates, which
        leaves the net as it is. Ends when the last unit that there is room for has been installed.
        """
        first = 1 + net.inputs
        random = np.empty(len(net.output) * first)
        fill_uniform(rng, random, -WEIGHTS, WEIGHTS)
        net.output[:, :first] = random.reshape(-1, first)
        for array in (self.previous, self.steps):
            array[:] = 0.0
        while net.units < len(net.hidden):
            remember(self, net, symbols, length)
            run = partial(epoch, self, net, symbols, length, loss)
            for error in until_stagnant(self.outputs, run, OUTPUTS, self.outputs.patience):
                yield net, error
            seen = first + net.units
            random = np.empty(POOL * (seen + 1))
            fill_uniform(rng, random, -WEIGHTS, WEIGHTS)
            self.c[: seen + 1] = random.reshape(POOL, -1).T
            for array in (self.c_previous, self.c_steps):
                array[:] = 0.0
            run(CORRELATIONS)
            yield net, None
            # The best score must have changed once before it can be called stagnant.
            for _ in until_stagnant(self.candidates, run, CANDIDATES, self.candidates.epochs):
                yield net, None
            net = install(self, net)


def cascade_correlation(net, length, *, outputs=OF_OUTPUTS, candidates=OF_CANDIDATES):
    """Return :class:`CascadeCorrelation` with a workspace for ``net`` and strings of ``length``."""
    P, (O, columns) = int(np.sum(length - 1)), net.output.shape
    weights = [np.zeros((columns, O)) for _ in range(3)]
    candidate = [np.zeros((columns + 1, POOL)) for _ in range(5)]
    return CascadeCorrelation(
        outputs,
        candidates,
        np.zeros((P, columns)),
        np.zeros((P, O)),
        np.zeros(-(-O // 8) * 8),  # a multiple of 8 goes through tanh in vectors
        np.zeros(O),
        *weights,
        *candidate,
        np.zeros((2, O, POOL)),
        np.zeros((5, POOL)),
        np.zeros(O),
        np.zeros(1, dtype=np.int64),
    )


def until_stagnant(phase, run, kind, wait):
    """Run epochs of that ``kind`` and yield the watched value of each, until it stagnates.

    It may do so after ``wait`` epochs at the earliest.
    """
    last, end = None, wait
    for done in range(1, phase.epochs + 1):
        value = run(kind)
        yield value
        if last is None:
            last = value
        elif abs(value - last) > last * phase.change:
            last, end = value, done + phase.patience
        elif done >= end:
            return


def install(rule, net):
    """Return ``net`` with the best candidate as its next unit; they share their arrays."""
    h, best = net.units, rule.best[0]
    seen = 1 + net.inputs + h
    net.hidden[h, : seen + 1] = rule.c[: seen + 1, best]
    net.output[:, seen] = -MULTIPLIER * rule.correlations[0, :, best]
    return net._replace(units=h + 1)


@kernel
def remember(rule, net, symbols, length):
    """Write what outputs and candidates see, at each prediction, into ``rule.values``."""
    first = net.hidden.shape[1] - net.hidden.shape[0]
    at_rest, p = np.zeros(net.hidden.shape[0]), 0
    for row in range(len(length)):
        before = at_rest
        for t in range(length[row] - 1):
            seen = rule.values[p]
            seen[0] = 1.0
            for i in range(1, first):
                seen[i] = net.off
            seen[1 + symbols[row, t]] = net.on
            step(net, symbols[row, t], before, seen[first:])
            before = seen[first:]
            p += 1


@kernel
def epoch(rule, net, symbols, length, loss, kind):
    """Go through the set once; return the watched value: the squared error, or the best score."""
    if kind == OUTPUTS:
        return output_epoch(rule, net, symbols, length, loss)
    if kind == CORRELATIONS:
        centre(rule)
    seen = net.hidden.shape[1] - net.hidden.shape[0] + net.units
    candidates_pass(rule, net, length, seen)
    if kind == CANDIDATES:
        climb(rule, seen)
    return score(rule)


@inline
def output_epoch(rule, net, symbols, length, loss):
    """Train the output weights; return half the summed squared error before they change."""
    E, y, errors, slopes = rule.E, rule.y, rule.errors, rule.slopes
    O, first = len(errors), net.hidden.shape[1] - net.hidden.shape[0]
    seen = first + net.units
    slopes[:] = 0.0
    squared, p = 0.0, 0
    for row in range(len(length)):
        string, steps = symbols[row], length[row] - 1
        for t in range(steps):
            values = rule.values[p]
            read(net, string[t], values[first:], y)
            _, more = compare(loss, string, t, steps, y, errors)
            squared += more
            for k in range(O):
                E[p, k] = -errors[k] * (loss.slope * sigmoid_slope(net, y[k]) + loss.offset)
            for j in range(seen):
                for k in range(O):
                    slopes[j, k] += E[p, k] * values[j]
            p += 1
    epsilon, decay = rule.outputs.epsilon / p, rule.outputs.decay
    for j in range(seen):
        for k in range(O):
            slope = slopes[j, k] + decay * net.output[k, j]
            rule.steps[j, k] = quickprop(
                slope, rule.previous[j, k], rule.steps[j, k], epsilon, rule.outputs.mu
            )
            rule.previous[j, k] = slope
            net.output[k, j] += rule.steps[j, k]
    return squared


@inline
def centre(rule):
    """Subtract each output's mean error and divide by the sum of all squares.

    The errors are those of the last output epoch, before its changes. Divided, they are of the
    same size in every phase, and so is S: [program].
    """
    E, mean = rule.E, rule.mean
    P, O = E.shape
    mean[:] = 0.0
    squares = 0.0
    for p in range(P):
        for k in range(O):
            mean[k] += E[p, k]
            squares += E[p, k] * E[p, k]
    for p in range(P):
        for k in range(O):
            E[p, k] = (E[p, k] - mean[k] / P) / squares


@inline
def candidates_pass(rule, net, length, seen):
    """Sum the correlations of V with the errors, and the slopes dS/dw, over the set.

    V(t) = f(sum of w_i I_i(t) + w_s V(t-1)), dV/dw_i = f' (I_i(t) + w_s dV/dw_i of t-1), and
    dV/dw_s = f' (V(t-1) + w_s dV/dw_s of t-1). Since the errors have mean 0, the correlation is
    the sum of V E. Its sign in dS/dw is that of the last epoch, which saves a pass: [program].
    """
    c, D, E, slopes = rule.c, rule.D, rule.E, rule.c_slopes
    V, V_next, slope, total, by_V = (
        rule.units[0], rule.units[1], rule.units[2], rule.units[3], rule.units[4]
    )  # fmt: skip
    last, correlations = rule.correlations[0], rule.correlations[1]
    w_s = c[seen]
    slopes[: seen + 1] = 0.0
    correlations[:] = 0.0
    p = 0
    for row in range(len(length)):
        V[:] = 0.0
        D[: seen + 1] = 0.0
        for _ in range(length[row] - 1):
            values = rule.values[p]
            for u in range(POOL):
                total[u] = 0.0
            for j in range(seen):
                for u in range(POOL):
                    total[u] += c[j, u] * values[j]
            for u in range(POOL):
                V_next[u] = sigmoid(net, total[u] + w_s[u] * V[u])
                slope[u] = sigmoid_slope(net, V_next[u])
                by_V[u] = 0.0
            for k in range(E.shape[1]):
                for u in range(POOL):
                    correlations[k, u] += V_next[u] * E[p, k]
                    by_V[u] += -E[p, k] if last[k, u] < 0.0 else E[p, k]
            for j in range(seen + 1):
                for u in range(POOL):
                    into = V[u] if j == seen else values[j]
                    D[j, u] = slope[u] * (into + w_s[u] * D[j, u])
                    slopes[j, u] += by_V[u] * D[j, u]
            for u in range(POOL):
                V[u] = V_next[u]
            p += 1


@inline
def climb(rule, seen):
    """Change the candidates' weights by quickprop, downhill on -S."""
    epsilon, decay = rule.candidates.epsilon / (len(rule.E) * seen), rule.candidates.decay
    for j in range(seen + 1):
        for u in range(POOL):
            slope = -rule.c_slopes[j, u] + decay * rule.c[j, u]
            rule.c_steps[j, u] = quickprop(
                slope, rule.c_previous[j, u], rule.c_steps[j, u], epsilon, rule.candidates.mu
            )
            rule.c_previous[j, u] = slope
            rule.c[j, u] += rule.c_steps[j, u]


@inline
def score(rule):
    """Keep the correlations just summed, note the best candidate, and return its S."""
    rule.correlations[0] = rule.correlations[1]
    best_score = 0.0
    rule.best[0] = 0
    for u in range(POOL):
        S = 0.0
        for k in range(rule.correlations.shape[1]):
            S += abs(rule.correlations[0, k, u])
        if best_score < S:
            best_score = S
            rule.best[0] = u
    return best_score
