"""Figures to play with: each one fragment of HTML that loads nothing and selects among results.

A fragment holds its data, its style and its script, and works from the file system. It is driven
by native controls, so by the keyboard too; what it shows is said in a line of text as well.
Captions are plain text with three marks: ``*x*`` is italic, ``x_{y}`` has an index, and
``[text](key=value key=value)`` is a link that brings the figure into that state. Without
JavaScript the numbers of the first state and of the links stand there as a table.
"""

import html
import json
import re

import numpy as np

from errorflow import figures

_STYLE = """
#NAME { --ef-text: var(--pst-color-text-base, currentColor); --ef-main: SLOPE; --ef-other: WEIGHT;
  --ef-product: PRODUCT; --ef-link: var(--pst-color-link, #0b6e6e); margin: 1rem 0; width: 100%;
  display: block; font-size: 15px; line-height: 1.5; color: var(--ef-text); }
html[data-theme="dark"] #NAME, body[data-jp-theme-light="false"] #NAME { --ef-main: #56B4E9;
  --ef-other: #F0803C; --ef-link: var(--pst-color-link, #6fd0d0); }
/* The theme lays a light ground under outputs on dark pages; these colours follow the page. */
div:has(> #NAME) { background: none !important; color: inherit !important;
  padding: 0 !important; }
#NAME [hidden] { display: none !important; }
#NAME .ef-controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(15em, 1fr));
  gap: .4em 1.6em; align-items: start; }
#NAME .ef-control { margin: 0; padding: 0; border: 0; min-width: 0; }
#NAME label, #NAME legend { font-size: 14px; margin: 0; padding: 0; color: inherit; width: auto;
  float: none; }
#NAME .ef-value { font-weight: 600; font-variant-numeric: tabular-nums; }
#NAME input[type="range"] { display: block; width: 100%; margin: .1em 0; min-height: 26px;
  accent-color: var(--ef-main); }
#NAME input[type="radio"] { accent-color: var(--ef-main); margin: 0 .3em 0 0; }
#NAME .ef-choice { display: inline-flex; align-items: center; margin-right: 1.1em;
  min-height: 26px; }
#NAME input:focus-visible, #NAME a:focus-visible { outline: 3px solid var(--ef-other);
  outline-offset: 2px; border-radius: 3px; }
#NAME .ef-panels { display: flex; flex-wrap: wrap; gap: .6em 1.6em; }
#NAME .ef-panel { flex: 1 1 300px; min-width: 0; }
#NAME .ef-panel > p { margin: .4em 0 0; font-weight: 600; font-size: 14px; }
#NAME .ef-plot svg { display: block; overflow: hidden; }
#NAME svg text { fill: currentColor; font-size: 13px; font-variant-numeric: tabular-nums; }
#NAME .ef-legend { display: flex; flex-wrap: wrap; gap: 0 1.4em; font-size: 13px;
  margin: .4em 0 0; }
#NAME .ef-legend svg { vertical-align: middle; margin-right: .4em; }
#NAME .ef-readout { margin: .4em 0; min-height: 3.2em; font-variant-numeric: tabular-nums; }
@media (max-width: 600px) { #NAME .ef-readout { min-height: 7.6em; } }
#NAME figcaption { font-size: 14px; text-align: left; width: auto; max-width: none;
  margin: .3em 0 0; padding: 0; color: inherit; }
#NAME a.ef-link { color: var(--ef-link); text-decoration: underline; }
#NAME sub, #NAME sup { font-size: 12px; line-height: 0; }
#NAME table { font-size: 13px; font-variant-numeric: tabular-nums; }
#NAME th, #NAME td { padding: .1em .7em; text-align: right; }
"""

