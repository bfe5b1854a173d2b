"""What figures to play with are made of: caption, controls, a table to fall back on, a script."""

import html
import json
import re
from importlib import resources

from errorflow.display import figures


def script(name):
    """Return the text of a file of this package, on lines of its own."""
    return "\n" + resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def dump(data):
    """Return JSON that can stand between script tags, the same for the same data."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def checked_name(name):
    """Return ``name`` if it can be the id of an element, else raise a ``ValueError``."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"name = {name!r}; it must be of a-z, 0-9 and -, a letter first")
    return name


def checked_key(key):
    """Return ``key`` if it can name a control, else raise a ``ValueError``."""
    if not (isinstance(key, str) and re.fullmatch(r"[A-Za-z]\w*", key, re.ASCII)):
        raise ValueError(f"control {key!r} must be named by letters, digits and _, a letter first")
    return key


def marked(text):
    """Escape a text and set its italics and indices."""
    text = re.sub(r"_\{([^}]*)\}", r"<sub>\1</sub>", html.escape(text))
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def state_of(text, domains):
    """Return the state that ``key=value key=value`` names; ``domains`` maps keys to values."""
    state = {}
    for part in text.split():
        key, _, written = part.partition("=")
        if key not in domains:
            raise ValueError(f"a link sets {key!r}; there are {', '.join(domains)}")
        there = {str(value): value for value in domains[key]}
        if written not in there:
            raise ValueError(f"a link sets {part}; {key} must be one of {', '.join(there)}")
        state[key] = there[written]
    return state


def linked(name, text, domains):
    """Return the caption as HTML, and the states to which its links lead."""
    states, pieces, done = [], [], 0
    for match in re.finditer(r"\[([^]]+)\]\(([^)]*)\)", text):
        state = state_of(match[2], domains)
        states.append(state)
        pieces.append(marked(text[done : match.start()]))
        pieces.append(
            f'<a class="ef-link" href="#{name}" data-state="{html.escape(dump(state))}">'
            f"{marked(match[1])}</a>"
        )
        done = match.end()
    return "".join(pieces) + marked(text[done:]), states


def control(name, key, title, values, start):
    """Return a slider for numbers, radio buttons for words."""
    at, title, key = values.index(start), marked(title), checked_key(key)
    shown = html.escape(str(start))
    if all(isinstance(value, str) for value in values):
        choices = "".join(
            f'<label class="ef-choice"><input type="radio" name="{name}-{key}" data-key="{key}" '
            f'value="{k}"{" checked" if k == at else ""}>{html.escape(value)}</label>'
            for k, value in enumerate(values)
        )
        return f'<fieldset class="ef-control"><legend>{title}</legend>{choices}</fieldset>'
    return (
        f'<div class="ef-control"><label for="{name}-{key}">{title}: '
        f'<span class="ef-value" data-shows="{key}">{shown}</span></label>'
        f'<input type="range" id="{name}-{key}" data-key="{key}" min="0" max="{len(values) - 1}" '
        f'step="1" value="{at}" aria-valuetext="{shown}"></div>'
    )


def table(head, rows):
    """Return a plain table of texts, its first column the rows' heads."""
    text = "<tr>" + "".join(f'<th scope="col">{marked(h)}</th>' for h in head) + "</tr>"
    for first, *others in rows:
        text += f'<tr><th scope="row">{marked(first)}</th>'
        text += "".join(f"<td>{marked(other)}</td>" for other in others) + "</tr>"
    return f"<table>{text}</table>"


def figure(name, title, controls, panels, caption, fallback, data, main):
    """Return the whole fragment; ``main`` names the script that draws ``data`` in the panels."""
    style = script("style.css").replace("NAME", name).replace("SLOPE", figures.SLOPE)
    style = style.replace("WEIGHT", figures.WEIGHT).replace("PRODUCT", figures.PRODUCT)
    return "\n".join(
        (
            f'<figure id="{name}" class="errorflow" role="group" '
            f'aria-label="{html.escape(title)}">',
            f"<style>{style}</style>",
            f'<div class="ef-controls" hidden>{controls}</div>',
            f'<div class="ef-panels" hidden>{panels}'
            '<p class="ef-readout" role="status" aria-live="polite" style="flex: 1 1 100%"></p>'
            "</div>",
            f"<noscript>{fallback}</noscript>",
            f"<figcaption>{caption}</figcaption>",
            f'<script type="application/json" id="{name}-data">{dump(data)}</script>',
            f'<script>(function () {{\n"use strict";\nvar NAME = "{name}";'
            f"{script('common.js')}{script(main)}}})();</script>",
            "</figure>",
            "",
        )
    )
