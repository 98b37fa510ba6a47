// Objectives as nets of arrays: forward the values, then back through the net, one array's gradient at a step.

const MARGIN = 10;
// the drawing's units for the width of a cell and for the same length downwards, and the sizes of text; a slide is wide and read from afar
const PAGE = { across: 40, down: 40, cell: 14, words: 17, name: 25 };
const SLIDE = { across: 61, down: 40, cell: 25.5, words: 25.5, name: 25.5 };

const widget = stepped({
  draw(stage, view) {
    const { state, step } = view;
    const now = state.steps[step];
    stage.append(chooser(view), picture(view, state.nets[now.net], now), now.node === null ? arrays(now) : ledger(view, now));
  },
  say({ state, step, pick }) {
    const { say, node, uses } = state.steps[step];
    if (pick === 0) return say;
    const { end, back, shape, norm } = uses[pick - 1];
    return tr("What the use for {end} alone sends back to {node}: {back}, {shape}, norm {norm}.", { end, node, back, shape, norm: number(norm) });
  },
  picks({ state, step }) {
    const count = state.steps[step].uses.length;
    return count > 1 ? count + 1 : 0;
  },
});

function chooser(view) {
  const { state, step } = view;
  const { net } = state.steps[step];
  const buttons = state.nets.map(({ name, first }, k) => pushButton(name, () => view.go(first), { "aria-pressed": String(k === net) }));
  return html("div", { class: "bpkit-chooser", role: "group", "aria-label": tr("Objective") }, ...buttons, html("span", { class: "bpkit-formula" }, `F = ${state.nets[net].formula}`));
}

// ── The drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

