// Knobs in the browser: controls, and a chart of what Python works out from them.

const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"];
const DASHES = ["", "7 4", "2 3", "8 3 2 3"];
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 270;
const TOP = 12;
const BOTTOM = 44;

function render({ model, el }) {
  const told = () => model.get("_told");
  const root = make("section", el, { class: "mt-knobs", "aria-label": told().title });
  make("strong", root, { class: "mt-title" }, told().title);
  const split = make("div", root, { class: "mt-split" });
  const controls = make("div", split, { class: "mt-controls" });
  const side = make("div", split, { class: "mt-side" });
  const picture = make("div", side, { class: "mt-picture" });
  const words = make("p", side, { class: "mt-words", role: "status" });
  make("p", root, { class: "mt-note" }, told().note);
  const knobs = model.get("_knobs").map((knob) => control(controls, knob, (value) => {
    model.set("values", { ...model.get("values"), [knob.name]: value });
    model.save_changes();
  }));
  const stand = () => knobs.forEach(({ knob, put }) => put(model.get("values")[knob.name]));
  const draw = () => {
    words.textContent = told().words;
    chart(picture, told().chart, told().words);
    root.dataset.drawn = String(Number(root.dataset.drawn ?? 0) + 1);
  };
  model.on("change:values", stand);
  model.on("change:_told", draw);
  const resized = new ResizeObserver(draw);
  resized.observe(picture);
  const guard = (event) =>
    root.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  window.addEventListener("keydown", guard, true);
  stand();
  draw();
  return () => {
    model.off("change:values", stand);
    model.off("change:_told", draw);
    resized.disconnect();
    window.removeEventListener("keydown", guard, true);
  };
}

function make(tag, parent, told = {}, text = "") {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) one.setAttribute(name, value);
  if (text) one.textContent = text;
  parent.append(one);
  return one;
}

function control(parent, knob, turned) {
  const label = make("label", parent);
  const line = make("span", label, { class: "mt-line" });
  make("span", line, {}, knob.label);
  if (knob.options) {
    const select = make("select", label);
    knob.options.forEach((name) => make("option", select, { value: name }, name));
    select.addEventListener("change", () => turned(select.value));
    return { knob, put: (value) => { select.value = value; } };
  }
  const output = make("output", line);
  const slider = make("input", label, { type: "range", min: knob.low, max: knob.high, step: knob.step, "data-knob": knob.name });
  const say = (value) => {
    const text = `${number(value)}${knob.unit === "%" ? "\u2009%" : knob.unit ? ` ${knob.unit}` : ""}`;
    output.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  };
  slider.addEventListener("input", () => {
    say(Number(slider.value));
    turned(Number(slider.value));
  });
  return { knob, put: (value) => { slider.value = value; say(value); } };
}

function number(value) {
  return Number(value.toFixed(2)).toLocaleString("en").replace("-", "\u2212");
}

function draw(parent, tag, told, text) {
  const one = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(told)) one.setAttribute(name, value);
  if (text !== undefined) one.textContent = text;
  parent.append(one);
  return one;
}

function steps(most, wanted) {
  const rough = most / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
}

function chart(parent, told, alt) {
  parent.replaceChildren();
  const legend = make("div", parent, { class: "mt-legend", "aria-hidden": "true" });
  told.series.forEach((one, k) => {
    const entry = make("span", legend);
    const key = draw(entry, "svg", { width: 26, height: 10 });
    if (told.kind === "bars") draw(key, "rect", { width: 26, height: 10, fill: COLOURS[k] });
    else draw(key, "line", { x1: 0, x2: 26, y1: 5, y2: 5, stroke: COLOURS[k], "stroke-width": 2.5, "stroke-dasharray": DASHES[k] });
    entry.append(` ${one.name}`);
  });
  const width = Math.max(220, parent.clientWidth);
  const svg = draw(parent, "svg", { role: "img", "aria-label": alt, width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` });
  const most = Math.max(1e-9, ...told.series.flatMap((one) => one.y));
  const step = steps(most, 5);
  const top = Math.ceil(most / step) * step;
  const left = 22 + 8 * Math.max(...[top, step].map((v) => number(v).length));
  const box = { left, width: width - left - 12, height: HEIGHT - TOP - BOTTOM };
  const y = (v) => TOP + box.height * (1 - v / top);
  for (let v = 0; v <= top + step / 2; v += step) {
    draw(svg, "line", { x1: left, x2: left + box.width, y1: y(v), y2: y(v), class: "mt-grid" });
    draw(svg, "text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, number(v));
  }
  draw(svg, "text", { x: left + box.width / 2, y: HEIGHT - 6, "text-anchor": "middle" }, told.x_label);
  draw(svg, "text", { transform: `translate(11 ${TOP + box.height / 2}) rotate(-90)`, "text-anchor": "middle" }, told.y_label);
  if (told.kind === "bars") bars(svg, told, box, y);
  else lines(svg, told, box, y);
}

function lines(svg, told, box, y) {
  const [first, last] = [told.x[0], told.x.at(-1)];
  const x = (v) => box.left + ((v - first) / (last - first)) * box.width;
  const step = steps(last - first, box.width / 60);
  for (let v = Math.ceil(first / step) * step; v <= last; v += step)
    draw(svg, "text", { x: x(v), y: TOP + box.height + 17, "text-anchor": "middle" }, number(v));
  told.marks.forEach((v) => draw(svg, "line", { x1: x(v), x2: x(v), y1: TOP, y2: TOP + box.height, class: "mt-mark" }));
  told.series.forEach((one, k) => {
    const points = one.y.map((v, i) => `${x(told.x[i]).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
    draw(svg, "polyline", { points, fill: "none", stroke: COLOURS[k], "stroke-width": 2.2, "stroke-dasharray": DASHES[k] });
  });
}

function bars(svg, told, box, y) {
  const room = box.width / told.x.length;
  const wide = (0.8 * room) / told.series.length;
  told.x.forEach((name, i) => {
    draw(svg, "text", { x: box.left + (i + 0.5) * room, y: TOP + box.height + 17, "text-anchor": "middle" }, name);
    told.series.forEach((one, k) => {
      const at = box.left + i * room + 0.1 * room + k * wide;
      draw(svg, "rect", { x: at, y: y(one.y[i]), width: 0.92 * wide, height: Math.max(0, y(0) - y(one.y[i])), fill: COLOURS[k] });
      const text = number(Math.round(one.y[i]));
      if (7 * text.length < wide + 8) draw(svg, "text", { x: at + 0.46 * wide, y: y(one.y[i]) - 3, "text-anchor": "middle", class: "mt-value" }, text);
    });
  });
}

export default { render };
