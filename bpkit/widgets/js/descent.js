// Gradient descent with momentum on a bowl or in a ravine. The path is computed here, so that it follows the sliders at once.

const DRAWN = 60; // steps in the picture
const WIDE = 640;
const FIELD = { left: 6, top: 6, right: 634 };
const PLOT = { left: 78, right: 624, height: 84 };
const PER_DECADE = 40; // places of the η slider

/** The same as bpkit.widgets._descent.trajectory, with the cost at each place. */
function run(c, start, eta, mu, steps) {
  let [w, v] = [[...start], [0, 0]];
  const path = [[...w, (c[0] * w[0] ** 2 + c[1] * w[1] ** 2) / 2]];
  for (let t = 0; t < steps && Math.max(Math.abs(w[0]), Math.abs(w[1])) <= 1e6; t++) {
    v = v.map((each, i) => mu * each - eta * c[i] * w[i]);
    w = w.map((each, i) => each + v[i]);
    path.push([...w, (c[0] * w[0] ** 2 + c[1] * w[1] ** 2) / 2]);
  }
  return path;
}

/** The same as bpkit.widgets._descent.rate. */
function rate(c, eta, mu) {
  const p = 1 + mu - eta * c;
  const inner = p * p - 4 * mu;
  if (inner < -1e-12) return [Math.sqrt(mu), "swings"];
  const factor = (p + (p < 0 ? -1 : 1) * Math.sqrt(Math.max(inner, 0))) / 2;
  if (Math.abs(factor) > 1 + 1e-12) return [factor, "diverges"];
  if (Math.abs(factor) < 1e-12) return [0, "arrives"];
  return [factor, factor < 0 ? "jumps" : "walks"];
}

/** The same as bpkit.widgets._descent.at. */
function at(state, { surface, eta, mu, start }) {
  const c = state.surfaces[surface];
  const path = run(c, start, eta, mu, state.longest);
  let last = path.length - 1;
  while (last >= 0 && !(path[last][2] > state.goal * path[0][2])) last--;
  return {
    c,
    path,
    limit: (2 * (1 + mu)) / Math.max(...c),
    along: rate(c[0], eta, mu),
    across: rate(c[1], eta, mu),
    steps: last + 1 < path.length ? last + 1 : null,
  };
}

