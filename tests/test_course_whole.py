"""The course as one thing: every lesson is whole, leads on to the next, and promises what it holds."""

from __future__ import annotations

import ast
import itertools
import re
from functools import reduce
from pathlib import Path

import pytest

pytest.importorskip("jupytext")
pytest.importorskip("matplotlib")

import bpkit as bp
from bpkit.authoring.source import read_source
from bpkit.course.contents import contents
from bpkit.course.folders import files_of, find_course
from bpkit.course.glossary import TERMS
from bpkit.exercises import of_lesson, registry

COURSE = find_course()
assert COURSE.solutions is not None
LESSONS = contents(COURSE)
SOURCES = {path.stem: read_source(path) for path in files_of(COURSE.solutions, ".py")}
DECKS = {path.stem: read_source(path) for path in files_of(COURSE.slides, ".py")}
NUMBERS = [lesson.number for lesson in LESSONS]
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

# every exercise of the course, in order: a name that changes here changes for every learner's notebook
NAMES = {
    "00": "square layer_sizes",
    "01": "weighted_input layer sigmoid shapes forward count_parameters",
    "02": "fork_gradient linear_jacobian elementwise_jacobian chain polar_jacobian differential multiplications vjp_chain",
    "03": "central_difference numerical_gradient relative_error best_h complex_step suspects false_alarms",
    "04": "sigmoid_prime quadratic_gradient output_error softmax softmax_jacobian softmax_vjp softmax_quadratic_error softmax_cross_entropy_error"
    " cross_entropy",
    "05": "dz_next_dz hidden_error_sum hidden_error all_errors proof_order gradient_ratio layer_jacobian",
    "06": "weight_gradient_one weight_gradient bias_gradient scalar_bias_gradient backprop row_backward duplicated_ratio flops",
    "07": "gd_step train_step l2_step l1_step minibatches momentum_step adam_step should_stop",
    "08": "one_hot init_weights chance_loss fit standardise confusion_matrix best_epoch",
    "09": "sparse_grad_s sparse_grad_A topographic_grad shared_gradient ica_grad shared_proof_order quadratic_form_grad",
    "10": "Var topological_order matmul_vjp unbroadcast relu_vjp backward log_sum_exp_vjp",
    "11": "verdict_recursion repair_recursion verdict_last_layer repair_last_layer verdict_order repair_order verdict_sparse repair_sparse"
    " verdict_ica repair_ica verdict_relu repair_relu",
}

lessons = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
exercises = pytest.mark.parametrize("exercise", list(registry().values()), ids=list(registry()))


def prose(source):
    return "\n\n".join(cell.text for cell in source.cells if cell.kind == "markdown")


def paragraph(source, begins):
    """The paragraph that begins so, in one line."""
    return re.search(rf"^{re.escape(begins)}(.*?)(?:\n\s*\n|\Z)", prose(source), re.MULTILINE | re.DOTALL)[1].replace("\n", " ")


# ---- a lesson --------------------------------------------------------------------------------------------------------


@lessons
def test_a_lesson_has_all_its_parts(lesson):
    for file in (
        COURSE.lessons / f"{lesson.slug}.ipynb",
        COURSE.solutions / f"{lesson.slug}.ipynb",
        COURSE.solutions / f"{lesson.slug}.py",
        COURSE.slides / f"{lesson.slug}.py",
        Path(bp.__file__).parent / "exercises" / f"lesson_{lesson.number}" / "__init__.py",
    ):
        assert file.is_file(), file
    assert lesson.figures and lesson.widgets
    assert len(of_lesson(lesson.number)) >= 2
    assert sum(lesson.number in term.lessons for term in TERMS) >= 8


@lessons
def test_a_lesson_needs_only_earlier_ones_and_leads_to_the_next(lesson):
    source = SOURCES[lesson.slug]
    needs = re.findall(r"\b\d\d\b", paragraph(source, "**You need**"))
    assert all(number < lesson.number for number in needs) and set(needs) <= set(NUMBERS)
    following = re.search(r"[Ll]esson (\d\d)", paragraph(source, "**What comes next.**"))
    assert (following[1] if following else None) == next((number for number in NUMBERS if number > lesson.number), None)


@lessons
def test_the_exercises_and_guesses_that_a_lesson_announces_are_there(lesson):
    source = SOURCES[lesson.slug]
    text = paragraph(source, "**Time**")
    counts = {what: sum(WORDS.index(word) for word in re.findall(rf"(\w+) {what}", text) if word in WORDS) for what in ("exercises", "guesses")}
    counts["exercises"] += sum(WORDS.index(word) for word in re.findall(r"(\w+) (?:verdicts|repairs)", text))
    if ":" in text:  # lesson 00 says no more than its minutes
        guesses = sum(bool(re.match(r"guess = \.\.\.", cell.text)) for cell in source.cells)
        assert counts == {"exercises": len(of_lesson(lesson.number)), "guesses": guesses}


