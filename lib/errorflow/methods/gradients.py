"""The gradient methods that Section 3 names first: they suffer from the vanishing gradient."""

from errorflow.methods import method
from errorflow.methods.nets import plain
from errorflow.rules import bptt, elman, rtrl

KIND = "gradient methods"


@method("elman", kind=KIND)
def by_elman(task, rng, *, hidden=1, alpha=1.0, initial=0.2):
    """Elman's truncation: errors go one step back and no further."""
    net = plain(task, rng, hidden, initial)
    return net, elman.elman(net, alpha, per_step=False)


@method("rtrl", kind=KIND)
def by_rtrl(task, rng, *, hidden=1, alpha=1.0, initial=0.2):
    """Real-time recurrent learning; weights change at the end of a sequence."""
    net = plain(task, rng, hidden, initial)
    return net, rtrl.rtrl(net, alpha, per_step=False)


@method("bptt", kind=KIND)
def by_bptt(task, rng, *, hidden=1, alpha=1.0, initial=0.2):
    """Back-propagation through time; weights change at the end of a sequence."""
    net = plain(task, rng, hidden, initial)
    return net, bptt.bptt(net, task.steps, alpha)
