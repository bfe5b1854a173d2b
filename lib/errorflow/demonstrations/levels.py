"""Rows of the methods on higher levels: EM for states, and the Kalman filters.

The covariance of the global filter has an entry for each pair of weights, (p + 2)^4 at lag p, and
changes p times a sequence. Ten trials take three minutes at lag 10, at lag 20 two hours. The
decoupled filter has (p + 2)^2 entries for each of p + 2 units: seven minutes at lag 20, four hours
at lag 50. Both are left out beyond lag 10.

Published of EM are the final error in per cent and the mean number of presentations; that of parity
is certain for the longest sequences alone, where the authors helped EM by terms in its criterion
that are not used here. For Tomita's grammars the published success is that of the training set,
Tomita's own strings; here it is that of a random training set and of a test set.
"""

from errorflow.demonstrations.row import Demonstration, bridges, table2

NIPS6 = "Bengio and Frasconi 1994, NIPS 6, final error 0 %"
PARITY = "Bengio and Frasconi 1994, NIPS 6, final error 12 %"
NIPS7 = "Bengio and Frasconi 1995, NIPS 7, on the training set"


def _three_states(p):
    return 9 * (p + 1)


def _three_states_and_outputs(p):
    return 12 * (p + 1)


def _classes(p, sequences):
    row = Demonstration("em", "2-sequence", p, "7 states, softmax", 98, 20, 30_000)
    return row._replace(success=100.0, sequences=sequences, source=NIPS6)


def _odd(p, **published):
    constants = ("chain", 0), ("look_up", True)
    row = Demonstration("em", "parity", p, "2 states", 8, 20, 10_000, constants=constants)
    return row._replace(**published)


def _grammar(number, states, weights, success):
    about, constants = (("number", number),), (("states", states),)
    row = Demonstration("iohmm", "tomita", 10, f"{states} states", weights, 20, 20_000, about)
    return row._replace(constants=constants, success=success, source=NIPS7)


def _discounted(p, gamma):
    return Demonstration(
        "decoupled-kalman", "2a", p, "1 hidden unit", table2(p), 10, 30_000,
        constants=(("gamma", gamma),),
    )  # fmt: skip


def _gap(p):
    constants = (("hidden", 10),)  # as many as Mozer's nets have context units
    return Demonstration(
        "decoupled-kalman", "gap", p, "10 hidden units", 529, 10, 2_000, constants=constants
    )


ROWS = {
    **bridges("em", "3 states", _three_states, chain=1),
    **bridges("iohmm", "3 states", _three_states_and_outputs),
    **bridges("kalman", "1 hidden unit", table2, lags=(2, 3, 4, 6, 10)),
    **bridges("decoupled-kalman", "1 hidden unit", table2, lags=(2, 3, 4, 6, 10)),
    "em/2-sequence-p10": _classes(10, 4_000),
    "em/2-sequence-p20": _classes(20, 2_900),
    "em/2-sequence-p50": _classes(50, 3_200),
    "em/2-sequence-p100": _classes(100, 2_900),
    "em/parity-p3": _odd(3),
    "em/parity-p5": _odd(5),
    "em/parity-p10": _odd(10),
    "em/parity-p500": _odd(500, sequences=3_400, source=PARITY),
    "iohmm/tomita1-p10": _grammar(1, 2, 10, 60.0),
    "iohmm/tomita2-p10": _grammar(2, 8, 136, 80.0),
    "iohmm/tomita3-p10": _grammar(3, 7, 105, 15.0),
    "iohmm/tomita4-p10": _grammar(4, 4, 36, 10.0),
    "iohmm/tomita5-p10": _grammar(5, 4, 36, 10.0),
    "iohmm/tomita6-p10": _grammar(6, 3, 21, 35.0),
    "iohmm/tomita7-p10": _grammar(7, 3, 21, 45.0),
    **{
        f"decoupled-kalman/gamma-{gamma}-p{p}": _discounted(p, gamma)
        for gamma in (0.99, 0.9)
        for p in (2, 3, 4, 6)
    },
    "decoupled-kalman/gap-p4": _gap(4),
    "decoupled-kalman/gap-p8": _gap(8),
}
