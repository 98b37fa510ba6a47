// A graph of local slopes: the paths that reach an input light up, alone or together; at the end the same from the output back.

const COLUMN = 200;
const ROW = 132;
const RADIUS = 43;
const SIDE = 52;

const widget = stepped({
  draw(stage, view) {
    const { state, step, pick } = view;
    const { input, back } = state.steps[step];
    stage.append(graph(view), input !== undefined ? shares(view, state.inputs[input]) : back ? sumAt(state, state.back[pick]) : slopes(state));
  },
  say({ state, step, pick }) {
    const { say, input, back } = state.steps[step];
    if (back) return sentences(say, tr("{say}.", state.back[pick]));
    if (input === undefined) return say;
    return pick === 0 ? tr("{say}.", state.inputs[input]) : tr("Path {pick}: {say}.", { pick, say: state.inputs[input].paths[pick - 1].say });
  },
  picks({ state, step }) {
    const { input, back } = state.steps[step];
    return back ? state.back.length : input === undefined ? 0 : state.inputs[input].paths.length + 1;
  },
});

// ── The drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

function spot(sizes, layer, node) {
  return { x: SIDE + layer * COLUMN, y: 12 + ROW * (Math.max(...sizes) / 2 + node - (sizes[layer] - 1) / 2) };
}

/** What is lit at this step: "layer,from,to" of each arrow, and whether it points back. */
function litArrows({ state, step, pick }) {
  const { input, back } = state.steps[step];
  const lit = new Set();
  if (back) {
    const { layer, node, terms } = state.back[pick];
    for (const { to } of terms) lit.add([layer, node, to].join());
  } else if (input !== undefined) {
    const { paths } = state.inputs[input];
    for (const { nodes } of pick === 0 ? paths : [paths[pick - 1]]) {
      for (let l = 1; l < nodes.length; l++) lit.add([l - 1, nodes[l - 1], nodes[l]].join());
    }
  }
  return lit;
}

function graph(view) {
  const { state, step, pick } = view;
  const sizes = state.names.map((layer) => layer.length);
  const { input, back } = state.steps[step];
  const width = 2 * SIDE + (sizes.length - 1) * COLUMN;
  const height = 24 + ROW * Math.max(...sizes);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": tr("The graph") });
  const aside = svg("g", { "aria-hidden": "true" });
  const lines = svg("g", { "aria-hidden": "true" });
  const labels = svg("g", { "aria-hidden": "true" });
  const lit = litArrows(view);
  const all = input === undefined && !back;

  state.slopes.forEach((matrix, l) =>
    matrix.forEach((row, to) =>
      row.forEach((slope, come) => {
        if (slope === 0) return;
        const on = all || lit.has([l, come, to].join());
        const ends = [spot(sizes, l, come), spot(sizes, l + 1, to)];
        if (back) ends.reverse();
        (on ? lines : aside).append(on ? arrow(...ends, signOf(slope)) : edgeBetween(...ends, RADIUS));
        if (on) labels.append(label(...ends, slope));
      }),
    ),
  );
  const known = back ? knownUpTo(state, pick) : new Set();
  const nodes = state.names.flatMap((layer, l) =>
    layer.map((name, node) => circle(view, name, spot(sizes, l, node), l, node, { known: known.has([l, node].join()) })),
  );
  picture.append(aside, lines, labels, ...nodes);
  return picture;
}

/** The quantities whose derivative has been formed when the picked one is: the output, and all before it in the order of the sums. */
function knownUpTo(state, pick) {
  const known = new Set([[state.names.length - 1, 0].join()]);
  state.back.slice(0, pick + 1).forEach(({ layer, node }) => known.add([layer, node].join()));
  return known;
}

function arrow(from, to, sign) {
  return arrowBetween(from, to, RADIUS, `bpkit-flow ${sign}`, { width: 3.6, head: 15, half: 7.5 });
}

/** The slope on its arrow; the steeper the arrow, the nearer to its beginning, so that numbers on crossing arrows keep apart. */
function label(from, to, slope) {
  const share = 0.465 - 0.13 * (Math.abs(to.y - from.y) / ROW);
  const [x, y] = [from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)];
  const text = number(slope);
  const width = 6 + 10.6 * text.length;
  return svg(
    "g",
    { class: "bpkit-label" },
    svg("rect", { x: x - width / 2, y: y - 12, width, height: 24, rx: 5 }),
    svg("text", { x, y: y + 6.5, "font-size": 19 }, text),
  );
}

