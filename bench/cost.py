"""What both tables cost in full: as recorded, and in torch if its measured ratios hold."""

import matplotlib as mpl
from contestants import shape
from matplotlib.figure import Figure

from errorflow.display.figures import COLOURS, use_style
from errorflow.experiments.rows import experiment, matching, row
from errorflow.records.tables import by_reading


def of_rows(records, measured):
    """Return (entries, names of the rows that have no record).

    ``records`` are :class:`~errorflow.records.store.Record`; ``measured`` the seconds a step by
    shape and contestant. Of a row with some of its trials recorded the mean is taken for the rest.
    An entry is (row, trials recorded, hours, hours in torch or None).
    """
    entries, missing, trials = [], [], by_reading(records)
    for name in matching(["table1/*", "table2/*"]):
        seconds = [r.seconds for r in trials.get((name, "literal", ()), [])]
        if not seconds:
            missing.append(name)
            continue
        hours = sum(seconds) / len(seconds) * row(name).trials / 3600
        best = measured.get(shape(experiment(name)), {})
        in_torch = hours * best["torch"] / best["ours"] if "torch" in best else None
        entries.append((name, len(seconds), hours, in_torch))
    return entries, missing


CAPTION = """CPU hours of the rows in `full`, literal protocol. Ours: the seconds of training on
record, by the version of the library and on the machine that wrote them, whatever else it did
meanwhile. Torch: **extrapolated**, not run: our hours times the ratio of torch to ours that the
kernel of the same net shows above."""


def lines(entries, missing):
    """Return Markdown lines: figure, caption and table."""
    text = ["## Both tables in full", ""]
    if entries:
        text += ["![CPU hours a row: recorded, and extrapolated to torch](cost.png)", ""]
    text += [CAPTION, ""]
    if missing:
        text += [f"Left out, for there is no record yet: {', '.join(missing)}.", ""]
    text += ["| | trials on record | hours | torch, extrapolated |", "|---|---|---|---|"]
    for name, count, ours, torch in entries:
        trials = f"{count} of {row(name).trials}"
        text.append(f"| {name} | {trials} | {ours:.2g} | {f'{torch:.2g}' if torch else '–'} |")
    both = [entry for entry in entries if entry[3]]
    ours, torch = (sum(entry[k] for entry in both) for k in (2, 3))
    text.append(f"| **sum of the {len(both)} rows with both** | | {ours:.2g} | {torch:,.0f} |")
    return [*text, ""]


def draw(entries, file):
    """Draw the entries, the first on top, and save the figure."""
    with mpl.rc_context():
        use_style()
        figure = Figure(figsize=(7.0, 1.4 + 0.26 * len(entries)))
        ax = figure.add_subplot()
        both = [(y, entry[2], entry[3]) for y, entry in enumerate(entries) if entry[3]]
        for y, ours, torch in both:
            ax.plot([ours, torch], [y, y], color="0.8", linestyle="-", linewidth=1.5, zorder=1)
        ours = [entry[2] for entry in entries]
        ax.plot(ours, range(len(entries)), "o", color=COLOURS[0], label="ours, recorded")
        if both:
            y, _, torch = zip(*both, strict=True)
            style = {"color": COLOURS[1], "markerfacecolor": "white"}
            ax.plot(torch, y, "D", **style, label="torch, extrapolated")
        ax.set(xscale="log", ylim=(len(entries) - 0.4, -0.6))
        ax.set_xlabel("CPU hours for all trials of the row")
        ax.set_yticks(range(len(entries)), [entry[0] for entry in entries], fontsize=9)
        figure.legend(loc="outside upper right", ncols=2)
        figure.savefig(file)
