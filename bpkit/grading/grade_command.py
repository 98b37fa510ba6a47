"""`bpkit grade`: grades a folder of submissions and writes the reports."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bpkit.errors import CourseError
from bpkit.grading.choices import add_choice_arguments, chosen
from bpkit.grading.collect import Submission, collect
from bpkit.grading.late import add_late_arguments
from bpkit.grading.layouts import is_notebook_name
from bpkit.grading.recognise import LAYOUTS
from bpkit.grading.sandbox import Limits, best_mode, close_spare, launch_ahead, require_bubblewrap, share_processors

if TYPE_CHECKING:
    from bpkit.grading.cluster import Cluster
    from bpkit.grading.grade import Plan

_EXAMPLES = """
examples:
  bpkit grade submissions/ --out graded/        one student per sub-folder or file
  bpkit grade anna.ipynb ben.ipynb --out graded/
  bpkit grade submissions/ --out graded/        again: goes on where it was stopped; what has changed is graded anew
  bpkit grade submissions/ --out graded/ --timeout 180    with other limits, lesson or seed: everybody is graded anew
  bpkit grade submissions/ --out graded/ --cluster tcp://10.0.0.1:8786

Each submission runs in a bubblewrap sandbox: no network, a system that it can only read, a /tmp of its own, limits on time,
memory, processes and files. It sees inputs and never an expected value; what it returns is judged outside.

In DIR: course.html (which exercises and mistakes the class struggles with), feedback/ (a page per student), grades.csv (a line per
student and exercise), summary.csv (points per student), gradescope/ (results.json per student), junit.xml, summary.md (for a CI job),
canvas.csv and moodle.csv (to fill in what these exported: `bpkit report`), grades.sqlite (the journal).
In the CSV files, text that a spreadsheet would take for a formula begins with an apostrophe.
exit code: 0 when every submission got its rows, 2 when grading itself could not run, for all or for some (run it again then).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="notebooks, or folders or zip files of them: as a platform gives them, or one student per sub-folder or file",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="where the grades go; run again on it to go on or to bring it up to date")
    parser.add_argument("--layout", choices=LAYOUTS, help="how the folder is laid out, where it is not seen or can be read in two ways")
    parser.add_argument(
        "--roster",
        metavar="CSV",
        help="who is in the class (name, login, id, email, section; or an export of Canvas or Moodle): names, and who is missing",
    )
    parser.add_argument("--workers", type=_whole, metavar="N", help="submissions at one time (default: one per processor)")
    parser.add_argument("--timeout", type=_positive, default=Limits.seconds, metavar="S", help="seconds for one submission (default: %(default)g)")
    parser.add_argument("--memory", type=_whole, default=Limits.memory, metavar="MB", help="memory of one process (default: %(default)d)")
    parser.add_argument("--lesson", default="", metavar="NN", help="grade this lesson only, and count for it what does not say which lesson it is")
    parser.add_argument("--seed", type=_whole, metavar="N", help="draw the hidden inputs from N (default: a random one, kept in grades.sqlite)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
    parser.add_argument("--cluster", metavar="ADDR", help="grade on the workers of the Dask scheduler at ADDR, e.g. tcp://10.0.0.1:8786")
    parser.add_argument(
        "--cluster-wait", type=_positive, default=300, metavar="S", help="end when the cluster has had no worker for S seconds (default: %(default)g)"
    )
    add_late_arguments(parser)
    add_choice_arguments(parser)
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="run the submissions unprotected, with your rights; every row says so")


