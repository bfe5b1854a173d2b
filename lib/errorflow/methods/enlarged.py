"""Type (2), methods that keep gradients larger."""

from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.methods.nets import plain
from errorflow.nets.layered import layered
from errorflow.nets.threshold import threshold
from errorflow.nets.units import LOGISTIC, TANH
from errorflow.rules import discrete, pseudo_newton

KIND = "larger gradients"


@method("pseudo-newton", kind=KIND)
def by_pseudo_newton(
    task, rng, *, hidden=1, depth=1, alpha=0.01, mu=0.01, momentum=0.8, initial=0.5
):
    """Gradients divided by one curvature a weight (Becker and LeCun 1988).

    ``alpha``, ``momentum`` and ``initial`` are those of Bengio et al. (1994) for their own form;
    ``mu`` is from their range, 0.001 to 0.3, our choice after a pilot.
    """
    net = _smooth(task, rng, hidden, depth, initial)
    return net, pseudo_newton.pseudo_newton(net, task.steps, alpha, mu=mu, momentum=momentum)


@method("time-weighted-pseudo-newton", kind=KIND)
def by_time_weighted(
    task, rng, *, hidden=1, depth=1, alpha=0.01, mu=0.01, momentum=0.8, initial=0.5
):
    """Gradients divided by one curvature a weight and time (Bengio et al. 1994).

    The constants are theirs; ``mu`` is from their range, 0.001 to 0.3, our choice after a pilot.
    """
    net = _smooth(task, rng, hidden, depth, initial)
    return net, pseudo_newton.time_weighted(net, task.steps, alpha, mu=mu, momentum=momentum)


@method("discrete", kind=KIND)
def by_discrete(task, rng, *, hidden=1, alpha=0.1, epsilon=1.0, most=2.0, initial=0.5):
    """Discrete error propagation through threshold units (Bengio et al. 1994).

    No constant is published but for ``initial``. With ``most`` 2 a flip is on average what came
    back; ``alpha`` and ``epsilon`` are our choice after a pilot, in which they hardly mattered.
    """
    if hasattr(task, "inputs"):
        low = -1.0 if task.low < 0.0 else 0.0
        net = threshold(task.inputs, hidden, task.outputs, low=low)
    else:
        net = threshold(task.symbols, hidden, task.symbols)
    fill_uniform(rng, net.w, -initial, initial)
    return net, discrete.discrete(net, task.steps, alpha, rng, epsilon=epsilon, most=most)


def _smooth(task, rng, hidden, depth, initial):
    """Return the plain net, or, of ``depth`` 2, one of a hidden layer and outputs for vectors.

    The units of the plain net are tanh units if the targets of vectors can be negative. It cannot
    learn parity, whatever its weights: no one layer of units tells whether two bits differ.
    """
    if depth not in (1, 2):
        raise ValueError(f"depth = {depth!r}; it must be 1 or 2")
    if depth == 1 or not hasattr(task, "inputs"):
        f = TANH if getattr(task, "low", 0.0) < 0.0 else LOGISTIC
        return plain(task, rng, hidden, initial, f=f)
    net = layered(task.inputs, hidden, task.outputs)
    fill_uniform(rng, net.w, -initial, initial)
    return net
