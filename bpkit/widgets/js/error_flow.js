// The network with its error stepping back: lines as wide as |w δ|, and the picked neuron's sum as a table.

const COLUMN = 265;
const ROW = 122;
const RADIUS = 49;
const SIDE = 80;

const widget = stepped({
  draw(stage, view) {
    const { state, step } = view;
    const layer = state.steps[step].layer;
    stage.append(network(state, layer, view), layer === null ? outputs(state) : ledger(state, layer, view.pick));
  },
  say({ state, step, pick }) {
    const { title, say, layer } = state.steps[step];
    return tr("{title}. {say}", { title, say: layer === null ? say : tr("{say}.", { say: state.layers[layer][pick].say }) });
  },
  picks({ state, step }) {
    const layer = state.steps[step].layer;
    return layer === null ? 0 : state.layers[layer].length;
  },
});

// ── The drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where neuron j of a layer stands. */
function spot(sizes, layer, j) {
  return { x: SIDE + layer * COLUMN, y: 40 + ROW * (Math.max(...sizes) / 2 + j - (sizes[layer] - 1) / 2) };
}

/** Layer is the one whose δ is being found, or null before the first. */
function network(state, layer, view) {
  const { sizes, layers } = state;
  const last = sizes.length - 1;
  const width = 2 * SIDE + last * COLUMN;
  const height = 40 + ROW * Math.max(...sizes);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": tr("The network") });
  const lines = svg("g", { "aria-hidden": "true" });
  const flows = svg("g", { "aria-hidden": "true" });
  const labels = svg("g", { "aria-hidden": "true" });
  const fresh = view.before !== null && view.before !== view.step;
  const largest = largestOf(layers.flatMap((neurons) => neurons.flatMap((neuron) => (neuron.terms ?? []).map((term) => term.product))));

  for (let l = 1; l <= last; l++) {
    for (let k = 0; k < sizes[l]; k++) {
      for (let j = 0; j < sizes[l - 1]; j++) {
        const from = spot(sizes, l, k);
        const to = spot(sizes, l - 1, j);
        const term = layers[l - 1][j].terms?.[k];
        if (!term || layer === null || l - 1 < layer) {
          lines.append(edgeBetween(from, to, RADIUS));
          continue;
        }
        const now = l - 1 === layer;
        const picked = now && j === view.pick;
        const share = Math.abs(term.product) / largest;
        flows.append(flow(from, to, share, signOf(term.product), now && !picked, now && fresh));
        if (picked) labels.append(label(from, to, term.product, fresh));
      }
    }
  }
  const tint = largestOf(layers.flatMap((neurons) => neurons.map((neuron) => neuron.delta ?? 0)));
  const heads = sizes.map((_, l) => {
    return svg("text", { class: "bpkit-head", x: spot(sizes, l, 0).x, y: 20, "font-size": 19, "aria-hidden": "true" }, layerName(l, last));
  });
  const neurons = layers.flatMap((each, l) =>
    each.map((neuron, j) => circle(neuron, spot(sizes, l, j), l, j, { known: layer !== null && l >= layer && l > 0, active: l === layer, tint, view, fresh })),
  );
  picture.append(...heads, lines, flows, ...neurons, labels);
  return picture;
}

function largestOf(values) {
  return Math.max(...values.map(Math.abs), 0) || 1;
}

function flow(from, to, share, sign, aside, fresh) {
  const width = 1.5 + 10.5 * share;
  const look = `bpkit-flow ${sign}${aside ? " bpkit-aside" : ""}${fresh ? " bpkit-fresh" : ""}`;
  return arrowBetween(from, to, RADIUS, look, { width, head: 9 + 1.5 * width, half: 4 + 0.85 * width });
}

/** The number on the line, on a patch of the page's colour. */
function label(from, to, product, fresh) {
  const x = to.x + 0.52 * (from.x - to.x);
  const y = to.y + 0.52 * (from.y - to.y);
  const text = number(product);
  const width = 8 + 11 * text.length;
  return svg(
    "g",
    { class: `bpkit-label${fresh ? " bpkit-appear" : ""}` },
    svg("rect", { x: x - width / 2, y: y - 14, width, height: 28, rx: 6 }),
    svg("text", { x, y: y + 6.5, "font-size": 19 }, text),
  );
}

