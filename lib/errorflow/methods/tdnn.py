"""Time-delay neural networks: activations come back through lines of fixed delays."""

from typing import Annotated

from errorflow.methods import Learner, method
from errorflow.methods.nets import Alpha, Hidden, Initial, drawn
from errorflow.methods.rows import Row, bridge, store
from errorflow.nets.tdnn import tdnn as delay_lines
from errorflow.rules.bptt import bptt
from errorflow.tasks import sizes

Taps = Annotated[int, "taps of a delay line; our choice"]


@method(
    "tdnn", "Lang, Waibel and Hinton 1990", kind="special architectures", cost="W", memory="n T"
)
def tdnn(
    task, rng, *, hidden: Hidden = 1, D: Taps = 10, alpha: Alpha = 1.0, initial: Initial = 0.2
) -> Learner:
    """A time-delay net by BPTT."""
    inputs, outputs = sizes(task)
    net = drawn(delay_lines(inputs, hidden, outputs, D), rng, initial)
    return Learner(net, lambda net: bptt(net, task.steps, alpha))


def _delayed(p, D, *, last_only):
    """The first input is in sight if D = p; ``last_only`` asks for nothing but the last symbol."""
    how = {"last_only": True} if last_only else {"judged_at": "end"}
    row = Row("tdnn", "2a", {"p": p, "streak": 1_000, **how, "D": D}, 10, 30_000)
    return {f"tdnn/{'last' if last_only else '2a'}-D{D}-p{p}": row}


# Of lag 100 with 100 taps there is no row: a trial would take minutes. The speech that Lang, Waibel
# and Hinton recognised is not to be had: in its place stands the 2-sequence problem.
ROWS = bridge("tdnn")
for _p in (4, 10, 20):
    ROWS |= _delayed(_p, 1, last_only=True)
for _p in (20, 50):
    ROWS |= _delayed(_p, 10, last_only=True)
    ROWS |= _delayed(_p, _p, last_only=False) | _delayed(_p, _p, last_only=True)
for _T in (10, 20, 50):
    ROWS[f"tdnn/2-sequence-p{_T}"] = Row("tdnn", "2-sequence", {"longest": _T}, 10, 30_000)
ROWS |= store("tdnn", far=True, hidden=4)
