"""Elementary functions and sums that give the same bits on every machine, and vectorise.

No call into a maths library, no reassociation, no fused multiply-add: only IEEE additions,
multiplications and one division, in a fixed order.
"""

import numpy as np

from errorflow.core.checks import check_size, check_vector
from errorflow.core.compiled import bits_to_float, float_to_bits, inline, kernel, specialise, types
from errorflow.core.entries import guarded
from errorflow.core.options import Count

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, kept in the low bits
_P0, _P1, _P2 = 1.26177193074810590878e-4, 3.02994407707441961300e-2, 9.99999999999999999910e-1
_Q0, _Q1 = 3.00198505138664455042e-6, 2.52448340349684104192e-3
_Q2, _Q3 = 2.27265548208155028766e-1, 2.00000000000000000005e0


@inline
def _parts(x):
    """Return a, b, s with exp(x) = s a / b, |x| <= 708, by the rational form of Cephes."""
    shifted = x * _LOG2E + _ROUND
    k = shifted - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    rr = r * r
    p = r * ((_P0 * rr + _P1) * rr + _P2)
    q = ((_Q0 * rr + _Q1) * rr + _Q2) * rr + _Q3
    scale = bits_to_float((float_to_bits(shifted) + 1023) << 52)
    return q + p, q - p, scale


@inline
def exp(x):
    """Return e**x for a number x, clipped to [-708, 708] first."""
    a, b, scale = _parts(min(max(x, -708.0), 708.0))
    return scale * (a / b)


@inline
def logistic(x):
    """Return 1 / (1 + e**-x), with a single division."""
    a, b, scale = _parts(min(max(-x, -708.0), 708.0))
    return b / (b + scale * a)


@inline
def tanh(x):
    """Return (1 - e**-2x) / (1 + e**-2x), with a single division."""
    a, b, scale = _parts(min(max(-2.0 * x, -708.0), 708.0))
    return (b - scale * a) / (b + scale * a)


@inline
def tree_sum(v):
    """Return the sum of ``v``, whose length is 8 times a power of two, by halves; overwrites it."""
    n = len(v)
    while n > 32:  # three times by halves in one pass: what is between them stays in registers
        n //= 8
        for i in range(n):
            a = (v[i] + v[4 * n + i]) + (v[2 * n + i] + v[6 * n + i])
            b = (v[n + i] + v[5 * n + i]) + (v[3 * n + i] + v[7 * n + i])
            v[i] = a + b
    while n > 8:
        n //= 2
        for i in range(n):
            v[i] += v[n + i]
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))


ADDENDS = "A % 8 == 0 and not A // 8 & A // 8 - 1"
"""The lengths A of such vectors."""


@guarded
def addends(rows: int, n: Count) -> np.ndarray:
    """Return ``rows`` vectors of zeros for :func:`tree_sum`, with room for ``n`` values each."""
    size = 8
    while size < n:
        size *= 2
    return aligned_zeros(rows, size)


