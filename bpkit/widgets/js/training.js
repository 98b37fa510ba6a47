// A classifier epoch by epoch: cost curves, confusion matrix, weights as pictures. All is precomputed; a step only draws.

const [LEFT, RIGHT, TOP, BOTTOM] = [52, 626, 30, 156]; // of the curves, in units of the drawing
const PIXEL = 9;
const CELL = 38;

const SETS = [
  { name: "training", look: "bpkit-one", told: (places) => tr("training {cost}, {right} right", places) },
  { name: "validation", look: "bpkit-two", told: (places) => tr("validation {cost}, {right} right", places) },
];

const percent = (share) => `${Math.round(100 * share)} %`;

const widget = {
  render({ model, el }) {
    let view = null;
    let slider = null;
    const inner = stepped({
      draw(stage, now) {
        view = now;
        if (slider) slider.value = now.step;
        stage.append(html("div", {}, curves(now), pictures(now)), matrix(now));
      },
      say: ({ state, step, pick }) => sentences(inNumbers(state, step), ofClass(state, step, pick)),
      picks: ({ state }) => state.confusion[0].length,
    });
    const forget = inner.render({ model, el });
    slider = html("input", { type: "range", min: 0, max: view.state.steps.length - 1, step: 1, "aria-label": tr("epoch") });
    slider.value = view.step;
    slider.addEventListener("input", () => view.go(Number(slider.value)));
    el.querySelector(".bpkit-where").before(html("label", { class: "bpkit-epochs" }, tr("epoch"), slider));
    return forget;
  },
};

function inNumbers(state, step) {
  const [cost, watched] = SETS.map(({ name }) => number(state.costs[name][step]));
  const [learned, unseen] = SETS.map(({ name }) => percent(state.right[name][step]));
  return tr("Cost {cost} on the training set, {watched} on the validation set; right: {learned} and {unseen}.", { cost, watched, learned, unseen });
}

function ofClass(state, step, k) {
  const row = state.confusion[step][k];
  const all = row.reduce((sum, count) => sum + count, 0);
  const others = row.map((count, other) => (other === k ? 0 : count));
  const most = Math.max(...others);
  const places = { k, right: row[k], all, other: others.indexOf(most), most };
  if (!most) return tr("Class {k}: {right} of {all} recognised.", places);
  if (most === 1) return tr("Class {k}: {right} of {all} recognised; most often taken for {other}, {most} time.", places);
  return tr("Class {k}: {right} of {all} recognised; most often taken for {other}, {most} times.", places);
}

// ── Curves ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function curves({ state, step }) {
  const last = Math.max(state.steps.length - 1, 1);
  const highest = Math.max(state.chance, ...SETS.flatMap(({ name }) => state.costs[name])) * 1.04;
  const across = (epoch) => LEFT + ((RIGHT - LEFT) * epoch) / last;
  const up = (cost) => BOTTOM - ((BOTTOM - TOP) * Math.min(cost, highest)) / highest;
  const text = (x, y, words, look = "") => svg("text", { x, y, "font-size": 17.5, class: look }, words);
  const picture = svg("svg", { class: "bpkit-curves", viewBox: "0 0 640 182", role: "img", "aria-label": sentences(tr("Costs by epoch."), inNumbers(state, step)) });
  picture.append(
    text(LEFT, 18, tr("cost C"), "bpkit-start"),
    svg("line", { class: "bpkit-axis", x1: LEFT, y1: TOP, x2: LEFT, y2: BOTTOM }),
    svg("line", { class: "bpkit-axis", x1: LEFT, y1: BOTTOM, x2: RIGHT, y2: BOTTOM }),
    svg("line", { class: "bpkit-chance", x1: LEFT, y1: up(state.chance), x2: RIGHT, y2: up(state.chance) }),
    text(RIGHT, up(state.chance) + 17, tr("guessing: {chance}", { chance: number(state.chance) }), "bpkit-end"),
    text(LEFT - 8, BOTTOM + 5, "0", "bpkit-end"),
    text(LEFT - 8, up(1) + 5, "1", "bpkit-end"),
    text(RIGHT, BOTTOM + 22, tr("epoch {last}", { last: state.steps.length - 1 }), "bpkit-end"),
    text(LEFT, BOTTOM + 22, tr("untrained"), "bpkit-start"),
    svg("line", { class: "bpkit-now", x1: across(step), y1: TOP, x2: across(step), y2: BOTTOM }),
  );
  for (const [i, { name, look, told }] of SETS.entries()) {
    const path = state.costs[name].map((cost, epoch) => `${across(epoch).toFixed(1)},${up(cost).toFixed(1)}`).join("L");
    const words = told({ cost: number(state.costs[name][step]), right: percent(state.right[name][step]) });
    picture.append(
      svg("path", { class: look, d: `M${path}` }),
      svg("circle", { class: look, cx: across(step), cy: up(state.costs[name][step]), r: 6 }),
      text(RIGHT, up(state.chance) + 41 + 21 * i, words, `bpkit-end ${look}`),
    );
  }
  return picture;
}

