// A network whose inputs, weights and biases are sliders: each move runs the forward pass again, here in the browser.

const COLUMN = 270;
const ROW = 124;
const RADIUS = 50;
const SIDE = 78;
const FAR = 6; // the curve runs from z = -6 to 6

const ACTIVATIONS = {
  sigmoid: (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z))),
  tanh: Math.tanh,
  relu: (z) => Math.max(z, 0),
  identity: (z) => z,
};

/** z[l] and a[l] of every layer. */
function run({ W, b, x, activations }) {
  const z = [null];
  const a = [x];
  for (let l = 1; l < W.length; l++) {
    z.push(W[l].map((row, j) => row.reduce((sum, w, k) => sum + w * a[l - 1][k], b[l][j])));
    a.push(z[l].map(ACTIVATIONS[activations[l]]));
  }
  return { z, a };
}

/** Three digits, or two where there is no room for more in a circle. */
function short(value) {
  const text = number(value);
  return text.length > 6 ? number(value, 2) : text;
}

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const fresh = () => JSON.parse(JSON.stringify({ W: state.W, b: state.b, x: state.x, activations: state.activations }));
    const view = { now: fresh(), picked: { l: 1, j: 0 }, ...run(state) };
    const { sizes, reach } = state;
    const last = sizes.length - 1;

    const reset = pushButton(tr("Reset"), () => {
      view.now = fresh();
      build();
    });
    const inputs = html("div", { class: "bpkit-inputs", role: "group", "aria-label": tr("Inputs") });
    const bar = html("div", { class: "bpkit-bar" }, reset, inputs, html("span", { class: "bpkit-keys" }, tr("keys: arrows, Tab")));
    const { root, stage, region } = shell(state.label, bar);

    let updates = []; // what has to be written anew after a move
    function moved() {
      Object.assign(view, run(view.now));
      for (const update of updates) update();
    }

    /** A slider with its number; the model keeps its own value until the slider is moved. */
    function slider(name, limit, get, set) {
      const range = html("input", { type: "range", min: -limit, max: limit, step: 0.05, "aria-label": name });
      range.value = get();
      range.addEventListener("input", () => {
        set(Number(range.value));
        moved();
      });
      updates.push(() => range.setAttribute("aria-valuetext", number(get())));
      return range;
    }

    function text(element, get) {
      updates.push(() => (element.textContent = get()));
      return element;
    }

    function build() {
      updates = [];
      inputs.replaceChildren(
        ...view.now.x.map((_, k) =>
          html(
            "label",
            {},
            symbol("a", 0, k + 1),
            slider(tr("input {k}", { k: k + 1 }), reach.input, () => view.now.x[k], (value) => (view.now.x[k] = value)),
            text(html("span", { class: "bpkit-value" }), () => number(view.now.x[k])),
          ),
        ),
      );
      stage.replaceChildren(network(), html("div", {}, ledger(), curve()));
      text(region, inWords);
      moved();
    }

    function pick(l, j) {
      const neuron = stage.contains(document.activeElement) && document.activeElement.closest(".bpkit-neuron");
      view.picked = { l, j };
      build();
      if (neuron) stage.querySelector('[aria-pressed="true"]').focus({ preventScroll: true });
    }

    function inWords() {
      const { l, j } = view.picked;
      const outputs = view.a[last].map((a) => number(a)).join(", ");
      return tr("Layer {l}, neuron {j}: z = {z}, a = {a}. The network says {outputs}.", { l, j: j + 1, z: number(view.z[l][j]), a: number(view.a[l][j]), outputs });
    }

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    function spot(l, j) {
      return { x: SIDE + l * COLUMN, y: 40 + ROW * (Math.max(...sizes) / 2 + j - (sizes[l] - 1) / 2) };
    }

    function network() {
      const picture = svg("svg", { viewBox: `0 0 ${2 * SIDE + last * COLUMN} ${40 + ROW * Math.max(...sizes)}`, role: "group", "aria-label": tr("The network") });
      const heads = sizes.map((_, l) => {
        return svg("text", { class: "bpkit-head", x: spot(l, 0).x, y: 20, "font-size": 19, "aria-hidden": "true" }, layerName(l, last));
      });
      const lines = svg("g", { "aria-hidden": "true" });
      const labels = svg("g", { "aria-hidden": "true" });
      for (let l = 1; l <= last; l++) {
        for (let j = 0; j < sizes[l]; j++) {
          for (let k = 0; k < sizes[l - 1]; k++) {
            const mine = l === view.picked.l && j === view.picked.j;
            lines.append(edge(l, j, k, mine));
            if (mine) labels.append(label(l, j, k));
          }
        }
      }
      picture.append(...heads, lines, ...sizes.flatMap((n, l) => Array.from({ length: n }, (_, j) => circle(l, j))), labels);
      return picture;
    }

    function edge(l, j, k, mine) {
      const { x1, y1, x2, y2 } = lineBetween(spot(l - 1, k), spot(l, j), RADIUS);
      const line = svg("line", { x1, y1, x2, y2 });
      const group = svg("g", {}, line);
      updates.push(() => {
        const w = view.now.W[l][j][k];
        group.setAttribute("class", `bpkit-weight ${signOf(w)}${mine ? "" : " bpkit-aside"}`);
        line.setAttribute("stroke-width", (1 + (9 * Math.abs(w)) / reach.parameter).toFixed(2));
      });
      return group;
    }

    function label(l, j, k) {
      const from = spot(l - 1, k);
      const to = spot(l, j);
      const [x, y] = [from.x + 0.4 * (to.x - from.x), from.y + 0.4 * (to.y - from.y)];
      const rect = svg("rect", { y: y - 14, height: 28, rx: 6 });
      const words = svg("text", { x, y: y + 6.5, "font-size": 19 });
      updates.push(() => {
        words.textContent = number(view.now.W[l][j][k]);
        const width = 8 + 11 * words.textContent.length;
        rect.setAttribute("x", x - width / 2);
        rect.setAttribute("width", width);
      });
      return svg("g", { class: "bpkit-label" }, rect, words);
    }

    function circle(l, j) {
      const { x, y } = spot(l, j);
      const fill = svg("circle", { class: "bpkit-fill", cx: x, cy: y, r: RADIUS });
      const value = svg("text", { x, y: y + 24, "font-size": 19, "font-weight": 700 });
      const above = l === 0 ? symbolText("a", l, j + 1, { x, y: y - 7, "font-size": 27 }) : svg("text", { x, y: y - 7, "font-size": 19 });
      const parts = [svg("circle", { cx: x, cy: y, r: RADIUS }), fill, above, value, svg("circle", { class: "bpkit-ring", cx: x, cy: y, r: RADIUS + 7 })];
      updates.push(() => {
        fill.setAttribute("fill-opacity", (0.42 * Math.min(Math.abs(view.a[l][j]) / (l ? 1 : reach.input), 1)).toFixed(3));
        value.textContent = l ? `a ${short(view.a[l][j])}` : number(view.a[l][j]);
      });
      if (l === 0) {
        const group = svg("g", { class: "bpkit-neuron", role: "img" }, ...parts);
        updates.push(() => group.setAttribute("aria-label", tr("input {j}: {value}", { j: j + 1, value: number(view.a[0][j]) })));
        return group;
      }
      const pressed = String(l === view.picked.l && j === view.picked.j);
      const button = svg("g", { class: "bpkit-neuron", role: "button", tabindex: "0", "aria-pressed": pressed }, ...parts);
      updates.push(() => {
        above.textContent = `z ${short(view.z[l][j])}`;
        button.setAttribute("aria-label", tr("layer {l}, neuron {j}: weighted input {z}, activation {a}", { l, j: j + 1, z: number(view.z[l][j]), a: number(view.a[l][j]) }));
      });
      return pressable(button, () => pick(l, j));
    }

    // ── The sum beside it ─────────────────────────────────────────────────────────────────────────────────────────

    function ledger() {
      const { l, j } = view.picked;
      const weights = view.now.W[l][j];
      const rows = weights.map((_, k) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, symbol("w", l, j + 1, k + 1), " ", symbol("a", l - 1, k + 1)),
          html("td", { class: "bpkit-slide" }, slider(tr("weight to {j} from {k}", { j: j + 1, k: k + 1 }), reach.parameter, () => weights[k], (value) => (weights[k] = value))),
          text(html("td", { class: "bpkit-factors" }), () => `${number(weights[k])} × ${number(view.a[l - 1][k])}`),
          text(html("td"), () => number(weights[k] * view.a[l - 1][k])),
        ),
      );
      const biases = view.now.b[l];
      rows.push(
        html(
          "tr",
          {},
          html("th", { scope: "row" }, symbol("b", l, j + 1)),
          html("td", { class: "bpkit-slide" }, slider(tr("bias of {j}", { j: j + 1 }), reach.parameter, () => biases[j], (value) => (biases[j] = value))),
          html("td", { class: "bpkit-factors" }),
          text(html("td"), () => number(biases[j])),
        ),
        html("tr", { class: "bpkit-rule" }, html("th", { scope: "row", colspan: 2 }, `${tr("sum:")} `, symbol("z", l, j + 1)), html("td", { class: "bpkit-factors" }), text(html("td"), () => number(view.z[l][j]))),
        html("tr", { class: "bpkit-result" }, html("th", { scope: "row", colspan: 2 }, `${state.activations[l]}: `, symbol("a", l, j + 1)), html("td", { class: "bpkit-factors" }), text(html("td"), () => number(view.a[l][j]))),
      );
      return html("table", { class: "bpkit-sum" }, html("caption", {}, tr("Layer {l}, neuron {j}", { l, j: j + 1 })), html("tbody", {}, ...rows));
    }

    /** The activation function with the neuron's point on it. */
    function curve() {
      const { l, j } = view.picked;
      const f = ACTIVATIONS[state.activations[l]];
      const [low, high] = { sigmoid: [0, 1], tanh: [-1, 1], relu: [0, FAR], identity: [-FAR, FAR] }[state.activations[l]];
      const across = (z) => 20 + (360 * (Math.min(Math.max(z, -FAR), FAR) + FAR)) / (2 * FAR);
      const up = (a) => 96 - (84 * (Math.min(Math.max(a, low), high) - low)) / (high - low);
      const points = Array.from({ length: 121 }, (_, i) => -FAR + (2 * FAR * i) / 120).map((z) => `${across(z).toFixed(1)},${up(f(z)).toFixed(1)}`);
      const drop = svg("line", { class: "bpkit-drop", y1: up(Math.max(low, 0)) });
      const dot = svg("circle", { r: 5.5 });
      updates.push(() => {
        const [x, y] = [across(view.z[l][j]), up(f(view.z[l][j]))];
        for (const [name, value] of Object.entries({ x1: x, x2: x, y2: y })) drop.setAttribute(name, value);
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", y);
      });
      const marks = [-FAR, 0, FAR].map((z) => svg("text", { x: across(z), y: 118, "font-size": 18 }, z === FAR ? "z = 6" : number(z, 1)));
      return svg(
        "svg",
        { class: "bpkit-curve", viewBox: "0 0 400 124", "aria-hidden": "true" },
        svg("line", { x1: 20, x2: 380, y1: up(Math.max(low, 0)), y2: up(Math.max(low, 0)) }),
        svg("line", { x1: across(0), x2: across(0), y1: 12, y2: 98 }),
        svg("path", { d: `M${points.join("L")}` }),
        drop,
        dot,
        ...marks,
      );
    }

    function go(right, down) {
      const l = Math.min(Math.max(view.picked.l + right, 1), last);
      pick(l, (Math.min(view.picked.j, sizes[l] - 1) + down + sizes[l]) % sizes[l]);
    }

    const keys = { ArrowRight: () => go(1, 0), ArrowLeft: () => go(-1, 0), ArrowDown: () => go(0, 1), ArrowUp: () => go(0, -1) };
    obey(root, keys, (event) => event.target.tagName === "INPUT");

    el.append(root);
    const forgetColours = wearColours(root);
    build();
    return forgetColours;
  },
};
