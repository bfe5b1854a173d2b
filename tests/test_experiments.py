import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from errorflow.core.loss import Loss
from errorflow.core.numerics import generators
from errorflow.experiments import paper
from errorflow.experiments.protocols import LITERAL, PROTOCOLS, Protocol, protocol
from errorflow.experiments.trials import Condition, condition, net_of, rule_of, run
from errorflow.nets import copy, layered, lstm, recurrent, zeros_like
from errorflow.rules import learn
from errorflow.tasks import draw
from errorflow.tasks.two_sequence import two_sequence

COUNTS = [
    ("table1/lstm-3x2-lr0.5", "caption", 20_000, 1),
    ("table1/lstm-4x1-lr0.5", "literal", 3_000, 0),
    ("table1/rtrl-3", "literal", 500, 0),
    ("table1/rtrl-3", "smith-zipser", 2_000, 0),
    ("table2/rtrl-p4-lr10", "literal", 400_000, 0),
    ("table2/rtrl-p4-lr1", "delayed", 400_000, 1),
    ("table2/bptt-p100-lr1", "literal", 200, 0),
    ("table2/lstm-p100", "no-slope", 20_000, 0),
    ("table1/elman-15", "cleeremans", 500, 0),
    ("task2c/q50-p50", "literal", 3_000, 0),
    ("table1/rcc", "literal", 256 * 200, 0),
    ("table2/chunker-p100", "pair", 10_500, 0),
    ("task2a/hierarchical-chunker-p100", "literal", 2_000, 0),
]
"""A handful of short trials, pinned below: row, protocol, budget, seed."""

PINNED = [
    [True, 13980, "0x1.ae4b79cd28434p+7"],
    [False, 3000, "0x1.769f02dff0b02p+6"],
    [False, 500, "0x1.68a0d8b35fe7ep+4"],
    [False, 2000, "0x1.561e4f2c35fd9p+6"],
    [True, 276510, "0x1.bf4c8480c4e85p+9"],
    [True, 115221, "0x1.29b1c3797dd17p+8"],
    [False, 200, "0x1.beb37d6f79d72p+6"],
    [True, 7348, "0x1.4c3251d1d1fdep+5"],
    [False, 500, "0x1.67d71128fd772p+4"],
    [False, 3000, "0x1.e00a063f6e53fp+2"],
    [False, 51200, "0x1.cf2f405fcd765p+9"],
    [True, 211, "0x1.d2bacfdc2743ep+5"],
    [False, 2000, "0x1.0a5f381d55b34p+5"],
]


def counts():
    """Return what is compared: counts, and every bit of a learning curve."""
    results = []
    for row, name, budget, seed in COUNTS:
        trial = run(condition(row, name, budget), seed, curve_every=100)
        curve = math.fsum(error for _, error in trial.curve).hex()
        results.append([trial.success, trial.sequences, curve])
    return results


def test_pinned_counts():
    assert counts() == PINNED


def test_machine_code_for_any_cpu_gives_the_same_bits(tmp_path):
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(tmp_path)}
    code = "import json, test_trials; print(json.dumps(test_trials.counts()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=os.path.dirname(__file__),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == PINNED


@pytest.mark.parametrize("row", [row for row in paper.ROWS if row != "table1/rcc"])
def test_weights_are_the_tables(row):
    assert len(net_of(condition(row)).w) == paper.ROWS[row].weights


def test_named_nets_count_their_weights():
    nets = [lstm.table1(3, 2), lstm.table1(4, 1), layered.table2(4), layered.table2(10)]
    nets += [layered.table2(100), lstm.table2(100), recurrent.table1(3), recurrent.table1(12)]
    wanted = [276, 264, 36, 144, 10_404, 10_504, 170, 494]
    assert [len(net.w) for net in nets] == wanted
    for net, weights in zip(nets, wanted, strict=True):
        assert f"weights={weights})" in repr(net)
        parts = [f for n, f in zip(net._fields, net, strict=True) if isinstance(f, np.ndarray)]
        assert sum(part.size for part in parts[1:]) == weights
        net.w[:] = np.arange(weights)
        assert sorted(np.concatenate([p.ravel() for p in parts[1:]])) == list(range(weights))


def test_clamped_visible_units_are_inputs_and_outputs_in_one():
    """Seven of them and H hidden units make one fully connected net of (7 + H)^2 weights."""
    for row, weights in (("table1/rtrl-3", 100), ("table1/rtrl-12", 361)):
        assert run(condition(row, "smith-zipser", 40), 0).weights == weights


def test_elman_learns_all_but_the_outer_symbol():
    easier, literal = (
        run(condition("table1/elman-15", name, 10_000), 3) for name in ("but-outer", "literal")
    )
    assert easier.success
    assert not literal.success


