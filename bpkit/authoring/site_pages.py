"""Writes the sources of the pages: lessons with their solutions behind a click, words, equations, and the public names of bpkit."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import bpkit
from bpkit.authoring.deck_index import Listed, sums
from bpkit.authoring.site_lite import link
from bpkit.authoring.site_wheel import Package
from bpkit.course.contents import Lesson
from bpkit.course.glossary import words
from bpkit.equations import EQUATIONS, rosetta

# Markdown begins again only after an empty line
_HTML_LINE = re.compile(r"(</details>|</summary>)\n(?!\n)")
_AS_IT_STANDS = re.compile(r"`+[^`]*`+|[|*]")
_SHOWN = "bpkit-host"  # what a widget is wrapped in


def lesson_page(
    lesson: dict[str, Any], solved: dict[str, Any], slug: str, solutions: bool, package: Package | None = None, deck: Listed | None = None
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
    deck
        The lesson's deck, if it is there.
    """
    answers = {cell["id"]: cell for cell in solved["cells"]}
    cells: list[dict[str, Any]] = []
    for cell in lesson["cells"]:
        text, answer = "".join(cell["source"]), answers[cell["id"]]
        if cell["cell_type"] == "markdown":
            cells.append(_markdown(cell["id"], _HTML_LINE.sub(r"\1\n\n", text)))
        elif text == "".join(answer["source"]):
            outputs = answer["outputs"] if solutions or not text.startswith("bp.check(") else []
            cells.append(_code(cell["id"], text, outputs, "" if _SHOWN in str(outputs) else "hide-output", "what it shows"))
        else:
            cells.append(_code(cell["id"], text, []))
            if solutions:
                tag = "hide-cell" if answer["outputs"] else "hide-input"
                cells.append(_code(f"{cell['id'][:50]}-solved", "".join(answer["source"]), answer["outputs"], tag, "a solution"))
    download = f"{{download}}`Download this notebook <../notebooks/{slug}.ipynb>`"
    says = f"{download}, and open it with `bpkit lab`."
    if package:
        says = f"{says} {_elsewhere(package)}"
        if package.lite:
            says = f"{link(slug, 'Answer the exercises in the browser', '../')}, with nothing to install. {says}"
    cells.insert(1, _markdown(f"{slug[:2]}-download", f"{says}\n\n{_deck_link(deck, 'Its slides', '../')}: {sums(deck)}." if deck else says))
    metadata = {"kernelspec": lesson["metadata"]["kernelspec"], "language_info": {"name": "python", "pygments_lexer": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _elsewhere(package: Package) -> str:
    """How a notebook gets bpkit where there is none."""
    link = f'<a href="../{package.wheel.name}" download>the package</a>'
    if package.install is None:
        return f"In another notebook program, install {link} first: these pages were built without an address to install it from."
    return f"In another notebook program, run this in a cell first; it installs {link}:\n\n```text\n{package.install}\n```"


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, text: str, outputs: list[Any], tag: str = "", click: str = "") -> dict[str, Any]:
    metadata = {"tags": [tag], "mystnb": {"code_prompt_show": f"Show {click}", "code_prompt_hide": f"Hide {click}"}} if tag else {}
    numbered = [{**output, "execution_count": None} if output["output_type"] == "execute_result" else output for output in outputs]
    return {"cell_type": "code", "id": name, "metadata": metadata, "execution_count": None, "source": text, "outputs": numbered}


def lesson_table(lessons: list[Lesson]) -> str:
    """The lessons with their minutes."""
    rows = [f"| {lesson.number} | [{lesson.title}](lessons/{lesson.slug}.ipynb) | {lesson.minutes} minutes |" for lesson in lessons]
    return "\n".join(["| | lesson | time |", "|:--|:--|:--|", *rows])


def _deck_link(deck: Listed, words: str, to_top: str = "") -> str:
    return f'<a href="{to_top}decks/{deck.name}">{html.escape(words)}</a>'


def decks_page(lessons: list[Lesson], decks: Sequence[Listed]) -> str:
    """The decks that are there, with what each has."""
    titles = {f"{lesson.slug}.html": lesson.title for lesson in lessons}
    rows = []
    for deck in decks:
        pdf = f'<a href="decks/{deck.pdf}" aria-label="{html.escape(titles[deck.name])}, PDF">PDF</a>' if deck.pdf else ""
        rows.append(f"| {deck.name[:2]} | {_deck_link(deck, titles[deck.name])} | {sums(deck)} | {pdf} |")
    says = (
        "One file each, with everything inside: save it, and it needs no network. `S` opens the notes with the pace, `T` switches light and dark,\n"
        "`O` shows all slides, `F` fills the screen, `?` lists the other keys."
    )
    return "\n".join(["# Slides", "", says, "", "| | lesson | | |", "|:--|:--|:--|:--|", *rows]) + "\n"


def glossary_page() -> str:
    """All terms of the course."""
    return f"# Words\n\nThe terms of the course in English and Chinese, with the lesson that introduces each.\n\n{words().markdown}\n"


def equations_page() -> str:
    """All named equations, in every notation."""
    letters = "The five texts that the course grew out of write the same mathematics in different letters. *Ours* are those of the lessons."
    parts = ["# Equations", letters, "## Letters", rosetta().markdown, "## Named equations"]
    for name in EQUATIONS:
        parts.append(f"### {name}")
        # the name stands above already
        parts.append(rosetta(name).markdown.removeprefix(f"**{name}**: "))
    return "\n\n".join(parts) + "\n"


def api_pages() -> dict[str, str]:
    """The public names of `bpkit`: file name → reStructuredText. One page for each module whose names learners write after `bp.`."""
    values = {name: getattr(bpkit, name) for name in bpkit.__all__}
    modules = {name: value for name, value in values.items() if inspect.ismodule(value)}
    names = [f"api/{name}" for name in modules]
    listed = "\n".join(f"   bp.{name} <{name}>" for name in modules)
    own = "\n".join(_entry("bpkit", name, value) for name, value in values.items() if name not in modules)
    head = _titled("The names of bp", "Lessons begin with ``import bpkit as bp``; these are the names after ``bp.``.")
    pages = {"api/index": f"{head}\n.. toctree::\n   :maxdepth: 1\n\n{listed}\n\n{own}"}
    for page, (name, module) in zip(names, modules.items(), strict=True):
        says = inspect.cleandoc(module.__doc__ or "")
        pages[page] = _titled(f"bp.{name}", says) + "\n".join(_entry(module.__name__, *each) for each in _public(module).items())
    return pages


def _public(module: ModuleType) -> dict[str, Any]:
    listed = getattr(module, "__all__", None)
    if listed is None:
        listed = [name for name, value in vars(module).items() if name[0] != "_" and getattr(value, "__module__", None) == module.__name__]
    return {name: getattr(module, name) for name in listed}


def _titled(title: str, says: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n{says}\n\n"


def _entry(module: str, name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f".. autoclass:: {module}.{name}\n   :members:\n"
    if callable(value) and inspect.isroutine(value):
        return f".. autofunction:: {module}.{name}\n"
    if type(value).__module__.startswith("bpkit."):
        return f".. autodata:: {module}.{name}\n   :no-value:\n"
    # a table or a tuple has the docstring of its type, which says nothing of it
    return f".. py:data:: {module}.{name}\n"


def as_restructured_text(lines: list[str]) -> None:
    """Escape, in place, what our docstrings mean as it stands: |z| is an absolute value and * a product.

    Examples
    --------
    >>> lines = ["the largest |z|, ``a * b`` or c *d"]
    >>> as_restructured_text(lines)
    >>> print(lines[0])
    the largest \\|z\\|, ``a * b`` or c \\*d
    """
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        # an argument `*names` of a numpydoc section is escaped by napoleon
        if not example and not re.match(r"\s*\*+\w+( :|$)", line):
            lines[number] = _AS_IT_STANDS.sub(lambda found: found[0] if found[0][0] == "`" else f"\\{found[0]}", line)
