"""What enters from Python is looked at before it reaches compiled code: named cases.

:mod:`test_hostile` looks for more.
"""

import numpy as np
import pytest

from errorflow.core.loss import Loss
from errorflow.core.numerics import generators
from errorflow.core.sequences import Series, item
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.interventions import contributions, flow_over_lag
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.experiments.training import online
from errorflow.flow import delay_lines, unrolled
from errorflow.nets import back_step, copy, layered, read, recurrent, sparse, step, zeros_like
from errorflow.rules import learn
from errorflow.rules.annealing import annealing
from errorflow.rules.bptt import bptt
from errorflow.rules.no_learning import evaluate, no_learning
from errorflow.rules.rtrl import rtrl
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.tasks import draw, reber, sample
from errorflow.tasks.criteria import mistaken, share_predicted, streak
from errorflow.tasks.parity import parity
from errorflow.tasks.two_sequence import two_sequence

L = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
THREE, SEVEN = layered.layered(3, 2, 3), recurrent.table1(3)
TABLE2 = layered.table2(4)
STRINGS = reber.string_set(["BTBTXSETE"])


def rng():
    return generators(0, 1)[0]


def lesson(rule, net, sequence, steps, loss=L):
    return lambda: learn(rule, net, sequence, steps, loss)


def trial(**changes):
    setup = prepare(experiment("table2/rtrl-p4-lr1"), 0)[0]._replace(**changes)
    return lambda: online(*setup, 10)


def not_finite(net):
    net = copy(net)
    net.w[0] = np.nan
    return net


