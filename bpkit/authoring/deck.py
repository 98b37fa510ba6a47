"""Builds a deck: one HTML file that holds its presenter, formulas, fonts and figures, and asks no server for anything.

A deck is written as a percent-format source whose cells have a `slideshow.slide_type`, as in Jupyter: slide, subslide,
fragment, notes, skip, or - to go on. Code runs; it is shown only where tagged. `\\eq{BP2}` in a formula stands for the named
equation of bpkit.equations. `SLIDE_TAGS` and `CELL_TAGS` say what tags do. A cell that begins a slide may name the exercises
whose matter the slide treats, `treats="05.2 05.3"`, another lesson's among them: the report on a class leads from their
mistakes to it.
"""

from __future__ import annotations

import base64
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode

from bpkit.authoring.deck_font import FAMILY, with_font
from bpkit.authoring.deck_words import ENGLISH, Words
from bpkit.authoring.execute import execute
from bpkit.authoring.formulas import Formulas
from bpkit.authoring.packages import Packages
from bpkit.authoring.source import Source
from bpkit.errors import CourseError
from bpkit.exhibits.palette import deck_style
from bpkit.language import SOURCE

_TEMPLATES = Path(__file__).parent / "templates"
_TYPES = ("slide", "subslide", "fragment", "notes", "skip", "-")

# on a slide's first cell, for the whole slide
SLIDE_TAGS = {
    "title": "the deck's first slide",
    "statement": "one sentence, large, in the middle",
    "question": "marked: the class guesses or votes",
    "exercise": "marked: the class works",
    "wide-left": "the left column is wider",
}
CELL_TAGS = {
    "left": "in the left of two columns",
    "right": "in the right one",
    "tall": "beside all that follows in the other column",
    "middle": "in the middle of its row's height",
    "center": "text in the middle of the line",
    "big": "larger",
    "small": "smaller and quieter",
    "card": "in a frame",
    "bullets": "one bullet at a time",
    "rows": "one table row at a time",
    "show-code": "the code is shown with its output",
    "raises-exception": "the cell may raise",
}
_FONTS = (("@fontsource-variable/inter", "wght.css"), ("@fontsource/jetbrains-mono", "400.css"))
_SUBSETS = ("latin", "latin-ext", "greek")
_FETCHED = re.compile(
    r"<(?:script|img|iframe|video|audio|source|embed|object|link|use|image)\b[^>]*?\b(?:src|href|data|xlink:href)\s*=\s*[\"']?(?!data:|#|blob:)([^\"'\s>]+)",
    re.I,
)
_CSS_FETCHED = re.compile(r"url\(\s*[\"']?(?!data:|#)([^)\"']+)|@import\s+[\"']([^\"']+)", re.I)


# the speaker's window takes the font of Chinese characters from the deck
_DESK = (
    "${document.querySelector(`#chinese`).outerHTML}"
    f"<style>body{{font-family:'{FAMILY}',Helvetica,sans-serif}} select{{font-family:inherit}}"
    " :lang(zh) em{font-style:normal;font-weight:bold}</style></head>"
)
# how notes begin where their slide has a time of its own, e.g. "2 minutes. Take the vote by hands."
_MINUTES = re.compile(r"\s*(\d+) minutes?\b")


@dataclass(frozen=True)
class About:
    """What a deck says of itself, in its own page's head.

    Parameters
    ----------
    title
        Of the lesson.
    slides
        How many there are.
    minutes
        What the notes give them, added up.
    exercises
        On how many slides the class works.
    widgets
        How many there are to play with.
    language
        The code of the language that it is in.
    """

    title: str
    slides: int
    minutes: int
    exercises: int
    widgets: int
    language: str = SOURCE


@dataclass(frozen=True)
class Deck:
    """A finished deck."""

    html: str
    about: About


def build_deck(source: Source, packages: Packages, words: Words = ENGLISH, english: Source | None = None) -> Deck:
    """Execute a deck's source and put everything into one page.

    Parameters
    ----------
    words
        What stands around the slides, in the deck's language.
    english
        Of a translated deck the source as it was written, by whose notes each slide has its time.

    Raises
    ------
    CourseError
        If a cell raises, a formula cannot be drawn, a figure has no text alternative, or something would be fetched from elsewhere;
        with file and line.
    """
    notebook = execute(source)
    about = _lay_out(notebook, source, english or source)
    formulas = Formulas()
    # not HTMLExporter: it reads its own page again and writes it anew, scripts and drawings included
    exporter = TemplateExporter(template_name="deck", extra_template_basedirs=[str(_TEMPLATES)], file_extension=".html")
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python"))
    exporter.register_filter("deck_markdown", formulas.markdown)
    exporter.register_filter("deck_latex", lambda text, place: formulas.math(text.strip().strip("$"), True, place))
    scripts = [words.script(script) for script in _scripts(packages)]
    page, _ = exporter.from_notebook_node(notebook, {"deck": {"about": asdict(about), "style": _style(packages), "scripts": scripts}})
    return Deck(with_font(formulas.drawn(page, packages), words), about)


