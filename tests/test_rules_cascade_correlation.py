"""Cascade-correlation against torch's autograd and numpy."""

import numpy as np
import pytest
import torch
from oracles import assert_close

from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import prepare, run
from errorflow.experiments.training import batch
from errorflow.nets import copy
from errorflow.nets.cascade import Cascade, cascade
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.cascade_correlation import OF_OUTPUTS, _install, cascade_correlation
from errorflow.rules.cascade_epochs import (
    CANDIDATES,
    CORRELATIONS,
    OUTPUTS,
    POOL,
    _epoch,
    _remember,
)
from errorflow.rules.quickprop import quickprop
from errorflow.tasks import reber
from errorflow.tasks.criteria import all_predicted, mistaken

LOSS = Loss(-1.0, 1.0, 1.0, 0.0, 0.25)
OFFSET = LOSS._replace(offset=0.1)
VARIANTS = [{}, {"inputs_are": (-1.0, 1.0), "high": 0.5, "steepness": 0.5}]


@pytest.fixture(params=VARIANTS, ids=["paper", "program"])
def net(request):
    """Three hidden units in room for five, all weights in use drawn from [-1, 1]."""
    net = cascade(7, 7, 5, units=3, **request.param)
    values = np.empty((5 + 7, 13))
    fill_uniform(generators(4, 1)[0], values.ravel(), -1.0, 1.0)
    for h in range(3):
        net.hidden[h, : 9 + h] = values[h, : 9 + h]
    net.output[:, :11] = values[5:, :11]
    return net


@pytest.fixture(scope="module")
def strings():
    return reber.string_set(reber.training_and_test(generators(3, 1)[0], size=12)[0])


def seen_and_outputs(net, strings, w, output):
    """Return what outputs see, the outputs and the targets at all predictions, by torch."""

    def f(x):
        return net.high * torch.tanh(net.steepness * x)

    seen, targets = [], []
    for string, length in zip(strings.symbols, strings.length, strict=True):
        V = torch.zeros(net.units, dtype=torch.float64)
        for t in range(length - 1):
            values = torch.full((8,), net.off, dtype=torch.float64)
            values[0], values[1 + string[t]] = 1.0, net.on
            for h in range(net.units):
                V_h = f(w[h, : 8 + h] @ values + w[h, 8 + h] * V[h])
                values = torch.cat([values, V_h[None]])
            V = values[8:]
            seen.append(values)
            targets.append(torch.full((7,), LOSS.low, dtype=torch.float64))
            targets[-1][string[t + 1]] = LOSS.high
    seen, targets = torch.stack(seen), torch.stack(targets)
    return seen, f(seen @ output[:, : 8 + net.units].T), targets


def test_weights_in_use_are_counted():
    """Neither end of the 119 to 198 weights that Table 1 states for 7 to 9 units."""
    assert [cascade(7, 7, 25, units=H).weights for H in (0, 1, 7, 9)] == [56, 72, 189, 236]
    assert repr(cascade(7, 7, 25, units=7)).endswith("hidden=7, outputs=7, weights=189)")
    net = cascade(2, 3, 4, units=2)
    in_use = sum(3 + h + 1 for h in range(2)) + 3 * (3 + 2)
    assert net.weights == in_use


def test_forward_pass_is_torchs(net, strings):
    rule = cascade_correlation(net, strings.length)
    _remember(rule, net, strings.symbols, strings.length)
    seen, y, d = seen_and_outputs(net, strings, *map(torch.tensor, (net.hidden, net.output)))
    assert_close(rule.values[:, :11], seen.numpy())
    assert not rule.values[:, 11:].any()
    squared = _epoch(rule, net, strings.symbols, strings.length, OFFSET, OUTPUTS)
    assert squared == pytest.approx(0.5 * ((y - d) ** 2).sum().item(), rel=1e-12)
    slope = net.steepness * (net.high - y * y / net.high) + 0.1
    assert_close(rule.E, ((y - d) * slope).numpy())


def test_slopes_of_the_outputs_are_autograds(net, strings):
    rule = cascade_correlation(net, strings.length)
    hidden, output = torch.tensor(net.hidden), torch.tensor(net.output, requires_grad=True)
    _, y, d = seen_and_outputs(net, strings, hidden, output)
    (0.5 * ((y - d) ** 2).sum()).backward()
    before = copy(net)
    _remember(rule, net, strings.symbols, strings.length)
    _epoch(rule, net, strings.symbols, strings.length, LOSS, OUTPUTS)
    assert_close(rule.slopes.T[:, :11], output.grad.numpy()[:, :11])
    # The first step is down the slope, with the decay added to it.
    P = len(rule.E)
    change = -OF_OUTPUTS.epsilon / P * (rule.slopes.T + OF_OUTPUTS.decay * before.output)
    assert_close((net.output - before.output)[:, :11], change[:, :11])
    assert not net.output[:, 11:].any()
    assert (net.hidden == before.hidden).all()


