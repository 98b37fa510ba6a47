"""A right answer comes back in JupyterLab: the solution beside it, the empty cell, and the answer itself in a new cell below."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TASK, CHECK = "def hidden_error(W_next", 'bp.check("05.3", hidden_error)'
LOOPS = """def hidden_error(W_next, delta_next, z):
    back = [[sum(W_next[k, j] * delta_next[k, x] for k in range(len(W_next))) for x in range(z.shape[1])] for j in range(len(z))]
    return np.array(back) * bp.sigmoid.prime(z)"""
WRONG = """def hidden_error(W_next, delta_next, z):
    return W_next.T @ delta_next"""


def test_an_answer_is_kept_shown_beside_ours_and_given_back_below(open_notebook, screens):
    notebook = open_notebook("05_propagating_the_error.ipynb")
    cells, card = notebook.page.locator(".jp-Notebook .jp-CodeCell"), notebook.output(CHECK)

    def ask(call):
        """In the cell of the check, by which it is found again."""
        notebook.write(CHECK, f"{call}  # {CHECK}")
        return card.inner_text()

    notebook.run("import numpy as np")
    notebook.write(TASK, LOOPS)
    notebook.run(CHECK)
    assert "05.3 hidden_error: right" in card.inner_text()
    said = ask('bp.solution("05.3")')
    assert "Both are right" in said and "-    return np.array(back)" in said
    for theme in ("Dark", "Light"):
        notebook.wear(theme)
        notebook.picture(screens / f"solution_{theme.lower()}.png", card, card)

    notebook.write(TASK, WRONG)
    before = cells.count()
    assert "as it was when it was right, in a new cell below" in ask('bp.restore("05.3")')
    cells.nth(before).wait_for()
    assert cells.count() == before + 1
    assert notebook.cell("return np.array(back)").locator(".jp-InputArea .cm-content").inner_text().strip() == LOOPS
    assert "The cell as it came, in a new cell below" in ask('bp.reset("05.3")')
    cells.nth(before + 1).wait_for()
    assert cells.count() == before + 2
    assert notebook.strangers() == []
