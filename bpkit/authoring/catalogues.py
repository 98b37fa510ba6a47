"""The translators' files: what each holds, kept in step with the English texts, and made into the one that bpkit reads when it runs."""

from __future__ import annotations

import difflib
import io
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from bpkit.authoring.deck_words import AT_THE_DESK, ENGLISH, ON_THE_DECK, SUMS, Words
from bpkit.authoring.source import read_source, shown
from bpkit.authoring.wording import Message, is_prose, messages_in, messages_of, words_of
from bpkit.course.folders import Course, files_of
from bpkit.course.glossary import TERMS
from bpkit.equations.registry import EQUATIONS
from bpkit.equations.show import SYMBOLS
from bpkit.errors import CourseError
from bpkit.exercises import of_lesson
from bpkit.language import IN_FORMULA, SOURCE
from bpkit.language.catalogue import FORMULA, MISTAKE, NAMES, PATTERNS, PLACE

_PACKAGE = Path(__file__).resolve().parents[1]
# what bpkit says → where it says it; what is left out speaks to authors and staff alone
SPOKEN: dict[str, tuple[str, ...]] = {
    "interface": (
        "cli.py",
        "course/contents.py",
        "desk",
        "exercises/borrowed.py",
        "exercises/check.py",
        "exercises/derivation.py",
        "exercises/feedback.py",
        "exercises/judge.py",
        "exercises/judging",
        "exercises/keeping.py",
        "exercises/outcome.py",
        "exercises/progress.py",
        "exercises/proof.py",
        "exercises/run.py",
        "exercises/slips.py",
        "exercises/__init__.py",
        "grading/check_command.py",
        "grading/reports/class_figures.py",
        "grading/reports/gradescope.py",
        "grading/reports/templates/course.html",
        "grading/reports/templates/exercise.html",
        "grading/reports/templates/feedback.html",
        "course/stubs.py",
    ),
    # what a report or an exhibit says of itself
    "exhibits": ("core/describe.py", "core/gradreport.py", "core/training.py", "exhibits/guess.py", "exhibits/six_claims.py"),
    "pages": ("course/glossary.py", "equations/show.py", "authoring/site_pages.py"),
    "figures": ("plots",),
    "widgets": ("widgets", "exhibits/clinic.py", "exhibits/objectives.py"),
}
# words that stand by themselves in tables and headlines, where nothing tells them from names
SINGLE = (
    *("right", "wrong", "not attempted", "could not run", "open", "done", "started", "tried, not right yet"),
    *("lesson", "exercises", "points", "minutes left", "parameter", "shape", "error", "verdict", "cost", "accuracy"),
    *("central differences", "Richardson's differences", "complex step", "a list", "function", "class", "number", "raised", "dtype"),
    *("row", "column", "rows", "columns", "queries", "keys", "values"),
    "every entry is wrong",
)
BETWEEN_NAMES = (" and ", ", ", " and by ")
# what is put together of pieces, each of which is found by itself
ASSEMBLED = (
    *("For {case}: {said}", "the result is not right{words}", "{part} is not right{words}", "every entry is {what}", "it is {what}"),
    *("{name} still returns", "{name} is still", "A method of {name} still returns", "shape {shape}", "  new: {name}", "{n} step", "{n} steps"),
    *("{n} of {all} entries is {what}", "{n} of {all} entries are {what}", " at `{result.line}`"),
    *("entry {[place]}", "row {len(k)}", "column {len(k)}", "rows {numbers}", "columns {numbers}"),
    *("{said} ({' and '.join(right)} is right)", "{said} ({' and '.join(right)} are right)"),
    *("every entry is wrong ({' and '.join(right)} is right)", "every entry is wrong ({' and '.join(right)} are right)"),
    *("{part} alone is wrong", "In {part}, {said}"),
)
# the same for widgets: heads and cells of their tables, titles of a word, and what a sentence is put together of
OF_WIDGETS = (
    *("surface", "bowl", "ravine", "knob", "from", "to", "cosine", "repaired", "epoch", "training", "evaluation", "blue", "orange"),
    *("largest η", "slope σ′(z)", "δ quadratic", "one-sided", "central", "∂L/∂ω¹ above ∂L/∂ω²"),
    *("activation", "bias", "weight", "this course", "d: direct", "μ: mean", "s: width", "Σ: sum", "Before", "Forwards"),
    *("new {W}", "new {w} = {sum}", "Layer {l}, {name}", "Input: {inputs}", "norm {n}", "{n} key{s}", "Paths from {x} and {y} to {z}"),
    *("{v} pushes", "{n} uses: for {text}", "Mean {mean}, s {width}.", "Running mean {mean}, s {width}."),
)
# the same for what figures say where they are not seen
OF_FIGURES = (
    *("for {P}", "for {P} and for {z}", "{x} to {u} {number(slope)}", "Tape: {text}.", "Layer {l}: {text}."),
    *("row {j}: {text}", "row {j}, error {number(delta)}: {text}", "cross-entropy {number(one)}, quadratic {number(two)}", "{n} time{s}"),
)
# what the page of a class is put together of
OF_A_CLASS = (
    *("Lessons {lessons}", "{number} student{s}", "{share} of all answers are right", "of {number} points", "{number} more"),
    *("the hardest, {share} of those who tried are right", "and {number} more: see grades.csv", "Taught in lesson {lesson},"),
    *("The first {number} of {all} by name; summary.csv has everybody.", "slide {number} of its deck"),
    "slide {number} of deck {lesson}",
    "{seconds} s in the answers of all students together",
)
_MARKUP = ("<div", "<span", "<table", "<td", "<tr", "<th", "</", "<!--", "var(--", "{{ ", "data-twin", ' lang="', "export default")
_FORMULA = re.compile(r"\$[^$]*\$")
_EXCEPTIONS = "exceptions.toml"
_PATTERN = "python-brace-format"
_TABLE = 1500  # letters: what is longer is a table of the module's own, whose rows are taken one by one
_WHENEVER = datetime(2026, 1, 1, tzinfo=UTC)  # when a text was translated is git's to tell
_WIDTH = 0  # lines are broken where the text is


