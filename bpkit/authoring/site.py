"""Builds the course as static pages that need no server: they open from a disk, and ask no other machine for anything."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from bpkit.authoring.catalogues import deck_words
from bpkit.authoring.deck_index import Listed, decks_in, sums
from bpkit.authoring.packages import packages
from bpkit.authoring.site_api import api_pages, as_restructured_text
from bpkit.authoring.site_links import faults
from bpkit.authoring.site_lite import FOLDER
from bpkit.authoring.site_pages import (
    ENGLISH,
    Edition,
    decks_page,
    equations_page,
    glossary_page,
    home_page,
    lesson_page,
    site_title,
    switch,
    theme_words,
)
from bpkit.authoring.site_wheel import Package
from bpkit.authoring.slides_command import processors
from bpkit.course.contents import contents
from bpkit.course.folders import Course, files_of
from bpkit.errors import CourseError
from bpkit.language import LANGUAGES, SOURCE, speaking

_TEMPLATES = Path(__file__).parent / "templates" / "site"
# a list of what we wrote; a folder that has it is ours
MARKER = ".bpkit-site"
# the page for staff, which is English in every edition
_STAFF = "grading.md"
# what Sphinx calls a language
_SPHINX = {"zh": "zh_CN"}
_LOCALE = "_locale"
# where a page has its buttons, and how the theme says what no catalogue reaches
_ICONS = '<div class="content-icon-container">'
_SAID = ('aria-label="{}"', "<title>{}</title>")
# what the theme and myst-nb write → what a screen reader needs: a heading's level; a button's own words
_REPAIRS = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<summary aria-label="Toggle hidden content">': "<summary>",
}
_EXTENSIONS = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.githubpages",
    "bpkit.authoring.site_math",
    "bpkit.authoring.site_search",
]


def sources(course: Course) -> tuple[Path, Path]:
    """The folder of solved notebooks, and the page for staff.

    Raises
    ------
    CourseError
        If they are not there, as in an installed wheel.
    ModuleNotFoundError
        If a package that draws the pages is missing.
    """
    for name in ("furo", "myst_nb"):
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"no package {name}", name=name)
    staff = course.lessons.parent / "docs" / _STAFF
    if course.solutions is None or not staff.is_file():
        raise CourseError("no solved lessons here: an installed bpkit carries the lessons only; clone the repository to build the site")
    return course.solutions, staff


def languages_of(course: Course, wanted: Sequence[str] = ()) -> list[str]:
    """The languages that the site is made in: those wanted, else all that there are lessons in.

    Raises
    ------
    CourseError
        If there is one that the course is not there in.
    """
    there = [code for code in LANGUAGES if files_of(course.edition(code).lessons, ".ipynb")]
    if unknown := [code for code in wanted if code not in there]:
        raise CourseError(f"--language: found {unknown[0]!r}, expected one of {', '.join(there)}")
    return [code for code in there if code in wanted or not wanted]


def decks_of(course: Course, folder: Path, languages: Sequence[str] = (SOURCE,)) -> dict[str, list[Listed]]:
    """The decks of the course's lessons that lie in a folder, by language.

    Raises
    ------
    CourseError
        If there is none at all.
    """
    slugs = {lesson.slug for lesson in contents(course)}
    found = {code: [deck for deck in decks_in(deck_folder(folder, code)) if Path(deck.name).stem in slugs] for code in languages}
    if not any(found.values()):
        raise CourseError(f"{folder}: found no deck, expected a folder that `bpkit slides --out` filled")
    return found


def deck_folder(folder: Path, code: str) -> Path:
    """Where the decks of a language lie: those that are not English in a folder of their own below the English ones, as on the site."""
    return folder if code == SOURCE else folder / code


def arrange(course: Course, folder: Path, solutions: bool = True, package: Package | None = None, edition: Edition = ENGLISH) -> list[str]:
    """Write the sources of all pages of an edition into a folder; return their names, in reading order.

    Parameters
    ----------
    course, folder
        What is arranged, and where.
    solutions
        Whether to put worked solutions in.
    package
        The wheel that the pages lead to; without one they say nothing of it.
    edition
        The language, and the decks that the pages lead to.

    Raises
    ------
    CourseError
        If what the pages are made from is not there.
    """
    sources(course)
    with speaking(edition.code):
        pages = _pages(course, folder, solutions, package, edition)
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [*sorted(name for name in pages if name.startswith("lessons/")), *(name for name in pages if not name.startswith("lessons/"))]


def _pages(course: Course, folder: Path, solutions: bool, package: Package | None, edition: Edition) -> dict[str, str]:
    own = course.edition(edition.code)
    lessons, solved = contents(own), own.solutions
    assert solved is not None
    pages = {"glossary.md": glossary_page(), "equations.md": equations_page()}
    if edition.decks or edition.english_decks:
        pages["decks.md"] = decks_page(lessons, edition)
    if edition.code == SOURCE:
        pages |= {f"{name}.rst": text for name, text in api_pages().items()}
        pages[_STAFF] = (course.lessons.parent / "docs" / _STAFF).read_text(encoding="utf-8")
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for lesson in lessons:
        notebook = own.lessons / f"{lesson.slug}.ipynb"
        page = lesson_page(_notebook(notebook), _notebook(solved / notebook.name), lesson.slug, solutions, package, edition)
        pages[f"lessons/{notebook.name}"] = json.dumps(page, ensure_ascii=False)
        shutil.copy(notebook, folder / "notebooks")
    return pages | {"index.md": home_page(lessons, solutions, package, edition)}


def _notebook(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: expected a notebook, found {error}; make it with: bpkit build") from error


def build_site(
    course: Course,
    work: Path,
    solutions: bool = True,
    package: Package | None = None,
    lite: Path | None = None,
    decks: Path | None = None,
    languages: Sequence[str] = (SOURCE,),
) -> Path:
    """Arrange the pages in an empty folder and build them there, a package, JupyterLite and decks beside them; return the folder of finished ones.

    Each language is a run of Sphinx of its own, side by side.

    Raises
    ------
    CourseError
        If Sphinx warns of anything, a formula cannot be drawn, a link leads nowhere, or a page would fetch something from another machine.
    """
    built = work / "html"
    listed = decks_of(course, decks, languages) if decks else {}
    runs = []
    for code in languages:
        edition = Edition(code, listed.get(code, ()), listed.get(SOURCE, ()), SOURCE in languages, partial(sums, words=deck_words(course, code)))
        source = work / f"source-{code}"
        arrange(course, source, solutions, package, edition)
        _static(course, source / "_static")
        runs.append(partial(_build, source, work / f"html-{code}", work / f"doctrees-{code}", code, course.slides))
    warnings = _side_by_side(runs)
    built.mkdir()
    for code in languages:
        shutil.copytree(work / f"html-{code}", _place(built, code), dirs_exist_ok=True)
    _finish(built, languages)
    if package:
        shutil.copy(package.wheel, built)
    if lite:
        shutil.move(lite, built / FOLDER)
    for code, found in listed.items():
        assert decks is not None
        for deck in found:
            place = _place(built, code) / "decks"
            place.mkdir(exist_ok=True)
            for name in filter(None, (deck.name, deck.pdf)):
                shutil.copy(deck_folder(decks, code) / name, place)
    problems = warnings or faults(built, FOLDER)
    if problems:
        raise CourseError(f"the site has {len(problems)} faults; the first: {problems[0][:400]}")
    return built


def _place(built: Path, code: str) -> Path:
    """Where the pages of a language lie."""
    return built if code == SOURCE else built / code


def _side_by_side(runs: Sequence[Callable[[], list[str]]]) -> list[str]:
    """What each run says, one after the other; where there are several, each has a process of its own."""
    if len(runs) == 1:
        return runs[0]()
    # a new interpreter each: Sphinx keeps the words of the first language that a process has built in
    with ProcessPoolExecutor(min(len(runs), processors()), get_context("spawn")) as pool:
        return [line for said in [pool.submit(run) for run in runs] for line in said.result()]


def _build(source: Path, built: Path, doctrees: Path, code: str, slides: Path) -> list[str]:
    """Build one edition; return what Sphinx warns of."""
    said = io.StringIO()
    with speaking(code):
        settings, words = _settings(slides, code), theme_words()
    _speak(words, source / _LOCALE / _SPHINX.get(code, code))
    try:
        # what extensions print is no warning of Sphinx's
        with redirect_stderr(io.StringIO()), patch_docutils(), docutils_namespace():
            app = Sphinx(source, None, built, doctrees, "html", settings, status=None, warning=said)
            # before napoleon, which has the priority 500
            app.connect("autodoc-process-docstring", lambda *given: as_restructured_text(given[-1]), priority=100)
            app.build(force_all=True)
    except SphinxError as error:
        cause = error.__cause__
        raise CourseError(str(cause if isinstance(cause, CourseError) else error)) from error
    # the theme has words that no catalogue reaches
    repairs = _REPAIRS | {form.format(word): form.format(own) for word, own in words.items() for form in _SAID}
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, wanted in repairs.items():
            text = text.replace(found, wanted)
        page.write_text(text, encoding="utf-8")
    return [line for line in _plain(said.getvalue()).replace(f"{source}/", "").splitlines() if line.strip()]


def _speak(words: Mapping[str, str], folder: Path) -> None:
    """Give the theme's words to Sphinx, as a catalogue of its own."""
    catalogue = Catalog()
    for word, own in words.items():
        catalogue.add(word, own)
        # as it stands before a name
        catalogue.add(f"{word} ", f"{own} ")
    (folder / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "LC_MESSAGES" / "sphinx.mo").open("wb") as file:
        write_mo(file, catalogue)


