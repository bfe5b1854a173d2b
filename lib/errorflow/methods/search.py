"""Type (1), methods without gradients.

None of the three looks at anything but the outputs; they share their nets.
"""

from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.nets.external_input import external_input, three_weight_latch
from errorflow.nets.layered import layered
from errorflow.nets.recurrent import recurrent
from errorflow.nets.sparse import a1, a2
from errorflow.nets.units import TANH
from errorflow.rules import annealing, guessing, multigrid

KIND = "without gradients"

NETS = {
    "A1": lambda task, hidden: a1(task.inputs, hidden or 1, task.outputs),
    "A2": lambda task, hidden: a2(task.inputs, task.outputs, hidden=hidden or 10),
    "A2, not own": lambda task, hidden: a2(task.inputs, task.outputs, own=False),
    "latch I": lambda task, hidden: three_weight_latch(),
    "latch II": lambda task, hidden: recurrent(task.inputs, 0, task.outputs, f=TANH),
    "external input": lambda task, hidden: external_input(5),
    "table 2": lambda task, hidden: layered(task.symbols, hidden or 1, task.symbols),
}
"""A1 and A2 (without own: hidden units without self-connections) and the latches of Schmidhuber
and Hochreiter 1996; the 25 weights of Bengio et al. 1994; Table 2's net, for symbols. Without a
number of hidden units A2 has the 10 of the authors, A1 and Table 2's net have one."""


def net_for(task, net, hidden):
    """Return the net of that name, Table 2's for a task of symbols; unknown is a ``ValueError``."""
    if not hasattr(task, "inputs"):
        net = "table 2"
    if net not in NETS:
        raise ValueError(f"net = {net!r}; it must be one of {', '.join(NETS)}")
    return NETS[net](task, hidden)


@method("guessing", kind=KIND)
def by_guessing(task, rng, *, net="A1", hidden=None, bound=100.0):
    """Random weight guessing; counted are guesses. ``bound`` is the authors'."""
    guessed = net_for(task, net, hidden)
    return guessed, guessing.guessing(guessed, bound=bound)


@method("annealing", kind=KIND)
def by_annealing(
    task, rng, *, net="A1", hidden=None, initial=0.5, temperature=0.1, factor=0.85, cycles=20,
    adaptations=None, c=2.0, step=1.0, bound=100.0,
):  # fmt: skip
    """Corana's simulated annealing; counted are sequences.

    ``initial`` is that of Bengio et al. 1994; ``temperature``, ``step`` and ``bound`` are our
    choice, the rest is Corana's.
    """
    annealed = net_for(task, net, hidden)
    fill_uniform(rng, annealed.w, -initial, initial)
    options = {"temperature": temperature, "factor": factor, "cycles": cycles}
    options |= {"adaptations": adaptations, "c": c, "step": step, "bound": bound}
    return annealed, annealing.annealing(annealed, **options)


@method("multigrid", kind=KIND)
def by_multigrid(
    task, rng, *, net="A1", hidden=None, initial=0.5, bound=10.0, points=20, factor=0.9, least=1e-3
):
    """Multi-grid random search; counted are sequences.

    ``initial`` and ``factor`` are those of Bengio et al. 1994; ``bound``, ``points`` and ``least``
    are our choice.
    """
    searched = net_for(task, net, hidden)
    fill_uniform(rng, searched.w, -initial, initial)
    options = {"bound": bound, "points": points, "factor": factor, "least": least}
    return searched, multigrid.multigrid(searched, **options)
