"""Claims of Section 3 about methods on higher levels: type (3)."""

import itertools

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import SeriesSet, item
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run
from errorflow.nets import layered, state_machine
from errorflow.rules import learn
from errorflow.rules.expectation import expectation
from errorflow.rules.kalman import kalman
from errorflow.rules.no_learning import no_learning

LAST = Loss(0.0, 1.0, 1.0, 0.0, 0.25, at_end=True)
STEPS, NUMBERS = 5, 200


def keep(n, passes, targets, *, seed=0):
    """Teach a machine to end in one of ``n`` states; return (numbers, its final distributions).

    200 numbers from [0, 1] are shown once, followed by zeros; ``targets(numbers, rng)`` (200, n)
    says which state is wanted. Numbers and distributions (200, n) are those of a second set.
    """
    rng = generators(seed, 1)[0]
    net = state_machine.state_machine(2, 1 + n, n, softmax=True)
    fill_uniform(rng, net.transition.ravel(), -0.5, 0.5)
    table = net.transition.reshape(1 + n, 1 + n, 2)
    forbidden = ~np.eye(1 + n, dtype=bool)
    forbidden[1:, 0], forbidden[0, 0] = False, True
    table[forbidden] = 0.0, state_machine.FORBIDDEN
    net.output[:, 1:] = np.eye(n)
    sets = []
    for _ in range(2):
        x = np.zeros((NUMBERS, STEPS, 2))
        x[:, 0, 0], x[:, :, 1] = [rng.random() for _ in range(NUMBERS)], 1.0
        wanted = targets(x[:, 0, 0], rng)
        sets.append(SeriesSet(x, wanted, np.full(NUMBERS, STEPS)))
    rule = expectation(net, STEPS)
    for _ in itertools.islice(rule.epochs(net, sets[0], LAST, rng), passes):
        pass
    judge, final = no_learning(net), np.zeros((NUMBERS, n))
    for i in range(NUMBERS):
        sequence, steps = item(sets[1], i)
        learn(judge, net, sequence, steps, LAST)
        final[i] = judge.y
    return sets[1].inputs[:, 0, 0], final


def parts(numbers, rng, *, n):
    """Return targets (N, n) that name the one of ``n`` equal parts of [0, 1] a number lies in."""
    return np.eye(n)[(numbers * n).astype(int)]


def drawn(numbers, rng):
    """Return targets (N, 2): the second state with the number itself as probability."""
    second = np.array([rng.random() for _ in numbers]) < numbers
    return np.column_stack([~second, second]).astype(float)


def floor(n):
    """Return the root mean square distance of numbers in [0, 1] from the middle of their part."""
    return 1.0 / (n * 12.0**0.5)


def rms(differences):
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(differences))))


def last_H(net, p, gamma):
    """Return dy / dw (O, W) at the last step of task 2a, as the filter has it for a discount."""
    rule, before = kalman(net, gamma=gamma), net.w.copy()
    learn(rule, net, np.array([p, *range(p - 1), p]), p, LAST)
    net.w[:] = before
    return rule.H


def drawn_net(p, seed, scale):
    """Return Table 2's net with weights from [-scale, scale]."""
    net = layered.table2(p)
    fill_uniform(generators(seed, 1)[0], net.w, -scale, scale)
    return net


@decides("em-continuous")
def em_continuous():
    ratios = []
    for n in (2, 4, 8):
        numbers, y = keep(n, 1000, lambda numbers, rng, n=n: parts(numbers, rng, n=n))
        ratios.append(rms((y.argmax(axis=1) + 0.5) / n - numbers) / floor(n))
    return verdict(min(ratios) >= 0.9 and max(ratios) <= 1.5, direction=min(ratios) >= 0.9)


@decides("em-belief")
def em_belief():
    numbers, y = keep(2, 200, drawn)
    return verdict(rms(y[:, 1] - numbers) >= 0.5 * floor(2))


@decides("kalman-discount")
def kalman_discount():
    p, exact, worst = 10, True, 0.0
    for seed in range(5):
        net = drawn_net(p, seed, 2.0)
        plain = last_H(net, p, 1.0)
        for gamma in (0.5, 0.99, 0.9):
            discounted = last_H(net, p, gamma)
            for q in range(p):
                x = p if q == p - 1 else p - 2 - q
                wanted = gamma**q * plain[:, x]
                exact &= gamma != 0.5 or np.array_equal(discounted[:, x], wanted)
                worst = max(worst, np.abs(discounted[:, x] / wanted - 1.0).max())
    return verdict(exact and worst < 1e-12)


@decides("kalman-discount-learning")
def kalman_discount_learning():
    plain, strong = (solved(4, gamma, range(10, 40)) for gamma in (1.0, 0.9))
    return verdict(strong <= 0.75 * plain, direction=strong < plain)


def solved(p, gamma, seeds, *, budget=3_000):
    """Return how many trials the decoupled filter solves at lag ``p``."""
    e = experiment(f"bridge/decoupled-kalman-p{p}").changed(gamma=gamma, budget=budget)
    return sum(run(e, seed).success for seed in seeds)


@decides("kalman-cause")
def kalman_cause():
    p, shares = 10, []
    for seed in range(10):
        H = np.abs(last_H(drawn_net(p, seed, 0.2), p, 1.0))
        shares.append(H[:, p].max() / H[:, p - 2].max())
    return verdict(min(shares) >= 0.9**9)
