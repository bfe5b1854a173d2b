"""Rows of the nets with delays.

In the common test all have ten taps at every lag. Rows `tdnn/2a` have as many taps as the lag, so
that the first input is never out of sight; in rows `tdnn/last` nothing but the last symbol has to
be predicted, with as many taps as the lag, ten, or one. The speech that Lang, Waibel and Hinton
recognised is not to be had, and for their gamma memory de Vries and Principe published no such
trials: in place of both stands the 2-sequence problem. Of lag 100 with 100 taps there is no row: a
trial would take minutes.
"""

from errorflow.demonstrations.row import Demonstration, bridges

TAPS = "1 hidden unit, D = {}"
LATCH = "1 tanh unit, D = {}"


def tdnn(inputs, outputs, D):
    """Return the number of weights of a TDNN with one hidden unit."""
    return (inputs + 1) * (D + outputs)


def narx(inputs, outputs, D):
    """Return the number of weights of a NARX net with one hidden unit."""
    return inputs + D * outputs + outputs * (inputs + 1)


def gamma(inputs, outputs, K):
    """Return the number of weights of a gamma memory with one hidden unit, with every mu."""
    return tdnn(inputs, outputs, K) + inputs + 1


def _delayed(p, D, *, last_only):
    name = f"tdnn/{'last' if last_only else '2a'}-D{D}-p{p}"
    about = (("last_only", True),) if last_only else ()
    weights = tdnn(p + 1, p + 1, D)
    return {
        name: Demonstration(
            "tdnn", "2a", p, TAPS.format(D), weights, 10, 30_000, about, (("D", D),)
        )
    }


def _latch(T, D):
    """Return the row of Lin et al. (1996) for T steps: 50 runs of 100 passes over 60 strings."""
    source = "Lin et al. 1996: two to three times as long as with D = 1" if D > 1 else "Lin et al."
    row = Demonstration(
        "narx-latch", "learned-latch", T, LATCH.format(D), 6, 50, 6_000, (), (("D", D),),
        source=source,
    )  # fmt: skip
    return {f"narx-latch/D{D}-p{T}": row}


def _classes(method, net, weights, p):
    row = Demonstration(method, "2-sequence", p, net, weights, 10, 30_000)
    return {f"{method}/2-sequence-p{p}": row}


ROWS = {
    **bridges("tdnn", TAPS.format(10), lambda p: tdnn(p + 1, p + 1, 10), D=10),
    **bridges("narx", TAPS.format(10), lambda p: narx(p + 1, p + 1, 10), D=10),
    **bridges("gamma", "1 hidden unit, K = 10", lambda p: gamma(p + 1, p + 1, 10), K=10),
}
for _p in (4, 10, 20):
    ROWS |= _delayed(_p, 1, last_only=True)
for _p in (20, 50):
    ROWS |= _delayed(_p, 10, last_only=True)
    ROWS |= _delayed(_p, _p, last_only=False) | _delayed(_p, _p, last_only=True)
for _D in (1, 3, 6):
    for _T in (20, 40, 60, 80, 100, 150, 200):
        ROWS |= _latch(_T, _D)
for _p in (10, 20, 50):
    ROWS |= _classes("tdnn", TAPS.format(10), tdnn(2, 1, 10), _p)
    ROWS |= _classes("narx", TAPS.format(10), narx(2, 1, 10), _p)
    ROWS |= _classes("gamma", "1 hidden unit, K = 10", gamma(2, 1, 10), _p)
