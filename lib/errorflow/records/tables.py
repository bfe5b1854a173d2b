"""Published beside ours: as entries with a verdict, as text, as Markdown."""

import html

from errorflow.experiments.rows import experiment, row, weights
from errorflow.methods import all_rows
from errorflow.records.statistics import bootstrap, summary


def published(name):
    """Return the published success rate and learning time of a row, as printed.

    >>> published("table2/rtrl-p4-lr1")
    ('78 %', '1,043,000')
    """
    of = row(name)
    if not of.is_published:
        return "–", "–"
    rate = "some fraction" if of.success is None else f"{of.success:g} %"
    if of.sequences is None:
        return rate, "no number" if of.more_than is None else f"> {of.more_than:,}"
    return rate, f"{of.sequences:,}"


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


def _markdown(titles, rows):
    """Return a Markdown table of the given titles, which stand between bars, and rows of cells."""
    lines = [f"| {titles} |", "|---" * (titles.count("|") + 1) + "|"]
    return "\n".join(lines + [f"| {' | '.join(cells)} |" for cells in rows])


def _escaped(text):
    """Return a record's text as it stands in Markdown: no HTML, and no bar that ends a cell."""
    return html.escape(text, quote=False).replace("|", "\\|")


def beside(results):
    """Return a Markdown table of (row name, protocol name, cap, trials), published beside ours.

    Ours: successes of trials, the cap of a trial in sequences, the 95 % Wilson interval of the
    rate, and of the successful trials the mean learning time, the shortest and the longest.
    """
    rows = []
    for name, protocol, cap, trials in results:
        s = summary(trials)
        ours = f"{_successes(s.successes, s.n)}, cap {cap:,}", _percent(*s.interval), _times(s)
        rows.append((_unbroken(name), ", ".join(published(name)), _escaped(protocol), *ours))
    titles = "row | published | protocol | ours | 95 % interval | after (mean) | range"
    return _markdown(titles, rows)


WITHIN_POINTS, WITHIN_FACTOR = 15.0, 1.5
"""A row holds if its success rate is within so many points of the published one, and its mean
learning time within this factor."""


def verdict(name, s):
    """Return the verdict on a row from the summary of its trials."""
    of = row(name)
    if not of.is_published:
        return "–"
    if of.success is None:
        return "not testable as stated"
    if s.n < of.trials:
        return "not run yet"
    close = abs(100 * s.successes / s.n - of.success) <= WITHIN_POINTS
    if not close:
        return "contradicted"
    if of.sequences is None:
        return "holds"
    in_time = s.mean and 1 / WITHIN_FACTOR <= s.mean / of.sequences <= WITHIN_FACTOR
    return "holds" if in_time else "same direction only"


def table(prefix, records):
    """Return a list of entries, one for each row of a table and reading of it that has records.

    Records with another cap than the published one are left out. An entry has the keys ``row``,
    ``protocol``, ``published``, ``n``, ``successes``, ``interval``, ``mean``, ``median``, ``min``,
    ``max``, ``verdict`` and ``options``, those set besides the protocol; the median counts failed
    trials as later than all others and is None where it is censored.
    """
    groups = by_reading(records)
    entries = []
    for name in (name for name in all_rows() if name.startswith(f"{prefix}/")):
        readings = [reading for of, *reading in groups if of == name] or [("literal", ())]
        for protocol, options in readings:
            trials = groups.get((name, protocol, options), [])
            entry = {"row": name, "protocol": protocol, "published": list(published(name))}
            if trials:
                s = summary(trials)
                entry |= {"n": s.n, "successes": s.successes, "interval": list(s.interval)}
                entry |= {"mean": s.mean, "median": censored_median(trials)}
                entry |= {"min": s.min, "max": s.max, "verdict": verdict(name, s)}
            else:
                entry |= {"n": 0, "successes": 0, "interval": None, "mean": None, "median": None}
                entry |= {"min": None, "max": None, "verdict": "not run yet"}
            entries.append(entry | {"options": dict(options)})
    return entries


def by_reading(records):
    """Return the records with published caps in lists, by (row, protocol, options), in order."""
    rows, groups = all_rows(), {}
    for r in records:
        if r.row in rows and r.budget == rows[r.row].budget:
            groups.setdefault((r.row, r.protocol, r.options), []).append(r)
    names = {name: n for n, name in enumerate(rows)}
    order = sorted(
        groups,
        key=lambda key: (names[key[0]], key[1] != "literal", key[1], len(key[2]), repr(key[2])),
    )
    return {key: groups[key] for key in order}


def reading(protocol, options):
    """Return a protocol and the options set besides it, in words.

    >>> reading("literal", (("alpha", 2.0), ("h", "identity")))
    'literal, alpha = 2.0, h = identity'
    """
    return ", ".join([protocol, *(f"{name} = {value}" for name, value in options)])


