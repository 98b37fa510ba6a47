// What every widget of the course shares: elements, numbers, keys, the live region, the page's colours. It stands before each widget's own
// file, in one script with it; that file defines `widget`.

const SVG = "http://www.w3.org/2000/svg";
let dictionary = {}; // what the scripts say → the same in the page's language; empty where that is English

/** A text in the page's language, its places `{name}` filled in. The translators' catalogue has every text that is given to it as it stands. */
function tr(text, places = {}) {
  return (dictionary[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => places[name]);
}

/** Let a widget speak the language that its state brings the words of. */
function speaking(widget) {
  const { render } = widget;
  widget.render = (context) => {
    dictionary = context.model.get("state").words ?? {};
    return render(context);
  };
}

/** Texts one after the other, each a sentence or more. */
function sentences(...texts) {
  return texts.reduce((before, next) => tr("{before} {next}", { before, next }));
}

/** What stands at a layer's head. */
function layerName(l, last) {
  if (l === 0) return tr("layer {l}, input", { l });
  return l === last ? tr("layer {l}, output", { l }) : tr("layer {l}, hidden", { l });
}

/** An element with attributes and children; texts become text nodes, null children are left out. */
function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** The same as bpkit.exhibits.readable.number. */
function number(value, digits = 3) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "inf").replace("NaN", "nan");
  const [mantissa, exponent] = Math.abs(value).toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const text =
    -4 < power && power < Math.max(digits, 4)
      ? Math.abs(value).toFixed(Math.max(digits - 1 - power, 0))
      : `${mantissa}·10${[...String(power)].map((mark) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[mark] ?? "⁻").join("")}`;
  return value < 0 ? `−${text}` : text;
}

function signOf(value) {
  return value > 0 ? "bpkit-positive" : value < 0 ? "bpkit-negative" : "bpkit-zero";
}

/** A letter with its layer above its neurons, as HTML; neurons are counted from 1. */
function symbol(letter, layer, ...neurons) {
  const lower = neurons.join(neurons.some((neuron) => neuron > 9) ? "," : "");
  return html("span", { class: "bpkit-symbol" }, letter, html("span", { class: "bpkit-marks" }, html("span", {}, layer), html("span", {}, lower)));
}

/** The same inside a drawing. */
function symbolText(letter, layer, neuron, attributes) {
  const back = -0.62 * String(layer).length;
  return svg(
    "text",
    attributes,
    svg("tspan", { "font-style": "italic" }, letter),
    svg("tspan", { "font-size": "70%", dy: "-0.55em", dx: "0.05em" }, String(layer)),
    svg("tspan", { "font-size": "70%", dy: "0.95em", dx: `${back}em` }, String(neuron)),
  );
}

/** The root of a widget: its bar of controls, the stage for its pictures, and the region that says what is new. */
function shell(label, bar) {
  const stage = html("div", { class: "bpkit-stage" });
  const region = html("p", { class: "bpkit-say", role: "status", "aria-live": "polite" });
  const attributes = { class: "bpkit-widget", role: "group", tabindex: "0", "aria-label": label, "data-lm-suppress-shortcuts": "true" };
  const root = html("div", attributes, bar, stage, region);
  // Jupyter Notebook takes keys before the page does, and asks the element with the focus first
  root.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
  return { root, stage, region };
}

function pushButton(words, action, attributes = {}) {
  const button = html("button", { type: "button", ...attributes }, words);
  button.addEventListener("click", () => action());
  return button;
}

/** The buttons of a widget in steps. */
function stepButtons({ First, Back, Next, Last }) {
  return [pushButton(tr("First"), First), pushButton(tr("Back"), Back), pushButton(tr("Next"), Next), pushButton(tr("Last"), Last)];
}

/** A slider with its name before it and its number behind; `show` moves it without calling `moved`. */
function dial(name, limits, moved, look = null) {
  const range = html("input", { type: "range", ...limits });
  const value = html("span", { class: "bpkit-value" });
  range.addEventListener("input", () => moved(Number(range.value)));
  return {
    range,
    label: html("label", { class: look }, name, range, value),
    show(place, words) {
      range.value = place;
      range.setAttribute("aria-valuetext", words);
      value.textContent = words;
    },
  };
}

/** Let a part of a drawing be pressed like a button: by click, Enter and Space. */
function pressable(part, action) {
  part.addEventListener("click", () => action());
  part.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    action();
  });
  return part;
}