// ── Weights as pictures ─────────────────────────────────────────────────────────────────────────────────────────────

function pictures({ state, step }) {
  const { side, signs } = state;
  const shown = state.weights[step];
  const size = side * PIXEL;
  const inRow = Math.min(6, shown.length);
  const rows = Math.ceil(shown.length / inRow);
  const height = rows * (size + 10) + 30;
  const scale = Math.min(1, 640 / (inRow * (size + 34)));
  const label = tr("Weights that lead to {count} hidden neurons, as pictures of {side} by {side} pixels: {signs}", { count: shown.length, side, signs });
  const picture = svg("svg", { class: "bpkit-weights", viewBox: `0 0 640 ${height * scale}`, role: "img", "aria-label": label });
  const group = svg("g", { transform: `scale(${scale})` });
  group.append(svg("text", { x: 0, y: 22, "font-size": 17.5 / scale, class: "bpkit-start" }, tr("weights that lead to {count} of the hidden neurons", { count: shown.length })));
  for (const [j, weights] of shown.entries()) {
    const [left, top] = [(j % inRow) * (size + 34), 32 + Math.floor(j / inRow) * (size + 10)];
    for (const [i, weight] of weights.entries()) {
      if (!weight) continue;
      const at = { x: left + (i % side) * PIXEL, y: top + Math.floor(i / side) * PIXEL, width: PIXEL, height: PIXEL };
      group.append(svg("rect", { ...at, class: weight > 0 ? "bpkit-positive" : "bpkit-negative", "fill-opacity": ((Math.abs(weight) / 99) ** 0.7).toFixed(2) }));
    }
    group.append(svg("rect", { class: "bpkit-frame", x: left, y: top, width: size, height: size }));
  }
  picture.append(group);
  return picture;
}

// ── What is taken for what ──────────────────────────────────────────────────────────────────────────────────────────

function matrix(view) {
  const { state, step, pick } = view;
  const counts = state.confusion[step];
  const K = counts.length;
  const [left, top] = [58, 54];
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const picture = svg("svg", { class: "bpkit-matrix", viewBox: `0 0 ${left + K * CELL + 6} ${top + K * CELL + 6}`, role: "group", "aria-label": tr("What is taken for what") });
  const text = (x, y, words, extra = {}) => svg("text", { x, y, "font-size": 20, "aria-hidden": "true", ...extra }, words);
  picture.append(
    text(left + (K * CELL) / 2, 18, tr("the net says")),
    text(14, top + (K * CELL) / 2, tr("it shows"), { transform: `rotate(-90 14 ${top + (K * CELL) / 2})` }),
  );
  for (let k = 0; k < K; k++) picture.append(text(left + (k + 0.5) * CELL, top - 10, String(k)));
  for (const [i, row] of counts.entries()) {
    const all = Math.max(1, row.reduce((sum, count) => sum + count, 0));
    const attributes = { role: "button", class: "bpkit-class", tabindex: i === pick ? "0" : "-1", "aria-pressed": String(i === pick), "aria-label": ofClass(state, step, i) };
    const line = svg("g", attributes, text(left - 14, top + (i + 0.5) * CELL + 7, String(i)));
    for (const [j, count] of row.entries()) {
      const at = { x: left + j * CELL, y: top + i * CELL, width: CELL, height: CELL };
      const share = i === j ? count / all : Math.sqrt(count / most);
      line.append(svg("rect", { ...at, class: `bpkit-cell ${i === j ? "bpkit-positive" : "bpkit-negative"}`, "fill-opacity": (0.6 * share).toFixed(2) }));
      if (count) line.append(text(at.x + CELL / 2, at.y + CELL / 2 + 7, String(count), { class: i === j ? "" : "bpkit-beside" }));
    }
    line.append(svg("rect", { class: i === pick ? "bpkit-picked" : "bpkit-row", x: left, y: top + i * CELL, width: K * CELL, height: CELL }));
    pressable(line, () => view.choose(i));
    picture.append(line);
  }
  return picture;
}
