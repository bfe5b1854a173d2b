"""Curvatures go back as errors do, with squared weights and slopes: Becker and LeCun (1988).

h_i = f'_i^2 sum_k w_ki^2 h_k is the second derivative of half the squared error by the net input of
unit i, without all terms that may be negative or that belong to two units. A use of the weight w_ij
on the activation y_j then has the gradient theta_i y_j and the curvature h_i y_j^2.
"""

from typing import NamedTuple

from errorflow.compiled import inline, specialise, types


class Uses(NamedTuple):
    """What the uses of weights come to; ``change`` and ``curvature`` are nets of the net's shape.

    Gradients (minus the derivatives, for learning rate 1) and curvatures are summed; or, with
    ``each``, ``change`` sums gradient / (curvature + ``mu``) of each use.
    """

    change: NamedTuple
    curvature: NamedTuple
    mu: float
    each: bool


@inline
def use(uses, change, curvature, i, j, y, theta, h):
    """Collect that weight [i, j] was used on the activation y, with error and curvature at i."""
    if uses.each:
        change[i, j] += theta * y / (h * (y * y) + uses.mu)
    else:
        change[i, j] += theta * y
        curvature[i, j] += h * (y * y)


def use_input(uses, change, curvature, i, x, theta, h):
    """Collect the uses of the weights from an input, a symbol or a vector, to unit i."""
    return _of_vector(uses, change, curvature, i, x, theta, h)


@specialise(use_input)
def _use_input(uses, change, curvature, i, x, theta, h):
    return _of_vector if isinstance(x, types.Array) else _of_symbol


def _of_symbol(uses, change, curvature, i, x, theta, h):
    use(uses, change, curvature, i, x, 1.0, theta, h)


def _of_vector(uses, change, curvature, i, x, theta, h):
    for j in range(len(x)):
        use(uses, change, curvature, i, j, x[j], theta, h)


@inline
def curve_unit(uses, W, change, curvature, i, x, first, y, theta, h, e_before, h_before):
    """Collect the uses of row i of ``W``, and send error and curvature on to the activations ``y``.

    ``first`` is the number of weights from inputs; ``change`` and ``curvature`` belong to ``W``.
    """
    if first:
        use_input(uses, change, curvature, i, x, theta, h)
    for j in range(W.shape[1] - first):
        w = W[i, first + j]
        use(uses, change, curvature, i, first + j, y[j], theta, h)
        e_before[j] += w * theta
        h_before[j] += w * w * h
