# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Every claim of the paper, with its criterion and its verdict
#
# Each claim is a predicate in the library, with a criterion in words that was written before the
# predicate was run; where a threshold came later, the criterion says so. `errorflow claims` decides
# all of them again; the ledger below is what it wrote, and a test fails when the two disagree. A
# table cell is judged by the recorded trials of the protocol `literal`.

# %% tags=["parameters", "remove-input"]
profile = "quick"

# %% tags=["hide-input"]
from IPython.display import Markdown

from errorflow import claims

ledger = claims.committed()

# %% [markdown]
# ## How many hold
#
# Identities cannot fail once the formula is right, so they are counted apart.

# %% tags=["hide-input"]
identities, others = claims.counts(ledger)
lines = ["| verdict | identities | all other claims |", "|---|---|---|"]
for verdict in claims.VERDICTS:
    if verdict in identities or verdict in others:
        pair = identities.get(verdict, 0), others.get(verdict, 0)
        lines.append(f"| {verdict} | {pair[0]} | {pair[1]} |")
Markdown("\n".join(lines))

# %% [markdown]
# - *holds with a correction*: wrong as printed, right after a small change that is stated;
# - *same direction only*: the effect is there, but not as far as claimed;
# - *contradicted*: the computation says the opposite, or a counter-example exists;
# - *not testable as stated*: nothing could be computed that would decide it.
#
# ## All of them

# %% tags=["hide-input"]
Markdown(claims.markdown(ledger))
