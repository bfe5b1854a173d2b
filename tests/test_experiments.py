"""Experiments, their readings, and trials: to the last bit."""

import dataclasses
import functools
import json
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from oracles import SQUARED

from errorflow.core.numerics import fill_uniform
from errorflow.core.options import REQUIRED, options_of
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.protocols import PROTOCOLS
from errorflow.experiments.rows import allowed_protocols, differ, experiment, matching, row, weights
from errorflow.experiments.run import learner_of, prepare, run
from errorflow.methods import all_methods, all_rows
from errorflow.nets import layered
from errorflow.rules import learn
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.tasks import draw
from errorflow.tasks.problems import TASKS

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
    for name, protocol, budget, seed in COUNTS:
        trial = run(experiment(name, protocol, budget=budget), seed, curve_every=100)
        curve = math.fsum(error for _, error in trial.curve).hex()
        results.append([trial.success, trial.sequences, curve])
    return results


def test_pinned_counts():
    assert counts() == PINNED


def test_machine_code_for_any_cpu_gives_the_same_bits(tmp_path):
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(tmp_path)}
    code = "import json, test_experiments; print(json.dumps(test_experiments.counts()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=os.path.dirname(__file__),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == PINNED


def test_an_experiment_is_what_decides_a_trial():
    e = Experiment("rtrl", "2a", budget=10, p=4)
    assert e == Experiment("rtrl", "2a", budget=10, p=np.int64(4), alpha=1)
    assert e.options == (("p", 4),)
    assert (e["p"], e["alpha"], e["targets"]) == (4, 1.0, (0.0, 1.0))
    assert len({e, e.changed(alpha=1.0), e.changed(alpha=2.0), e.changed(budget=11)}) == 3
    assert pickle.loads(pickle.dumps(e)) == e  # noqa: S301 (our own)
    with pytest.raises(dataclasses.FrozenInstanceError):
        e.budget = 11
    with pytest.raises(KeyError, match="beta"):
        e["beta"]


def test_changes_leave_the_experiment_as_it_is():
    e = Experiment("rtrl", "2a", budget=10, p=4, update="sequence", tolerance=0.3)
    other = e.changed(alpha=4.0, update="step", budget=20)
    assert (other["alpha"], other["update"], other["tolerance"], other.budget) == (
        4.0,
        "step",
        0.3,
        20,
    )
    assert (e["alpha"], e["update"], e.budget) == (1.0, "sequence", 10)
    assert other.task_options() == {"p": 4, "tolerance": 0.3}
    assert other.method_options() == {"alpha": 4.0}
    with pytest.raises(ValueError, match="alpha = 0; it must be a finite number above 0"):
        e.changed(alpha=0)


@pytest.mark.parametrize("method", all_methods())
def test_options_of_method_and_task_have_one_meaning_and_a_note(method):
    of_method = options_of(all_methods()[method].build)
    for task, build in TASKS.items():
        of_task = options_of(build)
        assert not of_task.keys() & of_method.keys()
        needed = [name for name, option in of_task.items() if option.default is REQUIRED]
        e = Experiment(method, task, 10, **dict.fromkeys(needed, 4))
        for option in e.all_options().values():
            assert len(option.note) > 5, f"{option.name} has no note"
            assert "\n" not in option.note
            assert e[option.name] == option.check(e[option.name])


@pytest.mark.parametrize("name", all_rows())
def test_rows_can_be_run_and_have_the_published_number_of_weights(name):
    published = all_rows()[name].weights
    assert weights(name) > 0
    if isinstance(published, int):
        assert weights(name) == published


def test_weights_of_the_tables():
    """As printed there; cascade-correlation's are a range, and those of 2c are the text's."""
    printed = {name: r.weights for name, r in all_rows().items() if r.weights is not None}
    in_tables = {
        name: number for name, number in printed.items() if name.startswith(("table", "task2c"))
    }
    assert set(in_tables.values()) == {
        170, 494, 435, 264, 276, "119-198", 36, 144, 10_404, 10_504, 10_506,
        364, 664, 1_264, 3_064, 6_064,
    }  # fmt: skip
    assert len(in_tables) == 9 + 14 + 9
    assert {name for name in all_rows() if name.startswith(("table", "task2c"))} == set(in_tables)


