"""What a learner sees: outcomes, hints and progress as HTML, each with a text twin that says the same.

The HTML takes its text colour from the page, so that it reads well in light and in dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any, Self
from urllib.parse import quote

import numpy as np

from bpkit.course.contents import cell_with_heading
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import SIGNS, Entries, Outcome
from bpkit.exercises.progress import LessonProgress, Progress, Record
from bpkit.exhibits.palette import FAILED, OPEN, POSITIVE, RIGHT, VEILS, WRONG, rule, translucent
from bpkit.language import columns, named, padded, translated

_MOST = 12  # rows and columns of a picture of entries

# the hues keep their contrast, as a bar and as a sign, on white and on JupyterLab's dark background
_HUES = {"right": RIGHT, "wrong": WRONG, "hints": POSITIVE, "open": OPEN, "failed": FAILED}
_STYLE = f"""<style>
{" ".join(f".bpkit-{name} {{ --bpkit-hue: {colour.anywhere} }}" for name, colour in _HUES.items())}
{rule(".bpkit-card", VEILS | {"wrong-veil": translucent(WRONG.anywhere, 0.22)})}
.bpkit-card {{ border-left: 5px solid var(--bpkit-hue); background: var(--veil); border-radius: 4px;
  padding: .6em 1em; margin: .3em 0; max-width: 56em; line-height: 1.5 }}
.bpkit-card .bpkit-sign {{ color: var(--bpkit-hue); font-weight: 700 }} .bpkit-card .bpkit-points {{ float: right; margin-left: 1em }}
.bpkit-card .bpkit-quiet, .bpkit-card caption, .bpkit-card .bpkit-points {{ opacity: .8 }}
.bpkit-card ol {{ margin: .3em 0 }} .bpkit-card .bpkit-scroll {{ overflow-x: auto }} .bpkit-card code {{ overflow-wrap: anywhere }}
.bpkit-card table {{ border-collapse: collapse; margin: .4em 0; font-size: 90% }}
.bpkit-card caption {{ caption-side: top; text-align: left; width: max-content; max-width: min(52em, 75vw) }}
.bpkit-card td, .bpkit-card th {{ padding: .15em .6em; text-align: right; font-variant-numeric: tabular-nums }}
.bpkit-entries td {{ border: 1px solid var(--line); white-space: nowrap }} .bpkit-entries .bpkit-bad {{ background: var(--wrong-veil) }}
.bpkit-card .bpkit-map td, .bpkit-card .bpkit-map th {{ text-align: left; font-weight: 400; padding: .2em .7em .2em 0; background: none }}
.bpkit-card .bpkit-map td + td {{ white-space: nowrap }} .bpkit-card .bpkit-map thead th {{ opacity: .8; font-size: 90% }}
.bpkit-card .bpkit-map tbody th {{ min-width: min(17em, 30vw) }}
.bpkit-card .bpkit-map tbody tr {{ border-top: 1px solid var(--hover); background: none }}
.bpkit-card .bpkit-map .bpkit-here > * {{ font-weight: 700 }} .bpkit-card a {{ text-decoration: underline }}
.bpkit-map span {{ display: inline-block; min-width: 1.5em; text-align: center; margin: .1em; border-radius: 4px; font-weight: 400;
  border: 1px solid var(--line); border-bottom: 4px solid var(--bpkit-hue) }}