CASES = {
    "a workspace that is too short": (
        lesson(bptt(THREE, 3, 1.0), THREE, np.arange(40) % 3, 39),
        r"rule.states has shape \(4, 2\); it must be \(>= 40, 2\)",
    ),
    "a symbol that the net does not know": (
        lesson(rtrl(SEVEN, 0.5), SEVEN, np.array([0, 7, 1]), 2),
        "symbol 7 in the sequence; it must be 0 .. 6",
    ),
    "a negative symbol": (
        lesson(rtrl(SEVEN, 0.5), SEVEN, np.array([0, -1, 1]), 2),
        "symbol -1 in the sequence; it must be 0 .. 6",
    ),
    "more steps than the sequence has": (
        lesson(rtrl(SEVEN, 0.5), SEVEN, np.array([0, 1, 2]), 3),
        "steps = 3; a sequence of 3 symbols has 2",
    ),
    "a rule made for another net": (
        lesson(rtrl(THREE, 0.5), SEVEN, np.array([0, 1, 2]), 2),
        "rule.change = .*; it must be a net of the same shape as Recurrent"
        r"|rule.states has shape \(2, 2\); it must be \(2, 10\)",
    ),
    "a rule for another kind of net": (
        lambda: rtrl_one_unit(SEVEN, 0.5),
        "net = Recurrent.*; it must be a Layered",
    ),
    "a list of symbols": (
        lesson(rtrl(SEVEN, 0.5), SEVEN, [0, 1, 2], 2),
        r"sequence is \[0, 1, 2\]; it must be an array",
    ),
    "a rule that is none": (lesson(None, SEVEN, np.zeros(3, int), 2), "rule = None"),
    "vectors for a net of others": (
        lesson(bptt(THREE, 4, 0.5), THREE, Series(np.ones((4, 2)), np.zeros(3)), 4),
        "sequence has vectors of 2 entries; the net has 3 inputs",
    ),
    "inputs that are not finite": (
        lesson(bptt(THREE, 4, 0.5), THREE, Series(np.full((4, 3), np.nan), np.zeros(3)), 4),
        "sequence has inputs that are not finite",
    ),
    "symbols for a net of vectors": (
        lesson(no_learning(sparse.a1(2, 1, 1)), sparse.a1(2, 1, 1), np.array([0, 0]), 1),
        "sequence is of symbols; the net reads vectors of 2",
    ),
    "targets at the end alone, for a rule that learns from every step": (
        lesson(rtrl_one_unit(TABLE2, 1.0), TABLE2, np.array([0, 1]), 1, L._replace(at_end=True)),
        "loss.at_end = True; RTRLOneUnit learns from every step",
    ),
    "a tolerance that is no number": (
        lesson(rtrl(SEVEN, 0.5), SEVEN, np.array([0, 1]), 1, L._replace(tolerance=np.nan)),
        "tolerance = nan; it must be a finite number above 0",
    ),
    "weights that are not finite": (
        lesson(rtrl(SEVEN, 0.5), not_finite(SEVEN), np.array([0, 1]), 1),
        "net has weights that are not finite",
    ),
    "a learning rate that is no number": (lambda: rtrl(SEVEN, np.nan), "alpha = nan"),
    "a learning rate that is a text": (lambda: rtrl(SEVEN, "-3"), "alpha = '-3'"),
    "a lag far in the past": (
        lambda: share_predicted(SEVEN, STRINGS, lag=10**7),
        "lag = 10000000; it must be 0, 1",
    ),
    "a flow over more steps than there are": (
        lambda: unrolled.growth(SEVEN, np.array([0, 1, 2]), 2000),
        "steps = 2000; a sequence of 3 symbols has 3",
    ),
    "a flow to units that are none": (
        lambda: delay_lines.flow_back(THREE, np.ones((4, 3)), 3),
        "units = 3; the state has 2 entries",
    ),
    "a flow of inputs that are too narrow": (
        lambda: delay_lines.flow_back(THREE, np.ones((4, 2)), 2),
        "sequence has vectors of 2 entries; the net has 3 inputs",
    ),
    "a buffer that is too short": (
        lambda: draw(two_sequence(9), rng(), np.zeros(3, dtype=np.int64)),
        r"sequence has \(3,\); it must have an array \(10,\) of int64",
    ),
    "a generator of another kind": (
        lambda: draw(two_sequence(2), np.random.RandomState(0), np.zeros(3, dtype=np.int64)),
        "rng = RandomState.*; it must be a numpy.random.Generator",
    ),
    "a net for p = 4 on the task with p = 5": (
        trial(task=two_sequence(5)),
        r"does not suit TwoSequence\(p=5, regular=True\): .* symbols, of 6 inputs",
    ),
    "a rule for fewer steps than the task's": (
        trial(rule=bptt(TABLE2, 3, 1.0)),
        r"rule.states has shape \(4, 1\); it must be \(>= 5, 1\)",
    ),
    "a goal that cannot be met": (
        trial(criterion=streak(1)._replace(goal=0)),
        "goal = 0; it must be an integer of at least 1",
    ),
    "a set of vectors for another net": (
        lambda: evaluate(no_learning(THREE), THREE, sample(parity(2, 3), rng(), 2), L, True, 0),
        "sequence has vectors of 2 entries; the net has 3 inputs",
    ),
    "a sequence that a set has not": (
        lambda: item(sample(parity(2, 3), rng(), 2), 2),
        "i = 2; the set has 2 sequences",
    ),
    "a criterion that looks at nothing": (
        lambda: mistaken(streak(3), SEVEN, STRINGS, 0),
        "criterion = .*; it has no mistaken",
    ),
    "a state that is too short": (
        lambda: step(SEVEN, 0, np.zeros(10), np.zeros(9)),
        r"state has shape \(9,\); it must be \(10,\)",
    ),
    "outputs of another type": (
        lambda: read(SEVEN, 0, np.zeros(10), np.zeros(7, dtype=np.float32)),
        "y is an array of float32; it must be an array",
    ),
    "changes of another net": (
        lambda: back_step(SEVEN, 0, *np.zeros((3, 10)), zeros_like(THREE), np.zeros(10)),
        "change = Layered.*; it must be a net of the same shape as Recurrent",
    ),
    "a net whose matrices are another's": (
        lambda: step(SEVEN._replace(units=THREE.hidden), 0, np.zeros(2), np.zeros(2)),
        "net.outputs has 7; it must be 1 .. 2",
    ),
    "a lag that is not the net's": (
        lambda: flow_over_lag(TABLE2, 9),
        "p = 9; the net is for the lag 4",
    ),
    "symbols of another alphabet": (lambda: contributions(TABLE2, [0, 9]), "symbol 9"),
    "weights outside of the box of a search": (
        lambda: next(
            annealing(sparse.a1(2, 1, 1), bound=1.0)
            .epochs(far_out(sparse.a1(2, 1, 1)), sample(parity(2, 3), rng(), 2), L, rng())
        ),
        "weights reach 5.0; bound = 1.0",
    ),
    "a step that hardly ever stays in the box": (
        lambda: annealing(sparse.a1(2, 1, 1), step=100.0, bound=1.0),
        "step = 100.0; it must be at most twice the bound",
    ),
    "strings too long to be drawn": (lambda: reber.stream(8), "steps = 8; .* at least 9"),
    "no strings": (lambda: reber.string_set([]), "there must be at least one"),
    "a string that stops early": (
        lambda: reber.string_set(["BTBTXSE"]),
        "'BTBTXSE' stops at position 7; there follows T",
    ),
    "a string with a newline": (
        lambda: reber.string_set(["BTBTXSETE\n"]),
        r"'BTBTXSETE\\n' begins no embedded Reber string: '\\n' at position 9",
    ),
}  # fmt: skip


def far_out(net):
    net.w[:] = 5.0
    return net


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_refused(case):
    call, message = CASES[case]
    with pytest.raises(ValueError, match=message):
        call()


def test_integers_of_numpy_are_taken():
    net = layered.layered(np.int64(3), np.int32(2), np.uint8(3))
    rule = bptt(net, np.int64(4), np.float32(0.5))
    assert type(rule.alpha) is float
    assert learn(rule, net, np.array([0, 1, 2]), np.int64(2), L)[0] > 0


def test_training_ends_when_it_diverges():
    setup = prepare(experiment("table2/rtrl-p4-lr1"), 0)[0]
    setup.net.w[:] = np.inf
    result = online(*setup, 10**12)
    assert (result.success, result.sequences, result.curve) == (False, 10**12, [])


@pytest.mark.parametrize("method", ["rtrl", "bptt"])
def test_task_2c_is_learned_by_nets_with_fewer_outputs_than_inputs(method):
    assert run(Experiment(method, "2c", 3, p=9, q=2), 0).sequences == 3
