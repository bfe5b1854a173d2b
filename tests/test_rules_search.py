"""Methods without gradients: their nets, and the three searches, each against an oracle."""

import math

import numpy as np
import pytest
import torch
from oracles import filled

from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series, SeriesSet, item
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run
from errorflow.methods.search_nets import net_for
from errorflow.nets import copy, zeros_like
from errorflow.nets.external_input import external_input, three_weight_latch
from errorflow.nets.recurrent import recurrent
from errorflow.nets.sparse import a1, a2
from errorflow.nets.units import IDENTITY, TANH
from errorflow.rules import learn
from errorflow.rules.annealing import _move, annealing
from errorflow.rules.bptt import bptt
from errorflow.rules.guessing import _guess, guessing
from errorflow.rules.multigrid import multigrid
from errorflow.rules.no_learning import evaluate, no_learning
from errorflow.tasks import sample
from errorflow.tasks.parity import parity
from errorflow.tasks.two_class import two_class
from errorflow.tasks.two_sequence import two_sequence

LOSS = Loss(0.0, 1.0, 1.0, 0.0, 0.1)


def run_wired(net, w, inputs):
    """The wiring of A1 and A2, written out again: every unit by itself, in a dictionary."""
    hidden = net.units - net.outputs
    state = [torch.zeros((), dtype=torch.float64)] * net.units
    for x in inputs:
        before, state, k = state, [], 0
        for i in range(net.units):
            seen = {j: x[j] for j in range(net.inputs)}
            seen |= {net.inputs + j: before[j] for j in range(net.units)}
            seen |= {net.inputs + net.units + j: state[j] for j in range(min(i, hidden))}
            total = 0.0
            for s in net.source[net.start[i] : net.start[i + 1]]:
                total = total + w[k] * seen[s]
                k += 1
            state.append(torch.sigmoid(total))
    return torch.stack(state[hidden:])


def run_driven(net, w, inputs):
    n = len(net.units)
    y = torch.zeros(n, dtype=torch.float64)
    for t, x in enumerate(inputs):
        drive = w[n * n + int(x[0] > 0)] if len(net.first) and t == 0 else x[0]
        y = torch.tanh(w[: n * n].reshape(n, n) @ y + torch.eye(n)[n - 1].double() * drive)
    return y[:1]


NETS = [
    (a1(2, 1, 1), run_wired),
    (a1(3, 4, 2), run_wired),
    (a2(2, 1), run_wired),
    (a2(2, 2, hidden=3, own=False), run_wired),
    (external_input(5), run_driven),
    (three_weight_latch(), run_driven),
]


