// All arrays of one training step as heat maps, in columns by layer; a picked entry shows which entries it was made from.

const CELL = { width: 92, height: 30 };
const GAP = { array: 26, layer: 40, row: 36 };
const LEFT = 150;
const ROWS = ["W", "z", "δ", "dW"];
const rowNames = () => ({ W: tr("parameters"), z: tr("forward"), δ: tr("errors"), dW: tr("gradients") });

const widget = stepped({
  draw(stage, view) {
    stage.append(html("div", { class: "bpkit-arrays" }, picture(view)));
  },
  say({ state, step, pick }) {
    const { title, say } = state.steps[step];
    const cells = entries(state, step);
    if (!cells.length) return tr("{title}. {say}", { title, say });
    const { name, i, k } = cells[pick];
    return tr("{title}. {say}", { title: state.arrays[name].cells[i][k].say, say });
  },
  picks: ({ state, step }) => entries(state, step).length,
});

/** The entries of the arrays that this step finds, in reading order. */
function entries(state, step) {
  return state.steps[step].new.flatMap((name) => state.arrays[name].values.flatMap((row, i) => row.map((_, k) => ({ name, i, k }))));
}

/** Which arrays are known at a step. */
function known(state, step) {
  const names = new Set(state.steps[0].known);
  for (let s = 1; s <= step; s++) {
    for (const name of state.steps[s].replaces ?? []) names.delete(name);
    for (const name of state.steps[s].new) names.add(name);
  }
  return names;
}

/** Where every array stands: {name: {x, y, rows, columns}}, with the size of the whole. */
function layout(state, there) {
  const last = state.sizes.length - 1;
  const shown = Object.values(state.arrays).filter(({ name }) => there.has(name) || !isTwin(state, name, there));
  const places = {};
  const heights = ROWS.map((row) => Math.max(...shown.filter((array) => array.row === row).map(({ values }) => values.length)));
  let x = LEFT;
  const columns = [];
  for (let l = 0; l <= last; l++) {
    let wide = 0;
    let y = 58;
    for (const [r, row] of ROWS.entries()) {
      let at = x;
      for (const { name, values } of order(shown.filter((array) => array.row === row && array.layer === l))) {
        places[name] = { x: at, y, rows: values.length, columns: values[0].length };
        at += values[0].length * CELL.width + GAP.array;
      }
      wide = Math.max(wide, at - GAP.array - x);
      y += heights[r] * CELL.height + GAP.row;
    }
    columns.push({ x, wide });
    x += wide + GAP.layer;
  }
  const tops = ROWS.map((_, r) => 58 + heights.slice(0, r).reduce((sum, n) => sum + n * CELL.height + GAP.row, 0));
  const height = 58 + heights.reduce((sum, n) => sum + n * CELL.height + GAP.row, 0) - GAP.row + 8;
  return { places, columns, tops, heights, width: x - GAP.layer + 8, height };
}

/** A parameter and its updated twin share a place: only one of them is on the page. */
function isTwin(state, name, there) {
  const other = name.startsWith("new ") ? name.slice(4) : `new ${name}`;
  return other in state.arrays && there.has(other);
}

function order(arrays) {
  const rank = ({ name }) => ["W", "new W", "b", "new b", "z", "a", "y", "δ", "dW", "db"].indexOf(name.replace(/\d+$/, ""));
  return arrays.sort((one, other) => rank(one) - rank(other));
}

function picture(view) {
  const { state, step } = view;
  const there = known(state, step);
  const { places, columns, tops, heights, width, height } = layout(state, there);
  const cells = entries(state, step);
  const picked = cells[view.pick] ?? null;
  const sources = picked ? state.arrays[picked.name].cells[picked.i][picked.k].of : {};
  const fresh = new Set(state.steps[step].new);
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": tr("The arrays, layer by layer") });

  const last = state.sizes.length - 1;
  for (const [l, { x, wide }] of columns.entries()) {
    drawn.append(svg("text", { class: "bpkit-head", x: x + wide / 2, y: 20, "font-size": 24.6, "aria-hidden": "true" }, layerName(l, last)));
  }
  for (const [r, row] of ROWS.entries()) {
    const y = tops[r] + (heights[r] * CELL.height) / 2 + 6;
    drawn.append(svg("text", { class: "bpkit-row-name", x: 4, y, "font-size": 24.6, "aria-hidden": "true" }, rowNames()[row]));
  }
  for (const [name, place] of Object.entries(places)) {
    const array = state.arrays[name];
    drawn.append(there.has(name) ? heatMap(array, place, fresh.has(name), sources[name] ?? []) : outline(array, place));
  }
  for (const [index, cell] of cells.entries()) drawn.append(button(cell, index, places[cell.name], state, view));
  return drawn;
}

function title(array, { x, y, columns }, later) {
  const attributes = { class: `bpkit-title${later ? " bpkit-later" : ""}`, x: x + (columns * CELL.width) / 2, y: y - 8, "font-size": 24.6 };
  return svg("text", attributes, array.title);
}

function outline(array, place) {
  const { x, y, rows, columns } = place;
  return svg(
    "g",
    { "aria-hidden": "true" },
    title(array, place, true),
    svg("rect", { class: "bpkit-unknown", x, y, width: columns * CELL.width, height: rows * CELL.height }),
  );
}

function heatMap(array, place, fresh, sources) {
  const { x, y, rows, columns } = place;
  const largest = Math.max(...array.values.flat().map(Math.abs)) || 1;
  const words = array.values.map((row) => row.map((value) => number(value)).join(", ")).join("; ");
  const group = svg("g", { role: "img", "aria-label": tr("{title}, {rows} by {columns}: {words}", { title: array.title, rows, columns, words }) }, title(array, place, false));
  for (const [i, row] of array.values.entries()) {
    for (const [k, value] of row.entries()) {
      const at = { x: x + k * CELL.width, y: y + i * CELL.height };
      const opacity = (0.07 + 0.48 * (Math.abs(value) / largest)).toFixed(3);
      group.append(
        svg("rect", { class: `bpkit-entry ${signOf(value)}`, ...at, ...CELL, "fill-opacity": opacity }),
        svg("text", { x: at.x + CELL.width / 2, y: at.y + 23, "font-size": 23.4, ...narrow(short(value)) }, short(value)),
      );
    }
  }
  if (fresh) group.append(svg("rect", { class: "bpkit-fresh-array", x, y, width: columns * CELL.width, height: rows * CELL.height }));
  for (const [i, k] of sources) {
    group.append(svg("rect", { class: "bpkit-from", x: x + k * CELL.width + 3, y: y + i * CELL.height + 3, width: CELL.width - 6, height: CELL.height - 6 }));
  }
  return group;
}

/** A power of ten takes narrower letters. */
function narrow(text) {
  return text.length > 6 ? { textLength: CELL.width - 4, lengthAdjust: "spacingAndGlyphs" } : {};
}

/** What fits a cell: two digits, or one. */
function short(value) {
  const text = number(value, 2);
  return text.length > 6 ? number(value, 1) : text;
}

function button({ name, i, k }, index, { x, y }, state, view) {
  const picked = index === view.pick;
  const { say } = state.arrays[name].cells[i][k];
  const at = { x: x + k * CELL.width, y: y + i * CELL.height, ...CELL };
  const group = svg(
    "g",
    { role: "button", tabindex: picked ? "0" : "-1", "aria-pressed": String(picked), "aria-label": say },
    svg("rect", { ...at, fill: "transparent" }),
    picked ? svg("rect", { class: "bpkit-picked", ...at }) : null,
  );
  return pressable(group, () => view.choose(index));
}
