var root = document.getElementById(NAME);
var data = JSON.parse(document.getElementById(NAME + "-data").textContent);
var plots = root.querySelectorAll(".ef-plot"), readout = root.querySelector(".ef-readout");
var state = {};
function escaped(text) {
  return String(text).replace(/[&<>"']/g, function (c) { return "&#" + c.charCodeAt(0) + ";"; });
}
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
