// The V-curve: move the step, choose scheme, number type and function; everything was measured in Python, for here there is no float32.

const [LEFT, RIGHT, TOP, BOTTOM] = [70, 622, 24, 284]; // of the picture, in units of the drawing
const HEIGHT = 334;
const LEAST = -17; // where an error of 0 is drawn
const MOST = 1;

/** 10 to a whole power, as text. */
function power(exponent) {
  return `10${[...String(exponent)].map((mark) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[mark] ?? "⁻").join("")}`;
}

const schemeNames = () => ({ "one-sided": tr("one-sided"), central: tr("central"), "complex step": tr("complex step") });

const widget = {
  render({ model, el }) {
    const state = model.get("state");
    const last = state.exponents.length - 1;
    const types = Object.keys(state.dtypes);
    const first = { k: state.start, scheme: 1, dtype: 0, name: 0 };
    const view = { ...first };

    const choice = (label, names, key) => {
      const buttons = names.map((name, i) => pushButton(name, () => choose(key, i)));
      return { key, buttons, group: html("div", { class: "bpkit-choice", role: "group", "aria-label": label }, ...buttons) };
    };
    const choices = [
      choice(tr("scheme"), state.schemes.map((scheme) => schemeNames()[scheme]), "scheme"),
      choice(tr("number type"), types, "dtype"),
      choice(tr("function"), state.functions.map((each) => each.short), "name"),
    ];
    const slider = dial(html("span", { class: "bpkit-symbol" }, "h"), { min: 0, max: last, step: 1, "aria-label": tr("step h") }, move, "bpkit-wide");
    const reset = pushButton(tr("Reset"), () => {
      Object.assign(view, first);
      build();
    });
    const bar = html("div", { class: "bpkit-bar" }, ...choices.map(({ group }) => group), reset, slider.label, html("span", { class: "bpkit-keys" }, tr("keys: ← → Page Home End, ↑ ↓")));
    const { root, stage, region } = shell(tr("Error of a numerical slope over its step"), bar);

    const chosen = () => {
      const it = state.functions[view.name];
      const [dtype, scheme] = [types[view.dtype], state.schemes[view.scheme]];
      const h = 10 ** state.exponents[view.k];
      const bend = scheme === "one-sided" ? (h / 2) * it.bend : ((h * h) / 6) * it.third;
      const lost = scheme === "complex step" ? 0 : (state.dtypes[dtype] * Math.abs(it.value)) / (scheme === "central" ? 2 * h : h);
      return { it, dtype, scheme, h, bend, lost, pair: it.pairs[dtype][scheme][view.k], error: it.errors[dtype][scheme][view.k] };
    };

    function choose(key, i) {
      view[key] = i;
      build();
    }

    let updates = [];
    function move(k) {
      view.k = Math.min(Math.max(k, 0), last);
      const now = chosen();
      slider.show(view.k, number(now.h));
      for (const update of updates) update(now);
      region.textContent = inWords(now);
    }

    function build() {
      updates = [];
      for (const { key, buttons } of choices) buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === view[key])));
      stage.replaceChildren(drawing(), ledger());
      move(view.k);
    }

    function common([one, other]) {
      let same = 0;
      while (same < one.length && one[same] === other[same]) same += 1;
      return same;
    }

    function inWords(now) {
      const said = (told) => sentences(offBy(now), told);
      if (now.it.reach !== null && now.scheme === "central" && now.h > now.it.reach) return said(tr("The kink at 0 lies between the two points: a false alarm."));
      if (now.scheme === "complex step") {
        return said(now.error > 1e-15 && now.bend > 1e-15 ? tr("Nothing is subtracted; what is left is the bend of the curve.") : tr("Nothing is subtracted: all digits are right."));
      }
      if (now.pair[0] === now.pair[1]) return said(tr("The two values are the same number: nothing is left of the slope."));
      const ratio = now.bend / now.lost;
      if (ratio > 0.1 && ratio < 10) return said(tr("Bend and rounding are about equal: no step is much better."));
      return said(ratio > 1 ? tr("The bend of the curve decides: try a smaller step.") : tr("Rounding decides: the digits that tell the two values apart are too few. Try a larger step."));
    }

    function offBy(now) {
      const places = { h: number(now.h), dtype: now.dtype, error: number(now.error) };
      if (now.scheme === "complex step") return tr("With h = {h} the complex step in {dtype} is off by {error}.", places);
      if (now.scheme === "central") return tr("With h = {h} the central difference in {dtype} is off by {error}.", places);
      return tr("With h = {h} the one-sided difference in {dtype} is off by {error}.", places);
    }

    // ── The drawing ───────────────────────────────────────────────────────────────────────────────────────────────

    const low = state.exponents[0];
    const across = (exponent) => LEFT + ((RIGHT - LEFT) * (exponent - low)) / -low;
    const up = (error) => BOTTOM - ((BOTTOM - TOP) * (Math.min(Math.max(Math.log10(error), LEAST), MOST) - LEAST)) / (MOST - LEAST);
    const line = (values) => `M${values.map((error, k) => `${across(state.exponents[k]).toFixed(1)},${up(error).toFixed(1)}`).join("L")}`;

    function drawing() {
      const now = chosen();
      const picture = svg("svg", { class: "bpkit-drag bpkit-errors", viewBox: `0 0 640 ${HEIGHT}`, role: "img", "aria-label": tr("{name}: error of its slope over the step, both on logarithmic axes", { name: now.it.name }) });
      const text = (x, y, words, look = "", size = 17.5) => svg("text", { x, y, "font-size": size, class: look }, words);
      for (const exponent of [-20, -16, -12, -8, -4, 0]) {
        const x = across(exponent);
        picture.append(svg("line", { class: "bpkit-grid", x1: x, x2: x, y1: TOP, y2: BOTTOM }), text(x, BOTTOM + 22, power(exponent)));
      }
      for (const exponent of [0, -4, -8, -12, -16]) {
        const y = up(10 ** exponent);
        picture.append(svg("line", { class: "bpkit-grid", x1: LEFT, x2: RIGHT, y1: y, y2: y }), text(LEFT - 10, y + 5, power(exponent), "bpkit-right"));
      }
      picture.append(text(LEFT - 52, TOP - 10, tr("error of the slope"), "bpkit-left"), text((LEFT + RIGHT) / 2, BOTTOM + 46, tr("step h")));
      const drop = svg("line", { class: "bpkit-drop", y1: TOP, y2: BOTTOM });
      const dot = svg("circle", { r: 7 });
      picture.append(drop);
      state.schemes.forEach((scheme, i) => {
        if (i !== view.scheme) picture.append(svg("path", { "data-scheme": scheme, d: line(now.it.errors[now.dtype][scheme]) }));
      });
      // what the two formulas promise
      const steps = state.exponents.map((exponent) => 10 ** exponent);
      const bend = steps.map((h) => (now.scheme === "one-sided" ? (h / 2) * now.it.bend : ((h * h) / 6) * now.it.third));
      const lost = steps.map((h) => (state.dtypes[now.dtype] * Math.abs(now.it.value)) / (now.scheme === "central" ? 2 * h : h));
      for (const [name, values, shown, falling] of [[tr("bend"), bend, now.bend > 0, true], [tr("rounding"), lost, now.scheme !== "complex step", false]]) {
        const inside = values.map((error, k) => [error, k]).filter(([error]) => error > 10 ** LEAST && error < 10);
        if (!shown || inside.length < 2) continue;
        const d = `M${inside.map(([error, k]) => `${across(state.exponents[k]).toFixed(1)},${up(error).toFixed(1)}`).join("L")}`;
        // the names stand at the lines' lower ends, where no measured curve is
        const [error, k] = falling ? inside[0] : inside[inside.length - 1];
        const place = falling ? [across(state.exponents[k]) - 8, up(error) - 12, "bpkit-right"] : [across(state.exponents[k]) - 30, up(error) + 1, "bpkit-right"];
        picture.append(svg("path", { class: "bpkit-promise", d }), text(place[0], place[1], name, `${place[2]} bpkit-promise`));
      }
      picture.append(svg("path", { class: "bpkit-chosen", "data-scheme": now.scheme, d: line(now.it.errors[now.dtype][now.scheme]) }), dot);
      updates.push((at) => {
        const x = across(state.exponents[view.k]).toFixed(1);
        drop.setAttribute("x1", x);
        drop.setAttribute("x2", x);
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", up(at.error).toFixed(1));
      });

      dragged(picture, root, ({ x }) => move(Math.round(((x - LEFT) / (RIGHT - LEFT)) * last)));
      return picture;
    }

    // ── The digits and the sum beside it ──────────────────────────────────────────────────────────────────────────

    function ledger() {
      const complex = state.schemes[view.scheme] === "complex step";
      const names = complex ? [tr("real part of C(w + ih)"), tr("imaginary part")] : state.schemes[view.scheme] === "central" ? ["C(w + h)", "C(w − h)"] : ["C(w + h)", "C(w)"];
      const digits = names.map((name) => {
        const line = html("p", { class: "bpkit-digits" });
        return { head: html("p", {}, name), line };
      });
      updates.push((now) => {
        const same = complex ? 0 : common(now.pair);
        digits.forEach(({ line }, i) => {
          const kept = now.pair[i].slice(same);
          line.replaceChildren(...(complex ? [now.pair[i]] : [html("span", {}, now.pair[i].slice(0, same)), ...(kept ? [html("b", {}, kept)] : [])]));
        });
      });
      const row = (name, get, look = "") => {
        const cell = html("td");
        updates.push((now) => (cell.textContent = get(now)));
        return html("tr", { class: look }, html("th", { scope: "row" }, name), cell);
      };
      const table = html(
        "table",
        { class: "bpkit-sum bpkit-slopes" },
        html(
          "tbody",
          {},
          row(tr("slope, in truth"), (now) => number(now.it.slope, 6)),
          row(tr("the bend promises an error of"), (now) => (now.it.reach !== null ? "0" : number(now.bend, 2)), "bpkit-rule"),
          row(tr("rounding, of up to"), (now) => number(now.lost, 2)),
          row(tr("measured error"), (now) => number(now.error, 2), "bpkit-result"),
        ),
      );
      const title = html("p", { class: "bpkit-title" }, state.functions[view.name].name);
      return html("div", {}, title, ...digits.flatMap(({ head, line }) => [head, line]), table);
    }

    const keys = {
      ArrowRight: () => move(view.k + 1),
      ArrowLeft: () => move(view.k - 1),
      PageUp: () => move(view.k + 4),
      PageDown: () => move(view.k - 4),
      Home: () => move(0),
      End: () => move(last),
      ArrowDown: () => choose("scheme", (view.scheme + 1) % state.schemes.length),
      ArrowUp: () => choose("scheme", (view.scheme + state.schemes.length - 1) % state.schemes.length),
    };
    obey(root, keys);

    el.append(root);
    const forgetColours = wearColours(root);
    build();
    return forgetColours;
  },
};
