"""Records and reports a made-up class, and prints what each part takes: seconds, those of the processor, memory, room on disk.

    python benchmarks/reports.py [STUDENTS]

"all" is what a first run writes, in a folder of its own. No code is run and nothing is judged: this is what the coordinator does
besides, for classes too large to be graded on this machine.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from grading_rows import a_class

from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.reports import canvas, course_page, feedback_pages, file_names, gradescope, job_summary, junit, moodle, spreadsheets, write_all
from bpkit.grading.reports.class_figures import class_figures

AT_ONCE = 1000  # students made up at a time


def _renamed(submission: Graded, number: int) -> Graded:
    name = f"s{number:06}"
    rows = tuple(replace(row, student=name) for row in submission.rows)
    return replace(submission, student=name, rows=rows, key="made up", lessons=("05",), sandbox="nested")


def _size(place: Path) -> float:
    if not place.exists():
        return 0.0
    return sum(path.stat().st_size for path in ([place] if place.is_file() else place.iterdir())) / 1e6


def main() -> int:
    """Record, report, print."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"{students:,} students, lesson 05\n\n{'':<16}{'seconds':>8}{'processor':>11}{'peak MB':>9}{'MB on disk':>12}")
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        out = Path(folder)

        def step(name: str, work: Callable[[], object]) -> None:
            began, used = perf_counter(), process_time()
            work()
            lasted, used, peak = perf_counter() - began, process_time() - used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name:<16}{lasted:>8.1f}{used:>11.1f}{peak:>9.0f}{_size(out / name):>12.1f}", flush=True)

        def record() -> None:
            for first in range(0, students, AT_ONCE):
                for k, submission in enumerate(a_class(min(AT_ONCE, students - first), seed=first, lessons=("05",))):
                    journal.add(_renamed(submission, first + k))

        step("grades.sqlite", record)
        run, read = journal.run(), journal.submissions
        names = file_names(submission.student for submission in read())
        step("grades.csv", lambda: spreadsheets.write_grades(read(), out))
        step("summary.csv", lambda: spreadsheets.write_summary(read(), out))
        step("feedback", lambda: feedback_pages.write(run, read(), out, names))
        step("gradescope", lambda: gradescope.write(run, read(), out, names))
        totals = junit.Totals()
        for submission in read():
            totals.add(submission)
        step("junit.xml", lambda: junit.write(read(), totals, out))
        step("course.html", lambda: course_page.write(run, class_figures(read()), out, names))
        step("summary.md", lambda: job_summary.write(run, read, out))
        step("canvas.csv", lambda: canvas.write(read(), out, None))
        step("moodle.csv", lambda: moodle.write(read(), out, None))

        def one_more() -> None:
            journal.add(_renamed(a_class(1, seed=students, lessons=("05",))[0], 0))
            write_all(run, journal.kept, out / "all", students=journal.there())

        step("all", lambda: write_all(run, journal.kept, out / "all", students=journal.there()))
        step("one changed", one_more)
    return 0


if __name__ == "__main__":
    sys.exit(main())