_COMMON = r"""
var root = document.getElementById(NAME);
var data = JSON.parse(document.getElementById(NAME + "-data").textContent);
var plots = root.querySelectorAll(".ef-plot"), readout = root.querySelector(".ef-readout");
var state = {};
function minus(text) { return String(text).replace(/-/g, "\u2212"); }
function power(log) { return "10<sup>" + minus(log.toFixed(1).replace("-0.0", "0.0")) + "</sup>"; }
function named(key) { return key.replace(/_(\w+)/, "<sub>$1</sub>"); }
function tag(name, attributes, inside) {
  var text = "<" + name;
  for (var key in attributes) { text += " " + key + '="' + attributes[key] + '"'; }
  return text + ">" + (inside === undefined ? "" : inside) + "</" + name + ">";
}
function label(x, y, text, anchor, more) {
  return tag("text", Object.assign({x: x, y: y, "text-anchor": anchor || "middle"}, more), text);
}
function line(x1, y1, x2, y2, more) {
  return tag("line", Object.assign({x1: x1, y1: y1, x2: x2, y2: y2, stroke: "currentColor"}, more));
}
function picture(plot, width, height, about, inside) {
  plot.innerHTML = tag("svg", {width: width, height: height, role: "img", "aria-label": about,
    viewBox: "0 0 " + width + " " + height}, inside);
}
function set(changes) {
  Object.assign(state, changes);
  data.controls.forEach(function (control) {
    var values = valuesOf(control), index = values.indexOf(state[control.key]);
    if (index < 0) { index = Math.min(control.index || 0, values.length - 1); }
    control.index = index;
    state[control.key] = values[index];
    root.querySelectorAll("[data-key='" + control.key + "']").forEach(function (input) {
      if (input.type === "radio") { input.checked = Number(input.value) === index; return; }
      input.max = values.length - 1;
      input.value = index;
      input.setAttribute("aria-valuetext", values[index]);
      root.querySelector("[data-shows='" + control.key + "']").textContent = values[index];
    });
  });
  draw();
}
function begin() {
  root.querySelectorAll("input[data-key]").forEach(function (input) {
    input.addEventListener("input", function () {
      var control = data.controls.filter(function (c) { return c.key === input.dataset.key; })[0];
      var changes = {};
      changes[control.key] = valuesOf(control)[Number(input.value)];
      set(changes);
    });
  });
  root.querySelectorAll("a[data-state]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      set(JSON.parse(link.dataset.state));
    });
  });
  root.querySelector(".ef-controls").hidden = false;
  root.querySelector(".ef-panels").hidden = false;
  set(data.start);
  var width = 0;
  new ResizeObserver(function () {
    if (plots[0].clientWidth !== width) {
      width = plots[0].clientWidth;
      requestAnimationFrame(draw);
    }
  }).observe(plots[0]);
}
"""

