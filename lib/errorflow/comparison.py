"""The common test of Section 3, from records: the lag that each method bridges."""

from typing import NamedTuple

from errorflow import demonstrations
from errorflow.demonstrations.row import LAGS
from errorflow.statistics import wilson


class Bridged(NamedTuple):
    """What a method did at one lag: ``successes`` of ``n`` trials."""

    successes: int
    n: int

    @property
    def rate(self):
        """The share of successful trials."""
        return self.successes / self.n


def bridged(records):
    """Return {method: {lag: :class:`Bridged`}} from the records of rows `bridge/METHOD-pP`.

    Lags without a full set of trials are left out; methods come in the order of the rows.
    """
    counts = {}
    for record in records:
        row = demonstrations.ROWS.get(record["row"])
        if row and record["row"].startswith("bridge/") and record["budget"] == row.budget:
            counts.setdefault(record["row"], []).append(record["success"])
    result = {}
    for name, row in demonstrations.ROWS.items():
        if len(counts.get(name, ())) >= row.trials:
            outcome = Bridged(sum(counts[name]), len(counts[name]))
            result.setdefault(row.method, {})[row.p] = outcome
    return result


def longest(lags):
    """Return the longest lag up to which more than half of the trials succeed, or None.

    ``lags`` maps lags to :class:`Bridged`. A lag counts only if all shorter ones that were run do.
    """
    best = None
    for p in sorted(lags):
        if lags[p].rate <= 0.5:
            break
        best = p
    return best


def cells(lags):
    """Return a text for each of the common lags: successes of trials, a dash where none were run.

    >>> cells({2: Bridged(10, 10)})[:2]
    ['10/10', '–']
    """
    return [f"{lags[p].successes}/{lags[p].n}" if p in lags else "–" for p in LAGS]


def interval(lags):
    """Return the Wilson interval of the rate at the longest lag bridged, or at the shortest run."""
    p = longest(lags) or min(lags)
    return wilson(lags[p].successes, lags[p].n)
