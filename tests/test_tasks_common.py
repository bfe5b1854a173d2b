"""The common tasks of Section 3: what is drawn is what the problem says."""

import itertools
import re

import numpy as np
import pytest

from errorflow.core.numerics import generators
from errorflow.tasks import blank, draw, sample
from errorflow.tasks.gap import gap
from errorflow.tasks.parity import parity
from errorflow.tasks.store import store
from errorflow.tasks.tomita import is_legal, tomita
from errorflow.tasks.two_class import two_class


def odd_zeros_after_odd_ones(string):
    odd = [(s, len(list(run)) % 2) for s, run in itertools.groupby(string)]
    return ("1", 1) in odd and ("0", 1) in odd[odd.index(("1", 1)) :]


GRAMMARS = {
    1: lambda s: re.fullmatch("1*", s),
    2: lambda s: re.fullmatch("(10)*", s),
    3: lambda s: not odd_zeros_after_odd_ones(s),
    4: lambda s: "000" not in s,
    5: lambda s: s.count("0") % 2 == s.count("1") % 2 == 0,
    6: lambda s: (s.count("1") - s.count("0")) % 3 == 0,
    7: lambda s: re.fullmatch("0*1*0*1*", s),
}


def drawn(task, n=200):
    rng, sequence = generators(7, 1)[0], blank(task)
    for _ in range(n):
        steps = draw(task, rng, sequence)
        yield steps, sequence


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_grammars_are_tomita_s(grammar):
    for n in range(11):
        for symbols in itertools.product("01", repeat=n):
            string = "".join(symbols)
            assert is_legal(grammar, string) == bool(GRAMMARS[grammar](string)), string


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_strings_carry_their_legality(grammar):
    kinds = []
    for steps, sequence in drawn(tomita(grammar, 1, 12)):
        string = "".join("01"[int(x > 0)] for x in sequence.inputs[:steps, 0])
        assert is_legal(grammar, string) == bool(sequence.target[0])
        assert (sequence.inputs[:steps, 1] == 1).all()
        kinds.append(sequence.target[0])
    assert 40 < sum(kinds) < 160  # some lengths have strings of one kind alone


def test_strings_of_a_kind_are_equally_probable():
    strings = [tuple(s.inputs[:4, 0]) for _, s in drawn(tomita(4, 4, 4), 4000) if s.target[0]]
    counts = np.unique(strings, axis=0, return_counts=True)[1]
    assert len(counts) == 13
    assert (abs(counts - len(strings) / 13) < 60).all()


def test_two_classes_differ_in_their_first_elements_alone():
    lengths = set()
    for steps, s in drawn(two_class(5, 9, informative=2, noise=0.1)):
        lengths.add(steps)
        assert (s.inputs[:2, 0] == 2 * s.target[0] - 1).all()
        assert (abs(s.inputs[2:steps, 0]) <= 0.1).all()
    assert lengths == set(range(5, 10))


def test_gaussian_noise_has_its_standard_deviation():
    task = two_class(2000, 2000, noise=0.5, gaussian=True, targets=(-0.8, 0.8))
    (steps, s), *_ = drawn(task, 1)
    noise = s.inputs[1:steps, 0]
    assert abs(noise.std() - 0.5) < 0.03
    assert abs(noise.mean()) < 0.04
    assert abs(s.target[0]) == 0.8


def test_parity_counts_ones():
    for steps, s in drawn(parity(3, 8)):
        assert s.target[0] == (s.inputs[:steps, 0] > 0).sum() % 2


def test_gap_repeats_the_trigger():
    seen = {"".join("ABCDEFGHIJKXY"[k] for k in s) for _, s in drawn(gap(4))}
    assert seen == {"XABCDXEFGHIJK", "YABCDYEFGHIJK"}
    assert gap(25).alphabet == 28


def test_store_asks_for_the_first_number():
    for distractors in (False, True):
        for steps, s in drawn(store(5, distractors=distractors), 20):
            assert steps == 5
            assert s.target[0] == s.inputs[0, 0]
            assert s.inputs[:, 1].tolist() == [1, 0, 0, 0, 0]
            assert s.inputs[1:, 0].any() == distractors


def test_a_set_holds_the_sequences_that_are_drawn():
    task = parity(3, 8)
    data = sample(task, generators(7, 1)[0], 50)
    for i, (steps, s) in enumerate(drawn(task, 50)):
        assert data.length[i] == steps
        assert np.array_equal(data.inputs[i, :steps], s.inputs[:steps])
        assert data.target[i] == s.target


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tomita(8, 1, 5), "grammar = 8; it must be one of 1 to 7"),
        (lambda: tomita(1, 1, 1001), "longest = 1001; it must be at most 1000"),
        (lambda: is_legal(1, "12"), "'12' has a symbol '2' at position 1; it must be 0 or 1"),
        (lambda: two_class(5, 4), "longest = 4; it must be an integer of at least 5"),
        (
            lambda: two_class(1, 4, noise=-1.0),
            "noise = -1.0; it must be a finite number of at least 0",
        ),
        (lambda: parity(0, 4), "shortest = 0"),
        (lambda: gap(0), "length = 0"),
        (lambda: store(1.5), "steps = 1.5"),
    ],
)
def test_tasks_refuse(make, message):
    with pytest.raises(ValueError, match=message):
        make()
