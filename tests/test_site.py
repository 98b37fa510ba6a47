"""The course as static pages: what stands on them, and that nobody else's folder is touched."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from bpkit.authoring.deck import About
from bpkit.authoring.formulas import Formulas
from bpkit.authoring.site import MARKER, arrange, build_site, decks_of
from bpkit.authoring.site_api import api_pages
from bpkit.authoring.site_command import publish, refuse_foreign
from bpkit.authoring.site_links import faults
from bpkit.authoring.site_math import draw
from bpkit.authoring.site_pages import Edition, lesson_page
from bpkit.authoring.site_wheel import Package, build_wheel, site_address
from bpkit.cli import main
from bpkit.course.folders import Course, files_of, find_course
from bpkit.course.pins import install_command
from bpkit.errors import CourseError

COURSE = find_course()
LESSONS = files_of(COURSE.lessons, ".ipynb")
IN_EVERY_LANGUAGE = [*LESSONS, *files_of(COURSE.edition("zh").lessons, ".ipynb")]


def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


def page_of(path, solutions=True):
    return lesson_page(notebook(path), notebook(COURSE.solutions / path.relative_to(COURSE.lessons)), path.stem, solutions)


def named(path):
    return f"{path.parent.name}-{path.stem[:2]}"


def tags(cell):
    return cell["metadata"].get("tags", [])


# ---- what is arranged ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arranged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return folder, arrange(COURSE, folder)


def test_every_lesson_has_its_page_and_its_notebook(arranged):
    folder, names = arranged
    assert names[: len(LESSONS)] == [f"lessons/{path.name}" for path in LESSONS]
    assert {"index.md", "glossary.md", "equations.md", "grading.md", "api/index.rst"} <= set(names)
    for path in LESSONS:
        assert (folder / "notebooks" / path.name).read_bytes() == path.read_bytes()


def test_the_first_page_leads_to_all_others(arranged):
    folder, names = arranged
    home = (folder / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z/]+[\w/]*)$", home, re.MULTILINE))
    below = {name.rsplit(".", 1)[0] for name in names if not re.match(r"index\.|api/(?!index)", name)}
    assert below == listed
    for path in LESSONS:
        assert f"](lessons/{path.name})" in home


@pytest.mark.parametrize("path", IN_EVERY_LANGUAGE, ids=named)
def test_a_page_has_the_lesson_as_the_learner_gets_it(path):
    cells = {cell["id"]: cell for cell in page_of(path)["cells"]}
    for cell in notebook(path)["cells"]:
        assert "".join(cells[cell["id"]]["source"]).split() == "".join(cell["source"]).split()


@pytest.mark.parametrize("path", IN_EVERY_LANGUAGE, ids=named)
def test_what_is_solved_or_shown_waits_for_a_click(path):
    given = {"".join(cell["source"]) for cell in notebook(path)["cells"]}
    hidden = 0
    for cell in page_of(path)["cells"]:
        if cell["cell_type"] != "code":
            continue
        if cell["source"] not in given:
            assert tags(cell) in (["hide-cell"], ["hide-input"])
            hidden += 1
        elif cell["outputs"]:
            assert tags(cell) == ([] if "bpkit-host" in str(cell["outputs"]) else ["hide-output"])
    assert hidden


@pytest.mark.parametrize("path", IN_EVERY_LANGUAGE, ids=named)
def test_without_solutions_no_page_has_one(path):
    given = {"".join(cell["source"]) for cell in notebook(path)["cells"] if cell["cell_type"] == "code"}
    code = [cell for cell in page_of(path, solutions=False)["cells"] if cell["cell_type"] == "code"]
    assert {cell["source"] for cell in code} == given
    checks = [cell for cell in code if cell["source"].startswith("bp.check(")]
    assert checks and not any(cell["outputs"] for cell in checks)


def test_text_goes_on_as_markdown_behind_a_line_of_html():
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "<details><summary>s</summary>\n**b**\n</details>\n**c**"}
    book = {"cells": [cell], "metadata": {"kernelspec": {}}}
    assert lesson_page(book, book, "05_x", True)["cells"][0]["source"] == "<details><summary>s</summary>\n\n**b**\n</details>\n\n**c**"


def test_the_first_page_promises_no_solutions_that_are_not_there(arranged, tmp_path):
    arrange(COURSE, tmp_path, solutions=False)
    assert "solution" not in (tmp_path / "index.md").read_text(encoding="utf-8")
    assert "solution" in (arranged[0] / "index.md").read_text(encoding="utf-8")


def test_every_public_name_is_described():
    import bpkit as bp

    written = "\n".join(api_pages().values())
    for name in bp.__all__:
        assert re.search(rf":: bpkit\.{name}$|^   bp\.{name} <", written, re.MULTILINE), name


def test_an_installed_wheel_says_that_it_has_no_solutions(tmp_path):
    with pytest.raises(CourseError, match="clone the repository"):
        arrange(Course(COURSE.lessons, COURSE.slides), tmp_path)


# ---- the package on the site ---------------------------------------------------------------------------------------------

WHEEL = Path("bpkit_course-0.1.0-py3-none-any.whl")
ADDRESS = "https://example.org/course"


def download_cell(package):
    path = COURSE.lessons / "05_propagating_the_error.ipynb"
    return lesson_page(notebook(path), notebook(COURSE.solutions / path.name), path.stem, True, package)["cells"][1]["source"]


def test_a_page_has_the_line_that_installs_bpkit_from_the_site():
    said = download_cell(Package(WHEEL, ADDRESS))
    assert f"\n%pip install {ADDRESS}/{WHEEL} matplotlib\n" in said
    assert f'href="../{WHEEL}"' in said


def test_without_an_address_a_page_says_that_it_has_no_such_line():
    said = download_cell(Package(WHEEL))
    assert "%pip" not in said and "without an address" in said and f'href="../{WHEEL}"' in said
    assert WHEEL.name not in download_cell(None)


@pytest.mark.parametrize("given", [ADDRESS, f"{ADDRESS}/", "http://localhost:8000"])
def test_an_address_is_taken_with_and_without_its_last_slash(given):
    assert site_address(given) == given.rstrip("/")


@pytest.mark.parametrize(
    "given", ["", "example.org", "ftp://example.org", "https://", f"{ADDRESS}?a=b", f"{ADDRESS}#a", f"{ADDRESS}/a b", "https://me:word@example.org"]
)
def test_what_nothing_can_be_installed_from_is_refused_in_one_line(given, tmp_path, capsys):
    assert main(["site", "--out", str(tmp_path / "out"), "--address", given]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"found {given!r}, expected where the site will stand" in said
    assert not (tmp_path / "out").exists()


def misfits(wheel):
    """What a wheel has and does not list, or lists and does not have, or with another digest."""
    with zipfile.ZipFile(wheel) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    (record,) = (name for name in content if name.endswith(".dist-info/RECORD"))
    listed = {row[0]: row[1] for row in csv.reader(io.StringIO(content[record].decode()))}
    found = {name: f"sha256={base64.urlsafe_b64encode(hashlib.sha256(each).digest()).decode().rstrip('=')}" for name, each in content.items()}
    return {*listed.items()} ^ {*found.items(), (record, "")} - {(record, found[record])}


@pytest.mark.slow
@pytest.mark.parametrize("solutions", [True, False])
def test_the_wheel_has_worked_solutions_only_where_the_pages_have(solutions, tmp_path):
    pytest.importorskip("hatchling", reason="builds the wheel without isolation (make test installs it)")
    wheel = build_wheel(COURSE.lessons.parent, tmp_path, solutions)
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    worked = {"bpkit/_course/worked.json", "bpkit/_course/zh/worked.json"}
    assert {name for name in names if "worked" in name} == (worked if solutions else set())
    assert "bpkit/_course/lessons/05_propagating_the_error.ipynb" in names
    assert misfits(wheel) == set()


@pytest.mark.slow
def test_a_wheel_that_cannot_be_built_stops_in_one_line(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project")
    with pytest.raises(CourseError, match=r"^the wheel cannot be built: .+$"):
        build_wheel(tmp_path, tmp_path / "wheel")


# ---- the decks on the site -----------------------------------------------------------------------------------------------


def write_deck(folder, name, title="Words & more", **about):
    """The least that is known as a deck."""
    said = json.dumps(asdict(About(title, **{"slides": 17, "minutes": 45, "exercises": 2, "widgets": 1} | about)))
    text = f'<html lang="en"><head><meta name="bpkit-deck" content="{html.escape(said)}"></head><body id="/"><a href="#/">top</a></body></html>'
    (folder / name).write_text(text, encoding="utf-8")


def write_decks(folder):
    """Two decks of lessons, one with pages to print, and what is no deck of ours."""
    folder.mkdir()
    write_deck(folder, f"{LESSONS[5].stem}.html")
    write_deck(folder, f"{LESSONS[7].stem}.html", exercises=0, slides=1)
    (folder / f"{LESSONS[7].stem}.pdf").write_bytes(b"%PDF")
    write_deck(folder, "77_no_lesson_of_ours.html")
    (folder / f"{LESSONS[8].stem}.html").write_text("<title>mine</title>")
    return folder


@pytest.fixture
def decks(tmp_path):
    return write_decks(tmp_path / "decks")


def test_the_decks_of_a_folder_are_those_of_the_lessons(decks):
    assert [deck.name for deck in decks_of(COURSE, decks)["en"]] == [f"{LESSONS[5].stem}.html", f"{LESSONS[7].stem}.html"]


def test_each_lesson_that_has_a_deck_leads_to_it_and_so_does_a_page_of_all(decks, tmp_path):
    names = arrange(COURSE, tmp_path / "source", edition=Edition(decks=decks_of(COURSE, decks)["en"]))
    assert "decks.md" in names
    for number, path in enumerate(LESSONS):
        second = notebook(tmp_path / "source" / "lessons" / path.name)["cells"][1]["source"]
        assert (f'<a href="../decks/{path.stem}.html">Its slides</a>: ' in second) == (number in (5, 7))
        assert ("17 slides for 45 minutes · 2 exercises in class · 1 live figure · 0.0 MB" in second) == (number == 5)
    listed = (tmp_path / "source" / "decks.md").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', listed) == [f"decks/{LESSONS[k].stem}.{kind}" for k, kind in ((5, "html"), (7, "html"), (7, "pdf"))]
    assert "1 slide for 45 minutes · 1 live figure" in listed
    home = (tmp_path / "source" / "index.md").read_text(encoding="utf-8")
    assert "](decks.md)" in home and "\ndecks\n" in home


def test_without_decks_no_page_speaks_of_them(arranged):
    folder, names = arranged
    home = (folder / "index.md").read_text(encoding="utf-8")
    assert "decks.md" not in names and not re.search("decks|DECKS|SLIDES", home)


def test_a_folder_without_a_deck_stops_in_one_line_before_anything_is_built(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for given in ("empty", "none"):
        assert main(["site", "--out", str(tmp_path / "out"), "--decks", str(tmp_path / given)]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "found no deck, expected a folder that `bpkit slides --out` filled" in said
    assert not (tmp_path / "out").exists()


# ---- where it goes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def built(tmp_path):
    (tmp_path / "built" / "lessons").mkdir(parents=True)
    for name in ("index.html", "lessons/a.html"):
        (tmp_path / "built" / name).write_text(name)
    return tmp_path / "built"


def names_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_second_build_takes_the_place_of_the_first_and_leaves_what_others_put_there(built, tmp_path):
    out = tmp_path / "deep" / "out"
    publish(built, out)
    (out / "CNAME").write_text("theirs")
    (built / "lessons" / "a.html").unlink()
    (built / "b.html").write_text("new")
    publish(built, out)
    assert names_in(out) == sorted([MARKER, "CNAME", "b.html", "index.html"])
    assert (out / MARKER).read_text().splitlines() == ["b.html", "index.html"]


def test_an_empty_folder_will_do(built, tmp_path):
    (tmp_path / "out").mkdir()
    publish(built, tmp_path / "out")
    assert "index.html" in names_in(tmp_path / "out")


def test_a_folder_of_somebody_elses_is_refused(built, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="expected a new or an empty folder"):
        publish(built, out)
    # and before anything is built
    assert main(["site", "--out", str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert names_in(out) == ["thesis.txt"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(CourseError, match="found a file, expected a folder"):
        refuse_foreign(tmp_path / "out")


def test_a_marker_that_names_what_lies_elsewhere_deletes_nothing(built, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MARKER).write_text("../precious.txt\n")
    publish(built, tmp_path / "out")
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("package", ["sphinx", *(pytest.param(name, marks=pytest.mark.slow) for name in ("furo", "myst_nb"))])
def test_without_the_extra_one_line_says_how_to_install_it(package, tmp_path):
    code = f"import sys; sys.modules[{package!r}] = None; from bpkit.cli import main; sys.exit(main(['site', '--out', {str(tmp_path / 'out')!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert f"the package {package}" in done.stderr and f"is missing; install it with: {install_command('site')}" in done.stderr
    assert done.stderr.count("\n") == 1


# ---- what is finished ----------------------------------------------------------------------------------------------------

FOUND = {
    '<a href="there.html#here">': None,
    '<a href="#top"><i id="top">': None,
    '<a href="https://example.org/x">': None,
    '<img src="data:image/png;base64,AA">': None,
    '<a href="gone.html">': "found a link to gone.html, expected a file of the site",
    '<a href="there.html#gone">': "found a link to there.html#gone, expected an element of that name there",
    '<a href="#gone">': "found a link to #gone, expected an element of that name there",
    '<a href="../secret.html">': "found a link to ../secret.html, expected a file of the site",
    '<script src="gone.js"></script>': "found a link to gone.js, expected a file of the site",
    '<script src="https://example.org/x.js"></script>': "fetches https://example.org/x.js, expected a file of the site",
    '<link rel="stylesheet" href="//example.org/x.css">': "fetches //example.org/x.css, expected a file of the site",
    '<img src="http://example.org/x.png">': "fetches http://example.org/x.png, expected a file of the site",
}


@pytest.mark.parametrize(("page", "fault"), FOUND.items())
def test_links_that_lead_nowhere_and_fetches_from_elsewhere_are_found(page, fault, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "secret.html").write_text("")
    (site / "there.html").write_text('<h1 id="here">')
    (site / "page.html").write_text(page)
    assert faults(site) == ([f"page.html: {fault}"] if fault else [])


@pytest.mark.parametrize("rule", ['a{b:url("https://example.org/f.woff2")}', "a{b:url(//example.org/f)}", '@import "http://example.org/a.css"'])
def test_a_style_sheet_that_fetches_from_elsewhere_is_found(rule, tmp_path):
    (tmp_path / "a.css").write_text(f"p{{c:url(near.png)}} {rule}")
    assert len(faults(tmp_path)) == 1 and faults(tmp_path)[0].startswith("a.css: fetches ")


def test_formulas_are_drawn_in_each_page_and_in_what_is_clicked(tmp_path):
    formulas = Formulas()
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    first.write_text(f"one {formulas.math('x', False, 'a')}", encoding="utf-8")
    second.write_text("<summary>two $y^2$</summary> and $5", encoding="utf-8")
    draw([first, second], formulas, COURSE.slides)
    assert first.read_text(encoding="utf-8").count('class="katex"') == 1
    text = second.read_text(encoding="utf-8")
    assert text.count('class="katex"') == 1 and text.endswith("and $5")


def test_a_formula_that_cannot_be_drawn_stops_the_build(tmp_path):
    formulas = Formulas()
    (tmp_path / "a.html").write_text(formulas.math(r"\nosuch", False, "lesson, near line 3"), encoding="utf-8")
    with pytest.raises(CourseError, match=r"lesson, near line 3: the formula '\\\\nosuch' cannot be drawn"):
        draw([tmp_path / "a.html"], formulas, COURSE.slides)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[gone](gone.md)", "gone.md"),
        (r"$\nosuch$", "cannot be drawn: Undefined control sequence"),
        ("# one\n\n### three", "Non-consecutive header level"),
    ],
)
def test_what_is_wrong_with_a_page_stops_the_build_in_one_line(text, fault, tmp_path, monkeypatch):
    def short(course, folder, *given):
        folder.mkdir()
        (folder / "index.md").write_text(f"# Home\n\n{text}\n", encoding="utf-8")

    monkeypatch.setattr("bpkit.authoring.site.arrange", short)
    with pytest.raises(CourseError) as stopped:
        build_site(COURSE, tmp_path)
    assert fault in str(stopped.value) and "\n" not in str(stopped.value) and str(tmp_path) not in str(stopped.value)