def aligned_zeros(*shape: int) -> np.ndarray:
    """Return zeros that begin at a cache line: vectors that cross lines cost a seventh more."""
    for size in shape:
        check_size("size", size, 0)
    line = 64
    n = int(np.prod(shape))
    raw = np.zeros(n + line // 8)
    first = -raw.__array_interface__["data"][0] % line // 8
    return raw[first : first + n].reshape(shape)


@inline
def sum_of_squares(values):
    """Return the sum of squares, in four interleaved partial sums: no chain of additions waits."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    n = len(values)
    for i in range(0, n - 3, 4):
        a += values[i] * values[i]
        b += values[i + 1] * values[i + 1]
        c += values[i + 2] * values[i + 2]
        d += values[i + 3] * values[i + 3]
    for i in range(n - n % 4, n):
        a += values[i] * values[i]
    return (a + b) + (c + d)


def weighted(W, i, x):
    """Return what input ``x`` brings to unit i: a symbol ``W[i, x]``, a vector the sum of its own.

    A symbol is an integer, a vector of inputs a one-dimensional array.
    """
    return W[i, x] if np.ndim(x) == 0 else _dot_row(W, i, x)


def credit(change, i, x, theta):
    """Add to row i of ``change`` what an error ``theta`` at unit i makes of its input weights."""
    if np.ndim(x) == 0:
        change[i, x] += theta
    else:
        _add_to_row(change, i, x, theta)


def spell(x, n, vector):
    """Write input ``x`` into the first ``n`` of ``vector``: itself, or a 1 at a symbol's place."""
    if np.ndim(x) == 0:
        _one_hot(x, n, vector)
    else:
        _copy(x, n, vector)


def _one_hot(x, n, vector):
    for m in range(n):
        vector[m] = 0.0
    vector[x] = 1.0


def _copy(x, n, vector):
    for m in range(n):
        vector[m] = x[m]


def _dot_row(W, i, x):
    total = 0.0
    for j in range(len(x)):
        total += W[i, j] * x[j]
    return total


def _add_to_row(change, i, x, theta):
    for j in range(len(x)):
        change[i, j] += theta * x[j]


@specialise(weighted)
def _weighted(W, i, x):
    return _dot_row if isinstance(x, types.Array) else lambda W, i, x: W[i, x]


@specialise(credit)
def _credit(change, i, x, theta):
    def of_symbol(change, i, x, theta):
        change[i, x] += theta

    return _add_to_row if isinstance(x, types.Array) else of_symbol


@specialise(spell)
def _spell(x, n, vector):
    return _copy if isinstance(x, types.Array) else _one_hot


@inline
def net_inputs(W, x, first, y, net):
    """Write into ``net[i]`` what input ``x`` brings, and the sum of ``W[i, first + j] y[j]``.

    ``y`` are activations; with ``first`` = 0 there are no weights from inputs. Four units go
    through together, each summed in the order of j.
    """
    n, m = W.shape[0], W.shape[1] - first
    for i in range(n):
        net[i] = weighted(W, i, x) if first else 0.0
    if m == 1:
        only = y[0]
        for i in range(n):
            net[i] += W[i, first] * only
    else:
        add_sums(W, first, m, y, net)


@inline
def add_sums(W, first, m, y, net):
    """Add to ``net[i]`` the sum over j < m of ``W[i, first + j] y[j]``, as :func:`net_inputs`."""
    n = W.shape[0]
    for i in range(0, n - 3, 4):
        a, b, c, d = net[i], net[i + 1], net[i + 2], net[i + 3]
        for j in range(m):
            a += W[i, first + j] * y[j]
            b += W[i + 1, first + j] * y[j]
            c += W[i + 2, first + j] * y[j]
            d += W[i + 3, first + j] * y[j]
        net[i], net[i + 1], net[i + 2], net[i + 3] = a, b, c, d
    for i in range(n - n % 4, n):
        a = net[i]
        for j in range(m):
            a += W[i, first + j] * y[j]
        net[i] = a


@inline
def assign(target, values):
    """Copy the ``values`` of a vector into ``target``, without an array in between."""
    for i in range(len(values)):
        target[i] = values[i]


@inline
def dot_column(W, j, x, n):
    """Return the sum over k < n of ``W[k, j] x[k]``, in four interleaved partial sums."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for k in range(0, n - 3, 4):
        a += W[k, j] * x[k]
        b += W[k + 1, j] * x[k + 1]
        c += W[k + 2, j] * x[k + 2]
        d += W[k + 3, j] * x[k + 3]
    for k in range(n - n % 4, n):
        a += W[k, j] * x[k]
    return (a + b) + (c + d)


@inline
def add_product(A, B, total):
    """Add the matrix product ``A B`` to ``total``; each entry is summed in the order of B's rows.

    Four rows of B go through together and stay in the cache for all rows of A.
    """
    n, m = A.shape
    for k in range(0, m - 3, 4):
        p, q, r, s = B[k], B[k + 1], B[k + 2], B[k + 3]
        for i in range(n):
            row, a, b, c, d = total[i], A[i, k], A[i, k + 1], A[i, k + 2], A[i, k + 3]
            for j in range(len(row)):
                row[j] = row[j] + a * p[j] + b * q[j] + c * r[j] + d * s[j]
    for k in range(m - m % 4, m):
        p = B[k]
        for i in range(n):
            row, a = total[i], A[i, k]
            for j in range(len(row)):
                row[j] += a * p[j]


@inline
def add_rows(factors, n, rows, begin, total):
    """Add the sum over k < n of ``factors[k] rows[k]`` to ``total``, in the order of k.

    Of each row as many entries count as ``total`` has, from ``begin`` on; four rows go through
    together.
    """
    end = begin + len(total)
    for k in range(0, n - 3, 4):
        a, b, c, d = factors[k], factors[k + 1], factors[k + 2], factors[k + 3]
        p, q = rows[k][begin:end], rows[k + 1][begin:end]
        r, s = rows[k + 2][begin:end], rows[k + 3][begin:end]
        for j in range(len(total)):
            total[j] = total[j] + a * p[j] + b * q[j] + c * r[j] + d * s[j]
    k = n - n % 4
    if n % 4 >= 2:
        a, b, p, q = factors[k], factors[k + 1], rows[k][begin:end], rows[k + 1][begin:end]
        for j in range(len(total)):
            total[j] = total[j] + a * p[j] + b * q[j]
        k += 2
    if n % 2:
        a, p = factors[k], rows[k][begin:end]
        for j in range(len(total)):
            total[j] += a * p[j]


@kernel
def _fill_uniform(rng, w, low, high):
    for i in range(len(w)):
        w[i] = low + (high - low) * rng.random()


@guarded
def fill_uniform(rng: np.random.Generator, w: np.ndarray, low: float, high: float) -> None:
    """Draw every weight of ``w`` (1-d, of float64) uniformly from [low, high), in order."""
    check_vector("w", w)
    _fill_uniform(rng, w, low, high)


@guarded
def generators(seed: Count, n: int) -> list[np.random.Generator]:
    """Return ``n`` independent ``Generator(SFC64)``, spawned from one seed.

    Only their ``random()`` is used: 53 bits of a stream that is the same on every machine and in
    every version of numpy.
    """
    children = np.random.SeedSequence(seed).spawn(n)
    return [np.random.Generator(np.random.SFC64(child)) for child in children]