def _finish(built: Path, languages: Sequence[str]) -> None:
    """Let each page lead to the same page in the other languages; where there is none, to the one that stands above it."""
    places = {code: _place(built, code) for code in languages}
    pages = {code: {path.relative_to(place).as_posix() for path in place.rglob("*.html")} for code, place in places.items()}
    for code in places.keys() - {SOURCE}:
        pages[SOURCE] = pages.get(SOURCE, set()) - {f"{code}/{name}" for name in pages[code]}
    for code, place in places.items():
        for name in pages[code]:
            links, heads = [], [] if len(places) == 1 else [_alternate(code, Path(name).name)]
            for other in places:
                if other == code:
                    continue
                there = nearest(name, pages[other])
                address = Path(os.path.relpath(places[other] / there, (place / name).parent)).as_posix()
                links.append(switch(other, address))
                if there == name:
                    heads.append(_alternate(other, address))
            text = (place / name).read_text(encoding="utf-8")
            if links and text.count(_ICONS) != 1:
                raise CourseError(f"{name}: found {text.count(_ICONS)} places for a link to another language, expected 1: is it another furo?")
            text = text.replace(_ICONS, f"{_ICONS}{''.join(links)}").replace("</head>", f"{''.join(heads) if len(heads) > 1 else ''}</head>", 1)
            (place / name).write_text(text, encoding="utf-8")
    if SOURCE not in languages:
        first = f"{languages[0]}/index.html"
        head = f'<meta charset="utf-8"><title>bpkit</title><meta http-equiv="refresh" content="0; url={first}">'
        page = f'<!doctype html><html lang="{_tag(languages[0])}"><head>{head}</head><body>'
        (built / "index.html").write_text(f'{page}<a href="{first}">{LANGUAGES[languages[0]]}</a></body></html>\n', encoding="utf-8")