def test_clamped_visible_units_are_inputs_and_outputs_in_one():
    """Seven of them and H hidden units make one fully connected net of (7 + H)^2 weights."""
    for name, number in (("table1/rtrl-3", 100), ("table1/rtrl-12", 361)):
        assert run(experiment(name, "smith-zipser", budget=40), 0).weights == number


def test_elman_learns_all_but_the_outer_symbol():
    easier, literal = (
        run(experiment("table1/elman-15", name, budget=10_000), 3)
        for name in ("but-outer", "literal")
    )
    assert easier.success
    assert not literal.success


def test_streak_counts_the_sequences_before_it():
    """The count of a trial, taken apart: the last wrong sequence is the one counted last."""
    e = experiment("table2/rtrl-p4-lr1", "delayed", budget=400_000)
    trial = run(e, 1)
    assert trial.success
    longer = run(e.changed(budget=trial.sequences + e["streak"]), 1)
    assert longer[:4] == trial[:4]
    assert np.array_equal(longer.net.w, trial.net.w)
    shorter = run(e.changed(budget=trial.sequences + e["streak"] - 1), 1)
    assert (shorter.success, shorter.sequences) == (False, trial.sequences + e["streak"] - 1)
    # One sequence at a time, with nothing but the rule: every one from there on is right.
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(1, spawn_key=(0,))))
    net = layered.table2(4)
    fill_uniform(rng, net.w, -0.2, 0.2)
    task, rule = prepare(e, 1)[0].task, rtrl_one_unit(net, 1.0, lag=1)
    symbols = np.zeros(5, dtype=np.int64)
    wrong = []
    for _ in range(trial.sequences + 200):
        steps = draw(task, rng, symbols)
        wrong.append(learn(rule, net, symbols, steps, SQUARED)[0])
    assert wrong[trial.sequences - 1] > 0
    assert not any(wrong[trial.sequences :])


def test_frozen_judgement_finds_the_same_solution_a_little_later():
    learning = experiment("table2/rtrl-p4-lr1", "delayed", budget=400_000)
    frozen = learning.changed(judged="frozen")
    a, b = run(learning, 1), run(frozen, 1)
    assert a.success
    assert b.success
    assert b.sequences % 1000 == 0
    assert abs(a.sequences - b.sequences) < 2000


def test_trials_of_a_pair_share_their_sets():
    e = experiment("table1/lstm-3x2-lr0.5", budget=40)
    curves = [run(e, seed, curve_every=40).curve[0][1] for seed in (0, 1, 10)]
    assert len(set(curves)) == 3
    sets = [prepare(e, seed)[0].task.symbols for seed in (0, 9, 10)]
    assert np.array_equal(sets[0], sets[1])
    assert not np.array_equal(sets[0], sets[2])


def test_growth_keeps_what_was_learned():
    e = experiment("table2/lstm-p100", budget=3_000).changed(cell=1_000)
    small = run(e.changed(budget=1_000), 0, curve_every=100).curve
    whole = run(e, 0, curve_every=100).curve
    assert whole[: len(small)] == small
    assert len(whole) == 30
    learner = learner_of(e)
    assert learner.weights == 10_504
    assert len(learner.net.w) == 101 * 101


allowed = functools.cache(allowed_protocols)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_changes_some_row(name):
    assert (PROTOCOLS[name] == {}) == (name == "literal")
    tried = ["table1/rtrl-3", "table1/elman-15", "table1/rcc", "table1/lstm-3x2-lr0.5"]
    tried += ["table2/rtrl-p4-lr1", "table2/lstm-p100", "table2/chunker-p100"]
    changed = [row for row in tried if name in allowed(row)]
    assert changed
    for row_name in changed if PROTOCOLS[name] else ():
        e = experiment(row_name, name)
        assert all(e[option] == value for option, value in PROTOCOLS[name].items())
        assert differ(experiment(row_name), e)


