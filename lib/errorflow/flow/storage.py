"""What a net still knows of its first input after many steps of noise."""

import math

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.entries import guarded
from errorflow.core.options import NotNegative
from errorflow.flow.activations import LOGISTIC, Activation
from errorflow.flow.checks import checked_drive, checked_weights
from errorflow.flow.forward import trajectory


@guarded
def storage(
    W: ArrayLike,
    inputs: ArrayLike,
    steps: int,
    *,
    noise: NotNegative,
    rng: np.random.Generator,
    runs: int = 200,
    activation: Activation = LOGISTIC,
    bias: ArrayLike = 0.0,
    start: ArrayLike = 0.0,
) -> np.ndarray:
    """Return how often it can be told which of two inputs came first, after 1 .. ``steps`` steps.

    The net is reset to ``start``, reads one row of ``inputs`` (2, n) in its first step and then
    nothing but noise: every net input gets a number drawn from [-sqrt(3) noise, sqrt(3) noise) in
    every step, whose standard deviation is ``noise``. Half of the runs give the mean activations
    for each input and step, the other half is assigned to the nearer mean. The result (steps,) is
    the share that is assigned rightly: 1 is stored, 1/2 is lost (a draw counts 1/2). ``bias`` and
    ``start`` are numbers or (n,). Costs O(runs steps n^2). Raises ``ValueError`` for what does not
    fit, noise < 0, runs that are not a multiple of 4, and activations that overflow.
    """
    W, inputs = checked_weights(W), real_array("inputs", inputs)
    n = W.shape[-1]
    bias = checked_drive(bias, steps, n)
    if inputs.shape != (2, n):
        raise ValueError(f"inputs has shape {inputs.shape}; it must be (2, {n}), one for each case")
    start = real_array("start", start)
    for name, value in (("bias", bias), ("start", start)):
        if np.shape(value) not in ((), (n,)):
            shape = np.shape(value)
            raise ValueError(f"{name} {shape} does not fit; it must be a number or ({n},)")
    if runs < 4 or runs % 4:
        raise ValueError(f"runs = {runs}; it must be a multiple of 4: two inputs, fit and score")
    amplitude = math.sqrt(3.0) * noise
    drive = bias + amplitude * (2.0 * rng.random((runs, steps, n)) - 1.0)
    drive[:, 0] += np.tile(inputs, (runs // 2, 1))  # run r reads inputs[r % 2]
    activations, _ = trajectory(
        W, np.broadcast_to(start, (n,)), steps, activation=activation, drive=drive
    )
    overflown = ~(np.abs(activations).max(axis=(0, 2)) < 1e100)[::-1]
    if overflown.any():
        raise ValueError(f"activations overflow after {overflown.argmax() + 1} steps; take fewer")
    cases = activations[:, ::-1].reshape(2, runs // 4, 2, steps, n)  # half, run, input, step, unit
    means = cases[0].mean(axis=0)
    difference, middle = means[1] - means[0], means.mean(axis=0)
    side = ((cases[1] - middle) * difference).sum(axis=-1)
    right = 0.5 * (1.0 + np.sign(side) * np.array([[-1.0], [1.0]]))
    return right.mean(axis=(0, 1))