def _whole(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number")
    return number


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a number of seconds")
    return number


def run(args: argparse.Namespace) -> int:
    """Grade and report."""
    submissions = collect(args.paths, args.layout or "", Path(args.out), say=lambda words: None if args.quiet else print(words))
    if args.roster:
        from bpkit.grading.roster import NOTHING, named, read_roster

        submissions, strangers = named(submissions, read_roster(Path(args.roster)))
        missing = sum(each.problems == NOTHING for each in submissions)
        if not args.quiet:
            print(f"On the roster: {len(submissions) - len(strangers)}, of whom {missing} handed in nothing.")
        if strangers:
            print(f"Not on the roster: {', '.join(strangers[:10])}{', …' if len(strangers) > 10 else ''}.", file=sys.stderr)
    if args.memory < 256:
        raise CourseError(f"--memory {args.memory} is too little: Python with numpy needs 256 MB")
    workers = args.workers or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    here = not args.unsafe_no_sandbox and args.cluster is None
    if not args.unsafe_no_sandbox:
        require_bubblewrap()
    with _started_ahead(min(workers, len(submissions)) if here else 0):
        return _grade(args, submissions, workers)


@contextmanager
def _started_ahead(sandboxes: int) -> Iterator[None]:
    try:
        share_processors(sandboxes)
        launch_ahead(sandboxes)
        yield
    finally:
        close_spare()


def _grade(args: argparse.Namespace, submissions: list[Submission], workers: int) -> int:
    gc.disable()  # what is imported stays, so that the collector would look through it for nothing
    for library in ("OPENBLAS", "OMP", "MKL"):
        # no array is large here: threads that numpy starts as it loads would only wait, and take processor time for that
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    # imported while the sandboxes start
    from bpkit.exercises import of_lesson
    from bpkit.grading.grade import Plan, bench
    from bpkit.grading.journal import Journal
    from bpkit.grading.override_command import listed
    from bpkit.grading.records import UNSAFE
    from bpkit.grading.reports import write_all
    from bpkit.grading.reports.pages import plural
    from bpkit.grading.whole_class import grade_all

    gc.freeze()
    gc.enable()
    lesson = args.lesson.zfill(2) if args.lesson else ""
    if lesson and not of_lesson(lesson):
        raise CourseError(f"there is no lesson {args.lesson!r} with exercises; see `bpkit exercises`")
    out = Path(args.out)
    with Journal(out) as journal:
        journal.set_lateness(args.due, args.late)
        journal.choose(chosen(args))
        plan = Plan(journal.seed(args.seed), Limits(seconds=args.timeout, memory=args.memory), lesson, args.unsafe_no_sandbox)
        bench(lesson or _likely_lesson(submissions), plan.seed)
        if not args.unsafe_no_sandbox:
            best_mode()
        with _elsewhere(args.cluster, plan, args.cluster_wait) as cluster:
            kept = grade_all(submissions, plan, journal, workers, args.quiet, cluster)
        # a file by itself is somebody of the class, a folder is the class
        journal.attend(submissions, whole_class=any(not is_notebook_name(path) for path in args.paths))
        about = journal.run()
        for word in write_all(about, journal.kept, out, students=journal.there()):
            print(word, file=sys.stderr)
        if not args.quiet:
            counts = ", ".join(f"{count} {status}" for status, count in journal.statuses().most_common())
            print(f"{plural(len(submissions), 'submission')} ({kept} of them graded before): {counts}.")
            if gone := journal.removed():
                names = f"{', '.join(gone[:5])}{', …' if len(gone) > 5 else ''}"
                print(f"{plural(len(gone), 'student')} graded before {'is' if len(gone) == 1 else 'are'} not in this class any more: {names}.")
            if unknown := journal.without_time():
                print(f"When {plural(unknown, 'student')} handed in is not known: nothing was taken off for lateness there.")
            for line in listed(journal, in_doubt_only=True):
                print(f"Set by hand: {line}")
            print(f"The grades are in {out}; hidden inputs drawn from seed {plan.seed}.{f' {UNSAFE}' if not about.sandboxed else ''}")
        handed_in = {submission.student for submission in submissions}
        troubles = [f"{student}: {why}" for student, why in journal.troubles().items() if student in handed_in]
    if troubles:
        whose = plural(len(troubles), "submission")
        raise CourseError(f"{whose} could not be graded through no fault of their own ({troubles[0]}); everybody else has their rows: run it again")
    return 0


def _likely_lesson(submissions: list[Submission]) -> str:
    names = Counter(path.name[:2] for submission in submissions[:100] for path in submission.files if path.name[2:3] == "_")
    return names.most_common(1)[0][0] if names else ""


def _elsewhere(address: str | None, plan: Plan, patience: float) -> AbstractContextManager[Cluster | None]:
    if address is None:
        return nullcontext()
    from bpkit.grading.cluster import cluster

    return cluster(address, plan, patience)
