"""The gradient methods that Section 3 names first: they suffer from the vanishing gradient."""

from typing import NamedTuple

from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.methods.nets import plain, sizes
from errorflow.nets.cascade import cascade
from errorflow.nets.continuous import continuous
from errorflow.rules import bptt, elman, hybrid, rtrl, truncated_bptt
from errorflow.rules.cascade_correlation import cascade_correlation

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


@method("truncated-bptt", kind=KIND)
def by_truncated_bptt(task, rng, *, hidden=1, alpha=1.0, initial=0.2, k=10, h=5):
    """Truncated BPTT(k; h); weights change after each pass back.

    k = 10 and h = 5 are our choice.
    """
    net = plain(task, rng, hidden, initial)
    return net, truncated_bptt.truncated_bptt(net, task.steps, alpha, k, h=h)


@method("hybrid", kind=KIND)
def by_hybrid(task, rng, *, hidden=1, alpha=1.0, initial=0.2, h=None):
    """The O(n^3) algorithm; weights change at the end of a sequence, as in RTRL and BPTT here.

    Blocks have ``h`` steps, by default as many as there are units, which is the published choice.
    """
    net = plain(task, rng, hidden, initial)
    return net, hybrid.hybrid(net, alpha, h)


@method("pearlmutter", kind=KIND)
def by_pearlmutter(
    task, rng, *, hidden=1, alpha=1.0, initial=0.2, T=1.0, dt=0.1, adaptive=False
):  # fmt: skip
    """BPTT for units with time constants, which are learned too if ``adaptive``.

    An input lasts one step, of ``dt``; T = 1 and dt = 0.1 are our choice.
    """
    inputs, outputs = sizes(task)
    net = continuous(inputs, hidden, outputs, T=T, dt=dt, adaptive=adaptive)
    fill_uniform(rng, net.w[: len(net.w) - hidden], -initial, initial)
    return net, bptt.bptt(net, task.steps, alpha)


class Cascading(NamedTuple):
    """Recurrent cascade-correlation, its workspace made when the set is known."""

    def epochs(self, net, data, loss, rng):
        """See :func:`errorflow.experiments.training.batch`."""
        return cascade_correlation(net, data.length).epochs(net, data, loss, rng)


@method("rcc", kind=KIND)
def by_rcc(task, rng, *, room=25):
    """Fahlman's recurrent cascade-correlation, with the constants of its program.

    A unit's errors go back through its own connection alone, and only while it is a candidate. A
    trial ends with ``room`` units.
    """
    return cascade(task.symbols, task.symbols, room), Cascading()
