// A kernel laid on a picture, place by place, forwards and on the two ways back; everything was computed in Python.

const CELL = { width: 58, height: 36 };
const TOP = 40;
const SPACE = 74;

// what the three arrays are on each way, what stands between them, and which of them grows
const TITLES = [
  ["x", "K", "z"],
  ["∂F/∂x", "K", "δ"],
  ["x", "∂F/∂K", "δ"],
];
const SIGNS = [
  ["⋆", "→"],
  ["←", "·"],
  ["→", "←"],
];
const GROWS = ["right", "left", "middle"];
const SIDES = ["left", "middle", "right"];

const widget = stepped({
  draw(stage, view) {
    stage.append(ways(view), html("div", { class: "bpkit-kernel" }, picture(view)));
  },
  say: ({ state, step }) => tr("{title}. {say}", state.steps[step]),
  picks: () => null,
});

/** A button for each way, which goes to the same place on it. */
function ways({ state, step, go }) {
  const { places } = state;
  const { way } = state.steps[step];
  const place = way === null ? 0 : (step - 1) % places;
  const buttons = state.ways.map((name, k) => pushButton(name, () => go(1 + k * places + place), { "aria-pressed": String(k === way) }));
  return html("div", { class: "bpkit-ways", role: "group", "aria-label": tr("Ways") }, ...buttons);
}

function picture({ state, step }) {
  const now = state.steps[step];
  const way = now.way ?? 0;
  const arrays = SIDES.map((side) => now[side]);
  const tallest = Math.max(...arrays.map((rows) => rows.length));
  const width = arrays.reduce((sum, rows) => sum + rows[0].length * CELL.width, 0) + 2 * SPACE + 8;
  const height = TOP + tallest * CELL.height + 8;
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": tr("The picture, the kernel, and what comes out") });
  let x = 4;
  for (const [k, values] of arrays.entries()) {
    const y = TOP + ((tallest - values.length) * CELL.height) / 2;
    drawn.append(grid(values, x, y, TITLES[way][k]));
    drawn.append(...frames(state, now, SIDES[k], x, y, SIDES[k] === GROWS[way]));
    x += values[0].length * CELL.width;
    if (k < 2) {
      drawn.append(svg("text", { x: x + SPACE / 2, y: TOP + (tallest * CELL.height) / 2 + 9, "font-size": 28, "aria-hidden": "true" }, SIGNS[way][k]));
    }
    x += SPACE;
  }
  return drawn;
}

function grid(values, x, y, title) {
  const largest = Math.max(...values.flat().map((value) => Math.abs(value ?? 0))) || 1;
  const words = values.map((row) => row.map((value) => (value === null ? tr("unknown") : number(value))).join(", ")).join("; ");
  const middle = x + (values[0].length * CELL.width) / 2;
  const group = svg(
    "g",
    { role: "img", "aria-label": tr("{title}, {rows} by {columns}: {words}", { title, rows: values.length, columns: values[0].length, words }) },
    svg("text", { class: "bpkit-title", x: middle, y: y - 12, "font-size": 19 }, title),
  );
  for (const [i, row] of values.entries()) {
    for (const [j, value] of row.entries()) {
      const at = { x: x + j * CELL.width, y: y + i * CELL.height };
      if (value === null) {
        group.append(svg("rect", { class: "bpkit-unknown", ...at, ...CELL }));
        continue;
      }
      const opacity = (0.07 + 0.48 * (Math.abs(value) / largest)).toFixed(3);
      group.append(
        svg("rect", { class: `bpkit-entry ${signOf(value)}`, ...at, ...CELL, "fill-opacity": opacity }),
        svg("text", { x: at.x + CELL.width / 2, y: at.y + 24, "font-size": 17.5 }, short(value)),
      );
    }
  }
  return group;
}

/** What takes part at this place: the patch, the whole kernel, the one output. The array that grows has a frame of its own kind. */
function frames(state, { place, way }, side, x, y, grows) {
  if (way === null) return [];
  const [rows, columns] = side === "right" ? [1, 1] : state.kernel;
  const [i, j] = side === "middle" ? [0, 0] : place;
  const box = { x: x + j * CELL.width, y: y + i * CELL.height, width: columns * CELL.width, height: rows * CELL.height };
  return [svg("rect", { class: grows ? "bpkit-grows" : "bpkit-under", ...box })];
}

/** Whole numbers as such, others to two digits. */
function short(value) {
  return Number.isInteger(value) && Math.abs(value) < 1000 ? String(value).replace("-", "−") : number(value, 2);
}
