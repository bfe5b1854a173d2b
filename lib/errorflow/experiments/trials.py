"""A trial: one condition, one seed, one result."""

from typing import NamedTuple

import numpy as np

from errorflow import methods
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform
from errorflow.experiments.conditions import TRIALS_PER_PAIR, Condition, condition
from errorflow.experiments.training import Growth, batch, online
from errorflow.nets import cascade, hierarchy, layered, lstm, recurrent
from errorflow.rules.bptt import bptt
from errorflow.rules.bptt_one_unit import bptt_one_unit
from errorflow.rules.cascade_correlation import (
    OF_CANDIDATES,
    OF_OUTPUTS,
    cascade_correlation,
)
from errorflow.rules.chunker import chunker
from errorflow.rules.elman import elman
from errorflow.rules.elman_layered import elman_layered
from errorflow.rules.hierarchical_chunker import hierarchical_chunker
from errorflow.rules.rtrl import rtrl
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.rules.rtrl_recurrent import rtrl_recurrent
from errorflow.rules.truncated import truncated
from errorflow.tasks import reber
from errorflow.tasks.criteria import all_predicted, frozen_streak, streak
from errorflow.tasks.late_answer import late_answer
from errorflow.tasks.two_sequence import two_sequence

__all__ = ["Condition", "Setup", "Trial", "condition", "draw_weights", "net_of", "prepare", "run"]

FROZEN_EVERY = 1_000


class Trial(NamedTuple):
    """The result of a trial; ``curve`` as in :class:`errorflow.experiments.training.Trained`."""

    success: bool
    sequences: int
    weights: int
    curve: list


def net_of(c):
    """Return the net of a condition, with all weights 0."""
    p = c.protocol
    if c.task == "reber":
        if c.method == "lstm":
            return lstm.table1(c.hidden, c.size, g=p.g1, h=p.h1)
        if c.method == "elman":
            return layered.elman(c.hidden)
        if p.clamped:
            return layered.layered(7, c.hidden, 7)
        if c.method == "rcc":
            options = dict(zip(("high", "steepness"), p.cascade_sigmoid, strict=True))
            return cascade.cascade(7, 7, c.hidden, inputs_are=p.cascade_inputs, **options)
        return recurrent.table1(c.hidden)
    if c.task == "2c":
        return lstm.task2c(c.p, g=p.g1, h=p.h1)
    if c.method == "lstm":
        return lstm.table2(c.p, cells=c.hidden, g=p.g2)
    low, high = p.hidden_range
    options = {"low": low, "high": high, "offset": p.hidden_slope_offset}
    if c.method == "chunker":
        return hierarchy.pair(c.p, **options)
    if c.method == "hierarchical-chunker":
        return hierarchy.hierarchy(c.p, p.levels, **options)
    units = c.p + 1
    return layered.layered(units, c.hidden, units, **options)


def loss_of(c):
    """Return what the outputs of a condition are compared with."""
    p = c.protocol
    if c.method == "rcc":
        return Loss(*map(float, (*p.cascade_targets, 1.0, p.cascade_offset, p.tolerance)))
    late = c.task == "2c"
    tolerance = p.tolerance_2c if late else p.tolerance
    return Loss(*map(float, (*p.targets, *p.output_slope, tolerance)), late)


def rule_of(c, net, steps, *, measure=False):
    """Return the rule of a condition, with a workspace for ``net`` and ``steps`` predictions."""
    p = c.protocol
    per_step, lag = p.update == "step", _lag(c)
    if c.method == "lstm":
        return truncated(net, c.alpha, per_step=per_step, reset=p.reset)
    if c.method == "elman":
        if per_step and p.reset and not p.momentum:
            return elman_layered(net, c.alpha, context=p.context)
        options = {"momentum": p.momentum, "context": p.context}
        return elman(net, c.alpha, per_step=per_step, reset=p.reset, **options)
    if c.method == "chunker":
        return chunker(
            net,
            c.alpha,
            eps=p.eps,
            C_first=p.chunker_order == "C first",
            as_pair=p.chunker_judged == "pair",
            reset=p.reset,
            C_reset=p.chunker_reset,
            measure=measure,
        )
    if c.method == "hierarchical-chunker":
        return hierarchical_chunker(net, c.alpha, eps=p.eps, reset=p.reset)
    one_unit = isinstance(net, layered.Layered) and c.hidden == 1
    options = {"lag": lag, "reset": p.reset}
    if c.method == "bptt" and one_unit:
        return bptt_one_unit(net, steps, c.alpha, measure=measure, **options)
    if c.method == "bptt":
        return bptt(net, steps, c.alpha, **options)
    if one_unit and per_step:
        return rtrl_one_unit(net, c.alpha, measure=measure, **options)
    if isinstance(net, recurrent.Recurrent) and per_step and p.reset and not lag:
        return rtrl_recurrent(net, c.alpha)
    return rtrl(net, c.alpha, per_step=per_step, **options)


