"""What several methods share: the plain recurrent net, and the notes on its options."""

from typing import Annotated, Any, Literal

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.numerics import fill_uniform
from errorflow.core.options import ABOVE_0, Count, at_least
from errorflow.nets import check_net
from errorflow.nets.layered import Layered, layered
from errorflow.nets.recurrent import Recurrent, recurrent
from errorflow.nets.units import LOGISTIC, Squash
from errorflow.tasks import sizes

Hidden = Annotated[int, "hidden units; Table 2 has 1"]
Alpha = Annotated[float, ABOVE_0, "learning rate; Table 2 has 1, 4 and 10"]
Initial = Annotated[
    float, at_least(0), "weights are drawn from [-initial, initial]; 1997, section 5: 0.2"
]
Update = Annotated[
    Literal["step", "sequence"], "weights change after every step or sequence; not stated"
]
Reset = Annotated[bool, "activations are set to zero before each sequence; 1997, section 5"]
OutputsSee = Annotated[
    Literal["hidden(t)", "hidden(t-1)"],
    "what outputs see; the formulas of Section 2 have t-1, 1997 has three processing steps",
]
Connections = Annotated[
    Literal["layered", "full"] | None,
    "Table 2's net is layered, Table 1's for RTRL full; None: layered for symbols",
]
HiddenRange = Annotated[
    tuple[float, float], "range of the hidden units of a layered net; not stated, logistic: 0 to 1"
]
HiddenOffset = Annotated[
    float, at_least(0), "added to those units' slope when an error goes back; not stated"
]
OutputSlope = Annotated[
    tuple[float, float],
    "an output's error is multiplied by a f' + b: (1, 0) is f', eq. (19) of 1997; (0, 1) leaves it",
]


@guarded
def drawn(net: Any, rng: np.random.Generator, initial: Initial) -> Any:
    """Return ``net``, its weights drawn from [-initial, initial]."""
    check_net(net)
    fill_uniform(rng, net.w, -initial, initial)
    return net


@guarded
def plain(
    task: Any,
    rng: np.random.Generator,
    hidden: Count,
    initial: Initial,
    *,
    connections: Connections = None,
    hidden_range: tuple[float, float] = (0.0, 1.0),
    hidden_offset: HiddenOffset = 0.0,
    f: Squash = LOGISTIC,
) -> Layered | Recurrent:
    """Return a net for ``task`` with weights from [-initial, initial].

    Layered: Table 2's, ``hidden`` recurrent units, and outputs that see them and the inputs. Full:
    a fully recurrent net of units with the activation function ``f``, some of them outputs.
    """
    inputs, outputs = sizes(task)
    if connections is None:
        connections = "full" if hasattr(task, "inputs") else "layered"
    net: Layered | Recurrent
    if connections == "layered":
        low, high = hidden_range
        net = layered(inputs, hidden, outputs, low=low, high=high, offset=hidden_offset)
    else:
        if (*hidden_range, hidden_offset) != (0.0, 1.0, 0.0):
            raise ValueError(
                "hidden_range and hidden_offset are for layered nets, not for full ones"
            )
        net = recurrent(inputs, hidden, outputs, f=f)
    return drawn(net, rng, initial)


@guarded
def lag_of(outputs_see: OutputsSee) -> Literal[0, 1]:
    """Return how many steps ago the hidden activations are that outputs see."""
    return 1 if outputs_see == "hidden(t-1)" else 0


def check_output_slope(net: Any, output_slope: tuple[float, float]) -> None:
    """Refuse another slope than f' for a net whose outputs are among its units."""
    if isinstance(net, Recurrent) and output_slope != (1.0, 0.0):
        raise ValueError(
            f"output_slope = {output_slope}; it must be (1, 0) for a fully recurrent net: its "
            "outputs are its units"
        )


def symbols_of(task: Any, method: str) -> int:
    """Return the size of a task's alphabet, or refuse a task of real vectors."""
    sizes(task)
    if not hasattr(task, "alphabet"):
        raise ValueError(f"method {method} needs a task of symbols, such as 2a")
    return task.alphabet
