"""The static pages in two languages: the same pages in each, and a way from each to the other."""

from __future__ import annotations

import gettext
import io
import json
import re
import subprocess
from contextlib import redirect_stderr
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_site import WHEEL, page_of, write_deck, write_decks

from bpkit.authoring.packages import packages
from bpkit.authoring.site import _finish, _side_by_side, arrange, build_site, decks_of, languages_of, nearest
from bpkit.authoring.site_links import faults
from bpkit.authoring.site_pages import Edition, theme_words
from bpkit.authoring.site_search import SearchPairs
from bpkit.authoring.site_wheel import Package
from bpkit.cli import main
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError
from bpkit.language import speaking

COURSE = find_course()
SLUGS = [path.stem for path in files_of(COURSE.lessons, ".ipynb")]
CHINESE = Edition("zh", english=True)
ADDRESS = "https://example.org/course"
# pages that are there in English alone → why
ENGLISH_ALONE = {"grading.md": "for staff, who write no Chinese pages", "api/": "from the docstrings of the code, which is written in English"}
FIVE_WORDS = re.compile(r"(?:\b[A-Za-z]{2,}[ ,;:]+){5}[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def arranged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return folder, {"en": arrange(COURSE, folder / "en"), "zh": arrange(COURSE, folder / "zh", edition=CHINESE)}


def catalogues_of_sphinx():
    from sphinx import locale

    return [str(catalogue) for catalogue in locale.translators]


@pytest.mark.slow
def test_no_language_is_built_where_another_was(monkeypatch):
    locale = pytest.importorskip("sphinx.locale")
    monkeypatch.setitem(locale.translators, ("general", "sphinx"), gettext.NullTranslations())
    assert catalogues_of_sphinx() != []
    assert _side_by_side([catalogues_of_sphinx, catalogues_of_sphinx]) == []


def test_every_page_has_a_twin_or_a_reason(arranged):
    _, names = arranged
    alone = set(names["en"]) - set(names["zh"])
    assert set(names["zh"]) <= set(names["en"])
    for name in alone:
        assert any(name.startswith(start) for start in ENGLISH_ALONE), name
    assert names["zh"][: len(SLUGS)] == [f"lessons/{slug}.ipynb" for slug in SLUGS]
    assert {"index.md", "glossary.md", "equations.md"} <= set(names["zh"])


def test_the_chinese_pages_speak_chinese(arranged):
    folder, names = arranged
    for name in names["zh"]:
        if name.endswith(".md"):
            text = re.sub(r"\$[^$]*\$|`[^`]*`|<[^>]*>", " ", (folder / "zh" / name).read_text(encoding="utf-8"))
            assert not FIVE_WORDS.search(text), name
            assert re.search(r"[\u4e00-\u9fff]{4}", text), name
    for slug in SLUGS:
        said = json.loads((folder / "zh" / "lessons" / f"{slug}.ipynb").read_text(encoding="utf-8"))["cells"][1]["source"]
        assert "`bpkit lab --language zh`" in said and not FIVE_WORDS.search(said)


def test_the_notebooks_to_download_are_those_of_the_language(arranged):
    folder, _ = arranged
    for slug in SLUGS:
        assert (folder / "zh" / "notebooks" / f"{slug}.ipynb").read_bytes() == (COURSE.lessons / "zh" / f"{slug}.ipynb").read_bytes()


def test_the_first_chinese_page_says_what_is_english_alone(arranged):
    folder, _ = arranged
    home = (folder / "zh" / "index.md").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)" hreflang="en"', home) == ["../api/index.html", "../grading.html"]
    listed = set(re.findall(r"^([a-z/]+[\w/]*)$", home, re.MULTILINE))
    assert listed == {"glossary", "equations", *(f"lessons/{slug}" for slug in SLUGS)}


def test_without_the_english_edition_nothing_leads_there(tmp_path):
    arrange(COURSE, tmp_path, edition=Edition("zh"))
    assert "../" not in (tmp_path / "index.md").read_text(encoding="utf-8")


def second_cell(folder, slug):
    return json.loads((folder / "lessons" / f"{slug}.ipynb").read_text(encoding="utf-8"))["cells"][1]["source"]