def with_candidates(net, strings):
    """Return a rule that has just summed the correlations of its candidates."""
    rule = cascade_correlation(net, strings.length)
    _remember(rule, net, strings.symbols, strings.length)
    _epoch(rule, net, strings.symbols, strings.length, OFFSET, OUTPUTS)
    E = rule.E.copy()
    c = np.empty(12 * POOL)
    fill_uniform(generators(5, 1)[0], c, -1.0, 1.0)
    rule.c[:12] = c.reshape(12, POOL)
    best = _epoch(rule, net, strings.symbols, strings.length, OFFSET, CORRELATIONS)
    return rule, E, best


def candidate(net, strings, seen, w):
    """Return V of a candidate with weights ``w`` at all predictions, by torch."""
    V, at = [], 0
    for length in strings.length:
        before = torch.zeros((), dtype=torch.float64)
        for _ in range(length - 1):
            total = w[:-1] @ seen[at] + w[-1] * before
            before = net.high * torch.tanh(net.steepness * total)
            V.append(before)
            at += 1
    return torch.stack(V)


def S_of(V, E):
    """Return S as the paper defines it, divided by the sum of all squared errors."""
    products = (V - V.mean())[:, None] * (E - E.mean(axis=0))
    return abs(products.sum(axis=0)).sum() / (E**2).sum()


def test_scores_and_their_slopes_are_autograds(net, strings):
    rule, E, best = with_candidates(net, strings)
    seen, scores, slopes = torch.tensor(rule.values[:, :11]), [], []
    for u in range(POOL):
        w = torch.tensor(rule.c[:12, u], requires_grad=True)
        S = S_of(candidate(net, strings, seen, w), torch.tensor(E))
        S.backward()
        scores.append(S.item())
        slopes.append(w.grad.numpy())
    assert best == pytest.approx(max(scores), rel=1e-10)
    assert rule.best[0] == np.argmax(scores)
    assert_close(abs(rule.correlations[0]).sum(axis=0), np.array(scores))
    before = rule.c.copy()
    _epoch(rule, net, strings.symbols, strings.length, OFFSET, CANDIDATES)
    assert_close(rule.c_slopes[:12], np.array(slopes).T)
    assert_close((rule.c - before)[:12], np.array(slopes).T / (len(E) * 11))  # epsilon is 1


def test_derivatives_of_a_candidate_are_autograds(net, strings):
    """dV/dw and dV/dw_s at the end of the last string, carried forward through all its steps."""
    rule, _, _ = with_candidates(net, strings)
    seen = torch.tensor(rule.values[:, :11])
    for u in range(POOL):
        w = torch.tensor(rule.c[:12, u], requires_grad=True)
        candidate(net, strings, seen, w)[-1].backward()
        assert_close(rule.D[:12, u], w.grad.numpy())


def test_scores_rise(net, strings):
    rule, _, first = with_candidates(net, strings)
    for _ in range(60):
        best = _epoch(rule, net, strings.symbols, strings.length, OFFSET, CANDIDATES)
    assert best > 1.5 * first


def test_the_best_candidate_is_installed_as_it_is(net, strings):
    rule, E, best = with_candidates(net, strings)
    grown = _install(rule, net)
    assert isinstance(grown, Cascade)
    assert grown.units == 4
    _remember(rule, grown, strings.symbols, strings.length)
    V = rule.values[:, 11]
    assert S_of(V, E) == pytest.approx(best, rel=1e-10)
    correlations = ((V - V.mean())[:, None] * (E - E.mean(axis=0))).sum(axis=0) / (E**2).sum()
    assert_close(grown.output[:, 11], -correlations)
    # Minus the correlation is downhill: a little of it reduces the error.
    errors = []
    for share in (0.0, 0.1):
        grown.output[:, 11] = -share * correlations
        errors.append(_epoch(rule, copy(grown), strings.symbols, strings.length, OFFSET, OUTPUTS))
    assert errors[1] < errors[0]