def groups(prefix, records):
    """Return what :func:`errorflow.display.figures.trials` draws: a group for each reading."""
    rows = all_rows()
    return [
        (
            f"{name.partition('/')[2]}, {reading(protocol, options)}",
            rows[name].sequences,
            rows[name].budget,
            trials,
        )
        for (name, protocol, options), trials in by_reading(records).items()
        if name.startswith(f"{prefix}/")
    ]


def by_pairs(records):
    """Return a Markdown table of 95 % intervals for Experiment 1, by bootstrap over pairs of sets.

    Ten trials with successive seeds share a pair. Rows with less than ten pairs are left out.
    """
    rows = []
    for (name, protocol, options), trials in by_reading(records).items():
        pairs = {}
        for r in trials:
            pairs.setdefault(r.seed // 10, []).append(r)
        if not name.startswith("table1/") or len(pairs) < 10:
            continue
        groups = list(pairs.values())
        s = summary([trial for group in groups for trial in group])
        rate = bootstrap(groups, lambda some: sum(t.success for t in some) / len(some))
        times = bootstrap(groups, lambda some: summary(some).mean)
        span = f"{times[0]:,.0f} to {times[1]:,.0f}" if times else "–"
        mean = f"{s.mean:,.0f}" if s.successes else "–"
        cells = [_unbroken(name), _escaped(reading(protocol, options)), f"{s.n}", f"{len(pairs)}"]
        cells += [f"{s.successes / s.n:.0%}", _percent(*s.interval), _percent(*rate), mean, span]
        rows.append(cells)
    titles = "row | protocol | trials | pairs | success | Wilson | over pairs | mean | over pairs"
    return _markdown(titles, rows)


NOT_OF_AUTHORS = ("bridge/", "store/", "table1/", "table2/", "task2", "lags/")
"""Rows of the common tests, and of Section 4."""


def of_authors(records, methods):
    """Return a Markdown table of the recorded rows of some ``methods`` on their authors' tasks.

    Rows of the common tests and of Section 4 are left out. What was published is a
    share of successful trials, or a mean number of sequences (for guessing of guesses), or both.
    """
    rows = []
    for (name, *_), trials in by_reading(records).items():
        of = row(name)
        if of.method not in methods or name.startswith(NOT_OF_AUTHORS):
            continue
        s = summary(trials)
        numbers = [] if of.success is None else [f"{of.success:g}\u00a0%"]
        numbers += [] if of.sequences is None else [f"{of.sequences:,}"]
        options = experiment(name).method_options()
        set_to = ", ".join(f"{key}\u00a0=\u00a0{value}" for key, value in options.items()) or "–"
        cells = [name, set_to, f"{weights(name):,}", ", ".join(numbers) or "–"]
        cells += [_successes(s.successes, s.n), _percent(*s.interval), _times(s)]
        rows.append(cells)
    return _markdown("row | options | weights | published | ours | 95 % | mean | range", rows)


def censored_median(records):
    """Return the Kaplan-Meier median of the learning time; None where less than half succeed.

    All trials of a group are censored at the same cap, so that the estimate of the share that has
    not yet learned falls by 1 / n with every success.
    """
    times = sorted(record.sequences for record in records if record.success)
    half = (len(records) + 1) // 2
    return times[half - 1] if len(times) >= half else None


def markdown(entries, rows):
    """Return the entries of the given rows that have records as a Markdown table."""
    shown = []
    for e in entries:
        if e["row"] in rows and e["n"]:
            numbers = ["–" if e[k] is None else f"{e[k]:,.0f}" for k in ("mean", "median")]
            numbers.append("–" if e["min"] is None else f"{e['min']:,} to {e['max']:,}")
            name, old = _unbroken(e["row"]), ", ".join(e["published"])
            how = _escaped(reading(e["protocol"], e["options"].items()))
            ours = _successes(e["successes"], e["n"]), _percent(*e["interval"])
            shown.append((name, old, how, *ours, *numbers, f"**{e['verdict']}**"))
    titles = "row | published | protocol | ours | 95 % | mean | median | range | verdict"
    return _markdown(titles, shown)


def text(entries):
    """Return the entries of :func:`table` as aligned lines."""

    def number(value):
        return "–" if value is None else f"{value:,.0f}"

    lines = [f"{'row':22} {'protocol':12} {'published':>26} {'ours':>8} {'95 %':>11} {'mean':>10}"]
    lines[0] += f" {'median':>10} {'range':>23}  verdict"
    for e in entries:
        interval = (
            "{:.0f}..{:.0f}".format(*(100 * x for x in e["interval"])) if e["interval"] else "–"
        )
        span = "–" if e["min"] is None else f"{e['min']:,}..{e['max']:,}"
        how = reading(e["protocol"], e["options"].items())
        cells = f"{e['row']:22} {how:12} {', '.join(e['published']):>26}"
        cells += f" {e['successes']:>4}/{e['n']:<3} {interval:>11} {number(e['mean']):>10}"
        lines.append(f"{cells} {number(e['median']):>10} {span:>23}  {e['verdict']}")
    return "\n".join(lines)