def nearest(name: str, pages: Collection[str]) -> str:
    """Of these pages, that of the same name; else the first one of its folder, or of the nearest folder above that has one.

    Examples
    --------
    >>> nearest("api/plots.html", {"index.html", "search.html"})
    'index.html'
    """
    above = [(folder / "index.html").as_posix() for folder in PurePosixPath(name).parents]
    return next(page for page in (name, *above) if page in pages)


def _alternate(code: str, address: str) -> str:
    return f'<link rel="alternate" hreflang="{_tag(code)}" href="{address}">'


def _tag(code: str) -> str:
    """The language as HTML names it."""
    return _SPHINX.get(code, code).replace("_", "-")


def _plain(text: str) -> str:
    """Without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _settings(slides: Path, code: str) -> dict[str, object]:
    return {
        "project": site_title(),
        "html_title": site_title(),
        "language": _SPHINX.get(code, code),
        "locale_dirs": [_LOCALE],
        "html_theme": "furo",
        "html_static_path": ["_static"],
        "html_css_files": ["katex/katex.min.css", "site.css"],
        "html_js_files": [("site.js", {"defer": "defer"})],
        "html_math_renderer": "drawn",
        # that of the names of bp
        "html_use_index": code == SOURCE,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        # it would fetch each page found, which a browser does not do from a disk
        "html_show_search_summary": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "extensions": _EXTENSIONS,
        "exclude_patterns": ["notebooks", "_static", _LOCALE],
        "default_role": "literal",
        "templates_path": [],
        # types are words such as "shape (n, m)", not names to look up
        "napoleon_use_param": False,
        "napoleon_use_rtype": False,
        "napoleon_use_ivar": True,
        "napoleon_custom_sections": ["Source"],
        "autodoc_typehints": "none",
        "nb_execution_mode": "off",
        "nb_render_markdown_format": "myst",
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "bpkit_slides": str(slides),
    }


def _static(course: Course, folder: Path) -> None:
    """Our own style sheet and script, and KaTeX's style sheet with its fonts."""
    katex = packages(course.slides).modules / "katex" / "dist"
    (folder / "katex" / "fonts").mkdir(parents=True)
    for name in ("site.css", "site.js"):
        shutil.copy(_TEMPLATES / name, folder)
    shutil.copy(katex / "katex.min.css", folder / "katex")
    for font in katex.glob("fonts/*.woff2"):
        shutil.copy(font, folder / "katex" / "fonts")