def _lag(c):
    p = c.protocol
    late = p.outputs_see == "hidden(t-1)" or (c.task == "reber" and p.clamped)
    return int(late and c.method in ("rtrl", "bptt"))


def draw_weights(c, net, rng):
    """Draw the initial weights of ``net`` for a condition, in the order of ``net.w``."""
    fill_uniform(rng, net.w, -c.protocol.initial, c.protocol.initial)
    if c.method == "chunker":
        fill_uniform(rng, net.C.w, -c.protocol.initial, c.protocol.initial)
    if c.method == "lstm":
        S, B = net.blocks * net.size, net.blocks
        net.bias[B:] = -np.arange(1.0, len(net.bias) - B + 1.0)
        gates = net.bias[:B] if len(net.bias) else net.hidden[S : S + B]
        gates += c.protocol.input_gate


class Setup(NamedTuple):
    """A trial before its first sequence: the arguments of ``online`` or ``batch`` of training."""

    net: NamedTuple
    rule: NamedTuple
    task: NamedTuple
    loss: Loss
    criterion: NamedTuple
    rng: np.random.Generator


def prepare(c, seed, *, measure=False):
    """Return the :class:`Setup` of the trial with that ``seed``, and its growth or None."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed = {seed!r}; it must be an integer of at least 0")
    p, lag = c.protocol, _lag(c)
    rng = _generator(seed, 0)
    loss = loss_of(c)
    net, growth = net_of(c), None
    if c.task == "reber":
        pair = _generator(seed // TRIALS_PER_PAIR, 1)
        strings = reber.training_and_test(pair, duplicates=p.duplicates)
        how = {"stream": p.stream, "judged": "but outer" if p.but_outer else "all"}
        training, test = (reber.string_set(each, **how) for each in strings)
        task = reber.stream() if p.stream else training
        options = {"every": p.test_every, "strict": p.strict, "lag": lag, "reset": p.reset}
        if c.method == "elman":
            options["context"] = p.context
        criterion = all_predicted(net, training, test, **options)
    else:
        if c.task == "2c":
            task = late_answer(c.p, c.q)
        else:
            task = two_sequence(c.p, regular=c.task == "2a")
        at_end = p.judged_at == "end" or c.task != "2a"
        if p.judged == "frozen":
            criterion = frozen_streak(
                net, task, loss, p.streak, FROZEN_EVERY, at_end=at_end, lag=lag, reset=p.reset
            )
        else:
            criterion = streak(p.streak, at_end=at_end)
        if c.method == "lstm" and c.task != "2c" and p.cell != "start":
            net = lstm.table2(c.p, cells=0, g=p.g2)
            growth = Growth(_grower(c, rng, task.steps), 0 if p.cell == "stagnation" else p.cell)
        if c.method == "hierarchical-chunker" and p.levels > 1:
            growth = Growth(_level_adder(c, rng, task.steps), times=p.levels - 1)
    if c.method == "rcc":  # draws its weights when it needs them
        outputs = OF_OUTPUTS._replace(epsilon=c.alpha, epochs=p.cascade_epochs[0])
        candidates = OF_CANDIDATES._replace(epsilon=p.cascade_epsilon, epochs=p.cascade_epochs[1])
        rule = cascade_correlation(net, task.length, outputs=outputs, candidates=candidates)
    else:
        draw_weights(c, net, rng)
        rule = rule_of(c, net, task.steps, measure=measure)
    return Setup(net, rule, task, loss, criterion, rng), growth


def run(c, seed, *, curve_every=0):
    """Run the trial of condition ``c`` with that ``seed`` and return a :class:`Trial`.

    The same condition and seed give the same result on any machine. Trials 10 k .. 10 k + 9 of
    Experiment 1 share their training and test sets. An :class:`errorflow.methods.Experiment` gives
    its :class:`errorflow.methods.Outcome`.
    """
    if isinstance(c, methods.Experiment):
        return methods.run(c, seed, curve_every=curve_every)
    setup, growth = prepare(c, seed, measure=bool(curve_every))
    if c.method == "rcc":
        result = batch(*setup, c.budget, curve=bool(curve_every))
        return Trial(result.success, result.sequences, result.net.weights, result.curve)
    result = online(*setup, c.budget, growth=growth, curve_every=curve_every)
    return Trial(result.success, result.sequences, len(net_of(c).w), result.curve)


def _grower(c, rng, steps):
    def grow(net):
        grown = net_of(c)
        draw_weights(c, grown, rng)
        grown.output[:, : net.inputs] = net.output
        return grown, rule_of(c, grown, steps)

    return grow


def _level_adder(c, rng, steps):
    def grow(net):
        net = hierarchy.grown(net)
        draw_weights(c, net, rng)
        return net, rule_of(c, net, steps)

    return grow


def _generator(seed, stream):
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(stream,))))
