"""Is the vanishing error the cause? Table 2's net, its flow, and trials with one thing changed."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from errorflow.core.checks import check_size, said, whole_numbers
from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.loss import Loss
from errorflow.core.numerics import assign, fill_uniform
from errorflow.core.options import ABOVE_0, Count, Positive
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import Prepared, prepare
from errorflow.experiments.training import online, present
from errorflow.flow.exponents import growth
from errorflow.flow.unrolled import run
from errorflow.nets import (
    Net,
    back_read,
    back_step,
    check_finite,
    check_shown,
    output_size,
    read,
    state_size,
    zeros_like,
)
from errorflow.nets.integrator import integrator
from errorflow.nets.layered import Layered, check_one_unit
from errorflow.rules.bptt import bptt
from errorflow.rules.scaled_flow import scaled_flow
from errorflow.tasks.criteria import streak
from errorflow.tasks.two_sequence import Lag

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


@guarded
def flow_over_lag(net: Layered, p: Lag) -> float:
    """Return the flow of Table 2's net from the last symbol read to the first, p - 1 steps back.

    That is |d net_h(end) / d net_h(first)|, the geometric mean over both sequences of task 2a.
    """
    _check_lag(net, p)
    logs = []
    for first in (p - 1, p):
        drive = net.hidden[0, [first, *range(p - 1)]][:, None]
        logs.append(growth(net.hidden[:, -1:], [0.0], p, drive=drive)[1:].sum())
    return float(np.exp(np.mean(logs)))


@guarded
def start_with_flow(net: Layered) -> None:
    """Give Table 2's net a flow of about 1: w_hh = 4, and weights from the a_i lowered by 2.

    4 is the inverse of the largest slope, and the lowered weights keep the unit where it has it.
    """
    check_one_unit(net)
    net.hidden[0, -1] = 4.0
    net.hidden[0, :-3] -= 2.0


class FlowResult(NamedTuple):
    """The result of a trial, with the flow over the lag before and after it."""

    success: bool
    sequences: int
    before: float
    after: float


@guarded
def set_up(
    p: Lag,
    seed: Count,
    *,
    alpha: Positive = 1.0,
    flowing: bool = False,
    size: Annotated[float | None, ABOVE_0] = None,
    late: bool = False,
) -> Prepared:
    """Return the :class:`~errorflow.experiments.run.Prepared` trial of Table 2's net, changed.

    ``flowing``: from :func:`start_with_flow`. ``size``: what p - 1 steps scale the far part of the
    gradient by, whatever the net does, its sign kept; None leaves the gradient as it is.
    ``late``: the hidden unit learns from the last step's error alone. Raises ``ValueError`` for a
    size that is not above 0, and what :func:`errorflow.experiments.run.prepare` raises.
    """
    setup, _ = prepare(experiment("table2/rtrl-p4-lr1").changed(p=p, alpha=alpha), seed)
    if flowing:
        start_with_flow(setup.net)
    clipped = {}
    if size is not None:
        # Rounded, so that no library's last bit decides a trial.
        factor = round(size ** (1.0 / (p - 1)), 12)
        clipped = {"least": factor, "most": factor}
    return setup._replace(rule=scaled_flow(setup.net, alpha, late=late, **clipped))


@guarded
def trained(setup: Prepared, p: Lag, budget: Count) -> FlowResult:
    """Train Table 2's net, set up for lag ``p``, and return the :class:`FlowResult`."""
    before = flow_over_lag(setup.net, p)
    result = online(*setup, budget)
    return FlowResult(result.success, result.sequences, before, flow_over_lag(result.net, p))


def trial(p: int, seed: int, budget: int, **changes: Any) -> FlowResult:
    """Return the :class:`FlowResult` of a trial; ``changes`` are as in :func:`set_up`."""
    return trained(set_up(p, seed, **changes), p, budget)


