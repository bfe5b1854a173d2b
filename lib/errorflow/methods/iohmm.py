"""The input/output hidden Markov model: what its states stand for is learned too."""

from typing import Annotated

import numpy as np

from errorflow.methods import Learner, method
from errorflow.methods.em import Initial, LookUp, machine
from errorflow.methods.rows import Row, bridge, store
from errorflow.rules.expectation import expectation


@method("iohmm", "Bengio and Frasconi 1995", kind="higher levels", cost="n²", memory="n T")
def iohmm(
    task,
    rng,
    *,
    states: Annotated[
        int, "NIPS 7: 2, 8, 7, 4, 4, 3, 3 for Tomita's grammars; else our choice"
    ] = 3,
    look_up: LookUp = True,
    initial: Initial = 0.5,
) -> Learner:
    """EM for transitions and outputs of all states."""
    allowed = np.ones((states, states), dtype=bool)
    net = machine(task, rng, allowed, look_up, initial, emission=True)
    for i in range(states):
        for k in range(len(net.output)):
            net.output[k, i] = rng.random()
        if len(net.output) > 1:
            net.output[:, i] /= sum(net.output[:, i])
    return Learner(net, lambda net: expectation(net, task.steps))


def _grammar(number, states, success):
    """Published is the success on the training set, Tomita's own strings; here both sets count."""
    options = {"longest": 10, "number": number, "states": states}
    source = "Bengio and Frasconi 1995, NIPS 7, on the training set"
    return Row("iohmm", "tomita", options, 20, 20_000, success=success, source=source)


ROWS = {
    **bridge("iohmm"),
    "iohmm/tomita1-p10": _grammar(1, 2, 60.0),
    "iohmm/tomita2-p10": _grammar(2, 8, 80.0),
    "iohmm/tomita3-p10": _grammar(3, 7, 15.0),
    "iohmm/tomita4-p10": _grammar(4, 4, 10.0),
    "iohmm/tomita5-p10": _grammar(5, 4, 10.0),
    "iohmm/tomita6-p10": _grammar(6, 3, 35.0),
    "iohmm/tomita7-p10": _grammar(7, 3, 45.0),
    **store("iohmm", states=7),
}