function picture(view, net, now) {
  const room = document.querySelector(".reveal") ? SLIDE : PAGE;
  const [width, height] = [net.width * room.across + 2 * MARGIN, net.height * room.down + 2 * MARGIN];
  const drawing = svg("svg", { class: "bpkit-arrays", viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`, role: "group", "aria-label": tr("The net of {name}", { name: net.name }) });
  const known = new Set(now.known);
  const picked = view.pick === 0 ? null : now.uses[view.pick - 1].end;
  const ways = net.arrows.map((arrow) => {
    const lit = arrow.start === now.node && arrow.back !== "" && (picked === null || picked === arrow.end);
    return way(arrow, room, lit, known.has(arrow.start) && arrow.back !== "");
  });
  const beside = net.arrows
    .filter((arrow) => arrow.back !== "" && known.has(arrow.start))
    .map((arrow) => words(arrow, room));
  drawing.append(...ways, ...net.boxes.map((box) => frame(view, box, room, now, known.has(box.key))), ...beside);
  return drawing;
}

/** What comes back on an arrow; on a level one between its ends. */
function words({ points, wordsAt: [x, y], back }, room) {
  const [[x1, y1], [x2, y2]] = points;
  const free = y1 === y2 && points.length === 2 ? (x2 - x1) * room.across - 4 : Infinity;
  const place = { x: x * room.across, y: y * room.down + room.words - 12 };
  return svg("text", { class: "bpkit-words", ...place, "aria-hidden": "true", ...fitting(`← ${back}`, room.words, free) }, `← ${back}`);
}

/** The size of a text, its letters narrower where there is no room for them. */
function fitting(text, size, free) {
  const wide = 0.62 * size * [...text].length;
  return { "font-size": size, ...(wide > free ? { textLength: free.toFixed(1), lengthAdjust: "spacingAndGlyphs" } : {}) };
}

/** A use: its head points forward, and back while what it sends back is being found. */
function way({ points, shared }, { across, down }, lit, known) {
  const corners = points.map(([x, y]) => [x * across, y * down]);
  if (lit) corners.reverse();
  const [[x1, y1], [x2, y2]] = corners.slice(-2);
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [head, half] = lit ? [17, 9] : [12, 6];
  const tip = [
    [x2, y2],
    [x2 - head * dx - half * dy, y2 - head * dy + half * dx],
    [x2 - head * dx + half * dy, y2 - head * dy - half * dx],
  ];
  corners[corners.length - 1] = [x2 - head * dx, y2 - head * dy];
  const text = (list) => list.map((point) => point.map((c) => c.toFixed(1)).join()).join(" ");
  const look = `bpkit-way${shared ? " bpkit-shared" : ""}${lit ? " bpkit-now" : ""}${known ? " bpkit-known" : ""}`;
  return svg("g", { class: look, "aria-hidden": "true" }, svg("polyline", { points: text(corners) }), svg("polygon", { points: text(tip) }));
}

function frame(view, box, room, now, known) {
  const { state, step } = view;
  const { across, down } = room;
  const { title, between, cell } = state.heights;
  const [left, top, width, height] = [box.left * across, box.top * down, box.width * across, box.height * down];
  const middle = left + width / 2;
  const active = box.key === now.node;
  const parts = [
    svg("rect", { class: "bpkit-frame", x: left, y: top, width, height, rx: 6 }),
    svg("text", { x: middle, y: top + 0.5 * title * down + 8, "font-size": Math.min(room.name, (1.7 * width) / box.label.length), "aria-hidden": "true" }, box.label),
    ...cells(box.value, middle, top + title * down, false),
  ];
  let spoken = box.label;
  if (box.gradient) {
    const below = top + (title + box.value.texts.length * cell) * down;
    const share = active && view.pick > 0 ? now.uses[view.pick - 1].share : box.gradient;
    const empty = { values: box.gradient.values, texts: box.gradient.texts.map((row) => row.map(() => "")) };
    parts.push(svg("text", { class: "bpkit-delta", x: middle, y: below + 0.5 * between * down + 7, "font-size": room.name, "aria-hidden": "true" }, active && view.pick > 0 ? tr("for {end}", { end: now.uses[view.pick - 1].end }) : `δ${box.key}`));
    parts.push(...cells(known ? share : empty, middle, below + between * down, known));
    const values = box.gradient.texts.map((row) => row.join(" ")).join(", ");
    if (known) spoken = tr("{label}; gradient {values}", { label: box.label, values });
  }
  parts.push(svg("rect", { class: "bpkit-ring", x: left - 5, y: top - 5, width: width + 10, height: height + 10, rx: 9 }));
  const look = `bpkit-box${box.gradient ? "" : " bpkit-given"}${box.shared ? " bpkit-shared" : ""}${active ? " bpkit-now" : ""}`;
  if (!box.gradient) return svg("g", { class: look, role: "img", "aria-label": tr("{label}, given", { label: box.label }) }, ...parts);
  const target = state.steps.findIndex((each) => each.net === now.net && each.node === box.key);
  const button = svg("g", { class: look, role: "button", tabindex: "0", "aria-label": spoken }, ...parts);
  const go = () => (target === step ? view.choose(0) : view.go(target));
  return pressable(button, go);
  function cells({ values, texts }, at, from, tinted) {
    const largest = Math.max(...values.flat().map(Math.abs)) || 1;
    return texts.flatMap((row, i) =>
      row.map((text, k) => {
        const place = { x: at + (k - row.length / 2) * across, y: from + i * cell * down, width: across, height: cell * down };
        const value = values[i][k];
        return svg(
          "g",
          { "aria-hidden": "true" },
          tinted ? svg("rect", { class: `bpkit-fill ${signOf(value)}`, ...place, "fill-opacity": (0.06 + 0.34 * (Math.abs(value) / largest)).toFixed(3) }) : null,
          svg("rect", { class: "bpkit-cell", ...place }),
          svg("text", { x: place.x + across / 2, y: place.y + (cell * down) / 2 + 0.36 * room.cell, "font-weight": tinted ? 600 : 400, ...fitting(text, room.cell, across - 4) }, text),
        );
      }),
    );
  }
}

// ── The table beside it ─────────────────────────────────────────────────────────────────────────────────────────────

function head(...names) {
  return html("thead", {}, html("tr", {}, ...names.map((name) => html("th", { scope: "col" }, name))));
}

/** What the forward pass made. */
function arrays({ made }) {
  const rows = made.map(({ label, shape, norm }) => html("tr", {}, html("th", { scope: "row" }, label), html("td", {}, shape), html("td", {}, number(norm))));
  return html("table", { class: "bpkit-sum bpkit-ledger" }, html("caption", {}, tr("Forward")), head(tr("array"), tr("shape"), tr("norm")), html("tbody", {}, ...rows));
}

function captionOf(node, count) {
  if (count === 0) return tr("The way back starts with 1");
  return count > 1 ? tr("What the {count} uses of {node} send back", { count, node }) : tr("What comes back to {node}", { node });
}

/** What each use sends back, and the sum. */
function ledger(view, { node, uses, sum }) {
  const many = uses.length > 1;
  const rows = uses.map(({ end, back, shape, norm }, k) => {
    const picked = view.pick === k + 1;
    let name = back;
    if (many) {
      name = html("button", { type: "button", "aria-pressed": String(picked) }, tr("for {end}: {back}", { end, back }));
      name.addEventListener("click", () => view.choose(picked ? 0 : k + 1));
    }
    return html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, shape), html("td", {}, number(norm)));
  });
  rows.push(html("tr", { class: "bpkit-result" }, html("th", { scope: "row" }, many ? tr("δ{node}, the sum", { node }) : `δ${node}`), html("td", {}, sum.shape), html("td", {}, number(sum.norm))));
  const caption = captionOf(node, uses.length);
  return html("table", { class: "bpkit-sum bpkit-ledger" }, html("caption", {}, caption), head(tr("sent back"), tr("shape"), tr("norm")), html("tbody", {}, ...rows));
}
