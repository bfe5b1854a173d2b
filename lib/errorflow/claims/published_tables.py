"""Claims of Sections 4 and 5: every cell of the tables, and what the paper concludes from them.

All but two are decided by the committed records, protocol `literal`. The criteria were written
before the records they judge, but for the LSTM rows of Table 1 and the RTRL rows at lags 4 and 10,
whose outcome was known from pilots.
"""

import numpy as np

from errorflow.claims import NOT_RUN, IncompleteError, claim, decides, verdict
from errorflow.core.numerics import generators
from errorflow.experiments.rows import matching, row
from errorflow.records import tables
from errorflow.records.statistics import summary
from errorflow.records.store import committed
from errorflow.tasks import draw, reber
from errorflow.tasks.two_sequence import two_sequence

REBER, TWO_SEQUENCES = "40-embedded-reber", "41-two-sequences"
METHODS = {
    "rtrl": "RTRL",
    "bptt": "BPTT",
    "elman": "An Elman net",
    "rcc": "Recurrent cascade-correlation",
    "lstm": "LSTM",
    "chunker": "The two-net chunker",
    "hierarchical-chunker": "The hierarchical chunker",
}


def trials(name):
    """Return the recorded trials of a row at its published cap, protocol literal."""
    records = committed().read([name]).values()
    return tables.by_reading(records).get((name, "literal", ()), [])


def complete(names):
    """Return a summary for each of the rows; all of their trials must have been recorded."""
    if any(len(trials(name)) < row(name).trials for name in names):
        raise IncompleteError
    return {name: summary(trials(name)) for name in names}


def _cell(name):
    of, (table, _, short) = row(name), name.partition("/")
    p, q = of.options.get("p"), of.options.get("q")
    place, about = {
        "table1": ("Section 4, Table 1", "the embedded Reber grammar"),
        "table2": ("Section 4, Table 2", f"two sequences, lag {p}"),
        "task2a": ("Section 4.2", f"two sequences, lag {p}"),
        "task2b": ("Section 4.2", f"random sequences, lag {p}"),
        "task2c": ("Section 4.2", f"an answer more than {q} steps late, {p} distractors"),
    }[table]
    rate, time = tables.published(name)
    text = f"{METHODS[of.method]} ({short}) on {about}: {rate} succeed"
    claim(
        f"{table}-{short}",
        section=place,
        claim=text + ("." if time == "no number" else f", after {time} sequences."),
        kind="table cell",
        criterion=f"Of {of.trials} recorded trials, protocol literal, the share that succeeds is "
        f"within {tables.WITHIN_POINTS:g} points of it, the mean learning time within a factor "
        f"{tables.WITHIN_FACTOR:g}.",
        page=REBER if table == "table1" else TWO_SEQUENCES,
    )(lambda: tables.verdict(name, summary(trials(name))) if trials(name) else NOT_RUN)


for _name in matching(["table1/*", "table2/*", "task2?/*"]):
    _cell(_name)


@decides("second-symbol")
def second_symbol():
    rng = generators(0, 1)[0]
    for _ in range(1_000):
        string = reber.embedded(rng)
        other = string[0] + ("P" if string[1] == "T" else "T") + string[2:]
        places = range(2, len(string) - 1)
        differ = [t for t in places if reber.legal(string[:t]) != reber.legal(other[:t])]
        if differ != [len(string) - 2]:
            return verdict(False)
    return verdict(True)


@decides("minimal-lag")
def minimal_lag():
    for p in range(2, 101):
        rng, drawn = generators(p, 1)[0], set()
        while len(drawn) < 2:
            symbols = np.zeros(p + 1, dtype=np.int64)
            draw(two_sequence(p), rng, symbols)
            drawn.add(tuple(symbols.tolist()))
        one, two = drawn
        if [t for t in range(p + 1) if one[t] != two[t]] != [0, p]:
            return verdict(False)
    return verdict(True)


@decides("conventional-can")
def conventional_can():
    known = complete(["table1/rtrl-3", "table1/rtrl-12"])
    return verdict(all(s.successes for s in known.values()))


@decides("only-lstm-always")
def only_lstm_always():
    lstm = "table1/lstm-3x2-lr0.5"
    known = complete(["table1/rtrl-3", "table1/rtrl-12", "table1/elman-15", "table1/rcc", lstm])
    rates = {name: s.successes / s.n for name, s in known.items()}
    own = rates.pop(lstm)
    others = max(rates.values())
    return verdict(own == 1.0 and others < 1.0, direction=others < own < 1.0)


@decides("lstm-faster")
def lstm_faster():
    lstm = "table1/lstm-3x2-lr0.5"
    known = complete(["table1/rtrl-3", "table1/rtrl-12", lstm])
    own = known.pop(lstm).mean
    others = [s.mean for s in known.values() if s.successes]
    return verdict(own is not None and bool(others) and own < min(others))


@decides("trouble-beyond-ten")
def trouble_beyond_ten():
    known = complete(matching(["lags/*"]))
    for method in ("rtrl", "bptt"):
        short = sum(known[f"lags/{method}-p{p}"].successes for p in range(2, 10))
        long = sum(known[f"lags/{method}-p{p}"].successes for p in (11, 12))
        if not short or long:
            return verdict(False)
    return verdict(True)


@decides("only-chunker-and-lstm")
def only_chunker_and_lstm():
    good = ["table2/chunker-p100", "table2/lstm-p100"]
    known = complete(good + matching(["table2/bptt-p100-*", "table2/rtrl-p100-*"]))
    solved = {name for name, s in known.items() if s.successes}
    some = "table2/lstm-p100" in solved and not solved - set(good)
    return verdict(solved == set(good), direction=some)


@decides("regularities")
def regularities():
    known = complete(["task2b/chunker-p100", "task2b/lstm-p100"])
    lstm = known["task2b/lstm-p100"]
    fails = known["task2b/chunker-p100"].successes == 0
    return verdict(fails and lstm.successes / lstm.n >= 0.85)


@decides("conventional-cannot")
def conventional_cannot():
    known = complete(matching(["table2/rtrl-p100-*", "table2/bptt-p100-*"]))
    return verdict(not any(s.successes for s in known.values()))


@decides("advanced-perform-well")
def advanced_perform_well():
    known = complete(["table2/chunker-p100", "table2/lstm-p100"])
    close = [
        abs(100 * s.successes / s.n - row(name).success) <= tables.WITHIN_POINTS
        for name, s in known.items()
    ]
    return verdict(all(close), direction=any(close))