/** Call what `keys` has for a key, a letter in either case; a press that `leaves` is the business of the element with the focus. */
function obey(root, keys, leaves = () => false) {
  root.addEventListener("keydown", (event) => {
    // JupyterLab and slide decks listen further up, and would move the notebook or the slide
    if (event.key !== "Tab") event.stopPropagation();
    if (event.key === "Escape") document.activeElement.blur();
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey || event.altKey || !(key in keys) || leaves(event)) return;
    event.preventDefault();
    keys[key]();
  });
}

/** While a pointer is down on the picture, call `follow` with its place in the picture's units; `begins` says where a drag may begin. */
function dragged(picture, root, follow, begins = () => true) {
  picture.addEventListener("pointerdown", (event) => {
    const units = picture.getScreenCTM().inverse();
    const place = ({ clientX, clientY }) => new DOMPoint(clientX, clientY).matrixTransform(units);
    if (event.button || !begins(place(event))) return;
    event.preventDefault();
    root.focus({ preventScroll: true });
    // the root hears the pointer, for a move may draw the picture anew
    root.setPointerCapture(event.pointerId);
    const up = new AbortController();
    root.addEventListener("pointermove", (next) => follow(place(next)), { signal: up.signal });
    for (const end of ["pointerup", "pointercancel"]) root.addEventListener(end, () => up.abort(), { signal: up.signal });
    follow(place(event));
  });
}

/** The ends of a line between two circles, `gap` before the second, and its direction. */
function lineBetween(from, to, radius, gap = 0) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  return { x1: from.x + radius * dx, y1: from.y + radius * dy, x2: to.x - (radius + gap) * dx, y2: to.y - (radius + gap) * dy, dx, dy };
}

function edgeBetween(from, to, radius) {
  const { x1, y1, x2, y2 } = lineBetween(from, to, radius);
  return svg("g", { class: "bpkit-edge" }, svg("line", { x1, y1, x2, y2 }));
}

/** An arrow between two circles; `head` is how long its head is, `half` half as wide as it. */
function arrowBetween(from, to, radius, look, { width, head, half }) {
  const { x1, y1, x2, y2, dx, dy } = lineBetween(from, to, radius, head);
  const corners = [
    [x2 + head * dx, y2 + head * dy],
    [x2 - half * dy, y2 + half * dx],
    [x2 + half * dy, y2 - half * dx],
  ];
  const points = corners.map((corner) => corner.map((c) => c.toFixed(1)).join()).join(" ");
  return svg("g", { class: look }, svg("line", { x1, y1, x2, y2, "stroke-width": width }), svg("polygon", { points }));
}

