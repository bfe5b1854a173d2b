"""Cascade-correlation, recurrent: hidden units are trained one by one and frozen.

S. E. Fahlman and C. Lebiere, NIPS 2, 1990 (what is done), Fahlman, NIPS 3, 1991 (recurrent units),
and the constants of Fahlman's public-domain program, here [program]. Errors are y - d, as there.
"""

from functools import partial
from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.checks import check_generator, said
from errorflow.core.entries import Within, fitting, guarded
from errorflow.core.numerics import fill_uniform
from errorflow.core.options import NotNegative, Positive
from errorflow.core.sequences import MarkedSet
from errorflow.nets.cascade import Cascade
from errorflow.rules import check_epochs
from errorflow.rules.cascade_epochs import (
    CANDIDATES,
    CORRELATIONS,
    OUTPUTS,
    POOL,
    _epoch,
    _remember,
)


class Phase(NamedTuple):
    """How long and with which quickprop the outputs, or the candidates, are trained.

    At most ``epochs`` epochs, and until the value that is watched has not changed by the fraction
    ``change`` in ``patience`` epochs. ``epsilon`` is divided by the number of predictions in the
    set, and for candidates by that of the units that they see; ``decay`` times the weight is added
    to its slope.
    """

    epsilon: Positive
    mu: Positive
    decay: NotNegative
    patience: int
    change: NotNegative
    epochs: int


OF_OUTPUTS = Phase(epsilon=0.35, mu=2.0, decay=1e-4, patience=8, change=0.01, epochs=100)
OF_CANDIDATES = Phase(epsilon=1.0, mu=2.0, decay=0.0, patience=8, change=0.03, epochs=100)
"""All of [program], whose two-spirals example has 100 epochs in each phase."""


@fitting(nets=(Cascade,))
class CascadeCorrelation(NamedTuple):
    """The rule for :class:`~errorflow.nets.cascade.Cascade`, with its workspace.

    First weights, of outputs and candidates, are drawn from [-``initial``, ``initial``]; the
    weights from a new unit to the outputs are minus its correlations times ``multiplier``.

    A set has P predictions, in the order of its strings. ``values`` (P, 1 + I + M) holds what
    outputs and candidates see at each of them: bias, inputs, hidden units; ``E`` (P, O) the errors
    times the outputs' slopes. Output weights have ``slopes``, ``previous`` slopes and ``steps``.
    Columns of ``c`` are the weights of a candidate, in the order of ``net.hidden``'s rows, with
    ``c_slopes``, ``c_previous`` and ``c_steps``; ``D`` is dV/dw. ``correlations`` (2, O, POOL) are
    the last ones and those being summed, ``units`` (5, POOL) V, its next value, slope, net input
    and dS/dV, ``best`` (1,) the best candidate.
    """

    outputs: Phase
    candidates: Phase
    initial: NotNegative
    multiplier: float
    values: Annotated[np.ndarray, "P, 1 + I + M"]
    E: Annotated[np.ndarray, "P, O"]
    y: Annotated[np.ndarray, ">= O"]
    errors: Annotated[np.ndarray, "O"]
    slopes: Annotated[np.ndarray, "1 + I + M, O"]
    previous: Annotated[np.ndarray, "1 + I + M, O"]
    steps: Annotated[np.ndarray, "1 + I + M, O"]
    c: Annotated[np.ndarray, "2 + I + M, 8"]
    c_slopes: Annotated[np.ndarray, "2 + I + M, 8"]
    c_previous: Annotated[np.ndarray, "2 + I + M, 8"]
    c_steps: Annotated[np.ndarray, "2 + I + M, 8"]
    D: Annotated[np.ndarray, "2 + I + M, 8"]
    correlations: Annotated[np.ndarray, "2, O, 8"]
    units: Annotated[np.ndarray, "5, 8"]
    mean: Annotated[np.ndarray, "O"]
    best: Annotated[np.ndarray, "1", Within("0 .. 7")]

    def draw(self, rng, units, weights):
        """Return first weights, (units, weights)."""
        w = np.empty(units * weights)
        fill_uniform(rng, w, -self.initial, self.initial)
        return w.reshape(units, weights)

    def epochs(self, net, data, loss, rng):
        """Train ``net`` on a set of strings; yield (net, error, strings) after each epoch.

        ``error`` is half the summed squared error before the epoch's changes, None for an epoch of
        candidates, which leaves the net as it is. Ends when the last unit that there is room for
        has been installed.
        """
        check_epochs(self, net, data, loss)
        check_generator(rng)
        if len(self.E) != sum(data.length - 1) or isinstance(data, MarkedSet):
            raise ValueError(f"rule is for {len(self.E)} predictions; the set has other strings")
        symbols, length, size = data.symbols, data.length, len(data.length)
        first = 1 + net.inputs
        net.output[:, :first] = self.draw(rng, len(net.output), first)
        for array in (self.previous, self.steps):
            array[:] = 0.0
        while net.units < len(net.hidden):
            _remember(self, net, symbols, length)
            run = partial(_epoch, self, net, symbols, length, loss)
            for error in _until_stagnant(self.outputs, run, OUTPUTS, self.outputs.patience):
                yield net, error, size
            seen = first + net.units
            self.c[: seen + 1] = self.draw(rng, POOL, seen + 1).T
            for array in (self.c_previous, self.c_steps):
                array[:] = 0.0
            run(CORRELATIONS)
            yield net, None, size
            # The best score must have changed once before it can be called stagnant.
            for _ in _until_stagnant(self.candidates, run, CANDIDATES, self.candidates.epochs):
                yield net, None, size
            net = _install(self, net)


