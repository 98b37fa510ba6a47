"""What is to be translated, what stays when English changes, and what the lint tells of a translation."""

from __future__ import annotations

from textwrap import dedent

import pytest

pytest.importorskip("jupytext")
pytest.importorskip("babel")

from bpkit.authoring import catalogues
from bpkit.authoring.edition import code_differs, edition, unfinished
from bpkit.authoring.source import read_source
from bpkit.authoring.translation_lint import faults
from bpkit.authoring.wording import Message, messages_in, messages_of, reworded
from bpkit.course.folders import Course, find_course
from bpkit.errors import CourseError

LESSON = '''\
# %% [markdown]
# # 05 · Two times
# Some text.
#
# **Time** 5 minutes

# %%
import math


def double(x):
    """Twice x."""
    # think of the sum
    # BEGIN SOLUTION
    return x + x  # both
    # END SOLUTION


kind = "central"
print("twice", double(2), f"of {math.pi:.2f} is\\n")

# %%
guess = ...  # a number
'''


@pytest.fixture
def course(tmp_path):
    made = Course.at(tmp_path)
    for part in (made.lessons, made.slides, made.solutions):
        part.mkdir()
    (made.solutions / "05_two_times.py").write_text(LESSON, encoding="utf-8")
    return made


def source_of(course):
    return read_source(course.solutions / "05_two_times.py")


def write(course, said, source=None):
    messages = list(messages_of(source or source_of(course)))
    made = catalogues.updated(catalogues.read(course.lessons / "none.po", "zh"), messages, "zh")
    for entry in made:
        entry.string = said.get(entry.id, "") if entry.id else entry.string
    path = catalogues.folder_of(course, "zh") / "lesson_05.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalogues.as_po(made), encoding="utf-8")


def test_cells_comments_and_strings_that_are_read_are_found_and_names_are_not(course):
    texts = [message.text for message in messages_of(source_of(course))]
    assert texts == [
        "# 05 · Two times\nSome text.\n\n**Time** 5 minutes",
        "Twice x.",
        "think of the sum",
        "both",
        "twice",
        "of {math.pi:.2f} is\\n",
        "a number",
    ]


def test_an_edition_has_the_same_code_and_ids_in_other_words(course):
    write(
        course,
        {
            "# 05 · Two times\nSome text.\n\n**Time** 5 minutes": "# 05 · 两倍\n一段文字。\n\n**用时** 5 分钟",
            "think of the sum": "想想和",
            "of {math.pi:.2f} is\\n": "{math.pi:.2f} 的两倍是\\n",
            "both": "两个",
        },
    )
    english, chinese = source_of(course), edition(source_of(course), course, "zh")
    assert [cell.id for cell in english.cells] == [cell.id for cell in chinese.cells]
    assert chinese.cells[0].text.startswith("# 05 · 两倍")
    code = chinese.cells[1]
    assert "# 想想和" in code.text
    assert 'print("twice", double(2), f"{math.pi:.2f} 的两倍是\\n")' in code.text
    assert 'kind = "central"' in code.text
    assert "return x + x  # 两个" in code.solved()
    assert "return ...  # " in code.stubbed()
    assert not code_differs(english.cells[1].text, code.text)


def test_a_translation_that_breaks_the_code_is_named_with_its_cell(course):
    write(course, {"twice": 'zwei"mal'})
    with pytest.raises(CourseError, match=r"05_two_times\.py:8: translated, the cell's code is not Python"):
        edition(source_of(course), course, "zh")
    write(course, {"of {math.pi:.2f} is\\n": "{math.e:.2f} 的两倍\\n"})
    with pytest.raises(CourseError, match="is another"):
        edition(source_of(course), course, "zh")


def test_what_changed_in_english_keeps_its_translation_as_fuzzy_and_is_not_used(course):
    write(course, {"think of the sum": "想想和", "twice": "两倍"})
    path = catalogues.folder_of(course, "zh") / "lesson_05.po"
    (course.solutions / "05_two_times.py").write_text(LESSON.replace("think of the sum", "think of the two sums"), encoding="utf-8")
    old = catalogues.read(path, "zh")
    new = catalogues.updated(old, list(messages_of(source_of(course))), "zh")
    (changed,) = [entry for entry in new if entry.fuzzy and entry.id]
    assert (changed.id, changed.string) == ("think of the two sums", "想想和")
    path.write_text(catalogues.as_po(new), encoding="utf-8")
    assert "think of the two sums" in edition(source_of(course), course, "zh").cells[1].text
    again = catalogues.updated(catalogues.read(path, "zh"), list(messages_of(source_of(course))), "zh")
    assert catalogues.as_po(again) == path.read_text(encoding="utf-8"), "written the same each time, fuzzy or not"
    assert "两倍" in path.read_text(encoding="utf-8")


def test_a_cell_whose_heading_changes_takes_what_is_below_along(course):
    write(course, {"think of the sum": "想想和", "# 05 · Two times\nSome text.\n\n**Time** 5 minutes": "# 05 · 两倍"})
    path = catalogues.folder_of(course, "zh") / "lesson_05.po"
    (course.solutions / "05_two_times.py").write_text(LESSON.replace("Two times", "Double"), encoding="utf-8")
    new = catalogues.updated(catalogues.read(path, "zh"), list(messages_of(source_of(course))), "zh")
    assert {entry.id[:16]: (entry.string, entry.fuzzy) for entry in new if entry.id and entry.string} == {
        "# 05 · Double\nSo": ("# 05 · 两倍", True),
        "think of the sum": ("想想和", False),
    }


