"""Grades one hand-in: which lessons it holds, what its code returned in the sandbox, and what the judge makes of that."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import marshal
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import astuple, dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError
from bpkit.exercises import called, modules, of_lesson
from bpkit.exercises.judge import Judge
from bpkit.exercises.judging.known import BankError
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import Outcome, could_not_run, outcome
from bpkit.grading.allowed import sources_of
from bpkit.grading.collect import Submission, printable
from bpkit.grading.digest import bank_digest
from bpkit.grading.notebooks import MAX_INLINE, Notebook, Unreadable, first_version, read_beside, read_bytes, read_notebook
from bpkit.grading.once import once
from bpkit.grading.records import UNSAFE, Graded, Row
from bpkit.grading.sandbox import Limits, Parts, Replies, Sandbox, SandboxBroken, best_mode, close_spare, read_json, take_sandbox
from bpkit.grading.turns import Turns
from bpkit.language import LANGUAGES, SOURCE

MAX_MESSAGE = 600
MAX_CODE = 20_000
MAX_READ = 400_000_000  # bytes of all notebooks of one submission
MAX_LINE = 1_000_000
MAX_SIZE = 1e12
_KILLED = "signal 9"
_REMEMBERED, _MOST_REMEMBERED = 256, 10_000  # verdicts on an exercise that are kept for who returns the same; bytes of what was returned
TRIES = 3  # for a submission whose sandbox ended through no fault of its own


@dataclass(frozen=True)
class Plan:
    """How a run grades: the same for every submission, and small enough to be sent to another machine.

    Parameters
    ----------
    seed
        Draws the hidden inputs; the students do not know it.
    limits
        What one submission may use.
    lesson
        Grade this lesson only, and take for it what does not say which lesson it is; "" for all.
    unsafe
        Run without a sandbox.
    """

    seed: int
    limits: Limits = field(default_factory=Limits)
    lesson: str = ""
    unsafe: bool = False


@dataclass(frozen=True)
class Handed:
    """A submission as read, ready to run.

    Parameters
    ----------
    student
        Whose it is.
    key
        Equal keys give equal rows (see `Graded`).
    notebooks
        For each lesson found, the file's name and its notebook.
    problems
        What was odd, or why nothing of it can be run.
    trouble
        Why the grader, and not the submission, is to blame for that; "" where it is not.
    """

    student: str
    key: str
    notebooks: dict[str, tuple[str, Notebook]]
    problems: tuple[str, ...]
    trouble: str = ""


_large_files = threading.Lock()  # they are read one at a time, however many threads read


# ---- reading ---------------------------------------------------------------------------------------------------------


def read_submission(submission: Submission, plan: Plan) -> Handed:
    """Read a submission's notebooks and find the lesson of each; what cannot be read is told in its problems."""
    try:
        return _read(submission, plan)
    except Exception as error:  # a file that we fail on costs nobody but its student
        return at_fault(Handed(submission.student, "", {}, submission.problems), error)


def at_fault(handed: Handed, error: Exception) -> Handed:
    """A submission on which the grader itself failed: nothing of it can be run."""
    why = one_line(f"the grader failed on it ({type(error).__name__}: {error}); please look at it by hand", 300)
    return replace(handed, notebooks={}, problems=(*handed.problems, why), trouble=why)