.bpkit-total {{ height: 9px; border: 1px solid var(--line); border-radius: 5px; margin: .4em 0; overflow: hidden }}
.bpkit-total span {{ display: block; height: 100%; background: {RIGHT.anywhere} }}
</style>"""

# stands in a card only where something opens
_HELP_STYLE = """<style>
.bpkit-help details { margin: .4em 0 0 } .bpkit-help details > div { margin: .3em 0 }
.bpkit-help summary { cursor: pointer; width: fit-content; padding: .15em .8em; border: 1px solid var(--line); border-radius: 4px }
.bpkit-help summary:hover { background: var(--hover) } .bpkit-help summary:focus-visible { outline: 2px solid; outline-offset: 2px }
</style>"""

_CLASS = {"right": "bpkit-right", "wrong": "bpkit-wrong", "not attempted": "bpkit-open", "could not run": "bpkit-failed"}


def _card(hue: str, *parts: str) -> str:
    return f'{_STYLE}<div class="bpkit-card {hue}" role="status">{"".join(parts)}</div>'


def _scrolling(label: str, table: str) -> str:
    """A table in a box of its own, which scrolls where the page is too narrow for it; by keys, too."""
    return f'<div class="bpkit-scroll" tabindex="0" role="group" aria-label="{escape(label)}">{table}</div>'


def with_code(text: str) -> str:
    """Escaped text whose `backquoted` pieces are set as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if k % 2 and k < len(pieces) - 1 else piece for k, piece in enumerate(pieces))


class _Shown:
    """Draws itself in a notebook; `str()` says the same in text."""

    @classmethod
    def showing(cls, record: Any) -> Self:
        """The same record, which now draws itself."""
        return cls(**{field.name: getattr(record, field.name) for field in fields(record)})

    def _html(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}


def _sentence(text: str) -> str:
    """The text in the reader's language, with a capital and a full stop."""
    said = translated(text)
    return f"{said[0].upper()}{said[1:]}{translated('.')}"


# ---- an outcome --------------------------------------------------------------------------------------------------------


def _headline(outcome: Outcome) -> str:
    mistake = f"{translated(': ')}{named(outcome.mistake)}" if outcome.mistake else ""
    return f"{translated(outcome.status)}{mistake}"


def _title(outcome: Outcome) -> str:
    return " ".join(word for word in (outcome.exercise, outcome.name) if word)


def _points(outcome: Outcome) -> str:
    return translated(f"{outcome.points:g} of {outcome.max_points:g} point{'' if outcome.max_points == 1 else 's'}")


def _next_step(outcome: Outcome) -> str:
    return translated(f'Stuck? `bp.hint("{outcome.exercise}")` opens a hint.') if outcome.status == "wrong" else ""


def outcome_text(outcome: Outcome) -> str:
    """The outcome in plain text, a line per thought."""
    lines = [f"{SIGNS[outcome.status]} {_title(outcome)}{translated(': ')}{_headline(outcome)} ({_points(outcome)})"]
    if outcome.status != "right":
        lines.append(translated(outcome.message).replace("`", ""))
    lines += [translated(f"Note: {note}.") for note in outcome.notes]
    if outcome.where:
        lines.append(_sentence(outcome.where).replace("`", ""))
    if outcome.entries is not None:
        lines.append(_entries_text(outcome.entries))
    lines.append(_next_step(outcome).replace("`", ""))
    return "\n".join(line for line in lines if line)


def outcome_html(outcome: Outcome, help: str = "") -> str:
    """The outcome as a self-contained piece of HTML, with what opens at a click below it."""
    name = f" <code>{escape(outcome.name)}</code>" if outcome.name else ""
    title = f"<b>{escape(outcome.exercise)}{name}{translated(': ')}{escape(_headline(outcome))}</b>"
    parts = [
        f'<div><span class="bpkit-points">{_points(outcome)}</span>'
        f'<span class="bpkit-sign" aria-hidden="true">{SIGNS[outcome.status]}</span> {title}</div>'
    ]
    if outcome.status != "right":
        parts.append(f"<div>{with_code(translated(outcome.message))}</div>")
    parts += [f"<div><i>{escape(translated(f'Note: {note}.'))}</i></div>" for note in outcome.notes]
    if outcome.where:
        parts.append(f'<div class="bpkit-quiet">{with_code(_sentence(outcome.where))}</div>')
    if outcome.entries is not None:
        parts.append(_scrolling(translated("Picture of wrong entries"), entries_html(outcome.entries)))
    if step := _next_step(outcome):
        parts.append(f'<div class="bpkit-quiet">{with_code(step[:-1] + translated(", and so does a click:") if help else step)}</div>')
    return _card(_CLASS[outcome.status], *parts, help)


