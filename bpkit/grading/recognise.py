"""Who handed in what, in a folder as it comes: one or several downloads of a platform, sections, or a folder or file per student."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.archives import BadArchive, unpacked
from bpkit.grading.layouts import PLATFORMS, Layout, Person, entries, is_hand_in_name, is_notebook_name, of_a_lesson, stem_of
from bpkit.grading.notebooks import says_what_it_is

LAYOUTS = ("students", "sections", *(layout.name for layout in PLATFORMS))
_STUDENTS = "one sub-folder or file per student"
_CHOICE = "say --layout sections or --layout students"
_CROWD = 4  # so many folders with notebooks of one name, or so many notebooks, are no longer one person's copies
_DEEPEST = 4  # folders with nothing but another in them that are gone through


@dataclass(frozen=True)
class Recognised:
    """How a folder is laid out.

    Parameters
    ----------
    folder
        Which.
    words
        How the layout is said.
    people
        Who handed in what.
    left_out
        The files that lie beside and are nobody's.
    """

    folder: Path
    words: str
    people: list[Person]
    left_out: list[Path]


def recognised(folder: Path, forced: str = "", leave_out: Path | None = None) -> list[Recognised]:
    """How a folder is laid out and who handed in what: several where it holds several downloads.

    Raises
    ------
    CourseError
        If it cannot be read, is not laid out as `forced` says, or can be read in two ways.
    """
    found = [path for path in entries(folder) if leave_out is None or path.resolve() != leave_out.resolve()]
    if forced == "sections":
        while len(places := [path for path in found if _is_place(path)]) == 1 and any(map(_people_in, filter(_is_place, _in(places[0])))):
            found = _in(places[0])
        return [_sections(folder, found)]
    if forced == "students":
        return [_of_students(folder, found)]
    layouts = tuple(layout for layout in PLATFORMS if forced in ("", layout.name))
    if downloads := _downloads(folder, found, layouts, bool(forced)):
        return downloads
    if forced:
        raise CourseError(f"{folder} does not look like a {layouts[0].words}; `--layout` takes one of: {', '.join(LAYOUTS)}")
    return [_seen(folder, found)]


# ---- downloads of a platform -----------------------------------------------------------------------------------------


def _downloads(folder: Path, found: Sequence[Path], layouts: Sequence[Layout], forced: bool) -> list[Recognised]:
    """The folder as a platform's download, or as several side by side, as folders or zip files; none where it is neither."""
    if whole := _download(folder, found, layouts, forced):
        return [whole]
    # the folder of one person may hold a file as a platform names it, or repositories of several assignments
    layouts = [layout for layout in layouts if layout.name != "classroom" or forced]
    inside = {place: seen for place in found if _is_place(place) and (seen := _download(place, _in(place), layouts, forced))}
    if not any(len(seen.people) > 1 for seen in inside.values()):
        return []
    others = _of_students(folder, [path for path in found if path not in inside])
    return [*inside.values(), *([others] if others.people else [])]


def _download(folder: Path, found: Sequence[Path], layouts: Sequence[Layout], forced: bool) -> Recognised | None:
    for level in _levels(found):
        for layout in layouts:
            if level and (people := layout.read(level, forced)):
                beside = _of_students(folder, layout.strays(level))
                return Recognised(folder, layout.words, [*people, *beside.people], beside.left_out)
    return None