function circle(view, name, { x, y }, layer, node, { known }) {
  const { state, step, pick } = view;
  const { input, back } = state.steps[step];
  const parts = [svg("circle", { cx: x, cy: y, r: RADIUS })];
  const derivative = state.derivatives[layer][node];
  if (known) parts.push(svg("circle", { class: `bpkit-tint ${signOf(derivative)}`, cx: x, cy: y, r: RADIUS, "fill-opacity": 0.22 }));
  const [letter, upper, lower] = [name[0], marks(name, "⁰¹²³⁴⁵⁶⁷⁸⁹"), marks(name, "₀₁₂₃₄₅₆₇₈₉")];
  const lift = known ? 8 : -7;
  const written =
    upper === ""
      ? svg("text", { x, y: y - lift, "font-size": 27 }, svg("tspan", { "font-style": "italic" }, letter), svg("tspan", { "font-size": "70%", dy: "0.4em" }, lower))
      : symbolText(letter, upper, lower, { x, y: y - lift, "font-size": 27 });
  const value = known ? svg("text", { x, y: y + 24, "font-size": 19, "font-weight": 700 }, number(derivative)) : null;
  parts.push(svg("g", { "aria-hidden": "true" }, written, value), svg("circle", { class: "bpkit-ring", cx: x, cy: y, r: RADIUS + 6 }));

  const top = state.names.at(-1)[0];
  const spoken = known ? `∂${top}/∂${name}: ${number(derivative)}` : name;
  const place = state.back.findIndex((entry) => entry.layer === layer && entry.node === node);
  const act = back ? (place >= 0 ? () => view.choose(place) : null) : layer === 0 ? () => view.go(1 + node) : null;
  if (!act) return svg("g", { class: "bpkit-neuron", role: "img", "aria-label": spoken }, ...parts);
  const pressed = back ? place === pick : input === node;
  const button = svg("g", { class: "bpkit-neuron", role: "button", tabindex: "0", "aria-label": back ? spoken : tr("paths from {name}", { name }), "aria-pressed": String(pressed) }, ...parts);
  return pressable(button, act);
}

/** The superscripts or subscripts of a name, as plain digits. */
function marks(name, digits) {
  return [...name].filter((mark) => digits.includes(mark)).map((mark) => digits.indexOf(mark)).join("");
}

// ── The table beside it ─────────────────────────────────────────────────────────────────────────────────────────────

/** How many paths each input has. */
function slopes(state) {
  const rows = state.inputs.map(({ name, paths }) => html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, String(paths.length))));
  return html(
    "table",
    { class: "bpkit-sum bpkit-shares" },
    html("caption", {}, tr("How many ways lead to {top}?", { top: state.names.at(-1)[0] })),
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, tr("from")), html("th", { scope: "col" }, tr("paths")))),
    html("tbody", {}, ...rows),
  );
}

function shares(view, { paths, sum, slope }) {
  const largest = Math.max(...paths.map(({ product }) => Math.abs(product)), Math.abs(sum)) || 1;
  const rows = paths.map(({ told, product }, k) => {
    const picked = view.pick === k + 1;
    const choose = pushButton(told, () => view.choose(picked ? 0 : k + 1), { class: "bpkit-path", "aria-pressed": String(picked) });
    return html("tr", { class: picked ? "bpkit-picked" : null }, html("th", { scope: "row" }, choose), html("td", {}, number(product)), signedBar(product, largest));
  });
  rows.push(html("tr", { class: "bpkit-result" }, html("th", { scope: "row" }, slope), html("td", {}, number(sum)), signedBar(sum, largest)));
  const caption = tr("A path is worth the product of its slopes");
  return html("table", { class: "bpkit-sum bpkit-shares" }, html("caption", {}, caption), html("tbody", {}, ...rows));
}

function sumAt(state, { layer, terms, sum, slope }) {
  const top = state.names.at(-1)[0];
  const largest = Math.max(...terms.map(({ product }) => Math.abs(product)), Math.abs(sum)) || 1;
  const rows = terms.map(({ to, slope: local, next, product }) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, layer === state.names.length - 2 ? `→ ${top}` : `→ ${state.names[layer + 1][to]}`),
      html("td", {}, `${number(local)} × ${number(next)}`),
      html("td", {}, number(product)),
      signedBar(product, largest),
    ),
  );
  rows.push(html("tr", { class: "bpkit-result" }, html("th", { scope: "row", colspan: 2 }, slope), html("td", {}, number(sum)), signedBar(sum, largest)));
  return html("table", { class: "bpkit-sum" }, html("caption", {}, tr("Slope × what its end is worth")), html("tbody", {}, ...rows));
}
