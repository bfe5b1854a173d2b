"""What the methods of Section 3 share: the sizes of a net, and the plain net."""

from errorflow.core.numerics import fill_uniform
from errorflow.nets.layered import layered
from errorflow.nets.recurrent import recurrent
from errorflow.nets.units import LOGISTIC


def sizes(task):
    """Return the numbers of inputs and outputs that a net for ``task`` needs."""
    if hasattr(task, "inputs"):
        return task.inputs, task.outputs
    return task.symbols, task.symbols


def plain(task, rng, hidden, initial, *, f=LOGISTIC):
    """Return a net for ``task`` with weights from [-initial, initial].

    For symbols: Table 2's, with ``hidden`` recurrent units and outputs that see the inputs too. For
    vectors: a fully recurrent net of units with the activation function ``f``.
    """
    if hasattr(task, "inputs"):
        net = recurrent(task.inputs, hidden, task.outputs, f=f)
    else:
        net = layered(task.symbols, hidden, task.symbols)
    fill_uniform(rng, net.w, -initial, initial)
    return net
