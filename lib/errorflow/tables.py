"""Published beside ours, as Markdown."""

from errorflow import paper
from errorflow.statistics import summary


def published(name):
    """Return the published success rate and learning time of a row, as printed.

    >>> published("table2/rtrl-p4-lr1")
    ('78 %', '1,043,000')
    """
    row = paper.ROWS[name]
    rate = "some fraction" if row.success is None else f"{row.success:g} %"
    if row.sequences is None:
        return rate, f"> {row.budget:,}"
    return rate, f"{row.sequences:,}"


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
        times = f"{s.mean:,.0f} | {s.min:,} to {s.max:,}" if s.successes else "– | –"
        ours = f"{s.successes} of {s.n}, cap {cap:,} | {100 * low:.0f} to {100 * high:.0f} %"
        row, old = name.partition("/")[2], ", ".join(published(name))
        lines.append(f"| {row} | {old} | {protocol} | {ours} | {times} |")
    return "\n".join(lines)
