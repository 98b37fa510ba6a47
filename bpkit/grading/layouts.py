"""How platforms lay out what they give back: whose each file and folder is, and when it was handed in.

A layout is recognised by the names at the top of a folder, most of which have to fit. What does not is somebody's of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bpkit.errors import CourseError
from bpkit.grading.archives import BadArchive, unpacked

IGNORED = re.compile(r"\.|__pycache__$|__MACOSX$|Thumbs\.db$|desktop\.ini$")
# hidden, and made by a program for itself; whose notebooks are nobody's
_OF_A_TOOL = re.compile(r"\.(?:ipynb_checkpoints|git|github|venv|virtual_documents|vscode|idea|cache|jupyter|local|config|Trash.*)$")
_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$", re.IGNORECASE)


def is_notebook_name(name: str) -> bool:
    """Whether a file has a notebook's name, or one that a browser or a mail program made of it.

    Examples
    --------
    >>> is_notebook_name("05.ipynb"), is_notebook_name("05.IPYNB"), is_notebook_name("05.ipynb.txt"), is_notebook_name("05.pdf")
    (True, True, True, False)
    """
    return bool(_NOTEBOOK.search(name))


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
    """

    name: str
    number: str
    places: tuple[Path, ...]
    submitted_at: str = ""
    late: bool | None = None
    told: tuple[str, ...] = ()
    plain_file: bool = False


@dataclass(frozen=True)
class Layout:
    """One way of laying out hand-ins.

    Parameters
    ----------
    name, words
        For `--layout`, and how it is said.
    people
        Whose what is, of what lies in a folder; None where it is laid out otherwise.
    reads
        The pattern of names that belong to it, and what else does; what does not is somebody's of its own. "" where all does.
    """

    name: str
    words: str
    people: Callable[[Sequence[Path]], list[Person] | None]
    reads: tuple[str, tuple[str, ...]] = ("", ())


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


def _matches(found: Sequence[Path], pattern: str, beside: Iterable[str] = ()) -> list[tuple[Path, re.Match[str]]] | None:
    """Each entry that fits with how its name reads; None where no more than half of them do."""
    known = set(beside)
    pairs = [(path, re.fullmatch(pattern, path.name)) for path in found if path.name not in known]
    fitting = [(path, match) for path, match in pairs if match]
    return fitting if 2 * len(fitting) > len(pairs) else None


# ---- the platforms -----------------------------------------------------------------------------------------------------

# how the names of each platform read, and what lies beside them
_NUMBERS = r"(?P<id>\d+|(?<=anon_)\w+?|(?<=anon_LATE_)\w+?)_(?:(?P<submission>\d+)_)?(?P<file>.+)"
_MOODLE = r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_.*)?", ()
_CANVAS = rf"(?:(?P<first>LATE)_)?(?P<name>[^_]+)_(?:(?P<late>LATE)_)?{_NUMBERS}", ()
_GRADESCOPE = r"submission_(?P<id>\d+)", ("submission_metadata.yml",)
_BLACKBOARD = r"(?P<who>.+_.+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)", ()
_BRIGHTSPACE = r"(?P<id>\d+)-\d+ - (?P<name>.+) - (?P<when>\w+ \d{1,2}, \d{4} \d{1,2}:?\d\d(?: [AP]M)?)", ("index.html",)


def _moodle(found: Sequence[Path]) -> list[Person] | None:
    """`Name_ID_assignsubmission_file_`, a folder or the beginning of a file's name; what was typed in the browser lies beside it."""
    read = _matches(found, *_MOODLE)
    if read is None:
        return None
    whose: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path, match in read:
        whose[match["name"], match["id"]].append(path)
    return [Person(name, number, tuple(places)) for (name, number), places in whose.items()]


def _canvas(found: Sequence[Path]) -> list[Person] | None:
    """`lastfirst[_LATE]_123_456_name-1.ipynb`, all files side by side; `-1` is the second version of one file, and the last counts.

    What was typed in the browser, or is a link, has no second number: `lastfirst_123_text.html`. Where grading is anonymous, `anon` stands for
    the name and letters and digits for the number.
    """
    read = _matches(found, *_CANVAS)
    if read is None or any(path.is_dir() for path, _ in read) or not any(match["submission"] for _, match in read):
        return None
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


def _gradescope(found: Sequence[Path]) -> list[Person] | None:
    """`submission_N/` with `submission_metadata.yml` beside them, which has the names and the times."""
    about = next((path for path in found if path.name == "submission_metadata.yml"), None)
    read = _matches(found, *_GRADESCOPE)
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