/** The names of the surfaces, and how a step moves along a direction. */
const surfaceNames = () => ({ bowl: tr("Bowl"), ravine: tr("Ravine") });
const movements = () => ({ swings: tr("swings"), diverges: tr("diverges"), arrives: tr("arrives"), jumps: tr("jumps"), walks: tr("walks") });

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const [farAcross, farUp] = state.reach;
    const unit = (FIELD.right - FIELD.left) / (2 * farAcross);
    const bottom = FIELD.top + 2 * farUp * unit;
    const plotTop = bottom + 34;
    const plotBottom = plotTop + PLOT.height;
    const view = {};
    const clipped = `bpkit-clip-${Math.random().toString(36).slice(2)}`;

    const surfaces = Object.keys(state.surfaces).map((name) => [name, pushButton(surfaceNames()[name], () => change({ surface: name }))]);
    const reset = pushButton(tr("Reset"), begin);

    const [least, most] = state.etaRange.map((eta) => Math.round(PER_DECADE * Math.log10(eta)));
    const symbolOf = (letter) => html("span", { class: "bpkit-symbol" }, letter);
    const eta = dial(symbolOf("η"), { min: least, max: most, step: 1, "aria-label": tr("learning rate η") }, (place) => change({ eta: etaAt(place) }));
    const mu = dial(symbolOf("μ"), { min: 0, max: state.muMax, step: 0.01, "aria-label": tr("memory μ") }, (value) => change({ mu: value }));
    const sliders = html("span", { class: "bpkit-inputs bpkit-descent-sliders" }, eta.label, mu.label);
    const bar = html("div", { class: "bpkit-bar" }, ...surfaces.map(([, button]) => button), reset, sliders, html("span", { class: "bpkit-keys" }, tr("keys: ← → η, ↑ ↓ μ, B R")));
    const { root, stage, region } = shell(tr("Gradient descent with momentum on a bowl and in a ravine"), bar);
    stage.classList.add("bpkit-descent");

    function etaAt(place) {
      return 10 ** (place / PER_DECADE);
    }

    function begin() {
      change({ surface: state.surface, eta: state.eta, mu: state.mu, start: state.start });
    }

    function change(what) {
      Object.assign(view, what);
      show();
    }

    // ── The picture ───────────────────────────────────────────────────────────────────────────────────────────────

    const across = (w) => FIELD.left + (w + farAcross) * unit;
    const up = (w) => bottom - (w + farUp) * unit;

    const text = (x, y, words, look = "") => svg("text", { x, y, "font-size": 17.5, class: look }, words);
    const contours = svg("g", { "clip-path": `url(#${clipped})` });
    const way = svg("polyline", {});
    const dots = svg("g", { class: "bpkit-dots" });
    const moving = svg("g", { "clip-path": `url(#${clipped})` }, way, dots);
    const beginning = svg("circle", { class: "bpkit-begin", r: 7 });
    const curve = svg("polyline", {});
    const plotClip = `${clipped}-plot`;
    const falling = svg("g", { "clip-path": `url(#${plotClip})` }, curve);
    const goal = [3, 0, -3, -6]; // powers of ten of the start's cost
    const high = (power) => plotBottom - ((power + 6) / 9) * PLOT.height;
    const right = (t) => PLOT.left + ((PLOT.right - PLOT.left) * t) / DRAWN;
    const picture = svg(
      "svg",
      { class: "bpkit-field", viewBox: `0 0 ${WIDE} ${plotBottom + 30}`, role: "img", "aria-label": tr("Contours of the cost with the path of the steps, and below it the cost after each step") },
      svg(
        "defs",
        {},
        svg("clipPath", { id: clipped }, svg("rect", { x: FIELD.left, y: FIELD.top, width: FIELD.right - FIELD.left, height: bottom - FIELD.top })),
        svg("clipPath", { id: plotClip }, svg("rect", { x: PLOT.left, y: plotTop - 4, width: PLOT.right - PLOT.left, height: PLOT.height + 4 })),
      ),
      svg("rect", { class: "bpkit-frame", x: FIELD.left, y: FIELD.top, width: FIELD.right - FIELD.left, height: bottom - FIELD.top, rx: 4 }),
      contours,
      svg("path", { class: "bpkit-end", d: `M${across(0) - 7},${up(0)}h14M${across(0)},${up(0) - 7}v14` }),
      moving,
      beginning,
      text(PLOT.left, plotTop - 12, tr("cost, as a multiple of the cost at the start"), "bpkit-left"),
      ...goal.map((power) => text(PLOT.left - 8, high(power) + 6, power === 0 ? "1" : number(10 ** power, 1), "bpkit-right")),
      svg("line", { class: "bpkit-axis", x1: PLOT.left, y1: plotTop, x2: PLOT.left, y2: plotBottom }),
      svg("line", { class: "bpkit-axis", x1: PLOT.left, y1: high(0), x2: PLOT.right, y2: high(0) }),
      svg("line", { class: "bpkit-axis", x1: PLOT.left, y1: plotBottom, x2: PLOT.right, y2: plotBottom }),
      svg("line", { class: "bpkit-goal", x1: PLOT.left, y1: high(-3), x2: PLOT.right, y2: high(-3) }),
      falling,
      ...[0, 20, 40, 60].map((t) => text(right(t), plotBottom + 20, t === 60 ? tr("{t} steps", { t }) : String(t), t === 60 ? "bpkit-right" : "")),
    );
    const follow = ({ x, y }) => {
      const place = [(x - FIELD.left) / unit - farAcross, (bottom - y) / unit - farUp];
      const start = place.map((w, i) => Math.round(Math.min(Math.max(w, -state.reach[i]), state.reach[i]) * 10) / 10);
      if (start[0] || start[1]) change({ start });
    };
    dragged(picture, root, follow, ({ y }) => y <= bottom);

    // ── Beside it: what happens in either direction ───────────────────────────────────────────────────────────────

    const cells = Object.fromEntries(["c", "eta", "factor", "how"].map((row) => [row, ["along", "across"].map(() => html("td", {}))]));
    const result = html("td", { colspan: 2 });
    const limit = html("td", { colspan: 2 });
    const row = (name, look, ...values) => html("tr", { class: look }, html("th", { scope: "row" }, name), ...values);
    const table = html(
      "table",
      { class: "bpkit-sum bpkit-rates" },
      html("thead", {}, html("tr", {}, html("th"), html("th", { scope: "col" }, tr("along w₁")), html("th", { scope: "col" }, tr("across, w₂")))),
      html(
        "tbody",
        {},
        row(tr("curvature c"), "", ...cells.c),
        row("η c", "", ...cells.eta),
        row(tr("factor a step"), "bpkit-rule", ...cells.factor),
        row(tr("so it"), "", ...cells.how),
        row(tr("η stays below"), "bpkit-rule", limit),
        row(tr("steps to 1/1000"), "bpkit-result", result),
      ),
    );
    stage.append(picture, table);

    function show() {
      const now = at(state, view);
      const { c, path } = now;
      const lost = now.along[1] === "diverges" || now.across[1] === "diverges";
      for (const [name, button] of surfaces) button.setAttribute("aria-pressed", String(name === view.surface));
      eta.show(Math.round(PER_DECADE * Math.log10(view.eta)), number(view.eta));
      mu.show(view.mu, number(view.mu, 2));

      const sign = lost ? "bpkit-negative" : "bpkit-positive";
      contours.replaceChildren(
        ...Array.from({ length: 9 }, (_, k) => {
          const level = path[0][2] * 3 ** (k - 6);
          return svg("ellipse", { cx: across(0), cy: up(0), rx: Math.sqrt((2 * level) / c[0]) * unit, ry: Math.sqrt((2 * level) / c[1]) * unit });
        }),
      );
      const near = path.slice(0, DRAWN + 1).map(([w1, w2]) => [clamp(across(w1)), clamp(up(w2))]);
      way.setAttribute("points", near.map((place) => place.map((z) => z.toFixed(1)).join(",")).join(" "));
      dots.replaceChildren(...near.slice(1).map(([x, y]) => svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3.4 })));
      beginning.setAttribute("cx", across(view.start[0]));
      beginning.setAttribute("cy", up(view.start[1]));
      const heights = path.slice(0, DRAWN + 1).map((place, t) => [right(t), high(Math.max(Math.log10(place[2] / path[0][2]), -9))]);
      curve.setAttribute("points", heights.map((place) => place.map((z) => z.toFixed(1)).join(",")).join(" "));
      for (const each of [moving, falling]) each.setAttribute("class", sign);

      ["along", "across"].forEach((direction, i) => {
        cells.c[i].textContent = number(c[i]);
        cells.eta[i].textContent = number(view.eta * c[i]);
        cells.factor[i].textContent = number(now[direction][0]);
        cells.how[i].textContent = movements()[now[direction][1]];
      });
      limit.textContent = number(now.limit);
      result.textContent = ending(now, lost);
      region.textContent = inWords(now, lost);
    }

    function ending(now, lost) {
      return lost ? tr("never") : now.steps === null ? tr("more than {longest}", { longest: state.longest }) : String(now.steps);
    }

    function inWords(now, lost) {
      const choice = tr("{surface}, η = {eta}, μ = {mu}.", { surface: surfaceNames()[view.surface], eta: number(view.eta), mu: number(view.mu, 2) });
      const [factor, limit] = [number(now.across[0]), number(now.limit)];
      if (lost) return sentences(choice, tr("It diverges: across, each step multiplies the distance by {factor}. At this μ it does so from η = {limit}.", { factor, limit }));
      const [along, across] = [movement(now.along), movement(now.across)];
      const both = view.surface === "bowl" ? tr("In every direction {along}.", { along }) : tr("Along the valley {along}; across {across}.", { along, across });
      return sentences(choice, both, tr("Steps until the cost stays below a thousandth: {steps}.", { steps: ending(now, lost) }));
    }

    function movement([factor, how]) {
      const places = { how: movements()[how], factor: number(factor) };
      if (factor === 0) return tr("it {how}", places);
      return how === "swings" ? tr("it {how}, keeping {factor} of its reach a step", places) : tr("it {how}, factor {factor}", places);
    }

    function clamp(pixel) {
      return Math.min(Math.max(pixel, -4000), 4000); // far outside it is the direction that counts
    }

    const turn = (by) => change({ eta: etaAt(Math.min(Math.max(Number(eta.range.value) + by, least), most)) });
    const keep = (by) => change({ mu: Math.round(Math.min(Math.max(view.mu + by, 0), state.muMax) * 100) / 100 });
    const keys = {
      ArrowRight: () => turn(1),
      ArrowLeft: () => turn(-1),
      PageUp: () => turn(8),
      PageDown: () => turn(-8),
      ArrowUp: () => keep(0.01),
      ArrowDown: () => keep(-0.01),
      Home: begin,
      b: () => change({ surface: "bowl" }),
      r: () => change({ surface: "ravine" }),
    };
    // the slider of μ moves by its own keys
    obey(root, keys, (event) => event.target === mu.range && event.key.length > 1);

    el.append(root);
    const forgetColours = wearColours(root);
    begin();
    return forgetColours;
  },
};