function circle(neuron, { x, y }, l, j, { known, active, tint, view, fresh }) {
  const parts = [svg("circle", { cx: x, cy: y, r: RADIUS })];
  const appear = active && fresh ? "bpkit-appear" : null;
  if (known) {
    const opacity = (0.12 + 0.3 * (Math.abs(neuron.delta) / tint)).toFixed(3);
    parts.push(svg("circle", { class: `bpkit-tint ${signOf(neuron.delta)}`, cx: x, cy: y, r: RADIUS, "fill-opacity": opacity }));
  }
  const [letter, value] = known ? ["δ", neuron.delta] : ["a", neuron.a];
  parts.push(
    svg("g", { class: appear, "aria-hidden": "true" },
      symbolText(letter, l, j + 1, { x, y: y - 6, "font-size": 27 }),
      svg("text", { x, y: y + 25, "font-size": 19, "font-weight": 700 }, number(value)),
    ),
    svg("circle", { class: "bpkit-ring", cx: x, cy: y, r: RADIUS + 7 }),
  );
  const places = { l, j: j + 1, value: number(value) };
  const name = known ? tr("error, layer {l}, neuron {j}: {value}", places) : tr("activation, layer {l}, neuron {j}: {value}", places);
  if (!active) return svg("g", { class: "bpkit-neuron", role: "img", "aria-label": name }, ...parts);
  const button = svg("g", { class: "bpkit-neuron", role: "button", tabindex: "0", "aria-label": name, "aria-pressed": String(j === view.pick) }, ...parts);
  return pressable(button, () => view.choose(j));
}

// ── The sum beside it ───────────────────────────────────────────────────────────────────────────────────────────────

function outputs(state) {
  const last = state.sizes.length - 1;
  const rows = state.layers[last].map(({ a, y }, j) =>
    html("tr", {}, html("th", { scope: "row" }, symbol("a", last, j + 1)), html("td", {}, number(a)), html("td", {}, number(y))),
  );
  return html(
    "table",
    { class: "bpkit-sum" },
    html("caption", {}, tr("Forward: the cost is {cost}", { cost: number(state.cost) })),
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, tr("neuron")), html("th", { scope: "col" }, tr("says")), html("th", { scope: "col" }, tr("wanted")))),
    html("tbody", {}, ...rows),
  );
}

function ledger(state, layer, pick) {
  const neuron = state.layers[layer][pick];
  return neuron.terms ? hiddenSum(neuron, layer, pick) : outputProduct(neuron, layer, pick);
}

function outputProduct(neuron, l, j) {
  const rows = [];
  if (neuron.gradient !== null) {
    rows.push(row(["∂C/∂", symbol("a", l, j + 1)], number(neuron.gradient)));
    rows.push(row(["× σ′(", symbol("z", l, j + 1), ")"], `× ${number(neuron.slope)}`));
  }
  rows.push(row([symbol("δ", l, j + 1)], number(neuron.delta), "bpkit-result"));
  return html("table", { class: "bpkit-sum" }, html("caption", {}, tr("BP1: what the cost feels, times the slope")), html("tbody", {}, ...rows));

  function row(name, value, kind = null) {
    return html("tr", { class: kind }, html("th", { scope: "row" }, ...name), html("td", {}, value));
  }
}

function hiddenSum(neuron, l, j) {
  const { terms, sum, slope, delta } = neuron;
  const largest = largestOf([...terms.map((term) => term.product), sum, delta]);
  const rows = terms.map(({ w, delta: next, product }, k) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, symbol("w", l + 1, k + 1, j + 1), " ", symbol("δ", l + 1, k + 1)),
      html("td", {}, `${number(w)} × ${number(next)}`),
      html("td", {}, number(product)),
      signedBar(product, largest),
    ),
  );
  const wide = { scope: "row", colspan: 2 };
  rows.push(html("tr", { class: "bpkit-rule" }, html("th", wide, terms.length === 1 ? tr("sum over the one path") : tr("sum over the {n} paths", { n: terms.length })), html("td", {}, number(sum)), signedBar(sum, largest)));
  rows.push(
    slope === null
      ? html("tr", {}, html("th", { scope: "row", colspan: 4 }, tr("the activation mixes the sums of the layer")))
      : html("tr", {}, html("th", wide, "× σ′(", symbol("z", l, j + 1), ")"), html("td", {}, `× ${number(slope)}`), html("td", {})),
  );
  rows.push(html("tr", { class: "bpkit-result" }, html("th", wide, symbol("δ", l, j + 1)), html("td", {}, number(delta)), signedBar(delta, largest)));
  return html("table", { class: "bpkit-sum" }, html("caption", {}, tr("BP2: each path sends back w δ")), html("tbody", {}, ...rows));
}