def _levels(found: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """What lies in a folder, and again what lies in the one folder or zip file that is all there is."""
    for _ in range(_DEEPEST):
        yield found
        places = [path for path in found if path.is_dir() or is_hand_in_name(path.name)]
        if len(places) != 1 or not _is_place(places[0]):
            return
        found = _in(places[0])


# ---- folders of people -----------------------------------------------------------------------------------------------


def _seen(folder: Path, found: Sequence[Path]) -> Recognised:
    """Sections, or students, perhaps in one folder more."""
    places = [path for path in found if path.is_dir() or is_hand_in_name(path.name)]
    if len(places) == 1 and _is_place(places[0]) and _people_in(places[0], alone=True):
        within = _seen(places[0] if places[0].is_dir() else folder, _in(places[0]))
        return replace(within, words=f"folder in a folder, {within.words.removeprefix('folder in a folder, ')}")
    holding, plain = _kinds(found)
    if holding and plain:
        raise CourseError(
            f"{folder} can be read in two ways: {holding[0].name} is a section with a folder per student, or one student with copies "
            f"in several folders, while {plain[0].name} is a student; {_CHOICE}"
        )
    if len(holding) > 1 and len({frozenset(_folders(path)) for path in holding}) == 1 and len(_folders(holding[0])) > 1:
        first, second, *_ = sorted(_folders(holding[0]))
        raise CourseError(
            f"{folder} can be read in two ways: {holding[0].name} is a section with the students {first} and {second}, or a student with the "
            f"folders of these names, as all others have them; {_CHOICE}"
        )
    if len(holding) > 1:
        return _sections(folder, found)
    if flat := _flat_sections(found):
        first, second, *_ = sorted(_own_notebooks(flat[0]))
        raise CourseError(
            f"{folder} can be read in two ways: {flat[0].name} is a section with the students {stem_of(Path(first))} and {stem_of(Path(second))}, "
            f"or a student with several notebooks; {_CHOICE}"
        )
    return _of_students(folder, found)


def _kinds(found: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """What looks like a section; and, where anything does, what holds notebooks and cannot be one.

    Where somebody has a notebook outside of all folders, everybody is a student, unless a folder holds too many for one.
    """
    people = {path: _people_in(path) for path in found if _is_place(path)}
    holding = [path for path, count in people.items() if count]
    plain = [path for path in found if path not in holding and (is_notebook_name(path.name) or (path in people and _notebooks(path)))]
    loose = any(path not in people or _own_notebooks(path) for path in plain)
    return ([], []) if loose and not any(count >= _CROWD for count in people.values()) else (holding, plain)


def _flat_sections(found: Sequence[Path]) -> list[Path]:
    """The folders that may be sections with a notebook per student: each has several, of other names than a lesson's and than each other's."""
    own = {path: names for path in found if _is_place(path) and (names := _own_notebooks(path))}
    several = all(len(names) > 1 and not any(map(of_a_lesson, names)) for names in own.values())
    return list(own) if len(own) > 1 and several and len({frozenset(names) for names in own.values()}) > 1 else []


def _people_in(place: Path, alone: bool = False) -> int:
    """How many people a folder, or a zip file, seems to hold; 0 where it seems to be one's own.

    Two of its folders have notebooks of one name, or of names that are no lesson's. Zip files in it count where it is `alone`, or where they are
    many: one person's may be attempts.
    """
    found = _in(place)
    inside = [path for path in found if _is_place(path)]
    if len(inside) == 1 and not _own_notebooks(place):
        return _people_in(inside[0], alone)
    folders = [path for path in inside if path.is_dir()]
    children = inside if alone or len(inside) - len(folders) >= _CROWD else folders
    names = [each for child in children if (each := _notebooks(child))]
    foreign = len(names) > 1 and not any(of_a_lesson(name) for each in names for name in each)
    if not foreign and not any(one & other for k, one in enumerate(names) for other in names[:k]):
        return 0
    crowd = len(names) >= _CROWD or any(_people_in(child) >= _CROWD for child in children)
    return 0 if _own_notebooks(place) and not crowd else len(names)


def _sections(folder: Path, found: Sequence[Path]) -> Recognised:
    """The same name in two sections is two people. Files beside the sections are as in a folder of students."""
    people = []
    for section in found:
        if _is_place(section):
            inside = _in(section)
            while len(inside) == 1 and _is_place(inside[0]) and _people_in(inside[0]):
                inside = _in(inside[0])
            name = section.name if section.is_dir() else section.stem
            people += [replace(person, name=f"{name}/{person.name}", plain_file=False) for person in _of_students(section, inside).people]
    others = _of_students(folder, [path for path in found if not _is_place(path)])
    return Recognised(folder, "sections", [*people, *others.people], others.left_out)


def _of_students(folder: Path, found: Sequence[Path]) -> Recognised:
    """A person for each folder, and for all files of one name."""
    whose: dict[tuple[bool, str], list[Path]] = defaultdict(list)
    for path in found:
        whose[path.is_dir(), path.name if path.is_dir() else stem_of(path)].append(path)
    people, left_out = [], []
    for (_, name), places in whose.items():
        if any(path.is_dir() or path.is_symlink() or is_hand_in_name(path.name) or says_what_it_is(path) for path in places):
            notebooks = [path for path in places if is_notebook_name(path.name) and not path.is_dir()]
            others = [path for path in places if path not in notebooks]
            plain = bool(notebooks) and not any(path.is_dir() or path.is_symlink() or path.suffix.lower() == ".zip" for path in places)
            people.append(Person(name, "", (*notebooks, *others), plain_file=plain))
        else:
            left_out += places
    return Recognised(folder, _STUDENTS, people, left_out)


# ---- folders and zip files -------------------------------------------------------------------------------------------


def _opened(path: Path) -> Path:
    return unpacked(path.resolve()) if path.suffix.lower() == ".zip" and path.is_file() else path


def _is_place(path: Path) -> bool:
    """Whether it is a folder, or a zip file that opens."""
    try:
        return not path.is_symlink() and _opened(path).is_dir()
    except BadArchive:
        return False


def _in(place: Path) -> list[Path]:
    try:
        return entries(_opened(place))
    except (BadArchive, CourseError):
        return []


def _folders(place: Path) -> set[str]:
    return {path.name for path in _in(place) if path.is_dir()}


def _own_notebooks(place: Path) -> set[str]:
    """The names of the notebooks that lie in a folder or zip file outside of all folders."""
    return {path.name for path in _in(place) if is_notebook_name(path.name) and not path.is_dir()}


def _notebooks(place: Path) -> set[str]:
    """The names of all notebooks below."""
    return {path.name for path in _opened(place).rglob("*") if is_notebook_name(path.name)}
