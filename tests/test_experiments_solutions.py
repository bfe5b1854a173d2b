"""Weights that solve the paper's tasks, written down: they do."""

import numpy as np
import pytest
from oracles import SQUARED

from errorflow.core.numerics import generators
from errorflow.experiments import solutions
from errorflow.nets import layered
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.tasks import reber
from errorflow.tasks.criteria import share_predicted


@pytest.mark.parametrize("p", [2, 4, 10, 100])
def test_latch_solves_task_2a(p):
    net = solutions.two_sequences(p)
    assert len(net.w) == (p + 2) ** 2
    assert solutions.largest_error(net, p) < 1e-4
    assert solutions.largest_error(solutions.two_sequences_lstm(p), p) < 1e-4
    assert solutions.largest_error(layered.table2(p), p) == 0.5


def test_largest_error_is_that_of_the_frozen_rule():
    net, p = solutions.two_sequences(4, own=4.2, readout=5.0), 4
    error = solutions.largest_error(net, p)
    for nudge, wrong in ((1e-9, 0), (-1e-9, 1)):
        loss = SQUARED._replace(tolerance=error + nudge)
        found = [
            learn(bptt(net, p, 0.0), net, np.array([first, 0, 1, 2, first]), p, loss)[0]
            for first in (3, 4)
        ]
        assert (max(found) > 0) == wrong


def test_latch_needs_two_stable_states():
    with pytest.raises(ValueError, match=r"own = 4\.0"):
        solutions.two_sequences(4, own=4.0)


@pytest.mark.parametrize(
    ("net", "weights"),
    [
        (solutions.reber_elman(), 435),
        (solutions.reber_recurrent(12), 494),
        (solutions.reber_recurrent(3), 170),
    ],
    ids=["elman", "recurrent-12", "recurrent-3"],
)
def test_solution_predicts_every_reber_string(net, weights):
    assert len(net.w) == weights
    rng = generators(12, 1)[0]
    strings = reber.string_set([reber.embedded(rng) for _ in range(500)])
    assert share_predicted(net, strings) == 1.0


def test_reber_cases_are_the_grammar():
    """Walking through the cases gives the legal successors of every prefix."""
    moves = {case[:3]: case[3:] for case in solutions.reber_cases()}
    rng = generators(13, 1)[0]
    for _ in range(200):
        string, place = reber.embedded(rng), (None, False)
        for t, symbol in enumerate(string[:-1]):
            place = moves[*place, symbol]
            legal = {
                s for s, on in zip(reber.SYMBOLS, solutions.successors(*place), strict=True) if on
            }
            assert legal == reber.legal(string[: t + 1])


def test_threshold_refuses_what_no_unit_can_do():
    with pytest.raises(ValueError, match="no weights found"):
        solutions.threshold([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], [0, 1, 1, 0], passes=50)
