"""Builds the course as static pages that need no server: they open from a disk, and ask no other machine for anything."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from bpkit.authoring.deck_index import Listed, decks_in
from bpkit.authoring.packages import packages
from bpkit.authoring.site_links import faults
from bpkit.authoring.site_lite import FOLDER, invitation
from bpkit.authoring.site_pages import api_pages, as_restructured_text, decks_page, equations_page, glossary_page, lesson_page, lesson_table
from bpkit.authoring.site_wheel import Package
from bpkit.course.contents import contents
from bpkit.course.folders import Course
from bpkit.errors import CourseError

_TEMPLATES = Path(__file__).parent / "templates" / "site"
# a list of what we wrote; a folder that has it is ours
MARKER = ".bpkit-site"
# what the theme and myst-nb write → what a screen reader needs: a heading's level; a button's own words
_REPAIRS = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<summary aria-label="Toggle hidden content">': "<summary>",
}
_EXTENSIONS = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.githubpages", "bpkit.authoring.site_math"]


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
    staff = course.lessons.parent / "docs" / "grading.md"
    if course.solutions is None or not staff.is_file():
        raise CourseError("no solved lessons here: an installed bpkit carries the lessons only; clone the repository to build the site")
    return course.solutions, staff


def decks_of(course: Course, folder: Path) -> list[Listed]:
    """The decks of the course's lessons that lie in a folder.

    Raises
    ------
    CourseError
        If there is none.
    """
    slugs = {lesson.slug for lesson in contents(course)}
    found = [deck for deck in decks_in(folder) if Path(deck.name).stem in slugs]
    if not found:
        raise CourseError(f"{folder}: found no deck, expected a folder that `bpkit slides --out` filled")
    return found


def arrange(course: Course, folder: Path, solutions: bool = True, package: Package | None = None, decks: Sequence[Listed] = ()) -> list[str]:
    """Write the sources of all pages into a folder; return their names, in reading order.

    Parameters
    ----------
    course, folder
        What is arranged, and where.
    solutions
        Whether to put worked solutions in.
    package
        The wheel that the pages lead to; without one they say nothing of it.
    decks
        Those that the pages lead to.

    Raises
    ------
    CourseError
        If what the pages are made from is not there.
    """
    solved, staff = sources(course)
    lessons, shown = contents(course), {Path(deck.name).stem: deck for deck in decks}
    pages = {"glossary.md": glossary_page(), "equations.md": equations_page()}
    pages |= {f"{name}.rst": text for name, text in api_pages().items()}
    if decks:
        pages["decks.md"] = decks_page(lessons, decks)
    pages["grading.md"] = staff.read_text(encoding="utf-8")
    for lesson in lessons:
        notebook = course.lessons / f"{lesson.slug}.ipynb"
        page = lesson_page(_notebook(notebook), _notebook(solved / notebook.name), lesson.slug, solutions, package, shown.get(lesson.slug))
        pages[f"lessons/{notebook.name}"] = json.dumps(page, ensure_ascii=False)
        (folder / "notebooks").mkdir(parents=True, exist_ok=True)
        shutil.copy(notebook, folder / "notebooks")
    home = (_TEMPLATES / "index.md").read_text(encoding="utf-8")
    toctree = "\n".join(f"lessons/{lesson.slug}" for lesson in lessons)
    answer = "To answer the exercises, download a notebook and open it\nwith `bpkit lab`."
    if package and package.lite:
        answer = f"{answer} {invitation(lessons[0].slug)}"
    move = "move their widgets and open their solutions" if solutions else "see what they show and move their widgets"
    home = home.replace("LESSONS", lesson_table(lessons)).replace("MOVE", move).replace("ANSWER", answer).replace("TOCTREE", toctree)
    link = "- [Slides](decks.md): a deck for each lecture, with the notes to teach from.\n" if decks else ""
    pages["index.md"] = home.replace("SLIDES\n", link).replace("DECKS\n", "decks\n" if decks else "")
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [*sorted(name for name in pages if name.startswith("lessons/")), *(name for name in pages if not name.startswith("lessons/"))]


def _notebook(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: expected a notebook, found {error}; make it with: bpkit build") from error


def build_site(
    course: Course, work: Path, solutions: bool = True, package: Package | None = None, lite: Path | None = None, decks: Path | None = None
) -> Path:
    """Arrange the pages in an empty folder and build them there, a package, JupyterLite and decks beside them; return the folder of finished ones.

    Raises
    ------
    CourseError
        If Sphinx warns of anything, a formula cannot be drawn, a link leads nowhere, or a page would fetch something from another machine.
    """
    source, built = work / "source", work / "html"
    listed = decks_of(course, decks) if decks else []
    arrange(course, source, solutions, package, listed)
    if package:
        built.mkdir()
        shutil.copy(package.wheel, built)
    _static(course, source / "_static")
    said = io.StringIO()
    try:
        # what extensions print is no warning of Sphinx's
        with redirect_stderr(io.StringIO()), patch_docutils(), docutils_namespace():
            app = Sphinx(source, None, built, work / "doctrees", "html", _settings(course), status=None, warning=said)
            # before napoleon, which has the priority 500
            app.connect("autodoc-process-docstring", lambda *given: as_restructured_text(given[-1]), priority=100)
            app.build(force_all=True)
    except SphinxError as error:
        cause = error.__cause__
        raise CourseError(str(cause if isinstance(cause, CourseError) else error)) from error
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, wanted in _REPAIRS.items():
            text = text.replace(found, wanted)
        page.write_text(text, encoding="utf-8")
    if lite:
        shutil.move(lite, built / FOLDER)
    if decks:
        (built / "decks").mkdir()
        for deck in listed:
            for name in filter(None, (deck.name, deck.pdf)):
                shutil.copy(decks / name, built / "decks")
    warnings = [line for line in _plain(said.getvalue()).replace(f"{source}/", "").splitlines() if line.strip()]
    problems = warnings or faults(built, FOLDER)
    if problems:
        raise CourseError(f"the site has {len(problems)} faults; the first: {problems[0][:400]}")
    return built


def _plain(text: str) -> str:
    """Without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _settings(course: Course) -> dict[str, object]:
    return {
        "project": "Backpropagation",
        "html_title": "Backpropagation",
        "html_theme": "furo",
        "html_static_path": ["_static"],
        "html_css_files": ["katex/katex.min.css", "site.css"],
        "html_js_files": [("site.js", {"defer": "defer"})],
        "html_math_renderer": "drawn",
        "html_copy_source": False,
        "html_show_sourcelink": False,
        # it would fetch each page found, which a browser does not do from a disk
        "html_show_search_summary": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "extensions": _EXTENSIONS,
        "exclude_patterns": ["notebooks", "_static"],
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
        "bpkit_slides": str(course.slides),
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
