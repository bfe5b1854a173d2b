"""Logistic outputs that see some activations, and the inputs too where there is room for them.

``output`` is (O, n) or, with weights from the inputs, (O, I + n), for the first n entries of a
state. Below are also the static methods of nets whose outputs see all H hidden units.
"""

from errorflow.core.compiled import inline
from errorflow.core.numerics import credit, dot_column, logistic, net_inputs


@inline
def read_out(output, n, x, state, y):
    """Write the outputs into ``y``."""
    net_inputs(output, x, output.shape[1] - n, state, y)
    for k in range(len(y)):
        y[k] = logistic(y[k])


@inline
def back_read_out(output, n, x, state, y, errors, loss, change, e):
    """Send the ``errors`` back: add to ``change``, shaped like ``output``, and to ``e``."""
    O, first = len(errors), output.shape[1] - n
    for k in range(O):
        errors[k] *= loss.slope * (y[k] * (1.0 - y[k])) + loss.offset
    if first:
        for k in range(O):
            credit(change, k, x, errors[k])
    for j in range(n):
        for k in range(O):
            change[k, first + j] += errors[k] * state[j]
        e[j] += dot_column(output, first + j, errors, O)


def input_size(net):
    """See :func:`errorflow.nets.input_size`; hidden units see the inputs and each other."""
    return net.hidden.shape[1] - net.hidden.shape[0]


def output_size(net):
    """See :func:`errorflow.nets.output_size`."""
    return net.output.shape[0]


def read(net, x, state, y):
    """See :func:`errorflow.nets.read`; the hidden units are the first ones of the state."""
    read_out(net.output, net.hidden.shape[0], x, state, y)


def back_read(net, x, state, y, errors, loss, change, e):
    """See :func:`errorflow.nets.back_read`."""
    n = net.hidden.shape[0]
    back_read_out(net.output, n, x, state, y, errors, loss, change.output, e)