def _lay_out(notebook: NotebookNode, source: Source, english: Source) -> About:
    """Drop skipped cells, bring each slide's notes forward, and tell the template what opens and closes where."""
    slides: list[list[NotebookNode]] = []
    kinds: list[str] = []
    for cell, written, original in zip(notebook.cells, source.cells, english.cells, strict=True):
        place = source.place(written)
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind not in _TYPES:
            raise CourseError(f"{place}: slide_type is {kind!r}, expected one of: {', '.join(_TYPES)}")
        unknown = set(written.tags) - SLIDE_TAGS.keys() - CELL_TAGS.keys()
        if unknown:
            raise CourseError(f"{place}: found the tag {min(unknown)!r}, expected one of: {', '.join([*SLIDE_TAGS, *CELL_TAGS])}")
        _check_cell(cell, place)
        is_notes, timed = kind == "notes", _MINUTES.match(original.text)
        cell.metadata.deck = NotebookNode(kind=kind, place=place, id=cell.id, is_notes=is_notes, shows_code="show-code" in written.tags)
        cell.metadata.deck.minutes = int(timed[1]) if is_notes and timed else 0
        if kind == "skip":
            continue
        if kind in ("slide", "subslide"):
            slides.append([cell])
            kinds.append(kind)
        elif slides:
            slides[-1].append(cell)
        else:
            raise CourseError(f"{place}: the deck's first cell that is not skipped must be of slide_type 'slide', found {kind!r}")
    if not slides:
        raise CourseError(f"{source.place(source.cells[0])}: the deck has no slide; give a cell the slide_type 'slide'")
    if kinds[0] == "subslide":
        raise CourseError(f"{slides[0][0].metadata.deck.place}: the first slide cannot be a subslide")
    below = [kind == "subslide" for kind in [*kinds[1:], "slide"]]
    notebook.cells, minutes, exercises = [], 0, 0
    for number, cells in enumerate(slides):
        # reveal.js takes notes that stand in a fragment for that fragment's own
        cells[1:] = sorted(cells[1:], key=lambda cell: not cell.metadata.deck.is_notes)
        starts_stack, in_stack = kinds[number] == "slide" and below[number], kinds[number] == "subslide"
        _classes(cells)
        # what pacing at the speaker's desk goes by
        cells[0].metadata.deck.minutes = next((cell.metadata.deck.minutes for cell in cells if cell.metadata.deck.minutes), 0)
        minutes += cells[0].metadata.deck.minutes
        exercises += "exercise" in cells[0].metadata.deck.slide_classes.split()
        for cell in cells:
            deck = cell.metadata.deck
            deck.opens, deck.closes = cell is cells[0], cell is cells[-1]
            deck.opens_stack = deck.opens and starts_stack
            deck.closes_stack = deck.closes and in_stack and not below[number]
        notebook.cells += cells
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), source.slug)
    title = re.sub(r"[#*_`]", "", first.strip().split("\n")[0]).strip()
    widgets = sum("bpkit-widget" in output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", []))
    return About(title, len(slides), minutes, exercises, widgets, source.language)


def _classes(cells: list[NotebookNode]) -> None:
    """Every cell's classes: its tags, and whether it appears later or together with the one before."""
    appears = False
    for cell in cells:
        deck, tags = cell.metadata.deck, set(cell.metadata.get("tags", ()))
        deck.slide_classes = " ".join(sorted(tags & SLIDE_TAGS.keys()))
        words = ["cell", *sorted(tags - SLIDE_TAGS.keys())]
        if deck.kind == "fragment":
            words.append("fragment")
            appears = True
        elif appears and deck.kind == "-":
            words.append("goes-on")
        deck.classes = " ".join(words)


def _check_cell(cell: NotebookNode, place: str) -> None:
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text/html" not in data and any(kind.startswith("image/") for kind in data):
            raise CourseError(f"{place}: a figure without a text alternative; show it with bp.plots.show(figure, alt='…')")
    pieces = [cell.source] if cell.cell_type == "markdown" else [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    pieces += [output.get("data", {}).get("text/markdown", "") for output in cell.get("outputs", [])]
    for piece in pieces:
        markdown_image = re.search(r"!\[[^\]]*\]\((?!data:)([^)\s]+)", piece)
        address = markdown_image or _FETCHED.search(piece) or _CSS_FETCHED.search(piece)
        if address:
            found = next(group for group in address.groups() if group)
            raise CourseError(f"{place}: the slide would fetch {found[:80]!r} when it is shown; a deck carries everything inside")


def _style(packages: Packages) -> str:
    fonts = "".join(_with_fonts(packages.modules / package, css, _SUBSETS) for package, css in _FONTS)
    katex = _with_fonts(packages.modules / "katex" / "dist", "katex.min.css")
    own = (_TEMPLATES / "deck" / "deck.css").read_text(encoding="utf-8")
    return "\n".join([packages.text("reveal.js/dist/reset.css"), packages.text("reveal.js/dist/reveal.css"), katex, fonts, deck_style(), own])


def _with_fonts(folder: Path, name: str, subsets: tuple[str, ...] = ()) -> str:
    """A style sheet with its woff2 fonts inside; of the alphabets only those wanted."""
    faces = []

    def face(found: re.Match[str]) -> str:
        file = re.search(r"url\(([^)]+\.woff2)\)", found[0])
        if file is None or (subsets and not any(f"-{subset}-{weight}-" in file[1] for subset in subsets for weight in ("wght", "400"))):
            return ""
        data = base64.b64encode((folder / file[1]).read_bytes()).decode()
        faces.append(file[1])
        return re.sub(r"src:[^;}]+", f'src:url("data:font/woff2;base64,{data}") format("woff2")', found[0])

    css = re.sub(r"@font-face\s*\{[^}]*\}", face, (folder / name).read_text(encoding="utf-8"))
    if not faces:
        raise CourseError(f"{folder / name}: no font found; delete {folder.parents[1]} and build again")
    return css


def _scripts(packages: Packages) -> list[Any]:
    own = (_TEMPLATES / "deck" / "deck.js").read_text(encoding="utf-8")
    desk = packages.text("reveal.js/dist/plugin/notes.js").replace("</head>", _DESK)
    scripts = [packages.text("reveal.js/dist/reveal.js"), desk, own]
    return [script.replace("</script", "<\\/script") for script in scripts]
