"""Makes the pages of the site, in the language that is spoken: lessons with their solutions behind a click, words, equations, what leads to them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bpkit.authoring.deck_index import Listed, sums
from bpkit.authoring.site_lite import link
from bpkit.authoring.site_wheel import Package
from bpkit.course.contents import Lesson
from bpkit.course.glossary import words
from bpkit.equations import EQUATIONS, rosetta
from bpkit.language import LANGUAGES, SOURCE, VARIABLE, translated

# Markdown begins again only after an empty line
_HTML_LINE = re.compile(r"(</details>|</summary>)\n(?!\n)")
_SHOWN = "bpkit-host"  # what a widget is wrapped in
# what of a cell waits for a click
_CELL, _INPUT, _OUTPUT = "hide-cell", "hide-input", "hide-output"


@dataclass(frozen=True)
class Edition:
    """The site in one language.

    Parameters
    ----------
    code
        The language's. English pages lie at the top of the site, those of another language in a folder of its code.
    decks
        Those in this language.
    english_decks
        Those of the English edition, which lessons without a deck of their own lead to.
    english
        Whether the English edition is there as well.
    sums
        What says what a deck has.
    """

    code: str = SOURCE
    decks: Sequence[Listed] = ()
    english_decks: Sequence[Listed] = ()
    english: bool = False
    sums: Callable[[Listed], str] = sums

    @property
    def folder(self) -> str:
        """Where its pages lie, from the top of the site."""
        return "" if self.code == SOURCE else f"{self.code}/"

    @property
    def top(self) -> str:
        """The top of the site, from this edition's first page."""
        return "../" * self.folder.count("/")

    @property
    def lab(self) -> str:
        """What opens lessons in its language."""
        command = ["bpkit", "lab", *([] if self.code == SOURCE else ["--language", self.code])]
        return f"`{' '.join(command)}`"

    def deck_link(self, slug: str, to_first: str = "") -> str:
        """The link to a lesson's deck with what the deck has, from a page from which the first one is at `to_first`; empty where there is none."""
        own, english = ({deck.name: deck for deck in decks} for decks in (self.decks, self.english_decks))
        if deck := own.get(f"{slug}.html"):
            return f"{_deck(deck, translated('Its slides'), to_first)}{translated(': ')}{self.sums(deck)}"
        if deck := english.get(f"{slug}.html"):
            return _deck(deck, translated("Its slides in English"), f"{to_first}{self.top}")
        return ""


ENGLISH = Edition(english=True)