def test_elsewhere_the_checks_speak_the_language_of_the_page(tmp_path):
    arrange(COURSE, tmp_path, package=Package(WHEEL, ADDRESS, lite=True), edition=CHINESE)
    said = second_cell(tmp_path, SLUGS[5])
    assert f"\n%env BPKIT_LANGUAGE=zh\n%pip install {ADDRESS}/{WHEEL} matplotlib\n" in said
    assert f'href="../../{WHEEL}"' in said
    assert f"../../lite/lab/index.html?path=zh/{SLUGS[5]}.ipynb" in said
    assert f'"../lite/lab/index.html?path=zh/{SLUGS[0]}.ipynb"' in (tmp_path / "index.md").read_text(encoding="utf-8")


def test_a_lesson_leads_to_its_own_deck_else_to_the_english_one(tmp_path):
    decks = tmp_path / "decks"
    (decks / "zh").mkdir(parents=True)
    for place, numbers in ((decks, (5, 7)), (decks / "zh", (5,))):
        for number in numbers:
            write_deck(place, f"{SLUGS[number]}.html")
    found = decks_of(COURSE, decks, ["en", "zh"])
    edition = Edition("zh", found["zh"], found["en"], english=True)
    arrange(COURSE, tmp_path / "source", edition=edition)
    assert f'<a href="../decks/{SLUGS[5]}.html">' in second_cell(tmp_path / "source", SLUGS[5])
    assert f'<a href="../../decks/{SLUGS[7]}.html">' in second_cell(tmp_path / "source", SLUGS[7])
    assert "decks/" not in second_cell(tmp_path / "source", SLUGS[6])
    listed = (tmp_path / "source" / "decks.md").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', listed) == [f"decks/{SLUGS[5]}.html", f"../decks/{SLUGS[7]}.html"]
    assert listed.count("（英文）") == 1


def test_a_folder_may_have_no_decks_in_a_language(tmp_path):
    write_deck(tmp_path, f"{SLUGS[5]}.html")
    assert decks_of(COURSE, tmp_path, ["en", "zh"])["zh"] == []
    with pytest.raises(CourseError, match="found no deck"):
        decks_of(COURSE, tmp_path, ["zh"])
    (tmp_path / "zh").mkdir()
    write_deck(tmp_path / "zh", f"{SLUGS[6]}.html")
    (tmp_path / f"{SLUGS[5]}.html").unlink()
    assert [deck.name for deck in decks_of(COURSE, tmp_path, ["zh"])["zh"]] == [f"{SLUGS[6]}.html"]


# ---- which languages -----------------------------------------------------------------------------------------------------


def test_all_languages_are_made_unless_some_are_named():
    assert languages_of(COURSE) == ["en", "zh"]
    assert languages_of(COURSE, ["zh"]) == ["zh"]
    assert languages_of(COURSE, ["zh", "en"]) == ["en", "zh"]


