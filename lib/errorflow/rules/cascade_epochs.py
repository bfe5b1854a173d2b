"""The epochs of :mod:`errorflow.rules.cascade_correlation`: what is computed in a pass over a set.

Where the papers leave a detail to Fahlman's public-domain program it is marked [program].
"""

import numpy as np

from errorflow.core.compiled import inline, kernel
from errorflow.core.loss import compare
from errorflow.nets import read, step
from errorflow.nets.cascade import sigmoid, sigmoid_slope
from errorflow.rules.quickprop import quickprop

POOL = 8
"""So many candidates compete to become the next unit, as in the 1991 paper. A constant: loops over
it need no counter."""

OUTPUTS, CORRELATIONS, CANDIDATES = range(3)
"""The kinds of epochs."""


@kernel
def _remember(rule, net, symbols, length):
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
def _epoch(rule, net, symbols, length, loss, kind):
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
    same size in every phase, and so is S: [program], which however subtracts one mean over all
    outputs; the papers' formula has one for each.
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
