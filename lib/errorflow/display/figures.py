"""One look for all figures: colours that do not depend on colour vision, drawn on a given axis."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.rcsetup import cycler

SLOPE, WEIGHT, PRODUCT = "#007BC0", "#D55E00", "#9747FF"
"""The colours of f', of w and of their product, in formulas and curves, on light and dark pages."""

COLOURS = (SLOPE, WEIGHT, "#009E73", "#CC79A7", "#7A5C00", "#56B4E9")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
"""The n-th curve of an axis is told apart by colour and by dashes."""

EPSILON = 2.0**-53
"""Half the distance from 1 to the next float64: a relative change below it is lost in rounding."""


def use_style():
    """Set matplotlib's parameters for the book: an opaque background reads on dark pages too."""
    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 3.8),
            "figure.dpi": 120,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=DASHES),
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "grid.color": "#E6E6E6",
            "font.size": 11,
            "lines.linewidth": 2.0,
            "legend.frameon": False,
        }
    )


def shades(number):
    """Return ``number`` colours from a dark to a light violet: several products on one axis.

    >>> shades(1) == [PRODUCT]
    True
    """
    dark, middle, light = (np.array(mpl.colors.to_rgb(c)) for c in ("#2B0A5E", PRODUCT, "#BE8FFF"))
    at = np.linspace(0.0, 1.0, number) if number > 1 else [0.5]
    channels = np.transpose((dark, middle, light))
    mixed = [[np.interp(x, (0.0, 0.5, 1.0), channel) for channel in channels] for x in at]
    return [mpl.colors.to_hex((r, g, b)).upper() for r, g, b in mixed]


def products(ax, number):
    """Let the next ``number`` curves of an axis be shades of the product's violet."""
    ax.set_prop_cycle(color=shades(number), linestyle=DASHES[:number])


def decay(ax, logs, label, *, bound=None):
    """Draw a flow against the steps back, q = 1, 2, ..

    ``logs`` (q, nets) holds natural logarithms of absolute factors: the median over nets is the
    line, the middle half the band. ``bound`` (q,), a logarithm too, is drawn thin in the same
    colour.
    """
    q = np.arange(1, len(logs) + 1)
    low, median, high = np.quantile(np.asarray(logs), [0.25, 0.5, 0.75], axis=1) / np.log(10)
    (line,) = ax.plot(q, median, label=label)
    ax.fill_between(q, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    if bound is not None:
        ax.plot(q, bound / np.log(10), color=line.get_color(), linewidth=0.9, linestyle="-")


def automaton(ax, places, edges, *, radius=0.16):
    """Draw a finite automaton.

    ``places`` maps a state to (x, y, name); ``edges`` are (state, symbol, state).
    """
    for source, symbol, target in edges:
        start, end = np.array(places[source][:2]), np.array(places[target][:2])
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 1.3}
        arrow |= {"mutation_scale": 13}
        if source == target:  # a loop above the circle
            lift, aside = np.array([0.0, 0.8 * radius]), np.array([0.1, 0.0])
            start, end = start + lift - aside, end + lift + aside
            arrow |= {"connectionstyle": "arc3,rad=-1.8", "shrinkA": 0, "shrinkB": 0}
            label = (start + end) / 2 + 2.6 * lift
        else:
            way = (end - start) / np.hypot(*(end - start))
            start, end = start + radius * way, end - radius * way
            arrow |= {"shrinkA": 1, "shrinkB": 1}
            label = (start + end) / 2 + 0.15 * np.array([-way[1], way[0]])
        ax.add_patch(mpl.patches.FancyArrowPatch(start, end, **arrow))
        ax.text(*label, symbol, ha="center", va="center", fontweight="bold", color=WEIGHT)
    for x, y, name in places.values():
        circle = mpl.patches.Circle((x, y), radius, facecolor="white", edgecolor=SLOPE, lw=1.8)
        ax.add_patch(circle)
        ax.text(x, y, name, ha="center", va="center", fontsize=9)
    corners = np.array([place[:2] for place in places.values()], dtype=float)
    ax.set_xlim(corners[:, 0].min() - 0.3, corners[:, 0].max() + 0.3)
    ax.set_ylim(corners[:, 1].min() - 0.3, corners[:, 1].max() + 0.7)
    ax.set_aspect("equal")
    ax.axis("off")


def learning(ax, curve, label):
    """Draw a learning curve, pairs of (sequences so far, squared error a sequence)."""
    sequences, errors = np.transpose(curve)
    ax.plot(sequences, errors, label=label)
    ax.set(xlabel="sequences presented", ylabel="squared error a sequence", yscale="log")


def trials(ax, groups):
    """Draw every trial as a mark, a line for each group (label, published mean, cap, trials).

    Circles are successful trials at their learning time, crosses failed ones at the cap, a bar is
    the published mean, if there is one. Trials are things with ``success`` and ``sequences``.
    """
    for line, (_, published, cap, outcomes) in enumerate(groups):
        spread = 0.3 * (np.arange(len(outcomes)) % 9 - 4) / 4
        for kind, marker, color in ((True, "o", SLOPE), (False, "x", WEIGHT)):
            chosen = [i for i, trial in enumerate(outcomes) if trial.success == kind]
            times = [outcomes[i].sequences if kind else cap for i in chosen]
            look = {"marker": marker, "color": color, "s": 16, "linewidth": 0.9, "zorder": 3}
            ax.scatter(times, line + spread[chosen], alpha=0.7, **look)
        if published:
            bar = {"color": "0.1", "linestyle": "-", "lw": 2.5, "solid_capstyle": "butt"}
            ax.plot([published] * 2, [line - 0.42, line + 0.42], **bar)
    ax.set(xscale="log", xlabel="sequences until success", ylim=(len(groups) - 0.5, -0.5))
    ax.set_yticks(range(len(groups)), [group[0] for group in groups])


def shares(ax, rows, columns, values):
    """Draw a matrix of shares with their numbers: ``values`` maps (row, column) to (k, n).

    ``rows`` are names, None for a gap between groups; a cell without value stays empty.
    """
    colours = mpl.colors.LinearSegmentedColormap.from_list("shares", ("#FFFFFF", SLOPE))
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            if (row, column) in values:
                k, n = values[row, column]
                colour = "white" if k > 0.6 * n else "0.2"
                corner = (x - 0.48, y - 0.46)
                face = colours(k / n)
                ax.add_patch(mpl.patches.Rectangle(corner, 0.96, 0.92, fc=face, ec="0.85", lw=0.5))
                ax.text(x, y, str(k), ha="center", va="center", fontsize=9, color=colour)
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks(range(len(columns)), columns)
    named = [(y, row) for y, row in enumerate(rows) if row is not None]
    ax.set_yticks([y for y, _ in named], [row for _, row in named])
    ax.grid(False)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
