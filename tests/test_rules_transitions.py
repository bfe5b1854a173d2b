"""Ring's units: against autograd, by hand, against the rule written out slowly; chunkers too."""

import numpy as np
import pytest
import torch
from oracles import SQUARED, assert_close, random_symbols

from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Marked, foreseen, item
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.interventions import contributions
from errorflow.experiments.run import run
from errorflow.nets import copy
from errorflow.nets.transitions import add_unit, transitions
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.no_learning import no_learning
from errorflow.rules.transitions import growing
from errorflow.tasks import blank, draw, reber, sample
from errorflow.tasks.gap import gap

NEVER = {"sigma": 0.2, "theta": 1e300, "eps": 0.1}
RING = {"sigma": 0.2, "theta": 1.0, "eps": 0.1}


def grown(symbols, higher, seed, scale=1.0):
    """Return a net with random weights and so many units, each at a random free connection."""
    rng, net = generators(seed, 1)[0], transitions(symbols, symbols, higher)
    while net.higher < higher:
        i, j = int(rng.random() * net.size[0]), int(rng.random() * symbols)
        if net.modifier[i, j] < 0:
            add_unit(net, i, j)
    fill_uniform(rng, net.w, -scale, scale)
    return net


def outputs(net, units, symbols):
    """Return y(t) for every symbol read, as torch functions of the weights ``units``."""
    y, seen = torch.zeros(len(units), dtype=torch.float64), []
    for x in symbols:
        k = torch.as_tensor(net.modifier[:, x])
        y = units[:, x] + torch.where(k >= 0, y[k.clamp(min=0)], 0.0)
        seen.append(y[: net.outputs])
    return torch.stack(seen)


def gradient(net, symbols, last_only):
    """Return minus the gradient of half the squared error by torch, as (M, I)."""
    units = torch.tensor(net.units.copy(), requires_grad=True)
    y = outputs(net, units, symbols[:-1])
    d = torch.eye(net.outputs, dtype=torch.float64)[torch.as_tensor(symbols[1:])]
    squares = 0.5 * (d - y) ** 2
    (squares[-1] if last_only else squares).sum().backward()
    return -units.grad.numpy()


