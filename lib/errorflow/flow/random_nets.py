"""Random nets of Section 2: uniform weights, and the slopes of the running net."""

import math

import numpy as np

from errorflow.core.checks import check_size
from errorflow.flow.activations import LOGISTIC, Activation
from errorflow.flow.forward import trajectory


def uniform_weights(
    rng: np.random.Generator, shape: tuple[int, ...], w_max: float, *, same_sign: bool = False
) -> np.ndarray:
    """Return weights uniform in [-w_max, w_max), or in [0, w_max) with ``same_sign``.

    ``shape`` is (n, n) for a net, (.., n, n) for many and (n,) for biases. Raises ``ValueError``
    for sizes that are no integers of at least 1 and a w_max that is not positive.
    """
    for size in shape:
        check_size("n", size)
    if not (w_max > 0 and math.isfinite(w_max)):
        raise ValueError(f"w_max = {w_max}; it must be a number above 0")
    W = w_max * rng.random(shape)
    return W if same_sign else 2.0 * W - w_max


def random_net(
    rng: np.random.Generator,
    n: int,
    w_max: float,
    q: int,
    *,
    count: int | None = None,
    same_sign: bool = False,
    warm_up: int = 50,
    activation: Activation = LOGISTIC,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(W, slopes)``: a random net and its slopes over ``q`` steps, after a warm-up.

    Weights are those of :func:`uniform_weights`; the first activations are uniform in [0, 1), and
    there is no bias. ``W`` is (n, n), ``slopes`` (q, n); with a ``count`` they are (count, n, n)
    and (count, q, n). Raises ``ValueError`` for sizes that are no integers of at least 1 and a
    w_max that is not positive.
    """
    many = () if count is None else (count,)
    for name, size in zip(("n", "q", "count"), (n, q, *many), strict=False):
        check_size(name, size)
    check_size("warm_up", warm_up, 0)
    W = uniform_weights(rng, (*many, n, n), w_max, same_sign=same_sign)
    start = rng.random((*many, n))
    _, slopes = trajectory(W, start, warm_up + q, activation=activation)
    return W, slopes[..., :q, :]
