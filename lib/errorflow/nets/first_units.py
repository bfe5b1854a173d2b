"""Outputs that are units themselves, the first ones of the state: static methods of such nets."""

from errorflow.nets import output_size as outputs_of


def input_size(net):
    """See :func:`errorflow.nets.input_size`."""
    return net.inputs


def output_size(net):
    """See :func:`errorflow.nets.output_size`."""
    return net.outputs


def read(net, x, state, y):
    """See :func:`errorflow.nets.read`."""
    for k in range(outputs_of(net)):
        y[k] = state[k]


def back_read(net, x, state, y, errors, loss, change, e):
    """See :func:`errorflow.nets.back_read`; the outputs' slope follows in the step back."""
    for k in range(len(errors)):
        e[k] += errors[k]
