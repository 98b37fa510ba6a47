"""Every named equation holds in every notation, its check can fail, and wherever it is printed it is printed the same."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import bpkit as bp
from bpkit.course.pages import plain, plain_words
from bpkit.equations import (
    CONVENTIONS,
    EQUATIONS,
    SYMBOLS,
    Equation,
    Form,
    card,
    differences,
    lesson_04,
    lesson_05,
    lesson_06,
    named,
    rosetta,
    worlds,
)

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("solutions/*.py"), *ROOT.glob("slides/*.py")])
FORMS = [(name, convention) for name in EQUATIONS for convention in CONVENTIONS]


@pytest.mark.parametrize(("name", "convention"), FORMS)
def test_both_sides_agree_in_every_convention(name, convention):
    for seed in range(3):
        # complex step and formula differ by rounding only
        assert EQUATIONS[name].check(np.random.default_rng(seed), convention) < 1e-12


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", ["BP1", "BP1a", "BP2 in components", "BP2", "layer Jacobian", "BP2 unrolled"])
def test_a_check_notices_the_activation_in_place_of_its_slope(monkeypatch, name, convention):
    for lesson in (lesson_04, lesson_05):
        monkeypatch.setattr(lesson, "sigma_prime", worlds.sigma)
    assert EQUATIONS[name].check(np.random.default_rng(0), convention) > 0.1


@pytest.mark.parametrize("name", ["BP2", "BP3", "BP4"])
def test_a_check_notices_an_error_that_is_scaled(monkeypatch, name):
    true_error = worlds.Pass.error
    monkeypatch.setattr(worlds.Pass, "error", lambda self, l: true_error(self, l) * l)
    assert EQUATIONS[name].check(np.random.default_rng(0)) > 0.1


def test_the_batch_checks_divide_by_m_once(monkeypatch):
    """With a second 1/m on the right, BP4 is off by the factor m."""
    p = worlds.ours(np.random.default_rng(0))
    left, right = lesson_06._bp4(p)
    assert p.m > 1
    np.testing.assert_allclose(left, right, rtol=1e-10)
    assert not np.allclose(left, right / p.m)


def test_sides_of_different_shape_are_an_error():
    broken = Form("a = b", lambda rng: (np.ones((2, 1)), np.ones(2)))
    equation = Equation("broken", "", "", "", {"ours": broken})
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(2,\)"):
        equation.check(np.random.default_rng(0))


def test_the_library_computes_what_the_equations_say():
    rng = np.random.default_rng(3)
    net = bp.init([3, 4, 4, 2], rng=rng)
    x, y = rng.normal(size=(3, 5)), rng.random((2, 5))
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    for l in (1, 2):
        bp2 = (net.W[l + 1].T @ grads.delta[l + 1]) * bp.sigmoid.prime(cache.z[l])
        np.testing.assert_allclose(grads.delta[l], bp2, rtol=1e-12)
    for l in (1, 2, 3):
        np.testing.assert_allclose(grads.W[l], grads.delta[l] @ cache.a[l - 1].T / 5, rtol=1e-12)
        np.testing.assert_allclose(grads.b[l], grads.delta[l] @ np.ones((5, 1)) / 5, rtol=1e-12)


def test_every_equation_has_a_form_words_shapes_and_a_source_in_every_convention():
    for equation in EQUATIONS.values():
        assert list(equation.forms) == list(CONVENTIONS)
        assert equation.says.endswith(".") and equation.shapes and equation.source
        for form in equation.forms.values():
            assert form.latex.count("{") == form.latex.count("}")
            assert form.latex.count(r"\left") - form.latex.count(r"\leftarrow") == form.latex.count(r"\right")
    assert {len(symbols) for symbols in SYMBOLS.values()} == {1 + len(CONVENTIONS)}


@pytest.mark.parametrize(("name", "convention"), FORMS)
def test_the_plain_text_keeps_no_latex(name, convention):
    text = plain(EQUATIONS[name].forms[convention].latex)
    assert "\\" not in text and "  " not in text
    assert not re.search(r"(frac|left|right|mathrm|quad)", text)


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_plain_text_spells_no_sign_out_as_its_latex_command(name):
    """`\\lfloor` is ⌊ and not lfloor; what is a word in a formula too stays one."""
    words = {"text", "ln", "log", "exp", "max", "min", "tanh"}
    for latex, said in ((form.latex, plain(form.latex)) for form in EQUATIONS[name].forms.values()):
        assert not {command for command in re.findall(r"\\([A-Za-z]+)", latex) if re.search(rf"(?<![A-Za-z]){command}(?![A-Za-z])", said)} - words
    shapes = EQUATIONS[name].shapes
    assert not {command for command in re.findall(r"\\([A-Za-z]+)", shapes) if re.search(rf"\b{command}\b", plain_words(shapes))} - words


def test_rosetta_prints_every_form_and_its_remarks():
    page = rosetta(*EQUATIONS)
    for equation in EQUATIONS.values():
        for form in equation.forms.values():
            assert form.latex in page.markdown
            assert plain(form.latex) in repr(page)
            assert form.note in page.markdown and plain_words(form.note) in repr(page)
    symbols = rosetta()
    for what, (_chinese, *letters) in SYMBOLS.items():
        assert what in repr(symbols) and all(letter in symbols.markdown for letter in letters)


def test_markdown_tables_are_not_torn_by_a_bar_in_a_formula():
    for line in rosetta(*EQUATIONS).markdown.splitlines():
        assert not line.startswith("|") or line.count("|") == 3
    for line in card(*EQUATIONS).markdown.splitlines():
        assert line.count("|") == 4


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"'BP5'.*BP2 in components"):
        named("BP5")


def test_differences_finds_what_differs_and_ignores_spacing():
    right = EQUATIONS["BP2"].latex
    assert differences(rf"text $$ {right.replace(' ', '   ')} \tag{{BP2}} $$ text") == []
    assert differences(rf"$$\tag{{BP2}} {right}$$") == []
    broken = right.replace(" = ", r" \\ &\quad = ")
    assert broken != right and differences(rf"$$\begin{{aligned}} &{broken} \end{{aligned}} \tag{{BP2}}$$") == []
    assert differences(rf"$$\begin{{aligned}} &{broken} + 1 \end{{aligned}} \tag{{BP2}}$$")[0].startswith("BP2: found")
    assert differences(r"$$\delta^l = a^l \tag{BP2}$$")[0].startswith("BP2: found")
    assert differences(r"$$\delta^l = a^l \tag{BP9}$$") == ["BP9: no equation has this name"]


def test_differences_does_not_read_across_two_formulas():
    assert differences(rf"$$untagged$$ words $${EQUATIONS['BP4'].latex} \tag{{BP4}}$$") == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_tagged_equations_in_lessons_and_decks_are_the_named_ones(source):
    text = re.sub(r"^# ?", "", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
    # a deck may name an equation in place of writing it
    text = re.sub(r"\\eq\{+([^{}]*)\}+", lambda name: named(name[1]).latex, text)
    assert differences(text) == []


def test_every_module_of_a_lesson_is_found():
    for path in (ROOT / "bpkit" / "equations").glob("lesson_*.py"):
        assert all(equation.name in EQUATIONS for equation in import_module(f"bpkit.equations.{path.stem}").EQUATIONS)


def test_lesson_05_tags_its_equations():
    text = (ROOT / "solutions" / "05_propagating_the_error.py").read_text(encoding="utf-8")
    assert {"BP1a", "BP2 in components", "BP2", "layer Jacobian", "BP2 unrolled"} == set(re.findall(r"\\tag\{([^}]*)\}", text))


def test_what_text_n_states_is_what_stands_in_it():
    """N has the weighted input, BP1, BP1a, and BP2 with the two steps of its proof. The update A says in words."""
    stated = {name for name, equation in bp.equations.EQUATIONS.items() if equation.forms["N"].stated}
    proof = {"chain rule", "layer Jacobian"}
    assert stated == {"forward in components", "BP1", "BP1a", "BP2", "BP2 in components", "update"} | proof
    assert bp.equations.EQUATIONS["update"].forms["N"].note == "A says it in words"
