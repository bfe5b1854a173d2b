"""Claims of Section 3 about methods that keep gradients larger: type (2).

All criteria were fixed before their predicates were run; what a pilot had shown by then is said.
"""

from statistics import median

import numpy as np

from errorflow.claims import corrected, decides, verdict
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.rows import experiment
from errorflow.experiments.run import run
from errorflow.methods.discrete import COIN
from errorflow.nets import recurrent, threshold
from errorflow.nets.units import IDENTITY, TANH
from errorflow.rules import learn
from errorflow.rules.discrete import discrete
from errorflow.rules.no_learning import no_learning
from errorflow.rules.pseudo_newton import instances
from errorflow.tasks import blank, draw
from errorflow.tasks.store import store
from errorflow.tasks.two_class import two_class

TIME_WEIGHTED = "time-weighted-pseudo-newton"
AT_END = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


def sizes(net, sequence, mu):
    """Return the norms (steps,) of what each lag brings to the gradient and to the update."""
    gradients, curvatures = instances(net, sequence, AT_END)
    updates = gradients / (curvatures + mu)
    return np.sqrt((gradients**2).sum(axis=1)), np.sqrt((updates**2).sum(axis=1))


def chain(w, steps, f=IDENTITY, bias=1.0):
    """Return one unit with the weight w to itself and a bias, and an input that is always 1."""
    net = recurrent.recurrent(1, 0, 1, f=f)
    net.units[:] = [[bias, w]]
    return net, Series(np.ones((steps, 1)), np.zeros(1))


def of_bias(net, sequence, mu):
    """Return gradient, curvature and size of the update (steps,) of a chain's bias, by lag.

    The bias is always used on a 1; what the weight to itself is used on changes.
    """
    gradients, curvatures = instances(net, sequence, AT_END)
    gradient, curvature = gradients[:, 0], curvatures[:, 0]
    return gradient, curvature, abs(gradient / (curvature + mu))


def crossover(mu, rho, c0=1.0):
    """Return q*, the lag at which the curvature c0 rho^2q has come down to mu."""
    return np.log(mu / c0) / (2.0 * np.log(abs(rho)))


def times(e, seeds):
    """Return the number of sequences of each trial, the budget for a failure."""
    return [run(e, seed).sequences for seed in seeds]


def rmse(method, p, budget, seed, **options):
    """Return the root mean squared error of numbers kept for ``p`` steps, after training."""
    # The tolerance is so fine that no streak ends the training.
    e = Experiment(method, "store", budget, p=p, tolerance=0.001, **options)
    net, task, rng = run(e, seed).net, store(p), generators(1_000 + seed, 1)[0]
    sequence, judge, squares = blank(task), no_learning(net), []
    for _ in range(500):
        draw(task, rng, sequence)
        learn(judge, net, sequence, p, AT_END)
        squares.append((judge.y[0] - sequence.target[0]) ** 2)
    return np.sqrt(np.mean(squares))


@decides("time-weighted-larger")
def time_weighted_larger():
    gains = []
    for seed in range(20):
        rng, stream = generators(seed, 2)
        net = recurrent.recurrent(2, 4, 1)
        fill_uniform(rng, net.w, -0.5, 0.5)
        task = two_class(11, 11, informative=3, noise=0.2)
        sequence = blank(task)
        draw(task, stream, sequence)
        gradient, update = sizes(net, sequence, 0.001)
        gains.append((update[10] / update[0]) / (gradient[10] / gradient[0]))
    least = min(gains)
    return verdict(least >= 10.0, direction=least > 1.0)


@decides("time-weighted-limit")
def time_weighted_limit():
    printed, right = True, True
    for rho in (0.5, 0.9):
        for mu in (1e-2, 1e-4):
            net, ones = chain(rho, 151)
            update, q, lags = of_bias(net, ones, mu)[2], crossover(mu, rho), np.arange(151)
            printed = printed and update[100] >= update[0]
            inside, beyond = (lags > 0) & (lags < 2 * q - 1e-9), lags > 2 * q + 1e-9
            right = right and (update[inside] > update[0]).all()
            right = right and (update[beyond] < update[0]).all()
            right = right and abs(update.argmax() - q) <= 1.0
            right = right and abs(update[150] / update[149] / rho - 1.0) < 0.01
    net, ones = chain(1.2, 151, f=TANH, bias=0.01)
    gradient, curvature, update = of_bias(net, ones, 1e-4)
    q = crossover(1e-4, gradient[1] / gradient[0], curvature[0])
    return corrected(printed, right and abs(update.argmax() - q) <= 2.0)


@decides("discrete-larger")
def discrete_larger():
    undiminished, vanished = True, True
    for rng in generators(3, 20):
        w = 1.5 + 1.5 * rng.random()
        net = threshold.threshold(1, 1, 1)
        net.hidden[:], net.output[:] = [[1.0, w]], [[0.0, w]]
        x = Series(np.array([[0.4 * rng.random() - 0.2] for _ in range(101)]), np.zeros(1))
        x.inputs[0] = 1.0
        rule = discrete(net, 101, 0.0, rng)
        learn(rule, net, x, 101, AT_END)
        undiminished = undiminished and (rule.wanted == -2.0).all()
        smooth = chain(w, 101, f=TANH)[0]
        gradients = instances(smooth, x, AT_END)[0]
        error = gradients[:, 0] / x.inputs[::-1, 0]
        vanished = vanished and abs(error[100] / error[0]) < 1e-10
    return verdict(undiminished and vanished)


@decides("larger-long-lags")
def larger_long_lags():
    rows = [experiment(f"bridge/{method}-p10") for method in (TIME_WEIGHTED, "discrete")]
    learned = [median(times(e, range(10, 20))) < e.budget for e in rows]
    return verdict(all(learned), direction=any(learned))


@decides("discrete-by-error")
def discrete_by_error():
    slower = []
    for row in ("bridge/discrete-p100", "discrete/2-sequence-p100"):
        e = experiment(row, budget=10_000)
        told, tossed = (median(times(each, range(10, 20))) for each in (e, e.changed(most=COIN)))
        slower.append(tossed >= 3 * told)
    return verdict(all(slower), direction=any(slower))


@decides("larger-precise-values")
def larger_precise_values():
    seeds = range(10, 15)
    kept, at_once = (
        median(rmse(TIME_WEIGHTED, p, 30_000, seed, hidden=2) for seed in seeds) for p in (10, 1)
    )
    bits = median(rmse("discrete", 10, 30_000, seed, hidden=2) for seed in seeds)
    return verdict(kept > 0.05 and at_once < 0.05 and bits > 0.25)
