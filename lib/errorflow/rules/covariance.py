"""What the Kalman filters do with their matrices, in place and with sums in a fixed order."""

import numpy as np

from errorflow.core.compiled import inline


@inline
def shrink(P, A, B, C):
    """Subtract B^T A B from ``P``, whose lower half is computed and copied; ``C`` is scratch.

    An output that does not see the group has a row of zeros in B, and is left out.
    """
    for k in range(len(B)):
        if not B[k].any():
            continue
        C[k] = 0.0
        for m in range(len(B)):
            if B[m].any():
                for c in range(len(P)):
                    C[k, c] += A[k, m] * B[m, c]
        for r in range(len(P)):
            if B[k, r] != 0.0:
                for c in range(r + 1):
                    P[r, c] -= B[k, r] * C[k, c]
    for r in range(len(P)):
        for c in range(r):
            P[c, r] = P[r, c]


@inline
def invert(A):
    """Write the inverse of a positive definite matrix, given by its lower half, into ``A``.

    By Cholesky's factor L, A = L L^T, and its inverse; sums run in the order of the rows.
    """
    n = len(A)
    for j in range(n):
        for k in range(j):
            for i in range(j, n):
                A[i, j] -= A[i, k] * A[j, k]
        root = np.sqrt(A[j, j])
        for i in range(j, n):
            A[i, j] /= root
    for j in range(n):  # L becomes its inverse, column by column
        A[j, j] = 1.0 / A[j, j]
        for i in range(j + 1, n):
            total = 0.0
            for k in range(j, i):
                total += A[i, k] * A[k, j]
            A[i, j] = -total / A[i, i]
    for i in range(n):  # the product of its transpose and itself
        for j in range(i + 1):
            total = 0.0
            for k in range(i, n):
                total += A[k, i] * A[k, j]
            A[i, j] = total
    for i in range(n):
        for j in range(i):
            A[j, i] = A[i, j]
