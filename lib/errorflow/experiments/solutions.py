"""Weights that solve the paper's tasks: witnesses that its nets *can* do what they fail to learn.

They are written down, or found by the perceptron rule; no gradient goes back in time.
A unit is used as a threshold: its weights are so large that its net input is far from 0.
"""

from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from errorflow.core.checks import real_array, said
from errorflow.core.entries import guarded
from errorflow.core.options import at_least
from errorflow.nets import (
    Net,
    check_shown,
    layered,
    lstm,
    output_size,
    read,
    recurrent,
    state_size,
    step,
)
from errorflow.tasks import reber
from errorflow.tasks.two_sequence import Lag


@guarded
def two_sequences(p: Lag, *, own: float = 20.0, readout: float = 20.0) -> layered.Layered:
    """Return Table 2's net for RTRL and BPTT, one hidden unit, that solves task 2a at lag ``p``.

    The hidden unit is a latch: its weight to itself is ``own``, x brings own/2, every other symbol
    -own/2, so that it is on after x and off after y, and stays so. Outputs know the next symbol
    from the last one, but for x and y, which ask the latch. ``readout`` is the weight from it.
    Raises ``ValueError`` for own <= 4: such a unit has no two stable states.
    """
    if not own > 4.0:
        raise ValueError(f"own = {own}; a latch needs a weight above 4 to itself")
    net = layered.table2(p)
    net.hidden[0] = -0.5 * own
    net.hidden[0, p - 1] = 0.5 * own
    net.hidden[0, -1] = own
    _outputs(net.output, p, readout)
    return net


@guarded
def two_sequences_lstm(p: Lag, *, gate: float = 20.0, readout: float = 20.0) -> lstm.MemoryCells:
    """Return Table 2's net for LSTM that solves task 2a at lag ``p``: the cell keeps 1 for x.

    x and y open the input gate, all other symbols shut it; x brings g = 1, y brings g = 0.
    """
    net = lstm.table2(p)
    net.hidden[0, p - 1], net.hidden[0, p] = gate, -gate
    net.hidden[1] = -gate
    net.hidden[1, p - 1 :] = gate
    _outputs(net.output, p, readout)
    return net


def _outputs(W, p, readout):
    """Write the output weights (p + 1, p + 2): the last column is from the unit that remembers."""
    x, y, last = p - 1, p, p - 2
    W[:] = -0.5 * readout
    for symbol in range(p - 2):
        W[symbol + 1, symbol] = 0.5 * readout
    W[0, [x, y]] = 0.5 * readout
    W[:, -1] = 0.0
    W[x, -1], W[y, -1] = readout, -readout
    W[x, : p + 1] = -1.5 * readout
    W[x, last], W[y, last] = -0.5 * readout, 0.5 * readout


@guarded
def largest_error(net: Net, p: Lag) -> float:
    """Return the largest output error of ``net`` in both sequences of task 2a, targets 0 and 1."""
    before, state = np.zeros((2, state_size(net)))
    y, largest = np.zeros(output_size(net)), 0.0
    check_shown(net, np.array([p, p]), 1, "step", "read", targets=True)
    for first in (p - 1, p):
        before[:] = 0.0
        symbols = np.array([first, *range(p - 1), first])
        for x, d in pairwise(symbols):
            step.unchecked(net, x, before, state)
            read.unchecked(net, x, state, y)
            y[d] -= 1.0
            largest = max(largest, np.abs(y).max())
            before[:] = state
    return largest


@guarded
def threshold(features: ArrayLike, wanted: ArrayLike, *, passes: int = 1000) -> np.ndarray:
    """Return integer weights of a threshold unit, found by the perceptron rule.

    ``features`` (cases, weights) holds what comes in, ``wanted`` (cases,) whether the unit is to be
    on; the net input is at least 1 where it is and at most -1 elsewhere. Raises ``ValueError`` if
    ``passes`` passes find no such weights, as when there are none.

    >>> threshold([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], [False, False, False, True])
    array([ 3.,  2., -4.])
    """
    features, wanted = real_array("features", features), real_array("wanted", wanted)
    if features.ndim != 2 or wanted.shape != features.shape[:1]:
        raise ValueError(
            f"features {features.shape} and wanted {wanted.shape} do not fit; they must be "
            "(cases, weights) and (cases,)"
        )
    signs = np.where(wanted, 1.0, -1.0)
    w = np.zeros(features.shape[1])
    for _ in range(passes):
        done = True
        for row, sign in zip(features, signs, strict=True):
            if sign * (row * w).sum() < 1.0:
                w += sign * row
                done = False
        if done:
            return w
    raise ValueError(f"no weights found in {passes} passes: the cases may not be separable")


