"""The path products of eq. (2) beside the matrices of eqs. (1) and (3)."""

import numpy as np

from errorflow.display.interactive.fragment import checked_name, control, figure, linked, table


def two_views(name, products, matrices, rows, *, u, v, start, caption):
    """Return a figure of the path products of eq. (2) beside the matrices of eqs. (1) and (3).

    ``products[q - 1]`` (n**(q-1),) are the paths' products from unit ``u`` to unit ``v`` over q
    steps, in the order of their units; ``matrices`` (q, n, n) are ``W F'(t-1), W F'(t-2), ..``,
    and ``rows`` (q, n) row ``u`` of their running product. ``start`` maps ``"q"`` and ``"path"``
    (from 1) to the first values; ``caption`` may hold links. Raises ``ValueError`` for shapes
    that do not fit and where the products' sum is not the row's entry.
    """
    name = checked_name(name)
    matrices, rows = np.asarray(matrices, float), np.asarray(rows, float)
    steps, n = len(products), matrices.shape[-1]
    if matrices.shape != (steps, n, n) or rows.shape != (steps, n):
        raise ValueError(
            f"matrices {matrices.shape} and rows {rows.shape} do not fit {steps} numbers of steps; "
            "they must be (q, n, n) and (q, n)"
        )
    for q, terms in enumerate(products, start=1):
        if np.shape(terms) != (n ** (q - 1),):
            raise ValueError(f"products of q = {q} are {np.shape(terms)}; must be {n}**{q - 1}")
        if abs(np.sum(terms) - rows[q - 1, v]) > 1e-9 * np.abs(terms).sum():
            raise ValueError(f"q = {q}: paths sum to {np.sum(terms)}, the row has {rows[q - 1, v]}")
    domains = {"q": list(range(1, steps + 1)), "path": list(range(1, n ** (steps - 1) + 1))}
    if start["q"] not in domains["q"] or not 1 <= start["path"] <= n ** (start["q"] - 1):
        raise ValueError(f"start = {start} is no path; q is in 1 .. {steps}, path in 1 .. n**(q-1)")
    caption, _ = linked(name, caption, domains)

    def short(array):
        return np.round(array, 7).tolist()

    data = {
        "controls": [{"key": "q"}, {"key": "path"}],
        "start": {"q": start["q"], "path": start["path"]},
        "u": int(u),
        "v": int(v),
        "products": [short(terms) for terms in products],
        "matrices": short(matrices),
        "rows": short(rows),
    }
    fallback = table(
        ["q", "paths", "sum of the products, eq. (2)", "entry of the row, eqs. (1) and (3)"],
        [
            [str(q), str(len(terms)), f"{np.sum(terms):.5f}", f"{rows[q - 1, v]:.5f}"]
            for q, terms in enumerate(products, start=1)
        ],
    )
    paths = domains["path"][: n ** (start["q"] - 1)]
    return figure(
        name,
        "Paths and matrices, side by side",
        control(name, "q", "steps back, *q*", domains["q"], start["q"])
        + control(name, "path", "path", paths, start["path"]),
        '<div class="ef-panel"><p>Path by path, eq. (2)</p><div class="ef-plot"></div></div>'
        '<div class="ef-panel"><p>Matrix by matrix, eqs. (1) and (3)</p>'
        '<div class="ef-plot"></div></div>',
        caption,
        fallback,
        data,
        "two_views.js",
    )
