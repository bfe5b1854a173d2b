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
    return (c.radio ? "" : named(c.key) + " = ") + escaped(state[c.key]); });
  var text = "<b>" + settings.join(", ") + "</b>, <i>q</i> = " + state.q + ": median |factor| " +
    size(log) + "; middle half of the nets " + size(curves[0][at]) + " to " + size(curves[2][at]);
  if (log !== -Infinity) {
    text += "; " + Number(Math.pow(10, log / state.q).toPrecision(2)) + " a step";
  }
  text += ". ";
  if (data.level) {
    var lost = q.filter(function (_, k) { return curves[1][k] < data.level.log; });
    text += lost.length ? "Below " + escaped(data.level.name) + " from <i>q</i> = " + lost[0] + " on. "
      : "Not below " + escaped(data.level.name) + " within " + q[q.length - 1] + " steps. ";
  }
  if (data.bounds) {
    text += bound ? "The bound: " + power(bound[0] + state.q * bound[1]) + "."
      : "The bound does not decay here.";
  }
  readout.innerHTML = text;
}
begin();
