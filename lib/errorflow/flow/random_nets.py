"""Random nets of Section 2: uniform weights, and the slopes of the running net."""

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.options import Count, Positive
from errorflow.flow.activations import LOGISTIC, Activation
from errorflow.flow.forward import trajectory


@guarded
def uniform_weights(
    rng: np.random.Generator, shape: tuple[int, ...], w_max: Positive, *, same_sign: bool = False
) -> np.ndarray:
    """Return weights uniform in [-w_max, w_max), or in [0, w_max) with ``same_sign``.

    ``shape`` is (n, n) for a net, (.., n, n) for many and (n,) for biases. Raises ``ValueError``
    for sizes that are no integers of at least 1 and a w_max that is not positive.
    """
    W = w_max * rng.random(shape)
    return W if same_sign else 2.0 * W - w_max


@guarded
def random_net(
    rng: np.random.Generator,
    n: int,
    w_max: Positive,
    q: int,
    *,
    count: int | None = None,
    same_sign: bool = False,
    warm_up: Count = 50,
    activation: Activation = LOGISTIC,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(W, slopes)``: a random net and its slopes over ``q`` steps, after a warm-up.

    Weights are those of :func:`uniform_weights`; the first activations are uniform in [0, 1), and
    there is no bias. ``W`` is (n, n), ``slopes`` (q, n); with a ``count`` they are (count, n, n)
    and (count, q, n). Raises ``ValueError`` for sizes that are no integers of at least 1 and a
    w_max that is not positive.
    """
    many = () if count is None else (count,)
    W = uniform_weights(rng, (*many, n, n), w_max, same_sign=same_sign)
    start = rng.random((*many, n))
    _, slopes = trajectory(W, start, warm_up + q, activation=activation)
    return W, slopes[..., :q, :]