/** A table's cell with a bar to the right of the middle for a positive number, to the left for a negative one. */
function signedBar(value, largest) {
  const length = Math.max((46 * Math.abs(value)) / largest, 0.5);
  return html(
    "td",
    { class: "bpkit-bar-cell" },
    svg(
      "svg",
      { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("line", { x1: 50, x2: 50, y1: 0, y2: 18, stroke: "currentColor", "stroke-width": 1 }),
      svg("rect", { class: signOf(value), x: value < 0 ? 50 - length : 50, y: 4, width: length, height: 10 }),
    ),
  );
}

/** A widget in steps: give it `draw(stage, view)` and `say(view)`; view has state, step, pick, choose(pick) and go(step).
 *  `picks(view)` is how many things can be picked at this step; ↑ and ↓ go through them. */
function stepped({ draw, say, picks = () => 0 }) {
  return {
    render({ model, el }) {
      const state = model.get("state");
      const last = state.steps.length - 1;
      const view = { state, step: clamp(model.get("step"), 0, last), pick: 0, before: null };
      const buttons = {
        First: () => go(0),
        Back: () => go(view.step - 1),
        Next: () => go(view.step + 1),
        Last: () => go(last),
      };
      const bar = html("div", { class: "bpkit-bar", role: "toolbar", "aria-label": tr("Steps") }, ...stepButtons(buttons));
      const where = html("span", { class: "bpkit-where" });
      bar.append(where, html("span", { class: "bpkit-keys" }, picks(view) !== null ? tr("keys: ← → Home End, ↑ ↓") : tr("keys: ← → Home End")));
      const { root, stage, region } = shell(state.label, bar);

      function go(step) {
        const next = clamp(step, 0, last);
        if (next === view.step) return;
        view.before = view.step;
        view.step = next;
        view.pick = 0;
        model.set("step", next);
        model.save_changes();
        show();
      }

      view.go = go;
      view.choose = (pick) => {
        view.before = view.step;
        view.pick = pick;
        show();
      };

      function show() {
        const hadFocus = stage.contains(document.activeElement);
        stage.replaceChildren();
        draw(stage, view);
        const [first, back, next, end] = bar.querySelectorAll("button");
        for (const button of [first, back]) button.setAttribute("aria-disabled", String(view.step === 0));
        for (const button of [next, end]) button.setAttribute("aria-disabled", String(view.step === last));
        where.textContent = tr("Step {step} of {last}: {title}", { step: view.step, last, title: state.steps[view.step].title });
        region.textContent = say(view);
        if (hadFocus) (stage.querySelector('[aria-pressed="true"]') ?? root).focus({ preventScroll: true });
      }

      const keys = {
        ArrowRight: () => go(view.step + 1),
        ArrowLeft: () => go(view.step - 1),
        Home: () => go(0),
        End: () => go(last),
        ArrowDown: () => turn(1),
        ArrowUp: () => turn(-1),
      };
      function turn(by) {
        const count = picks(view);
        if (count) view.choose((view.pick + by + count) % count);
      }
      obey(root, keys);
      const follow = () => model.get("step") !== view.step && go(model.get("step"));
      model.on("change:step", follow);

      el.append(root);
      const forgetColours = wearColours(root);
      show();
      return () => {
        model.off("change:step", follow);
        forgetColours();
      };
    },
  };
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** Tell the root whether its page is dark and what its background is, now and when the page's theme changes. */
function wearColours(root) {
  const look = () => {
    if (!root.isConnected) return; // taken off the page since, and without colours
    const [r, g, b] = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
    root.toggleAttribute("data-dark", 0.299 * r + 0.587 * g + 0.114 * b > 127);
    root.style.setProperty("--paper", behind(root));
  };
  const watcher = new MutationObserver(look);
  for (const element of [document.documentElement, document.body]) watcher.observe(element, { attributes: true });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", look);
  requestAnimationFrame(look);
  setTimeout(look, 400); // a theme's style sheet may come after its attribute
  return () => {
    watcher.disconnect();
    scheme.removeEventListener("change", look);
  };
}

function behind(element) {
  for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (colour !== "transparent" && !/[,/] ?0\)$/.test(colour)) return colour;
  }
  return "Canvas";
}

/** Let a model in the kernel and its page tell each other at which step they stand. A page says so itself when it appears. */
function join({ model }) {
  const pages = () => document.querySelectorAll(`figure[data-twin="${model.get("twin")}"]`);
  const tell = () => {
    for (const page of pages()) page.dispatchEvent(new CustomEvent("bpkit-step", { detail: model.get("step") }));
  };
  const hear = ({ detail, target }) => {
    if (target.dataset.twin !== model.get("twin")) return;
    if (detail === null) return tell();
    model.set("step", detail);
    model.save_changes();
  };
  document.addEventListener("bpkit-stands", hear);
  model.on("change:step", tell);
  tell();
  return () => document.removeEventListener("bpkit-stands", hear);
}

/** Put a widget on a page, where it needs no kernel: the state stands beside it as JSON. */
function mount(widget, name) {
  for (const host of document.querySelectorAll(`figure[data-bpkit="${name}"]:not([data-alive])`)) {
    host.setAttribute("data-alive", "");
    const state = JSON.parse(host.querySelector('script[type="application/json"]').textContent);
    const traits = { state, step: Number(host.dataset.step) };
    const stand = (detail) => host.dispatchEvent(new CustomEvent("bpkit-stands", { detail, bubbles: true }));
    const followers = new Set();
    const model = {
      get: (key) => traits[key],
      set: (key, value) => (traits[key] = value),
      save_changes: () => stand(traits.step),
      on: (_, follow) => followers.add(follow),
      off: (_, follow) => followers.delete(follow),
    };
    host.addEventListener("bpkit-step", ({ detail }) => {
      traits.step = detail;
      for (const follow of followers) follow();
    });
    const place = host.querySelector("div");
    place.replaceChildren();
    widget.render({ model, el: place });
    stand(null);
  }
}