_EXPLORER = r"""
var q = data.steps, low = data.ylim[0], high = data.ylim[1];
function valuesOf(control) { return control.values; }
function decoded(differences) {
  var sum = 0;
  return differences.map(function (d) {
    if (d === null) { return -Infinity; }
    sum += d;
    return sum / 100;
  });
}
function picked(nested) {
  data.controls.forEach(function (control) {
    if (control.key !== "q") { nested = nested[control.values.indexOf(state[control.key])]; }
  });
  return nested;
}
function draw() {
  var plot = plots[0], width = Math.max(280, plot.clientWidth), height = width < 500 ? 300 : 340;
  var left = 52, right = 14, top = 10, bottom = 46, last = q[q.length - 1];
  function X(step) { return left + (width - left - right) * (step - 1) / (last - 1); }
  function Y(log) {
    var y = Math.max(low - 40, Math.min(high + 40, log));
    return top + (height - top - bottom) * (high - y) / (high - low);
  }
  function points(logs) {
    return logs.map(function (log, k) { return X(q[k]).toFixed(1) + "," + Y(log).toFixed(1); });
  }
  var curves = picked(data.curves).map(decoded), bound = data.bounds && picked(data.bounds);
  var median = curves[1], at = q.indexOf(state.q), log = median[at], inside = "", y, k;
  for (y = Math.ceil(low / 20) * 20; y <= high; y += 20) {
    inside += line(left, Y(y), width - right, Y(y), {opacity: y ? .15 : .6}) +
      label(left - 7, Y(y) + 4.5, minus(y), "end");
  }
  for (k = 20; k <= last; k += 20) {
    inside += line(X(k), height - bottom, X(k), height - bottom + 5, {opacity: .6}) +
      label(X(k), height - bottom + 19, k);
  }
  inside += label(X(1), height - bottom + 19, 1) +
    line(left, height - bottom, width - right, height - bottom, {opacity: .6}) +
    label((left + width - right) / 2, height - 6, "steps back, q") +
    label(0, 0, "power of ten of |factor|", "middle",
      {transform: "translate(14 " + (top + height - bottom) / 2 + ") rotate(-90)"});
  var drawn = tag("polygon", {"class": "ef-band", fill: "var(--ef-product)", opacity: .22,
    points: points(curves[2]).concat(points(curves[0]).reverse()).join(" ")});
  if (data.level) {
    drawn += line(left, Y(data.level.log), width - right, Y(data.level.log),
      {opacity: .75, "stroke-width": 1.5, "stroke-dasharray": "2 4"});
  }
  if (bound) {
    drawn += tag("polyline", {"class": "ef-bound", fill: "none", stroke: "var(--ef-product)",
      "stroke-width": 2, "stroke-dasharray": "8 5",
      points: X(1) + "," + Y(bound[0] + bound[1]) + " " + points(q.map(function (step) {
        return bound[0] + step * bound[1]; })).join(" ")});
  }
  drawn += tag("polyline", {"class": "ef-median", fill: "none", stroke: "var(--ef-product)",
    "stroke-width": 2.6, "stroke-linejoin": "round", points: points(median).join(" ")});
  inside += tag("clipPath", {id: NAME + "-clip"}, tag("rect", {x: left, y: top,
      width: width - left - right, height: height - top - bottom})) +
    tag("g", {"clip-path": "url(#" + NAME + "-clip)"}, drawn) +
    line(X(state.q), top, X(state.q), height - bottom, {opacity: .35});
  var x = X(state.q), edge = log > high ? top + 2 : height - bottom - 2, d = log > high ? 12 : -12;
  inside += log <= high && log >= low
    ? tag("circle", {"class": "ef-marker", cx: x, cy: Y(log), r: 6, fill: "var(--ef-product)",
        stroke: "currentColor", "stroke-width": 1.5})
    : tag("path", {"class": "ef-marker", fill: "var(--ef-product)", stroke: "currentColor",
        d: "M" + x + " " + edge + "l-7 " + d + "h14z"});
  picture(plot, width, height, "Median of |factor| against the steps back; " +
    "the text below gives the reading.", inside);
  plot.onclick = function (event) {
    var there = event.clientX - plot.getBoundingClientRect().left;
    var nearest = q.reduce(function (a, b) {
      return Math.abs(X(b) - there) < Math.abs(X(a) - there) ? b : a; });
    set({q: nearest});
  };
  root.querySelector(".ef-has-bound").hidden = !bound;
  say(curves, log, at, bound);
}
function size(log) { return log === -Infinity ? "exactly 0" : power(log); }
function say(curves, log, at, bound) {
  var settings = data.controls.filter(function (c) { return c.key !== "q"; }).map(function (c) {
    return c.radio ? state[c.key] : named(c.key) + " = " + state[c.key]; });
  var text = "<b>" + settings.join(", ") + "</b>, <i>q</i> = " + state.q + ": median |factor| " +
    size(log) + "; middle half of the nets " + size(curves[0][at]) + " to " + size(curves[2][at]);
  if (log !== -Infinity) {
    text += "; " + Number(Math.pow(10, log / state.q).toPrecision(2)) + " a step";
  }
  text += ". ";
  if (data.level) {
    var lost = q.filter(function (_, k) { return curves[1][k] < data.level.log; });
    text += lost.length ? "Below " + data.level.name + " from <i>q</i> = " + lost[0] + " on. "
      : "Not below " + data.level.name + " within " + q[q.length - 1] + " steps. ";
  }
  if (data.bounds) {
    text += bound ? "The bound: " + power(bound[0] + state.q * bound[1]) + "."
      : "The bound does not decay here.";
  }
  readout.innerHTML = text;
}
begin();
"""

