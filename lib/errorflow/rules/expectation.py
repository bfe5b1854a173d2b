"""Expectation and maximisation for state machines: the target goes back, not its derivative.

Y. Bengio and P. Frasconi, NIPS 6, 1994, and NIPS 7, 1995. Given the target of the last step, how
probable is each path through the states? Transitions are then made as frequent as on those paths.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline, kernel
from errorflow.core.entries import fitting, guarded
from errorflow.core.loss import compare
from errorflow.core.numerics import credit, spell, sum_of_squares
from errorflow.core.sequences import input_at, item, wanted
from errorflow.nets import output_size, read, state_size, zeros_like
from errorflow.nets.state_machine import StateMachine, symbol, transitions
from errorflow.rules import check_epochs


@fitting(nets=(StateMachine,))
class Expectation(NamedTuple):
    """EM for :class:`~errorflow.nets.state_machine.StateMachine`; targets at the last step only.

    Of a sequence: ``phi`` (T, n, n) are its transitions, ``beta`` (T + 1, n) is proportional to
    P(target | x_t), ``h`` (T, n, n) is P(x_t = i, x_{t-1} = j | target), and ``gamma`` (n,) in the
    end P(x_T | target). Of a set: ``counts`` sums up what the new weights are made of, ``ends``
    (n,) the last states, ``size`` (n,) the squared inputs in each state. ``zeta`` (2, n) and ``u``,
    an input as a vector, are scratch.
    """

    phi: Annotated[np.ndarray, ">= T, S, S"]
    beta: Annotated[np.ndarray, ">= T + 1, S"]
    gamma: Annotated[np.ndarray, "S"]
    h: Annotated[np.ndarray, ">= T, S, S"]
    zeta: Annotated[np.ndarray, "2, S"]
    y: Annotated[np.ndarray, "O"]
    errors: Annotated[np.ndarray, "O"]
    counts: Annotated[NamedTuple, "net"]
    size: Annotated[np.ndarray, "S"]
    ends: Annotated[np.ndarray, "S"]
    u: Annotated[np.ndarray, "I"]

    def epochs(self, net, data, loss, rng):
        """Train ``net`` on a set; yield (net, error, sequences) after each pass over it.

        ``error`` is half the summed squared error before the pass's changes.
        """
        check_epochs(self, net, data, loss)
        while True:
            squared = _expect(self, net, data, loss)
            _maximise(self, net)
            yield net, squared, len(data.length)


@guarded
def expectation(net: StateMachine, steps: int) -> Expectation:
    """Return :class:`Expectation` with a workspace for sequences of up to ``steps`` steps."""
    n, outputs = state_size(net), output_size(net)
    return Expectation(
        np.zeros((steps, n, n)),
        np.zeros((steps + 1, n)),
        np.zeros(n),
        np.zeros((steps, n, n)),
        np.zeros((2, n)),
        np.zeros(outputs),
        np.zeros(outputs),
        zeros_like(net),
        np.zeros(n),
        np.zeros(n),
        np.zeros(net.transition.shape[1]),
    )


@kernel
def _expect(rule, net, data, loss):
    """Fill ``rule.counts`` from a set and return half its summed squared error."""
    rule.counts.w[:] = 0.0
    rule.size[:] = 0.0
    rule.ends[:] = 0.0
    squared = 0.0
    for k in range(len(data.length)):
        sequence, steps = item(data, k)
        squared += _predict(rule, net, sequence, steps, loss)
        if _infer(rule, net, sequence, steps):
            for t in range(steps):
                _count(rule, net, input_at(sequence, t), rule.phi[t], rule.h[t])
            _count_outputs(rule, sequence, steps)
    return squared


@kernel
def _predict(rule, net, sequence, steps, loss):
    """Fill ``rule.phi`` and return half the squared error of the last step."""
    now, after = rule.zeta[0], rule.zeta[1]
    now[:] = 0.0
    now[0] = 1.0
    for t in range(steps):
        transitions(net, input_at(sequence, t), rule.phi[t])
        for i in range(len(now)):
            after[i] = 0.0
            for j in range(len(now)):
                after[i] += rule.phi[t, i, j] * now[j]
        now, after = after, now
    read(net, input_at(sequence, steps - 1), now, rule.y)
    return compare(loss, sequence, steps - 1, steps, rule.y, rule.errors)[1]


@kernel
def _infer(rule, net, sequence, steps):
    """Fill ``rule.beta`` and ``rule.h`` from ``rule.phi``; False if the target is out of reach.

    Backwards beta_j,t-1 = sum_i phi_ij,t beta_i,t, every beta_t divided by its sum. Then forwards
    h_ij,t = gamma_j,t-1 phi_ij,t beta_i,t / sum_l phi_lj,t beta_l,t: since gamma = alpha beta / L,
    this is alpha_j phi_ij beta_i / L without the small number L, so that nothing underflows.
    """
    beta, h, gamma = rule.beta, rule.h, rule.gamma
    n = len(gamma)
    for i in range(n):
        beta[steps, i] = evidence(net, sequence, steps, i)
    for t in range(steps, -1, -1):
        if t < steps:
            for j in range(n):
                beta[t, j] = 0.0
                for i in range(n):
                    beta[t, j] += rule.phi[t, i, j] * beta[t + 1, i]
        total = 0.0
        for i in range(n):
            total += beta[t, i]
        if total == 0.0:
            return False
        for i in range(n):
            beta[t, i] /= total
    gamma[:] = 0.0
    gamma[0] = 1.0
    for t in range(steps):
        for j in range(n):
            total = 0.0
            for i in range(n):
                h[t, i, j] = rule.phi[t, i, j] * beta[t + 1, i]
                total += h[t, i, j]
            for i in range(n):
                h[t, i, j] = gamma[j] * (h[t, i, j] / total) if total > 0.0 else 0.0
        for i in range(n):
            gamma[i] = 0.0
            for j in range(n):
                gamma[i] += h[t, i, j]
    return beta[0, 0] > 0.0


@inline
def _count(rule, net, x, phi, h):
    """Add what the step with input ``x`` says: h for tables, the gradient of Q for softmax nets.

    Q = sum h_ij log phi_ij; its derivative by a softmax's net input is h_ij - phi_ij sum_l h_lj.
    """
    n, counts, u = len(h), rule.counts.transition, rule.u
    if net.softmax:
        spell(x, len(u), u)
        squared = sum_of_squares(u)
    for j in range(n):
        visits = 0.0
        for i in range(n):
            visits += h[i, j]
        if visits == 0.0:
            continue
        for i in range(n):
            if net.softmax:
                credit(counts, i * n + j, x, h[i, j] - phi[i, j] * visits)
            else:
                counts[i * n + j, symbol(x)] += h[i, j]
        if net.softmax:
            rule.size[j] += visits * squared


@inline
def _count_outputs(rule, sequence, steps):
    for i in range(len(rule.gamma)):
        rule.ends[i] += rule.gamma[i]
        for k in range(len(rule.y)):
            rule.counts.output[k, i] += rule.gamma[i] * wanted(sequence, steps, k)


@kernel
def _maximise(rule, net):
    """Change the weights: every probability becomes its share of ``rule.counts``.

    A softmax net takes a step up the gradient of Q instead (GEM), the longest that is sure not to
    lower it: Q's second derivatives along the weights from state j are at most ``size[j]`` / 2.
    """
    n, counts, w = len(rule.gamma), rule.counts.transition, net.transition
    for j in range(n):
        for k in range(w.shape[1]):
            if net.softmax:
                for i in range(n):
                    if rule.size[j] > 0.0:
                        w[i * n + j, k] += counts[i * n + j, k] * (2.0 / rule.size[j])
                continue
            total = 0.0
            for i in range(n):
                total += counts[i * n + j, k]
            for i in range(n):
                if total > 0.0:
                    w[i * n + j, k] = counts[i * n + j, k] / total
    if net.emission:
        for i in range(n):
            for k in range(len(net.output)):
                if rule.ends[i] > 0.0:
                    net.output[k, i] = rule.counts.output[k, i] / rule.ends[i]


@inline
def evidence(net, sequence, steps, i):
    """Return P(target | the last state is ``i``); a single target is the probability of a 1."""
    if len(net.output) == 1:
        d, one = wanted(sequence, steps, 0), net.output[0, i]
        return d * one + (1.0 - d) * (1.0 - one)
    total = 0.0
    for k in range(len(net.output)):
        total += wanted(sequence, steps, k) * net.output[k, i]
    return total
