"""Published beside ours: as entries with a verdict, as text, as Markdown."""

from typing import NamedTuple

from errorflow import demonstrations
from errorflow.records.statistics import bootstrap, summary


def published(name):
    """Return the published success rate and learning time of a row, as printed.

    >>> published("table2/rtrl-p4-lr1")
    ('78 %', '1,043,000')
    """
    row = demonstrations.ALL[name]
    if row.success is row.sequences is row.more_than is None:
        return "–", "–"
    rate = "some fraction" if row.success is None else f"{row.success:g} %"
    if row.sequences is None:
        return rate, "no number" if row.more_than is None else f"> {row.more_than:,}"
    return rate, f"{row.sequences:,}"


def _unbroken(name):
    """Return a row's name without its table; a short one has hyphens at which no line breaks."""
    short = name.partition("/")[2]
    return short.replace("-", "\u2011") if len(short) < 16 else short


def _percent(low, high):
    """Return an interval of rates in percent, on one line."""
    return f"{100 * low:.0f}\u2013\u2060{100 * high:.0f}\u00a0%"


def _successes(k, n):
    """Return successes of trials, on one line."""
    return f"{k}\u00a0of\u00a0{n}"


def _times(s):
    """Return two cells: mean learning time of the successful trials, shortest to longest."""
    return f"{s.mean:,.0f} | {s.min:,} to {s.max:,}" if s.successes else "– | –"


