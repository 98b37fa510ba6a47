"""Every widget on a page that is 600 px wide, as beside a file pane: nothing is cut off, at none of its steps."""

from __future__ import annotations

import numpy as np
import pytest
from widget_page import fits, focus

import bpkit as bp
from bpkit.exhibits import nets

pytestmark = pytest.mark.browser

# what stands outside of the widget, or of a box that hides what it cannot hold
CUT_OFF = """() => {
    const root = document.querySelector(".bpkit-widget"), edge = root.getBoundingClientRect(), found = [];
    for (const part of root.querySelectorAll("*")) {
        const box = part.getBoundingClientRect(), style = getComputedStyle(part);
        if (!box.width || !box.height || style.visibility === "hidden" || part.closest("defs, clipPath, title, desc, .bpkit-sr")) continue;
        const named = `${part.tagName}.${part.getAttribute("class") ?? ""} ${part.textContent.slice(0, 40)}`;
        if (part.closest("[clip-path]")) continue;  // a curve ends where its axes end
        if (box.left < edge.left - 1 || box.right > edge.right + 1) found.push(`beside the widget: ${named}`);
        if (box.top < edge.top - 1 || box.bottom > edge.bottom + 1) found.push(`above or below it: ${named}`);
        const hides = !part.ownerSVGElement && ["hidden", "clip"].includes(style.overflowX);
        if (hides && part.scrollWidth > part.clientWidth + 1) found.push(`hidden: ${named}`);
    }
    return found;
}"""


def example(name: str):
    """The widget of this name, of something as large as what the lessons show."""
    net, x, y = nets.two_three_two()
    rng = np.random.default_rng(0)
    if name == "tape":
        w, u = bp.tape.Var(0.5), bp.tape.Var(2.0)
        return bp.widgets.tape(0.5 * (bp.tape.tanh(w * bp.tape.tanh(w * u)) - 1.0) ** 2, {"w": w, "x": u})
    if name == "training":
        data = rng.normal(size=(16, 6)), np.array([0, 1, 2, 0, 1, 2])
        learnt = [bp.init([16, 5, 3], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng) for _ in range(2)]
        return bp.widgets.training(learnt, data, data)
    given = {
        "errata_bench": ("T",),
        "error_flow": (net, x, y),
        "forward_pass": (net, x),
        "full_step": (net, x, y),
        "notation": (net,),
        "paths": ([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]]),
    }
    return getattr(bp.widgets, name)(*given.get(name, ()))


@pytest.fixture(scope="module", params=bp.widgets.__all__)
def widget(request):
    return example(request.param)


def test_nothing_is_cut_off_at_600_px(page):
    page.set_viewport_size({"width": 600, "height": 900})
    focus(page)
    page.keyboard.press("Home")
    before = None
    for _ in range(60):
        assert fits(page)
        assert page.evaluate(CUT_OFF) == []
        page.keyboard.press("ArrowRight")
        now = page.locator(".bpkit-widget").inner_html()
        if now == before:
            break
        before = now
