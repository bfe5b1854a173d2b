"""One of many error flows against q, chosen by sliders and radio buttons."""

import html

import numpy as np

from errorflow.display.interactive.fragment import checked_name, control, figure, linked, table


def _swatch(inside):
    return f'<svg width="28" height="12" aria-hidden="true">{inside}</svg>'


_LEGEND = (
    '<div class="ef-legend"><span>'
    + _swatch('<path d="M0 6H28" stroke="var(--ef-product)" stroke-width="2.6"/>')
    + "median</span><span>"
    + _swatch('<rect width="28" height="12" fill="var(--ef-product)" opacity=".22"/>')
    + "middle half of the nets</span>LEVEL<span class='ef-has-bound' hidden>"
    + _swatch(
        '<path d="M0 6H28" stroke="var(--ef-product)" stroke-width="2" stroke-dasharray="8 5"/>'
    )
    + "the paper's bound</span></div>"
)


def _coded(logs):
    """Return hundredths as differences, which are short; None where the factor is 0."""
    there = np.isfinite(logs)
    hundredths = np.rint(100.0 * logs[there]).astype(int)
    coded = np.full(logs.shape, None)
    coded[there] = np.diff(hundredths, prepend=0).tolist()
    return coded.tolist()


def explorer(
    name, controls, steps, curves, *, start, caption, bounds=None, level=None, ylim=(-60, 20)
):
    """Return a figure that shows one of many error flows against q, as a fragment of HTML.

    ``controls`` maps a key to ``(title, values)``, numbers for a slider or words for radio
    buttons; ``steps`` are the values of q. ``curves`` has one axis for each control, in order,
    then the lower quartile, median and upper quartile (3), then q: log10 |factor|, where -inf is
    a factor of 0. ``bounds`` (.., 2), if given, draws ``bounds[.., 0] + q bounds[.., 1]``, or
    nothing where it is NaN; ``level`` is ``(log10, name)`` of a horizontal line. ``start`` maps
    every key and ``"q"`` to its first value; ``caption`` may hold links. Raises ``ValueError``
    for shapes that do not fit, and for values and links that name no state.
    """
    name, steps, curves = checked_name(name), [int(q) for q in steps], np.asarray(curves, float)
    shape = tuple(len(values) for _, values in controls.values())
    if curves.shape != (*shape, 3, len(steps)):
        raise ValueError(
            f"curves {curves.shape} do not fit; they must be {(*shape, 3, len(steps))}"
        )
    if np.isnan(curves).any() or np.isposinf(curves).any():
        raise ValueError("curves hold nan or inf; they must be numbers, or -inf for a factor of 0")
    domains = {key: list(values) for key, (_, values) in controls.items()} | {"q": steps}
    for key, values in domains.items():
        if start.get(key) not in values:
            raise ValueError(f"start has {key} = {start.get(key)}; it must be one of {values}")
    titles = {key: title for key, (title, _) in controls.items()} | {"q": "steps back, *q*"}
    caption, states = linked(name, caption, domains)
    if bounds is not None:
        bounds = np.asarray(bounds, float)
        if bounds.shape != (*shape, 2):
            raise ValueError(f"bounds {bounds.shape} do not fit; they must be {(*shape, 2)}")
        flat = [None if np.isnan(b).any() else b.round(4).tolist() for b in bounds.reshape(-1, 2)]
        bounds = _nested(flat, shape)
    coded = _nested(
        [[_coded(c) for c in three] for three in curves.reshape(-1, 3, len(steps))], shape
    )
    data = {
        "controls": [
            {"key": key, "values": values, "radio": isinstance(values[0], str)}
            for key, values in domains.items()
        ],
        "steps": steps,
        "ylim": list(ylim),
        "level": level and {"log": round(float(level[0]), 3), "name": level[1]},
        "start": {key: start[key] for key in domains},
        "bounds": bounds,
        "curves": coded,
    }
    rows = []
    for state in ({}, *states):
        state = data["start"] | state
        at = tuple(domains[key].index(state[key]) for key in controls)
        three = curves[at][:, steps.index(state["q"])]
        numbers = ["0" if log == -np.inf else f"10^{log:.1f}" for log in three]
        rows.append([*(str(state[key]) for key in domains), *numbers])
    unique = [row for k, row in enumerate(rows) if row not in rows[:k]]
    fallback = table([*domains, "lower quartile", "median |factor|", "upper quartile"], unique)
    line = '<path d="M0 6H28" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 4"/>'
    shown = level and f"<span>{_swatch(line)}{html.escape(level[1])}</span>"
    return figure(
        name,
        "Error flow, to explore",
        "".join(control(name, k, titles[k], domains[k], start[k]) for k in domains),
        '<div class="ef-panel">' + _LEGEND.replace("LEVEL", shown or "")
        + '<div class="ef-plot"></div></div>',
        caption,
        fallback,
        data,
        "explorer.js",
    )  # fmt: skip


def _nested(flat, shape):
    """Return the list ``flat`` as lists in lists of the given lengths."""
    for length in reversed(shape[1:]):
        flat = [flat[k : k + length] for k in range(0, len(flat), length)]
    return flat