@guarded
def cascade_correlation(
    net: Cascade,
    length: np.ndarray,
    *,
    outputs: Phase = OF_OUTPUTS,
    candidates: Phase = OF_CANDIDATES,
    initial: NotNegative = 1.0,
    multiplier: float = 1.0,
) -> CascadeCorrelation:
    """Return :class:`CascadeCorrelation` with a workspace for ``net`` and strings of ``length``.

    ``initial`` and ``multiplier`` are those of [program]. A phase without epochs is a
    ``ValueError``.
    """
    length = np.asarray(length)
    if length.ndim != 1 or length.dtype.kind != "i" or not length.size or length.min() < 2:
        raise ValueError(f"length = {said(length)}; it must be the lengths of strings, 2 or more")
    P, (O, columns) = int(np.sum(length - 1)), net.output.shape
    return CascadeCorrelation(
        outputs,
        candidates,
        initial,
        multiplier,
        np.zeros((P, columns)),
        np.zeros((P, O)),
        np.zeros(-(-O // 8) * 8),  # a multiple of 8 goes through tanh in vectors
        np.zeros(O),
        *np.zeros((3, columns, O)),
        *np.zeros((5, columns + 1, POOL)),
        np.zeros((2, O, POOL)),
        np.zeros((5, POOL)),
        np.zeros(O),
        np.zeros(1, dtype=np.int64),
    )


def _until_stagnant(phase, run, kind, wait):
    """Run epochs of that ``kind`` and yield the watched value of each, until it stagnates.

    It may do so after ``wait`` epochs at the earliest.
    """
    last, end = None, wait
    for done in range(1, phase.epochs + 1):
        value = run(kind)
        yield value
        if last is None:
            last = value
        elif abs(value - last) > last * phase.change:
            last, end = value, done + phase.patience
        elif done >= end:
            return


def _install(rule, net):
    """Return ``net`` with the best candidate as its next unit; they share their arrays."""
    h, best = net.units, rule.best[0]
    seen = 1 + net.inputs + h
    net.hidden[h, : seen + 1] = rule.c[: seen + 1, best]
    net.output[:, seen] = -rule.multiplier * rule.correlations[0, :, best]
    return net._replace(units=h + 1)