def folder_of(course: Course, language: str) -> Path:
    """Where a language's files lie, in a checkout."""
    return course.lessons.parent / "languages" / language


def editions(course: Course) -> list[str]:
    """The languages that there are catalogues for, and English."""
    return [SOURCE, *(folder.name for folder in folder_of(course, "").glob("*") if folder.is_dir())]


def edition_asked_for(course: Course, language: str) -> str:
    """The code of a language that there are catalogues for.

    Raises
    ------
    CourseError
        If there are none; it names those there are.
    """
    code, there = language.lower(), sorted(editions(course))
    if code not in there:
        raise CourseError(f"no catalogues for the language {language!r}; there are: {', '.join(there)}")
    return code


def catalogues(course: Course) -> dict[str, list[Message]]:
    """Every catalogue's name with its texts; one that several would have is in the first of them."""
    assert course.solutions is not None
    found = {name: list(_said_by(places)) for name, places in SPOKEN.items()}
    known = {message.text for message in found["interface"]}
    found["interface"] += [Message(word) for word in SINGLE if word not in known]
    found["interface"] += [Message(text, NAMES) for text in BETWEEN_NAMES]
    found["interface"] += [Message(text, pattern=True) for text in (*ASSEMBLED, *OF_A_CLASS)]
    known |= {message.text for messages in found.values() for message in messages if not message.context}
    found["widgets"] += [Message(text, pattern=bool(PLACE.search(text))) for text in OF_WIDGETS if text not in known]
    found["figures"] += [Message(text, pattern=True) for text in OF_FIGURES]
    found["pages"] += [Message(text) for text in _of_tables() if text not in {message.text for message in found["pages"]}]
    found["pages"] += [Message(words, FORMULA) for words in dict.fromkeys(_of_formulas())]
    seen = {message.text for messages in found.values() for message in messages if not message.context}
    for path in files_of(course.solutions, ".py"):
        found[f"lesson_{path.stem[:2]}"] = list(messages_of(read_source(path)))
    for path in files_of(course.slides, ".py"):
        found[f"deck_{path.stem[:2]}"] = list(messages_of(read_source(path)))
    found["decks"] = [Message(text, pattern="{" in text) for text in dict.fromkeys([*ON_THE_DECK, *AT_THE_DESK, *SUMS])]
    found["decks"] += _said_by(("authoring/templates/deck/decks.html",))
    alone = dict.fromkeys(word for path in files_of(course.slides, ".py") for word in words_of(read_source(path)))
    found["decks"] += [Message(word) for word in alone if word not in {message.text for message in found["decks"]}]
    named: set[tuple[str, str]] = set()
    parts = {part for folder in (_PACKAGE / "exercises").glob("lesson_??") for part in _parts(folder.name[-2:])}
    for folder in sorted((_PACKAGE / "exercises").glob("lesson_??")):
        said = [message for message in _said_by([str(folder.relative_to(_PACKAGE))]) if message.text not in seen or message.context]
        said = [message for message in said if (message.text, message.context) not in named]
        there = {message.text for message in said} | (seen - {text for text, _ in named})
        said += [Message(part) for part in _parts(folder.name[-2:]) if part not in there]
        clear = {name: is_prose(name) and name not in parts for name in _names(folder.name[-2:])}
        names = [Message(name, "" if known else MISTAKE) for name, known in clear.items() if name not in there or name in parts]
        said += [message for message in names if (message.text, message.context) not in named]
        named |= {(message.text, message.context) for message in said if message.context}
        seen |= {message.text for message in said if not message.context}
        found[f"bank_{folder.name[-2:]}"] = said
    return found


