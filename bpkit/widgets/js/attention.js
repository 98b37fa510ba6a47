// One query takes its keys in blocks: bars for exp(s - m), which shrink when a larger score comes. Everything was computed in Python.

const [LEFT, RIGHT, TOP, FOOT] = [84, 626, 34, 236]; // of the bars, in units of the drawing

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const count = state.scores.length;
    const view = { run: state.start, step: 0 };
    const steps = () => state.runs[view.run].steps;

    const buttons = {
      First: () => go(0),
      Back: () => go(view.step - 1),
      Next: () => go(view.step + 1),
      Last: () => go(count),
    };
    const pushed = stepButtons(buttons);
    const sizes = state.runs.map((run, i) => pushButton(String(run.size), () => take(i), { "aria-label": run.words }));
    const where = html("span", { class: "bpkit-where" });
    const choice = html("span", { class: "bpkit-choice", role: "group", "aria-label": tr("keys in a block") }, tr("keys in a block"), ...sizes);
    const bar = html("div", { class: "bpkit-bar" }, ...pushed, where, choice, html("span", { class: "bpkit-keys" }, tr("keys: ← → Home End, ↑ ↓")));
    const { root, stage, region } = shell(state.label, bar);

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    const width = (RIGHT - LEFT) / count;
    const middle = (j) => LEFT + (j + 0.5) * width;
    const height = (term) => (FOOT - TOP) * term;
    const text = (x, y, words, look = null, size = 15) => svg("text", { x, y, "font-size": size, class: look }, words);
    const bars = state.scores.map((_, j) => svg("rect", { x: middle(j) - 0.36 * width, width: 0.72 * width, y: FOOT, height: 0 }));
    const shares = state.scores.map((_, j) => text(middle(j), FOOT, "", "bpkit-share", 13));
    const bracket = svg("path", { class: "bpkit-bracket", d: "" });
    const picture = svg(
      "svg",
      { class: "bpkit-stream", viewBox: "0 0 640 308", role: "img" },
      ...[0, 0.5, 1].flatMap((v) => [
        svg("line", { class: "bpkit-grid", x1: LEFT, x2: RIGHT, y1: FOOT - height(v), y2: FOOT - height(v) }),
        text(LEFT - 8, FOOT - height(v) + 5, number(v, 1), "bpkit-right"),
      ]),
      text(8, TOP - 14, "exp(s − m)", "bpkit-left"),
      ...bars,
      ...shares,
      text(LEFT - 8, FOOT + 26, tr("score s"), "bpkit-right"),
      text(LEFT - 8, FOOT + 48, tr("value v"), "bpkit-right"),
      ...state.scores.flatMap((s, j) => [text(middle(j), FOOT + 26, number(s, 2)), text(middle(j), FOOT + 48, number(state.values[j], 2))]),
      bracket,
    );
    const cells = Object.fromEntries(["m", "kept", "l", "o", "result"].map((name) => [name, html("td", {})]));
    const row = (words, name, look = null) => html("tr", { class: look }, html("th", { scope: "row" }, words), cells[name]);
    const caption = html("caption", {}, tr("What is kept"));
    const table = html(
      "table",
      { class: "bpkit-sum" },
      caption,
      html(
        "tbody",
        {},
        row(tr("old sums times"), "kept"),
        row(tr("m, largest score"), "m", "bpkit-rule"),
        row(tr("l, sum of the bars"), "l"),
        row(tr("o, sum of bar times v"), "o"),
        row("o / l", "result", "bpkit-result"),
      ),
    );

    function draw() {
      const now = steps()[view.step];
      const old = now.seen - now.fresh;
      bars.forEach((each, j) => {
        const tall = Math.max(height(now.terms[j] ?? 0), j < now.seen ? 1.5 : 0);
        each.setAttribute("class", j < old ? "bpkit-old" : "bpkit-new");
        each.setAttribute("y", (FOOT - tall).toFixed(1));
        each.setAttribute("height", tall.toFixed(1));
        shares[j].setAttribute("y", (FOOT - tall - 6).toFixed(1));
        shares[j].textContent = j < now.seen ? number(now.terms[j], 2) : "";
      });
      const [from, to] = [LEFT + old * width + 4, LEFT + now.seen * width - 4];
      bracket.setAttribute("d", now.fresh ? `M${from},${FOOT + 58}v8H${to}v-8` : "");
      const [m, kept, result] = [now.m === null ? "−inf" : number(now.m), now.kept === null ? "" : number(now.kept), now.result === null ? "" : number(now.result)];
      const words = { m, kept, l: number(now.l), o: number(now.o), result };
      for (const [name, cell] of Object.entries(cells)) cell.textContent = words[name];
      picture.setAttribute("aria-label", tr("What each of {count} keys adds to the sum; {seen} are seen. {say}", { count, seen: now.seen, say: now.say }));
      where.textContent = tr("{seen} of {count} keys", { seen: now.seen, count });
      region.textContent = now.say;
      const last = steps().length - 1;
      pushed.forEach((button, i) => button.setAttribute("aria-disabled", String(view.step === (i < 2 ? 0 : last))));
      sizes.forEach((button, i) => button.setAttribute("aria-pressed", String(i === view.run)));
    }

    function go(step) {
      view.step = clamp(step, 0, steps().length - 1);
      draw();
    }

    /** Blocks of another size; as many keys stay seen as whole blocks allow. */
    function take(run) {
      const seen = steps()[view.step].seen;
      view.run = clamp(run, 0, state.runs.length - 1);
      go(steps().findLastIndex((each) => each.seen <= seen));
    }

    obey(root, {
      ArrowRight: buttons.Next,
      ArrowLeft: buttons.Back,
      Home: buttons.First,
      End: buttons.Last,
      ArrowUp: () => take(view.run + 1),
      ArrowDown: () => take(view.run - 1),
    });
    stage.append(picture, table);
    draw();
    el.append(root);
    return wearColours(root);
  },
};
