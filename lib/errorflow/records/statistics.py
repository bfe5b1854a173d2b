"""What many trials say: a rate with its interval, and the learning times of the successful ones."""

import math
import random
from statistics import NormalDist
from statistics import mean as _mean
from statistics import median as _median
from typing import NamedTuple

from errorflow.core.checks import check_size


def wilson(successes, n, level=0.95):
    """Return the Wilson score interval of a success rate, two numbers in [0, 1].

    >>> [round(x, 3) for x in wilson(14, 18)]
    [0.548, 0.91]
    """
    if check_size("successes", successes, 0) > check_size("n", n):
        raise ValueError(f"{successes} successes of {n} trials; they must be 0 .. n with n > 0")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level = {level}; it must lie between 0 and 1")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate, spread = successes / n, z * z / n
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    # At the ends the formula gives 0 and 1 up to rounding.
    low = 0.0 if successes == 0 else middle - half
    return low, 1.0 if successes == n else middle + half


class Summary(NamedTuple):
    """``n`` trials: the times are those of the successful ones, None if there are none."""

    n: int
    successes: int
    interval: tuple
    mean: float | None
    median: float | None
    min: int | None
    max: int | None


def summary(trials):
    """Return the :class:`Summary` of trials, things with ``success`` and ``sequences``."""
    times = [trial.sequences for trial in trials if trial.success]
    interval = wilson(len(times), len(trials))
    if not times:
        return Summary(len(trials), 0, interval, None, None, None, None)
    statistics = _mean(times), _median(times), min(times), max(times)
    return Summary(len(trials), len(times), interval, *statistics)


def bootstrap(groups, statistic, *, level=0.95, samples=2000):
    """Return an interval of ``statistic(trials)`` for trials that come in groups.

    Whole groups are drawn with replacement, since trials of a group are alike: those of
    Experiment 1 that share their strings. The interval holds the middle ``level`` of the values,
    without those for which the statistic is None; it is the same at every call. Raises
    ``ValueError`` for less than two groups.

    >>> bootstrap([[1, 2], [3, 4], [5, 6]], lambda values: sum(values) / len(values))
    (1.5, 5.5)
    """
    if len(groups) < 2:
        raise ValueError(f"{len(groups)} group(s); an interval takes at least 2")
    rng, values = random.Random(0), []
    for _ in range(samples):
        chosen = [groups[int(rng.random() * len(groups))] for _ in groups]
        value = statistic([trial for group in chosen for trial in group])
        if value is not None:
            values.append(value)
    values.sort()
    if not values:
        return None
    cut = (1.0 - level) / 2.0 * len(values)
    return values[int(cut)], values[-1 - int(cut)]
