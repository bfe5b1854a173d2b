"""The chunkers against autograd, against RTRL, and against their steps written out slowly."""

import numpy as np
import pytest
import torch
from oracles import SQUARED, filled

from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import learner_of, prepare, run
from errorflow.experiments.training import online
from errorflow.methods import Growth
from errorflow.nets import layered
from errorflow.nets.hierarchy import Pair, grown, hierarchy, level, pair
from errorflow.rules import learn
from errorflow.rules.chunker import chunker
from errorflow.rules.hierarchical_chunker import hierarchical_chunker
from errorflow.rules.rtrl_one_unit import rtrl_one_unit
from errorflow.tasks import draw
from errorflow.tasks.criteria import streak
from errorflow.tasks.two_sequence import two_sequence

SCALED = {"low": -1.0, "high": 1.0, "offset": 0.1}


def sequences(seed, p, n):
    """Return ``n`` sequences, four of five as in task 2a: some symbols are predicted, some not."""
    rng = generators(seed, 2)[1]
    regular, symbols = two_sequence(p), np.zeros(p + 1, dtype=np.int64)
    for i in range(n):
        if i % 5 == 4:
            yield np.array([int(rng.random() * (p + 1)) for _ in range(p + 1)])
        else:
            draw(regular, rng, symbols)
            yield symbols.copy()


class Slow:
    """A net with one hidden unit, everything by its formula: no fusing, no order of sums."""

    def __init__(self, net):
        self.net, self.hidden, self.output = net, net.hidden[0].copy(), net.output.copy()
        self.reset()

    def reset(self):
        self.h, self.P, self.x = 0.0, np.zeros_like(self.hidden), None

    def read(self, x):
        z = np.zeros_like(self.hidden)
        z[x], z[-1] = 1.0, self.h
        f = 1 / (1 + np.exp(-self.hidden @ z))
        low, high = self.net.low, self.net.high
        slope = (high - low) * f * (1 - f) + self.net.offset
        self.P = slope * (z + self.hidden[-1] * self.P)
        self.h, self.x = low + (high - low) * f, x

    def predict(self):
        return 1 / (1 + np.exp(-self.output[:, self.x] - self.output[:, -1] * self.h))

    def learn(self, target, alpha, slope=1.0, offset=0.0):
        y = self.predict()
        theta = (target - y) * (slope * y * (1 - y) + offset)
        e = self.output[:, -1] @ theta
        self.output[:, self.x] += alpha * theta
        self.output[:, -1] += alpha * theta * self.h
        self.hidden += alpha * e * self.P


def target(d, outputs, loss):
    return np.where(np.arange(outputs) == d, loss.high, loss.low)


class SlowChunker:
    """A and C, step by step: A learns, C learns and reads where A failed, A reads."""

    def __init__(self, net, alpha, eps, C_first, as_pair, C_reset):
        self.A, self.C, self.read_by_C = Slow(net.A), Slow(net.C), 0
        self.alpha, self.eps, self.C_first, self.as_pair = alpha, eps, C_first, as_pair
        self.C_reset = C_reset

    def give_C(self, x, loss):
        wrong = 0
        if self.C.x is not None:
            d = target(x, len(self.C.output), loss)
            wrong = (abs(d - self.C.predict()) >= loss.tolerance).sum()
            self.C.learn(d, self.alpha, loss.slope, loss.offset)
        self.C.read(x)
        self.read_by_C += 1
        return wrong

    def learn(self, symbols, loss):
        A, C = self.A, self.C
        A.reset()
        if self.C_reset:
            C.reset()
        self.give_C(symbols[0], loss)
        A.read(symbols[0])
        wrong, squared = [], 0.0
        for x in symbols[1:]:
            d = target(x, len(C.output), loss)
            errors = d - A.predict()[:-1]
            before = C.h
            wrong.append((abs(errors) >= loss.tolerance).sum())
            squared += 0.5 * (errors**2).sum()
            if abs(errors).max() > self.eps:
                wrong_C = self.give_C(x, loss)
                wrong[-1] = wrong_C if self.as_pair else wrong[-1]
            h_C = C.h if self.C_first else before
            A.learn(np.append(d, h_C), self.alpha, loss.slope, loss.offset)
            A.read(x)
        return sum(wrong), wrong[-1], squared