def _names(lesson: str) -> Iterator[str]:
    """The names of a lesson's mistakes, those of two slips one by one: some are a word alone, or put together where they are made."""
    names = (name for exercise in of_lesson(lesson) for mistake in exercise.mistakes for name in mistake.name.split("; "))
    yield from (name for name in dict.fromkeys(names) if re.search(r"\b[a-z]{2,}", name))


def _parts(lesson: str) -> Iterator[str]:
    """The names of what a lesson's exercises return in parts, where some of them are words: the others are names of code."""
    told = (exercise.part for exercise in of_lesson(lesson) if isinstance(exercise.part, tuple) and any(map(is_prose, exercise.part)))
    yield from dict.fromkeys(part for parts in told for part in parts if re.search(r"[a-z]{2}", part))


def _of_tables() -> Iterator[str]:
    """What the glossary and the equations' pages say."""
    yield from dict.fromkeys(term.means for term in TERMS)
    yield from dict.fromkeys(equation.says for equation in EQUATIONS.values())
    yield from dict.fromkeys(form.note for equation in EQUATIONS.values() for form in equation.forms.values() if form.note)
    yield from dict.fromkeys(equation.shapes for equation in EQUATIONS.values() if re.search(r"[a-z]{3}", _FORMULA.sub("", equation.shapes)))
    yield from SYMBOLS
    yield from dict.fromkeys(cell for _, *cells in SYMBOLS.values() for cell in cells if re.match(r"[a-z]", cell))


def _of_formulas() -> Iterator[str]:
    """The words that stand within equations."""
    for equation in EQUATIONS.values():
        for latex in (equation.latex, *(form.latex for form in equation.forms.values())):
            yield from (words for _, words, _ in IN_FORMULA.findall(latex))


def _spoken_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".js"))


def _said_by(places: tuple[str, ...] | list[str]) -> Iterator[Message]:
    modules = [file for place in places for file in ([_PACKAGE / place] if Path(place).suffix else _spoken_in(_PACKAGE / place))]
    said = {(message.text, message.context): message for module in modules for message in messages_in(module)}
    yield from (message for message in said.values() if len(message.text) < _TABLE and not any(sign in message.text for sign in _MARKUP))


# ---- the translators' files ----------------------------------------------------------------------------------------------


def read(path: Path, language: str) -> Catalog:
    """A catalogue of a language; an empty one where there is no file yet.

    Raises
    ------
    CourseError
        If it is not a catalogue; with the line.
    """
    if not path.exists():
        return _empty(language)
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, charset="utf-8", abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise CourseError(f"{shown(path)}: found {' '.join(str(error).split())}, expected a gettext catalogue") from error


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="bpkit-course",
        charset="utf-8",
        fuzzy=False,
        creation_date=_WHENEVER,
        revision_date=_WHENEVER,
        header_comment="# The texts of bpkit in another language.",
    )


def updated(old: Catalog, messages: list[Message], language: str) -> Catalog:
    """The same translations for today's texts: what changed in English keeps its translation, marked fuzzy, until somebody has looked at it."""
    new = _empty(language)
    today = {(message.text, message.context) for message in messages}
    gone: dict[str, list[Entry]] = {}
    elsewhere: dict[str, Entry] = {}  # a cell has another id where its heading has changed
    for entry in old:
        if entry.id and (entry.id, entry.context or "") not in today and entry.string:
            gone.setdefault(entry.context or "", []).append(entry)
            elsewhere[str(entry.id)] = entry
    for message in messages:
        before = old.get(message.text, message.context or None) or elsewhere.get(message.text)
        flags: set[str] = {_PATTERN} if message.pattern else set()
        string = ""
        if before is not None:
            string = str(before.string)
            flags |= {"fuzzy"} if before.fuzzy else set()
        elif near := _nearest(message.text, gone.get(message.context) or list(elsewhere.values())):
            string = str(near.string)
            flags.add("fuzzy")
        new.add(message.text, string, flags=flags, context=message.context or None)
    return new


