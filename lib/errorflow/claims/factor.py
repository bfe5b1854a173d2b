"""Claims of Section 2 about the scaling factor: equations (1), (2) and (3)."""

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.flow import factor
from errorflow.flow.forward import trajectory


def _nets(q_least=1):
    rng = np.random.default_rng(21)
    for _ in range(60):
        n, q = 2 + int(4 * rng.random()), q_least + int(5 * rng.random())
        W, start = 6.0 * rng.random((n, n)) - 3.0, rng.random(n)
        yield W, start, q, int(n * rng.random()), int(n * rng.random())


def _numeric(W, start, q, u, v, h=1e-30):
    """Return d net_u(t) / d net_v(t-q) on the running net, by a step in the imaginary direction.

    Unlike a difference, Im f(x + ih) / h loses no digits, however small h.
    """
    net = (W @ start).astype(complex)
    net[v] += 1j * h
    for _ in range(q):
        net = W @ (1.0 / (1.0 + np.exp(-net)))
    return net[u].imag / h


def _distance(form, transposed=False, q_least=1):
    """Return the largest difference of a form from the numeric derivative, path sums as measure."""
    worst = 0.0
    for W, start, q, u, v in _nets(q_least):
        _, slopes = trajectory(W, start, q)
        size = np.abs(factor.path_products(W, slopes, u, v)).sum()
        got = form(W.T if transposed else W, slopes, u, v)
        worst = max(worst, abs(got - _numeric(W, start, q, u, v)) / size)
    return worst


@decides("eq1")
def eq1():
    return verdict(_distance(factor.scaling_recursive) < 1e-12)


@decides("eq2")
def eq2():
    printed = _distance(factor.scaling_paths, transposed=True)
    return corrected(printed < 1e-12, _distance(factor.scaling_paths) < 1e-12)


@decides("eq3")
def eq3():
    return verdict(_distance(factor.scaling_matrix, q_least=2) < 1e-12)


@decides("matrix-notation")
def matrix_notation():
    rng = np.random.default_rng(3)
    w, y = rng.random((4, 4)), rng.random(4)
    by_definition = [sum(w[i, j] * y[j] for j in range(4)) for i in range(4)]
    return corrected(np.allclose(w.T @ y, by_definition), np.allclose(w @ y, by_definition))


def _sent_back(W, slopes, u, v):
    """Return the error signal of unit ``v`` that comes from one of 1 at unit ``u``."""
    theta = np.eye(len(W))[u]
    for slope in slopes:
        theta = slope * (W.T @ theta)
    return theta[v]


@decides("theta-net")
def theta_net():
    return verdict(_distance(_sent_back) < 1e-12)