@pytest.mark.parametrize("C_reset", [True, False])
@pytest.mark.parametrize("C_first", [True, False])
@pytest.mark.parametrize(("p", "eps", "alpha"), [(2, 0.25, 1.0), (7, 0.4, 0.7), (20, 0.25, 1.0)])
def test_fused_chunker_equals_its_steps(p, eps, alpha, C_first, C_reset):
    net = filled(pair(p, **(SCALED if p == 7 else {})), p, 0.5)
    options = {"eps": eps, "C_first": C_first, "as_pair": C_first, "C_reset": C_reset}
    slow, rule = SlowChunker(net, alpha, **options), chunker(net, alpha, measure=True, **options)
    loss = Loss(0.1, 0.9, 1.0, 0.1, 0.3) if p == 7 else SQUARED
    for symbols in sequences(p, p, 150):
        wanted = slow.learn(symbols, loss)
        got = learn(rule, net, symbols, p, loss)
        assert got[:2] == wanted[:2]
        assert got[2] == pytest.approx(wanted[2], rel=1e-12)
        assert rule.inputs[0] == slow.read_by_C
        for part, its in ((net.A, slow.A), (net.C, slow.C)):
            np.testing.assert_allclose(part.hidden[0], its.hidden, rtol=0, atol=1e-12)
            np.testing.assert_allclose(part.output, its.output, rtol=0, atol=1e-12)
    assert slow.read_by_C < 150 * (p + 1)


def test_without_feedback_from_C_the_automatizer_learns_by_rtrl():
    """C's activation held at 0, A is a net with p + 2 outputs, the last with target 0."""
    p = 9
    net = filled(pair(p), 1, 0.5)
    tiny = net.C._replace(low=0.0, high=1e-300)
    net, other = net._replace(C=tiny), filled(layered.layered(p + 1, 1, p + 2), 1, 0.5)
    rule, rtrl = chunker(net, 0.8), rtrl_one_unit(other, 0.8)
    for symbols in sequences(1, p, 40):
        learn(rule, net, symbols, p, SQUARED)
        learn(rtrl, other, symbols, p, SQUARED)
        np.testing.assert_allclose(net.w, other.w, rtol=0, atol=1e-12)


def test_a_chunker_that_reads_everything_learns_by_rtrl():
    p = 9
    net, other = filled(pair(p), 1, 0.5), layered.table2(p)
    other.w[:] = net.C.w
    rule, rtrl = chunker(net, 0.8, eps=-1.0), rtrl_one_unit(other, 0.8)
    for symbols in sequences(1, p, 40):
        learn(rule, net, symbols, p, SQUARED)
        learn(rtrl, other, symbols, p, SQUARED)
    np.testing.assert_allclose(net.C.w, other.w, rtol=0, atol=1e-12)
    assert rule.inputs[0] == 40 * (p + 1)


