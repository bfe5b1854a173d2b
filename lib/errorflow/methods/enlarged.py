"""Type (2), methods that keep gradients larger."""

from errorflow.methods import method
from errorflow.methods.nets import plain
from errorflow.nets.threshold import threshold
from errorflow.nets.units import LOGISTIC, TANH
from errorflow.numerics import fill_uniform
from errorflow.rules import discrete, pseudo_newton

KIND = "larger gradients"


@method("pseudo-newton", kind=KIND)
def by_pseudo_newton(task, rng, *, hidden=1, alpha=0.01, mu=0.001, momentum=0.8, initial=0.5):
    """Gradients divided by one curvature a weight (Becker and LeCun 1988)."""
    net = _smooth(task, rng, hidden, initial)
    return net, pseudo_newton.pseudo_newton(net, task.steps, alpha, mu=mu, momentum=momentum)


@method("time-weighted-pseudo-newton", kind=KIND)
def by_time_weighted(task, rng, *, hidden=1, alpha=0.01, mu=0.001, momentum=0.8, initial=0.5):
    """Gradients divided by one curvature a weight and time (Bengio et al. 1994)."""
    net = _smooth(task, rng, hidden, initial)
    return net, pseudo_newton.time_weighted(net, task.steps, alpha, mu=mu, momentum=momentum)


@method("discrete", kind=KIND)
def by_discrete(task, rng, *, hidden=1, alpha=0.1, epsilon=1.0, most=2.0, initial=0.5):
    """Discrete error propagation through threshold units (Bengio et al. 1994)."""
    if hasattr(task, "inputs"):
        low = -1.0 if task.low < 0.0 else 0.0
        net = threshold(task.inputs, hidden, task.outputs, low=low)
    else:
        net = threshold(task.symbols, hidden, task.symbols)
    fill_uniform(rng, net.w, -initial, initial)
    return net, discrete.discrete(net, task.steps, alpha, rng, epsilon=epsilon, most=most)


def _smooth(task, rng, hidden, initial):
    """Return the plain net; its units can be negative if the targets of vectors are."""
    f = TANH if getattr(task, "low", 0.0) < 0.0 else LOGISTIC
    return plain(task, rng, hidden, initial, f=f)