@pytest.mark.parametrize("given", ["fr", "ZH", "zh_CN", ""])
def test_a_language_that_is_not_there_is_refused_in_one_line(given, tmp_path, capsys):
    assert main(["site", "--out", str(tmp_path / "out"), "--language", given]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"--language: found {given!r}, expected one of en, zh" in said
    assert not (tmp_path / "out").exists()


# ---- from one to the other -----------------------------------------------------------------------------------------------

BARE = '<html lang="en"><head></head><body><div class="content-icon-container"></div></body></html>'


def write_pages(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(BARE, encoding="utf-8")


class Links(HTMLParser):
    """What a page says of its language, and where it leads to in others."""

    def __init__(self, text):
        super().__init__()
        self.language, self.switches, self.alternates = "", [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang")
        if tag == "a" and given.get("class") == "language":
            self.switches.append(given["href"])
        if tag == "link" and given.get("rel") == "alternate":
            self.alternates[given["hreflang"]] = given["href"]


def links(page):
    return Links(page.read_text(encoding="utf-8"))


def test_a_page_leads_to_its_twin_and_says_so_to_search_engines(tmp_path):
    write_pages(tmp_path, "index.html", "lessons/a.html", "api/index.html", "api/plots.html", "zh/index.html", "zh/lessons/a.html")
    _finish(tmp_path, ["en", "zh"])
    lesson, chinese = links(tmp_path / "lessons" / "a.html"), links(tmp_path / "zh" / "lessons" / "a.html")
    assert lesson.switches == ["../zh/lessons/a.html"]
    assert lesson.alternates == {"en": "a.html", "zh-CN": "../zh/lessons/a.html"}
    assert chinese.switches == ["../../lessons/a.html"]
    assert chinese.alternates == {"zh-CN": "a.html", "en": "../../lessons/a.html"}
    alone = links(tmp_path / "api" / "plots.html")
    assert alone.switches == ["../zh/index.html"] and alone.alternates == {}


def test_one_language_alone_has_no_switch(tmp_path):
    write_pages(tmp_path, "index.html")
    _finish(tmp_path, ["en"])
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == BARE


def test_chinese_alone_lies_where_it_lies_beside_english(tmp_path):
    write_pages(tmp_path, "zh/index.html")
    _finish(tmp_path, ["zh"])
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="zh/index.html"' in home and 'content="0; url=zh/index.html"' in home and '<html lang="zh-CN">' in home
    assert links(tmp_path / "zh" / "index.html").switches == []


def test_a_theme_that_has_no_place_for_the_switch_stops_the_build(tmp_path):
    write_pages(tmp_path, "index.html", "zh/index.html")
    (tmp_path / "index.html").write_text("<html><head></head></html>")
    with pytest.raises(CourseError, match=r"index\.html: found 0 places for a link to another language, expected 1"):
        _finish(tmp_path, ["en", "zh"])


@pytest.mark.parametrize(
    ("name", "there", "expected"),
    [
        ("a/b.html", {"a/b.html", "a/index.html", "index.html"}, "a/b.html"),
        ("a/b.html", {"a/index.html", "index.html"}, "a/index.html"),
        ("a/b/c.html", {"a/index.html", "index.html"}, "a/index.html"),
        ("grading.html", {"index.html"}, "index.html"),
    ],
)
def test_where_there_is_no_twin_the_nearest_page_above_stands_in(name, there, expected):
    assert nearest(name, there) == expected


# ---- search --------------------------------------------------------------------------------------------------------------

QUERIES = ("误差", "反向传播", "迹", "softmax 雅可比", "BP2 的误差", "W^l 与a_1", "sigmoid函数 x2", "δ 和 Σ", "", "，。", "第 3 课")


def test_neighbouring_characters_are_a_word():
    search = SearchPairs({})
    assert search.split("BP2 的误差") == ["BP2", "的", "误", "差", "的误", "误差"]
    assert [word for word in search.split("a 迹 W1") if search.word_filter(word)] == ["迹", "W1"]


def test_a_query_is_split_as_the_pages_are():
    program = f"{SearchPairs.js_splitter_code}\nconsole.log(JSON.stringify({json.dumps(QUERIES)}.map(splitQuery)))"
    done = subprocess.run([*packages(COURSE.slides).node, "-e", program], capture_output=True, text=True, encoding="utf-8", check=True)
    for query, found in zip(QUERIES, json.loads(done.stdout), strict=True):
        words = SearchPairs({}).split(query)
        # a page has single characters, too; a query needs them where they stand alone
        assert set(found) <= set(words) and {word for word in words if len(word) > 1} <= set(found)
        assert bool(found) == bool(words)


# ---- what is finished ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_wrong_with_a_page_of_either_language_stops_the_build(tmp_path, monkeypatch):
    def short(course, folder, solutions, package, edition):
        folder.mkdir()
        link = "[gone](gone.md)" if edition.code == "zh" else ""
        (folder / "index.md").write_text(f"# Home\n\n{link}\n", encoding="utf-8")

    monkeypatch.setattr("bpkit.authoring.site.arrange", short)
    with pytest.raises(CourseError) as stopped:
        build_site(COURSE, tmp_path, languages=("en", "zh"))
    assert "gone.md" in str(stopped.value) and "\n" not in str(stopped.value) and str(tmp_path) not in str(stopped.value)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The whole course in both languages, with two English decks, built once; and what the build said."""
    folder = tmp_path_factory.mktemp("whole")
    decks, said = write_decks(folder / "decks"), io.StringIO()
    with redirect_stderr(said):
        assert main(["site", "--out", str(folder / "out"), "--address", ADDRESS, "--decks", str(decks)]) == 0
    return folder / "out", said.getvalue()


@pytest.mark.slow
def test_the_whole_course_builds_without_a_fault(whole):
    out, said = whole
    assert "pages (en, zh), no warning, no broken link" in said
    assert "has no deck of 00, 01, 02, 03, 04, 06, 08, 09, 10, 11, 12, 13, 14, 15\n" in said
    assert faults(out) == []
    assert (out / ".nojekyll").is_file()
    assert sorted(path.name for path in (out / "decks").iterdir()) == [f"{SLUGS[5]}.html", f"{SLUGS[7]}.html", f"{SLUGS[7]}.pdf"]
    assert 'href="decks.html"' in (out / "index.html").read_text(encoding="utf-8")
    index = (out / "searchindex.js").read_text(encoding="utf-8")
    assert "softmax" in index and "jacobian" in index
    (wheel,) = out.glob("*.whl")
    for slug in SLUGS:
        page = (out / "lessons" / f"{slug}.html").read_text(encoding="utf-8")
        lesson = COURSE.lessons / f"{slug}.ipynb"
        assert page.count('class="katex"') > 20 and "\ue000" not in page
        assert page.count("Show a solution") == len([cell for cell in page_of(lesson)["cells"] if cell["id"].endswith("-solved")])
        # a click has its own words, and each heading its level
        assert "<summary aria-label" not in page and 'role="heading">' not in page and 'aria-level="2"' in page
        assert f"%pip install {ADDRESS}/{wheel.name} matplotlib\n" in page and f'href="../{wheel.name}"' in page
        (download,) = re.findall(r'href="\.\./(_downloads/\w+/[\w.]+)"', page)
        assert (out / download).read_bytes() == lesson.read_bytes()
        assert ('rel="prev"' in page or slug == SLUGS[0]) and 'rel="next"' in page


@pytest.mark.slow
def test_each_page_leads_to_the_other_language(whole):
    out, _ = whole
    pages = {path.relative_to(out).as_posix() for path in out.rglob("*.html") if path.parent != out / "decks"}
    for name in pages:
        found, chinese = links(out / name), name.startswith("zh/")
        assert found.language == ("zh-CN" if chinese else "en"), name
        (address,) = found.switches
        target = (out / name).parent.joinpath(address).resolve().relative_to(out.resolve()).as_posix()
        assert target in pages and target.startswith("zh/") != chinese
        twin = name.removeprefix("zh/") if chinese else f"zh/{name}"
        assert (target == twin) == (twin in pages) == bool(found.alternates), name
        assert twin in pages or re.match(r"(api/.*|grading|genindex|decks)\.html$", name), name


@pytest.mark.slow
def test_the_chinese_pages_are_searched_and_read_in_chinese(whole):
    out, _ = whole
    index = (out / "zh" / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(index[len("Search.setIndex(") : -1])["terms"]
    assert {"误差", "反向", "向传", "传播", "softmax"} <= set(terms)
    with speaking("zh"):
        words = theme_words()
    said = {f"zh/lessons/{slug}.html": (out / "zh" / "lessons" / f"{slug}.html").read_text(encoding="utf-8") for slug in SLUGS}
    for name, page in said.items():
        for word in words:
            assert not re.search(rf'(>\s*|aria-label="){re.escape(word)}\s*["<]', page), (name, word)
        assert words["Back to top"] in page and words["Toggle site navigation sidebar"] in page
        assert "显示参考答案" in page and "Show a solution" not in page
        (download,) = re.findall(r'href="\.\./(_downloads/\w+/[\w.]+)"', page)
        assert (out / "zh" / download).read_bytes() == (COURSE.lessons / "zh" / f"{Path(name).stem}.ipynb").read_bytes()