def unrolled(net, w, symbols):
    """Return hidden activation and outputs after ``symbols``, as functions of the weights ``w``."""
    columns, h = net.hidden.shape[1], torch.zeros((), dtype=torch.float64)
    hidden, output = w[:columns], w[columns:].reshape(columns, -1).T
    for x in symbols:
        h = torch.sigmoid(hidden[x] + hidden[-1] * h)
    return h, torch.sigmoid(output[:, symbols[-1]] + output[:, -1] * h)


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_and_changes_are_those_of_autograd(seed):
    """With weights at rest P is dh/dw; then one change of each net is minus its gradient."""
    p, steps = 6, 7
    net = filled(pair(p), seed, 1.5)
    symbols = np.array([2, 5, 1, 0, 6, 3, 1, 4])
    options = {"reset": False, "C_reset": False}
    rule = chunker(net, 0.0, eps=-1.0, **options)
    w_A, w_C = (torch.tensor(part.w, requires_grad=True) for part in (net.A, net.C))
    learn(rule, net, symbols, steps, SQUARED)
    for part, w, P, seen in ((net.A, w_A, 0, symbols[:-1]), (net.C, w_C, 1, symbols)):
        h, _ = unrolled(part, w, seen)
        h.backward()
        np.testing.assert_allclose(rule.h[P], h.item(), rtol=1e-12)
        np.testing.assert_allclose(rule.P[P], w.grad[: p + 2].numpy(), rtol=1e-10, atol=1e-18)
        w.grad = None

    # The next sequence begins with the last symbol of the first, and has one to be predicted: C
    # learns the one from what it read last, reads it again, and A learns the other.
    following = np.array([symbols[-1], 0])
    _, y_C = unrolled(net.C, w_C, symbols)
    _, y_A = unrolled(net.A, w_A, symbols)
    before_A, before_C = net.A.w.copy(), net.C.w.copy()
    learn(rule._replace(alpha=1.0, eps=2.0), net, following, 1, SQUARED)
    wanted = target(following[0], p + 1, SQUARED)
    (0.5 * ((torch.tensor(wanted) - y_C) ** 2).sum()).backward()
    wanted = np.append(target(following[1], p + 1, SQUARED), rule.h[1])
    (0.5 * ((torch.tensor(wanted) - y_A) ** 2).sum()).backward()
    assert np.abs(w_A.grad[p + 2 :].reshape(p + 2, -1)[:, -1].numpy()).max() > 1e-4
    for w, after, before in ((w_A, net.A.w, before_A), (w_C, net.C.w, before_C)):
        wanted = -w.grad.numpy()
        assert np.abs(after - before - wanted).max() <= 1e-10 * np.abs(wanted).max()


def inputs_to_C(task, p, seed, n=400):
    """Return how many symbols of a sequence reach C once A has seen 2,000 sequences."""
    net = filled(pair(p), seed, 0.2)
    rule = chunker(net, 1.0)
    arguments = rule, two_sequence(p, regular=task == "2a"), SQUARED, streak(10**6)
    rng = generators(seed, 1)[0]
    online(net, *arguments, rng, 2_000)
    rule.inputs[0] = 0
    online(net, *arguments, rng, n)
    return rule.inputs[0] / n


@pytest.mark.parametrize("seed", range(2))
def test_regular_sequences_are_chunked_to_their_ends_and_random_ones_not_at_all(seed):
    assert 2 <= inputs_to_C("2a", 10, seed) < 2.05
    assert 10 < inputs_to_C("2b", 10, seed) <= 11


def test_the_pair_solves_2a_soon_and_the_automatizer_alone_does_not():
    alone = experiment("table2/chunker-p100", budget=20_000).changed(p=10)
    together = alone.changed(judged_by="pair")
    assert not run(alone, 0).success
    assert run(together, 0).sequences < 300
    on_2b = Experiment("chunker", "2b", 20_000, p=10, judged_by="pair")
    assert not run(on_2b, 0).success


def test_weights_are_counted_as_published():
    assert len(pair(100).w) == 10_506
    assert len(pair(100).C.w) == len(hierarchy(100, 3).w) == 10_404
    assert repr(learner_of(experiment("table2/chunker-p100")).net) == repr(pair(100))


def test_both_nets_are_drawn_and_share_nothing():
    net = learner_of(experiment("table2/chunker-p100")).net
    assert not np.shares_memory(net.A.w, net.C.w)
    for w in (net.A.w, net.C.w):
        assert 0.19 < np.abs(w).max() < 0.2
        assert (w != 0.0).all()


def test_one_level_learns_by_rtrl():
    p = 9
    net, other = filled(hierarchy(p, 3), 2, 0.5), filled(layered.table2(p), 2, 0.5)
    rule, rtrl = hierarchical_chunker(net, 0.8), rtrl_one_unit(other, 0.8, measure=True)
    for symbols in sequences(2, p, 40):
        got, wanted = (learn(r, n, symbols, p, SQUARED) for r, n in ((rule, net), (rtrl, other)))
        assert got[:2] == wanted[:2]
        assert got[2] == pytest.approx(wanted[2], rel=1e-12)
        np.testing.assert_allclose(net.w, other.w, rtol=0, atol=1e-12)