@pytest.mark.parametrize(
    ("row_name", "protocol", "message"),
    [
        ("table1/lstm-3x2-lr0.5", "cleeremans", "'cleeremans' sets context, which method 'lstm'"),
        ("table2/rtrl-p4-lr1", "pair", "'pair' sets judged_by, which method 'rtrl' on task '2a'"),
        ("table1/rtrl-3", "closed-gate", "'closed-gate' sets input_gate"),
        ("bridge/bptt-p2", "per-sequence", "'per-sequence' sets update, which method 'bptt'"),
        ("bridge/rtrl-p2", "per-sequence", "'per-sequence' changes nothing of row bridge/rtrl-p2"),
        ("bridge/lstm-p2", "no-slope", "'no-slope' changes nothing of row bridge/lstm-p2"),
    ],
)
def test_a_protocol_without_effect_is_refused(row_name, protocol, message):
    with pytest.raises(ValueError, match=f"protocol {message}"):
        experiment(row_name, protocol)


@pytest.mark.parametrize(
    ("row_name", "settings", "message"),
    [
        ("bridge/guessing-p2", {"streak": "500"}, "streak = 500 changes nothing of row"),
        ("bridge/guessing-p2", {"net": "A2"}, "net = 'A2' changes nothing of row"),
        ("table2/rtrl-p4-lr1", {"alpha": "1"}, "alpha = 1.0 changes nothing of row"),
        ("table2/rtrl-p4-lr1", {"set_size": "30"}, "set_size = 30 changes nothing of row"),
        ("table2/rtrl-p4-lr1", {"alpha": "2", "set_size": "30"}, "set_size = 30 changes nothing"),
        ("table2/rtrl-p4-lr1", {"beta": "1"}, "on task '2a' has no option 'beta'; it has p, targ"),
        ("table2/rtrl-p4-lr1", {"alpha": "0"}, "alpha = '0'; it must be a finite number above 0"),
    ],
)
def test_a_setting_without_effect_is_refused(row_name, settings, message):
    with pytest.raises(ValueError, match=message):
        experiment(row_name, settings=settings)


def test_settings_are_values_or_texts():
    texts = {"h": "identity", "targets": "0.1,0.9"}
    e = experiment("table1/lstm-3x2-lr0.5", settings=texts)
    assert (e["h"], e["targets"], e["blocks"]) == ("identity", (0.1, 0.9), 3)
    values = {"h": "identity", "targets": [0.1, 0.9]}
    assert experiment("table1/lstm-3x2-lr0.5", settings=values) == e
    over_protocol = experiment("table1/lstm-3x2-lr0.5", "caption", {"targets": "0,1"})
    assert over_protocol["targets"] == (0.0, 1.0)
    assert over_protocol["h"] == (-2.0, 2.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "adam"}, "method = 'adam'; it must be one of rtrl, bptt, elman"),
        ({"task": "2d"}, "task = '2d'; it must be one of embedded-reber, 2a, 2b, 2c"),
        ({"budget": 0}, "budget = 0; it must be an integer of at least 1"),
        ({"budget": 2.5}, "budget = 2.5; it must be an integer of at least 1"),
        ({"alpha": 0.0}, "alpha = 0.0; it must be a finite number above 0"),
        ({"alpha": float("nan")}, "alpha = nan; it must be a finite number above 0"),
        ({"hidden": -1}, "hidden = -1; it must be an integer of at least 1"),
        ({"p": None}, "p = None; it must be an integer of at least 1"),
        ({"p": 0}, "p = 0; it must be an integer of at least 1"),
        ({"q": 5}, "method 'rtrl' on task '2a' has no option 'q'; it has p, targets"),
        ({"task": "2c"}, "method 'rtrl' on task '2c' needs the option q: so many distractors"),
        ({"task": "embedded-reber"}, "on task 'embedded-reber' has no option 'p'; it has targets"),
        ({"update": "now"}, "update = 'now'; it must be 'step', 'sequence'"),
        ({"streak": 0}, "streak = 0; it must be an integer of at least 1"),
        ({"outputs_see": "all"}, r"outputs_see = 'all'; it must be 'hidden\(t\)', 'hidden\(t-1\)'"),
        ({"judged": "twice"}, "judged = 'twice'; it must be 'learning', 'frozen'"),
        ({"judged_at": "start"}, "judged_at = 'start'; it must be 'every step', 'end'"),
        ({"tolerance": 0}, "tolerance = 0; it must be a finite number above 0"),
        ({"targets": (0, 1, 2)}, r"targets = \(0, 1, 2\); it must be 2 numbers"),
    ],
)
def test_experiment_refuses(change, message):
    fields = {"method": "rtrl", "task": "2a", "p": 4, "budget": 10, **change}
    with pytest.raises(ValueError, match=message):
        Experiment(**fields)