_TWO_VIEWS = r"""
var n = data.rows[0].length;
function count() { return data.products[state.q - 1].length; }
function valuesOf(control) {
  if (control.key === "q") { return data.rows.map(function (_, k) { return k + 1; }); }
  return data.products[state.q - 1].map(function (_, k) { return k + 1; });
}
function number(x, digits) { return minus(x.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1")); }
function path() {
  var units = [], rest = state.path - 1;
  for (var m = 1; m < state.q; m += 1) { units.unshift(rest % n); rest = Math.floor(rest / n); }
  return [data.u].concat(units, [data.v]);
}
function draw() {
  var units = path();
  bars(plots[0]);
  matrices(plots[1], units);
  say(units);
}
function bars(plot) {
  var width = Math.max(280, plot.clientWidth), height = 300, left = 56, top = 10, bottom = 46;
  var terms = data.products[state.q - 1], total = data.rows[state.q - 1][data.v];
  var high = Math.max.apply(null, terms.concat(total, 0));
  var low = Math.min.apply(null, terms.concat(total, 0)), margin = .08 * (high - low) || 1;
  if (high > 0) { high += margin; }
  if (low < 0) { low -= margin; }
  var slot = (width - left - 58) / terms.length, wide = Math.min(.7 * slot, 40), inside = "";
  function Y(value) { return top + (height - top - bottom) * (high - value) / (high - low); }
  function bar(x, wide, value, more) {
    return tag("rect", Object.assign({x: x, width: wide, y: Math.min(Y(0), Y(value)),
      height: Math.max(1, Math.abs(Y(value) - Y(0))), fill: "var(--ef-product)"}, more));
  }
  var unit = Math.pow(10, Math.floor(Math.log10((high - low) / 2)));
  unit *= (high - low) / unit > 10 ? 5 : (high - low) / unit > 5 ? 2 : 1;
  var digits = Math.max(0, -Math.floor(Math.log10(unit) + 1e-9));
  for (var k = Math.ceil(low / unit); k <= high / unit; k += 1) {
    inside += line(left, Y(k * unit), width, Y(k * unit), {opacity: k ? .15 : .6}) +
      label(left - 6, Y(k * unit) + 4.5, number(k * unit, digits), "end");
  }
  terms.forEach(function (term, k) {
    var here = k + 1 === state.path, x = left + (k + .5) * slot;
    inside += bar(x - wide / 2, wide, term, {"class": here ? "ef-bar ef-here" : "ef-bar",
      "fill-opacity": here ? 1 : .5, stroke: here ? "currentColor" : "none", "stroke-width": 2});
    inside += tag("rect", {x: x - slot / 2, width: slot, y: top, height: height - top - bottom,
      fill: "transparent", "data-path": k + 1, cursor: "pointer"});
    if (terms.length < 10 || k === 0 || k % 9 === 8) {
      inside += label(x, height - bottom + 18, k + 1);
    }
  });
  inside += line(width - 50, top, width - 50, height - bottom, {opacity: .3}) +
    bar(width - 40, 30, total, {"class": "ef-sum"}) +
    label(width - 25, height - bottom + 18, "sum") +
    label((left + width - 58) / 2, height - 6, "path, in the order of its units");
  picture(plot, width, height, "Bars: the product of each path, and their sum.", inside);
  plot.onclick = function (event) {
    if (event.target.dataset.path) { set({path: Number(event.target.dataset.path)}); }
  };
}
function matrices(plot, units) {
  var width = Math.max(280, Math.min(440, plot.clientWidth)), tall = 24, gap = 16, head = 46;
  var wide = Math.min(52, (width - 50) / (2 * n)), inside = "";
  var across = wide * n, first = 18, second = first + across + 28, step = n * tall + gap;
  var height = head + state.q * step - gap + 4, digits = wide < 44 ? 2 : 3, largest = 0;
  data.matrices.concat([data.rows]).forEach(function (m) { m.forEach(function (row) {
    row.forEach(function (x) { largest = Math.max(largest, Math.abs(x)); }); }); });
  function cell(x, y, value, here, name) {
    var box = {x: x, y: y, width: wide, height: tall};
    var depth = (value < 0 ? .35 : .55) * Math.sqrt(Math.abs(value) / largest);
    return tag("rect", Object.assign({fill: value < 0 ? "currentColor" : "var(--ef-product)",
        "fill-opacity": depth.toFixed(3)}, box)) +
      tag("rect", Object.assign({"class": name || "ef-cell", fill: "none",
        stroke: "currentColor", "stroke-width": here ? 2.5 : 1, opacity: here ? 1 : .2}, box)) +
      label(x + wide / 2, y + tall / 2 + 4.5, number(value, digits));
  }
  inside += label(first + across / 2, 14, "W F\u2032(t\u2212m)") +
    label(second + across / 2, 14, "row after m steps");
  for (var l = 0; l < n; l += 1) {
    inside += label(first + (l + .5) * wide, head - 7, l, "middle", {opacity: .75}) +
      label(second + (l + .5) * wide, head - 7, l, "middle", {opacity: .75});
  }
  for (var m = 1; m <= state.q; m += 1) {
    var y = head + (m - 1) * step, middle = y + (n - 1) / 2 * tall;
    for (var i = 0; i < n; i += 1) {
      inside += label(first - 7, y + (i + .5) * tall + 4.5, i, "end", {opacity: .75});
      for (var j = 0; j < n; j += 1) {
        var here = units[m - 1] === i && units[m] === j;
        inside += cell(first + j * wide, y + i * tall, data.matrices[m - 1][i][j], here,
          here ? "ef-cell ef-here" : "ef-cell");
      }
    }
    inside += label(second - 14, middle + tall / 2 + 4.5, "\u2192") +
      label(second, y + 9, "m = " + m, "start", {opacity: .75});
    for (var c = 0; c < n; c += 1) { inside += cell(second + c * wide, middle,
      data.rows[m - 1][c], false); }
    if (m === state.q) {
      inside += tag("rect", {"class": "ef-result", x: second + data.v * wide, y: middle,
        width: wide, height: tall, fill: "none", stroke: "var(--ef-product)", "stroke-width": 4});
    }
  }
  picture(plot, width, height, "Matrices of slopes and weights and the row that has been " +
    "multiplied by them, step by step.", inside);
}
function say(units) {
  var factors = [], product = data.products[state.q - 1][state.path - 1];
  for (var m = 1; m <= state.q; m += 1) {
    factors.push(number(data.matrices[m - 1][units[m - 1]][units[m]], 3));
  }
  var total = 0;
  data.products[state.q - 1].forEach(function (x) { total += x; });
  readout.innerHTML = "<b><i>q</i> = " + state.q + "</b>, path " + state.path + " of " + count() +
    ": " + units.join(" \u2192 ") + ". Its product: " +
    (factors.length > 1 ? "(" + factors.join(") (") + ") = " : "") +
    number(product, 5) + ". Sum of all paths, eq. (2): <b>" + number(total, 5) +
    "</b>; entry " + data.v + " of the last row, eqs. (1) and (3): <b>" +
    number(data.rows[state.q - 1][data.v], 5) + "</b>.";
}
begin();
"""


