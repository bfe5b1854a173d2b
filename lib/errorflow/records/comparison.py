"""The common tests of Section 3, from records: the lag a method bridges, what it can store."""

from typing import NamedTuple

from errorflow.experiments.rows import row
from errorflow.methods import all_methods, all_rows
from errorflow.records.statistics import wilson
from errorflow.records.tables import by_reading


class Successes(NamedTuple):
    """What a method did in one row: ``successes`` of ``n`` trials."""

    successes: int
    n: int


def bridged(records):
    """Return {entry: {lag: :class:`Successes`}} from the records of rows `bridge/ENTRY-pP`.

    An entry is a method, under the name it is compared by.
    """
    result = {}
    for name, outcome in _complete("bridge", records).items():
        result.setdefault(entry_of(name), {})[row(name).options["p"]] = outcome
    return result


def entry_of(name):
    """Return the entry that a row of a common test belongs to.

    >>> entry_of("bridge/lstm-p100"), entry_of("store/lstm-blocks-p10-distractors")
    ('lstm', 'lstm-blocks')
    """
    return name.partition("/")[2].rpartition("-p")[0]


def method_of(entry):
    """Return the :class:`~errorflow.methods.Method` of an entry of a common test."""
    of = next(of for name, of in all_rows().items() if "/" in name and entry_of(name) == entry)
    return all_methods()[of.method]


def stored(records):
    """Return {row: :class:`Successes`} from the records of rows `store/ENTRY`."""
    return _complete("store", records)


def _complete(test, records):
    """Return the successes in each row of a common test that has all its trials, in their order."""
    groups, complete = by_reading(records), {}
    for name, of in all_rows().items():
        found = groups.get((name, "literal", ()), [])
        if name.startswith(f"{test}/") and len(found) >= of.trials:
            complete[name] = Successes(sum(r.success for r in found), len(found))
    return complete


def longest(lags):
    """Return the longest lag up to which more than half of the trials succeed, or None.

    ``lags`` maps lags to :class:`Successes`. A lag counts only if all shorter ones run do.
    """
    best = None
    for p in sorted(lags):
        if 2 * lags[p].successes <= lags[p].n:
            break
        best = p
    return best


def interval(lags):
    """Return the Wilson interval of the rate at the longest lag bridged, or at the shortest run."""
    p = longest(lags) or min(lags)
    return wilson(lags[p].successes, lags[p].n)
