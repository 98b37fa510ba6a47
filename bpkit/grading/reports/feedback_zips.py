"""Packs the students' pages as Moodle and Canvas take them back: each finds whose a page is by the numbers in its name."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded, Run
from bpkit.grading.reports import moodle
from bpkit.grading.reports.feedback_pages import page
from bpkit.grading.reports.rosters import Roster, listed

# Moodle's download: name, number of the participant, plugin. In its upload the number has to stand behind the first underscore.
_MOODLE = re.compile(r"(?:^|/)([^/]*?)_(\d+)_assignsubmission_")
# Canvas's download: person, _LATE, number of the person, number of the file, name of the file. Its upload goes by the first two numbers.
_CANVAS = re.compile(r"(?:^|/)([^_/]+)(?:_LATE)?_(\d+)_(\d+)_[^/]+$")


def write_moodle(run: Run, read: Callable[[], Iterable[Graded]], out: Path, roster: Roster | None = None) -> list[str]:
    """Write ``moodle-feedback.zip`` for "Upload multiple feedback files in a zip"; return what somebody should look at.

    Parameters
    ----------
    run, read, out
        As in `write_all`.
    roster
        A grading worksheet, which tells the numbers of those whose folder does not.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    numbers = {submission.student: _found(_MOODLE, submission) for submission in read()}
    rows = moodle.participants([student for student, found in numbers.items() if found is None], roster) if roster else {}
    folders = {}
    for student, found in numbers.items():
        name, number = found.groups() if found else rows.get(student, ("", ""))
        if number:
            plain = " ".join(re.sub(r"[\x00-\x1f_/\\:*?\"<>|]", " ", name).split()) or "Participant"
            folders[student] = f"{plain}_{number}_assignsubmission_file_/feedback.html"
    hint = "" if roster else "; a grading worksheet tells them: --moodle CSV"
    return _pack(run, read, out / "moodle-feedback.zip", folders, lambda path: path.split("_")[1], f"no number of a participant in Moodle{hint}")


def write_canvas(run: Run, read: Callable[[], Iterable[Graded]], out: Path) -> list[str]:
    """Write ``canvas-comments.zip`` for "Upload Submissions"; return what somebody should look at.

    Canvas takes a page only for a file that was handed in, which it knows by the number in the name that a download gives it, and shows the
    page under that file's name.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    files = {}
    for submission in read():
        if found := _found(_CANVAS, submission):
            person, number, attachment = found.groups()
            files[submission.student] = f"{'student' if person.isdigit() else person}_{number}_{attachment}_feedback.html"
    return _pack(run, read, out / "canvas-comments.zip", files, lambda name: name.split("_")[1], "no name that a download from Canvas has")


def _found(pattern: re.Pattern[str], submission: Graded) -> re.Match[str] | None:
    names = (submission.student, *submission.file.split(", "))
    return next((found for name in names if (found := pattern.search(name))), None)


def _pack(run: Run, read: Callable[[], Iterable[Graded]], path: Path, names: dict[str, str], whose: Callable[[str], str], lacking: str) -> list[str]:
    sharing = Counter(map(whose, names.values()))
    twice = [student for student, name in names.items() if sharing[whose(name)] > 1]
    without: list[str] = []

    def pages() -> Iterator[tuple[str, str]]:
        for submission in read():
            if submission.student not in names:
                without.append(submission.student)
            elif submission.student not in twice:
                yield names[submission.student], page(run, submission)

    count = _write(path, pages())
    notes = [f"{path.name} has {count} {'page' if count == 1 else 'pages'}"]
    if without:
        notes.append(f"{path.name} lacks {listed(without)}: {lacking}")
    if twice:
        notes.append(f"{path.name} lacks {listed(twice)}: several submissions have one number")
    return notes


def _write(path: Path, files: Iterable[tuple[str, str]]) -> int:
    """Put a zip in place at once; the same files give the same bytes."""
    partial = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files:
                count += 1
                entry = zipfile.ZipInfo(name)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, text.encode("utf-8", "replace"))
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise CourseError(f"cannot write {path}: {error.strerror}") from error
    return count
