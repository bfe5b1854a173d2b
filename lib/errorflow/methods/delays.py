"""Type (4), nets with delay lines, trained by BPTT; weights change at the end of a sequence."""

from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.methods.nets import sizes
from errorflow.nets.gamma import gamma
from errorflow.nets.latch import latch
from errorflow.nets.narx import narx
from errorflow.nets.tdnn import tdnn
from errorflow.rules.bptt import bptt
from errorflow.rules.clipped import Clipped
from errorflow.rules.online_epochs import OnlineEpochs

KIND = "special architectures"


@method("tdnn", kind=KIND)
def by_tdnn(task, rng, *, hidden=1, D=10, alpha=1.0, initial=0.2):
    """A time-delay net; D, and all else, is our choice: as Table 2's net for BPTT."""
    inputs, outputs = sizes(task)
    net = tdnn(inputs, hidden, outputs, D)
    fill_uniform(rng, net.w, -initial, initial)
    return net, bptt(net, task.steps, alpha)


@method("narx", kind=KIND)
def by_narx(task, rng, *, hidden=1, D=10, alpha=1.0, initial=0.2):
    """A NARX net; D, and all else, is our choice: as Table 2's net for BPTT."""
    inputs, outputs = sizes(task)
    net = narx(inputs, hidden, outputs, D)
    fill_uniform(rng, net.w, -initial, initial)
    return net, bptt(net, task.steps, alpha)


@method("narx-latch", kind=KIND)
def by_narx_latch(task, rng, *, D=6, total=1.25, alpha=0.1, initial=0.155):
    """A latch with D taps; D = 1, 3 and 6 and all constants are those of Lin et al. (1996).

    That a weight changes after each string, and not after each pass, is our choice.
    """
    net = latch(task.inputs - 1, D, total=total)
    fill_uniform(rng, net.w, -initial, initial)
    return net, OnlineEpochs(bptt(net, task.steps, alpha))


@method("gamma", kind=KIND)
def by_gamma(task, rng, *, hidden=1, K=10, mu=0.5, alpha=1.0, initial=0.2):
    """Gamma memories; K, the first mu and all else is our choice: as Table 2's net for BPTT.

    A mu that leaves the stable range [0, 2] is set back to its end.
    """
    inputs, outputs = sizes(task)
    net = gamma(inputs, hidden, outputs, K)
    fill_uniform(rng, net.w, -initial, initial)
    net.mu[:] = mu
    return net, Clipped(bptt(net, task.steps, alpha), 0.0, 2.0)
