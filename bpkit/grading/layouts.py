"""How platforms lay out what they give back: whose each file and folder is, and when it was handed in.

A layout is recognised by the names at the top of a folder, most of which have to fit. What does not is somebody's of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bpkit.errors import CourseError

IGNORED = re.compile(r"\.|__pycache__$|__MACOSX$|Thumbs\.db$|desktop\.ini$")
# hidden, and made by a program for itself; whose notebooks are nobody's
_OF_A_TOOL = re.compile(r"\.(?:ipynb_checkpoints|git|github|venv|virtual_documents|vscode|idea|cache|jupyter|local|config|Trash.*)$")
_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$", re.IGNORECASE)
_OF_A_LESSON = re.compile(r"\d\d[_ -]")
# what else people hand in, and staff hardly lay beside it
_HANDED_IN = re.compile(r"\.(?:pdf|zip|html?|py|docx?|odt|rtf|pages|rar|7z|tar|t?gz|url|webloc|gdoc|crdownload|part|png|jpe?g|heic)$", re.IGNORECASE)


def is_notebook_name(name: str) -> bool:
    """Whether a file has a notebook's name, or one that a browser or a mail program made of it.

    Examples
    --------
    >>> is_notebook_name("05.ipynb"), is_notebook_name("05.IPYNB"), is_notebook_name("05.ipynb.txt"), is_notebook_name("05.pdf")
    (True, True, True, False)
    """
    return bool(_NOTEBOOK.search(name))


def is_hand_in_name(name: str) -> bool:
    """Whether a file's name is that of a notebook, or of what is handed in for one: a PDF, a zip file, a web page, a picture."""
    return is_notebook_name(name) or bool(_HANDED_IN.search(name))


def of_a_lesson(name: str) -> bool:
    """Whether a file's name begins with a lesson's number."""
    return bool(_OF_A_LESSON.match(name))


def stem_of(path: Path) -> str:
    """A file's name without the ending of a notebook, or the one that it has."""
    stem = _NOTEBOOK.sub("", path.name)
    return stem if stem != path.name else path.stem


@dataclass(frozen=True)
class Person:
    """Whose files these are.

    Parameters
    ----------
    name
        As the layout has it.
    number
        What tells people of one name apart: the platform's number or login; "" where names are all there is.
    places
        The folders and files that they handed in.
    submitted_at
        ISO 8601, "" where the layout does not say.
    late
        None where the layout does not say.
    told
        What the staff should know, such as older attempts that do not count.
    plain_file
        Whether the name is only that of a file, which another file elsewhere may have as well.
    own_names
        Of files that the platform gave other names, those that they had before.
    """

    name: str
    number: str
    places: tuple[Path, ...]
    submitted_at: str = ""
    late: bool | None = None
    told: tuple[str, ...] = ()
    plain_file: bool = False
    own_names: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True)
class Layout:
    """One way of laying out hand-ins.

    Parameters
    ----------
    name, words
        For `--layout`, and how it is said.
    people
        Whose what is, of what lies in a folder; None where it is laid out otherwise. Most of it has to fit, or any where the layout is forced.
    reads
        The pattern of names that belong to it, and what else does; what does not is somebody's of its own. "" where all does.
    """

    name: str
    words: str
    people: Callable[[Sequence[Path], bool], list[Person] | None]
    reads: tuple[str, tuple[str, ...]] = ("", ())

    def read(self, found: Sequence[Path], forced: bool) -> list[Person]:
        """Whose what is, numbered, with the names that files had before the platform gave them others; nobody where it is laid out otherwise."""
        people = numbered(self.people(found, forced) or [])
        return [replace(each, own_names=tuple((place, name) for place in each.places if (name := self._own_name(place)))) for each in people]

    def _own_name(self, place: Path) -> str:
        match = re.fullmatch(self.reads[0], place.name)
        return (match.groupdict().get("file") or "") if match and not place.is_dir() else ""

    def strays(self, found: Sequence[Path]) -> list[Path]:
        """What lies beside the platform's own files and folders."""
        pattern, beside = self.reads
        return [path for path in found if not re.fullmatch(pattern, path.name) and path.name not in beside] if pattern else []


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, without what systems leave there.

    Raises
    ------
    CourseError
        If it cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not IGNORED.match(path.name))
    except OSError as error:
        raise CourseError(f"the folder {folder} cannot be read: {error.strerror}") from None