@pytest.mark.parametrize(("net", "forward"), NETS, ids=lambda v: getattr(v, "__name__", repr(v)))
def test_gradient_equals_autograd(net, forward):
    rng = np.random.default_rng(3)
    inputs = getattr(net, "inputs", 2)
    for sign in (-1.0, 1.0):
        net = filled(copy(net), 5)
        x = rng.standard_normal((6, inputs))
        x[0, 0] = sign
        target = np.full(getattr(net, "outputs", 1), 0.3)
        w = torch.tensor(net.w, requires_grad=True)
        y = forward(net, w, torch.tensor(x))
        error = 0.5 * ((y - torch.tensor(target)) ** 2).sum()
        error.backward()
        before = net.w.copy()
        *_, squared = learn(bptt(net, 6, 1.0), net, Series(x, target), 6, LOSS)
        assert squared == pytest.approx(error.item(), rel=1e-12)
        np.testing.assert_allclose(net.w - before, -w.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_a_copy_shares_nothing():
    net = filled(a2(2, 1), 0)
    other = copy(net)
    assert np.array_equal(other.source, net.source)
    assert not np.may_share_memory(other.source, net.source)
    assert np.array_equal(other.w, net.w)
    other.w[0] += 1.0
    assert other.w[0] != net.w[0]
    assert not zeros_like(net).w.any()


def test_seven_weights_can_tell_parity_at_any_length():
    """The hidden unit is 'a one after an odd number', the output 'either', less twice that."""
    net = a1(2, 1, 1)
    # hidden: element, bias, itself and output before; output: element, hidden, itself before
    net.w[:] = (40.0, -60.0, 0.0, 40.0, 40.0, -160.0, 80.0)
    data = sample(parity(1, 600), generators(4, 1)[0], 50)
    assert evaluate(no_learning(net), net, data, LOSS, True, 0)[0] == 0


@pytest.mark.parametrize(
    ("net", "task"),
    [
        (a1(2, 2, 1), parity(3, 9)),
        (external_input(5), two_class(3, 9, targets=(-0.8, 0.8))),
        (net_for(two_sequence(4), "A1", 1), two_sequence(4)),
    ],
    ids=["parity", "two classes", "symbols"],
)
@pytest.mark.parametrize("at_end", [True, False])
def test_evaluate_is_the_frozen_rule_on_every_sequence(net, task, at_end):
    data, judge = sample(task, generators(1, 1)[0], 12), no_learning(net)
    loss = LOSS._replace(tolerance=0.4)
    for seed in range(4):
        filled(net, seed, 4.0)
        seen = [learn(judge, net, *item(data, i), loss) for i in range(12)]
        wrong = [(w_at_end if at_end else w) > 0 for w, w_at_end, _ in seen]
        total = 0.0
        for *_, squared in seen:
            total += squared
        assert evaluate(judge, net, data, loss, at_end, 0) == (sum(wrong), total)
        if sum(wrong) > 1:
            last = np.flatnonzero(wrong)[1] + 1
            early = evaluate(judge, net, data, loss, at_end, 2)
            assert early[0] == 2
            assert early[1] == pytest.approx(sum(squared for *_, squared in seen[:last]))


def noise_free_latch():
    task = two_class(20, 20, noise=0.0, targets=(-1.0, 1.0))
    data = sample(task, generators(0, 1)[0], 12)
    assert set(data.target[:, 0]) == {-1.0, 1.0}
    return data


def test_chance_of_a_guess_is_the_share_of_right_weights():
    """A tanh unit without noise, as often as by brute force in numpy: nearly 1 in 6.

    Were the unit a threshold unit it would be 1 in 12 to keep the sign, and as often by chance to
    change it at every step and be right after 20 of them.
    """
    net, rng = recurrent(2, 0, 1, f=TANH), generators(7, 1)[0]
    data, judge, hits, guesses = noise_free_latch(), no_learning(net), 0, 0
    while hits < 4_000:
        n, error = _guess(judge, net, data, LOSS, rng, 100.0, 100)
        guesses += n
        hits += error >= 0.0
    element, bias, own = np.random.default_rng(8).uniform(-100.0, 100.0, (3, 400_000))
    right = np.ones(400_000, dtype=bool)
    for sign in (-1.0, 1.0):
        y = np.tanh(sign * element + bias)
        for _ in range(19):
            y = np.tanh(bias + own * y)
        right &= abs(y - sign) < 0.1
    p, q = hits / guesses, right.mean()
    spread = math.sqrt(q * (1.0 - q) * (1.0 / guesses + 1.0 / 400_000))
    assert abs(p - q) < 4.0 * spread
    assert q == pytest.approx(1.0 / 6.0, rel=0.05)


def test_guesses_are_counted_one_by_one():
    net, rng = recurrent(2, 0, 1, f=TANH), generators(9, 1)[0]
    data, total = noise_free_latch(), 0
    for _, error, guesses in guessing(net).epochs(net, data, LOSS, rng):
        total += guesses
        right = evaluate(no_learning(net), net, data, LOSS, True, 0)
        assert (right[0] == 0) == (error is not None)
        if error is not None:
            assert right[1] == error
        assert abs(net.w).max() <= 100.0
        if total >= 300:
            break
    assert total == 300  # hits do not shift the hundreds that a budget ends at
    again, weights = generators(9, 1)[0], recurrent(2, 0, 1, f=TANH)
    for _ in range(total):
        fill_uniform(again, weights.w, -100.0, 100.0)
    assert np.array_equal(weights.w, net.w)


def quadratic():
    """A linear unit read after one step: squared error (w1 + 2 w2 - 3)^2 / 2 + (w1 - w2)^2 / 2."""
    net = recurrent(2, 0, 1, f=IDENTITY)
    inputs = np.array([[[1.0, 2.0]], [[1.0, -1.0]]])
    return net, SeriesSet(inputs, np.array([[3.0], [0.0]]), np.array([1, 1]))


def cost_of(w):
    return ((w[0] + 2.0 * w[1] - 3.0) ** 2 + (w[0] - w[1]) ** 2) / 4.0


def test_annealing_equals_the_method_written_out():
    """Corana's steps in plain Python, from the same random numbers, on a known quadratic."""
    net, data = quadratic()
    rule = annealing(net, temperature=0.5, cycles=4, adaptations=3, bound=6.0, step=2.0)
    moves, rng = 3 * 3 * 4 * 3, generators(11, 1)[0]
    states = rule.epochs(net, data, LOSS, generators(11, 1)[0])
    best, squared, count = next(states)
    w, v, T = [0.0] * 3, [2.0] * 3, 0.5
    cost = best_cost = cost_of(w)
    best_w, accepted, seen = list(w), [0] * 3, 0
    while seen < moves:
        for _ in range(3):
            for _ in range(4):
                for h in range(3):
                    trial = list(w)
                    trial[h] = w[h] + v[h] * (2.0 * rng.random() - 1.0)
                    while abs(trial[h]) > 6.0:
                        trial[h] = w[h] + v[h] * (2.0 * rng.random() - 1.0)
                    new = cost_of(trial)
                    if new <= cost or rng.random() < math.exp((cost - new) / T):
                        w, cost, accepted[h] = trial, new, accepted[h] + 1
                    if cost < best_cost:
                        best_w, best_cost = list(w), cost
                    best, squared, count = next(states)
                    seen += 1
                    assert count == 2
                    assert best.w.tolist() == best_w
                    assert squared == pytest.approx(2.0 * best_cost, rel=1e-12)
                    assert net.w.tolist() == w
            for h in range(3):
                a = accepted[h] / 4
                if a > 0.6:
                    v[h] *= 1.0 + 2.0 * (a - 0.6) / 0.4
                elif a < 0.4:
                    v[h] /= 1.0 + 2.0 * (0.4 - a) / 0.4
                v[h], accepted[h] = min(v[h], 12.0), 0
        T *= 0.85
        w, cost = list(best_w), best_cost
    assert best_cost < 0.05 < cost_of([0.0] * 3)


def test_at_a_temperature_the_mean_cost_is_half_of_it():
    """Equipartition: weights of a quadratic cost are Gaussian, and their mean cost is T / 2."""
    net = recurrent(1, 0, 1, f=IDENTITY)
    data = SeriesSet(np.ones((1, 1, 1)), np.zeros((1, 1)), np.array([1]))
    rule, rng, T = annealing(net, bound=1e6), generators(12, 1)[0], 0.3
    best, costs, total, accepted, n = copy(net), np.zeros(2), 0.0, 0, 60_000
    for _ in range(n):
        accepted += _move(rule, net, best, data, LOSS, rng, T, 0, 2.0, costs)
        total += costs[0]
    assert total / n == pytest.approx(T / 2.0, rel=0.05)
    assert 0.3 < accepted / n < 0.7


def test_annealing_adapts_until_about_half_of_the_moves_are_accepted():
    net, data = quadratic()
    rule = annealing(net, temperature=0.2, step=50.0, adaptations=60)
    before, moved = net.w.copy(), 0
    for k, _ in enumerate(rule.epochs(net, data, LOSS, generators(13, 1)[0])):
        if 30 * 60 < k <= 60 * 60:
            moved += not np.array_equal(net.w[:2], before[:2])
        before = net.w.copy()
        if k == 60 * 60:
            break
    assert 0.35 < moved / (30 * 40) < 0.65  # two of three weights have a part in the cost


def test_multigrid_equals_the_method_written_out():
    net, data = quadratic()
    rule = multigrid(net, bound=4.0, points=5, least=0.5)
    rng, states = generators(14, 1)[0], rule.epochs(net, data, LOSS, generators(14, 1)[0])
    best_w, width, boxes = [0.0] * 3, 4.0, 0
    best, squared, count = next(states)
    while width >= 0.5:
        centre = list(best_w)
        for _ in range(5):
            point = [c + (-width + 2.0 * width * rng.random()) for c in centre]
            if cost_of(point) < cost_of(best_w):
                best_w = point
            best, squared, count = next(states)
            assert count == 2
            np.testing.assert_allclose(best.w, best_w, rtol=1e-14)
            assert squared == pytest.approx(2.0 * cost_of(best_w), rel=1e-12)
        width *= 0.9
        boxes += 1
    assert boxes == 1 + math.floor(math.log(8.0) / -math.log(0.9))
    assert next(states, None) is None
    assert cost_of(best_w) < 0.2


@pytest.mark.parametrize(
    ("row", "sequences"),
    [
        ("guessing/latch-1", 5),
        ("guessing/parity-a2-not-own", 56),
        ("annealing/2-sequence", 37_100),
        ("multigrid/2-sequence", 400),
    ],
)
def test_trials_that_succeed(row, sequences):
    result = run(experiment(row), 0)
    assert result.success
    assert result.sequences == sequences


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: guessing(three_weight_latch(), bound=0.0),
            "bound = 0.0; it must be a finite number above 0",
        ),
        (lambda: annealing(three_weight_latch(), temperature=-1.0), "temperature = -1.0"),
        (
            lambda: annealing(three_weight_latch(), factor=1.0),
            "factor = 1.0; it must be a finite number above 0 and below 1",
        ),
        (
            lambda: annealing(three_weight_latch(), cycles=0),
            "cycles = 0; it must be an integer of at least 1",
        ),
        (lambda: multigrid(three_weight_latch(), factor=0.0), "factor = 0.0"),
        (lambda: multigrid(three_weight_latch(), points=2.5), "points = 2.5"),
        (
            lambda: multigrid(three_weight_latch(), least=0.0),
            "least = 0.0; it must be a finite number above 0",
        ),
        (lambda: a1(2, 0, 1), "hidden = 0; it must be an integer of at least 1"),
        (lambda: external_input(True), "n = True"),
        (
            lambda: Experiment("guessing", "parity", 10, longest=5, net="A3"),
            "net = 'A3'; it must be 'A1', 'A2', 'A2, not own', 'latch I'",
        ),
    ],
)
def test_bad_input_is_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()
