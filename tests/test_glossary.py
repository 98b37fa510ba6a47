"""The glossary: both languages everywhere, one meaning a term, and lessons that use the words they list."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest
from course_sources import source_of
from missing import held

import bpkit as bp
from bpkit.course.glossary import TERMS
from bpkit.equations import SYMBOLS

SOURCES = [source_of(path) for path in sorted((Path(__file__).resolve().parent.parent / "solutions").glob("*.py"))]
CHINESE = re.compile("[一-鿿]")
lessons = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)


def test_every_term_has_both_languages_a_meaning_and_its_lessons():
    assert len({term.words for term in TERMS}) == len(TERMS)
    for term in TERMS:
        assert CHINESE.search(term.chinese) and not CHINESE.search(term.english + term.means), term
        assert term.means and term.lessons == tuple(sorted(set(term.lessons))) != (), term
        assert (term.means.count("$") % 2, "|" in term.means) == (0, False), term


def test_terms_that_are_often_mistranslated():
    chinese = {term.english: term.chinese for term in TERMS}
    assert chinese["bias"] == "偏置 (A: 偏差)" and chinese["bias correction"] == "偏差修正"
    assert chinese["residual"] == "残差" and chinese["error"] == "误差 (UFLDL: 残差)"
    assert chinese["log-sum-exp"] == "指数和的对数" and chinese["kink"] == "折点" and chinese["tape"] == "计算图记录 (梯度带)"
    assert chinese["one-hot target"] == "独热目标" and chinese["complex step"] == "复步长法"
    assert (chinese["mean"], chinese["sum"]) == ("均值", "和") and chinese["outer product"] == "外积 (张量积, 不是叉积)"
    assert chinese["elementwise product"].endswith("(Hadamard 积)")
    assert (chinese["norm"], chinese["Taylor's formula"], chinese["sigmoid"]) == ("范数", "泰勒公式", "S 型函数")
    assert chinese["relu (rectified linear unit)"] == "修正线性单元"
    assert chinese["backpropagation"].startswith("反向传播")
    assert chinese["regularisation"] == "正则化"


def test_the_rosetta_page_speaks_the_same_chinese():
    chinese = {term.words: term.chinese.partition(" (")[0] for term in TERMS}
    for what, (theirs, *_) in SYMBOLS.items():
        if what in chinese:
            assert theirs == chinese[what], what


def test_a_lessons_page_has_its_terms_and_the_whole_page_has_all():
    for page, terms in ((bp.words(), TERMS), (bp.words("05"), [term for term in TERMS if "05" in term.lessons])):
        assert len(page.markdown.splitlines()) == 2 + len(terms) and len(repr(page).splitlines()) == len(terms)
        for term in terms:
            assert f"| {term.english} | {term.chinese} | {term.means} |" in page.markdown
            assert f"{term.english} {term.chinese}: " in repr(page)


def test_the_whole_page_goes_from_a_to_z_and_says_where_a_term_is_introduced():
    rows = [line.split(" | ") for line in bp.words().markdown.splitlines()[2:]]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=str.casefold)
    assert all(re.fullmatch(r"\d\d \|", row[-1]) for row in rows)


def test_the_plain_text_keeps_no_markup():
    assert not re.search(r"[\\$`|]|\*\*", repr(bp.words()))


def test_a_lesson_without_terms_is_told_which_have_some():
    with pytest.raises(ValueError, match=r"no terms for lesson '5'; there are some for 00, 01"):
        bp.words("5")


@lessons
def test_a_lesson_ends_with_its_words_and_uses_them(source):
    """A term stands in the lesson in some form (composition for composite), or as the symbol that its meaning begins with."""
    texts = [cell.text for cell in source.cells]
    held(source.number, "terms", f'bp.words("{source.number}")' in texts, "no cell with its words")
    before = " ".join(takewhile(lambda text: not text.startswith("## Words"), texts))
    for term in TERMS:
        if source.number in term.lessons:
            stems = [word[:6] for word in re.findall(r"\w+", term.words)]
            as_symbol = re.match(r"\$[^$]+\$", term.means)
            assert all(re.search(rf"\b{stem}", before, re.IGNORECASE) for stem in stems) or (as_symbol and as_symbol[0] in before), term.english