def hidden_folders(folder: Path) -> list[Path]:
    """The folders of which neither a system nor a tool is known to hide them, and that hold notebooks all the same: somebody may be called so.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    named = (path for path in folder.iterdir() if path.name.startswith(".") and not _OF_A_TOOL.match(path.name))
    return sorted(
        path for path in named if path.is_dir() and not path.is_symlink() and any(is_notebook_name(below.name) for below in path.rglob("*"))
    )


def _matches(found: Sequence[Path], pattern: str, beside: Iterable[str], forced: bool) -> list[tuple[Path, re.Match[str]]] | None:
    """Each entry that fits with how its name reads; None where no more than half of what people hand in does, or, forced, where none does."""
    known = set(beside)
    pairs = [(path, re.fullmatch(pattern, path.name)) for path in found if path.name not in known]
    fitting = [(path, match) for path, match in pairs if match]
    others = sum(path.is_dir() or is_hand_in_name(path.name) for path, match in pairs if not match)
    return fitting if fitting and (forced or len(fitting) > others) else None


# ---- the platforms -----------------------------------------------------------------------------------------------------

# how the names of each platform read, and what lies beside them
_NUMBERS = r"(?P<id>\d+|(?<=anon_)\w+?|(?<=anon_LATE_)\w+?)_(?:(?P<submission>\d+)_)?(?P<file>.+)"
_MOODLE = r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", ()
_CANVAS = rf"(?:(?P<first>LATE)_)?(?P<name>.+?)_(?:(?P<late>LATE)_)?{_NUMBERS}", ()
_CANVAS_QUIZ = r"(?P<name>.+?)(?P<id>\d+)_question_\d+_\d+_(?P<file>.+)", ()
_GRADESCOPE = r"submission_(?P<id>\d+)", ("submission_metadata.yml",)
_BLACKBOARD = r"(?P<who>.+_.+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)", ()
_BRIGHTSPACE = r"(?P<id>\d+)-\d+ - (?P<name>.+) - (?P<when>[^-]*\d{4}\D[^-]*\d(?: [AP]M)?)", ("index.html",)
_WHEN = re.compile(
    r"(?:(?P<month>[^\W\d]+)\.? (?P<day>\d{1,2})|(?P<first_day>\d{1,2})\.? (?P<later_month>[^\W\d]+)\.?),? (?P<year>\d{4}),? "
    r"(?P<hour>\d{1,2}?) ?[h:]? ?(?P<minute>\d\d)(?: (?P<half>[AP]M))?"
)
# how the months begin in English, German, French and Spanish
_MONTHS = ("jan ene", "feb fev", "mar", "apr avr abr", "may mai", "jun juin", "jul juil", "aug aou ago", "sep", "oct okt", "nov", "dec dez dic")


def _moodle(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`Name_ID_assignsubmission_file_`, a folder or the beginning of a file's name; what was typed in the browser lies beside it."""
    read = _matches(found, *_MOODLE, forced)
    if read is None:
        return None
    whose: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path, match in read:
        whose[match["name"], match["id"]].append(path)
    return [Person(name, number, tuple(places)) for (name, number), places in whose.items()]


