// The track explorer in the browser. Everything it needs comes from Python; it fetches nothing.
// Text from files is only ever set as text, never as markup.

const LANES = { sections: 22, waveform: 130, findings: 16, chords: 20, spectrogram: 140, loudness: 96 };
const AXIS = 24;
const GAP = 4;
const CLOSEST_S = 0.05;
const SEVERITIES = { error: ["#D55E00", "!"], warning: ["#E69F00", "?"], info: ["#56B4E9", "i"] };
const TINTS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442"];
const TELL_MS = 200; // how often Python hears of a moving play head
const NICE_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

function render({ model, el }) {
  const facts = model.get("_facts");
  const duration = facts.duration_s;
  const masters = unpack(model, facts);
  const beats = floats(model.get("_beats"));
  const page = build(el, facts);
  const undo = [];
  const listen = (target, kind, act, options) => {
    target.addEventListener(kind, act, options);
    undo.push(() => target.removeEventListener(kind, act, options));
  };
  const follow = (name, act) => {
    model.on(name, act);
    undo.push(() => model.off(name, act));
  };
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const clamp = (t) => Math.min(duration, Math.max(0, t));

  // ---- sound -------------------------------------------------------------------------------
  const audio = new Audio();
  audio.preload = "auto";
  let waiting = null; // a place to go to as soon as there is sound
  let told = model.get("position_s");
  let coming = null;
  let arrived = null;
  let context = null;
  let gains = [];
  let url = null;
  let startWhenReady = false;

  const now = () => (waiting === null && audio.readyState > 0 ? clamp(audio.currentTime) : waiting ?? told);

  function wantSound() {
    if (coming) return coming;
    coming = new Promise((done) => {
      arrived = done;
    });
    page.say("Loading the sound.");
    model.send({ ask: "sound" });
    return coming;
  }

  follow("msg:custom", async (message) => {
    if (!arrived) return;
    if (message.trouble) {
      page.say(message.trouble);
      coming = arrived = null;
      startWhenReady = false;
      put("playing", false);
      return;
    }
    const carrier = await model.widget_manager.get_model(message.sound);
    url = URL.createObjectURL(new Blob([carrier.get("data")], { type: message.kind }));
    waiting = now();
    audio.src = url;
    page.note.textContent = `Played as ${message.words}. ${page.levels}`;
    page.say("");
    arrived();
  });
  listen(audio, "loadedmetadata", () => {
    audio.currentTime = waiting ?? 0;
    waiting = null;
    page.root.dataset.sound = "ready";
  });
  listen(audio, "error", () => {
    if (url) page.say("This browser cannot play the sound.");
  });

  function connect() {
    if (context || masters.length < 2) return;
    // Both masters are channels of one sound: one clock, and switching is a matter of gains.
    context = new AudioContext();
    const splitter = context.createChannelSplitter(4);
    context.createMediaElementSource(audio).connect(splitter);
    gains = masters.map((_, k) => {
      const both = context.createChannelMerger(2);
      splitter.connect(both, 2 * k, 0);
      splitter.connect(both, 2 * k + 1, 1);
      const gain = context.createGain();
      gain.gain.value = k === model.get("heard") ? 1 : 0;
      both.connect(gain).connect(context.destination);
      return gain;
    });
  }

  async function play() {
    startWhenReady = true;
    await wantSound();
    if (!startWhenReady) return;
    connect();
    try {
      if (context) await context.resume();
      if (now() >= duration - 0.01) seek(0);
      await audio.play();
    } catch (error) {
      if (error.name === "AbortError") return;
      put("playing", false);
      page.say(error.name === "NotAllowedError" ? "Press Play: browsers want a key or a click first." : String(error));
    }
  }

  function pause() {
    startWhenReady = false;
    audio.pause();
  }

  function toggle() {
    put("playing", !model.get("playing"));
  }

  listen(audio, "play", () => requestAnimationFrame(tick));
  listen(audio, "pause", () => {
    tell();
    if (!startWhenReady || audio.ended) put("playing", false);
  });
  follow("change:playing", () => {
    page.playing(model.get("playing"));
    if (model.get("playing")) play();
    else pause();
  });

  let last = 0;
  function tick(at) {
    if (audio.paused) return;
    const span = model.get("selection_s");
    if (model.get("loop") && span.length && audio.currentTime >= span[1]) audio.currentTime = span[0];
    moveHead();
    keepInSight();
    if (at - last > TELL_MS) {
      last = at;
      tell();
    }
    requestAnimationFrame(tick);
  }

  function tell() {
    told = now();
    put("position_s", told);
  }

  function seek(t) {
    const place = clamp(t);
    if (audio.readyState > 0) audio.currentTime = place;
    else waiting = place;
    told = place;
    put("position_s", place);
    keepInSight();
    moveHead();
  }

  follow("change:position_s", () => {
    const t = model.get("position_s");
    if (t === told) return;
    told = t;
    if (audio.readyState > 0) audio.currentTime = t;
    else waiting = t;
    keepInSight();
    moveHead();
  });

  // ---- what is shown -----------------------------------------------------------------------
  const shown = () => model.get("window_s");
  let place = { left: 0, width: 1, lanes: [] };
  const x = (t) => place.left + ((t - shown()[0]) / (shown()[1] - shown()[0])) * place.width;
  const time = (at) => clamp(shown()[0] + ((at - place.left) / place.width) * (shown()[1] - shown()[0]));

  function show(from, span) {
    const wide = Math.min(duration, Math.max(Math.min(CLOSEST_S, duration), span));
    const first = Math.min(duration - wide, Math.max(0, from));
    put("window_s", [first, first + wide]);
  }

  function zoom(factor, around) {
    const [from, to] = shown();
    const middle = around ?? (now() >= from && now() <= to ? now() : (from + to) / 2);
    show(middle - (middle - from) * factor, (to - from) * factor);
  }

  function keepInSight() {
    const [from, to] = shown();
    const t = now();
    if (t < from || t > to) show(t - 0.05 * (to - from), to - from);
  }

  function moveHead() {
    const t = now();
    const at = x(t);
    page.head.style.transform = `translateX(${at}px)`;
    page.head.hidden = at < place.left - 1 || at > place.left + place.width + 1;
    page.root.dataset.position = t.toFixed(3);
    page.time(t);
  }

  let due = false;
  function redraw() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      const span = model.get("selection_s");
      place = draw(page, { masters, facts, beats, span, window: shown(), heard: model.get("heard"), layers: model.get("layers") });
      overview(page.strip, masters[model.get("heard")], shown(), duration, page.colours());
      page.selected(span);
      moveHead();
    });
  }

  for (const name of ["window_s", "selection_s"]) follow(`change:${name}`, redraw);
  follow("change:layers", () => {
    page.layers(model.get("layers"));
    redraw();
  });
  follow("change:heard", () => {
    const heard = model.get("heard");
    page.heard(heard);
    gains.forEach((one, k) => one.gain.setTargetAtTime(k === heard ? 1 : 0, context.currentTime, 0.003));
    redraw();
  });
  follow("change:loop", () => {
    page.loop.checked = model.get("loop");
  });

  // ---- hands -------------------------------------------------------------------------------
  listen(page.play, "click", toggle);
  listen(page.nearer, "click", () => zoom(0.5));
  listen(page.wider, "click", () => zoom(2));
  listen(page.whole, "click", () => show(0, duration));
  listen(page.loop, "change", () => put("loop", page.loop.checked));
  page.boxes.forEach((box) =>
    listen(box, "change", () => put("layers", page.boxes.filter((b) => b.checked).map((b) => b.value))),
  );
  page.choices.forEach((one, k) => listen(one, "click", () => put("heard", k)));
  page.jumps.forEach(([one, t]) => listen(one, "click", () => seek(t)));
  listen(page.root, "pointerenter", wantSoundSoon);
  listen(page.root, "focusin", wantSoundSoon);
  function wantSoundSoon() {
    wantSound();
  }

  let drag = null;
  listen(page.stage, "pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { at: event.offsetX, selecting: false };
    page.stage.setPointerCapture(event.pointerId);
  });
  listen(page.stage, "pointermove", (event) => {
    if (!drag) return;
    const at = event.clientX - page.stage.getBoundingClientRect().left;
    if (!drag.selecting && Math.abs(at - drag.at) < 5) return;
    drag.selecting = true;
    const ends = [time(drag.at), time(at)].sort((a, b) => a - b);
    if (ends[1] > ends[0]) put("selection_s", ends);
  });
  listen(page.stage, "pointerup", () => {
    if (drag && !drag.selecting) seek(time(drag.at));
    drag = null;
  });
  listen(page.stage, "pointercancel", () => {
    drag = null;
  });
  listen(
    page.stage,
    "wheel",
    (event) => {
      // Without a key held, the wheel belongs to the page.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, time(event.clientX - page.stage.getBoundingClientRect().left));
    },
    { passive: false },
  );
  const slide = (event) => {
    if (!(event.buttons & 1)) return;
    const box = page.strip.getBoundingClientRect();
    const [from, to] = shown();
    show(((event.clientX - box.left) / box.width) * duration - (to - from) / 2, to - from);
  };
  listen(page.strip, "pointerdown", slide);
  listen(page.strip, "pointermove", slide);

  function border(which) {
    const span = model.get("selection_s");
    const t = now();
    const ends = which === 0 ? [t, span.length && span[1] > t ? span[1] : duration] : [span.length && span[0] < t ? span[0] : 0, t];
    if (ends[1] > ends[0]) put("selection_s", ends);
  }

  const keys = {
    " ": toggle,
    ArrowLeft: (e) => seek(now() - (e.shiftKey ? 5 : 1)),
    ArrowRight: (e) => seek(now() + (e.shiftKey ? 5 : 1)),
    ArrowUp: () => zoom(0.5),
    ArrowDown: () => zoom(2),
    Home: () => seek(0),
    End: () => seek(duration),
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    0: () => show(0, duration),
    "[": () => border(0),
    "]": () => border(1),
    Escape: () => put("selection_s", []),
    l: () => put("loop", !model.get("loop")),
    a: () => put("heard", 0),
    b: () => masters.length > 1 && put("heard", 1),
    x: () => masters.length > 1 && put("heard", 1 - model.get("heard")),
  };
  listen(page.root, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const own = event.target.closest("button, input, summary");
    if (own && (event.key === " " || event.key === "Enter")) return;
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!act) return;
    act(event);
    event.preventDefault();
    event.stopPropagation();
  });
  // JupyterLab's own keys insert and move cells; here they would be a surprise. With Ctrl they stay.
  listen(window, "keydown", (event) => {
    page.root.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  }, true);

  // ---- life --------------------------------------------------------------------------------
  const resized = new ResizeObserver(redraw);
  resized.observe(page.stage);
  const themed = new MutationObserver(redraw);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  listen(system, "change", redraw);
  page.layers(model.get("layers"));
  page.heard(model.get("heard"));
  page.loop.checked = model.get("loop");
  page.playing(false);
  redraw();
  if (model.get("playing")) play();
  return () => {
    startWhenReady = false;
    undo.forEach((act) => act());
    resized.disconnect();
    themed.disconnect();
    audio.pause();
    audio.removeAttribute("src");
    if (context) context.close();
    if (url) URL.revokeObjectURL(url);
  };
}

