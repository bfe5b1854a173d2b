"""The ledger: predicates, file, pages and README say the same."""

import re

import pytest
from conftest import ROOT, book

from errorflow import claims
from errorflow.cli import main

LEDGER = claims.committed()


def test_ledger_is_what_the_predicates_say():
    assert claims.evaluate() == LEDGER, "run `make refresh`"


def test_entries_are_well_formed():
    assert len({entry["id"] for entry in LEDGER}) == len(LEDGER)
    for entry in LEDGER:
        assert tuple(entry) == claims.KEYS
        assert entry["kind"] in claims.KINDS
        assert entry["verdict"] in claims.VERDICTS
        assert re.match(r"Abstract|Section [1-5]|Table [12]", entry["section"]), entry["id"]
        assert entry["claim"].endswith(".")


def test_every_claim_has_its_page():
    """A page that decides claims shows them: it asks the ledger for its own name."""
    for page in {entry["page"] for entry in LEDGER} - {"00-vanishing-gradient"}:
        source = (ROOT / "book" / f"{page}.py").read_text()
        assert "claims.markdown(" in source, page
        assert f'"{page}"' in source, page


def test_readme_counts_are_the_ledger_s():
    text = (ROOT / "README.md").read_text()
    assert book.with_counts(text, LEDGER) == text, "run `make refresh`"


def test_counts_keep_identities_apart():
    identities, others = claims.counts(LEDGER)
    assert sum(identities.values()) == sum(e["kind"] == "identity" for e in LEDGER)
    assert sum(identities.values()) + sum(others.values()) == len(LEDGER)


def test_bars_do_not_end_a_cell():
    lines = claims.markdown(LEDGER).splitlines()
    assert any(r"\|w\|" in line for line in lines)
    assert {len(re.split(r"(?<!\\)\|", line)) for line in lines} == {7}


def test_claim_refuses_what_is_no_claim():
    words = {"section": "Section 2", "claim": "x.", "criterion": "y", "page": "z"}
    with pytest.raises(ValueError, match="kind = 'guess'"):
        claims.claim("new", kind="guess", **words)
    taken = claims.all_claims()[0].id
    with pytest.raises(ValueError, match=f"claim '{taken}' is defined twice"):
        claims.claim(taken, kind="numeric", **words)


def test_unknown_verdict_is_refused():
    one = claims.all_claims()[0]._replace(decide=lambda: "perhaps")
    with pytest.raises(ValueError, match="returned 'perhaps'"):
        claims.entry(one)


def test_missing_trials_leave_a_claim_undecided():
    def decide():
        raise claims.IncompleteError

    one = claims.all_claims()[0]._replace(decide=decide)
    assert claims.entry(one)["verdict"] == claims.NOT_RUN


def test_command_line_refuses_an_unwritable_file(capsys, monkeypatch):
    monkeypatch.setattr(claims, "all_claims", list)
    assert main(["claims", "--write", "/nowhere/claims.yml"]) == 2
    assert "errorflow: " in capsys.readouterr().err
