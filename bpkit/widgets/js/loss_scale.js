// The loss scale: the bars move with it over the window of float16; what becomes of them was computed in Python.

const [LEFT, RIGHT, TOP, BOTTOM] = [16, 624, 34, 258]; // of the picture, in units of the drawing
const [LOW, HIGH] = [-48, 24]; // powers of two at its ends
const ZERO = -25; // below it a number becomes 0
const NORMAL = -14;
const INFINITE = 16;

/** 2 to a whole power, as text. */
function twoTo(exponent) {
  return `2${[...String(exponent)].map((mark) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[mark] ?? "⁻").join("")}`;
}

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const last = state.steps.length - 1;
    let place = state.start;
    const symbolOf = html("span", { class: "bpkit-symbol" }, "s");
    const slider = dial(symbolOf, { min: 0, max: last, step: 1, "aria-label": tr("loss scale s, a power of two") }, move, "bpkit-wide");
    const reset = pushButton(tr("Reset"), () => move(state.start));
    const bar = html("div", { class: "bpkit-bar" }, slider.label, reset, html("span", { class: "bpkit-keys" }, tr("keys: ← → Home End")));
    const { root, stage, region } = shell(state.label, bar);

    const across = (power) => LEFT + ((RIGHT - LEFT) * (power - LOW)) / (HIGH - LOW);
    const most = Math.max(...state.bins.map(({ count }) => count));
    const text = (x, y, words, look = "") => svg("text", { x, y, "font-size": 17.5, class: look }, words);
    const area = (from, to, look) => svg("rect", { class: look, x: across(from), y: TOP, width: across(to) - across(from), height: BOTTOM - TOP });

    const bars = svg("g", {});
    const picture = svg(
      "svg",
      { class: "bpkit-half", viewBox: "0 0 640 312", role: "img", "aria-label": tr("How many gradients lie in each power of two, over the window of float16") },
      area(ZERO, NORMAL, "bpkit-subnormal"),
      area(NORMAL, INFINITE, "bpkit-normal"),
      text(across((LOW + ZERO) / 2), TOP - 12, tr("becomes 0")),
      text(across((ZERO + NORMAL) / 2), TOP - 12, tr("subnormal")),
      text(across((NORMAL + INFINITE) / 2), TOP - 12, tr("normal numbers of float16")),
      text(across((INFINITE + HIGH) / 2), TOP - 12, tr("infinite")),
      bars,
      svg("line", { class: "bpkit-axis", x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM }),
      ...[-40, -24, -14, 0, 16].map((power) => text(across(power), BOTTOM + 20, twoTo(power))),
      text((LEFT + RIGHT) / 2, BOTTOM + 44, tr("size of a gradient, times the scale")),
    );

    const table = html("table", { class: "bpkit-sum bpkit-lost" });
    stage.append(picture, table);

    function rows(lost) {
      const head = html("tr", {}, html("th", { scope: "col" }, tr("layer")), html("th", { scope: "col" }, tr("0 or infinite")), html("th", {}));
      const body = lost.map((percent, l) =>
        html("tr", {}, html("th", { scope: "row" }, String(l + 1)), html("td", {}, `${percent} %`), html("td", { class: "bpkit-bar-cell" }, meter(percent))),
      );
      return [html("caption", {}, tr("Lost, layer by layer")), html("thead", {}, head), html("tbody", {}, ...body)];
    }

    function meter(percent) {
      const shape = percent ? svg("rect", { class: "bpkit-negative", x: 1, y: 4, width: Math.max(percent - 2, 1), height: 10 }) : null;
      return svg("svg", { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" }, shape);
    }

    function move(to) {
      place = clamp(Number(to), 0, last);
      const { power, say, lost } = state.steps[place];
      slider.show(place, twoTo(power));
      const drawn = state.bins.map(({ power: size, count }) => {
        const at = size + power;
        const high = Math.max(((BOTTOM - TOP - 12) * count) / most, 1);
        const look = at < ZERO || at >= INFINITE ? "bpkit-gone" : "bpkit-there";
        const inside = at >= LOW && at + 1 <= HIGH;
        return inside ? svg("rect", { class: look, x: across(at) + 0.8, y: BOTTOM - high, width: across(1) - across(0) - 1.6, height: high }) : null;
      });
      bars.replaceChildren(...drawn.filter((bar) => bar !== null));
      table.replaceChildren(...rows(lost));
      region.textContent = say;
    }

    obey(root, { ArrowLeft: () => move(place - 1), ArrowRight: () => move(place + 1), Home: () => move(0), End: () => move(last) });
    move(place);
    el.append(root);
    return wearColours(root);
  },
};