def _blackboard(found: Sequence[Path]) -> list[Person] | None:
    """`Assignment_login_attempt_2026-11-03-12-05-00[_file.ipynb]`, and a `.txt` that tells about each attempt; the newest counts."""
    read = _matches(found, *_BLACKBOARD)
    if read is None:
        return None
    # a login may have underscores, and so may the title, which is the same for all
    title = _common({match["who"] for _, match in read}, "_")
    attempts: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path, match in read:
        attempts[match["who"][len(title) :]][match["when"]] += [path] if match["file"] else []
    return [_newest(login, "", {_iso(when, "%Y-%m-%d-%H-%M-%S"): files for when, files in all_of.items()}) for login, all_of in attempts.items()]


def _brightspace(found: Sequence[Path]) -> list[Person] | None:
    """`123-456 - Anna Berg - Nov 3, 2026 1205 PM/`, an `index.html` beside them; the newest counts."""
    read = _matches(found, *_BRIGHTSPACE)
    if read is None:
        return None
    attempts: dict[tuple[str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path, match in read:
        # the hour may have one digit, and no colon stands after it
        date, clock = re.fullmatch(r"(.*, \d{4}) (.*)", match["when"]).groups()  # type: ignore[union-attr]
        clock, half = clock.replace(":", "").partition(" ")[::2]
        forms = (f"{month} %d, %Y {'%I%M %p' if half else '%H%M'}" for month in ("%b", "%B"))
        when = next(filter(None, (_iso(f"{date} {clock.zfill(4)} {half}".strip(), form) for form in forms)), "")
        attempts[match["name"], match["id"]][when].append(path)
    return [_newest(name, number, all_of) for (name, number), all_of in attempts.items()]


def _newest(name: str, number: str, attempts: dict[str, list[Path]]) -> Person:
    *older, last = sorted(attempts)
    told = tuple(f"the attempt of {when.replace('T', ' ')} is older and does not count" for when in older)
    told += () if attempts[last] else ("the attempt that counts has no file, only a text typed in the browser",)
    return Person(name, number, tuple(attempts[last]), last, told=told)


def _classroom(found: Sequence[Path]) -> list[Person] | None:
    """`assignment-login/`, each a repository that was cloned: one beginning, up to a hyphen, for all of them."""
    folders = [path for path in found if path.is_dir()]
    if not folders or len(folders) < len(found) or not all((path / ".git").exists() or (path / ".github").exists() for path in folders):
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


def _nbgrader(found: Sequence[Path]) -> list[Person] | None:
    """`submitted/student/assignment/`, seen from the course's folder or from `submitted`."""
    inside = bool(found) and found[0].parent.name == "submitted"
    top = found[0].parent if inside else next((path for path in found if path.name == "submitted" and path.is_dir()), None)
    if top is None or not any(top.glob("*/*/*.ipynb")):
        return None
    people = []
    for student in (path for path in entries(top) if path.is_dir()):
        times = [_iso(path.read_text(encoding="utf-8", errors="replace").strip()) for path in sorted(student.glob("*/timestamp.txt"))]
        people.append(Person(student.name, "", (student,), max(times, default="")))
    return people or None


PLATFORMS = (
    Layout("moodle", "Moodle download", _moodle, _MOODLE),
    Layout("gradescope", "Gradescope export", _gradescope, _GRADESCOPE),
    Layout("blackboard", "Blackboard download", _blackboard, _BLACKBOARD),
    Layout("brightspace", "Brightspace download", _brightspace, _BRIGHTSPACE),
    Layout("canvas", "Canvas download", _canvas, _CANVAS),
    Layout("classroom", "GitHub Classroom repositories", _classroom),
    Layout("nbgrader", "nbgrader course", _nbgrader),
)


# ---- folders of people ---------------------------------------------------------------------------------------------------

_OF_A_LESSON = re.compile(r"\d\d[_ -]")
_HANDED_IN = (".pdf", ".zip", ".html", ".htm", ".py", ".docx", ".odt", ".rar", ".7z")


def stem_of(path: Path) -> str:
    """A file's name without the ending of a notebook, or the one that it has."""
    stem = _NOTEBOOK.sub("", path.name)
    return stem if stem != path.name else path.stem


def recognised(folder: Path, forced: str = "", leave_out: Path | None = None) -> tuple[str, list[Person]]:
    """How a folder is laid out, in words, and who handed in what.

    Raises
    ------
    CourseError
        If it cannot be read, is not laid out as `forced` says, or can be read in two ways.
    """
    found = [path for path in entries(folder) if leave_out is None or path.resolve() != leave_out.resolve()]
    platforms = {layout.name: layout for layout in PLATFORMS}
    if forced in platforms:
        for level in (found, _inside(found)):
            if level and (people := platforms[forced].people(level)):
                return platforms[forced].words, [*numbered(people), *_strays(platforms[forced], level)]
        raise CourseError(f"{folder} does not look like a {platforms[forced].words}; `--layout` takes one of: {', '.join(LAYOUTS)}")
    if forced == "sections":
        return "sections", _sections(found)
    if forced != "students":
        for level in (found, _inside(found)):
            for layout in PLATFORMS:
                if level and (people := layout.people(level)):
                    return layout.words, [*numbered(people), *_strays(layout, level)]
        if len(found) == 1 and _holds_people(found[0]):
            return "folder in a folder, one sub-folder or file per student", _students(entries(_opened(found[0])))
        holding, plain = _kinds(found)
        if holding and plain:
            raise CourseError(
                f"{folder} can be read in two ways: {holding[0].name} is a section with a folder per student, or one student with copies "
                f"in several folders, while {plain[0].name} is a student; say --layout sections or --layout students"
            )
        if len(holding) > 1 and len({frozenset(_folders(path)) for path in holding}) == 1:
            first, second, *_ = sorted(_folders(holding[0]))
            raise CourseError(
                f"{folder} can be read in two ways: {holding[0].name} is a section with the students {first} and {second}, or a student with the "
                "folders of these names, as all others have them; say --layout sections or --layout students"
            )
        if len(holding) > 1:
            return "sections", _sections(found)
    return "one sub-folder or file per student", _students(found)


def _kinds(found: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The folders that look like sections; and, where there are some, those that cannot be. A notebook at the top of any makes all students."""
    folders = [path for path in found if path.is_dir() and not path.is_symlink()]
    if any(is_notebook_name(path.name) for path in found) or any(_has_notebook(path) for path in folders):
        return [], []
    holding = [path for path in folders if _holds_people(path)]
    return holding, [path for path in folders if path not in holding and any(path.rglob("*.ipynb"))]


def _folders(place: Path) -> set[str]:
    return {path.name for path in entries(place) if path.is_dir()}


def _has_notebook(folder: Path) -> bool:
    try:
        return any(is_notebook_name(path.name) for path in folder.iterdir())
    except OSError:
        return False


def _holds_people(place: Path) -> bool:
    """Whether a folder, or a zip file, holds folders of several people.

    It has no notebook of its own, and two of its folders have notebooks of one name, or of names that are no lesson's.
    """
    try:
        folder = _opened(place)
        children = [path for path in entries(folder) if path.is_dir()] if folder.is_dir() and not _has_notebook(folder) else []
    except (CourseError, BadArchive):
        return False
    names = [{path.name for path in child.rglob("*") if is_notebook_name(path.name)} for child in children]
    theirs = [each for each in names if each]
    foreign = len(theirs) > 1 and not any(_OF_A_LESSON.match(name) for each in theirs for name in each)
    return foreign or any(one & other for k, one in enumerate(theirs) for other in theirs[:k])


def _inside(found: Sequence[Path]) -> list[Path]:
    """What lies one level down, where a folder holds nothing but another or a zip file."""
    try:
        return entries(_opened(found[0])) if len(found) == 1 and not found[0].is_symlink() else []
    except (CourseError, BadArchive):
        return []


def _opened(path: Path) -> Path:
    return unpacked(path.resolve()) if path.suffix.lower() == ".zip" and path.is_file() else path


def _students(found: Sequence[Path]) -> list[Person]:
    people = []
    for path in found:
        if path.is_dir():
            people.append(Person(path.name, "", (path,)))
        elif is_notebook_name(path.name) or path.is_symlink() or path.suffix.lower() in _HANDED_IN:
            people.append(Person(stem_of(path), "", (path,), plain_file=is_notebook_name(path.name)))
    return people


def _sections(found: Sequence[Path]) -> list[Person]:
    """The same name in two sections is two people."""
    return [
        replace(person, name=f"{section.name}/{person.name}", plain_file=False)
        for section in found
        if section.is_dir() and not section.is_symlink()
        for person in _students(entries(section))
    ]


LAYOUTS = ("students", "sections", *(layout.name for layout in PLATFORMS))


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


def _strays(layout: Layout, level: Sequence[Path]) -> list[Person]:
    """What lies beside a platform's own files and folders."""
    pattern, beside = layout.reads
    return _students([path for path in level if not re.fullmatch(pattern, path.name) and path.name not in beside]) if pattern else []
