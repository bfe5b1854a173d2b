"""A holographic recurrent net: its state is convolved with a fixed key in each step.

T. A. Plate, NIPS 5, 1993. The hidden vector h has no activation function:

    h(t) = key (*) h(t-1) + V x(t),    (a (*) b)_i = sum_j a_{i-j} b_j, indices modulo H.

Each old activation so becomes a weighted sum of all. The factor by which an error goes back is the
circulant matrix of the key, whose eigenvalues are the key's discrete Fourier transform. If all of
them have the size 1 the key has unit power, and the matrix is orthogonal.
"""

from math import sqrt
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array
from errorflow.core.entries import guarded
from errorflow.core.numerics import credit, weighted
from errorflow.core.options import at_least
from errorflow.nets import describe, has, matrices, readout


@has(readout.output_size, readout.read, readout.back_read)
class Holographic(NamedTuple):
    """A linear hidden vector, and logistic outputs that see it and the inputs.

    ``hidden`` (H, I) is V, ``output`` (O, I + H) holds the weights into the outputs; ``key`` (H,)
    is fixed. The state is h.
    """

    w: np.ndarray
    hidden: Annotated[np.ndarray, "H, I"]
    output: Annotated[np.ndarray, "O, I + H"]
    key: Annotated[np.ndarray, "H"]

    def __repr__(self):
        H, I = self.hidden.shape
        return describe(self, inputs=I, hidden=H, outputs=len(self.output))

    @staticmethod
    def input_size(net):
        return net.hidden.shape[1]

    @staticmethod
    def state_size(net):
        return len(net.key)

    @staticmethod
    def step(net, x, before, state):
        """See :func:`errorflow.nets.step`; an index below 0 counts from the end, modulo H."""
        H = len(net.key)
        for i in range(H):
            state[i] = weighted(net.hidden, i, x)
            for j in range(H):
                state[i] += net.key[i - j] * before[j]

    @staticmethod
    def back_step(net, x, before, state, e, change, e_before):
        """See :func:`errorflow.nets.back_step`: a correlation with the key."""
        H = len(net.key)
        for i in range(H):
            credit(change.hidden, i, x, e[i])
        for j in range(H):
            e_before[j] = 0.0
            for i in range(H):
                e_before[j] += net.key[i - j] * e[i]


@guarded
def holographic(inputs: int, key: ArrayLike, outputs: int) -> Holographic:
    """Return a :class:`Holographic` net with that ``key`` (H,), all weights 0.

    >>> holographic(5, [0.0, 1.0], 5)
    Holographic(inputs=5, hidden=2, outputs=5, weights=45)
    """
    key = real_array("key", key).copy()
    if key.ndim != 1 or len(key) == 0:
        raise ValueError(f"key = {key}; it must be a vector of at least one finite number")
    H = len(key)
    return Holographic(*matrices((H, inputs), (outputs, inputs + H, "F")), key)


@guarded
def unit_power_key(n: Annotated[int, at_least(2)], rng: np.random.Generator) -> np.ndarray:
    """Return a random key (n,) of unit power; n must be a power of two, at least 2.

    Its Fourier transform is drawn: random signs for the two real coefficients, random phases for
    the others. Only IEEE operations are used, so a seed has the same key on every machine.
    """
    if n & (n - 1):
        raise ValueError(f"n = {n}; it must be a power of two")
    real, imaginary = np.zeros(n), np.zeros(n)
    real[0], real[n // 2] = (1.0 if rng.random() < 0.5 else -1.0 for _ in range(2))
    for k in range(1, n // 2):
        a, b = _point_of_circle(rng)
        real[k], imaginary[k], real[n - k], imaginary[n - k] = a, b, a, -b
    cosine, sine = _circle(n)
    key = np.zeros(n)
    for j in range(n):
        for k in range(n):
            at = j * k % n
            key[j] += (real[k] * cosine[at] - imaginary[k] * sine[at]) / n
    return key


def _point_of_circle(rng):
    """Return a random point of the unit circle: one of the disc, scaled."""
    while True:
        a, b = 2.0 * rng.random() - 1.0, 2.0 * rng.random() - 1.0
        square = a * a + b * b
        if 0.01 < square <= 1.0:
            return a / sqrt(square), b / sqrt(square)


def _circle(n):
    """Return the cosines and sines of 2 pi m / n for m < n, by halving a half turn."""
    angles = {0: (1.0, 0.0), n // 2: (-1.0, 0.0)}
    if n > 2:
        angles[n // 4] = (0.0, 1.0)
    m = n // 4
    while m > 1:
        c, s = angles[m]
        half = sqrt(0.5 * (1.0 + c))
        angles[m // 2] = half, s / (2.0 * half)
        m //= 2
    for m in range(n):  # m is a smaller angle and a power of two
        if m not in angles:
            power = 1 << (m.bit_length() - 1)
            (a, b), (c, d) = angles[power], angles[m - power]
            angles[m] = a * c - b * d, a * d + b * c
    return zip(*(angles[m] for m in range(n)), strict=True)
