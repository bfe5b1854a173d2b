"""The common tests of Section 3, from records: the lag a method bridges, what it can store."""

from typing import NamedTuple

from errorflow import demonstrations
from errorflow.records.statistics import wilson


class Successes(NamedTuple):
    """What a method did in one row: ``successes`` of ``n`` trials."""

    successes: int
    n: int

    @property
    def rate(self):
        """The share of successful trials."""
        return self.successes / self.n


def bridged(records):
    """Return {method: {lag: :class:`Successes`}} from the records of rows `bridge/METHOD-pP`."""
    result = {}
    for name, outcome in _complete("bridge", records).items():
        row = demonstrations.ROWS[name]
        result.setdefault(row.method, {})[row.p] = outcome
    return result


def stored(records):
    """Return {row: :class:`Successes`} from the records of rows `store/METHOD`."""
    return _complete("store", records)


def _complete(test, records):
    """Return the successes in each row of a common test that has all its trials, in their order."""
    trials = {name: [] for name in demonstrations.ROWS if name.startswith(f"{test}/")}
    for record in records:
        name = record["row"]
        if name in trials and record["budget"] == demonstrations.ROWS[name].budget:
            trials[name].append(record["success"])
    return {
        name: Successes(sum(found), len(found))
        for name, found in trials.items()
        if len(found) >= demonstrations.ROWS[name].trials
    }


def longest(lags):
    """Return the longest lag up to which more than half of the trials succeed, or None.

    ``lags`` maps lags to :class:`Successes`. A lag counts only if all shorter ones run do.
    """
    best = None
    for p in sorted(lags):
        if lags[p].rate <= 0.5:
            break
        best = p
    return best


def interval(lags):
    """Return the Wilson interval of the rate at the longest lag bridged, or at the shortest run."""
    p = longest(lags) or min(lags)
    return wilson(lags[p].successes, lags[p].n)