def lesson_page(
    lesson: dict[str, Any], solved: dict[str, Any], slug: str, solutions: bool, package: Package | None = None, edition: Edition = ENGLISH
) -> dict[str, Any]:
    """The notebook of one page.

    A cell stands as the learner gets it. What it prints or draws is behind a click, but for widgets; so is a worked solution, below its cell.

    Parameters
    ----------
    lesson, solved
        The learner's notebook and the solved one, whose cells have the same ids.
    slug
        The name of the notebook that is there to download.
    solutions
        Whether to put solutions in.
    package
        The wheel at the top of the site, if it is there.
    edition
        The one that the page is of.
    """
    answers = {cell["id"]: cell for cell in solved["cells"]}
    shows = translated("Show what it shows"), translated("Hide what it shows")
    solves = translated("Show a solution"), translated("Hide a solution")
    cells: list[dict[str, Any]] = []
    for cell in lesson["cells"]:
        text, answer = "".join(cell["source"]), answers[cell["id"]]
        if cell["cell_type"] == "markdown":
            cells.append(_markdown(cell["id"], _HTML_LINE.sub(r"\1\n\n", text)))
        elif text == "".join(answer["source"]):
            outputs = answer["outputs"] if solutions or not text.startswith("bp.check(") else []
            cells.append(_code(cell["id"], text, outputs, "" if _SHOWN in str(outputs) else _OUTPUT, shows))
        else:
            cells.append(_code(cell["id"], text, []))
            if solutions:
                tag = _CELL if answer["outputs"] else _INPUT
                cells.append(_code(f"{cell['id'][:50]}-solved", "".join(answer["source"]), answer["outputs"], tag, solves))
    says = [translated("{download}Download this notebook{end}, and open it with {lab}.")]
    if package and package.lite:
        says.insert(0, translated("{browser}, with nothing to install."))
    if package:
        says.append(_elsewhere(package, edition))
    browser = link(slug, translated("Answer the exercises in the browser"), f"../{edition.top}", edition.folder)
    places = {"{download}": "{download}`", "{end}": f" <../notebooks/{slug}.ipynb>`", "{lab}": edition.lab, "{browser}": browser}
    text = _joined(says)
    for place, stands in places.items():
        text = text.replace(place, stands)
    deck = edition.deck_link(slug, "../")
    cells.insert(1, _markdown(f"{slug[:2]}-download", f"{text}\n\n{deck}" if deck else text))
    metadata = {"kernelspec": lesson["metadata"]["kernelspec"], "language_info": {"name": "python", "pygments_lexer": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _joined(sentences: Sequence[str]) -> str:
    """One after the other: nothing stands behind a wide full stop."""
    return re.sub(r"(?<=[。：]) ", "", " ".join(sentences))


def _elsewhere(package: Package, edition: Edition) -> str:
    """How a notebook gets bpkit where there is none."""
    link = f'<a href="../{edition.top}{package.wheel.name}" download>{translated("the package")}</a>'
    if package.install is None:
        says = translated("In another notebook program, install {link} first: these pages were built without an address to install it from.")
        return says.replace("{link}", link)
    says = translated("In another notebook program, run this in a cell first; it installs {link}:").replace("{link}", link)
    lines = [package.install]
    if edition.code != SOURCE:
        # a folder of somebody's own does not tell the language
        lines.insert(0, f"%env {VARIABLE}={edition.code}")
    return "\n".join([says, "", "```text", *lines, "```"])


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, text: str, outputs: list[Any], tag: str = "", clicks: tuple[str, str] = ("", "")) -> dict[str, Any]:
    metadata = {"tags": [tag], "mystnb": {"code_prompt_show": clicks[0], "code_prompt_hide": clicks[1]}} if tag else {}
    numbered = [{**output, "execution_count": None} if output["output_type"] == "execute_result" else output for output in outputs]
    return {"cell_type": "code", "id": name, "metadata": metadata, "execution_count": None, "source": text, "outputs": numbered}


def home_page(lessons: list[Lesson], solutions: bool, package: Package | None = None, edition: Edition = ENGLISH) -> str:
    """The first page: the lessons with their minutes, and the way to all other pages."""
    reads = "On these pages you read the lessons, see what they show and move their widgets."
    if solutions:
        reads = "On these pages you read the lessons, move their widgets and open their solutions."
    answers = translated("To answer the exercises, download a notebook and open it with {lab}.").replace("{lab}", edition.lab)
    says = [translated(reads), answers]
    if package and package.lite:
        browser = link(lessons[0].slug, translated("answer them in the browser"), edition.top, edition.folder)
        online = translated("Or {browser}, with nothing to install: what you write and your progress are kept in that browser, for this address.")
        server = translated("It needs a web server, such as `python -m http.server`; from a disk it does not start.")
        says += [online.replace("{browser}", browser), server]
    items = [
        translated("[Words](glossary.md): the terms in English and Chinese."),
        translated("[Equations](equations.md): every named equation, in the letters of five texts."),
    ]
    if edition.code == SOURCE:
        items.append(translated("[The names of bp](api/index.rst): what the lessons call."))
    if edition.decks or edition.english_decks:
        items.append(translated("[Slides](decks.md): a deck for each lecture, with the notes to teach from."))
    if edition.code == SOURCE:
        items.append(translated("[Grading](grading.md): for staff."))
    elif edition.english:
        bp, staff = (f'<a href="{edition.top}{page}.html" hreflang="{SOURCE}">{words}</a>' for page, words in _in_english().items())
        items.append(translated("In English only: {bp}, which the lessons call; {staff}, for staff.").replace("{bp}", bp).replace("{staff}", staff))
    heads = [translated("A backpropagation course"), translated("Lessons"), translated("To look things up"), translated("For staff")]
    up = ["glossary", "equations", *(["api/index"] if edition.code == SOURCE else [])]
    staff_pages = [*(["decks"] if edition.decks or edition.english_decks else []), *(["grading"] if edition.code == SOURCE else [])]
    trees = [[f"lessons/{lesson.slug}" for lesson in lessons], up, staff_pages]
    parts = [
        f"# {heads[0]}",
        translated(
            "Derive the equations, code them, and prove your code right. Each lesson is a notebook with exercises that say which mistake you made."
        ),
        _lesson_table(lessons),
        _joined(says),
        "\n".join(f"- {item}" for item in items),
        *(
            "\n".join(["```{toctree}", ":hidden:", f":caption: {head}", "", *pages, "```"])
            for head, pages in zip(heads[1:], trees, strict=True)
            if pages
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _in_english() -> dict[str, str]:
    """The pages that are English in every edition."""
    return {"api/index": translated("the names of bp"), "grading": translated("grading")}


def _lesson_table(lessons: list[Lesson]) -> str:
    rows = [["", translated("lesson"), translated("time")], [":--"] * 3]
    for lesson in lessons:
        rows.append([lesson.number, f"[{lesson.title}](lessons/{lesson.slug}.ipynb)", translated(f"{lesson.minutes} minutes")])
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _deck(deck: Listed, says: str, to_top: str = "") -> str:
    return f'<a href="{to_top}decks/{deck.name}">{html.escape(says)}</a>'


def decks_page(lessons: list[Lesson], edition: Edition) -> str:
    """The decks that are there, with what each has; a lesson without one in this language leads to the English one."""
    titles = {f"{lesson.slug}.html": lesson.title for lesson in lessons}
    own = {deck.name for deck in edition.decks}
    rows = [["", translated("lesson"), "", ""], [":--"] * 4]
    for deck in sorted([*edition.decks, *(deck for deck in edition.english_decks if deck.name not in own)]):
        top, language = ("", "") if deck.name in own else (edition.top, translated(" (in English)"))
        title = f"{titles[deck.name]}{language}"
        pdf = f'<a href="{top}decks/{deck.pdf}" aria-label="{html.escape(title)}, PDF">PDF</a>' if deck.pdf else ""
        rows.append([deck.name[:2], _deck(deck, title, top), edition.sums(deck), pdf])
    says = [
        translated("One file each, with everything inside: save it, and it needs no network."),
        translated(
            "`S` opens the notes with the pace, `T` switches light and dark, `O` shows all slides, `F` fills the screen, `?` lists the other keys."
        ),
    ]
    return "\n\n".join([f"# {translated('Slides')}", _joined(says), _table(rows)]) + "\n"


def glossary_page() -> str:
    """All terms of the course."""
    says = translated("The terms of the course in English and Chinese, with the lesson that introduces each.")
    return f"# {translated('Words')}\n\n{says}\n\n{words().markdown}\n"


def equations_page() -> str:
    """All named equations, in every notation."""
    letters = translated(
        "The five texts that the course grew out of write the same mathematics in different letters. *Ours* are those of the lessons."
    )
    heads = [
        f"{mark} {head}" for mark, head in (("#", translated("Equations")), ("##", translated("Letters")), ("##", translated("Named equations")))
    ]
    parts = [heads[0], letters, heads[1], rosetta().markdown, heads[2]]
    for name in EQUATIONS:
        parts.append(f"### {name}")
        # the name stands above already
        parts.append(rosetta(name).markdown.removeprefix(f"**{name}**{translated(': ')}"))
    return "\n\n".join(parts) + "\n"


def site_title() -> str:
    """What stands above the list of pages."""
    return translated("Backpropagation")


def switch(code: str, address: str) -> str:
    """The link that leads to the page in another language."""
    return f'<a class="language" href="{address}" lang="{code}" hreflang="{code}">{LANGUAGES[code]}</a>'


def theme_words() -> dict[str, str]:
    """What the theme says by itself, and in the language spoken."""
    spoken = {
        "Next": translated("Next"),
        "Previous": translated("Previous"),
        "Home": translated("Home"),
        "Contents": translated("Contents"),
        "Menu": translated("Menu"),
        "Expand": translated("Expand"),
    }
    phrases = (
        "Skip to content",
        "Back to top",
        "On this page",
        "Toggle site navigation sidebar",
        "Toggle table of contents sidebar",
        "Toggle Light / Dark / Auto color theme",
        "Light mode",
        "Dark mode",
        "Auto light/dark, in light mode",
        "Auto light/dark, in dark mode",
        "Made with",
        "Please activate JavaScript to enable the search functionality.",
    )
    return spoken | {phrase: translated(phrase) for phrase in phrases}