@lessons
def test_the_reading_that_a_lesson_announces_is_what_its_words_take(lesson):
    announced = re.search(r"about (\d+) of reading", paragraph(SOURCES[lesson.slug], "**Time**"))
    if announced:
        # from 130 words a minute, with formulas to be thought through, to 230
        assert lesson.words / 230 <= int(announced[1]) <= lesson.words / 110


@lessons
def test_a_lesson_leaves_time_for_its_guesses_beside_reading_and_exercises(lesson):
    working = sum(exercise.minutes for exercise in of_lesson(lesson.number))
    assert working < lesson.minutes, "exercises alone take longer than the lesson"
    assert working + lesson.words / 130 <= 1.35 * lesson.minutes


@lessons
def test_a_deck_bears_the_lessons_name_and_number(lesson):
    title, rest = re.match(r"# (.+?)\n(.*)", next(c.text for c in DECKS[lesson.slug].cells if c.kind == "markdown"), re.DOTALL).groups()
    assert title in lesson.title or set(re.findall(r"\w{5,}", title)) <= set(re.findall(r"\w{5,}", lesson.title))
    assert f"Lesson {lesson.number} · 45 minutes" in rest


@pytest.mark.parametrize("source", [*SOURCES.values(), *DECKS.values()], ids=[*SOURCES, *(f"deck {slug}" for slug in DECKS)])
def test_lessons_exercises_and_names_that_are_mentioned_exist(source):
    text = prose(source)
    assert set(re.findall(r"\b[Ll]essons? (\d\d)\b", text)) <= set(NUMBERS)
    assert set(re.findall(r'bp\.(?:check|hint)\("([^"]+)"', text)) <= set(registry())
    # in an exercise's heading, or spoken of: "exercise 05.3"
    assert set(re.findall(r"(?:^### |[Ee]xercises? )(\d\d\.\d+)", text, re.MULTILINE)) <= set(registry())
    for name in set(re.findall(r"\bbp\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)", text)):
        reduce(getattr, name.split("."), bp)


# ---- an exercise -----------------------------------------------------------------------------------------------------


@exercises
def test_an_exercise_promises_points_minutes_difficulty_and_three_hints(exercise):
    assert exercise.points in (1, 2, 3, 4, 5) and exercise.difficulty in (1, 2, 3) and 1 <= exercise.minutes <= 20
    assert exercise.minutes <= 7 * exercise.difficulty + 1, "a task this long is not this easy"
    assert len(exercise.hints) == 3 == len(set(exercise.hints))
    assert len(exercise.mistakes) >= 2 and exercise.title[0].isupper() and not exercise.title.endswith(".")


@exercises
def test_no_hint_and_no_mistake_holds_the_solution(exercise):
    """Not one line of the lesson's own solution that does something."""
    slug = next(lesson.slug for lesson in LESSONS if lesson.number == exercise.lesson)
    cell = next(c for c in SOURCES[slug].cells if "# BEGIN SOLUTION" in c.text and re.search(rf"\b{exercise.name}\b", c.text))
    told = " ".join((*exercise.hints, *(mistake.hint for mistake in exercise.mistakes)))
    for block in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", cell.text, re.DOTALL):
        for line in (line.strip().removeprefix("return ") for line in block.splitlines()):
            if len(line) > 12 and not line.startswith(("#", '"', "for ", "if ", "def ", "class ")):
                assert line not in told


# ---- the whole -------------------------------------------------------------------------------------------------------


def test_the_course_is_whole():
    assert NUMBERS == [f"{number:02d}" for number in range(12)] == list(NAMES)
    expected = {f"{number}.{k}": name for number, names in NAMES.items() for k, name in enumerate(names.split(), 1)}
    assert {exercise.id: exercise.name for exercise in registry().values()} == expected
    assert len(expected) == 88
    assert sum(len(exercise.mistakes) for exercise in registry().values()) >= 180
    assert [lesson.minutes for lesson in LESSONS] == [15, 60, 75, 60, 75, 75, 90, 75, 90, 90, 90, 60]


def test_no_two_exercises_of_a_lesson_share_a_name():
    """The grader finds an answer by its name in a notebook; a notebook holds one lesson."""
    for number in NUMBERS:
        names = [exercise.name for exercise in of_lesson(number)]
        assert len(set(names)) == len(names)


def test_every_widget_is_played_with_in_a_lesson_and_each_lesson_has_its_own():
    used = {
        slug: {
            node.attr
            for cell in source.cells
            if cell.kind == "code"
            for node in ast.walk(ast.parse(cell.text))
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "bp.widgets"
        }
        for slug, source in SOURCES.items()
    }
    assert set().union(*used.values()) == set(bp.widgets.__all__)
    for one, other in itertools.combinations(used.values(), 2):
        assert one != other
