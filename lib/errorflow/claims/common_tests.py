"""Claims of Section 3 about all methods together, decided by its two recorded common tests.

Of the first, `bridge/METHOD-pP`, up to six pilot trials a method and lag had been seen; of the
second, `store/METHOD-p10`, two, with other seeds and mostly smaller nets.
"""

from errorflow.claims import IncompleteError, decides, verdict
from errorflow.experiments.rows import matching
from errorflow.methods import KINDS
from errorflow.records import comparison
from errorflow.records.store import committed


def longest_by_kind():
    """Return {kind: [longest lag bridged by each method, 0 for none]}."""
    bridged = comparison.bridged(committed().read().values())
    if set(bridged) != set(map(comparison.entry_of, matching(["bridge/*"]))):
        raise IncompleteError
    found = {}
    for entry, lags in bridged.items():
        kind = comparison.method_of(entry).kind
        found.setdefault(kind, []).append(comparison.longest(lags) or 0)
    return found


@decides("suffering")
def suffering():
    return verdict(max(longest_by_kind()[KINDS[0]]) < 10)


@decides("four-types")
def four_types():
    best = {kind: max(lags) for kind, lags in longest_by_kind().items()}
    suffering = best.pop(KINDS[0])
    least = min(best.values())
    return verdict(least == 100, direction=least > suffering)


def stored(*names, steps, distractors=False):
    """Return how many of the recorded trials of each of these methods store a number."""
    suffix = "-distractors" if distractors else ""
    counts = comparison.stored(committed().read().values())
    rows = [counts.get(f"store/{name}-p{steps}{suffix}") for name in names]
    if None in rows:
        raise IncompleteError
    return [row.successes for row in rows]


def _no_reals(id, *names, steps=10):
    """Decide that none of these methods stores a real number."""

    @decides(id)
    def decide():
        most = max(stored(*names, steps=steps))
        return verdict(most <= 1, direction=most <= 5)


_no_reals("no-reals-search", "guessing", "annealing", "multigrid")
_no_reals("no-reals-larger-gradients", "time-weighted-pseudo-newton", "discrete")
_no_reals("no-reals-states", "em")
_no_reals("no-reals-gradient-far", "bptt", "truncated-bptt", steps=50)
_no_reals("no-reals-time-weighted-far", "time-weighted-pseudo-newton", steps=50)


def _gates_keep_reals(id, steps):
    """Decide that gates protect a number where a time warping invariant net loses it."""

    @decides(id)
    def decide():
        (silent,) = stored("twinn", steps=steps)
        warping, gated = stored("twinn", "lstm-blocks", steps=steps, distractors=True)
        return verdict(gated > 5 and warping <= 5 and silent > 5, direction=gated > warping)


_gates_keep_reals("gates-keep-reals", 10)
_gates_keep_reals("gates-keep-reals-far", 50)