@guarded
def linear_trial(
    p: Lag, seed: Count, budget: Count, *, alpha: Positive = 1.0, last_only: bool = False
) -> FlowResult:
    """Return the :class:`FlowResult` of a net whose hidden unit sums up: its flow is always 1.

    It learns by BPTT, at the end of each sequence. With ``last_only`` nothing but the last symbol
    has to be predicted.
    """
    setup, _ = prepare(experiment("table2/rtrl-p4-lr1").changed(p=p, alpha=alpha), seed)
    net = integrator(p)
    fill_uniform(setup.rng, net.w, -0.2, 0.2)
    setup = setup._replace(
        net=net,
        rule=bptt(net, p, alpha),
        loss=setup.loss._replace(at_end=last_only),
        criterion=streak(setup.criterion.goal, at_end=last_only),
    )
    result = online(*setup, budget)
    return FlowResult(result.success, result.sequences, 1.0, 1.0)


def _rising(moments):
    """Return rising numbers of sequences, as a list."""
    if not isinstance(moments, Iterable) or isinstance(moments, str):
        raise ValueError(f"moments = {said(moments)}; they must be rising numbers of sequences")
    last, checked = 0, []
    for moment in moments:
        last = check_size("a moment", moment, last)
        checked.append(last)
    return checked


def _check_lag(net, p):
    """Refuse what is no net for lag ``p`` as in Table 2."""
    check_one_unit(net)
    check_finite(net)
    if net.hidden.shape[1] != p + 2:
        raise ValueError(f"p = {p}; the net is for the lag {net.hidden.shape[1] - 2}")


@guarded
def course(setup: Prepared, p: Lag, moments: Iterable[int]) -> list[tuple[int, float]]:
    """Train and return [(sequences, flow over the lag)] at the start and at each of ``moments``.

    ``moments`` are rising numbers of sequences; the course ends early if the criterion is met,
    with the flow after the sequence that met it.
    """
    symbols, nothing = np.zeros(p + 1, dtype=np.int64), np.empty(0)
    presented, streak, points = 0, 0, [(0, flow_over_lag(setup.net, p))]
    for moment in _rising(moments):
        state = symbols, presented, moment - presented, streak, nothing
        presented, streak, done = present(*setup, *state)
        points.append((presented, flow_over_lag(setup.net, p)))
        if done:
            break
    return points


@guarded
def contributions(net: Net, symbols: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the part of the last error's weight change that each step's use brings, (steps, W).

    ``symbols`` is a sequence of steps + 1 symbols. Row q holds what the use of the weights q steps
    before the last prediction adds to the change for learning rate 1; the sum over rows, and with
    the output weights' own change in row 0, is minus the gradient of half the last step's squared
    error. Any net will do.
    """
    symbols = whole_numbers("symbols", symbols)
    needed = "step", "read", "back_read", "back_step"
    check_shown(net, symbols, len(symbols) - 1, *needed, targets=True)
    steps, size = len(symbols) - 1, state_size(net)
    states, y = np.zeros((steps + 1, size)), np.zeros(output_size(net))
    parts, e = np.zeros((steps, len(net.w))), np.zeros((2, size))
    _contributions(net, symbols, SQUARED, zeros_like(net), states, y, e, parts)
    return parts


@kernel
def _contributions(net, symbols, loss, change, states, y, e, parts):
    """Fill ``parts``; the arrays before it are scratch."""
    steps = len(parts)
    run(net, symbols, states)
    x, d = symbols[steps - 1], symbols[steps]
    read(net, x, states[steps], y)
    errors = loss.low - y
    errors[d] = loss.high - y[d]
    now, before = e[0], e[1]
    back_read(net, x, states[steps], y, errors, loss, change, now)
    for q in range(steps):
        t = steps - 1 - q
        back_step(net, symbols[t], states[t], states[t + 1], now, change, before)
        assign(parts[q], change.w)
        change.w[:] = 0.0
        now, before = before, now


@guarded
def shares(net: Net, p: Lag) -> np.ndarray:
    """Return the share (p,) of each lag in the change of the hidden weights by the last error.

    A use's part is measured by the sum of its absolute changes of the weights ``net.hidden``; the
    shares of both sequences of task 2a are averaged.
    """
    if not hasattr(net, "hidden"):
        raise ValueError(f"net = {said(net)}; it must have hidden weights")
    hidden = net.hidden.size
    rows = []
    for first in (p - 1, p):
        parts = np.abs(contributions(net, [first, *range(p - 1), first])[:, :hidden]).sum(axis=1)
        rows.append(parts / parts.sum())
    return np.mean(rows, axis=0)