def beside(results):
    """Return a Markdown table of (row name, protocol name, cap, trials), published beside ours.

    Ours: successes of trials, the cap of a trial in sequences, the 95 % Wilson interval of the
    rate, and of the successful trials the mean learning time, the shortest and the longest.
    """
    lines = [
        "| row | published | protocol | ours | 95 % interval | after (mean) | range |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, protocol, cap, trials in results:
        s = summary(trials)
        low, high = s.interval
        ours = f"{_successes(s.successes, s.n)}, cap {cap:,} | {_percent(low, high)}"
        old = ", ".join(published(name))
        lines.append(f"| {_unbroken(name)} | {old} | {protocol} | {ours} | {_times(s)} |")
    return "\n".join(lines)


WITHIN_POINTS, WITHIN_FACTOR = 15.0, 1.5
"""A row holds if its success rate is within so many points of the published one, and its mean
learning time within this factor."""


def verdict(name, s):
    """Return the verdict on a row from the :class:`~errorflow.records.statistics.Summary` of its trials."""
    row = demonstrations.ALL[name]
    if published(name) == ("–", "–"):
        return "–"
    if row.success is None:
        return "not testable as stated"
    if s.n < row.trials:
        return "not run yet"
    close = abs(100 * s.successes / s.n - row.success) <= WITHIN_POINTS
    if not close:
        return "contradicted"
    if row.sequences is None:
        return "holds"
    in_time = s.mean and 1 / WITHIN_FACTOR <= s.mean / row.sequences <= WITHIN_FACTOR
    return "holds" if in_time else "same direction only"


def table(prefix, records):
    """Return a list of entries, one for each row of a table and protocol that has records.

    Records with another cap than the published one are left out. An entry has the keys ``row``,
    ``protocol``, ``published``, ``n``, ``successes``, ``interval``, ``mean``, ``median``, ``min``,
    ``max`` and ``verdict``; the median counts failed trials as later than all others and is None
    where it is censored.
    """
    groups = _by_row(records)
    entries = []
    for name in (name for name in demonstrations.ALL if name.startswith(f"{prefix}/")):
        for protocol in [protocol for row, protocol in groups if row == name] or ["literal"]:
            trials = groups.get((name, protocol), [])
            entry = {"row": name, "protocol": protocol, "published": list(published(name))}
            if trials:
                s = summary([Outcome(r["success"], r["sequences"]) for r in trials])
                entry |= {"n": s.n, "successes": s.successes, "interval": list(s.interval)}
                entry |= {"mean": s.mean, "median": censored_median(trials)}
                entry |= {"min": s.min, "max": s.max, "verdict": verdict(name, s)}
            else:
                entry |= {"n": 0, "successes": 0, "interval": None, "mean": None, "median": None}
                entry |= {"min": None, "max": None, "verdict": "not run yet"}
            entries.append(entry)
    return entries


def _by_row(records):
    """Return the records with published caps in lists, by (row, protocol), in the order of rows."""
    groups = {}
    for record in records:
        if (
            record["row"] in demonstrations.ALL
            and record["budget"] == demonstrations.ALL[record["row"]].budget
        ):
            groups.setdefault((record["row"], record["protocol"]), []).append(record)
    names = list(demonstrations.ALL)
    order = sorted(groups, key=lambda key: (names.index(key[0]), key[1] != "literal", key[1]))
    return {key: groups[key] for key in order}


def groups(prefix, records):
    """Return what :func:`errorflow.display.figures.trials` draws: a group for each row and protocol."""
    return [
        (
            f"{name.partition('/')[2]}, {protocol}",
            demonstrations.ALL[name].sequences,
            demonstrations.ALL[name].budget,
            [Outcome(r["success"], r["sequences"]) for r in trials],
        )
        for (name, protocol), trials in _by_row(records).items()
        if name.startswith(f"{prefix}/")
    ]


def by_pairs(records):
    """Return a Markdown table of 95 % intervals for Experiment 1, by bootstrap over pairs of sets.

    Ten trials with successive seeds share a pair. Rows with less than ten pairs are left out.
    """
    lines = [
        "| row | protocol | trials | pairs | success | Wilson | over pairs | mean | over pairs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (name, protocol), trials in _by_row(records).items():
        pairs = {}
        for r in trials:
            pairs.setdefault(r["seed"] // 10, []).append(Outcome(r["success"], r["sequences"]))
        if not name.startswith("table1/") or len(pairs) < 10:
            continue
        pairs = list(pairs.values())
        s = summary([trial for pair in pairs for trial in pair])
        rate = bootstrap(pairs, lambda some: sum(t.success for t in some) / len(some))
        times = bootstrap(pairs, lambda some: summary(some).mean)
        span = f"{times[0]:,.0f} to {times[1]:,.0f}" if times else "–"
        mean = f"{s.mean:,.0f}" if s.successes else "–"
        cells = [_unbroken(name), protocol, f"{s.n}", f"{len(pairs)}", f"{s.successes / s.n:.0%}"]
        cells += [_percent(*s.interval), _percent(*rate), mean, span]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def demonstrated(records, methods):
    """Return a Markdown table of the recorded rows of some ``methods`` on their authors' tasks.

    Rows of the common tests, `bridge/...` and `store/...`, are left out. What was published is a
    share of successful trials, or a mean number of sequences (for guessing of guesses), or both.
    """
    lines = [
        "| row | net | published | ours | 95 % | mean | range |",
        "|---|---|---|---|---|---|---|",
    ]
    for (name, _), trials in _by_row(records).items():
        row = demonstrations.ROWS.get(name)
        if row is None or row.method not in methods or name.startswith(("bridge/", "store/")):
            continue
        s = summary([Outcome(r["success"], r["sequences"]) for r in trials])
        numbers = [] if row.success is None else [f"{row.success:g}\u00a0%"]
        numbers += [] if row.sequences is None else [f"{row.sequences:,}"]
        cells = [name, f"{row.net}, {row.weights:,} weights", ", ".join(numbers) or "–"]
        cells += [_successes(s.successes, s.n), _percent(*s.interval), _times(s)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


class Outcome(NamedTuple):
    """What a record says of its trial."""

    success: bool
    sequences: int


def censored_median(records):
    """Return the Kaplan-Meier median of the learning time; None where less than half succeed.

    All trials of a group are censored at the same cap, so that the estimate of the share that has
    not yet learned falls by 1 / n with every success.
    """
    times = sorted(record["sequences"] for record in records if record["success"])
    half = (len(records) + 1) // 2
    return times[half - 1] if len(times) >= half else None


def markdown(entries, rows):
    """Return the entries of the given rows that have records as a Markdown table."""
    lines = [
        "| row | published | protocol | ours | 95 % | mean | median | range | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for e in entries:
        if e["row"] in rows and e["n"]:
            low, high = e["interval"]
            numbers = ["–" if e[k] is None else f"{e[k]:,.0f}" for k in ("mean", "median")]
            numbers.append("–" if e["min"] is None else f"{e['min']:,} to {e['max']:,}")
            row, published = _unbroken(e["row"]), ", ".join(e["published"])
            ours = f"{_successes(e['successes'], e['n'])} | {_percent(low, high)}"
            cells = [row, published, e["protocol"], ours, *numbers, f"**{e['verdict']}**"]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def text(entries):
    """Return the entries of :func:`table` as aligned lines."""

    def number(value):
        return "–" if value is None else f"{value:,.0f}"

    lines = [f"{'row':22} {'protocol':12} {'published':>26} {'ours':>8} {'95 %':>11} {'mean':>10}"]
    lines[0] += f" {'median':>10} {'range':>23}  verdict"
    for e in entries:
        low, high = e["interval"] or (None, None)
        interval = "–" if low is None else f"{100 * low:.0f}..{100 * high:.0f}"
        span = "–" if e["min"] is None else f"{e['min']:,}..{e['max']:,}"
        cells = f"{e['row']:22} {e['protocol']:12} {', '.join(e['published']):>26}"
        cells += f" {e['successes']:>4}/{e['n']:<3} {interval:>11} {number(e['mean']):>10}"
        lines.append(f"{cells} {number(e['median']):>10} {span:>23}  {e['verdict']}")
    return "\n".join(lines)
