// A tape: boxes in the order of computing, above them who uses whom, below them what has been pushed back so far.

const STEP = 128;
const HALF = 58;
const TALL = 112;
const FLAT = 0.22 * STEP;

const widget = stepped({
  draw(stage, view) {
    const { state, step } = view;
    stage.classList.add("bpkit-wide");
    const most = Math.max(...state.steps.map(({ pushes }) => pushes?.length ?? 0));
    stage.append(tape(view), html("div", { class: "bpkit-ledger", style: `--rows: ${most}` }, ledger(state, state.steps[step], view)));
  },
  say({ state, step, pick }) {
    const { title, say, pushes } = state.steps[step];
    return tr("{title}. {say}", { title, say: pushes ? sentences(say, tr("{say}.", pushes[pick])) : say });
  },
  picks({ state, step }) {
    return state.steps[step].pushes?.length ?? 0;
  },
});

// ── The drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

function tape(view) {
  const { state, step } = view;
  const now = state.steps[step];
  const longest = Math.max(...state.arcs.map(({ left, right }) => right - left), 0.4);
  const room = height(longest) + 24;
  const top = room;
  const bottom = top + TALL;
  const width = STEP * state.nodes.length;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${bottom + room}`, role: "group", "aria-label": tr("The tape") });
  const above = svg("g", { "aria-hidden": "true" });
  const below = svg("g", { "aria-hidden": "true" });
  const labels = svg("g", { "aria-hidden": "true" });
  const largest = Math.max(...state.steps.flatMap(({ pushes }) => (pushes ?? []).map(({ amount }) => Math.abs(amount)))) || 1;

  for (const arc of state.arcs) {
    const uses = now.node === arc.child;
    above.append(line(arc.left, arc.right, top, -1, uses ? "bpkit-use bpkit-on" : "bpkit-use", 1.6));
    const pushed = state.steps.slice(0, step + 1).findLast(({ node }) => node === arc.child);
    if (!pushed) continue;
    const { amount } = pushed.pushes[arc.use];
    const picked = uses && view.pick === arc.use;
    const fresh = uses && view.before !== null && view.before !== view.step;
    const kind = `bpkit-flow ${signOf(amount)}${uses ? "" : " bpkit-aside"}${fresh ? " bpkit-fresh" : ""}`;
    below.append(line(arc.right, arc.left, bottom, 1, kind, 2 + 5 * (Math.abs(amount) / largest)));
    if (uses) labels.append(label((arc.left + arc.right) / 2, bottom + height(arc.right - arc.left) + 6, amount, picked, fresh));
  }
  picture.append(above, below, ...state.nodes.map((node, k) => box(node, k, top, now, view)), labels);
  return picture;
}

/** Where the middle of node coordinate t lies. */
function across(t) {
  return STEP * (t + 0.5);
}

/** How high a line rises; long ones less than in proportion, so that the tape stays large. */
function height(span) {
  return 0.75 * FLAT * (span + 0.6) ** 0.75;
}

/** An arrow over (-1) or under (1) the boxes, whose edge lies at y. */
function line(from, to, y, side, kind, width) {
  const [x1, x2] = [across(from), across(to)];
  const rise = y + (side * height(Math.abs(to - from))) / 0.75;
  const head = 6 + width;
  const end = y + side * (1.6 * head);
  const points = `${x2},${y + side * 2} ${x2 - head},${end + side * 2} ${x2 + head},${end + side * 2}`;
  return svg(
    "g",
    { class: kind },
    svg("path", { d: `M${x1} ${y + side * 2} C${x1} ${rise} ${x2} ${rise} ${x2} ${end}`, "stroke-width": width }),
    svg("polygon", { points }),
  );
}

function label(t, y, amount, picked, fresh) {
  const text = number(amount);
  const width = 12 + 11.5 * text.length;
  return svg(
    "g",
    { class: `bpkit-label${picked ? " bpkit-picked" : ""}${fresh ? " bpkit-appear" : ""}` },
    svg("rect", { x: across(t) - width / 2, y: y - 13, width, height: 26, rx: 6 }),
    svg("text", { x: across(t), y: y + 6.5, "font-size": 19 }, text),
  );
}

function box({ name, formula, value }, k, top, now, view) {
  const x = across(k);
  const gradient = now.gradients[k];
  const active = now.node === k;
  const complete = now.complete[k];
  const parts = [svg("rect", { class: "bpkit-box", x: x - HALF, y: top, width: 2 * HALF, height: TALL, rx: 10 })];
  if (gradient !== null) parts.push(svg("rect", { class: `bpkit-tint ${signOf(gradient)}`, x: x - HALF, y: top + TALL - 34, width: 2 * HALF, height: 34, rx: 10 }));
  parts.push(
    svg("text", { x, y: top + 25, "font-size": 20, "font-weight": 700 }, name),
    formula === "" ? null : svg("text", { x, y: top + 46, "font-size": 19 }, formula),
    svg("text", { x, y: top + 68, "font-size": 19 }, number(value)),
    gradient === null ? null : svg("text", { x, y: top + TALL - 11, "font-size": 19, "font-weight": 700 }, `∂ ${number(gradient)}${complete ? "" : "…"}`),
  );
  const places = { name: formula === "" ? name : `${name} = ${formula}`, value: number(value), gradient: gradient === null ? "" : number(gradient) };
  const spoken = spokenBox(places, complete);
  const place = view.state.steps.findIndex(({ node }) => node === k);
  const kind = `bpkit-node${active ? " bpkit-active" : ""}${gradient !== null && !complete ? " bpkit-open" : ""}`;
  if (place < 0) return svg("g", { class: kind, role: "img", "aria-label": spoken }, ...parts.filter(Boolean));
  const button = svg("g", { class: kind, role: "button", tabindex: "0", "aria-pressed": String(active), "aria-label": spoken }, ...parts.filter(Boolean));
  return pressable(button, () => view.go(place));
}

function spokenBox(places, complete) {
  if (places.gradient === "") return tr("{name}: value {value}", places);
  return complete ? tr("{name}: value {value}, gradient {gradient}, complete", places) : tr("{name}: value {value}, gradient {gradient}, still waiting for a user", places);
}

// ── The pushes of this step, beside one another ─────────────────────────────────────────────────────────────────────

function ledger(state, { pushes, node }, view) {
  if (!pushes) return html("p", { class: "bpkit-quiet-line" }, tr("Above the boxes: who uses whom. Below: what is pushed back. ∂ is the gradient so far; … marks one that is not complete."));
  const rows = pushes.map(({ parent, slope, amount, before, after }, k) => {
    const name = state.nodes[parent].name;
    const choose = pushButton(tr("to {name}", { name }), () => view.choose(k), { class: "bpkit-path", "aria-pressed": String(view.pick === k) });
    return html(
      "tr",
      { class: view.pick === k ? "bpkit-picked" : null },
      html("th", { scope: "row" }, choose),
      html("td", {}, `${number(slope)} × ${gradientOf(view, node)}`),
      html("td", {}, number(amount)),
      html("td", {}, before === 0 ? number(after) : `${number(before)} + ${amount < 0 ? `(${number(amount)})` : number(amount)} = ${number(after)}`),
    );
  });
  const heads = ["", tr("slope × gradient"), tr("pushed"), tr("so far")].map((text) => html("th", { scope: "col" }, text));
  return html(
    "table",
    { class: "bpkit-sum bpkit-pushes" },
    html("caption", {}, tr("{name} pushes", state.nodes[node])),
    html("thead", {}, html("tr", {}, ...heads)),
    html("tbody", {}, ...rows),
  );
}

function gradientOf(view, node) {
  const value = view.state.steps[view.step].gradients[node];
  return value < 0 ? `(${number(value)})` : number(value);
}