@pytest.mark.parametrize(
    ("slope", "previous", "last", "step"),
    [
        (0.5, 0.0, 0.0, -0.05),  # at the start: down the slope
        (0.2, 0.8, -0.3, -0.02 - 0.1),  # on downhill, and on to the parabola's minimum
        (0.6, 0.8, -0.3, -0.06 - 0.6),  # hardly less steep: the largest step
        (0.9, 0.8, -0.3, -0.09 - 0.6),  # steeper: the same
        (-0.4, 0.8, -0.3, 0.1),  # beyond the minimum: back, without the slope
        (-0.2, -0.8, 0.3, 0.02 + 0.1),
        (-0.6, -0.8, 0.3, 0.06 + 0.6),
        (0.4, -0.8, 0.3, -0.1),
        (0.0, -0.8, 0.3, 0.0),
    ],
)
def test_quickprop_step(slope, previous, last, step):
    assert quickprop(slope, previous, last, 0.1, 2.0) == pytest.approx(step, abs=1e-15)


def test_quickprop_finds_the_minimum_of_a_parabola():
    w, previous, last = 3.0, 0.0, 0.0
    for _ in range(3):
        slope = 2.0 * (w - 1.0)
        last = quickprop(slope, previous, last, 0.4, 1e9)
        previous, w = slope, w + last
    assert w == pytest.approx(1.0, abs=1e-12)


def plain(rng, size):
    """Return plain Reber strings: the insides of embedded ones."""
    whole = reber.string_set([reber.embedded(rng) for _ in range(size)])
    inside = whole.symbols[:, 2:].copy(), whole.length - 4, whole.successors[:, 2:].copy()
    return reber.StringSet(*inside)


def test_the_plain_grammar_is_learned_with_two_units():
    """As in 9 of the 10 trials with 128 strings that the 1991 paper reports."""
    rng, sets = generators(0, 2)
    training, test = plain(sets, 128), plain(sets, 128)
    net = cascade(7, 7, 5)
    rule, criterion = cascade_correlation(net, training.length), all_predicted(net, training, test)
    result = batch(net, rule, training, OFFSET, criterion, rng, 128 * 300, curve=True)
    assert result.success
    assert result.net.units == 2
    for strings in (training, test):
        assert mistaken(criterion, result.net, strings, 128) == 0
    assert result.curve[-1][0] == result.sequences
    assert result.curve[-1][1] < result.curve[0][1] / 4
    # Training ends all the same where the test set cannot be predicted, but without success.
    never = all_predicted(net, training, test._replace(successors=test.successors | 1))
    again = batch(cascade(7, 7, 5), rule, training, OFFSET, never, generators(0, 2)[0], 128 * 300)
    assert (again.success, again.sequences) == (False, result.sequences)
    untrained = cascade(7, 7, 5)
    assert [mistaken(criterion, untrained, test, most) for most in (128, 5)] == [128, 5]


def test_the_net_goes_back_as_autograd_does(net, strings):
    """BPTT through the whole net, which cascade-correlation never does."""
    whole = [torch.tensor(a, requires_grad=True) for a in (net.hidden, net.output)]
    one = strings._replace(symbols=strings.symbols[:1], length=strings.length[:1])
    _, y, d = seen_and_outputs(net, one, *whole)
    (0.5 * ((y - d) ** 2).sum()).backward()
    steps = int(one.length[0]) - 1
    rule = bptt(net, steps, 1.0)
    learn(rule, net, one.symbols[0], steps, LOSS)
    assert_close(rule.change.hidden, -whole[0].grad.numpy())
    assert_close(rule.change.output, -whole[1].grad.numpy())


def test_a_trial_ends_with_its_budget_or_its_last_unit():
    e = experiment("table1/rcc", budget=256 * 40)
    assert run(e, 0)[:2] == (False, 256 * 40)
    assert run(e.changed(budget=256 * 41 - 1), 0).sequences == 256 * 40
    assert run(e.changed(budget=1), 0).sequences == 256
    a, b, other = (run(e, seed, curve_every=256)[:4] for seed in (0, 0, 1))
    assert a == b != other
    full = e.changed(budget=768_000, room=1)
    trial = run(full, 0)
    assert not trial.success
    assert trial.weights == 56
    assert 256 * 10 < trial.sequences < 256 * 200
    assert repr(prepare(full, 0)[0].net) == repr(cascade(7, 7, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": 0}, "inputs = 0"),
        ({"room": 0}, "room = 0"),
        ({"units": 6}, "units = 6; there is room for 5"),
        ({"high": 0.0}, "high = 0.0; it must be a finite number above 0"),
    ],
)
def test_cascade_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        cascade(**{"inputs": 7, "outputs": 7, "room": 5, **change})


def test_a_phase_needs_epochs(net, strings):
    with pytest.raises(ValueError, match="epochs = 0; it must be an integer of at least 1"):
        cascade_correlation(net, strings.length, outputs=OF_OUTPUTS._replace(epochs=0))


def test_the_method_needs_symbols():
    with pytest.raises(ValueError, match="method rcc needs a task of symbols, such as 2a"):
        prepare(Experiment("rcc", "parity", 1000, longest=4), 0)