@pytest.mark.slow
def test_what_is_behind_is_named(course):
    write(course, {"twice": "两倍"})
    told = [line for line in unfinished(course, "zh") if line.startswith("languages/zh/lesson_05.po")]
    assert len(told) == 1
    assert "6 of 7 texts missing or fuzzy, the first: '# 05 · Two times" in told[0]
    folder = catalogues.folder_of(course, "zh")
    (folder / "exceptions.toml").write_text('[[later]]\ncatalogue = "lesson_05"\nwhy = "not begun"\n', encoding="utf-8")
    assert not [line for line in unfinished(course, "zh") if line.startswith("languages/zh/lesson_05.po")]


def test_a_text_that_two_catalogues_translate_in_two_ways_is_named(course, monkeypatch):
    monkeypatch.setattr(catalogues, "catalogues_said", lambda course: ("exhibits", "interface"))
    folder = catalogues.folder_of(course, "zh")
    folder.mkdir(parents=True)
    for name, said in (("exhibits", "平方"), ("interface", "它的平方")):
        made = catalogues.updated(catalogues.read(folder / "none.po", "zh"), [Message("the square of")], "zh")
        made.get("the square of").string = said
        (folder / f"{name}.po").write_text(catalogues.as_po(made), encoding="utf-8")
    with pytest.raises(CourseError, match=r"exhibits\.po has '平方' for 'the square of', and interface\.po has '它的平方': expected one of the two"):
        catalogues.compiled(course, "zh")


@pytest.mark.parametrize("text", ["msgid", 'msgid "x"\nmsgstr "y"\nnonsense'])
def test_a_file_that_is_no_catalogue_is_told_in_one_line(course, text):
    path = course.lessons / "bad.po"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="expected a gettext catalogue") as told:
        catalogues.read(path, "zh")
    assert "\n" not in str(told.value)


def test_the_texts_of_a_module_are_its_sentences_its_patterns_and_what_is_translated(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        dedent('''
        """A docstring is for readers of code."""
        NAME = "central"
        SENTENCE = "Two words"
        def say(k, x):
            """Nor is this."""
            return translated("done"), f"{k} hints open, {{x}} of {x:.2f}", Mistake("doubled", x, "You doubled it."), Exercise(id="a b", name="c d")
        '''),
        encoding="utf-8",
    )
    assert [(message.text, message.pattern) for message in messages_in(module)] == [
        ("Two words", False),
        ("done", False),
        ("{k} hints open, {{x}} of {x}", True),
        ("doubled", False),
        ("You doubled it.", False),
    ]


def test_code_in_other_words_keeps_everything_else():
    code = 'x = 1  # one number\nprint(f"cost {x:.3f} here", \'two words\')  # noqa: E501\n"""A docstring\nof two lines."""'
    assert reworded(code, str.upper) == code.replace("one number", "ONE NUMBER").replace("cost {x:.3f} here", "COST {X:.3F} HERE").replace(
        "two words", "TWO WORDS"
    ).replace("A docstring\nof two lines.", "A DOCSTRING\nOF TWO LINES.")


RIGHT = "层 $l$ 的误差是 `delta`，见 [这里](a.ipynb)。\n\n## 05.3 hidden_error\n\n第 3 步用 2 次。"
ENGLISH = "The error of layer $l$ is `delta`, see [here](a.ipynb).\n\n## 05.3 hidden_error\n\nStep 3 is used 2 times."


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("", ""), None),
        (("$l$", "$k$"), "formulas missing"),
        (("`delta`", "delta"), "pieces of code missing"),
        (("(a.ipynb)", "(b.ipynb)"), "addresses missing"),
        (("## 05.3", "### 05.3"), "levels of headings"),
        (("05.3", "05.4"), "exercises missing"),
        (("2 次", "两次"), "numbers missing: 2"),
        (("层 $l$", "层$l$"), "a space belongs between"),
        (("，见", ", 见"), None),
        (("误差是 `", "误差 是 `"), "a stray space"),
        (("第 3 步", "第 3 步, 用"), "full-width"),
        (("第 3 步", "that is one whole sentence left in English 第 3 步"), "left in English"),
        (("误差", "\n误差"), "a line break within a paragraph"),
        (("第 3 步用", "**第 3 步。**用"), "bold that begins or ends"),
        (("第 3 步用", "用，**第 3 步**用"), None),
    ],
)
def test_the_lint_tells_what_differs_and_how_chinese_is_set(changed, told):
    found = list(faults(Message(ENGLISH), RIGHT.replace(*changed)))
    if told is None:
        assert found == []
    else:
        assert any(told in line for line in found), found


def test_the_words_of_a_formula_may_be_translated():
    assert not list(faults(Message(r"It is $a \text{ if } b$ here."), r"这里是 $a \text{ 若 } b$。"))


def test_places_stay_but_those_that_make_an_english_plural():
    pattern = Message("{n} point{'' if n == 1 else 's'} in {where}", pattern=True)
    assert not list(faults(pattern, "{where} 有 {n} 分"))
    assert any("places missing: 'where'" in line or "{where}" in line for line in faults(pattern, "{n} 分"))


def test_words_between_two_places_of_code_are_no_code():
    assert list(faults(Message("`{one}` and `{other}` swapped", pattern=True), "把 `{one}` 和 `{other}` 对调")) == []


def test_the_glossarys_words_are_used():
    assert any("glossary has for 'chain rule'" in line for line in faults(Message("By the chain rule."), "由连锁法则。"))
    assert not list(faults(Message("By the chain rule."), "由链式法则。"))


@pytest.mark.slow
def test_every_catalogue_of_the_course_has_its_texts():
    found = catalogues.catalogues(find_course())
    assert all(found.values())
    assert {"interface", "exhibits", "pages", "lesson_05", "deck_05", "bank_05"} <= found.keys()