def _dump(data):
    """Return JSON that can stand between script tags, the same for the same data."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _checked_name(name):
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"name = {name!r}; it must be of a-z, 0-9 and -, a letter first")
    return name


def _marked(text):
    """Escape a text and set its italics and indices."""
    text = re.sub(r"_\{([^}]*)\}", r"<sub>\1</sub>", html.escape(text))
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def _state(text, domains):
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


def _caption(name, text, domains):
    """Return the caption as HTML, and the states to which its links lead."""
    states, pieces, done = [], [], 0
    for match in re.finditer(r"\[([^]]+)\]\(([^)]*)\)", text):
        state = _state(match[2], domains)
        states.append(state)
        pieces.append(_marked(text[done : match.start()]))
        pieces.append(
            f'<a class="ef-link" href="#{name}" data-state="{html.escape(_dump(state))}">'
            f"{_marked(match[1])}</a>"
        )
        done = match.end()
    return "".join(pieces) + _marked(text[done:]), states


def _control(name, key, title, values, start):
    """Return a slider for numbers, radio buttons for words."""
    at, title = values.index(start), _marked(title)
    if all(isinstance(value, str) for value in values):
        choices = "".join(
            f'<label class="ef-choice"><input type="radio" name="{name}-{key}" data-key="{key}" '
            f'value="{k}"{" checked" if k == at else ""}>{html.escape(value)}</label>'
            for k, value in enumerate(values)
        )
        return f'<fieldset class="ef-control"><legend>{title}</legend>{choices}</fieldset>'
    return (
        f'<div class="ef-control"><label for="{name}-{key}">{title}: '
        f'<span class="ef-value" data-shows="{key}">{start}</span></label>'
        f'<input type="range" id="{name}-{key}" data-key="{key}" min="0" max="{len(values) - 1}" '
        f'step="1" value="{at}" aria-valuetext="{start}"></div>'
    )


def _table(head, rows):
    """Return a plain table of texts, its first column the rows' heads."""
    text = "<tr>" + "".join(f'<th scope="col">{_marked(h)}</th>' for h in head) + "</tr>"
    for first, *others in rows:
        text += f'<tr><th scope="row">{_marked(first)}</th>'
        text += "".join(f"<td>{_marked(other)}</td>" for other in others) + "</tr>"
    return f"<table>{text}</table>"