def _canvas(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`lastfirst[_LATE]_123_456_name-1.ipynb`, all files side by side; `-1` is the second version of one file, and the last counts.

    A group's name may have underscores. What was typed in the browser, or is a link, has no second number: `lastfirst_123_text.html`. Where
    grading is anonymous, `anon` stands for the name and letters and digits for the number.
    """
    read = _matches(found, *_CANVAS, forced)
    if read is None or any(path.is_dir() for path, _ in read):
        return None
    numbers = [match["submission"] for _, match in read if match["submission"]]
    if not numbers or (len({*numbers}) < len(numbers) and not forced):
        return None  # each file has a number of its own; hw_5_2026_anna.ipynb has not
    whose: dict[tuple[str, str], list[tuple[Path, re.Match[str]]]] = defaultdict(list)
    for path, match in read:
        whose[match["name"], match["id"]].append((path, match))
    people = []
    for (name, number), files in whose.items():
        versions: dict[str, list[tuple[int, Path]]] = defaultdict(list)
        for path, match in files:
            file = Path(match["file"])
            stem, version = re.fullmatch(r"(.*?)(?:-(\d+))?", file.stem).groups()  # type: ignore[union-attr]
            # lab-5 is a version of lab where that is there, too, else a name
            first = any(other["file"] == stem + file.suffix for _, other in files)
            versions[(stem if first else file.stem) + file.suffix].append((int(version or 0) if first else 0, path))
        newest = [max(same) for same in versions.values()]
        older = [path.name for same in versions.values() for _, path in sorted(same)[:-1]]
        told = tuple(f"{name_of_older} is an older version and does not count" for name_of_older in older)
        late = any(match["late"] or match["first"] for path, match in files if path in [kept for _, kept in newest])
        people.append(Person(name, number, tuple(path for _, path in newest), late=late, told=told))
    return people


def _canvas_quiz(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`berg_anna11_question_77_901_name.ipynb`: the person's number stands right behind the name, and there may be a file for each question."""
    whose: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path, match in _matches(found, *_CANVAS_QUIZ, forced) or ():
        whose[match["name"], match["id"]].append(path)
    return [Person(name, number, tuple(places)) for (name, number), places in whose.items()] or None


def _gradescope(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`submission_N/` with `submission_metadata.yml` beside them, which has the names and the times."""
    about = next((path for path in found if path.name == "submission_metadata.yml"), None)
    read = _matches(found, *_GRADESCOPE, forced)
    if about is None or read is None:
        return None
    told = _gradescope_metadata(about)
    people = []
    for path, match in read:
        names, number, when = told.get(path.name, ([path.name], match["id"], ""))
        people += [Person(name, number if len(names) == 1 else match["id"], (path,), when) for name in names]
    return people


def _gradescope_metadata(path: Path) -> dict[str, tuple[list[str], str, str]]:
    """Folder → who handed it in, their number, when: of each submission itself, not of its tests or of those before it."""
    import yaml

    class Plain(yaml.SafeLoader):
        """YAML as Ruby writes it, everything in it a text."""

    Plain.yaml_implicit_resolvers = {}
    Plain.add_multi_constructor("!", lambda loader, _, node: None)  # objects of Ruby's: nothing that is asked for here
    try:
        found = yaml.load(path.read_text(encoding="utf-8", errors="replace"), Plain)
    except (yaml.YAMLError, RecursionError, OSError) as error:
        where = f" (line {error.problem_mark.line + 1})" if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else ""
        raise CourseError(f"{path} cannot be read{where}; expected YAML as Gradescope exports it, or --layout students") from None
    told: dict[str, tuple[list[str], str, str]] = {}
    for folder, about in found.items() if isinstance(found, dict) else ():
        about = _plain_keys(about)
        people = [_plain_keys(person) for person in about.get("submitters") or () if isinstance(person, dict)]
        names = [name for person in people if (name := person.get("name") or person.get("email"))]
        number = next((key for person in people if (key := person.get("sid") or person.get("email"))), "")
        if names:
            told[str(folder)] = names, number, _iso(str(about.get("created_at", "")))
    return told


def _plain_keys(found: object) -> dict[str, Any]:
    """A mapping without the colons that Ruby puts before its symbols."""
    return {str(key).removeprefix(":"): value for key, value in found.items()} if isinstance(found, dict) else {}


def _blackboard(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`Assignment_login_attempt_2026-11-03-12-05-00[_file.ipynb]`, and a `.txt` that tells about each attempt; the newest counts."""
    read = _matches(found, *_BLACKBOARD, forced)
    if read is None:
        return None
    # a login may have underscores, and so may the title, which is the same for all
    everybody = {match["who"] for _, match in read}
    told = {_blackboard_title(path, match["who"]) for path, match in read if not match["file"]} - {""}
    title = next((title for title in told if all(who.startswith(title) for who in everybody)), _common(everybody, "_"))
    attempts: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path, match in read:
        attempts[match["who"][len(title) :]][match["when"]] += [path] if match["file"] else []
    return [_newest(login, "", {_iso(when, "%Y-%m-%d-%H-%M-%S"): files for when, files in all_of.items()}) for login, all_of in attempts.items()]


def _blackboard_title(path: Path, who: str) -> str:
    """What stands before the login, by what is told about an attempt: `Name: Anna Berg (ab_12)` is how that begins."""
    login = re.match(r"[^\n]*\(([^()\n]+)\)\s*$", _text(path), re.MULTILINE)
    return who.removesuffix(login[1]) if login and who.endswith(f"_{login[1]}") else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _brightspace(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`123-456 - Anna Berg - Nov 3, 2026 1205 PM/`, an `index.html` beside them; the newest counts."""
    read = _matches(found, *_BRIGHTSPACE, forced)
    if read is None:
        return None
    attempts: dict[tuple[str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path, match in read:
        attempts[match["name"], match["id"]][_brightspace_time(match["when"])].append(path)
    return [_newest(name, number, all_of) for (name, number), all_of in attempts.items()]


def _brightspace_time(text: str) -> str:
    """`Nov 3, 2026 1205 PM`, in other languages `3 nov. 2026 12 h 05`, as ISO 8601; "" where it cannot be read."""
    said = _WHEN.fullmatch(text)
    if said is None:
        return ""
    word = "".join(letter for letter in unicodedata.normalize("NFKD", said["month"] or said["later_month"]) if not unicodedata.combining(letter))
    fitting = [(len(begin), number) for number, begins in enumerate(_MONTHS, 1) for begin in begins.split() if word.casefold().startswith(begin)]
    hour = int(said["hour"]) % 12 + 12 * (said["half"] == "PM") if said["half"] else int(said["hour"])
    try:
        return datetime(int(said["year"]), max(fitting)[1], int(said["day"] or said["first_day"]), hour, int(said["minute"])).isoformat()
    except ValueError:
        return ""


def _newest(name: str, number: str, attempts: dict[str, list[Path]]) -> Person:
    if "" in attempts and sum(map(len, attempts.values())) > 1:
        told_of_all = ("which attempt is the newest is not known, as a time cannot be read; all were looked at",)
        return Person(name, number, tuple(path for files in attempts.values() for path in files), told=told_of_all)
    *older, last = sorted(attempts)
    told = tuple(f"the attempt of {when.replace('T', ' ')} is older and does not count" for when in older)
    told += () if attempts[last] else ("the attempt that counts has no file, only a text typed in the browser",)
    return Person(name, number, tuple(attempts[last]), last, told=told)


def _classroom(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`assignment-login/`, each a repository that was cloned: one beginning, up to a hyphen, for all of them."""
    folders = [path for path in found if path.is_dir()]
    cloned = [path for path in folders if (path / ".git").exists() or (path / ".github").exists()]
    alone = len(cloned) == len(folders) and not any(is_hand_in_name(path.name) for path in found if path not in folders)
    if not folders or not (alone or forced):
        return None
    above = folders[0].parent.name.removesuffix("-submissions") + "-"
    before = above if all(path.name.startswith(above) for path in folders) else _common({path.name for path in folders}, "-")
    return [Person(path.name[len(before) :], "", (path,)) for path in folders] if before else None


def _common(names: set[str], mark: str) -> str:
    """How all names begin, up to a mark; of a single name, up to its last."""
    first, last = min(names), max(names)
    same = next((k for k, letters in enumerate(zip(first, last, strict=False)) if len(set(letters)) > 1), min(len(first), len(last)))
    before, found, _ = (first if len(names) == 1 else first[:same]).rpartition(mark)
    return before + found


def _nbgrader(found: Sequence[Path], forced: bool) -> list[Person] | None:
    """`submitted/student/assignment/`, seen from the course's folder or from `submitted`."""
    inside = bool(found) and found[0].parent.name == "submitted"
    top = found[0].parent if inside else next((path for path in found if path.name == "submitted" and path.is_dir()), None)
    if top is None or not any(top.glob("*/*/*.ipynb")):
        return None
    people = []
    for student in (path for path in entries(top) if path.is_dir()):
        times = [_nbgrader_time(_text(path).strip()) for path in sorted(student.glob("*/timestamp.txt"))]
        people.append(Person(student.name, "", (student,), max(times, default="")))
    return people or None


def _nbgrader_time(text: str) -> str:
    """`2026-11-03 12:05:00.123456 UTC` or with another zone's name; without one, UTC, as nbgrader reads it. "" where it cannot be read."""
    moment, zone = _iso(text), text.rpartition(" ")[2]
    if not moment or datetime.fromisoformat(moment).tzinfo:
        return moment
    from zoneinfo import ZoneInfo  # most classes have no such file

    try:
        known = ZoneInfo("UTC" if re.fullmatch(r"[\d:.]*", zone) else zone)
    except (KeyError, ValueError, OSError):
        return ""
    return datetime.fromisoformat(moment).replace(tzinfo=known).isoformat()


PLATFORMS = (
    Layout("moodle", "Moodle download", _moodle, _MOODLE),
    Layout("gradescope", "Gradescope export", _gradescope, _GRADESCOPE),
    Layout("blackboard", "Blackboard download", _blackboard, _BLACKBOARD),
    Layout("brightspace", "Brightspace download", _brightspace, _BRIGHTSPACE),
    Layout("canvas-quiz", "Canvas quiz download", _canvas_quiz, _CANVAS_QUIZ),
    Layout("canvas", "Canvas download", _canvas, _CANVAS),
    Layout("classroom", "GitHub Classroom repositories", _classroom),
    Layout("nbgrader", "nbgrader course", _nbgrader),
)


def _iso(text: str, form: str = "") -> str:
    """A moment as ISO 8601, without fractions of a second; "" where it cannot be read."""
    try:
        if form:
            return datetime.strptime(text, form).isoformat()
        found = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)?", text)
        if not found:
            return ""
        zone = {"Z": "+00:00", "UTC": "+00:00"}.get(found[3] or "", found[3] or "")
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").isoformat()
    except ValueError:
        return ""


def numbered(people: Sequence[Person]) -> list[Person]:
    """People with the platform's number behind their name: it tells two of one name apart, and grades find their way back by it."""
    return [replace(each, name=f"{each.name} ({each.number})") if each.number else each for each in people]
