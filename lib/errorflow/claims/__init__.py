"""What the paper claims, each claim with a predicate that decides it.

A claim has an id, a place in the paper, a kind, and a criterion in words that was fixed before its
predicate was run. The predicate computes its evidence and returns a verdict. `book/claims.yml` is
the ledger: every claim with its verdict, written by ``errorflow claims --write``.
"""

import functools
import importlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml

from errorflow.records.runner import processes
from errorflow.records.store import of_the_book

HOLDS = "holds"
CORRECTED = "holds with a correction"
DIRECTION = "same direction only"
CONTRADICTED = "contradicted"
UNTESTABLE = "not testable as stated"
NOT_RUN = "not run yet"
VERDICTS = (HOLDS, CORRECTED, DIRECTION, CONTRADICTED, UNTESTABLE, NOT_RUN)
KEYS = ("id", "section", "claim", "kind", "criterion", "verdict", "page")
KINDS = ("identity", "derivation", "numeric", "table cell", "qualitative")

MODULES = (
    "error", "factor", "paths", "bound", "vanishing", "units", "introduction", "interventions",
    "gradients", "search", "larger_gradients", "states_and_filters", "chunkers_and_ring", "delays",
    "architectures", "common_tests", "published_tables",
)  # fmt: skip
"""The modules of this package that hold claims, in the order of the ledger."""


class IncompleteError(Exception):
    """Not all trials have been recorded that a verdict needs."""


class Claim(NamedTuple):
    """A claim: ``decide()`` returns its verdict; ``page`` is the page that shows it."""

    id: str
    section: str
    claim: str
    kind: str
    criterion: str
    page: str
    decide: Callable


WORDS = Path(__file__).with_name("words.yml")
"""The claims, in our words, with their criteria; cells of tables have theirs in the code."""

_REGISTRY: dict[str, Claim] = {}


def claim(id, *, section, claim, kind, criterion, page):
    """Register the decorated predicate under ``id``; texts are in our words, not the paper's.

    Raises ``ValueError`` for an id that is taken and a kind that is none of :data:`KINDS`.
    """
    if id in _REGISTRY:
        raise ValueError(f"claim {id!r} is defined twice")
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}; it must be one of {', '.join(KINDS)}")

    def register(decide):
        _REGISTRY[id] = Claim(id, section, claim, kind, criterion, page, decide)
        return decide

    return register


def decides(id):
    """Register the decorated predicate for the claim ``id`` of `words.yml`."""
    if id not in _words():
        raise ValueError(f"claim {id!r} has no words in {WORDS.name}")
    return claim(id, **_words()[id])


@functools.cache
def _words():
    entries = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {entry.pop("id"): entry for entry in entries}


def all_claims():
    """Return all claims, in the order of the ledger, whatever has been imported before."""
    modules = [importlib.import_module(f"{__name__}.{module}").__name__ for module in MODULES]
    claims = [c for c in _REGISTRY.values() if c.decide.__module__ in modules]
    return sorted(claims, key=lambda c: modules.index(c.decide.__module__))


def verdict(holds, *, direction=False):
    """Return whether the claim holds, or its ``direction`` alone, or is contradicted."""
    if holds:
        return HOLDS
    return DIRECTION if direction else CONTRADICTED


def corrected(as_printed, as_corrected):
    """Return the verdict on a formula that may hold as printed, only corrected, or not at all."""
    if as_printed:
        return HOLDS
    return CORRECTED if as_corrected else CONTRADICTED


def entry(claim):
    """Return a claim as an entry of the ledger, with the verdict that its predicate gives now."""
    try:
        decided = claim.decide()
    except IncompleteError:
        decided = NOT_RUN
    if decided not in VERDICTS:
        raise ValueError(
            f"{claim.id} returned {decided!r}; it must be one of {', '.join(VERDICTS)}"
        )
    return {key: decided if key == "verdict" else getattr(claim, key) for key in KEYS}


def evaluate():
    """Return the ledger: an entry for every claim, decided now, on all cores."""
    ids = [claim.id for claim in all_claims()]
    with processes() as pool:
        return list(pool.map(_entry_of, ids))


def _entry_of(id):
    return entry(next(claim for claim in all_claims() if claim.id == id))


def committed():
    """Return the ledger that comes with the book; ``FileNotFoundError`` outside of a checkout."""
    return yaml.safe_load(of_the_book("claims.yml").read_text(encoding="utf-8"))


def write(path, entries):
    """Write a ledger to the YAML file ``path``."""
    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=96)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# Written by `errorflow claims --write`; edit the predicates instead.\n{text}")


def counts(entries):
    """Return the number of claims for each verdict, as two dicts: identities, and all others."""
    groups = (
        [e for e in entries if e["kind"] == "identity"],
        [e for e in entries if e["kind"] != "identity"],
    )
    tallies = [Counter(e["verdict"] for e in group) for group in groups]
    return tuple({v: tally[v] for v in VERDICTS if tally[v]} for tally in tallies)


def markdown(entries, page=None):
    """Return a Markdown table of the claims that ``page`` shows, or of all, with their pages."""
    titles = ["claim", "verdict", "place", "criterion"] + ([] if page else ["page"])
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for e in entries:
        if page in (None, e["page"]):
            cells = [e["claim"], f"**{e['verdict']}**", e["section"], e["criterion"]]
            cells += [] if page else [f"[{e['page'][:2]}]({e['page']})"]
            # A bar inside a cell, as in |w|, would end it.
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)
