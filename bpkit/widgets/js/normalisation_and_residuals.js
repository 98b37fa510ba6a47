// One neuron's batch: move example 1, and see what is normalised with it and what comes back. Everything was computed in Python.

const BATCH = { left: 46, right: 612, z: 66, zHat: 164, top: 218, bottom: 372 };

const modeNames = () => ({ training: tr("training"), evaluation: tr("evaluation") });

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const last = state.steps.length - 1;
    const view = { place: state.start, mode: "training" };

    const modes = ["training", "evaluation"].map((mode) => pushButton(modeNames()[mode], () => turn(mode), { "data-mode": mode }));
    const reset = pushButton(tr("Reset"), () => {
      view.mode = "training";
      move(state.start);
    });
    const slider = dial(tr("example {x}", { x: 1 }), { min: 0, max: last, step: 1, "aria-label": tr("weighted input z of example 1") }, move, "bpkit-far");
    const keys = html("span", { class: "bpkit-keys" }, tr("drag in the picture, or keys: ← → Home End, T for the mode"));
    const bar = html("div", { class: "bpkit-bar" }, ...modes, reset, slider.label, keys);
    const { root, stage, region } = shell(state.label, bar);

    function turn(mode) {
      view.mode = mode;
      move(view.place);
    }

    function move(to) {
      view.place = clamp(to, 0, last);
      const step = state.steps[view.place];
      const now = step[view.mode];
      for (const button of modes) button.setAttribute("aria-pressed", String(button.dataset.mode === view.mode));
      slider.show(view.place, number(step.z[0]));
      stage.replaceChildren(drawing(step.z, now), ledger(now));
      region.textContent = now.say;
    }

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    const across = (v) => BATCH.left + ((BATCH.right - BATCH.left) * (v + state.reach)) / (2 * state.reach);

    function drawing(z, now) {
      const said = tr("Weighted inputs on the upper line, normalised values on the lower one, and bars for what comes back");
      const picture = svg("svg", { class: "bpkit-batch", viewBox: "0 0 640 404", role: "img", "aria-label": said });
      const text = (x, y, words, look = "", size = 15) => svg("text", { x, y, "font-size": size, class: look }, words);
      const line = (x1, y1, x2, y2, look) => svg("line", { class: look, x1, y1, x2, y2 });
      for (const [y, name] of [
        [BATCH.z, "z"],
        [BATCH.zHat, "ẑ"],
      ]) {
        picture.append(line(BATCH.left, y, BATCH.right, y, "bpkit-axis"), text(14, y + 5, name, "bpkit-left", 18));
        for (const v of [-4, -2, 0, 2, 4]) {
          picture.append(line(across(v), y - 4, across(v), y + 4, "bpkit-axis"), text(across(v), y + (y === BATCH.z ? -22 : 34), number(v, 1), "", 13));
        }
      }
      picture.append(
        line(across(now.mean), BATCH.z - 32, across(now.mean), BATCH.z + 32, "bpkit-mean"),
        text(across(now.mean), BATCH.z - 38, view.mode === "training" ? tr("mean") : tr("running mean"), "bpkit-mean-word", 14),
      );
      const order = [...z.keys()].reverse(); // example 1 is drawn last, on top
      for (const x of order) picture.append(line(across(z[x]), BATCH.z, across(now.zHat[x]), BATCH.zHat, x ? "bpkit-thread" : "bpkit-thread bpkit-moved"));
      for (const x of order) {
        for (const [at, y] of [
          [z[x], BATCH.z],
          [now.zHat[x], BATCH.zHat],
        ]) {
          picture.append(svg("circle", { class: x ? "bpkit-at" : "bpkit-at bpkit-moved", cx: across(at), cy: y, r: 12 }), text(across(at), y + 5, x + 1, "", 14));
        }
      }
      bars(picture, now, text, line);
      dragged(picture, root, ({ x }) => {
        const v = ((x - BATCH.left) / (BATCH.right - BATCH.left)) * 2 * state.reach - state.reach;
        move(Math.round(((v + state.reach) / (2 * state.reach)) * last));
      });
      return picture;
    }

    /** For each example a group of bars: the three paths and their sum. */
    function bars(picture, now, text, line) {
      const [middle, half] = [(BATCH.top + BATCH.bottom) / 2, (BATCH.bottom - BATCH.top) / 2];
      const count = now.zHat.length;
      const wide = (BATCH.right - BATCH.left) / count;
      const bar = Math.min(wide / 5.5, 24);
      picture.append(line(BATCH.left, middle, BATCH.right, middle, "bpkit-axis"));
      for (let x = 0; x < count; x += 1) {
        const centre = BATCH.left + wide * (x + 0.5);
        now.paths.forEach((path, k) => {
          const height = (half * Math.abs(path[x])) / state.largest;
          const left = centre + (k - 2) * (bar + 4) + (k === 3 ? 8 : 0);
          if (height > 0) picture.append(svg("rect", { class: signOf(path[x]), x: left, y: path[x] > 0 ? middle - height : middle, width: bar, height }));
          const above = path[x] < 0;
          picture.append(text(left + bar / 2, middle + (above ? -6 : 16), state.names[k][0], "", 13));
        });
        picture.append(text(centre, BATCH.bottom + 26, tr("example {x}", { x: x + 1 }), "", 15));
      }
    }

    // ── The numbers beside it ─────────────────────────────────────────────────────────────────────────────────────

    function ledger(now) {
      const head = html("tr", {}, html("th"), ...now.zHat.map((_, x) => html("th", { scope: "col" }, String(x + 1))));
      const row = (name, values, look = "") =>
        html("tr", { class: look }, html("th", { scope: "row" }, name), ...values.map((value) => html("td", {}, number(value, 2))));
      const rows = now.paths.map((path, k) => row(state.names[k], path, k === 3 ? "bpkit-result" : ""));
      return html(
        "table",
        { class: "bpkit-sum" },
        html("caption", {}, tr("What comes back to z")),
        html("thead", {}, head),
        html("tbody", {}, row("ẑ", now.zHat), ...rows),
      );
    }

    obey(root, {
      ArrowRight: () => move(view.place + 1),
      ArrowUp: () => move(view.place + 1),
      ArrowLeft: () => move(view.place - 1),
      ArrowDown: () => move(view.place - 1),
      Home: () => move(0),
      End: () => move(last),
      t: () => turn(view.mode === "training" ? "evaluation" : "training"),
    });

    el.append(root);
    const forgetColours = wearColours(root);
    move(view.place);
    return forgetColours;
  },
};