@pytest.mark.parametrize("seed", range(4))
def test_backward_steps_are_autograd_s(seed):
    net = grown(3, 30, seed)
    symbols = random_symbols(seed, 3, 12)
    wanted = gradient(net, symbols, last_only=False)
    before = net.units.copy()
    learn(bptt(net, 12, 1.0), net, symbols, 12, SQUARED)
    assert (wanted[3:] != 0.0).any()
    np.testing.assert_allclose(net.units - before, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_a_step_changes_weights_by_the_gradient_of_its_error(seed):
    """All of it, and no other paths are left out: weights at rest, then one step with learning.

    A settled net's change is the gradient too, where it has no modifier, and 0 elsewhere.
    """
    net = grown(2, 60, seed)
    symbols = random_symbols(seed, 2, 13)
    wanted = gradient(net, symbols, last_only=True)
    assert (wanted[2:] != 0.0).sum() >= 3
    assert net.delay[(wanted != 0.0).any(axis=1)].max() >= 2
    for settled in (False, True):
        one = copy(net)
        still = growing(one, 0.0, settled=settled, **NEVER)
        learn(still, one, symbols[:-1], 12, SQUARED)
        learn(still._replace(alpha=1.0), one, symbols[-2:], 1, SQUARED)
        open_to_change = (net.modifier < 0) | (not settled)
        assert_close(one.units - net.units, np.where(open_to_change, wanted, 0.0), 1e-12)


def test_two_steps_by_hand():
    """Symbols a = 0, b = 1; a unit, u = 2, modifies the connection from b to output a."""
    net = transitions(2, 2, 1)
    assert add_unit(net, 0, 1)
    assert (net.owner[2], net.source[2], net.delay[2], net.modifier[0, 1]) == (0, 1, 1, 2)
    net.units[:] = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    rule = growing(net, 0.5, settled=False, **NEVER)
    # Read a: y_a = 0.1, y_b = 0.3, u = 0.5; b is to come: D_a = -0.1, D_b = 0.7. Nothing was read
    # before a, so u has no part in the error.
    learn(rule, net, np.array([0, 1]), 1, SQUARED)
    np.testing.assert_allclose(rule.state[0], [0.1, 0.3, 0.5], rtol=1e-15)
    np.testing.assert_allclose(net.units, [[0.05, 0.2], [0.65, 0.4], [0.5, 0.6]], rtol=1e-15)
    # Read b: y_a = 0.2 + u(t-1) = 0.7, y_b = 0.4, u = 0.6; a is to come: D_a = 0.3, D_b = -0.4. The
    # connection that u modifies was used: D_u = 0.3, for the symbol read a step before, a.
    learn(rule, net, np.array([1, 0]), 1, SQUARED)
    np.testing.assert_allclose(rule.state[0], [0.7, 0.4, 0.6], rtol=1e-15)
    np.testing.assert_allclose(net.units, [[0.05, 0.35], [0.65, 0.2], [0.65, 0.6]], rtol=1e-15)
    np.testing.assert_allclose(rule.average[0], [0.2 * -0.1 + 0.8, 0.2 * 0.3 + 0.8], rtol=1e-15)
    np.testing.assert_allclose(rule.size[2], [0.2 * 0.3, 0.0], rtol=1e-15)


class Slow:
    """Ring's net and rule with dictionaries: a weight is known by its unit and its symbol."""

    def __init__(self, outputs, alpha, sigma, theta, eps, settled, cap):
        self.outputs, self.cap, self.settled = outputs, cap, settled
        self.constants = alpha, sigma, theta, eps
        self.w, self.mean, self.size, self.modifier = {}, {}, {}, {}
        self.above, self.y, self.read = dict.fromkeys(range(outputs)), {}, []

    def delay(self, i):
        return 0 if self.above[i] is None else 1 + self.delay(self.above[i][0])

    def step(self, x):
        modifier, y = self.modifier, self.y
        self.y = {i: self.w.get((i, x), 0.0) + y.get(modifier.get((i, x)), 0.0) for i in self.above}
        self.read.append(x)

    def error(self, i, errors):
        if self.above[i] is None:
            return errors[i]
        owner, source = self.above[i]
        at = len(self.read) - 1 - self.delay(owner)
        return self.error(owner, errors) if at >= 0 and self.read[at] == source else 0.0

    def learn(self, errors):
        alpha, sigma, theta, eps = self.constants
        for i in list(self.above):
            D, at = self.error(i, errors), len(self.read) - 1 - self.delay(i)
            if D == 0.0 or at < 0:
                continue
            w = i, self.read[at]
            if not (self.settled and w in self.modifier):
                self.w[w] = self.w.get(w, 0.0) + alpha * D
            self.mean[w] = sigma * D + (1 - sigma) * self.mean.get(w, 1.0)
            self.size[w] = sigma * abs(D) + (1 - sigma) * self.size.get(w, 0.0)
            free = w not in self.modifier and len(self.above) < self.outputs + self.cap
            if free and self.size[w] / (eps + abs(self.mean[w])) > theta:
                self.modifier[w] = len(self.above)
                self.above[len(self.above)] = w
                for other in [v for v in self.size if v[0] == i]:
                    del self.size[other], self.mean[other]


@pytest.mark.parametrize(("settled", "alpha", "cap"), [(True, 1.5, 30), (False, 0.1, 12)])
def test_rule_equals_its_steps(settled, alpha, cap):
    task, rng = gap(3), generators(5, 1)[0]
    net = transitions(task.alphabet, task.alphabet, cap)
    rule, slow = growing(net, alpha, settled=settled, **RING), None
    slow = Slow(task.alphabet, alpha, *RING.values(), settled, cap)
    symbols = blank(task)
    for _ in range(60):
        steps = draw(task, rng, symbols)
        learn(rule, net, symbols, steps, SQUARED)
        for t in range(steps):
            slow.step(symbols[t])
            y = np.array([slow.y[i] for i in range(task.alphabet)])
            slow.learn((np.arange(task.alphabet) == symbols[t + 1]) - y)
    assert net.higher == len(slow.above) - task.alphabet > 8
    for i, j in np.ndindex(net.units.shape):
        assert net.units[i, j] == pytest.approx(slow.w.get((i, j), 0.0), abs=1e-12)
        assert net.modifier[i, j] == slow.modifier.get((i, j), -1)
    assert [net.delay[i] for i in slow.above] == [slow.delay(i) for i in slow.above]


def test_a_unit_is_added_exactly_at_the_condition():
    """Of connection a -> a: a is followed by a, b, a, b; the averages are worked out here."""
    mean, size, w, ratios = 1.0, 0.0, 0.0, []
    for d in (1.0, 0.0, 1.0, 0.0, 1.0):
        D = d - w
        w, mean, size = w + 0.5 * D, 0.2 * D + 0.8 * mean, 0.2 * abs(D) + 0.8 * size
        ratios.append(size / (0.1 + abs(mean)))
    at = int(np.argmax(ratios))
    assert at >= 2
    # Averages begin anew with a unit, so each trial has its own net.
    for theta, when in ((ratios[at] * (1 + 1e-12), None), (ratios[at] * (1 - 1e-12), at)):
        net = transitions(2, 2, 9)
        rule = growing(net, 0.5, sigma=0.2, theta=theta, eps=0.1)
        for n, d in enumerate((0, 1, 0, 1, 0)):
            rule.read[:] = -1  # nothing but a is ever read
            learn(rule, net, np.array([0, d]), 1, SQUARED)
            assert (net.modifier[0, 0] >= 0) == (when is not None and n >= when)
            if n == when:
                assert (rule.average[0] == 1.0).all()
                assert (rule.size[0] == 0.0).all()
                assert (rule.average[net.modifier[0, 0]] == 1.0).all()


def test_there_is_room_for_so_many_units_and_no_more():
    net = transitions(2, 2, 1)
    assert add_unit(net, 0, 1)
    assert not add_unit(net, 1, 1)
    assert (net.size[0], net.modifier[1, 1]) == (3, -1)
    assert repr(net) == "Transitions(inputs=2, higher=1, outputs=2, weights=6)"


def test_a_copy_has_its_own_units():
    net = grown(3, 4, 0)
    other = copy(net)._replace()
    assert np.array_equal(other.units, net.units)
    assert other.units.flags.f_contiguous
    other.units[:] = 0.0
    other.modifier[:] = -1
    assert net.units.any()
    assert (net.modifier >= 0).sum() == 4


def learned(length, seed=0, **about):
    options = {"alternating": True, "streak": 100, **about}
    return run(Experiment("ring", "gap", 2_000, p=length, **options), seed)


@pytest.mark.parametrize("length", [2, 6, 10])
def test_the_gap_task_takes_an_epoch_a_letter_and_two_units(length):
    result = learned(length)
    assert result.success
    assert result.sequences == 2 * (length + 4)
    assert result.net.higher == 2 * length + 4
    assert result.weights == (13 + 2 * length + 4) * 13


def test_the_error_flows_undiminished_as_far_as_there_are_units():
    """From the second trigger back to the first the error is scaled by 1 in every step."""
    length = 6
    net = learned(length).net
    symbols = [net.outputs - 2, *range(length), net.outputs - 2]
    net.units[symbols[-1], length - 1] += 0.5  # an error to send back
    parts = np.abs(contributions(net, symbols))
    assert len(parts) == length + 1
    norms = np.sqrt((parts**2).sum(axis=1))
    assert norms[1:].min() > 0.4
    assert parts.max() == pytest.approx(0.5, abs=0.05)


def test_a_net_that_diverges_is_not_right():
    options = {"streak": 20, "settled": False, "cap": 40}
    result = run(Experiment("ring", "gap", 3_000, p=4, **options), 0)
    assert not result.success
    assert np.isfinite(result.net.w).all()
    assert np.abs(result.net.w).max() > 1e50


@pytest.mark.parametrize("strict", [True, False])
def test_reber_strings_are_learned_within_hundreds(strict):
    options = {"alpha": 0.04, "sigma": 0.08, "cap": 40, "strict": strict}
    result = run(Experiment("ring", "reber", 1_000, longest=64, **options), 0)
    assert result.success
    assert 20 < result.sequences < 300


def test_a_chain_of_reber_strings_says_what_may_follow():
    task, rng = reber.chain(), generators(0, 1)[0]
    strings, sequence = set(), blank(task)
    for _ in range(200):
        steps = draw(task, rng, sequence)
        string = "".join(reber.SYMBOLS[k] for k in sequence.symbols[: steps + 1])
        assert string[0] == string[-1] == "B"
        assert string[-2] == "E"
        for t in range(steps - 1):
            # In an embedded string any Reber string may stand after its second symbol.
            after = reber.legal(f"BT{string[: t + 1]}")
            assert sequence.successors[t] == sum(1 << reber.SYMBOLS.index(s) for s in after)
        assert sequence.successors[steps - 1] == 1
        strings.add(string)
    assert len(strings) > 50
    with pytest.raises(ValueError, match="steps = 4; it must be an integer of at least 5"):
        reber.chain(4)


def test_marked_sequences_are_judged_by_what_may_follow():
    y, both = np.array([0.1, 0.3, 0.2, 0.3]), 0b1010
    assert foreseen(y, both, True)
    assert not foreseen(y, 0b0110, True)
    assert not foreseen(y, 0b0110, False)  # 3 is as large as 1, and may not follow
    assert foreseen(np.array([0.1, 0.4, 0.2, 0.3]), 0b0110, False)
    data = sample(reber.chain(), generators(1, 1)[0], 5)
    net = grown(7, 5, 1)
    sequence, steps = item(data, 2)
    assert isinstance(sequence, Marked)
    y = outputs(net, torch.tensor(net.units.copy()), sequence.symbols[:steps]).numpy()
    right = [foreseen(row, s, True) for row, s in zip(y, sequence.successors, strict=False)]
    wrong, wrong_at_end, squared = learn(no_learning(net), net, sequence, steps, SQUARED)
    assert (wrong, wrong_at_end) == (steps - sum(right), int(not right[-1]))
    d = np.eye(7)[sequence.symbols[1 : steps + 1]]
    assert squared == pytest.approx(0.5 * ((d - y) ** 2).sum(), rel=1e-12)


def test_triggers_take_turns():
    task, rng = gap(2, alternating=True), generators(0, 1)[0]
    symbols, first = blank(task), []
    for _ in range(6):
        draw(task, rng, symbols)
        first.append(symbols[0] - task.letters)
    assert first == [0, 1, 0, 1, 0, 1]


def test_the_method_needs_symbols():
    with pytest.raises(ValueError, match="method ring needs a task of symbols, such as 2a"):
        run(Experiment("ring", "parity", 10, longest=5), 0)


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="inputs = 0"):
        transitions(0, 2, 1)
    with pytest.raises(ValueError, match="room = -1; it must be an integer of at least 0"):
        transitions(2, 2, -1)
