"""The algorithm of fixed storage: it equals RTRL and BPTT, at the stated cost."""

import numpy as np
import pytest
from oracles import SQUARED, assert_close, change_by, filled, random_symbols

from errorflow import nets
from errorflow.core.numerics import add_product, generators
from errorflow.core.sequences import Series
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run
from errorflow.nets import copy, layered, output_size, recurrent
from errorflow.nets.continuous import continuous
from errorflow.rules import bptt as bptt_rule
from errorflow.rules import forward, hybrid, rtrl
from errorflow.rules.bptt import bptt
from errorflow.rules.truncated_bptt import truncated_bptt

EXACT = [
    layered.layered(5, 3, 5),
    layered.table2(4),
    recurrent.recurrent(5, 2, 5),
    continuous(5, 3, 5, T=0.7),
]


@pytest.mark.parametrize("net", EXACT, ids=repr)
@pytest.mark.parametrize("h", [1, 2, 4, None, 30])
def test_hybrid_equals_rtrl_and_bptt(net, h):
    for seed in range(2):
        net = filled(copy(net), seed)
        symbols = random_symbols(seed, output_size(net), 11)
        by_hybrid, squared = change_by(hybrid.hybrid(net, 1.0, h), net, symbols)
        by_rtrl, squared_rtrl = change_by(rtrl.rtrl(net, 1.0, per_step=False), net, symbols)
        by_bptt, _ = change_by(bptt(net, 11, 1.0), net, symbols)
        assert_close(by_hybrid, by_rtrl, 1e-12)
        assert_close(by_hybrid, by_bptt, 1e-12)
        assert squared == squared_rtrl


def test_hybrid_with_blocks_of_one_step_is_rtrl():
    net, symbols = filled(recurrent.recurrent(5, 2, 5), 8), random_symbols(8, 5, 9)
    got, _ = change_by(hybrid.hybrid(net, 0.5, 1, per_block=True), net, symbols)
    wanted, _ = change_by(rtrl.rtrl(net, 0.5), net, symbols)
    assert_close(got, wanted, 1e-12)
    per_sequence, _ = change_by(hybrid.hybrid(net, 0.5, 1), net, symbols)
    assert np.abs(got - per_sequence).max() > 1e-3 * np.abs(got).max()


def test_gradients_agree_on_real_inputs():
    rng = generators(9, 1)[0]
    inputs = np.array([[rng.random(), 1.0] for _ in range(9)])
    series, net = Series(inputs, np.array([0.3])), filled(recurrent.recurrent(2, 3, 1), 9)
    changes = [
        change_by(rule, net, series)[0]
        for rule in (
            hybrid.hybrid(net, 1.0),
            bptt(net, 9, 1.0),
            truncated_bptt(net, 9, 1.0, 9, per_pass=False),
        )
    ]
    assert_close(changes[0], changes[1], 1e-12)
    assert_close(changes[2], changes[1], 1e-12)


class Counted:
    """A number that counts the multiplications made with it."""

    made = 0

    def __init__(self, value):
        self.value = float(value)

    def __float__(self):
        return self.value

    def __eq__(self, other):
        return self.value == float(other)

    __hash__ = None

    def __add__(self, other):
        return Counted(self.value + float(other))

    __radd__ = __add__

    def __mul__(self, other):
        Counted.made += 1
        return Counted(self.value * float(other))

    __rmul__ = __mul__


class CountedArray(np.ndarray):
    """An array whose entries count, whatever is written into it."""

    def __setitem__(self, key, value):
        super().__setitem__(key, counted(value) if np.ndim(value) else Counted(value))


def counted(array):
    return np.vectorize(Counted, otypes=[object])(array).view(CountedArray)


def counting(rule):
    """Return a rule whose errors, derivatives and changes count."""
    fields = {}
    for name in ("e", "J", "P", "change", "row", "total"):
        if hasattr(rule, name):
            field = getattr(rule, name)
            if isinstance(field, np.ndarray):
                fields[name] = counted(field)
            else:  # a net that collects changes
                w = counted(field.w)
                fields[name] = field._replace(w=w, units=w.reshape(field.units.shape))
    return rule._replace(**fields)


def plain_back_read(net, x, state, y, errors, loss, change, e):
    for k in range(len(errors)):
        e[k] = e[k] + Counted(errors[k])


@pytest.mark.parametrize(("n", "h"), [(3, 3), (5, 5), (5, 2), (4, 6)])
def test_multiplications_are_those_that_the_rules_make(monkeypatch, n, h):
    """The rules' own Python, run on numbers that count: long sequences minus shorter ones."""
    outputs, I = 2, 3
    for module in (rtrl, hybrid, bptt_rule):
        monkeypatch.setattr(module, "back_step", recurrent.Recurrent.back_step)
        monkeypatch.setattr(module, "back_read", plain_back_read)
    for name in ("step", "read"):
        monkeypatch.setattr(forward, name, getattr(nets, name).unchecked)
    net = filled(recurrent.recurrent(I, n - outputs, outputs), 3)
    symbols = [int(s) % outputs for s in random_symbols(3, outputs, 6 * h)]

    def made(make, steps):
        Counted.made = 0
        rule = counting(make())
        rule.learn(rule, net._replace(w=counted(net.w)), np.array(symbols), steps, SQUARED)
        return Counted.made

    # The last block is not carried over, and there is one change at the end: both drop out.
    blocks = made(lambda: hybrid.hybrid(net, 1.0, h), 5 * h)
    fewer = made(lambda: hybrid.hybrid(net, 1.0, h), 3 * h)
    by_rtrl, by_hybrid, by_bptt = hybrid.multiplications(n, I, outputs, h)
    assert (blocks - fewer) / (2 * h) == pytest.approx(by_hybrid, rel=1e-12)
    steps = [made(lambda: rtrl.rtrl(net, 1.0, per_step=False), t) for t in (4, 7)]
    assert (steps[1] - steps[0]) / 3 == by_rtrl
    steps = [made(lambda: bptt_rule.bptt(net, 7, 1.0), t) for t in (4, 7)]
    assert (steps[1] - steps[0]) / 3 == by_bptt


def test_the_hybrid_grows_with_the_cube_of_n():
    n = np.array([100, 200, 400])
    counts = np.log([hybrid.multiplications(int(m), 1, 1, int(m)) for m in n])
    powers = np.diff(counts, axis=0) / np.log(2.0)
    np.testing.assert_allclose(powers, [[4.0, 3.0, 2.0]] * 2, atol=0.03)


def test_hybrid_refuses_empty_blocks():
    with pytest.raises(ValueError, match="h = 0; it must be an integer of at least 1"):
        hybrid.hybrid(layered.table2(4), 1.0, 0)


def test_on_task_2a_the_exact_methods_are_one():
    """The same trial, whichever way its gradient is computed."""
    outcomes = {
        method: run(experiment(f"bridge/{method}-p2").changed(**options), 1)
        for method, options in {
            "bptt": {},
            "rtrl": {},
            "hybrid": {"h": 2},
            "truncated-bptt": {"k": 2, "h": 2},
        }.items()
    }
    assert outcomes["bptt"].success
    assert len({outcome.sequences for outcome in outcomes.values()}) == 1


def test_multiplying_matrices_is_what_is_counted():
    """:func:`errorflow.core.numerics.add_product` multiplies each pair of entries once."""
    A, B, total = counted(np.ones((3, 3))), counted(np.ones((3, 7))), counted(np.zeros((3, 7)))
    Counted.made = 0
    add_product(A, B, total)
    assert Counted.made == 3 * 3 * 7
