"""Logistic outputs that see the input and the hidden units of the same step, for several nets."""

from errorflow.compiled import inline
from errorflow.numerics import credit, dot_column, logistic, net_inputs


@inline
def read_outputs(W, x, h, y):
    """Write into ``y`` the outputs for input ``x`` and hidden units ``h``; W is (O, I + H)."""
    net_inputs(W, x, W.shape[1] - len(h), h, y)
    for k in range(W.shape[0]):
        y[k] = logistic(y[k])


@inline
def back_from_outputs(W, x, h, y, errors, loss, change, e):
    """Send the errors d - y back: add to ``change`` (O, I + H) and to ``e`` (H,)."""
    first, O = W.shape[1] - len(h), len(errors)
    for k in range(O):
        errors[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
    for k in range(O):
        credit(change, k, x, errors[k])
    for j in range(len(h)):
        for k in range(O):
            change[k, first + j] += errors[k] * h[j]
        e[j] += dot_column(W, first + j, errors, O)
