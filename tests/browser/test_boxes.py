"""Optional boxes in JupyterLab: closed at first, and rendered once opened, tables and formulas too."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# lesson → its optional boxes, by how their summary begins, and whether a table is in it
BOXES = {
    "02_chain_rule.ipynb": {"Optional: both proofs": True},
    "07_update_rules.ipynb": {"Optional: where the root comes from": False},
    "09_any_function.ipynb": {"Optional: the five rows": True},
}


@pytest.mark.parametrize("lesson", BOXES)
def test_an_optional_box_is_closed_and_holds_rendered_markdown(open_notebook, screens, lesson):
    page = open_notebook(lesson, sharpness=1).page
    for summary, has_table in BOXES[lesson].items():
        box = page.locator(".jp-RenderedMarkdown details", has_text=summary)
        box.first.wait_for(state="attached")
        box.locator("summary").scroll_into_view_if_needed()
        assert box.count() == 1 and box.get_attribute("open") is None
        box.locator("summary").click()
        box.locator("mjx-container").first.wait_for()
        assert (box.locator("table").count() > 0) == has_table
        text = box.inner_text()
        assert "|:--" not in text and "$" not in text and "**" not in text
        page.screenshot(path=screens / f"box_{lesson[:2]}.png")
