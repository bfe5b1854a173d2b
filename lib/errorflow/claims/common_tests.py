"""Claims of Section 3 about all methods together, decided by its two recorded common tests.

Of the first, `bridge/METHOD-pP`, up to six pilot trials a method and lag had been seen; of the
second, `store/METHOD-p10`, two, with other seeds and mostly smaller nets.
"""

from errorflow.claims import CONTRADICTED, DIRECTION, NOT_RUN, claim, decides, verdict
from errorflow.experiments.rows import matching
from errorflow.methods import KINDS
from errorflow.records import comparison
from errorflow.records.store import committed

PAGE = "35-how-long-a-lag"


def longest_by_kind():
    """Return {kind: [longest lag bridged by each method, 0 for none]}, None if rows are missing."""
    bridged = comparison.bridged(committed().read().values())
    if set(bridged) != set(map(comparison.entry_of, matching(["bridge/*"]))):
        return None
    found = {}
    for entry, lags in bridged.items():
        kind = comparison.method_of(entry).kind
        found.setdefault(kind, []).append(comparison.longest(lags) or 0)
    return found


@decides("suffering")
def suffering():
    found = longest_by_kind()
    return verdict(max(found[KINDS[0]]) < 10) if found else NOT_RUN


@decides("four-types")
def four_types():
    found = longest_by_kind()
    if not found:
        return NOT_RUN
    best = {kind: max(lags) for kind, lags in found.items()}
    suffering = best.pop(KINDS[0])
    otherwise = DIRECTION if min(best.values()) > suffering else CONTRADICTED
    return verdict(min(best.values()) == 100, otherwise=otherwise)


def stored(*names, steps=10, distractors=False):
    """Return how many of the recorded trials of these methods store a number, None if some lack."""
    suffix = "-distractors" if distractors else ""
    counts = comparison.stored(committed().read().values())
    rows = [counts.get(f"store/{name}-p{steps}{suffix}") for name in names]
    return None if None in rows else [row.successes for row in rows]


def _added(steps):
    """Return what a criterion for so many steps says of when it was fixed."""
    return "" if steps == 10 else " (Added when the results at ten steps were known.)"


def _no_reals(name, about, section, *named, steps=10):
    """Claim that none of the ``named`` methods stores a real number."""

    def decide():
        counts = stored(*named, steps=steps)
        if counts is None:
            return NOT_RUN
        return verdict(max(counts) <= 1, otherwise=DIRECTION if max(counts) <= 5 else CONTRADICTED)

    claim(
        f"no-reals-{name}",
        section=section,
        claim=about,
        kind="numeric",
        criterion=f"Of {', '.join(named)}: none stores a number in [0, 1] for {steps} silent "
        "steps to within 0.1 in more than 1 of 10 recorded trials; direction: none in more than "
        f"5.{_added(steps)}",
        page=PAGE,
    )(decide)


_no_reals(
    "search",
    "Global search works on problems that do not need precise continuous values.",
    "Section 3, type (1)",
    "guessing",
    "annealing",
    "multigrid",
)
_no_reals(
    "larger-gradients",
    "Time-weighted pseudo-Newton optimisation and discrete error propagation have problems to "
    "learn to store precise real-valued information over time.",
    "Section 3, type (2)",
    "time-weighted-pseudo-newton",
    "discrete",
)
_no_reals(
    "states",
    "EM for target propagation has problems with continuous values, here: to store one.",
    "Section 3, type (3)",
    "em",
)
_no_reals(
    "gradient-far",
    "Gradient methods are hardly able to learn long-term dependencies, here: to store a number.",
    "Section 3",
    "bptt",
    "truncated-bptt",
    steps=50,
)
_no_reals(
    "time-weighted-far",
    "Time-weighted pseudo-Newton optimisation has problems to learn to store precise real-valued "
    "information over time.",
    "Section 3, type (2)",
    "time-weighted-pseudo-newton",
    steps=50,
)


def _gates_keep_reals(name, steps):
    """Claim that gates protect a number where a time warping invariant net loses it."""

    def decide():
        silent = stored("twinn", steps=steps)
        perturbed = stored("twinn", "lstm-blocks", steps=steps, distractors=True)
        if silent is None or perturbed is None:
            return NOT_RUN
        warping, gated = perturbed
        otherwise = DIRECTION if gated > warping else CONTRADICTED
        return verdict(gated > 5 and warping <= 5 and silent[0] > 5, otherwise=otherwise)

    claim(
        name,
        section="Section 3, type (4)",
        claim="What is stored by adding scaled net inputs is perturbed by later irrelevant inputs; "
        "LSTM's multiplicative units prevent that: here while learning to store a number.",
        kind="numeric",
        criterion="Blocks of memory cells with both gates store a number through "
        f"{steps} irrelevant ones in more than 5 of 10 recorded trials, time warping invariant "
        "nets in at most 5, though in more than 5 through silent steps; direction: the former in "
        f"more trials than the latter.{_added(steps)}",
        page=PAGE,
    )(decide)


_gates_keep_reals("gates-keep-reals", 10)
_gates_keep_reals("gates-keep-reals-far", 50)
