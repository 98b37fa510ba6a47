"""What every lesson owes its reader: promises kept, exercises as in the bank, numbers that are computed, plain words."""

import ast
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.course.contents import plain_words
from bpkit.exercises import registry
from bpkit.exercises.lesson_05.ex5_proof_order import PROOF

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [source_of(path) for path in sorted((ROOT / "solutions").glob("*.py"))]
LESSON_05 = next(source for source in SOURCES if source.number == "05")

HEADING = re.compile(r"^### (\d\d\.\d+) (\w+) · (•{1,3}) · (\d+) min · (\d+) points?$", re.MULTILINE)
FILLER = re.compile(
    r"\b(easy to see|easily|obviously|clearly|trivial(?:ly)?|simply|of course|it is well known|needless|basically|just)\b", re.IGNORECASE
)
HOSTS = ("neuralnetworksanddeeplearning.com", "cs231n.github.io", "ufldl.stanford.edu")

lessons = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)


def markdown(source):
    return "\n\n".join(cell.text for cell in source.cells if cell.kind == "markdown")


def code(source):
    return [cell for cell in source.cells if cell.kind == "code"]


def names(tree, context):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


@lessons
def test_it_says_what_it_gives_needs_takes_and_stands_on(source):
    text = markdown(source)
    for promise in (
        "**You will be able to**",
        "**You need**",
        "**Time**",
        "**Sources.**",
        "## Recap",
        "**Classic mistakes",
        "**What comes next.**",
        "## Words",
    ):
        assert promise in text, promise
    assert text.count("<details><summary>") == text.count("</details>")
    assert text.split("## Recap")[1].count("<details><summary>") == 3


@lessons
def test_its_exercises_are_those_of_the_bank(source):
    bank = [e for e in registry().values() if e.lesson == source.number]
    found = HEADING.findall(markdown(source))
    assert found == [(e.id, e.name, "•" * e.difficulty, str(e.minutes), str(e.points)) for e in bank]


@lessons
def test_each_exercise_is_text_then_a_stub_then_its_check(source):
    cells = source.cells
    for exercise in (e for e in registry().values() if e.lesson == source.number):
        place = next(i for i, cell in enumerate(cells) if f"### {exercise.id} " in cell.text)
        answer, check = cells[place + 1], cells[place + 2]
        assert answer.kind == check.kind == "code"
        assert exercise.name in {*names(ast.parse(answer.text), ast.Store), *re.findall(r"(?:def|class) (\w+)", answer.text)}
        assert "# BEGIN SOLUTION" in answer.text
        assert check.text == f'bp.check("{exercise.id}", {exercise.name})'


@lessons
def test_later_cells_do_not_rest_on_the_learners_answers(source):
    for exercise in (e for e in registry().values() if e.lesson == source.number):
        for cell in code(source):
            # a cell that shows the learner's own code at work says so, and copes with none
            if "yours" not in cell.tags and exercise.name in names(ast.parse(cell.stubbed()), ast.Load):
                assert cell.text == f'bp.check("{exercise.id}", {exercise.name})', source.place(cell)


@lessons
def test_a_code_cell_is_one_short_idea(source):
    for cell in code(source):
        lines = [line for line in cell.text.splitlines() if line.strip() and "SOLUTION" not in line]
        assert len(lines) <= 15, source.place(cell)
        assert max(map(len, lines)) <= 106, source.place(cell)  # what a laptop's page shows without scrolling


@lessons
def test_every_guess_is_shown_beside_a_measurement(source):
    cells = source.cells
    for i, cell in enumerate(cells):
        if cell.text.startswith("guess = ..."):
            assert re.search(r"\bGuess\b", cells[i - 1].text) or "**Which" in cells[i - 1].text, source.place(cell)
            assert "bp.beside(guess," in cells[i + 1].text.splitlines()[-1], source.place(cell)
            # whoever has not guessed yet must not read the answer below
            assert source.number == "00" or cells[i + 2].text.startswith("<details>"), source.place(cell)


@lessons
def test_numbers_stand_beside_every_figure(source):
    cells = source.cells
    for i, cell in enumerate(cells):
        if "bp.plots.show(" in cell.text:
            before = next(c for c in reversed(cells[:i]) if c.kind == "code")
            assert "print(" in cell.text or "print(" in before.text, source.place(cell)


@lessons
def test_its_words_are_plain(source):
    assert FILLER.findall(plain_words(markdown(source))) == []