def _figure(name, title, controls, panels, caption, fallback, data, script):
    style = _STYLE.replace("NAME", name).replace("SLOPE", figures.SLOPE)
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
            f'<script type="application/json" id="{name}-data">{_dump(data)}</script>',
            f'<script>(function () {{\n"use strict";\nvar NAME = "{name}";'
            f"{_COMMON}{script}}})();</script>",
            "</figure>",
            "",
        )
    )


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
    name, steps, curves = _checked_name(name), [int(q) for q in steps], np.asarray(curves, float)
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
    caption, states = _caption(name, caption, domains)
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
    fallback = _table([*domains, "lower quartile", "median |factor|", "upper quartile"], unique)
    line = '<path d="M0 6H28" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 4"/>'
    shown = level and f"<span>{_swatch(line)}{html.escape(level[1])}</span>"
    return _figure(
        name,
        "Error flow, to explore",
        "".join(_control(name, k, titles[k], domains[k], start[k]) for k in domains),
        '<div class="ef-panel">' + _LEGEND.replace("LEVEL", shown or "")
        + '<div class="ef-plot"></div></div>',
        caption,
        fallback,
        data,
        _EXPLORER,
    )  # fmt: skip


def _nested(flat, shape):
    """Return the list ``flat`` as lists in lists of the given lengths."""
    for length in reversed(shape[1:]):
        flat = [flat[k : k + length] for k in range(0, len(flat), length)]
    return flat


def two_views(name, products, matrices, rows, *, u, v, start, caption):
    """Return a figure of the path products of eq. (2) beside the matrices of eqs. (1) and (3).

    ``products[q - 1]`` (n**(q-1),) are the paths' products from unit ``u`` to unit ``v`` over q
    steps, in the order of their units; ``matrices`` (q, n, n) are ``W F'(t-1), W F'(t-2), ..``,
    and ``rows`` (q, n) row ``u`` of their running product. ``start`` maps ``"q"`` and ``"path"``
    (from 1) to the first values; ``caption`` may hold links. Raises ``ValueError`` for shapes
    that do not fit and where the products' sum is not the row's entry.
    """
    name = _checked_name(name)
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
    caption, _ = _caption(name, caption, domains)

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
    fallback = _table(
        ["q", "paths", "sum of the products, eq. (2)", "entry of the row, eqs. (1) and (3)"],
        [
            [str(q), str(len(terms)), f"{np.sum(terms):.5f}", f"{rows[q - 1, v]:.5f}"]
            for q, terms in enumerate(products, start=1)
        ],
    )
    paths = domains["path"][: n ** (start["q"] - 1)]
    return _figure(
        name,
        "Paths and matrices, side by side",
        _control(name, "q", "steps back, *q*", domains["q"], start["q"])
        + _control(name, "path", "path", paths, start["path"]),
        '<div class="ef-panel"><p>Path by path, eq. (2)</p><div class="ef-plot"></div></div>'
        '<div class="ef-panel"><p>Matrix by matrix, eqs. (1) and (3)</p>'
        '<div class="ef-plot"></div></div>',
        caption,
        fallback,
        data,
        _TWO_VIEWS,
    )
