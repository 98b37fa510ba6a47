"""Which language is spoken, and how a text is found in a catalogue: whole, by its pattern, or piece by piece."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bpkit as bp
from bpkit import language
from bpkit.errors import CourseError
from bpkit.language.catalogue import MISTAKE, NAMES, PATTERNS, Catalogue, _Pattern

babel = pytest.importorskip("babel.messages")

TEXTS = {
    "right": "对",
    "transpose forgotten": "忘了转置",
    "slope left out": "漏了斜率",
    "You did it.": "你做了。",
    "Mend it.": "改好它。",
    "it is None": "它是 None",
    "lost words": "丢了词",
    "every entry is": "每个元素都是",
}
PATTERN = {
    'In the case {case}, it is "{name}": {hint}': "情形 {case} 中，是“{name}”：{hint}",
    "Two slips at once: {one}; and {other}. Mend one.": "两处疏忽：{one}；以及{other}。先改一处。",
    "{n} of {all}": "{all} 中的 {n}",
    "{n} point{s}": "{n} 分",
    "For {case}: {said}": "在 {case} 中：{said}",
    "it is {found}, expected {wanted}": "它是 {found}，应当是 {wanted}",
    "{kind}: {number(a)} at {places[0]}, {number(b)} at {places[-1]}.": "{kind}：在 {places[0]} 处 {number(a)}，在 {places[-1]} 处 {number(b)}。",
    "{kind}: below {bar} for h up to {most}": "{kind}：h 到 {most} 为止低于 {bar}",
    "{number(e.value)} from {e.j + 1} to {e.k + 1}": "从 {e.j + 1} 到 {e.k + 1} 的 {number(e.value)}",
    "{some} lost words": "丢了",
    "{n} words, d = {d}": "{n} 个词，d = {d}",
    "right for {good}; wrong for {bad}": "{good} 对；{bad} 错",
    "{what} wrong; no pattern fits": "{what}错的，看不出规律",
    "every entry is {what}": "每个元素都是{what}",
    "{n} of {size} entries {'is' if n == 1 else 'are'}": "{size} 个元素中有 {n} 个是",
    "{size} entries are not 0, {where}.": "{size} 个元素不是 0，{where}。",
    "z from {low} to {high}.": "z 从 {low} 到 {high}。",
    " Most at {place}.": "在 {place} 处最大。",
    "a set {{1}} of {n} items": "集合 {{1}} 有 {n} 项",
}


def made_of(file: Path, texts: dict[str, str], **contexts: dict[str, str]) -> Catalogue:
    """A catalogue of these texts, those with places among its patterns, and of others by their contexts."""
    made = babel.Catalog(locale="zh")
    for context, entries in ((None, texts), *contexts.items()):
        for text, said in entries.items():
            made.add(text, said, context=context)
    for number, text in enumerate(text for text in texts if "{" in text):
        made.add(str(number), text, context=PATTERNS)
    with file.open("wb") as opened:
        from babel.messages.mofile import write_mo

        write_mo(opened, made)
    return Catalogue(file)


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return made_of(tmp_path / "zh.mo", TEXTS | PATTERN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("right", "对"),
        ("", ""),
        (" ", " "),
        ("something else", "something else"),
        ("You did it. Mend it.", "你做了。改好它。"),
        ("You did it. Ask again. Mend it.", "你做了。Ask again. 改好它。"),
        ("right: transpose forgotten", "对：忘了转置"),
        ("transpose forgotten; slope left out", "忘了转置；漏了斜率"),
        ("You did it.\n\nMend it.", "你做了。\n\n改好它。"),
        ('In the case W 2×3, it is "transpose forgotten": You did it. Mend it.', "情形 W 2×3 中，是“忘了转置”：你做了。改好它。"),
        ("Two slips at once: transpose forgotten; and slope left out. Mend one.", "两处疏忽：忘了转置；以及漏了斜率。先改一处。"),
        ("3 of 4", "4 中的 3"),
        ("relu: 0 at 1.5, 4 at 2.", "relu：在 1.5 处 0，在 2 处 4。"),
        ("relu: 0 at z = −4, 0 at 0, 4 at 4.", "relu: 0 at z = −4, 0 at 0, 4 at 4."),  # of three, none is at a place of another
        ("cost: below 2 for h up to 3.", "cost：h 到 3 为止低于 2。"),
        ("Validation: from 0.5 to 0.1", "Validation: from 0.5 to 0.1"),
        ("3 lost words", "3 lost words"),  # a reading that loses a number is none
        ("1 of 4 entries is", "4 个元素中有 1 个是"),
        ("1 of 4 entries are not 0, anywhere.", "4 中的 1 个元素不是 0，anywhere。"),
        ("right for 3 words, d = 2; 4 words, d = 1; wrong for 5 words, d = 3", "3 个词，d = 2；4 个词，d = 1 对；5 个词，d = 3 错"),
        ("every entry is wrong; no pattern fits", "每个元素都是错的，看不出规律"),
        ("z from 1 to 2. Most at 1.", "z 从 1 到 2。在 1 处最大。"),
        ("right. lost words", "对。丢了词"),  # a text of its own is no pattern's, behind a space either
        ("c = 5. d = 1. You did it.", "c = 5。d = 1。你做了。"),  # a sentence without a word ends in Chinese, too
        ("See e.g. You did it.", "See e.g. 你做了。"),
        ("the row of them", "the row of them"),  # a pattern of one word is told by its numbers
        ("1 point", "1 分"),
        ("2 points", "2 分"),
        ("For m = 1: it is None.", "在 m = 1 中：它是 None。"),
        ("it is 1, expected 2; it is 3, expected 4", "它是 1，应当是 2；它是 3，应当是 4"),
        ("transpose forgotten, patience 3", "忘了转置，patience 3"),
        ("W 2×3, m = 5", "W 2×3, m = 5"),
        ("it is 3, expected 4.5.", "它是 3，应当是 4.5。"),
        ("it is text, expected right.", "它是 text，应当是对。"),
        ("a set {1} of 2 items", "集合 {1} 有 2 项"),
        ("δz = δr, 2 × 1, transpose forgotten", "δz = δr，2 × 1，忘了转置"),  # signs between formulas are wide where words are Chinese
        ("P, transpose forgotten", "P，忘了转置"),
        ("δz = f(a, 2 × 1), right", "δz = f(a, 2 × 1), 对"),  # a comma within brackets is the formula's own
        ("tr(X) = 12.3. You did it.", "tr(X) = 12.3。你做了。"),
        ("a = 1, b = 2", "a = 1, b = 2"),
        ("dW[2]: it is None", "dW[2]：它是 None"),  # the name of a part
        ("For W 2×3, x (2, 3): it is None", "在 W 2×3，x (2, 3) 中：它是 None"),  # a case stands in the midst of Chinese
    ],
)
def test_a_text_is_found_whole_by_its_pattern_or_by_pieces(catalogue, text, said):
    assert catalogue.translated(text) == said


def test_a_list_that_is_one_text_of_the_catalogue_is_said_as_that(tmp_path):
    texts = {"right": "对", "lost {a}, kept {b}": "丢了 {a}，留下 {b}", "At 1: {', '.join(names)}": "在 1 处：{', '.join(names)}"}
    lists = made_of(tmp_path / "lists.mo", texts, **{NAMES: {", ": "、"}})
    assert lists.translated("At 1: dW, right") == "在 1 处：dW、对"
    assert lists.translated("At 1: lost 4, kept 5") == "在 1 处：丢了 4，留下 5"


@pytest.mark.parametrize("piece", ["For a: ", "it is 1, expected ", "You did it. ", "right for a; wrong for b; ", "word more, ", "dW[1]: "])
def test_what_a_students_code_said_is_read_in_no_more_than_so_many_tries(catalogue, monkeypatch, piece):
    tried = []
    whole = _Pattern.values_in
    monkeypatch.setattr(_Pattern, "values_in", lambda pattern, text: tried.append(text) or whole(pattern, text))
    pieces = 400 // len(piece)  # what a raised error says is cut at so many letters
    catalogue.translated(piece * pieces + "x")
    assert len(tried) < 400 * pieces * len(PATTERN)
    catalogue.translated(piece * (1990 // len(piece)))  # the longest that is read at all: no deeper than Python goes
    tried.clear()
    assert catalogue.translated(piece * 1000) == piece * 1000
    assert not tried


def test_without_a_catalogue_nothing_is_translated(tmp_path):
    assert Catalogue(tmp_path / "none.mo").translated("right: transpose forgotten") == "right: transpose forgotten"


def test_the_variable_comes_before_the_folder_and_that_before_its_name(tmp_path, monkeypatch):
    monkeypatch.delenv(language.VARIABLE, raising=False)
    inside, named = tmp_path / "lessons" / "zh", tmp_path / "zh"
    inside.mkdir(parents=True)
    named.mkdir()
    assert [language.language(place) for place in (tmp_path, named, inside)] == ["en", "en", "zh"]
    language.remember(inside, "en")
    assert language.language(inside) == "zh", "English is what is spoken where nothing is remembered: it is not written down"
    language.remember(tmp_path, "zh")
    assert language.language(tmp_path) == "zh"
    language.remember(tmp_path, "en")
    assert language.language(tmp_path) == "en"
    monkeypatch.setenv(language.VARIABLE, "zh_TW")
    assert language.language(tmp_path) == "zh"
    monkeypatch.setenv(language.VARIABLE, "fr")
    assert language.language(tmp_path) == "en", "a language that is not there is no reason to fail"


def test_in_a_browser_the_folder_of_a_language_speaks_it(tmp_path, monkeypatch):
    monkeypatch.delenv(language.VARIABLE, raising=False)
    for name in ("zh", "xx", "mine"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert [language.language(tmp_path / name) for name in ("zh", "xx", "mine")] == ["zh", "en", "en"]


@pytest.mark.parametrize(("code", "is_"), [("zh-Hans-CN", "zh"), ("zhang", ""), ("", ""), ("C.UTF-8", ""), ("en_US.UTF-8", "en")])
def test_a_locale_stands_for_a_language_that_is_there(code, is_):
    assert language.known(code) == is_


def test_english_reads_no_catalogue():
    asked = "import sys, bpkit; bpkit.check('00.1', abs, record=False)._repr_mimebundle_(); print('bpkit.language.catalogue' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_feedback_is_in_the_folders_language_and_its_record_is_not(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "zh")
    outcome = bp.check("00.1", lambda x: 2 * x, record=False)
    assert (outcome.status, outcome.mistake) == ("wrong", "doubled")
    for shown in (str(outcome), outcome._repr_mimebundle_()["text/html"]):
        assert "错" in shown
        assert "doubled" not in shown
        assert 'bp.hint("00.1")' in shown.replace("&quot;", '"')
    monkeypatch.setenv(language.VARIABLE, "en")
    assert "wrong: doubled" in str(outcome)


def test_an_unknown_language_names_those_there_are(tmp_path):
    from bpkit.cli import main

    with pytest.raises(CourseError, match=r"'fr'.*expected one of: en .English., zh"):
        from bpkit.desk.lab import _language

        _language("fr", tmp_path)
    assert main(["build", "--language", "fr"]) == 2


def test_the_lab_takes_the_systems_language_at_first_and_then_the_folders(tmp_path, monkeypatch):
    from bpkit.desk.lab import _language

    for name in (language.VARIABLE, "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert _language(None, tmp_path) == "zh"
    Path(tmp_path, "00_start_here.ipynb").write_text("{}")
    assert _language(None, tmp_path) == "en", "lessons that were begun in English stay so"
    assert _language("zh", tmp_path) == "zh"
    language.remember(tmp_path, "zh")
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert _language(None, tmp_path) == "zh"


def test_a_word_that_is_a_mistakes_name_stays_a_name_of_code_elsewhere(tmp_path):
    texts = {'those of "{mistake.name}"': "“{mistake.name}”的数", "{name} is {found}": "{name} 是 {found}"}
    names = made_of(tmp_path / "names.mo", texts, **{MISTAKE: {"sigmoid": "成了 sigmoid"}})
    assert names.named("sigmoid; sigmoid") == "成了 sigmoid；成了 sigmoid"
    assert names.translated("sigmoid") == "sigmoid"
    assert names.translated('those of "sigmoid"') == "“成了 sigmoid”的数"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="figures need matplotlib")
def test_figures_are_labelled_in_the_readers_language_without_a_missing_glyph(monkeypatch):
    code = (
        "import warnings; warnings.filterwarnings('error', message='Glyph')\n"
        "import bpkit as bp\n"
        "drawn = bp.plots.picture(bp.plots.activation_and_slope(bp.sigmoid, at=[2.0]))\n"
        "print(drawn.alt)"
    )
    environment = os.environ | {language.VARIABLE: "zh"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    if "No font with Chinese characters" in done.stdout:
        pytest.skip("no font with Chinese characters: apt install fonts-wqy-microhei")
    assert done.returncode == 0, done.stderr
    assert "z = 2" in done.stdout
    assert "值" in done.stdout


def test_names_in_a_list_and_parts_stand_in_chinese_signs():
    with language.speaking("zh"):
        assert language.translated("it is 0 (delta[2] and delta[3] are right)").endswith("（delta[2]、delta[3] 是对的）")
        # the last sentence of a place has lost its full stop to what is around
        two = 'In dW, your numbers are those of "slope left out". In dU, your numbers are those of "slope left out".'
        told = language.translated(f"For 3 neurons, m = 2: dW is not right: every entry is wrong; the first wrong entry is [0, 0], yours is 2. {two}")
        assert told.endswith("dW 里，你的数正是“漏了斜率”的数。dU 里，你的数正是“漏了斜率”的数。")
        assert language.translated('In dK, your numbers are those of "sign of everything".') == "dK 里，你的数正是“整体的符号”的数。"


def test_factors_stand_in_chinese():
    with language.speaking("zh"):
        for factor, said in (
            ("multiplied by `s`", "乘以 `s`"),
            ("divided by `size` squared", "除以 `size` 的平方"),
            ("multiplied by the number of columns of `x`", "乘以 `x` 的列数"),
        ):
            assert language.translated(f"Your numbers are the right ones, {factor}.") == f"你的数是正确的数{said}。"
        assert "两倍。没有这个因子" in language.translated('Your numbers are two times those of "sign". Without that factor we would say: x.')
