// The widget of lesson 13: move the factor; everything was computed in Python. TODO: draw what the lesson is about.

import { dial, html, obey, shell, svg, wearColours } from "./common.js";

export default {
  render({ model, el }) {
    const state = model.get("state");
    let place = 0;
    const slider = dial("c", { min: 0, max: state.steps.length - 1, step: 1, "aria-label": "factor c" }, move);
    const { root, stage, region } = shell(state.label, html("div", { class: "bpkit-bar" }, slider.label));

    function move(to) {
      place = Math.min(Math.max(to, 0), state.steps.length - 1);
      const { title, say } = state.steps[place];
      slider.show(place, title);
      const end = (90 * (place + 1)) / state.largest;
      const line = svg("line", { x1: -100, y1: end, x2: 100, y2: -end, stroke: "currentColor", "stroke-width": 2 });
      stage.replaceChildren(svg("svg", { viewBox: "-110 -100 220 200", role: "img", "aria-label": say }, line));
      region.textContent = say;
    }

    obey(root, { ArrowLeft: () => move(place - 1), ArrowRight: () => move(place + 1) });
    move(0);
    el.append(root);
    return wearColours(root);
  },
};
