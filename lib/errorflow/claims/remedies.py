"""Claims of Section 3 about all methods together, decided by the recorded common test."""

from errorflow import comparison, demonstrations, methods
from errorflow.claims import DIRECTION, NOT_RUN, claim, verdict
from errorflow.claims.experiments import RESULTS
from errorflow.records import Records

PAGE = "35-how-long-a-lag"


def longest_by_kind():
    """Return {kind: [longest lag bridged by each method, 0 for none]}, None if rows are missing."""
    bridged = comparison.bridged(Records(RESULTS).read().values())
    wanted = sum(name.startswith("bridge/") for name in demonstrations.ROWS)
    if sum(map(len, bridged.values())) < wanted:
        return None
    known, found = methods.all_methods(), {}
    for name, lags in bridged.items():
        found.setdefault(known[name].kind, []).append(comparison.longest(lags) or 0)
    return found


@claim(
    "suffering",
    section="Section 3",
    claim="Gradient methods suffer from the vanishing gradient: they hardly learn long-term "
    "dependencies.",
    kind="numeric",
    criterion="In the recorded common test no gradient method bridges a lag of 10 in more than "
    "half of its trials.",
    page=PAGE,
)
def suffering():
    """Look at the longest lags."""
    found = longest_by_kind()
    return verdict(max(found[methods.KINDS[0]]) < 10) if found else NOT_RUN


@claim(
    "four-types",
    section="Section 3",
    claim="Four types of methods overcome the vanishing gradient.",
    kind="numeric",
    criterion="In the recorded common test the best method of each of the four types bridges a lag "
    "of 100. Same direction only: that of each type bridges a longer lag than every gradient "
    "method.",
    page=PAGE,
)
def four_types():
    """Compare the best of each type with the longest lag and with the gradient methods."""
    found = longest_by_kind()
    if not found:
        return NOT_RUN
    best = {kind: max(lags) for kind, lags in found.items()}
    suffering = best.pop(methods.KINDS[0])
    if all(lag == 100 for lag in best.values()):
        return verdict(True)
    return verdict(False, otherwise=DIRECTION) if min(best.values()) > suffering else verdict(False)
