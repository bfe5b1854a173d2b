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
