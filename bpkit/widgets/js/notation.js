// A network whose lines and circles say what they are called; and a game: find the weight that a text calls so.

const COLUMN = 225;
const ROW = 118;
const RADIUS = 42;
const SIDE = 68;

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const { sizes, columns, texts, questions } = state;
    // column and item that are picked; asked: null, or the number of the question; verdict: null, "right" or "wrong"
    const view = { column: columns.length - 2, item: sizes.at(-2) - 1, asked: null, verdict: null };

    const ask = html("button", { type: "button" }, tr("Ask me"));
    const explore = html("button", { type: "button" }, tr("Look up"));
    const count = html("span", { class: "bpkit-where" });
    const bar = html("div", { class: "bpkit-bar" }, explore, ask, count, html("span", { class: "bpkit-keys" }, tr("keys: arrows, Enter")));
    if (questions.length === 0) ask.hidden = true;
    const { root, stage, region } = shell(state.label, bar);
    stage.classList.add("bpkit-naming");

    ask.addEventListener("click", () => {
      view.asked = view.asked === null ? 0 : (view.asked + 1) % questions.length;
      view.verdict = null;
      show();
    });
    explore.addEventListener("click", () => {
      view.asked = null;
      view.verdict = null;
      show();
    });

    const picked = () => columns[view.column].items[view.item];

    function choose(column, item) {
      view.column = column;
      view.item = item;
      if (view.asked !== null) {
        const { column: c, item: i } = questions[view.asked];
        view.verdict = c === column && i === item ? "right" : "wrong";
      }
      show();
    }

    function said() {
      const item = picked();
      if (view.asked === null) return sentences(item.say, item.note);
      const { ask: text, name } = questions[view.asked];
      const ours = text === texts[0];
      const places = { text, name: written(name), say: item.say };
      if (view.verdict === null) {
        const asked = ours ? tr("In this course, which line is {name}?", places) : tr("In text {text}, which line is {name}?", places);
        return sentences(asked, tr("Click it, or go there with the arrow keys and press Enter."));
      }
      if (view.verdict === "right") return tr("Right. {say}", places);
      if (item.k === undefined) return tr("That is a neuron. A weight is a line.");
      places.name = written(item.rows[0].names[texts.indexOf(text)]);
      return sentences(tr("Not that one. {say}", places), ours ? tr("In this course it is called {name}.", places) : tr("In text {text} it is called {name}.", places));
    }

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    const spot = (l, j) => ({ x: SIDE + l * COLUMN, y: 40 + ROW * (Math.max(...sizes) / 2 + j - (sizes[l] - 1) / 2) });

    function network() {
      const picture = svg("svg", {
        viewBox: `0 0 ${2 * SIDE + (sizes.length - 1) * COLUMN} ${40 + ROW * Math.max(...sizes)}`,
        role: "group",
        "aria-label": tr("The network"),
      });
      const last = sizes.length - 1;
      sizes.forEach((_, l) => {
        picture.append(svg("text", { class: "bpkit-head", x: spot(l, 0).x, y: 20, "font-size": 20 }, layerName(l, last)));
      });
      const [lines, circles] = [svg("g"), svg("g")];
      columns.forEach((column, c) =>
        column.items.forEach((item, i) => {
          const mine = c === view.column && i === view.item;
          if (item.k === undefined) circles.append(circle(c, i, column.layer, item, mine));
          else if (!mine) lines.append(line(c, i, column.layer, item, mine));
        }),
      );
      const item = picked();
      if (item.k !== undefined) lines.append(line(view.column, view.item, columns[view.column].layer, item, true));
      picture.append(lines, circles);
      return picture;
    }

    function button(part, c, i, words, mine) {
      part.setAttribute("role", "button");
      part.setAttribute("tabindex", mine ? "0" : "-1");
      part.setAttribute("aria-pressed", String(mine));
      part.setAttribute("aria-label", words);
      part.addEventListener("click", () => choose(c, i));
      return part;
    }

    function line(c, i, l, item, mine) {
      const [from, to] = [spot(l - 1, item.k), spot(l, item.j)];
      const head = mine ? 20 : 0;
      const { dx, dy, ...ends } = lineBetween(from, to, RADIUS, head);
      const parts = [svg("line", { class: "bpkit-seen", ...ends }), svg("line", { class: "bpkit-hit", ...ends })];
      if (mine) {
        const corners = [
          [ends.x2 + head * dx, ends.y2 + head * dy],
          [ends.x2 - 9 * dy, ends.y2 + 9 * dx],
          [ends.x2 + 9 * dy, ends.y2 - 9 * dx],
        ];
        parts.push(svg("polygon", { points: corners.map((corner) => corner.map((x) => x.toFixed(1)).join()).join(" ") }));
      }
      return button(svg("g", { class: "bpkit-line" }, ...parts), c, i, tr("line to {j} of layer {l} from {k}", { j: item.j + 1, l, k: item.k + 1 }), mine);
    }

    function circle(c, i, l, item, mine) {
      const { x, y } = spot(l, item.j);
      const parts = [
        svg("circle", { cx: x, cy: y, r: RADIUS }),
        view.asked === null ? symbolText("a", l, item.j + 1, { x, y: y + 7, "font-size": 28 }) : svg("text", { x, y: y + 8, "font-size": 24 }, String(item.j + 1)),
        svg("circle", { class: "bpkit-ring", cx: x, cy: y, r: RADIUS + 6 }),
      ];
      return button(svg("g", { class: "bpkit-neuron" }, ...parts), c, i, tr("neuron {j} of layer {l}", { j: item.j + 1, l }), mine);
    }

    // ── The names beside it ───────────────────────────────────────────────────────────────────────────────────────

    /** A letter with its superscript right above its subscript. */
    function symbol([letter, upper, lower]) {
      return html(
        "span",
        { class: "bpkit-symbol" },
        letter,
        html("span", { class: "bpkit-marks" }, html("span", {}, upper), html("span", {}, lower)),
      );
    }

    /** The same in a line of text. */
    function written([letter, upper, lower]) {
      const above = [...upper].map((mark) => "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹"["()0123456789".indexOf(mark)]).join("");
      return letter + above + [...lower].map((mark) => "₀₁₂₃₄₅₆₇₈₉"[mark]).join("");
    }

    function names() {
      const { rows } = picked();
      const line = (head, cells) => html("tr", {}, html("th", { scope: "row" }, head), ...cells.map((cell) => html("td", {}, cell)));
      const body = [
        line(texts[0], rows.map((row) => symbol(row.names[0]))),
        line(tr("in code"), rows.map((row) => html("code", {}, row.code))),
        ...texts.slice(1).map((text, t) => line(tr("text {text}", { text }), rows.map((row) => symbol(row.names[t + 1])))),
      ];
      return html(
        "table",
        { class: "bpkit-sum bpkit-names" },
        html("caption", {}, picked().say),
        html("thead", {}, html("tr", {}, html("th"), ...rows.map((row) => html("th", { scope: "col" }, row.what)))),
        html("tbody", {}, ...body),
      );
    }

    function question() {
      const { ask: text, name } = questions[view.asked];
      return html("p", { class: "bpkit-ask" }, text === texts[0] ? tr("In this course, which line is") : tr("In text {text}, which line is", { text }), html("strong", {}, symbol(name)), "?");
    }

    function show() {
      const hadFocus = stage.contains(document.activeElement);
      const asking = view.asked !== null;
      stage.replaceChildren(network(), html("div", {}, ...(asking ? [question()] : []), ...(asking && view.verdict !== "right" ? [] : [names()])));
      ask.textContent = asking ? tr("Next question") : tr("Ask me");
      explore.setAttribute("aria-disabled", String(!asking));
      count.textContent = asking ? tr("Question {n} of {all}", { n: view.asked + 1, all: questions.length }) : "";
      region.textContent = said();
      if (hadFocus) stage.querySelector('[aria-pressed="true"]').focus({ preventScroll: true });
    }

    function go(right, down) {
      view.column = Math.min(Math.max(view.column + right, 0), columns.length - 1);
      const most = columns[view.column].items.length;
      view.item = right ? Math.min(view.item, most - 1) : (view.item + down + most) % most;
      view.verdict = null; // going there is not answering yet
      show();
    }

    const answer = () => choose(view.column, view.item);
    const keys = {
      ArrowRight: () => go(1, 0),
      ArrowLeft: () => go(-1, 0),
      ArrowDown: () => go(0, 1),
      ArrowUp: () => go(0, -1),
      Enter: answer,
      " ": answer,
    };
    obey(root, keys, (event) => event.target.tagName === "BUTTON" && keys[event.key] === answer);

    el.append(root);
    const forgetColours = wearColours(root);
    show();
    return forgetColours;
  },
};