@lessons
def test_its_links_lead_to_known_places(source):
    for address in re.findall(r"\]\(([^)]+)\)", markdown(source)):
        if address.startswith("http"):
            assert address.split("/")[2] in HOSTS, address
        else:
            assert (ROOT / "solutions" / address).exists(), address


@lessons
def test_no_heading_has_a_formula(source):
    """JupyterLab's table of contents shows it as it is written."""
    assert [line for line in markdown(source).splitlines() if re.match("#+ ", line) and "$" in line] == []


@lessons
def test_every_dollar_is_closed(source):
    for cell in source.cells:
        if cell.kind == "markdown":
            assert cell.text.count("$") % 2 == 0, source.place(cell)
            assert all("\n" in formula or "$" not in formula for formula in re.findall(r"\$\$(.*?)\$\$", cell.text, re.DOTALL))


# ---- lesson 05 ------------------------------------------------------------------------------------------------------


def test_lesson_05_shows_the_bank_its_own_proof():
    assert PROOF.table() in markdown(LESSON_05)


def test_lesson_05_quotes_only_numbers_that_come_out():
    """Every number with four digits in the prose is one of the running net's."""
    net, x, y = bp.nets.two_three_two()
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    back = net.W[2].T @ grads.delta[2]
    arrays = [*cache.a[1:], *cache.z[1:], *grads.delta[1:], back, bp.sigmoid.prime(cache.z[1]), np.array([bp.cost_of(net, x, y)])]
    arrays.append(-2 * bp.sigmoid.prime(cache.z[1]) * 0.01)  # the nudge of neuron 2
    computed = {f"{abs(value):.4f}" for array in arrays for value in array.ravel()}
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", markdown(LESSON_05)))
    assert quoted and quoted <= computed


def test_lesson_05_what_it_says_of_the_running_net():
    net, x, y = bp.nets.two_three_two()
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    paths = net.W[2] * grads.delta[2]  # row: output, column: hidden neuron
    assert np.argmax(cache.a[1]) == np.argmin(np.abs(grads.delta[1])) == 2
    assert np.argmax(np.abs(grads.delta[1])) == 1
    signs = np.sign(paths).T.tolist()
    assert signs == [[-1, -1], [1, 1], [-1, 1]]
    assert net.W[2][0, 1] == -2 and cache.z[1][1, 0] == pytest.approx(0.5, abs=1e-15)


def deep_factor(activation, scale):
    net, x, y = bp.nets.deep(20, activation=activation, scale=scale)
    cache = bp.forward(net, x)
    delta = bp.backward(net, cache, y).delta
    slopes = [activation.prime(z) for z in cache.z[1:20]]
    ratio = np.linalg.norm(delta[1]) / np.linalg.norm(delta[20])
    return ratio ** (1 / 19), scale * np.sqrt(np.mean(np.square(slopes)))


def test_lesson_05_what_it_says_of_deep_nets():
    for activation, scale in itertools.chain(itertools.product([bp.sigmoid], [1, 4]), itertools.product([bp.relu], [1, np.sqrt(2), 2])):
        measured, estimated = deep_factor(activation, scale)
        assert abs(estimated / measured - 1) < 0.07
    net, x, y = bp.nets.deep(20)
    delta = bp.backward(net, bp.forward(net, x), y).delta
    kilometre, nanometre = 1e3, 1e-9
    assert np.linalg.norm(delta[1]) / np.linalg.norm(delta[20]) == pytest.approx(nanometre / kilometre, rel=0.1)
    sizes = np.array([np.linalg.norm(d) for d in delta[1:]])
    steps = sizes[:-1] / sizes[1:]
    stretch = np.array([np.linalg.norm(W, 2) for W in net.W[2:]])
    assert np.all(steps <= stretch / 4)
    assert 30.0**19 / 1e9 / 3.156e7 > 13.8e9  # years at a billion paths a second, against the age of the universe


def test_lesson_05_four_times_the_weights_win_less_than_four():
    slow, fast = deep_factor(bp.sigmoid, 1)[0], deep_factor(bp.sigmoid, 4)[0]
    assert slow < fast < 1 < 4 * slow * 1.1


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)
def test_a_box_closes_in_its_cell_and_a_blank_line_lets_its_markdown_be_read(source):
    for cell in source.cells:
        if cell.kind == "markdown":
            assert (
                cell.text.count("<details>") == cell.text.count("</details>") == len(re.findall(r"<details><summary>[^\n]+</summary>\n\n", cell.text))
            )
            assert "<details open" not in cell.text
