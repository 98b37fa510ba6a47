"""Where the course's files lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.language import SOURCE, language

WORKED = "worked.json"  # the file of worked solutions
_SLUG = re.compile(r"\d\d_[a-z0-9_]+")


@dataclass(frozen=True)
class Course:
    """The folders of one course.

    Parameters
    ----------
    lessons
        Student notebooks, ``NN_slug.ipynb``.
    slides
        Deck sources, ``NN_slug.py``.
    solutions
        Lesson sources and solved notebooks; None in an installed wheel, which does not carry them.
    worked
        The file of worked solutions, lesson → name → code; None where staff have left it out.
    """

    lessons: Path
    slides: Path
    solutions: Path | None = None
    worked: Path | None = None

    @classmethod
    def at(cls, root: Path) -> Course:
        """The course in the checkout at `root`."""
        return cls(root / "lessons", root / "slides", root / "solutions", root / "solutions" / WORKED)

    def edition(self, code: str) -> Course:
        """The same course in a language: its notebooks lie in folders of their own below the English ones."""
        if code == SOURCE:
            return self
        solutions = self.solutions / code if self.solutions else None
        worked = self.worked.with_name(code) / self.worked.name if self.worked else None
        return Course(self.lessons / code, self.slides, solutions, worked)


def find_course() -> Course:
    """The course that this installation of bpkit belongs to.

    Raises
    ------
    CourseError
        If neither a checkout nor the wheel's own copy is there; the message names both places.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "lessons").is_dir():
        return Course.at(checkout)
    inside = package / "_course"
    if inside.is_dir():
        worked = inside / WORKED
        return Course(inside / "lessons", inside / "slides", worked=worked if worked.is_file() else None)
    raise CourseError(
        f"no lessons found: neither {checkout / 'lessons'} (a checkout) nor {inside} (an installed wheel) is there; install bpkit again"
    )


def course_spoken() -> Course:
    """The course in the reader's language, where it is there in that."""
    course = find_course()
    other = course.edition(language())
    return other if other.lessons.is_dir() else course


def files_of(folder: Path, suffix: str, wanted: Sequence[str] = ()) -> list[Path]:
    """The lesson files of a folder in course order, all of them or only those wanted.

    Parameters
    ----------
    folder, suffix
        Where to look, and ``".py"`` or ``".ipynb"``.
    wanted
        Lesson numbers (``"05"``, ``"5"``), slugs (``"05_propagating_the_error"``) or paths that end in one.

    Raises
    ------
    CourseError
        If a wanted lesson is not there; the message lists those that are.
    """
    found = sorted(path for path in folder.glob(f"*{suffix}") if _SLUG.fullmatch(path.stem))
    if not wanted:
        return found
    by_name = {path.stem: path for path in found} | {path.stem[:2]: path for path in found}
    chosen = set()
    for word in wanted:
        name = Path(word).stem
        name = name.zfill(2) if name.isdigit() else name
        if name not in by_name:
            there = ", ".join(path.stem for path in found) or "none"
            raise CourseError(f"no lesson {word!r} in {folder}; there are: {there}")
        chosen.add(by_name[name])
    return sorted(chosen)
