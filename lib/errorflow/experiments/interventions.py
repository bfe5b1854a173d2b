"""Is the vanishing error the cause? Table 2's net, its flow, and trials with one thing changed."""

from typing import NamedTuple

import numpy as np

from errorflow.core.compiled import kernel
from errorflow.core.loss import Loss
from errorflow.core.numerics import assign, fill_uniform
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import Prepared, prepare
from errorflow.experiments.training import online, present
from errorflow.flow.exponents import growth
from errorflow.flow.unrolled import run
from errorflow.nets import back_read, back_step, output_size, read, state_size, zeros_like
from errorflow.nets.integrator import integrator
from errorflow.rules.bptt import bptt
from errorflow.rules.scaled_flow import scaled_flow
from errorflow.tasks.criteria import streak

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


def flow_over_lag(net, p):
    """Return the flow of Table 2's net from the last symbol read to the first, p - 1 steps back.

    That is |d net_h(end) / d net_h(first)|, the geometric mean over both sequences of task 2a.
    """
    logs = []
    for first in (p - 1, p):
        drive = net.hidden[0, [first, *range(p - 1)]][:, None]
        logs.append(growth(net.hidden[:, -1:], [0.0], p, drive=drive)[1:].sum())
    return float(np.exp(np.mean(logs)))


def start_with_flow(net):
    """Give Table 2's net a flow of about 1: w_hh = 4, and weights from the a_i lowered by 2.

    4 is the inverse of the largest slope, and the lowered weights keep the unit where it has it.
    """
    net.hidden[0, -1] = 4.0
    net.hidden[0, :-3] -= 2.0


class FlowResult(NamedTuple):
    """The result of a trial, with the flow over the lag before and after it."""

    success: bool
    sequences: int
    before: float
    after: float


def set_up(p, seed, *, alpha=1.0, flowing=False, size=None, late=False) -> Prepared:
    """Return the :class:`~errorflow.experiments.run.Prepared` trial of Table 2's net, changed.

    ``flowing``: from :func:`start_with_flow`. ``size``: what p - 1 steps scale the far part of the
    gradient by, whatever the net does, its sign kept; None leaves the gradient as it is.
    ``late``: the hidden unit learns from the last step's error alone. Raises ``ValueError`` for a
    size that is not above 0, and what :func:`errorflow.experiments.run.prepare` raises.
    """
    if size is not None and not size > 0.0:
        raise ValueError(f"size = {size}; the far part's size must be above 0, or None")
    setup, _ = prepare(experiment("table2/rtrl-p4-lr1").changed(p=p, alpha=alpha), seed)
    if flowing:
        start_with_flow(setup.net)
    clipped = {}
    if size is not None:
        # Rounded, so that no library's last bit decides a trial.
        factor = round(size ** (1.0 / (p - 1)), 12)
        clipped = {"least": factor, "most": factor}
    return setup._replace(rule=scaled_flow(setup.net, alpha, late=late, **clipped))


def trained(setup: Prepared, p, budget):
    """Train Table 2's net, set up for lag ``p``, and return the :class:`FlowResult`."""
    before = flow_over_lag(setup.net, p)
    result = online(*setup, budget)
    return FlowResult(result.success, result.sequences, before, flow_over_lag(result.net, p))


def trial(p, seed, budget, **changes):
    """Return the :class:`FlowResult` of a trial; ``changes`` are as in :func:`set_up`."""
    return trained(set_up(p, seed, **changes), p, budget)


def linear_trial(p, seed, budget, *, alpha=1.0, last_only=False):
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


def course(setup, p, moments):
    """Train and return [(sequences, flow over the lag)] at the start and at each of ``moments``.

    ``moments`` are rising numbers of sequences; the course ends early if the criterion is met,
    with the flow after the sequence that met it.
    """
    symbols, nothing = np.zeros(p + 1, dtype=np.int64), np.empty(0)
    presented, streak, points = 0, 0, [(0, flow_over_lag(setup.net, p))]
    for moment in moments:
        state = symbols, presented, int(moment) - presented, streak, nothing
        presented, streak, done = present(*setup, *state)
        points.append((presented, flow_over_lag(setup.net, p)))
        if done:
            break
    return points


def contributions(net, symbols):
    """Return the part of the last error's weight change that each step's use brings, (steps, W).

    ``symbols`` is a sequence of steps + 1 symbols. Row q holds what the use of the weights q steps
    before the last prediction adds to the change for learning rate 1; the sum over rows, and with
    the output weights' own change in row 0, is minus the gradient of half the last step's squared
    error. Any net will do.
    """
    symbols = np.asarray(symbols, dtype=np.int64)
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


def shares(net, p):
    """Return the share (p,) of each lag in the change of the hidden weights by the last error.

    A use's part is measured by the sum of its absolute changes of the weights ``net.hidden``; the
    shares of both sequences of task 2a are averaged.
    """
    hidden = net.hidden.size
    rows = []
    for first in (p - 1, p):
        parts = np.abs(contributions(net, [first, *range(p - 1), first])[:, :hidden]).sum(axis=1)
        rows.append(parts / parts.sum())
    return np.mean(rows, axis=0)
