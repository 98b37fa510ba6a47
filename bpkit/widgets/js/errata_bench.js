// Six printed gradients: the knob goes through settings at which everything was worked out beforehand.

const MAP = { width: 210, gap: 14, top: 34 };
const CHART = { left: 62, right: 390, top: 12, bottom: 168, height: 206 };
const columns = () => [
  ["published", tr("published")],
  ["repaired", tr("repaired")],
  ["measured", tr("measured")],
];

/** So many places for every entry of a map, with a real minus sign. */
function fixed(value, places) {
  const text = Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const view = { erratum: state.start, setting: 0 }; // where the error hides

    const buttons = state.errata.map(({ key, title }, i) => pushButton(key, () => pick(i), { title }));
    const knob = html("span");
    const slider = dial(knob, { min: 0, step: 1 }, turn, "bpkit-wide");
    const bar = html("div", { class: "bpkit-bar" }, ...buttons, slider.label, html("span", { class: "bpkit-keys" }, tr("keys: ← → Home End, ↑ ↓")));
    const { root, stage, region } = shell(state.label, bar);
    root.classList.add("bpkit-bench");

    function pick(i) {
      view.erratum = (i + state.errata.length) % state.errata.length;
      view.setting = 0;
      show();
    }

    function turn(setting) {
      view.setting = Math.min(Math.max(setting, 0), state.errata[view.erratum].settings.length - 1);
      show();
    }

    function show() {
      const erratum = state.errata[view.erratum];
      const trial = erratum.trials[view.setting];
      const setting = number(erratum.settings[view.setting]);
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === view.erratum)));
      slider.range.max = erratum.settings.length - 1;
      slider.range.setAttribute("aria-label", erratum.knob);
      slider.show(view.setting, setting);
      knob.textContent = erratum.knob;
      stage.replaceChildren(
        html("div", {}, html("p", { class: "bpkit-what" }, html("strong", {}, tr("{key}: {title}.", { key: erratum.key, title: erratum.title })), ` ${erratum.source}`), maps(trial), formulas(erratum)),
        html("div", {}, chart(erratum), ledger(trial)),
      );
      region.textContent = inWords(erratum, trial, setting);
    }

    function inWords({ knob, hides }, { error }, setting) {
      const places = { knob, setting, hides, error: number(error) };
      if (error <= state.tight) return tr("{knob} = {setting}: the published gradient passes every check, and is wrong. It passes {hides}.", places);
      if (error <= state.loose) return tr("{knob} = {setting}: off by {error}. A check at 1e-2 passes it, one at 1e-7 does not. It passes {hides}.", places);
      return tr("{knob} = {setting}: off by {error}, refused by a check at 1e-7 and by one at 1e-2. It passes {hides}.", places);
    }

    // ── The three gradients ───────────────────────────────────────────────────────────────────────────────────────

    function maps(trial) {
      const rows = trial.measured.length;
      const across = trial.measured[0].length;
      const largest = Math.max(...columns().flatMap(([name]) => trial[name].flat().map(Math.abs))) || 1;
      const cell = rows > 4 ? 30 : 46;
      const places = Math.min(Math.max(2 - Math.floor(Math.log10(largest)), 0), 4);
      const height = MAP.top + rows * cell + 4;
      const picture = svg("svg", { viewBox: `0 0 ${3 * MAP.width + 2 * MAP.gap} ${height}`, role: "group", "aria-label": tr("Three gradients, entry beside entry") });
      columns().forEach(([name, title], i) => {
        const left = i * (MAP.width + MAP.gap);
        const wide = Math.min(MAP.width / across, 96);
        const start = left + (MAP.width - across * wide) / 2;
        const words = trial[name].map((row) => row.map((entry) => number(entry)).join(", ")).join("; ");
        const map = svg("g", { role: "img", "aria-label": tr("{title}: {words}", { title, words }) });
        map.append(svg("text", { class: "bpkit-title", x: left + MAP.width / 2, y: 22, "font-size": 18 }, title));
        trial[name].forEach((row, j) =>
          row.forEach((entry, k) => {
            const at = { x: start + k * wide, y: MAP.top + j * cell, width: wide, height: cell };
            const opacity = (0.07 + 0.48 * (Math.abs(entry) / largest)).toFixed(3);
            const off = name === "published" && Math.abs(entry - trial.measured[j][k]) > 1e-6 * largest;
            map.append(svg("rect", { class: `bpkit-entry ${signOf(entry)}`, ...at, "fill-opacity": opacity }));
            if (off) map.append(svg("rect", { class: "bpkit-off", x: at.x + 2.5, y: at.y + 2.5, width: wide - 5, height: cell - 5 }));
            map.append(svg("text", { x: at.x + wide / 2, y: at.y + cell / 2 + 6.5, "font-size": 18 }, fixed(entry, places)));
          }),
        );
        picture.append(map);
      });
      return picture;
    }

    function formulas({ of, printed, repaired }) {
      return html(
        "p",
        { class: "bpkit-formulas" },
        html("span", {}, `${tr("{of}. Printed:", { of })} `),
        html("code", { class: "bpkit-two" }, printed),
        html("span", {}, ` ${tr("Repaired:")} `),
        html("code", { class: "bpkit-one" }, repaired),
        html("span", { class: "bpkit-keys" }, ` ${tr("Dashed: entries that are off.")}`),
      );
    }

    // ── The error over the knob ───────────────────────────────────────────────────────────────────────────────────

    function chart(erratum) {
      const last = erratum.settings.length - 1;
      const across = (i) => CHART.left + ((CHART.right - CHART.left) * i) / last;
      const low = Math.log10(state.floor);
      const up = (error) => CHART.bottom - ((CHART.bottom - CHART.top) * (Math.log10(error) - low)) / (0.5 - low);
      const picture = svg("svg", { viewBox: `0 0 400 ${CHART.height}`, role: "img", "aria-label": tr("Error of the published gradient over {knob}", { knob: erratum.knob }) });
      const text = (x, y, words, look) => svg("text", { x, y, "font-size": 18, class: look }, words);
      const level = (error, look) => svg("line", { class: look, x1: CHART.left, x2: CHART.right, y1: up(error), y2: up(error) });
      picture.classList.add("bpkit-drag");
      picture.append(
        ...[1e-8, 1e-6, 1e-4, 1e-2, 1].map((v) => text(CHART.left - 8, up(v) + 5, v === 1 ? "1" : v === 1e-2 ? "0.01" : `1e${Math.round(Math.log10(v))}`, "bpkit-right")),
        level(state.floor, "bpkit-axis"),
        level(state.tight, "bpkit-drop"),
        level(state.loose, "bpkit-drop"),
        svg("path", { class: "bpkit-one", d: `M${erratum.trials.map(({ repairedError }, i) => `${across(i)},${up(repairedError).toFixed(1)}`).join("L")}` }),
        svg("path", { class: "bpkit-two", d: `M${erratum.trials.map(({ error }, i) => `${across(i)},${up(error).toFixed(1)}`).join("L")}` }),
        svg("line", { class: "bpkit-here", x1: across(view.setting), x2: across(view.setting), y1: CHART.top, y2: CHART.bottom }),
        svg("circle", { class: "bpkit-two", r: 7, cx: across(view.setting), cy: up(erratum.trials[view.setting].error) }),
        text(CHART.left, CHART.bottom + 20, number(erratum.settings[0]), "bpkit-left"),
        text(CHART.right, CHART.bottom + 20, number(erratum.settings[last]), "bpkit-right"),
        text((CHART.left + CHART.right) / 2, CHART.bottom + 36, erratum.knob, ""),
      );
      dragged(picture, root, ({ x }) => turn(Math.round(((x - CHART.left) / (CHART.right - CHART.left)) * last)));
      return picture;
    }

    function ledger(trial) {
      const told = (error) => (error > state.floor ? number(error) : tr("round-off"));
      const passes = (error, tolerance) => (error <= tolerance ? tr("passes") : tr("refused"));
      const row = (name, look, one, two) => html("tr", { class: look }, html("th", { scope: "row" }, name), html("td", {}, one), html("td", {}, two));
      const { error, repairedError, cosine } = trial;
      return html(
        "table",
        { class: "bpkit-sum bpkit-costs" },
        html("thead", {}, html("tr", {}, html("th"), html("th", { scope: "col", class: "bpkit-two" }, tr("published")), html("th", { scope: "col", class: "bpkit-one" }, tr("repaired")))),
        html(
          "tbody",
          {},
          row(tr("error"), "", told(error), told(repairedError)),
          row(tr("cosine with measured"), "", number(cosine), number(1)),
          row(tr("check at 1e-2"), "bpkit-rule", passes(error, state.loose), passes(repairedError, state.loose)),
          row(tr("check at 1e-7"), "", passes(error, state.tight), passes(repairedError, state.tight)),
        ),
      );
    }

    const keys = {
      ArrowRight: () => turn(view.setting + 1),
      ArrowLeft: () => turn(view.setting - 1),
      ArrowDown: () => pick(view.erratum + 1),
      ArrowUp: () => pick(view.erratum - 1),
      Home: () => turn(0),
      End: () => turn(Infinity),
    };
    obey(root, keys);

    el.append(root);
    const forgetColours = wearColours(root);
    show();
    return forgetColours;
  },
};