def _read(submission: Submission, plan: Plan) -> Handed:
    way = [plan.seed, plan.lesson, plan.unsafe, *astuple(plan.limits)]  # who is given more time has a right to another try
    digest = hashlib.sha256(json.dumps([submission.student, way, submission.problems]).encode())
    problems = list(submission.problems)
    found: dict[str, list[tuple[Path, str]]] = {}
    counts: dict[str, tuple[tuple[bool, bool, bool, float, Path], Notebook]] = {}
    room, own_names = MAX_READ, dict(submission.own_names)
    for path in submission.files:
        name = printable(path.name)
        digest.update(b"\0" + name.encode())
        try:
            size = _size(path)
            room -= size
            if room < 0:
                raise Unreadable(
                    f"with it, more than {MAX_READ / 1e6:.0f} MB of notebooks were handed in; clear their outputs and hand them in again"
                )
            with _large_files if size > MAX_INLINE else nullcontext():
                raw = read_bytes(path)
                digest.update(hashlib.sha256(raw).digest())
                notebook = read_notebook(raw)
                del raw
        except Unreadable as why:
            digest.update(str(why).encode())
            problems.append(f"{name} cannot be graded: {why}")
            continue
        problems += [f"{name}: {note}" for note in notebook.notes]
        own_name = own_names.get(path, path.name)
        lesson = lesson_of(notebook, own_name) or _lesson_beside(path, submission.others, own_names) or plan.lesson
        if not lesson:
            problems.append(f"{name} cannot be graded: none of its {len(notebook.cells)} code cells defines an exercise; see `bpkit exercises`")
        elif plan.lesson and lesson != plan.lesson:
            problems.append(f"{name} is lesson {lesson} and was left out")
        else:
            several = found.setdefault(lesson, [])
            given = _handed_out(lesson)
            # a lesson as it was handed out never counts where a worked copy lies beside it, nor one in which no answer was begun
            worked, answered = _own_work(lesson, notebook)
            several.append((path, "" if answered else " (no answer in it)" if worked else " (as handed out)"))
            rank = (answered, worked, given is not None and given.name in (own_name, first_version(own_names.get(path, ""))), _mtime(path), path)
            if lesson not in counts or rank > counts[lesson][0]:
                counts[lesson] = (rank, notebook)  # the others' code is not kept, or many large ones would fill the memory
    chosen = {}
    for lesson, several in sorted(found.items()):
        (*_, path), notebook = counts[lesson]
        files, left_out = read_beside(path, submission.others, own_names)
        problems += [printable(told) for told in left_out]
        for name, body in files.items():
            digest.update(json.dumps(name).encode() + hashlib.sha256(body).digest())
        beside = tuple((name, base64.b64encode(body).decode()) for name, body in files.items())
        chosen[lesson] = (printable(path.name), replace(notebook, beside=beside))
        if len(several) > 1:
            others = ", ".join(f"{printable(other.name)}{words}" for other, words in several if other != path)
            problems.append(f"lesson {lesson} was handed in {len(several)} times; {printable(path.name)} counts, {others} does not")
    digest.update(bank_digest(tuple(chosen)).encode())
    return Handed(submission.student, digest.hexdigest(), chosen, tuple(problems))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@cache
def _handed_out(lesson: str, language: str = SOURCE) -> Path | None:
    """The notebook that learners get, where it is there."""
    try:
        return files_of(find_course().edition(language).lessons, ".ipynb", [lesson])[0]
    except CourseError:
        return None


@cache
def _given(lesson: str, language: str = SOURCE) -> tuple[str, ...]:
    """The cells of that notebook, in their order."""
    path = _handed_out(lesson, language)
    try:
        return tuple(read_notebook(read_bytes(path)).cells) if path else ()
    except Unreadable:
        return ()


@once
def given_cells(lesson: str) -> frozenset[str]:
    """The cells of that notebook in all languages: what goes wrong in one of them is not the learner's."""
    return frozenset(cell.strip() for language in LANGUAGES for cell in _given(lesson, language))


def _own_work(lesson: str, notebook: Notebook) -> tuple[bool, bool]:
    """Whether anything in a notebook differs from what was handed out, and whether something that makes an answer does."""
    own = [cell for cell in notebook.cells if (plain := _plain(cell)) and plain not in _given_plain(lesson)]
    names = {exercise.name for exercise in of_lesson(lesson)}
    return bool(own), any((_bound(cell) | _imported(cell)) & names for cell in own)


@once
def _given_plain(lesson: str) -> frozenset[str]:
    return frozenset(map(_plain, given_cells(lesson)))