def _nearest(text: str, entries: list[Entry]) -> Entry | None:
    close = difflib.get_close_matches(text, [str(entry.id) for entry in entries], n=1, cutoff=0.6)
    return next((entry for entry in entries if entry.id in close), None)


def as_po(catalogue: Catalog) -> str:
    """The bytes of a catalogue's file: one way of writing each."""
    file = io.BytesIO()
    write_po(file, catalogue, width=_WIDTH, omit_header=False, ignore_obsolete=True)
    lines = file.getvalue().decode().split("\n")
    # who wrote it when is git's to tell
    dropped = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By", "Report-Msgid-Bugs-To")
    return "\n".join(line for line in lines if not line.startswith(tuple(f'"{word}' for word in dropped)))


def translations(catalogue: Catalog) -> dict[tuple[str, str], str]:
    """What is translated and not in doubt: (text, context) → translation."""
    return {(str(entry.id), entry.context or ""): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


@dataclass(frozen=True)
class Excused:
    """A fault that is none: in the texts of a catalogue that begin or hold these words."""

    catalogue: str
    fault: str
    text: str
    why: str

    def covers(self, catalogue: str, text: str, fault: str) -> bool:
        """Whether it speaks of this fault of this text."""
        return self.catalogue in (catalogue, "*") and self.text in text and self.fault in fault


def exceptions(folder: Path) -> list[Excused]:
    """What the lint is not to name, from ``exceptions.toml``; each with its reason."""
    return [Excused(**entry) for entry in _list(folder, "excused")]


def to_do(folder: Path) -> frozenset[str]:
    """The catalogues that a language does not have yet, from the same file."""
    return frozenset(entry["catalogue"] for entry in _list(folder, "later"))


def leave_for_later(course: Course, language: str, names: Iterable[str]) -> None:
    """Note that these catalogues are not there yet; what they would hold is shown in English."""
    path = folder_of(course, language) / _EXCEPTIONS
    entries = "".join(f'\n[[later]]\ncatalogue = "{name}"\nwhy = "not translated yet"\n' for name in names)
    try:
        path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + entries, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{shown(path)}: cannot be written: {error.strerror or error}") from error


def _list(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / _EXCEPTIONS
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{shown(path)}: found {error}, expected TOML") from error
    return list(found.get(name, []))


def deck_words(course: Course, language: str) -> Words:
    """What stands around slides, and alone in their tables, in a language: from the catalogue ``decks.po``."""
    if language == SOURCE:
        return ENGLISH
    said = translations(read(folder_of(course, language) / "decks.po", language))
    return Words(language, {text: words for (text, _), words in said.items()})


# ---- what bpkit reads ----------------------------------------------------------------------------------------------------


def spoken_file(language: str) -> Path:
    """Where bpkit reads a language from."""
    return _PACKAGE / "language" / f"{language}.mo"


def compiled(course: Course, language: str) -> bytes:
    """All that bpkit says itself in a language, as one ``.mo`` file with a count of its patterns."""
    together = _empty(language)
    patterns = []
    where: dict[tuple[object, object], str] = {}
    for name in sorted(catalogues_said(course)):
        for entry in read(folder_of(course, language) / f"{name}.po", language):
            if entry.id and entry.string and not entry.fuzzy:
                other = where.setdefault((entry.id, entry.context), name)
                if (before := together.get(entry.id, entry.context)) and before.string != entry.string:
                    raise CourseError(
                        f"{other}.po has {before.string!r} for {entry.id!r}, and {name}.po has {entry.string!r}: expected one of the two"
                    )
                together.add(entry.id, entry.string, context=entry.context)
                if _PATTERN in entry.flags and not entry.context:  # a script fills in its own
                    patterns.append(str(entry.id))
    for number, pattern in enumerate(patterns):
        together.add(str(number), pattern, context=PATTERNS)
    file = io.BytesIO()
    write_mo(file, together)
    return file.getvalue()


@cache
def _banks() -> tuple[str, ...]:
    return tuple(f"bank_{folder.name[-2:]}" for folder in sorted((_PACKAGE / "exercises").glob("lesson_??")))


def catalogues_said(course: Course) -> tuple[str, ...]:
    """The names of those that bpkit reads when it runs; the others are read when notebooks and decks are made."""
    return (*SPOKEN, *_banks())
