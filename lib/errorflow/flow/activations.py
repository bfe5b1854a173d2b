"""The activation functions of Section 2's nets, with their slopes: in numpy and in kernels."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import inline
from errorflow.core.numerics import exp, logistic, tanh
from errorflow.core.options import Count


class Activation(NamedTuple):
    """An activation function ``f`` and its ``slope`` f', both of the net input, with max f'.

    ``kind`` is its number in kernels. Units that saturate have the slope of the logistic function
    at ``steepness`` times the net input, or a multiple of it; for all others ``steepness`` is 0.
    """

    name: str
    kind: Count
    f: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    max_slope: float
    steepness: float


def _logistic(net):
    return 0.5 * (1.0 + np.tanh(0.5 * net))


def _logistic_slope(net):
    small = np.exp(-np.abs(net))  # unlike y (1 - y) it does not round to 0 where y rounds to 1
    return small / (1.0 + small) ** 2


def _tanh_slope(net):
    return 4.0 * _logistic_slope(2.0 * net)


def _relu(net):
    return np.maximum(net, 0.0)


def _relu_slope(net):
    return 1.0 * (net > 0.0)


def _linear(net):
    return net


_LOGISTIC, _TANH, _RELU, _LINEAR = range(4)
LOGISTIC = Activation("logistic", _LOGISTIC, _logistic, _logistic_slope, 0.25, 1.0)
TANH = Activation("tanh", _TANH, np.tanh, _tanh_slope, 1.0, 2.0)
RELU = Activation("relu", _RELU, _relu, _relu_slope, 1.0, 0.0)
LINEAR = Activation("linear", _LINEAR, _linear, np.ones_like, 1.0, 0.0)
ACTIVATIONS = {a.name: a for a in (LOGISTIC, TANH, RELU, LINEAR)}


def check_activation(activation: Activation) -> None:
    """Raise a ``ValueError`` for an activation function that kernels do not have."""
    if not isinstance(activation, Activation) or activation not in ACTIVATIONS.values():
        name = getattr(activation, "name", activation)
        raise ValueError(f"activation {name!r} is unknown; it must be {', '.join(ACTIVATIONS)}")


@inline
def activate(kind, x):
    """Return f(x)."""
    if kind == _LOGISTIC:
        return logistic(x)
    if kind == _TANH:
        return tanh(x)
    return max(x, 0.0) if kind == _RELU else x


@inline
def slope_at(kind, x):
    """Return f'(x)."""
    if kind == _LOGISTIC:
        small = exp(-abs(x))
        return small / ((1.0 + small) * (1.0 + small))
    if kind == _TANH:
        small = exp(-2.0 * abs(x))
        return 4.0 * small / ((1.0 + small) * (1.0 + small))
    return 1.0 if kind == _LINEAR or x > 0.0 else 0.0
