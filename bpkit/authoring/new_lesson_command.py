"""`bpkit new-lesson`: write the skeletons of a lesson, which build and pass the tests but for a list of what is still missing."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from bpkit.authoring.build import write_if_changed
from bpkit.authoring.catalogues import editions, leave_for_later
from bpkit.authoring.source import shown
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError
from bpkit.language import SOURCE

_TEMPLATES = Path(__file__).parent / "templates" / "lesson"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("number", metavar="NN", help="the number after the last lesson's")
    parser.add_argument("slug", help="what its files are called, e.g. update_rules; figure and widget take this name, too")


def run(args: argparse.Namespace) -> int:
    """Write every file, or none; a line for each."""
    course = find_course()
    if course.solutions is None or not course.solutions.is_dir():
        raise CourseError("no lesson sources here: an installed bpkit carries the lessons only; clone the repository to add one")
    root = course.solutions.parent
    number = _number(args.number, [path.stem[:2] for path in files_of(course.solutions, ".py")])
    slug = _slug(args.slug, root)
    files = _skeletons(root, number, slug)
    for path in files:
        if path.exists():
            raise CourseError(f"{shown(path)} is there already; nothing was written")
    for path, text in files.items():
        write_if_changed(path, text)
        print(shown(path))
    builds = [f"bpkit build {number}"]
    for language in editions(course):
        if language != SOURCE:
            leave_for_later(course, language, [f"{part}_{number}" for part in ("lesson", "deck", "bank")])
            builds.append(f"bpkit build --language {language} {number}")
    todo = shown(course.solutions / f"{number}_{slug}.todo")
    print(f"next: {' and '.join(builds)}; then {todo} says what is missing, and CONTRIBUTING.md how it goes on")
    return 0


def _number(word: str, there: list[str]) -> str:
    expected = f"{max(map(int, there), default=-1) + 1:02d}"
    if not re.fullmatch(r"[0-9]{1,2}", word) or word.zfill(2) != expected:
        raise CourseError(f"found the number {word[:40]!r}, expected {expected}, the one after the last lesson's")
    return expected


def _slug(word: str, root: Path) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", word) or keyword.iskeyword(word):
        raise CourseError(f"found the name {word[:40]!r}, expected small letters, digits and underscores, such as update_rules")
    for path in sorted((root / "bpkit" / "plots").glob("_*.py")):
        if re.search(rf"^(?:def|class) {word}\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            raise CourseError(f"{shown(path)} has a figure that is called {word} already; nothing was written")
    return word


def _skeletons(root: Path, number: str, slug: str) -> dict[Path, str]:
    words = {"NN": number, "SLUG": slug, "CLASS": slug.title().replace("_", ""), "TITLE": slug.replace("_", " ").capitalize()}
    name = re.compile("|".join(words))

    def filled(text: str) -> str:
        return name.sub(lambda found: words[found[0]], text)

    return {
        root / filled(str(path.relative_to(_TEMPLATES)).removesuffix(".txt")): filled(path.read_text(encoding="utf-8"))
        for path in sorted(_TEMPLATES.rglob("*.txt"))
    }