PLACES = ("outer", "begin", *range(reber.END + 1), "repeat", "last")
"""The places of the embedded Reber grammar, by what was read last, in the order of their units."""


def _check_place(place):
    if not isinstance(place, (str, int)) or place not in PLACES:
        raise ValueError(f"place = {said(place)}; it must be one of {', '.join(map(str, PLACES))}")


def reber_cases():
    """Return what a net must do: (place, held, symbol, next place, held then) for every move.

    ``held`` says whether the second symbol of the string was T. Place None is the start.
    """
    cases: list[tuple] = [(None, False, "B", "outer", False)]
    cases += [("outer", False, symbol, "begin", symbol == "T") for symbol in "TP"]
    for held in (False, True):
        cases.append(("begin", held, "B", 0, held))
        for place, edges in enumerate(reber.EDGES):
            cases += [(place, held, symbol, after, held) for symbol, after in edges]
        cases.append((reber.END, held, "E", "repeat", held))
        cases.append(("repeat", held, "T" if held else "P", "last", held))
    return cases


@guarded
def successors(place: Any, held: bool) -> np.ndarray:
    """Return for each of the seven symbols whether it may follow, (7,), as 0 and 1."""
    prefix = {"outer": "", "begin": "{}", 0: "{}B", 1: "{}BT", 2: "{}BP", 3: "{}BTX", 4: "{}BPV"}
    prefix |= {reber.END: "{}BTXS", "repeat": "{}BTXSE", "last": "{}BTXSE{}"}
    _check_place(place)
    legal = reber.legal("B" + prefix[place].replace("{}", "T" if held else "P"))
    return np.array([float(symbol in legal) for symbol in reber.SYMBOLS])


@guarded
def one_unit_a_place(place: Any, held: bool) -> np.ndarray:
    """Return the activations (11,) of a unit for each place, and of a latch that is on for T."""
    _check_place(place)
    return np.array([*(float(place == p) for p in PLACES), float(held)])


@guarded
def three_units(place: Any, held: bool) -> np.ndarray:
    """Return the activations (3,) of a latch and two units that tell apart what outputs do not.

    Places with the same successors differ in the two units, and so much that every unit of a fully
    recurrent net is a threshold of what it sees; found by trying random codes.
    """
    _check_place(place)
    first, second = "0110001011"[PLACES.index(place)], "0011100111"[PLACES.index(place)]
    return np.array([float(held), float(first), float(second)])


@guarded
def reber_elman(
    hidden: Annotated[int, at_least(11)] = 15, *, scale: float = 20.0
) -> layered.Layered:
    """Return Table 1's Elman net with weights that predict every embedded Reber string.

    A unit for each place and a latch, found by :func:`threshold` and multiplied by ``scale``; what
    is left of the ``hidden`` units has weights 0.
    """
    net = layered.elman(hidden)
    before, now, after = _moves(one_unit_a_place)
    n, symbols = now.shape[1], len(reber.SYMBOLS)
    seen = np.hstack([before[:, :symbols], before[:, 2 * symbols :]])
    for i in range(n):
        net.hidden[i, : symbols + n] = scale * threshold(seen, now[:, i] > 0)
    for k in range(symbols):
        net.output[k, :n] = scale * threshold(now, after[:, k] > 0)
    return net


@guarded
def reber_recurrent(
    hidden: Annotated[int, at_least(3)] = 12, *, scale: float = 20.0
) -> recurrent.Recurrent:
    """Return Table 1's net for RTRL with weights that predict every embedded Reber string.

    All units see the outputs too; with fewer than 11 ``hidden`` units these are needed to tell the
    places apart, and 3 hidden ones are enough. Otherwise as :func:`reber_elman`.
    """
    net = recurrent.table1(hidden)
    code = one_unit_a_place if hidden > len(PLACES) else three_units
    before, now, after = _moves(code)
    symbols = len(reber.SYMBOLS)
    for k in range(symbols):
        net.units[k, : before.shape[1]] = scale * threshold(before, after[:, k] > 0)
    for i in range(now.shape[1]):
        net.units[symbols + i, : before.shape[1]] = scale * threshold(before, now[:, i] > 0)
    return net


def _moves(code):
    """Return for each case: symbol, outputs and code before; code after; successors after."""
    before, now, after = [], [], []
    for place, held, symbol, following, then in reber_cases():
        read = [float(symbol == s) for s in reber.SYMBOLS]
        now.append(code(following, then))
        after.append(successors(following, then))
        size = len(reber.SYMBOLS) + len(now[-1])
        known = np.zeros(size)
        if place is not None:
            known = np.concatenate([successors(place, held), code(place, held)])
        before.append(np.concatenate([read, known]))
    return np.array(before), np.array(now), np.array(after)
