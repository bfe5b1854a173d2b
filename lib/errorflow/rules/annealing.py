"""Simulated annealing for continuous variables, by Corana, Marchesi, Martini and Ridella 1987.

One weight at a time moves by a random step. What lowers the cost is accepted; what raises it by D
with probability exp(-D / T). Steps are adapted so that about half of the moves are accepted.
"""

from typing import Annotated, NamedTuple

import numpy as np

from errorflow.core.checks import check_generator, check_vector
from errorflow.core.compiled import kernel
from errorflow.core.entries import guarded
from errorflow.core.numerics import assign, exp
from errorflow.core.options import BETWEEN_0_AND_1, NotNegative, Positive
from errorflow.nets import Net, copy
from errorflow.rules import check_epochs
from errorflow.rules.no_learning import NoLearning, _evaluate, no_learning


class Annealing(NamedTuple):
    """The method and its constants, whose names in the 1987 paper are in brackets.

    Steps [v] are adapted after every ``cycles`` [N_S] cycles over all weights, the temperature is
    multiplied by ``factor`` [r_T] after ``adaptations`` [N_T] of that, and the search goes on from
    the best weights found. Weights stay in [-``bound``, ``bound``].
    """

    temperature: Positive
    factor: Annotated[float, BETWEEN_0_AND_1]
    cycles: int
    adaptations: int
    c: NotNegative
    step: Positive
    bound: Positive
    judge: NoLearning

    def epochs(self, net, data, loss, rng):
        """Search; yield (best net so far, half its squared error, sequences) after each move.

        The cost is the error per sequence. Counted are evaluations of the cost times sequences in
        the set. There is no end: the budget, or success, makes one.
        """
        check_epochs(self, net, data, loss)
        check_generator(rng)
        if np.abs(net.w).max() > self.bound:
            raise ValueError(f"weights reach {np.abs(net.w).max()}; bound = {self.bound}")
        N, n, T = len(data.length), len(net.w), self.temperature
        best, v, accepted = copy(net), np.full(n, self.step), np.zeros(n)
        costs = np.full(2, _evaluate(self.judge, net, data, loss, True, 0)[1] / N)
        yield best, N * costs[1], N
        while True:
            for _ in range(self.adaptations):
                for _ in range(self.cycles):
                    for h in range(n):
                        accepted[h] += _move(self, net, best, data, loss, rng, T, h, v[h], costs)
                        yield best, N * costs[1], N
                adapt(v, accepted, self.cycles, self.c, 2.0 * self.bound)
            T *= self.factor
            net.w[:], costs[0] = best.w, costs[1]


@kernel
def _move(rule, net, best, data, loss, rng, T, h, step, costs):
    """Try to move weight ``h`` by up to ``step``; return whether that was accepted.

    ``costs`` are those of ``net`` and of ``best``. A move out of the bounds is drawn again.
    """
    old = net.w[h]
    while True:
        net.w[h] = old + step * (2.0 * rng.random() - 1.0)
        if abs(net.w[h]) <= rule.bound:
            break
    _, squared = _evaluate(rule.judge, net, data, loss, True, 0)
    cost = squared / len(data.length)
    if cost > costs[0] and rng.random() >= exp((costs[0] - cost) / T):
        net.w[h] = old
        return False
    costs[0] = cost
    if cost < costs[1]:
        costs[1] = cost
        assign(best.w, net.w)
    return True


@guarded
def adapt(v: np.ndarray, accepted: np.ndarray, cycles: int, c: float, most: float) -> None:
    """Change the steps ``v`` by the share of accepted moves; start to count anew.

    Above 0.6 a step grows, below 0.4 it shrinks, by a factor of up to 1 + ``c``; it never exceeds
    ``most``.

    >>> v, accepted = np.ones(5), np.array([20.0, 16.0, 10.0, 4.0, 0.0])
    >>> adapt(v, accepted, 20, 2.0, 200.0)
    >>> v.round(3).tolist()
    [3.0, 2.0, 1.0, 0.5, 0.333]
    """
    for name, array in (("v", v), ("accepted", accepted)):
        check_vector(name, array, len(v) if isinstance(v, np.ndarray) else None)
    for h in range(len(v)):
        share = accepted[h] / cycles
        if share > 0.6:
            v[h] *= 1.0 + c * (share - 0.6) / 0.4
        elif share < 0.4:
            v[h] /= 1.0 + c * (0.4 - share) / 0.4
        v[h] = min(v[h], most)
        accepted[h] = 0.0


@guarded
def annealing(
    net: Net,
    *,
    temperature: Positive = 0.1,
    factor: Annotated[float, BETWEEN_0_AND_1] = 0.85,
    cycles: int = 20,
    adaptations: int | None = None,
    c: NotNegative = 2.0,
    step: Positive = 1.0,
    bound: Positive = 100.0,
) -> Annealing:
    """Return :class:`Annealing` with a workspace for ``net``.

    ``adaptations`` is by default the larger of 100 and 5 times the number of weights.
    """
    if step > 2.0 * bound:
        raise ValueError(f"step = {step}; it must be at most twice the bound, {2.0 * bound}")
    n = max(100, 5 * len(net.w)) if adaptations is None else adaptations
    return Annealing(temperature, factor, cycles, n, c, step, bound, no_learning(net))
