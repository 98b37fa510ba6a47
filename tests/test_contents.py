"""What a lesson's notebook says of itself."""

from __future__ import annotations

import json

import pytest

from bpkit.course.contents import SECONDS_A_FORMULA, SECONDS_A_TABLE, WORDS_A_MINUTE, cell_with_heading, contents, read_lesson
from bpkit.course.folders import Course, find_course
from bpkit.errors import CourseError


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells]})


PLAIN = notebook(
    ("markdown", ["# 05 · Errors: BP2\n", "\n", "Two words, $a^l = b$ and `code here`.\n", "\n", "**Time** 75 minutes."]),
    ("code", "bp.plots.show(bp.plots.network(net))"),
    ("code", ["fig = bp.plots.figure()\n", "bp.plots.show(fig)"]),
    ("code", "bp.widgets.error_flow(net, x, y)"),
    ("code", "print(bp.check)"),
)


def test_title_minutes_words_formulas_figures_and_widgets(tmp_path):
    file = tmp_path / "05_errors.ipynb"
    file.write_text(PLAIN, encoding="utf-8")
    lesson = read_lesson(file)
    assert (lesson.number, lesson.slug, lesson.title, lesson.minutes) == ("05", "05_errors", "Errors: BP2", 75)
    # heading: 05 Errors: BP2; then "Two words, and x"; then time and minutes
    assert (lesson.words, lesson.formulas, lesson.tables, lesson.figures, lesson.widgets) == (3 + 4 + 3, 1, 0, 2, 1)


def minutes_of(tmp_path, *paragraphs):
    file = tmp_path / "05_errors.ipynb"
    file.write_text(notebook(("markdown", "# 05 · A title\n\n**Time** 75 minutes.\n\n" + "\n\n".join(paragraphs))), encoding="utf-8")
    return read_lesson(file).reading


def test_reading_is_150_words_a_minute_and_5_seconds_a_formula_and_20_a_table(tmp_path):
    assert (WORDS_A_MINUTE, SECONDS_A_FORMULA, SECONDS_A_TABLE) == (150, 5, 20)
    bare = minutes_of(tmp_path)
    table = "| | $a$ |\n|:--|--:|\n| one | $b$ |"
    for text, more in {
        "word " * 150: 1,
        "`some code of many words` " * 150: 1,
        "$a = b + c$ " * 12: 1,
        "$$a =\nb \\tag{c}$$ " * 12: 1,
        table: 20 / 60 + 2 * 5 / 60 + 1 / 150,
        "- <b>·</b> – | ---": 0,
        "<details><summary>What you saw</summary>\n\none two\n\n</details>": 5 / 150,
        f"<details><summary>Optional: a proof</summary>\n\none two $a$\n\n{table}\n\n</details>": 0,
    }.items():
        assert minutes_of(tmp_path, text) - bare == pytest.approx(more), text


@pytest.mark.parametrize("text", ["", "[]", '{"cells": [{}]}', notebook(("markdown", "# Notes")), notebook(("markdown", "# 05 · A title"))])
def test_what_is_no_lesson_is_refused_by_name(tmp_path, text):
    (tmp_path / "05_errors.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"^05_errors\.ipynb "):
        read_lesson(tmp_path / "05_errors.ipynb")


def test_a_lesson_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CourseError, match="FileNotFoundError"):
        read_lesson(tmp_path / "05_errors.ipynb")


def test_lessons_come_in_course_order(tmp_path):
    for name in ("11_b", "02_a"):
        (tmp_path / f"{name}.ipynb").write_text(PLAIN, encoding="utf-8")
    assert [lesson.slug for lesson in contents(Course(tmp_path, tmp_path))] == ["02_a", "11_b"]


def test_the_course_reads_whole():
    lessons = contents(find_course())
    assert lessons[0].slug == "00_start_here" and all(lesson.title and lesson.words and lesson.minutes for lesson in lessons)


def test_a_cell_is_found_by_how_its_heading_begins(tmp_path):
    cells = [{"id": "a", "source": "## 05.31 other"}, {"id": "b", "source": ["text\n", "### 05.3 hidden · •\n"]}]
    file = tmp_path / "05_errors.ipynb"
    file.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert cell_with_heading(file, "05.3 hidden") == "b"
    assert cell_with_heading(file, "05.3 hid") == cell_with_heading(file, "text") == ""
    file.write_text("{")
    assert cell_with_heading(file, "05.3") == cell_with_heading(tmp_path / "none.ipynb", "05.3") == ""