@pytest.mark.parametrize(
    ("e", "message"),
    [
        (Experiment("rtrl", "2a", 10, p=1), "p = 1; it must be an integer of at least 2"),
        (
            Experiment("rtrl", "2a", 10, p=4, connections="full", hidden_offset=0.1),
            "hidden_range and hidden_offset are for layered nets",
        ),
        (
            Experiment("rtrl", "2a", 10, p=4, connections="full", output_slope=(0, 1)),
            r"output_slope = \(0.0, 1.0\); it must be \(1, 0\) for a fully recurrent net",
        ),
        (
            Experiment("lstm", "2a", 10, p=4, full=True, cell="stagnation"),
            "cell = 'stagnation'; a full net has its cells from the 'start'",
        ),
    ],
    ids=["lag", "range", "slope", "cell"],
)
def test_what_does_not_go_together_is_refused(e, message):
    with pytest.raises(ValueError, match=message):
        run(e, 0)


def test_lstm_options_are_checked():
    for change, message in (
        ({"test_every": 2.5}, "test_every = 2.5; it must be an integer of at least 1"),
        ({"cell": 0}, "cell = 0; it must be 'start', 'stagnation' or an integer of at least 1"),
        ({"cell": "later"}, "cell = 'later'; it must be 'start', 'stagnation' or an integer"),
        ({"g": (1.0,)}, r"g = \(1.0,\); it must be 'identity' or 2 numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            experiment("table1/lstm-3x2-lr0.5").changed(**change)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="row 'table3/x' is unknown; the nearest are "):
        experiment("table3/x")
    with pytest.raises(ValueError, match="protocol 'loose' is unknown; it must be one of literal"):
        experiment("table2/rtrl-p4-lr1", "loose")
    with pytest.raises(ValueError, match="seed = -1; it must be an integer of at least 0"):
        run(experiment("table2/rtrl-p4-lr1"), -1)
    with pytest.raises(ValueError, match="seed = True"):
        run(experiment("table2/rtrl-p4-lr1"), True)


def test_an_unknown_row_names_the_nearest_few():
    with pytest.raises(ValueError, match="row 'table2/rtrl-p4-lr2' is unknown") as caught:
        row("table2/rtrl-p4-lr2")
    nearest = str(caught.value).partition("the nearest are ")[2].split(", ")
    assert len(nearest) == 4
    assert set(nearest) <= set(all_rows())
    assert "table2/rtrl-p4-lr1" in nearest


def test_patterns_name_rows_in_their_order():
    bridges = matching(["bridge/lstm-*"])
    assert bridges == [f"bridge/lstm-p{p}" for p in (2, 3, 4, 6, 10, 20, 50, 100)]
    assert matching(["all"]) == list(all_rows())
    assert matching(["bridge/lstm-p2", "bridge/lstm-*"]) == bridges
    assert matching(["table2/*"])[0] == "table2/rtrl-p4-lr1"
    with pytest.raises(ValueError, match=r"row 'bridge/adam-\*' is unknown; the nearest are"):
        matching(["bridge/lstm-p2", "bridge/adam-*"])