// ---- what came from Python -------------------------------------------------------------------
function floats(view) {
  // A copy: bytes of a message need not begin where floats may.
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

function unpack(model, facts) {
  const peaks = model.get("_peaks");
  const spectra = model.get("_spectra");
  const curves = floats(model.get("_curves"));
  const colours = new Uint8Array(model.get("_colours").buffer, model.get("_colours").byteOffset, 768);
  let byte = peaks.byteOffset;
  let cell = spectra.byteOffset;
  let point = 0;
  return facts.masters.map((told) => {
    const levels = told.cells.map((count) => {
      const low = new Int8Array(peaks.buffer, byte, count);
      const high = new Int8Array(peaks.buffer, byte + count, count);
      byte += 2 * count;
      return { low, high };
    });
    const bands = Math.max(0, told.edges_hz.length - 1);
    const spectrum = bands ? picture(new Uint8Array(spectra.buffer, cell, told.columns * bands), told.columns, bands, colours) : null;
    cell += told.columns * bands;
    const momentary = curves.subarray(point, point + told.points);
    const short = curves.subarray(point + told.points, point + 2 * told.points);
    point += 2 * told.points;
    return { ...told, levels, spectrum, momentary, short };
  });
}

function picture(cells, columns, bands, colours) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = bands;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(columns, bands);
  for (let c = 0; c < columns; c++) {
    for (let b = 0; b < bands; b++) {
      const value = 3 * cells[c * bands + b];
      const at = 4 * ((bands - 1 - b) * columns + c);
      image.data[at] = colours[value];
      image.data[at + 1] = colours[value + 1];
      image.data[at + 2] = colours[value + 2];
      image.data[at + 3] = 255;
    }
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

// ---- the page --------------------------------------------------------------------------------
function clock(t, digits = 1) {
  const minutes = Math.floor(t / 60 + 1e-9);
  const rest = Math.max(0, t - 60 * minutes).toFixed(digits);
  return `${minutes}:${rest.padStart(digits ? 3 + digits : 2, "0")}`;
}

let count = 0;
function make(tag, parent, told = {}, text = "") {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) one.setAttribute(name, value);
  if (text) one.textContent = text;
  parent.append(one);
  return one;
}

function build(el, facts) {
  const id = `mt-explorer-${++count}`;
  const root = make("section", el, { class: "mt-explorer", "aria-label": `Track explorer: ${facts.title}`, "aria-describedby": id });
  root.dataset.position = "0.000";
  const top = make("header", root);
  make("strong", top, { class: "mt-title" }, facts.title);
  const note = make("span", top, { class: "mt-note" });
  make("p", root, { id, class: "mt-unseen" }, facts.alt);
  const bar = make("div", root, { class: "mt-bar" });
  const play = make("button", bar, { type: "button", class: "mt-play" });
  const readout = make("output", bar, { class: "mt-time", "aria-live": "off" });
  const choices = [];
  let levels = "";
  if (facts.masters.length > 1) {
    const group = make("div", bar, { role: "group", "aria-label": "Which master is heard", class: "mt-choices" });
    facts.masters.forEach((one) => choices.push(make("button", group, { type: "button" }, one.name)));
    levels = "Matched in loudness: " + facts.masters.map((one) => `${one.name} ${signed(one.gain_db)} dB`).join(", ") + ".";
  } else if (facts.masters[0].gain_db < -0.05) {
    levels = `Turned down by ${(-facts.masters[0].gain_db).toFixed(1)} dB.`;
  }
  note.textContent = levels;
  const zooms = make("div", bar, { role: "group", "aria-label": "Zoom", class: "mt-zoom" });
  const wider = make("button", zooms, { type: "button", "aria-label": "Zoom out" }, "\u2212");
  const nearer = make("button", zooms, { type: "button", "aria-label": "Zoom in" }, "+");
  const whole = make("button", zooms, { type: "button" }, "All");
  const looped = make("label", bar);
  const loop = make("input", looped, { type: "checkbox" });
  looped.append(" Loop selection");
  const stage = make("div", root, {
    class: "mt-stage", tabindex: "0", role: "slider", "aria-label": `Play head of ${facts.title}`, "aria-describedby": id,
    "aria-valuemin": "0", "aria-valuemax": facts.duration_s.toFixed(2), "aria-valuenow": "0",
  });
  const canvas = make("canvas", stage, { role: "img", "aria-label": facts.alt });
  const head = make("div", stage, { class: "mt-head" });
  const strip = make("canvas", root, { class: "mt-strip", "aria-hidden": "true" });
  const foot = make("div", root, { class: "mt-foot" });
  const boxes = [];
  if (facts.layers.length) {
    const set = make("fieldset", foot);
    make("legend", set, { class: "mt-unseen" }, "Layers");
    for (const name of facts.layers) {
      const label = make("label", set);
      boxes.push(make("input", label, { type: "checkbox", value: name }));
      label.append(` ${name[0].toUpperCase()}${name.slice(1)}`);
    }
  }
  const chosen = make("span", foot, { class: "mt-chosen" });
  const status = make("p", root, { class: "mt-status", role: "status" });
  const jumps = found(root, facts);
  const help = make("details", root);
  make("summary", help, {}, "Keys");
  make("p", help, {}, "Space: play, pause. Arrows: 1 s, with Shift 5 s. Home, End. + and \u2212: zoom; 0: all. [ and ]: begin and end the selection; Escape: drop it; L: loop it." + (choices.length ? " A, B: choose a master; X: the other one." : "") + " Drag to select, Ctrl and wheel to zoom.");
  return {
    root, note, levels, play, choices, wider, nearer, whole, loop, stage, canvas, head, strip, boxes, jumps,
    say: (text) => { status.textContent = text; },
    playing: (on) => { play.textContent = on ? "\u275A\u275A Pause" : "\u25B6 Play"; root.dataset.playing = String(on); },
    time: (t) => {
      readout.textContent = `${clock(t)} / ${clock(facts.duration_s)}`;
      stage.setAttribute("aria-valuenow", t.toFixed(2));
      stage.setAttribute("aria-valuetext", `${clock(t)} of ${clock(facts.duration_s)}`);
    },
    layers: (on) => boxes.forEach((box) => { box.checked = on.includes(box.value); }),
    heard: (which) => {
      choices.forEach((one, k) => one.setAttribute("aria-pressed", String(k === which)));
      root.dataset.heard = String(which);
    },
    selected: (span) => {
      chosen.textContent = span.length ? `Selected ${clock(span[0], 2)} to ${clock(span[1], 2)} (${(span[1] - span[0]).toFixed(2)} s)` : "";
      root.dataset.selection = span.map((t) => t.toFixed(3)).join(" ");
    },
    colours: () => {
      const css = getComputedStyle(root);
      const read = (name) => css.getPropertyValue(name).trim();
      return { ink: css.color, line: css.borderTopColor, wave: read("--mt-wave"), font: css.fontFamily };
    },
  };
}

function found(root, facts) {
  if (!facts.layers.includes("findings")) return [];
  const many = facts.findings.length;
  if (!many) {
    make("p", root, { class: "mt-none" }, "Nothing was found that a listener or a platform would object to.");
    return [];
  }
  const folded = make("details", root);
  make("summary", folded, {}, `${many} finding${many === 1 ? "" : "s"}`);
  const list = make("ol", folded);
  return facts.findings.slice(0, 200).map((one) => {
    const line = make("li", list);
    const jump = make("button", line, { type: "button", "aria-label": `Go to ${clock(one.start_s)}, ${one.kind}` }, clock(one.start_s));
    line.append(` ${one.kind} (${one.severity}): ${one.meaning}`);
    return [jump, one.start_s];
  });
}

function signed(value) {
  return Math.abs(value) < 0.05 ? "0.0" : `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(1)}`;
}

// ---- drawing ---------------------------------------------------------------------------------
function sized(canvas, width, height) {
  const dots = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dots);
  canvas.height = Math.round(height * dots);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

function draw(page, seen) {
  const { facts, layers } = seen;
  const width = page.stage.clientWidth;
  const left = width < 480 ? 38 : 56;
  const lanes = Object.entries(LANES).filter(([name]) => name === "waveform" || layers.includes(name));
  let top = GAP;
  const placed = lanes.map(([name, height]) => {
    const lane = { name, top, height };
    top += height + GAP;
    return lane;
  });
  const pen = sized(page.canvas, width, top + AXIS);
  const box = { left, width: Math.max(1, width - left - 10), bottom: top };
  const colours = page.colours();
  const master = seen.masters[seen.heard];
  const [from, to] = seen.window;
  const x = (t) => box.left + ((t - from) / (to - from)) * box.width;
  pen.font = `11px ${colours.font}`;
  for (const lane of placed) {
    pen.save();
    pen.strokeStyle = colours.line;
    pen.strokeRect(box.left + 0.5, lane.top + 0.5, box.width - 1, lane.height - 1);
    pen.beginPath();
    pen.rect(box.left, lane.top, box.width, lane.height);
    pen.clip();
    const told = { pen, lane, box, x, colours, master, seen, from, to, facts };
    if (lane.name === "waveform") waveform(told);
    else if (lane.name === "spectrogram") spectrogram(told);
    else if (lane.name === "loudness") loudness(told);
    else if (lane.name === "findings") findings(told);
    else spans(told, facts[lane.name]);
    pen.restore();
    scale({ pen, lane, box, colours, master, seen });
  }
  if (seen.span.length) {
    const [a, b] = seen.span.map((t) => Math.min(box.left + box.width, Math.max(box.left, x(t))));
    pen.fillStyle = "rgba(230, 159, 0, 0.28)";
    pen.fillRect(a, 0, b - a, top);
    pen.fillStyle = "#E69F00";
    for (const [edge, t] of [[a, seen.span[0]], [b, seen.span[1]]]) if (t >= from && t <= to) pen.fillRect(edge - 0.75, 0, 1.5, top);
  }
  ticks({ pen, box, x, from, to, colours });
  return { ...box, lanes: placed };
}

function column(level, first, last) {
  let low = 127;
  let high = -127;
  for (let i = first; i < last; i++) {
    if (level.low[i] < low) low = level.low[i];
    if (level.high[i] > high) high = level.high[i];
  }
  return [low, high];
}

// The coarsest level that still has a cell for every dot.
function levelFor(master, part, width) {
  return master.levels.findLast((one) => one.low.length * part >= width) ?? master.levels[0];
}

function waveform({ pen, lane, box, x, colours, master, seen, from, to, facts }) {
  if (seen.layers.includes("beats")) {
    pen.fillStyle = colours.ink;
    pen.globalAlpha = 0.45;
    const shown = seen.beats.filter((t) => t >= from && t <= to);
    // Closer than that, ticks are a grey bar.
    if (shown.length * 4 < box.width) shown.forEach((t) => pen.fillRect(x(t) - 0.5, lane.top, 1, lane.height));
    else pen.fillRect(x(shown[0]), lane.top, x(shown.at(-1)) - x(shown[0]), 3);
    pen.globalAlpha = 1;
  }
  const level = levelFor(master, (to - from) / facts.duration_s, box.width);
  const cells = level.low.length;
  const middle = lane.top + lane.height / 2;
  const half = lane.height / 2 / 127;
  pen.fillStyle = colours.wave;
  for (let i = 0; i < box.width; i++) {
    const first = Math.floor(((from + ((to - from) * i) / box.width) / facts.duration_s) * cells);
    const end = Math.ceil(((from + ((to - from) * (i + 1)) / box.width) / facts.duration_s) * cells);
    const [low, high] = column(level, Math.max(0, first), Math.min(cells, Math.max(first + 1, end)));
    if (high >= low) pen.fillRect(box.left + i, middle - high * half, 1, Math.max(1, (high - low) * half));
  }
}

function spectrogram({ pen, lane, box, master, from, to, facts }) {
  const image = master.spectrum;
  const first = (from / facts.duration_s) * image.width;
  const wide = ((to - from) / facts.duration_s) * image.width;
  pen.drawImage(image, first, 0, Math.max(wide, 0.01), image.height, box.left, lane.top, box.width, lane.height);
}

function lufs(seen) {
  let top = -Infinity;
  seen.masters.forEach((one) => one.momentary.forEach((v) => { if (v > top) top = v; }));
  top = Number.isFinite(top) ? Math.ceil(top / 6) * 6 : 0;
  return [top - 36, top];
}

function loudness({ pen, lane, box, x, colours, master, seen, from, to }) {
  const [bottom, top] = lufs(seen);
  const y = (v) => lane.top + ((top - v) / (top - bottom)) * lane.height;
  const line = (one, values, wide, alpha) => {
    pen.beginPath();
    pen.lineWidth = wide;
    pen.globalAlpha = alpha;
    const first = Math.max(0, Math.floor((from - one.start_s) / one.step_s) - 1);
    const last = Math.min(values.length - 1, Math.ceil((to - one.start_s) / one.step_s) + 1);
    const join = Math.max(1, Math.floor((last - first) / (2 * box.width)));
    let pending = true;
    for (let i = first; i <= last; i += join) {
      if (Number.isNaN(values[i])) pending = true;
      else {
        const at = [x(one.start_s + i * one.step_s), y(values[i])];
        if (pending) pen.moveTo(...at);
        else pen.lineTo(...at);
        pending = false;
      }
    }
    pen.stroke();
    pen.globalAlpha = 1;
  };
  pen.strokeStyle = colours.wave;
  seen.masters.forEach((one) => { if (one !== master) line(one, one.short, 1, 0.5); });
  line(master, master.momentary, 0.75, 0.6);
  line(master, master.short, 2, 1);
  if (master.integrated_lufs !== null) {
    pen.setLineDash([5, 4]);
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(box.left, y(master.integrated_lufs));
    pen.lineTo(box.left + box.width, y(master.integrated_lufs));
    pen.stroke();
    pen.setLineDash([]);
  }
}

function spans({ pen, lane, box, x, colours, from, to }, rows) {
  const names = [...new Set(rows.map((row) => row[2]))];
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  for (const [start, end, name] of rows) {
    if (end < from || start > to) continue;
    const a = Math.max(box.left, x(start));
    const b = Math.min(box.left + box.width, x(end));
    pen.fillStyle = TINTS[names.indexOf(name) % TINTS.length];
    pen.globalAlpha = 0.35;
    pen.fillRect(a, lane.top, Math.max(1, b - a - 1), lane.height);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.ink;
    if (pen.measureText(name).width + 8 < b - a) pen.fillText(name, a + 4, lane.top + lane.height / 2 + 0.5);
  }
}

function findings({ pen, lane, box, x, from, to, facts }) {
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  for (const one of [...facts.findings].reverse()) {
    if (one.end_s < from || one.start_s > to) continue;
    const [colour, sign] = SEVERITIES[one.severity];
    const a = Math.max(box.left, x(one.start_s));
    const wide = Math.max(3, Math.min(box.left + box.width, x(one.end_s)) - a);
    pen.fillStyle = colour;
    pen.fillRect(a, lane.top, wide, lane.height);
    pen.fillStyle = "#000";
    if (wide > 12) pen.fillText(sign, a + 6, lane.top + lane.height / 2 + 0.5);
  }
}

function scale({ pen, lane, box, colours, master, seen }) {
  pen.fillStyle = colours.ink;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const write = (text, y) => pen.fillText(text, box.left - 5, y);
  if (lane.name === "loudness") {
    const [bottom, top] = lufs(seen);
    for (let v = bottom + 12; v < top; v += 12) write(String(v).replace("-", "\u2212"), lane.top + ((top - v) / (top - bottom)) * lane.height);
    write("LUFS", lane.top + 7);
  } else if (lane.name === "spectrogram") {
    const [low, high] = [master.edges_hz[0], master.edges_hz.at(-1)];
    for (const [hz, text] of [[100, "100"], [1000, "1k"], [10000, "10k"]])
      if (hz < high) write(text, lane.top + lane.height * (1 - Math.log(hz / low) / Math.log(high / low)));
    write("Hz", lane.top + lane.height - 7);
  } else if (lane.name === "waveform") {
    const full = master.scale;
    for (const v of [full, 0, -full]) write(v === 0 ? "0" : v.toFixed(1).replace("-", "\u2212"), lane.top + (lane.height / 2) * (1 - v / full) + 6 * Math.sign(v));
  } else if (box.left > 50) write(lane.name === "findings" ? "Findings" : lane.name === "chords" ? "Chords" : "Sections", lane.top + lane.height / 2);
}

function ticks({ pen, box, x, from, to, colours }) {
  const step = NICE_S.find((s) => ((to - from) / s) * 70 <= box.width) ?? 3600;
  pen.fillStyle = colours.ink;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9; k++) {
    const at = Math.min(box.left + box.width - 12, Math.max(box.left + 8, x(k * step)));
    pen.fillRect(x(k * step) - 0.5, box.bottom - GAP, 1, 4);
    pen.fillText(clock(k * step, digits), at, box.bottom + 4);
  }
  pen.textAlign = "right";
  if (box.left > 50) pen.fillText("min:s", box.left - 16, box.bottom + 4);
}

function overview(canvas, master, window, duration, colours) {
  const width = canvas.clientWidth;
  const height = 30;
  const pen = sized(canvas, width, height);
  const level = levelFor(master, 1, width);
  const cells = level.low.length;
  pen.fillStyle = colours.wave;
  pen.globalAlpha = 0.55;
  for (let i = 0; i < width; i++) {
    const first = Math.floor((i / width) * cells);
    const [low, high] = column(level, first, Math.max(first + 1, Math.floor(((i + 1) / width) * cells)));
    pen.fillRect(i, height / 2 - (high / 127) * (height / 2), 1, Math.max(1, ((high - low) / 127) * (height / 2)));
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.ink;
  const a = (window[0] / duration) * width;
  pen.strokeRect(a + 0.75, 0.75, Math.max(2, ((window[1] - window[0]) / duration) * width - 1.5), height - 1.5);
}

export default { render };
