"""Curvatures go back as errors do, with squared weights and slopes: Becker and LeCun (1988).

h_i = f'_i^2 sum_k w_ki^2 h_k is the second derivative of half the squared error by the net input of
unit i, without all terms that may be negative or that belong to two units. A use of the weight w_ij
on the activation y_j then has the gradient theta_i y_j and the curvature h_i y_j^2.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.compiled import inline, specialise, types


class Uses(NamedTuple):
    """What the uses of weights come to; ``change`` and ``curvature`` are nets of the net's shape.

    With ``mu`` 0 gradients (minus the derivatives, for learning rate 1) and curvatures are summed;
    else ``change`` sums gradient / (curvature + ``mu``) of each use.
    """

    change: Annotated[NamedTuple, "net"]
    curvature: Annotated[NamedTuple, "net"]
    mu: float


@inline
def curve_layer(uses, W, change, curvature, x, first, y, theta, h, e_before, h_before):
    """Collect the uses of all weights ``W`` (n, m), and send errors and curvatures on.

    ``theta`` and ``h`` (n,) are those at the units' net inputs; they are added to ``e_before`` and
    ``h_before`` of the activations ``y``. The ``first`` columns belong to the input ``x``;
    ``change`` and ``curvature`` are the matrices of ``uses`` that belong to ``W``.
    """
    mu = uses.mu
    if first:
        use_input(mu, change, curvature, x, theta, h)
    for j in range(W.shape[1] - first):
        for i in range(W.shape[0]):
            w = W[i, first + j]
            e_before[j] += w * theta[i]
            h_before[j] += w * w * h[i]
        for i in range(W.shape[0]):
            gradient, curve = theta[i] * y[j], h[i] * (y[j] * y[j])
            if mu > 0.0:
                change[i, first + j] += gradient / (curve + mu)
            else:
                change[i, first + j] += gradient
                curvature[i, first + j] += curve


def use_input(mu, change, curvature, x, theta, h):
    """Collect the uses of the weights from an input: a symbol, that is a 1, or a vector."""
    by_kind = _of_symbol if np.ndim(x) == 0 else _of_vector
    by_kind(mu, change, curvature, x, theta, h)


@specialise(use_input)
def _use_input(mu, change, curvature, x, theta, h):
    return _of_vector if isinstance(x, types.Array) else _of_symbol


def _of_symbol(mu, change, curvature, x, theta, h):
    for i in range(len(theta)):
        if mu > 0.0:
            change[i, x] += theta[i] / (h[i] + mu)
        else:
            change[i, x] += theta[i]
            curvature[i, x] += h[i]


def _of_vector(mu, change, curvature, x, theta, h):
    for i in range(len(theta)):
        for j in range(len(x)):
            gradient, curve = theta[i] * x[j], h[i] * (x[j] * x[j])
            if mu > 0.0:
                change[i, j] += gradient / (curve + mu)
            else:
                change[i, j] += gradient
                curvature[i, j] += curve
