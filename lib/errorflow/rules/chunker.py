"""The two-net chunker: C sees what A fails to predict, and A learns to do without C.

Schmidhuber, *Learning complex, extended sequences using the principle of history compression*,
Neural Computation 4(2), 1992; both nets learn by RTRL and change their weights at once.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.numerics import ADDENDS, addends, logistic, tree_sum
from errorflow.core.options import NotNegative
from errorflow.nets.hierarchy import Pair
from errorflow.nets.layered import hidden_slope
from errorflow.rules.rtrl_one_unit import carry


@fitting("net.A.hidden.shape == (1, I + 1)", "A >= O", ADDENDS, nets=(Pair,), takes=(np.ndarray,))
class Chunker(NamedTuple):
    """The rule for a :class:`~errorflow.nets.hierarchy.Pair` whose nets have one hidden unit each.

    When symbol x(t) comes, A has predicted it, and C's activation:

    1. A learns from |p_A - x(t)|^2 + |q_A - h_C|^2;
    2. if an error in p_A exceeds ``eps``, or a sequence starts, C learns from |p_C - x(t)|^2, p_C
       being what it predicted when it last read a symbol, and then reads x(t);
    3. A reads x(t).

    A learns nothing from the first symbol of a sequence, and C neither if it is reset. With
    ``C_first`` A learns q_A only after C has read x(t). With ``as_pair`` the outputs judged are C's
    wherever A fails, else always A's. ``reset`` concerns A, ``C_reset`` C.

    ``h`` (2,) holds the hidden activations of A and C, ``P`` (2, I + 1) their derivatives by the
    weights into them, ``x`` (1,) what C read last, -1 for nothing; ``inputs`` (1,) counts what C
    has read since the rule was made. The rest is scratch as in
    :class:`~errorflow.rules.rtrl_one_unit.RTRLOneUnit`, and ``measure`` too is as there: the
    squared error is A's, in predicting symbols.
    """

    alpha: NotNegative
    eps: float
    C_first: bool
    as_pair: bool
    reset: bool
    C_reset: bool
    measure: bool
    h: Annotated[np.ndarray, "2"]
    P: Annotated[np.ndarray, "2, I + 1"]
    x: Annotated[np.ndarray, "1", Within("-1 .. I - 1")]
    inputs: Annotated[np.ndarray, "1", Within("0 .. 2 ** 62")]
    product: Annotated[np.ndarray, "A"]
    errors: Annotated[np.ndarray, "A"]
    target: Annotated[np.ndarray, "A"]

    @staticmethod
    def learn(rule, net, sequence, steps, loss):
        A, C, alpha, h = net.A, net.C, rule.alpha, rule.h
        P_A, P_C = rule.P[0], rule.P[1]
        scratch = rule.product, rule.errors, rule.target
        rule.target[: len(C.output)] = loss.low
        if rule.reset:
            h[0] = 0.0
            P_A[:] = 0.0
        if rule.C_reset:
            h[1] = 0.0
            P_C[:] = 0.0
            rule.x[0] = -1
        wrong, wrong_at_end, squared, e, e_C = 0, 0, 0.0, 0.0, 0.0
        if rule.x[0] >= 0:
            _, _, e_C = correct(C, rule.x[0], h[1], sequence[0], rule.eps, alpha, loss, scratch)
        h[1] = receive(C, sequence[0], h[1], P_C, alpha * e_C)
        rule.x[0] = sequence[0]
        rule.inputs[0] += 1
        for t in range(steps):
            x, d = sequence[t], sequence[t + 1]
            h[0] = receive(A, x, h[0], P_A, alpha * e)
            wrong_at_end, failed, e = correct(A, x, h[0], d, rule.eps, alpha, loss, scratch)
            if rule.measure:
                for k in range(len(C.output)):
                    rule.errors[k] *= rule.errors[k]
                squared += 0.5 * tree_sum(rule.errors)
            if not rule.C_first:
                e += reproduce(A, x, h[0], h[1], alpha, loss)
            if failed:
                wrong_C, _, e_C = correct(C, rule.x[0], h[1], d, rule.eps, alpha, loss, scratch)
                h[1] = receive(C, d, h[1], P_C, alpha * e_C)
                rule.x[0] = d
                rule.inputs[0] += 1
                if rule.as_pair:
                    wrong_at_end = wrong_C
            if rule.C_first:
                e += reproduce(A, x, h[0], h[1], alpha, loss)
            wrong += wrong_at_end
        carry(A.hidden[0], P_A, alpha * e, 1.0)
        return wrong, wrong_at_end, squared


@inline
def receive(net, x, h, P, e):
    """Change the weights into the hidden unit as ``e`` calls for, then read ``x`` in state ``h``.

    Returns the new state, and carries its derivatives ``P`` over the step.
    """
    hidden, own = net.hidden[0], len(P) - 1
    # The changes of the two weights needed now; carry() makes all of them.
    own_weight = hidden[own] + e * P[own]
    y = logistic(hidden[x] + e * P[x] + own_weight * h)
    state = net.low + (net.high - net.low) * y
    slope = hidden_slope(net, state)
    carry(hidden, P, e, slope * own_weight)
    P[x] += slope
    P[own] += slope * h
    return state


@inline
def correct(net, x, h, d, eps, alpha, loss, scratch):
    """Change the weights into the outputs for symbols, that saw ``x`` and ``h``, for target ``d``.

    Returns (errors of at least the loss's tolerance, errors above ``eps``, error sent back to the
    hidden unit); the errors are left in the scratch.
    """
    product, errors, target = scratch
    own = net.hidden.shape[1] - 1
    from_input, from_hidden = net.output[:, x], net.output[:, own]
    target[d] = loss.high
    wrong, failed = 0, 0
    for k in range(own):
        weight = from_hidden[k]
        out = logistic(from_input[k] + weight * h)
        error = target[k] - out
        errors[k] = error
        wrong += abs(error) >= loss.tolerance
        failed += abs(error) > eps
        theta = error * (loss.slope * (out * (1.0 - out)) + loss.offset)
        product[k] = weight * theta
        from_input[k] += alpha * theta
        from_hidden[k] = weight + alpha * (theta * h)
    target[d] = loss.low
    return wrong, failed, tree_sum(product)


@inline
def reproduce(net, x, h, target, alpha, loss):
    """Change the weights into the extra output, the last; return the error it sends back."""
    k, own = len(net.output) - 1, net.hidden.shape[1] - 1
    weight = net.output[k, own]
    out = logistic(net.output[k, x] + weight * h)
    theta = (target - out) * (loss.slope * (out * (1.0 - out)) + loss.offset)
    net.output[k, x] += alpha * theta
    net.output[k, own] = weight + alpha * (theta * h)
    return weight * theta


@guarded
def chunker(
    net: Pair,
    alpha: NotNegative,
    *,
    eps: float = 0.25,
    C_first: bool = False,
    as_pair: bool = False,
    reset: bool = True,
    C_reset: bool = True,
    measure: bool = False,
) -> Chunker:
    """Return :class:`Chunker` with a workspace for ``net``, a :class:`Pair` of nets with H = 1."""
    if len(net.A.hidden) != 1:
        raise ValueError(f"A has {len(net.A.hidden)} hidden units; this rule is for exactly 1")
    options = alpha, eps, C_first, as_pair, reset, C_reset
    state = np.zeros(2), np.zeros((2, net.A.hidden.shape[1]))
    counts = np.full(1, -1), np.zeros(1, dtype=np.int64)
    scratch = addends(3, len(net.C.output))
    return Chunker(*options, measure, *state, *counts, *scratch)
