"""One look for all figures: colours that do not depend on colour vision, drawn on a given axis."""

import matplotlib as mpl
import numpy as np

SLOPE, WEIGHT, PRODUCT = "#0072B2", "#D55E00", "#5B3A8E"
"""The colours of f', of w and of their product, in formulas and curves alike."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7A5C00", "#56B4E9")
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
            "axes.prop_cycle": mpl.cycler(color=COLOURS) + mpl.cycler(linestyle=DASHES),
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "grid.color": "#E6E6E6",
            "font.size": 11,
            "lines.linewidth": 2.0,
            "legend.frameon": False,
        }
    )


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

    ``places`` maps a state to (x, y, name); ``edges`` are (state, symbol, state, bend), the bend
    of the arrow in units of its length.
    """
    for source, symbol, target, bend in edges:
        x0, y0, _ = places[source]
        x1, y1, _ = places[target]
        if source == target:
            ax.annotate(
                "",
                (x0 + 0.09, y0 + radius * 0.8),
                (x0 - 0.09, y0 + radius * 0.8),
                arrowprops={"arrowstyle": "->", "connectionstyle": "arc3,rad=-2.2", "lw": 1.3},
            )
            ax.text(x0, y0 + radius + 0.27, symbol, ha="center", va="center", fontweight="bold")
            continue
        ax.annotate(
            "",
            (x1, y1),
            (x0, y0),
            arrowprops={
                "arrowstyle": "->",
                "connectionstyle": f"arc3,rad={bend}",
                "shrinkA": 15,
                "shrinkB": 15,
                "lw": 1.3,
            },
        )
        length = np.hypot(x1 - x0, y1 - y0)
        normal = np.array([(y1 - y0), -(x1 - x0)]) / length
        side = np.sign(bend) or 1.0
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        x, y = np.array([x, y]) + normal * (bend * length / 2 + 0.13 * side)
        ax.text(x, y, symbol, ha="center", va="center", fontweight="bold", color=WEIGHT)
    for x, y, name in places.values():
        ax.add_patch(mpl.patches.Circle((x, y), radius, facecolor="white", edgecolor=SLOPE, lw=1.8))
        ax.text(x, y, name, ha="center", va="center", fontsize=9)
    ax.set_aspect("equal")
    ax.axis("off")
    ax.grid(visible=False)
