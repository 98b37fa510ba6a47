"""similar.html on a phone and on a laptop."""

from __future__ import annotations

import pytest
from grading_rows import row

from bpkit.cli import main
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded

pytestmark = pytest.mark.browser

CODE = (
    "def hidden_error(W_next, delta_next, z):\n    # the slope of the sigmoid, at z, for each example of the batch by itself\n"
    "    slope = 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z)))\n    return np.multiply(np.dot(W_next.T, delta_next), slope)\n"
)


@pytest.mark.parametrize("width", [390, 740, 1366])
def test_two_answers_fit_and_say_whose_they_are(browser, tmp_path, width):
    students = ("ada", "wolfeschlegelsteinhausenbergerdorff" * 3)
    with Journal(tmp_path) as journal:
        for student, code in [*((student, CODE) for student in students), *((f"other {k}", "") for k in range(40))]:
            journal.add(Graded(student, "f.ipynb", (row(student, "05.3", code=code),), lessons=("05",)))
    assert main(["similar", str(tmp_path)]) == 0
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((tmp_path / "similar.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("pre").evaluate_all("all => all.map(e => e.previousElementSibling.textContent)") == list(students)
    page.close()
