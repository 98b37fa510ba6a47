// One sigmoid neuron: drag its z and compare the slopes of two costs. Everything is computed here, from z itself, without cancellation.

const [LEFT, RIGHT] = [66, 624]; // of the panels, in units of the drawing
const COST = { top: 30, bottom: 158 };
const SLOPE = { top: 204, bottom: 332 };
const HEIGHT = 372;
const STEP = 0.1;

const sigmoid = (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** The same as bpkit.widgets._saturation.at. */
function at(z, y) {
  const a = sigmoid(z);
  const slope = a * sigmoid(-z);
  const off = y === 1 ? -sigmoid(-z) : a; // a - y
  return {
    z,
    y,
    a,
    slope,
    quadratic: (off * off) / 2,
    quadraticGradient: off,
    quadraticError: off * slope,
    crossEntropy: softplus(y === 1 ? -z : z),
    crossEntropyGradient: off / slope,
    crossEntropyError: off,
    ratio: 1 / slope,
  };
}

const costs = () => [
  { key: "crossEntropy", name: tr("cross-entropy"), look: "bpkit-one" },
  { key: "quadratic", name: tr("quadratic"), look: "bpkit-two" },
];

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const reach = state.reach;
    const view = { z: state.z, y: state.y };

    const targets = [0, 1].map((y) =>
      pushButton(tr("target {y}", { y }), () => {
        view.y = y;
        build();
      }),
    );
    const reset = pushButton(tr("Reset"), () => {
      Object.assign(view, { z: state.z, y: state.y });
      build();
    });
    const limits = { min: -reach, max: reach, step: STEP, "aria-label": tr("weighted input z") };
    const slider = dial(html("span", { class: "bpkit-symbol" }, "z"), limits, move, "bpkit-wide");
    const bar = html("div", { class: "bpkit-bar" }, ...targets, reset, slider.label, html("span", { class: "bpkit-keys" }, tr("drag in the picture, or keys: ← → Home End")));
    const { root, stage, region } = shell(tr("Slopes of two costs at one sigmoid neuron"), bar);

    let updates = []; // what has to be written anew after a move
    function move(z) {
      view.z = Math.min(Math.max(Math.round(z / STEP) * STEP, -reach), reach);
      if (Math.abs(view.z) < STEP / 2) view.z = 0;
      const now = at(view.z, view.y);
      slider.show(view.z, number(view.z));
      for (const update of updates) update(now);
      region.textContent = inWords(now);
    }

    function build() {
      updates = [];
      targets.forEach((button, y) => button.setAttribute("aria-pressed", String(y === view.y)));
      stage.replaceChildren(drawing(), ledger());
      move(view.z);
    }

    function inWords(now) {
      const off = Math.abs(now.crossEntropyError);
      const how = off > 0.5 ? tr("It is wrong.") : off > 0.1 ? tr("It is roughly right.") : tr("It is nearly right.");
      const [quadratic, crossEntropy, ratio] = [number(now.quadraticError), number(now.crossEntropyError), number(now.ratio)];
      return sentences(
        tr("At z = {z} the neuron says {a}, and should say {y}.", { z: number(now.z), a: number(now.a), y: now.y }),
        how,
        tr("The quadratic cost has slope {quadratic} there, cross-entropy {crossEntropy}: {ratio} times as steep, which is 1/σ′(z).", { quadratic, crossEntropy, ratio }),
      );
    }

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    const across = (z) => LEFT + ((RIGHT - LEFT) * (z + reach)) / (2 * reach);
    const up = (panel, low, high) => (v) => panel.bottom - ((panel.bottom - panel.top) * (v - low)) / (high - low);

    function drawing() {
      const cost = up(COST, 0, reach);
      const slope = view.y === 1 ? up(SLOPE, -1, 0) : up(SLOPE, 0, 1);
      const picture = svg("svg", { class: "bpkit-drag", viewBox: `0 0 640 ${HEIGHT}`, role: "img", "aria-label": tr("Both costs over z, and below them their slopes") });
      const text = (x, y, words, look = "", size = 17.5) => svg("text", { x, y, "font-size": size, class: look }, words);
      const axis = (x1, y1, x2, y2) => svg("line", { class: "bpkit-axis", x1, y1, x2, y2 });
      picture.append(
        text(LEFT, COST.top - 14, tr("cost C"), "bpkit-left"),
        text(LEFT, SLOPE.top - 14, tr("slope δ = ∂C/∂z"), "bpkit-left"),
        axis(LEFT, COST.top, LEFT, COST.bottom),
        axis(LEFT, SLOPE.top, LEFT, SLOPE.bottom),
        axis(LEFT, cost(0), RIGHT, cost(0)),
        axis(LEFT, slope(0), RIGHT, slope(0)),
        ...[0, 4, 8].map((v) => text(LEFT - 10, cost(v) + 5, number(v, 1), "bpkit-right")),
        ...[0, 0.5, 1].map((v) => text(LEFT - 10, slope(view.y === 1 ? -v : v) + 5, number(view.y === 1 ? -v : v, v === 0.5 ? 1 : 2), "bpkit-right")),
        ...[-8, -4, 0, 4, 8].map((z) => text(across(z), SLOPE.bottom + 22, number(z, 1))),
        text(across(2), SLOPE.bottom + 22, "z"),
      );
      const drop = svg("line", { class: "bpkit-drop", y1: COST.top, y2: SLOPE.bottom });
      const grip = svg("path", { class: "bpkit-grip", d: "" });
      picture.append(drop);
      const over = Array.from({ length: 161 }, (_, i) => at(-reach + (2 * reach * i) / 160, view.y));
      for (const { key, look } of costs()) {
        const path = (scale, what) => svg("path", { class: look, d: `M${over.map((each) => `${across(each.z).toFixed(1)},${scale(each[what]).toFixed(1)}`).join("L")}` });
        const tangent = svg("line", { class: `bpkit-tangent ${look}` });
        const dots = [svg("circle", { class: look, r: 7 }), svg("circle", { class: look, r: 7 })];
        picture.append(path(cost, key), path(slope, `${key}Error`), tangent, ...dots);
        updates.push((now) => {
          const half = 1.6;
          place(tangent, across(now.z - half), cost(now[key] - half * now[`${key}Error`]), across(now.z + half), cost(now[key] + half * now[`${key}Error`]));
          dots.forEach((dot, i) => {
            dot.setAttribute("cx", across(now.z));
            dot.setAttribute("cy", i ? slope(now[`${key}Error`]) : cost(now[key]));
          });
        });
      }
      // names stand where the curves are far apart: on the side where the neuron is wrong
      const [side, outwards, look] = view.y === 1 ? [LEFT, 1, "bpkit-left"] : [RIGHT, -1, "bpkit-right"];
      picture.append(
        text(side + 150 * outwards, COST.top + 22, tr("cross-entropy"), `${look} bpkit-one`),
        text(side + 14 * outwards, cost(0.5) - 12, tr("quadratic"), `${look} bpkit-two`),
        grip,
      );
      updates.push((now) => {
        drop.setAttribute("x1", across(now.z));
        drop.setAttribute("x2", across(now.z));
        grip.setAttribute("d", `M${across(now.z)},${COST.top + 2}l-7,-12h14z`);
      });

      dragged(picture, root, ({ x }) => move((x - LEFT) / ((RIGHT - LEFT) / (2 * reach)) - reach));
      return picture;
    }

    function place(line, x1, y1, x2, y2) {
      for (const [name, coordinate] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, coordinate.toFixed(1));
    }

    // ── The chain of slopes beside it ─────────────────────────────────────────────────────────────────────────────

    function ledger() {
      const cell = (get, attributes = {}) => {
        const made = html("td", attributes);
        updates.push((now) => (made.textContent = number(get(now))));
        return made;
      };
      const row = (name, look, ...cells) => html("tr", { class: look }, html("th", { scope: "row" }, name), ...cells);
      const each = (suffix) => costs().map(({ key }) => cell((now) => now[key + suffix]));
      return html(
        "table",
        { class: "bpkit-sum bpkit-costs" },
        html("thead", {}, html("tr", {}, html("th"), ...costs().map(({ name, look }) => html("th", { scope: "col", class: look }, name)))),
        html(
          "tbody",
          {},
          row(tr("output a"), "", cell((now) => now.a, { colspan: 2 })),
          row(tr("cost C"), "", ...each("")),
          row("∂C/∂a", "bpkit-rule", ...each("Gradient")),
          row(tr("times σ′(z)"), "", cell((now) => now.slope), cell((now) => now.slope)),
          row("δ = ∂C/∂z", "bpkit-result", ...each("Error")),
        ),
      );
    }

    const keys = {
      ArrowRight: () => move(view.z + STEP),
      ArrowUp: () => move(view.z + STEP),
      ArrowLeft: () => move(view.z - STEP),
      ArrowDown: () => move(view.z - STEP),
      PageUp: () => move(view.z + 1),
      PageDown: () => move(view.z - 1),
      Home: () => move(-reach),
      End: () => move(reach),
    };
    obey(root, keys);

    el.append(root);
    const forgetColours = wearColours(root);
    build();
    return forgetColours;
  },
};