def test_copies_share_nothing():
    net = lstm.table1(3, 2)
    net.w[:] = 1.0
    twin = copy(net)
    twin.hidden[2, 3] = 5.0
    assert net.hidden[2, 3] == 1.0
    assert 5.0 in twin.w
    assert not zeros_like(net).w.any()


def test_streak_counts_the_sequences_before_it():
    """The count of a trial, taken apart: the last wrong sequence is the one counted last."""
    c = replace(condition("table2/rtrl-p4-lr1", "delayed", 400_000))
    trial = run(c, 1)
    assert trial.success
    longer = run(replace(c, budget=trial.sequences + LITERAL.streak), 1)
    assert longer == trial
    shorter = run(replace(c, budget=trial.sequences + LITERAL.streak - 1), 1)
    assert (shorter.success, shorter.sequences) == (False, trial.sequences + LITERAL.streak - 1)
    # One sequence at a time, with nothing but the rule: every one from there on is right.
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(1, spawn_key=(0,))))
    net = net_of(c)
    from errorflow.experiments.trials import draw_weights

    draw_weights(c, net, rng)
    task, rule, loss = two_sequence(4), rule_of(c, net, 4), Loss(0.0, 1.0, 1.0, 0.0, 0.25)
    symbols = np.zeros(5, dtype=np.int64)
    wrong = []
    for _ in range(trial.sequences + 200):
        steps = draw(task, rng, symbols)
        wrong.append(learn(rule, net, symbols, steps, loss)[0])
    assert wrong[trial.sequences - 1] > 0
    assert not any(wrong[trial.sequences :])


def test_frozen_judgement_finds_the_same_solution_a_little_later():
    learning = condition("table2/rtrl-p4-lr1", "delayed", 400_000)
    frozen = replace(learning, protocol=replace(learning.protocol, judged="frozen"))
    a, b = run(learning, 1), run(frozen, 1)
    assert a.success
    assert b.success
    assert b.sequences % 1000 == 0
    assert abs(a.sequences - b.sequences) < 2000


def test_trials_of_a_pair_share_their_sets():
    c = condition("table1/lstm-3x2-lr0.5", "literal", 40)
    curves = [run(c, seed, curve_every=40).curve[0][1] for seed in (0, 1, 10)]
    assert len(set(curves)) == 3


def test_growth_keeps_what_was_learned():
    c = condition("table2/lstm-p100", "literal", 3_000)
    grown = replace(c, protocol=replace(c.protocol, cell=1_000))
    small = run(replace(grown, budget=1_000), 0, curve_every=100).curve
    whole = run(grown, 0, curve_every=100).curve
    assert whole[: len(small)] == small
    assert len(whole) == 30


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocols_are_named_by_what_differs(name):
    assert protocol(name).name == name
    assert (protocol(name).differences() == {}) == (name == "literal")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"update": "now"}, "update = 'now'; it must be one of 'step', 'sequence'"),
        ({"cell": 0}, "cell = 0"),
        ({"cell": "later"}, "cell = 'later'"),
        ({"streak": 0}, "streak = 0"),
        ({"test_every": 2.5}, "test_every = 2.5"),
        ({"outputs_see": "all"}, "outputs_see = 'all'"),
        ({"judged": "twice"}, "judged = 'twice'"),
        ({"judged_at": "start"}, "judged_at = 'start'"),
    ],
)
def test_protocol_refuses(change, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Protocol(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "adam"}, "method = 'adam'; it must be one of rtrl, bptt, elman, rcc, lstm"),
        ({"task": "2d"}, "task = '2d'"),
        ({"alpha": 0.0}, "alpha = 0.0"),
        ({"alpha": float("nan")}, "alpha = nan"),
        ({"budget": 0}, "budget = 0"),
        ({"hidden": -1}, "hidden = -1"),
        ({"p": None}, "p = None"),
        ({"p": 1}, "p = 1"),
        ({"q": 5}, "q = 5; task 2c, and no other, needs q"),
        ({"task": "2c", "method": "lstm"}, "q = None; task 2c"),
        ({"task": "reber"}, "p = 4; tasks 2a to 2c need a number p, task reber has none"),
    ],
)
def test_condition_refuses(change, message):
    fields = {"method": "rtrl", "task": "2a", "p": 4, "alpha": 1.0, "budget": 10, **change}
    with pytest.raises(ValueError, match=message):
        run(Condition(**fields), 0)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="row 'table3/x' is unknown"):
        condition("table3/x")
    with pytest.raises(ValueError, match="protocol 'loose' is unknown; it must be one of literal"):
        condition("table2/rtrl-p4-lr1", "loose")
    with pytest.raises(ValueError, match="seed = -1"):
        run(condition("table2/rtrl-p4-lr1"), -1)


def test_fresh_generators_for_each_seed():
    assert len({g.random() for g in generators(0, 100)}) == 100
