"""The nets that methods without gradients search; they share them, and look at outputs alone."""

from typing import Annotated, Any, Literal

from errorflow.core.entries import guarded
from errorflow.nets.external_input import external_input, three_weight_latch
from errorflow.nets.layered import layered
from errorflow.nets.recurrent import recurrent
from errorflow.nets.sparse import a1, a2
from errorflow.nets.units import TANH
from errorflow.tasks import sizes

Net = Annotated[
    Literal["A1", "A2", "A2, not own", "latch I", "latch II", "external input"],
    "for vectors; A1, A2 and the latches are Schmidhuber and Hochreiter's, the last Bengio's",
]
HiddenUnits = Annotated[int | None, "hidden units; None: one, and in A2 the authors' ten"]

NETS = {
    "A1": lambda task, hidden: a1(task.inputs, hidden or 1, task.outputs),
    "A2": lambda task, hidden: a2(task.inputs, task.outputs, hidden=hidden or 10),
    "A2, not own": lambda task, hidden: a2(task.inputs, task.outputs, own=False),
    "latch I": lambda task, hidden: three_weight_latch(),
    "latch II": lambda task, hidden: recurrent(task.inputs, 0, task.outputs, f=TANH),
    "external input": lambda task, hidden: external_input(5),
}
"""A1 and A2 (not own: hidden units without self-connections) and the latches of Schmidhuber and
Hochreiter 1996; the 25 weights of Bengio et al. 1994."""


@guarded
def net_for(task: Any, net: Net, hidden: HiddenUnits) -> Any:
    """Return the net of that name, or for a task of symbols Table 2's."""
    sizes(task)
    if hasattr(task, "alphabet"):
        return layered(task.alphabet, hidden or 1, task.alphabet)
    return NETS[net](task, hidden)


PRESENTATIONS = {
    "annealing": {5: 200_000, 10: 39_000, 20: 82_000, 50: 77_000, 100: 43_000},
    "multigrid": {5: 4_100, 10: 5_800, 20: 2_500, 50: 3_900, 100: 6_400},
}
"""Published of the 2-sequence problem (Bengio and Frasconi 1994, Tables 1 to 4): mean presentations
by method and largest length T. The errors in the end were 6, 0, 7, 4 and 11 % with annealing,
2, 6, 1, 3 and 6 % with multi-grid search. How large the sets were is not said: here 100; right is
an output on the right side."""