def _plain(cell: str) -> str:
    """A cell without what an editor changes by itself: line ends and blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in cell.strip().splitlines())


_BINDS = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.MULTILINE)


def _bound(text: str) -> set[str]:
    """The names that code seems to define; found without parsing it, as it may not be Python."""
    return {defined or assigned for defined, assigned in _BINDS.findall(text)}


def _imported(text: str) -> set[str]:
    """The names that code takes from modules, of its own folder or elsewhere."""
    return {name for names in _IMPORTS.findall(text) for name in re.findall(r"\w+", names)}


_IMPORTS = re.compile(r"^[ \t]*from[ \t]+(?!bpkit\b)[\w.]+[ \t]+import[ \t]+\(?([^#\n]*)", re.MULTILINE)
_CHECK = re.compile(r"""check\(\s*["'](\d\d)\.\d+["']""")


def lesson_of(notebook: Notebook, file_name: str) -> str:
    """The lesson that a notebook belongs to, or "".

    What its cells define counts first, then what they check, then what they import, then the file's name, then the metadata: the
    later ones are easily changed by accident.
    """
    text = "\n".join(notebook.cells)
    lessons = {exercise_id[:2] for exercise_id in modules()}
    defined = Counter(exercise.lesson for exercise in called(_bound(text)))
    checked = Counter(lesson for lesson in _CHECK.findall(text) if lesson in lessons)
    imported = Counter(exercise.lesson for exercise in called(_imported(text)))
    for count in (defined, checked, imported):
        if best := _commonest(count):
            return best
    named = re.match(r"\d\d(?=[_ .-])", file_name)
    for lesson in (named[0] if named else "", notebook.lesson):
        if lesson in lessons:
            return lesson
    return ""


def _lesson_beside(notebook: Path, others: Sequence[Path], own_names: Mapping[Path, str]) -> str:
    """The lesson whose answers stand in the modules beside a notebook, or ""."""
    files, _ = read_beside(notebook, others, own_names)
    code = "\n".join(body.decode("utf-8", "replace") for name, body in files.items() if name.endswith(".py"))
    return _commonest(Counter(exercise.lesson for exercise in called(_bound(code))))


def _commonest(count: Counter[str]) -> str:
    """What comes up most often; "" where nothing does, or several do."""
    best = count.most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else ""


# ---- the exercises of a lesson, ready to be sent -----------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Exercises of a lesson that may call the same parts of bpkit: their cells are run once."""

    exercises: tuple[Exercise, ...]
    judges: tuple[Callable[[list[Any]], Outcome], ...]
    parts: Parts  # all of the job but what is the submission's own
    imports: str  # what they import, in words that a sandbox looks for


_benches = threading.Lock()


def bench(lesson: str, seed: int) -> tuple[_Group, ...]:
    """The lesson's exercises with their judges; worked out once for each seed.

    Raises
    ------
    CourseError
        If an exercise is unsound, so that nothing may be judged by it.
    """
    with _benches:
        return _bench(lesson, seed)


@cache
def _bench(lesson: str, seed: int) -> tuple[_Group, ...]:
    exercises = of_lesson(lesson)
    groups: dict[frozenset[str], list[Exercise]] = {}
    for exercise in exercises:
        if exercise.kind == "function" or exercise.allows:
            groups.setdefault(frozenset(exercise.allows), []).append(exercise)
    for exercise in exercises:
        if exercise.kind == "value" and not exercise.allows:  # it needs nothing, so it goes with whichever group there is
            groups.setdefault(next(iter(groups), frozenset()), []).append(exercise)
    return tuple(_group(allows, members, seed) for allows, members in groups.items())


def _group(allows: frozenset[str], exercises: Sequence[Exercise], seed: int) -> _Group:
    judges = tuple(Judge.drawn(exercise, seed) for exercise in exercises)
    try:
        for judge in judges:
            judge.verify()  # now, before threads share it
    except BankError as error:
        raise CourseError(f"the exercise bank is unsound, nothing was graded: {error}") from None
    sources, homes = sources_of(allows)
    described = [
        {
            "name": exercise.name,
            "withholds": exercise.withholds,
            "driver": exercise.driver,
            "cases": judge.wire_cases,
            "seconds": exercise.seconds,
        }
        for exercise, judge in zip(exercises, judges, strict=True)
    ]
    imports = "random" if any("seed" in argument for judge in judges for case in judge.wire_cases for argument in case) else ""
    content = {"sources": sources, "allowed": homes, "exercises": described, "given": _given(exercises[0].lesson)}
    parts = Parts(hashlib.sha256(json.dumps(content).encode()).hexdigest(), content)
    return _Group(tuple(exercises), tuple(map(_remembering, judges)), parts, imports)


def _remembering(judge: Judge) -> Callable[[list[Any]], Outcome]:
    """A judge that says again what it has said of the very same records: half a class returns the same, right or wrong."""
    said = lru_cache(_REMEMBERED)(lambda written: judge(marshal.loads(written)))

    def judged(records: list[Any]) -> Outcome:
        try:
            # the second version of the format says nothing but the values
            written = marshal.dumps(records, 2)
        except ValueError:  # lists within lists within lists
            return judge(records)
        return said(written) if len(written) <= _MOST_REMEMBERED else judge(records)

    return judged


# ---- running and judging ---------------------------------------------------------------------------------------------


class _Sandboxes(threading.local):
    """The sandbox of each thread that grades."""

    sandbox: Sandbox | None = None


_own = _Sandboxes()
_open: list[Sandbox] = []
_turns = Turns()


def _sandbox(unsafe: bool) -> Sandbox:
    mode = "none" if unsafe else best_mode()
    if _own.sandbox is None or _own.sandbox not in _open or _own.sandbox.mode != mode:
        _own.sandbox = take_sandbox(mode)
        _open.append(_own.sandbox)
    return _own.sandbox


def close_sandboxes() -> None:
    """End the sandboxes of all threads."""
    while _open:
        _open.pop().close()
    close_spare()


def grade_handed(handed: Handed, plan: Plan) -> Graded:
    """Run a submission that was read and judge its exercises; a function of its arguments alone, wherever it runs.

    Raises
    ------
    CourseError
        If no kind of sandbox works here, or this machine has run out of something.
    """
    try:
        return _grade(handed, plan)
    except (OSError, MemoryError) as error:
        raise CourseError(f"grading stopped at {handed.student}: {error or type(error).__name__}; run it again to go on") from None
    except CourseError:
        raise
    except Exception as error:  # a fault of ours that one submission has found may not cost the class its grades
        return refuse(at_fault(handed, error), tuple(handed.notebooks), plan)


def _grade(handed: Handed, plan: Plan) -> Graded:
    rows: list[Row] = []
    problems, trouble = list(handed.problems), ""
    for lesson, (file, notebook) in handed.notebooks.items():
        ran: dict[str, tuple[_Claims, int]] = {}
        for group in bench(lesson, plan.seed):
            claims = _run(group, notebook, plan)
            trouble = trouble or claims.trouble
            ran |= {exercise.id: (claims, number) for number, exercise in enumerate(group.exercises)}
            problems += [problem for problem in claims.cell_problems(file) if problem not in problems]
        for exercise in of_lesson(lesson):
            claims, number = ran[exercise.id]
            rows.append(_row(handed.student, exercise, claims.outcome(number), plan, claims.seconds(number), *claims.code(exercise)))
    files = ", ".join(file for file, _ in handed.notebooks.values())
    mode = _sandbox(plan.unsafe).mode
    return Graded(handed.student, files, tuple(rows), tuple(problems[:50]), handed.key, tuple(handed.notebooks), mode, trouble)


def _run(group: _Group, notebook: Notebook, plan: Plan) -> _Claims:
    """Run a notebook for a group of exercises, and again in a fresh sandbox where something from outside may have ended it.

    Code can kill itself: it is killed at the same places in the next try, and that is its own doing. In the last try no other
    submission runs beside it, so that what another one has taken of this machine costs it nothing.
    """
    limits = plan.limits.for_job(len(group.exercises))
    own = json.dumps({"cells": notebook.cells, "files": dict(notebook.beside)}).encode()
    before: set[str] = set()
    for number in range(TRIES):
        sandbox = _sandbox(plan.unsafe)
        claims = _Claims(group, notebook, plan)
        try:
            with _turns.alone() if number == TRIES - 1 else _turns.together():
                replies = sandbox.run(own, limits, "\n".join((group.imports, *notebook.cells)), group.parts)
        except SandboxBroken as error:
            replies = Replies(lost=f"the sandbox did not start: {error}")
        claims.read(replies)
        if not claims.trouble and (not claims.killed or claims.killed == before):
            return claims
        before = claims.killed if not claims.trouble else set()
        sandbox.close()
    if not plan.unsafe:
        claims.trouble = claims.trouble or f"its processes were killed each time, and elsewhere each time, as at {min(claims.killed)}"
    return claims


def refuse(handed: Handed, lessons: Sequence[str], plan: Plan) -> Graded:
    """The rows of a submission that cannot be run: each exercise of the given lessons, with the reason."""
    exercises = [exercise for lesson in lessons for exercise in of_lesson(lesson)]
    why = one_line("; ".join(handed.problems) or "nothing was handed in")
    rows = [_row(handed.student, exercise, could_not_run(exercise, why), plan) for exercise in exercises]
    if not rows:  # nobody's lesson is known: the submission still has its row
        rows = [Row(handed.student, "", "", "", "", 0, 0, "could not run", None, why)]
    mode = "none" if plan.unsafe else best_mode()
    return Graded(handed.student, "", tuple(rows), handed.problems, handed.key, tuple(lessons), mode, handed.trouble)


def one_line(text: str, most: int = MAX_MESSAGE) -> str:
    """Text without line ends and control characters, cut to a length."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).strip()
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _row(student: str, exercise: Exercise, judged: Outcome, plan: Plan, seconds: float = 0.0, code: str = "", cell: int = 0) -> Row:
    return Row(
        student=student,
        lesson=exercise.lesson,
        exercise=exercise.id,
        name=exercise.name,
        title=exercise.title,
        points=judged.points,
        max=judged.max_points,
        status=judged.status,
        mistake=judged.mistake,
        message=one_line(f"{UNSAFE} {judged.message}" if plan.unsafe else judged.message),
        seconds=round(seconds, 3),
        where=one_line(judged.where),
        notes=tuple(map(one_line, judged.notes)),
        entries=judged.entries,
        share=judged.share,
        code=code,
        cell=cell,
    )


class _Claims:
    """What a submission's processes claim about one run: checked for form, believed in nothing else.

    Attributes
    ----------
    trouble
        Why this machine, and not the submission, ended the run; "" where it did not.
    killed
        The places at which a process was killed, by whomever.
    """

    def __init__(self, group: _Group, notebook: Notebook, plan: Plan) -> None:
        self.group, self.cells, self.asleep, self.plan = group, notebook.cells, notebook.asleep, plan
        self.replies = Replies()
        self.trouble = ""
        self.killed: set[str] = set()
        self.errors: dict[int, str] = {}
        self.inert: set[int] = set()
        self.defined: dict[str, list[int]] = {}
        self.ended: dict[int, str] = {}
        self.judged: dict[int, tuple[Outcome, float]] = {}

    def read(self, replies: Replies) -> None:
        """Read what has come back."""
        self.replies = replies
        for body in replies.notes:
            for line in body.splitlines()[:200]:
                claim = read_json(line)
                if isinstance(claim, dict):
                    self._read_note(claim)
        statements = replies.summary.get("killed")
        for claim in statements[:200] if isinstance(statements, list) else []:
            match claim:
                case {"cell": int(cell), "how": str(how)} if self._is_cell(cell):
                    self.errors.setdefault(cell, _ending(how))
                    if how == _KILLED:
                        self.killed.add(f"code cell {cell + 1}")
        exercises = self.group.exercises
        ended = {number for number, how in self.ended.items() if how == _KILLED}
        ended |= {number for number, body in replies.payloads.items() if b'"ended"' in body and read_json(body) == {"ended": _KILLED}}
        self.killed |= {f"exercise {exercise.id}" for number, exercise in enumerate(exercises) if number in ended}
        if not self.plan.unsafe:  # without a sandbox, a submission can end whatever it likes
            failed = replies.summary.get("failed")
            self.trouble = one_line(replies.lost or (f"the sandbox could not be set up: {failed}" if failed else ""), 200)

    def _is_cell(self, cell: int) -> bool:
        """Whether there is such a cell; -1 stands for all together."""
        return -1 <= cell < len(self.cells)

    def _read_note(self, claim: dict[str, Any]) -> None:
        match claim:
            case {"exercise": int(number), "ended": str(how)}:
                self.ended[number] = how[:40]
        errors, defined = claim.get("errors"), claim.get("defined")
        for error in errors[:200] if isinstance(errors, list) else []:
            match error:
                case {"cell": int(cell), "type": str(kind), "message": str(message), "line": int(line)} if self._is_cell(cell):
                    place = f" (line {line})" if 0 < line < MAX_LINE else ""
                    self.errors[cell] = one_line(f"{kind}: {message}" if message else kind, 200) + place
                    if "inert" in error:
                        self.inert.add(cell)
        for name, cells in defined.items() if isinstance(defined, dict) else []:
            if isinstance(cells, list):
                self.defined[name] = [cell for cell in cells if type(cell) is int and 0 <= cell < len(self.cells)]

    def outcome(self, number: int) -> Outcome:
        """The outcome of the group's exercise `number`."""
        return self._settled(number)[0]

    def seconds(self, number: int) -> float:
        """How long the exercise ran, by its own account."""
        return self._settled(number)[1]

    def _settled(self, number: int) -> tuple[Outcome, float]:
        if number not in self.judged:
            self.judged[number] = self._settle(number, self.replies.payloads.get(number))
        return self.judged[number]

    def _settle(self, number: int, body: bytes | None) -> tuple[Outcome, float]:
        exercise, judge = self.group.exercises[number], self.group.judges[number]
        claim = read_json(body) if body else None
        # what has ended without a note and without its records has ended itself; and the seconds of what has no time to tell
        how, seconds = self.ended.get(number, "exit 0" if body is not None else ""), 0.0
        match claim:
            case {"records": list(records), "used": list(used), "seconds": lasted}:
                told = bounded(lasted, 2 * self.plan.limits.seconds)
                if told is None:
                    return could_not_run(exercise, "what came back from your code told a time that no clock tells"), 0.0
                judged, seconds = self._judged(exercise, judge, records, used), told
                if judged.status == "wrong" and judged.mistake != "not allowed" and (why := self._doubt(exercise, claim)):
                    judged = could_not_run(exercise, why)
            case {"missing": True}:
                return self._missing(exercise), 0.0
            case {"too_large": size}:
                told = bounded(size, MAX_SIZE)
                if told is None:
                    return could_not_run(exercise, "what came back from your code told a size that nothing has"), 0.0
                judged = outcome(exercise, "wrong", f"What it returns is too large to be right ({told / 1e6:.1f} MB).", mistake="shape")
            case {"ended": str(ended)}:
                judged = self._ended(exercise, one_line(ended, 40))
            case _ if how:
                judged = self._ended(exercise, one_line(how, 40))
            case _:
                return could_not_run(exercise, self._why_not()), 0.0
        notes = list(judged.notes)
        places = self.defined.get(exercise.name, [])
        if len(places) > 1:
            where = ", ".join(str(cell + 1) for cell in places)
            notes.append(f"{exercise.name} is defined {len(places)} times (code cells {where}); the last one counts")
        match claim:
            case {"restored": [*names]} if names and all(isinstance(name, str) for name in names):
                taken = one_line(" and ".join(names[:3]), 80)
                notes.append(f"a later cell uses the name {taken} for something else; graded with what it was where you defined {exercise.name}")
        return replace(judged, notes=tuple(notes)), seconds

    def _judged(self, exercise: Exercise, judge: Callable[[list[Any]], Outcome], records: list[Any], used: list[Any]) -> Outcome:
        try:
            judged = judge(records)
        except BankError:  # that is ours
            raise
        except Exception as error:  # no right answer is so strange
            return outcome(exercise, "wrong", f"What it returns is nothing that can be judged ({type(error).__name__}).")
        names = [name for name in used if isinstance(name, str) and name.startswith("bpkit.")]
        if judged.status == "wrong" and names:
            allowed = " and ".join(f"bp.{name}" for name in exercise.allows) or "numpy alone"
            name = one_line(names[0].replace("bpkit.", "bp.", 1), 60)
            return outcome(exercise, "wrong", f"It calls {name}, which this exercise does not allow: write it with {allowed}.", mistake="not allowed")
        return judged

    def _doubt(self, exercise: Exercise, claim: Any) -> str:
        """What a wrong answer rests on that the sandbox could not make as the learner's machine did; "" for nothing."""
        doubtful = claim.get("doubtful")
        for doubt in doubtful[:20] if isinstance(doubtful, list) else []:
            match doubt:
                case [str(name), int(cell), str(kind)] if 0 <= cell < len(self.cells):
                    uses = (
                        f"code cell {cell + 1}, which makes {exercise.name},"
                        if name == exercise.name
                        else f"it uses {one_line(name, 60)}: code cell {cell + 1}"
                    )
                    match kind:
                        case "failed":
                            return f"{uses} did not run to its end here: {self.errors.get(cell) or 'it was stopped'}"
                        case "inert":
                            return f"{uses} makes it with parts of bpkit or of the notebook's page that are not there while grading"
                        case "check":
                            return f"{uses} chooses it by what check says, and while grading check says that every answer is right"
        return ""

    def _ended(self, exercise: Exercise, how: str) -> Outcome:
        if "process" in how:
            return could_not_run(exercise, how)
        if how in ("too slow", "stalled"):
            return outcome(exercise, "wrong", "Stopped because it took too long. Does a loop never end?", mistake="too slow")
        return outcome(exercise, "wrong", f"The answer ended Python itself instead of returning ({_ending(how)}).", mistake="raised")

    def _why_not(self) -> str:
        if self.trouble:
            return f"the grader could not run it, {TRIES} times: {self.trouble}; that is not the submission's fault: grade it again"
        if self.replies.stopped or self.replies.lost:
            return f"the submission was stopped: {self.replies.stopped or self.replies.lost}"
        if self.replies.summary.get("late"):
            slow = next((f"; code cell {cell + 1}: {why}" for cell, why in self.errors.items() if "too" in why or "never" in why), "")
            return f"the time limit of {self.plan.limits.seconds:g} s was used up before this exercise{slow}"
        if self.errors:
            cell, why = next(iter(self.errors.items()))
            return f"the notebook's processes ended before this exercise; code cell {cell + 1}: {why}"
        return "the notebook's processes ended before this exercise"

    def _missing(self, exercise: Exercise) -> Outcome:
        """No such name was there after the last cell: never written, misnamed, or its cell did not get that far."""
        holders = [cell for cell, text in enumerate(self.cells) if exercise.name in _bound(text)]
        if holders:
            cell = next((cell for cell in reversed(holders) if cell in self.errors), holders[-1])
            why = self.errors.get(cell) or self.errors.get(-1) or "it was not run, or the name was deleted again"
            return could_not_run(exercise, f"code cell {cell + 1}, which defines {exercise.name}, failed: {why}")
        others = {name: cell for cell, text in enumerate(self.cells) for name in re.findall(r"^[ \t]*(?:def|class)[ \t]+(\w+)", text, re.MULTILINE)}
        for kind, after, text in self.asleep:
            if exercise.name in _bound(text):
                place = f"below code cell {after}" if after else "above the first code cell"
                return could_not_run(exercise, f"{exercise.name} stands in a {kind} cell, {place}, which is not run; expected a code cell")
        ours = {other.name for other in called(others)}
        near = difflib.get_close_matches(exercise.name, [name for name in list(others)[:500] if name not in ours], 1, 0.8)
        if near:
            return could_not_run(exercise, f"no cell defines {exercise.name}; code cell {others[near[0]] + 1} defines {near[0]}. Is that meant?")
        return outcome(exercise, "not attempted", f"No cell defines {exercise.name}.")

    def code(self, exercise: Exercise) -> tuple[str, int]:
        """The learner's own cell for an exercise, and its number from 1."""
        places = self.defined.get(exercise.name) or [cell for cell, text in enumerate(self.cells) if exercise.name in _bound(text)]
        return (self.cells[places[-1]][:MAX_CODE], places[-1] + 1) if places else ("", 0)

    def cell_problems(self, file: str) -> list[str]:
        """Which of the learner's cells did not run through, but for those that only missed what grading leaves out."""
        given = given_cells(self.group.exercises[0].lesson)
        told = [
            (cell, why)
            for cell, why in sorted(self.errors.items())
            if cell not in self.inert and cell < len(self.cells) and (cell < 0 or self.cells[cell].strip() not in given)
        ]
        return [f"{file}, code cell {cell + 1}: {why}" if cell >= 0 else f"{file}: {why}" for cell, why in told[:20]]


def bounded(claim: object, most: float) -> float | None:
    """A number that a submission tells: itself where it is one from 0 to `most`, else None."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not 0 <= claim <= most:  # nan is not in the interval either
        return None
    return float(claim)


def _ending(how: str) -> str:
    """How a process ended, in words."""
    signals = {_KILLED: "it was killed", "signal 11": "it crashed", "signal 6": "it aborted", "signal 24": "it used up its processor time"}
    if how == "stalled":
        return "it never ended"
    return signals.get(how, one_line(how, 40))
