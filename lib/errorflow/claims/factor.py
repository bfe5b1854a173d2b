"""Claims of Section 2 about the scaling factor: equations (1), (2) and (3)."""

import numpy as np

from errorflow.claims import claim, corrected, verdict
from errorflow.flow import factor
from errorflow.flow.forward import trajectory

PAGE = "21-one-factor"


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


@claim(
    "eq1",
    section="Section 2, eq. (1)",
    claim="The factor over q steps follows from the factors over q - 1 steps by one recursion.",
    kind="derivation",
    criterion="The recursion equals the numeric derivative of the running net to 1e-12 of the sum "
    "of absolute path products.",
    page=PAGE,
)
def eq1():
    """Compare eq. (1) with finite differences."""
    return verdict(_distance(factor.scaling_recursive) < 1e-12)


@claim(
    "eq2",
    section="Section 2, eq. (2)",
    claim="The factor is the sum over all paths of products of slopes and weights.",
    kind="derivation",
    criterion="The sum equals the numeric derivative to 1e-12 of the sum of absolute products: "
    "with the weight's indices as printed, or turned round.",
    page=PAGE,
)
def eq2():
    """Compare both readings of eq. (2) with finite differences."""
    printed = _distance(factor.scaling_paths, transposed=True)
    return corrected(printed < 1e-12, _distance(factor.scaling_paths) < 1e-12)


@claim(
    "eq3",
    section="Section 2, eq. (3)",
    claim="The factor is a row of weights times matrices times a column of weights.",
    kind="derivation",
    criterion="The product equals the numeric derivative to 1e-12 of the sum of absolute path "
    "products, for every q >= 2.",
    page=PAGE,
)
def eq3():
    """Compare eq. (3) with finite differences where it is defined."""
    return verdict(_distance(factor.scaling_matrix, q_least=2) < 1e-12)


@claim(
    "matrix-notation",
    section="Section 2, upper bound",
    claim="An element with indices ij stands in column i and row j.",
    kind="derivation",
    criterion="With W_ij = w_ij the net input is W Y: with i as column and j as row, or with i as "
    "row and j as column.",
    page=PAGE,
)
def matrix_notation():
    """Compute net inputs from the definition and by both readings of the matrix."""
    rng = np.random.default_rng(3)
    w, y = rng.random((4, 4)), rng.random(4)
    by_definition = [sum(w[i, j] * y[j] for j in range(4)) for i in range(4)]
    return corrected(np.allclose(w.T @ y, by_definition), np.allclose(w @ y, by_definition))


@claim(
    "theta-net",
    section="Section 2, eq. (3)",
    claim="The factor between error signals is the derivative of one net input by another.",
    kind="identity",
    criterion="The factor obtained by sending an error signal of 1 back equals the numeric "
    "derivative of net_u(t) by net_v(t - q) to 1e-12.",
    page=PAGE,
)
def theta_net():
    """Send one error signal back by the definition of theta and compare."""
    worst = 0.0
    for W, start, q, u, v in _nets():
        _, slopes = trajectory(W, start, q)
        theta = np.eye(len(W))[u]
        for slope in slopes:
            theta = slope * (W.T @ theta)
        size = np.abs(factor.path_products(W, slopes, u, v)).sum()
        worst = max(worst, abs(theta[v] - _numeric(W, start, q, u, v)) / size)
    return verdict(worst < 1e-12)
