import re
from collections import Counter

import numpy as np
import pytest

from errorflow.core.numerics import generators
from errorflow.nets import recurrent
from errorflow.tasks import criteria, draw, reber
from errorflow.tasks.late_answer import late_answer
from errorflow.tasks.two_sequence import two_sequence


def strings(seed, n, make=reber.embedded):
    rng = generators(seed, 1)[0]
    return [make(rng) for _ in range(n)]


def test_strings_of_the_grammar():
    assert all(reaches_end(s) for s in strings(0, 2000, reber.generate))
    for string in strings(1, 2000):
        assert string[1] == string[-2]
        assert string[0] == "B"
        assert string[-1] == "E"
        assert reaches_end(string[2:-2])


def reaches_end(string):
    """Follow the paper's Figure 1, typed in a second time from its drawing."""
    graph = {
        ("0", "T"): "1", ("0", "P"): "2", ("1", "S"): "1", ("1", "X"): "3", ("2", "T"): "2",
        ("2", "V"): "4", ("3", "X"): "2", ("3", "S"): "5", ("4", "P"): "3", ("4", "V"): "5",
    }  # fmt: skip
    state = "0"
    for symbol in string[1:-1]:
        state = graph[state, symbol]
    return string[0] == "B" and state == "5" and string[-1] == "E"


def test_lengths():
    lengths = np.array([len(s) for s in strings(2, 20_000)])
    assert lengths.min() == 9
    assert lengths.mean() == pytest.approx(12.0, abs=0.1)
    assert [np.mean(lengths == n) for n in (9, 10, 11)] == pytest.approx(
        [0.25, 0.1875, 0.125], abs=0.015
    )


def test_legal_is_what_occurs():
    seen = {}
    for string in strings(3, 20_000):
        for t in range(len(string)):
            seen.setdefault(string[: t + 1], set()).add(string[t + 1 : t + 2])
    for prefix, following in seen.items():
        assert following - {""} <= reber.legal(prefix)
    for prefix in ("B", "BT", "BTB", "BPBT", "BPBTS", "BTBTSXS", "BTBTSXSE", "BPBPVVE", "BTBPVVET"):
        assert following_of(seen, prefix) == reber.legal(prefix)
    assert reber.legal("BTBPVVETE") == frozenset()
    assert reber.legal("") == {"B"}


def following_of(seen, prefix):
    return frozenset(seen[prefix]) - {""}


@pytest.mark.parametrize("prefix", ["T", "BB", "BTBTE", "BTBPVVEP", "BPBPVVET", "BTBPVVETEE", "B?"])
def test_illegal_prefixes_are_named(prefix):
    with pytest.raises(ValueError, match=f"'{re.escape(prefix)}' begins no embedded Reber string"):
        reber.legal(prefix)


def test_training_and_test_set():
    training, test = reber.training_and_test(generators(4, 1)[0])
    assert len(training) == len(test) == 256
    assert not set(training) & set(test)
    assert 70 < len(set(training)) < 140
    distinct, test = reber.training_and_test(generators(4, 1)[0], duplicates=False)
    assert len(set(distinct)) == 256
    assert not set(distinct) & set(test)


def test_string_set_draws_its_strings():
    chosen = strings(5, 8)
    task = reber.string_set(chosen)
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    rng = generators(6, 1)[0]
    drawn = Counter()
    for _ in range(800):
        steps = draw(task, rng, symbols)
        drawn["".join(reber.SYMBOLS[k] for k in symbols[: steps + 1])] += 1
    assert set(drawn) == set(chosen)
    for row, string in enumerate(chosen):
        for t in range(len(string)):
            bits = {s for k, s in enumerate(reber.SYMBOLS) if task.successors[row, t] >> k & 1}
            assert bits == reber.legal(string[: t + 1])


def test_stream_draws_fresh_strings_and_the_begin_of_the_next():
    task = reber.stream()
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    rng = generators(7, 1)[0]
    for string in strings(7, 300):
        steps = draw(task, rng, symbols)
        assert "".join(reber.SYMBOLS[k] for k in symbols[: steps + 1]) == string + "B"
    assert draw(reber.stream(12), rng, symbols) <= 12


def test_string_set_of_a_stream_and_without_the_outer_symbol():
    whole = reber.string_set(["BTBTXSETE"])
    stream = reber.string_set(["BTBTXSETE"], stream=True)
    easier = reber.string_set(["BTBTXSETE"], judged="but outer")
    outer = reber.string_set(["BTBTXSETE"], judged="outer")
    assert (whole.length, stream.length) == (9, 10)
    assert list(stream.symbols[0]) == [*whole.symbols[0], 0]
    assert list(stream.successors[0]) == [*whole.successors[0, :8], 1, 0]
    assert list(np.flatnonzero(whole.successors[0] != easier.successors[0])) == [6]
    assert whole.successors[0, 6] == 1 << reber.SYMBOLS.index("T")
    assert np.array_equal(easier.successors + outer.successors, whole.successors)
    with pytest.raises(ValueError, match="judged = 'none'"):
        reber.string_set(["BTBTXSETE"], judged="none")


@pytest.mark.parametrize("p", [2, 4, 100])
def test_two_sequence(p):
    rng = generators(7, 1)[0]
    symbols = np.zeros(p + 1, dtype=np.int64)
    task = two_sequence(p)
    firsts = Counter()
    for _ in range(400):
        assert draw(task, rng, symbols) == p
        assert symbols[1:p].tolist() == list(range(p - 1))
        assert symbols[0] == symbols[p]
        firsts[int(symbols[0])] += 1
    assert set(firsts) == {p - 1, p}
    assert 150 < firsts[p] < 250
    task = two_sequence(p, regular=False)
    middles = set()
    for _ in range(400):
        draw(task, rng, symbols)
        assert symbols[0] == symbols[p] >= p - 1
        middles.update(symbols[1:p].tolist())
    assert middles == set(range(p - 1))


def test_late_answer():
    task, rng = late_answer(7, 20), generators(8, 1)[0]
    symbols = np.zeros(task.steps + 1, dtype=np.int64)
    lengths, answers, seen = [], Counter(), set()
    for _ in range(4000):
        steps = draw(task, rng, symbols)
        assert symbols[0] == 3
        assert symbols[1] == symbols[steps] in (0, 1)
        assert symbols[steps - 1] == 2
        middle = symbols[2 : steps - 1].tolist()
        seen.update(middle)
        lengths.append(len(middle))
        answers[int(symbols[1])] += 1
    assert seen == set(range(4, 11))
    assert min(lengths) == 20
    assert np.mean(lengths) == pytest.approx(20 + 9, abs=0.6)  # geometric with p = 1/10
    assert 1850 < answers[0] < 2150
    with pytest.raises(ValueError, match="q = 0"):
        late_answer(50, 0)


@pytest.mark.parametrize("p", [1, 0, -3, 2.0, True, "4"])
def test_lag_below_two_is_refused(p):
    with pytest.raises(ValueError, match="p = "):
        two_sequence(p)


def test_a_net_that_is_not_finite_predicts_nothing():
    net = recurrent.table1(3)
    strings = reber.string_set([reber.embedded(generators(0, 1)[0])])
    net.w[:] = np.nan
    assert criteria.share_predicted(net, strings) == 0.0


@pytest.mark.parametrize("goal", [0, -1, 1.5, "10", True])
def test_a_goal_is_a_number_of_sequences(goal):
    with pytest.raises(ValueError, match=rf"goal = {goal!r}; it must be an integer of at least 1"):
        criteria.streak(goal)