def test_the_second_level_learns_from_what_the_first_fails_to_predict():
    """A level that knows every a_i, made by hand: the one above is RTRL on (first, last)."""
    p = 6
    net = hierarchy(p, 2)
    known = level(net, 0)
    known.output[:] = -9.0
    known.output[:, p + 1] = 0.0
    for x in range(p + 1):
        known.output[x + 1 if x < p - 2 else 0 if x > p - 2 else p, x] = 9.0
    frozen = known.w.copy()
    net = grown(net)
    fill_uniform(generators(3, 1)[0], net.w, -0.2, 0.2)
    other = layered.table2(p)
    other.w[:] = net.w
    rule, rtrl = hierarchical_chunker(net, 1.0), rtrl_one_unit(other, 1.0, measure=True)
    task, rng, symbols = two_sequence(p), generators(4, 1)[0], np.zeros(p + 1, dtype=np.int64)
    for _ in range(300):
        draw(task, rng, symbols)
        ends = symbols[[0, -1]]
        # The level by hand says y after the last a_i: only x is handed on.
        if ends[1] == p:
            got = learn(rule, net, symbols, p, SQUARED)
            assert got == (0, 0, 0.0)
            continue
        got = learn(rule, net, symbols, p, SQUARED)
        wanted = learn(rtrl, other, ends, 1, SQUARED)
        assert got[:2] == wanted[:2]
        assert got[2] == pytest.approx(wanted[2], rel=1e-12)
    np.testing.assert_allclose(net.w, other.w, rtol=0, atol=1e-12)
    assert np.array_equal(known.w, frozen)
    assert rule.inputs[0] == 300 * (p + 1)
    assert 300 < rule.inputs[1] < 600


def test_levels_are_frozen_and_added_up_to_their_number():
    added = []

    def grow(net):
        added.append(net.levels.copy())
        net = grown(net)
        fill_uniform(rng, net.w, -0.2, 0.2)
        return net, hierarchical_chunker(net, 1.0)

    rng = generators(0, 1)[0]
    net = hierarchy(6, 3)
    fill_uniform(rng, net.w, -0.2, 0.2)
    arguments = hierarchical_chunker(net, 1.0), two_sequence(6, regular=False), SQUARED
    growth = Growth(grow, window=50, times=2)
    trained = online(net, *arguments, streak(1000), rng, 10_000, growth=growth)
    assert trained.net.active == 3
    for n, weights in enumerate(added):
        assert np.array_equal(trained.net.levels[: n + 1], weights[: n + 1])
        assert not weights[n + 1 :].any()
    with pytest.raises(ValueError, match="active = 3; the hierarchy has no level above"):
        grown(trained.net)


def test_the_hierarchy_solves_2a_and_one_level_does_not():
    e = Experiment("hierarchical-chunker", "2a", 20_000, p=10)
    trial = run(e, 0)
    assert trial.success
    assert trial.sequences < 3_000
    assert not run(e.changed(levels=1), 0).success


@pytest.mark.parametrize("method", ["chunker", "hierarchical-chunker"])
def test_the_methods_are_for_symbols_and_judged_while_they_learn(method):
    with pytest.raises(ValueError, match=f"method {method} needs a task of symbols, such as 2a"):
        prepare(Experiment(method, "parity", 10, longest=5), 0)
    with pytest.raises(ValueError, match="judged = 'frozen'; this method's nets are judged while"):
        prepare(Experiment(method, "2a", 10, p=4, judged="frozen"), 0)
    with pytest.raises(ValueError, match="task = 'embedded-reber'; this method's nets are for"):
        prepare(Experiment(method, "embedded-reber", 10), 0)
    with pytest.raises(ValueError, match=f"method '{method}' on task '2a' has no option 'hidden'"):
        Experiment(method, "2a", 10, p=4, hidden=2)


def test_rules_and_nets_refuse():
    two = layered.layered(5, 2, 5)
    with pytest.raises(ValueError, match="A has 2 hidden units"):
        chunker(Pair(two.w, two, two), 1.0)
    with pytest.raises(ValueError, match="levels = 0"):
        hierarchy(4, 0)
    with pytest.raises(ValueError, match="judged_by = 'both'; it must be 'automatizer', 'pair'"):
        Experiment("chunker", "2a", 10, p=4, judged_by="both")