def _number(value: np.generic) -> str:
    return str(value) if isinstance(value, np.bool_) or np.iscomplexobj(value) else f"{value:.3g}"


def _entries_text(entries: Entries) -> str:
    rows = ["  " + " ".join("✗" if wrong else "·" for wrong in row[:_MOST]) for row in entries.wrong[:_MOST]]
    return "\n".join([translated(f"Wrong entries (✗) of {entries.title}, shape {entries.wrong.shape}:"), *rows])


def entries_html(entries: Entries) -> str:
    """The picture of wrong entries as a table of the learner's own numbers."""
    rows = []
    for values, wrongs in zip(entries.values[:_MOST], entries.wrong[:_MOST], strict=True):
        cells = [
            f'<td class="bpkit-bad">✗ {escape(_number(value))}</td>' if wrong else f"<td>{escape(_number(value))}</td>"
            for value, wrong in zip(values[:_MOST], wrongs[:_MOST], strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    cut = "" if max(entries.wrong.shape) <= _MOST else f", the first {_MOST} rows and columns"
    caption = translated(f"Yours for {entries.title}{cut}; ✗ marks wrong entries")
    return f'<table class="bpkit-entries"><caption>{escape(caption)}</caption><tbody>{"".join(rows)}</tbody></table>'


@dataclass(frozen=True)
class Help:
    """What opens at a click in the card of an outcome: the next hint inside the one before it, and the solution.

    It is HTML without a script, which notebooks that are not trusted and saved ones keep.

    Parameters
    ----------
    exercise
        Whose.
    hints
        Whether its hints are there to open.
    solution
        The course's own solution, once it is open.
    on_show
        Called when the card is shown, that clicks may be counted.
    """

    exercise: Exercise
    hints: bool
    solution: CodeCard | None = None
    on_show: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    def html(self) -> str:
        """The hints, each of which opens below the one before it; then the solution; empty where there is neither."""
        if not self.hints and self.solution is None:
            return ""
        inner, hints = "", self.exercise.hints if self.hints else ()
        for k, text in reversed([*enumerate(hints, 1)]):
            summary = f"<summary>{translated(f'Hint {k} of {len(hints)}')}</summary>"
            inner = f'<details class="bpkit-hint" data-hint="{k}">{summary}<div>{with_code(translated(text))}</div>{inner}</details>'
        solution = solution_html(self.solution) if self.solution else ""
        said = '<div class="bpkit-said bpkit-quiet"></div>' if hints else ""
        words = f'{inner}{said}<div class="bpkit-solution">{solution}</div>'
        return f'{_HELP_STYLE}<div class="bpkit-help" data-exercise="{self.exercise.id}">{words}</div>'


@dataclass(frozen=True)
class OutcomeCard(_Shown, Outcome):
    """What became of an answer, as the learner sees it."""

    help: Help | None = None

    def __str__(self) -> str:
        return outcome_text(self)

    def _html(self) -> str:
        if self.help is None:
            return outcome_html(self)
        if self.help.hints:
            self.help.on_show()
        return outcome_html(self, self.help.html())


# ---- hints -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HintsCard(_Shown):
    """The hints opened so far, as the learner sees them."""

    exercise: Exercise
    opened: int

    def __str__(self) -> str:
        return hints_text(self)

    def _html(self) -> str:
        return hints_html(self)


def _hints_open(hints: HintsCard) -> str:
    of = len(hints.exercise.hints)
    text = "; run the cell again for the next" if hints.opened < of else "; that was the last one"
    return translated(f"{hints.opened} of {of} hints open{text}.")


def hints_text(hints: HintsCard) -> str:
    """The opened hints, a line each."""
    lines = [f"{k}. {translated(text)}" for k, text in enumerate(hints.exercise.hints[: hints.opened], 1)]
    return "\n".join([translated(f"Hints for {hints.exercise.id}"), *lines, _hints_open(hints)])


def hints_html(hints: HintsCard) -> str:
    """The opened hints as a numbered list."""
    items = "".join(f"<li>{with_code(translated(text))}</li>" for text in hints.exercise.hints[: hints.opened])
    count = f'<div class="bpkit-quiet">{_hints_open(hints)}</div>'
    return _card("bpkit-hints", f"<b>{escape(translated(f'Hints for {hints.exercise.id}'))}</b><ol>{items}</ol>", count)


# ---- code to read or to paste ------------------------------------------------------------------------------------------------


# a box of its own for each piece, which JupyterLab's own style of code has not
_CODE = "margin: .4em 0 .8em; padding: .5em .8em; border: 1px solid var(--line); border-radius: 4px; background: none; white-space: pre-wrap"


@dataclass(frozen=True)
class CodeCard(_Shown):
    """A piece of code for an exercise, with a word about it and what would turn the learner's own into it."""

    exercise: Exercise
    words: str
    code: str = ""
    changes: str = ""

    def __str__(self) -> str:
        return "\n\n".join(part for part in (f"{self.exercise.id} {self.exercise.name}: {translated(self.words)}", self.code, self.changes) if part)

    def _html(self) -> str:
        parts = _blocks(self)
        head = f"<b>{escape(self.exercise.id)} <code>{escape(self.exercise.name)}</code></b> {with_code(translated(self.words))}"
        return _card("bpkit-hints", f"<div>{head}</div>", parts)


def _blocks(card: CodeCard) -> str:
    blocks = ((card.code, ""), (card.changes, translated("From yours to ours:")))
    return "".join(f'<div>{label}</div><pre style="{_CODE}">{escape(code)}</pre>' for code, label in blocks if code)


def solution_html(card: CodeCard) -> str:
    """A solution behind a click."""
    return f"<details><summary>{translated('Our solution')}</summary><div>{with_code(translated(card.words))}</div>{_blocks(card)}</details>"


# ---- progress ----------------------------------------------------------------------------------------------------------------


def _count(number: int, what: str) -> str:
    """So many of something."""
    s = "" if number == 1 else "s"
    match what:
        case "point":
            return translated(f"{number} point{s}")
        case "exercise":
            return translated(f"{number} exercise{s}")
        case "lesson":
            return translated(f"{number} lesson{s}")
    return translated(f"{number} try") if number == 1 else translated(f"{number} tries")


def _points_of(lesson: LessonProgress) -> str:
    return translated(f"{lesson.points} of {lesson.max_points} point{'' if lesson.max_points == 1 else 's'}")


def _name_of(lesson: LessonProgress) -> str:
    return f"{lesson.lesson} {lesson.title}" if lesson.title else translated(f"Lesson {lesson.lesson}")


def _total(lessons: Sequence[LessonProgress]) -> str:
    points, most = sum(lesson.points for lesson in lessons), sum(lesson.max_points for lesson in lessons)
    right, of = sum(lesson.right for lesson in lessons), sum(len(lesson.exercises) for lesson in lessons)
    done = sum(lesson.state == "done" for lesson in lessons)
    said = f"{points} of {_count(most, 'point')}; {right} of {_count(of, 'exercise')} right; {done} of {_count(len(lessons), 'lesson')} done"
    return translated(said)


def _task(exercise: Exercise, record: Record) -> str:
    so_far = f"; {_count(record.tries, 'try')}, not right yet" if record.status == "wrong" else ""
    hints = f"; {record.hints} of {len(exercise.hints)} hints open" if record.hints else ""
    return f"{'•' * exercise.difficulty}{translated(f', {exercise.minutes} min{so_far}{hints}')}"


def _remarks(progress: Progress) -> list[str]:
    unknown = progress.unknown()
    kept = f"Kept in your file: {', '.join(unknown[:6])}{', …' if len(unknown) > 6 else ''}, which this version of bpkit does not have."
    return [translated(remark) for remark in (*([kept] if unknown else []), *([progress.note] if progress.note else []))]


def progress_text(progress: Progress) -> str:
    """A line per lesson: its title, a sign per exercise, points, how far; then what to do next."""
    lessons, following = progress.lessons(), progress.up_next()
    signs = ["".join(SIGNS[record.status] for _, record in lesson.exercises) for lesson in lessons]
    names, points = [_name_of(lesson) for lesson in lessons], [_points_of(lesson) for lesson in lessons]
    wide, long, broad = (max(map(columns, column)) for column in (names, signs, points))
    lines = [f"{translated('The course so far:')} {_total(lessons)}"]
    for lesson, name, sign, reached in zip(lessons, names, signs, points, strict=True):
        lines.append(f"{padded(name, wide)}  {padded(sign, long)}  {padded(reached, broad)}  {translated(lesson.state)}")
    if following:
        _, exercise, record = following
        lines.append(f"{translated('Next:')} {exercise.id} {exercise.name} · {translated(exercise.title)} ({_task(exercise, record)})")
    else:
        lines.append(translated("Everything is right. Go and differentiate something of your own."))
    return "\n".join([*lines, *_remarks(progress)])


def progress_html(progress: Progress) -> str:
    """The map of the course: a row per lesson that opens it, a mark per exercise with its name to hover over, and what to do next."""
    lessons, following = progress.lessons(), progress.up_next()
    current = following[0].lesson if following else ""
    total = f"<div><b>{translated('The course so far:')}</b> {_total(lessons)}</div>{_bar(lessons)}"
    rows = "".join(_lesson_row(lesson, lesson.lesson == current) for lesson in lessons)
    head = "".join(f'<th scope="col">{translated(name)}</th>' for name in ("lesson", "exercises", "points", ""))
    label = translated("Course map")
    table = _scrolling(label, f'<table class="bpkit-map" aria-label="{label}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')
    if following:
        lesson, exercise, record = following
        name = f"{escape(exercise.id)} <code>{escape(exercise.name)}</code>"
        title = escape(translated(exercise.title))
        step = f"<div><b>{translated('Next:')}</b> {_link(lesson, name, exercise)} · {title} ({_task(exercise, record)})</div>"
    else:
        step = f"<div>{translated('Everything is right. Go and differentiate something of your own.')}</div>"
    remarks = "".join(f'<div class="bpkit-quiet">{escape(remark)}</div>' for remark in _remarks(progress))
    return _card("bpkit-hints", total, table, step, remarks)


def _bar(lessons: Sequence[LessonProgress]) -> str:
    reached, most = sum(lesson.points for lesson in lessons), sum(lesson.max_points for lesson in lessons)
    return f'<div class="bpkit-total" aria-hidden="true"><span style="width: {100 * reached / most:.1f}%"></span></div>'


def _link(lesson: LessonProgress, html: str, exercise: Exercise | None = None) -> str:
    """A link into the learner's notebook, to an exercise or to its top; plain words where it does not lie in the folder."""
    if lesson.notebook is None:
        return html
    cell = cell_with_heading(lesson.notebook, f"{exercise.id} {exercise.name}") if exercise else ""
    place = f"#cell-id={quote(cell)}" if cell else ""  # as JupyterLab reads it
    return f'<a href="{quote(lesson.notebook.name)}{place}">{html}</a>'


def _lesson_row(lesson: LessonProgress, current: bool) -> str:
    marks = "".join(
        f'<span class="{_CLASS[record.status]}" role="img" aria-label="{escape(said)}" title="{escape(said)}">{SIGNS[record.status]}</span>'
        for exercise, record in lesson.exercises
        for said in [f"{exercise.id} {exercise.name}: {translated(record.status)}"]
    )
    here = ' class="bpkit-here"' if current else ""
    cells = f"<td>{marks}</td><td>{translated(f'{lesson.points} of {lesson.max_points}')}</td><td>{translated(lesson.state)}</td>"
    return f'<tr{here}><th scope="row">{_link(lesson, escape(_name_of(lesson)))}</th>{cells}</tr>'


class ProgressMap(_Shown, Progress):
    """The course so far, as a map of the course."""

    def __str__(self) -> str:
        return progress_text(self)

    def _html(self) -> str:
        return progress_html(self)
