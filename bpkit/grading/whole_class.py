"""Grades many submissions at a time, into a journal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, Any

from bpkit.errors import CourseError
from bpkit.grading.collect import Submission
from bpkit.grading.grade import Handed, Plan, at_fault, close_sandboxes, grade_handed, read_submission, refuse
from bpkit.grading.journal import Journal, Unkeepable
from bpkit.grading.records import Graded

if TYPE_CHECKING:
    from bpkit.grading.cluster import Cluster


def grade_all(submissions: list[Submission], plan: Plan, journal: Journal, workers: int, quiet: bool = True, cluster: Cluster | None = None) -> int:
    """Grade what the journal does not have, here or on a cluster; return how many it had."""
    kept = 0
    unplaced: list[Handed] = []
    with _progress(len(submissions), quiet) as bar:
        for answer in _results(submissions, plan, journal, workers, cluster):
            if isinstance(answer, Graded):
                _record(answer, plan, journal)
            elif isinstance(answer, Handed):
                unplaced.append(answer)
                continue
            else:
                kept += 1
            bar.update()
        # whoever handed in nothing that runs gets the rows of the lesson that the class handed in
        lessons = [plan.lesson] if plan.lesson else journal.lessons()[:1]
        for handed in unplaced:
            _record(refuse(handed, lessons, plan), plan, journal)
            bar.update()
    return kept


def _record(graded: Graded, plan: Plan, journal: Journal) -> None:
    """Put a hand-in into the journal; where the journal cannot hold it, that it could not be graded."""
    try:
        journal.add(graded)
    except Unkeepable as error:
        journal.add(refuse(at_fault(Handed(graded.student, graded.key, {}, ()), error), graded.lessons, plan))


def _results(
    submissions: Iterable[Submission], plan: Plan, journal: Journal, workers: int, cluster: Cluster | None
) -> Iterator[Graded | Handed | None]:
    """Each submission graded, or as read where it cannot be run, or None where the journal has it; in any order.

    Only a few are under way at a time, so that memory does not grow with the class.
    """
    queue = iter(submissions)
    most = 2 * max(workers, cluster.threads if cluster else 0)
    under_way: dict[Future[Any], Handed] = {}  # of Handed or Graded; and whose
    with ThreadPoolExecutor(workers, thread_name_prefix="grade") as pool:
        try:
            while True:
                for submission in islice(queue, most - len(under_way)):
                    under_way[pool.submit(read_submission, submission, plan)] = Handed(submission.student, "", {}, submission.problems)
                if not under_way:
                    return
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    handed = under_way.pop(future)
                    answer = _answer(future, handed, plan)
                    if isinstance(answer, Handed) and journal.has(answer.student, answer.key):
                        yield None
                    elif isinstance(answer, Handed) and answer.notebooks:
                        under_way[cluster.submit(answer) if cluster else pool.submit(grade_handed, answer, plan)] = answer
                    else:
                        yield answer
        finally:
            for future in under_way:
                future.cancel()
            close_sandboxes()  # where the run is given up, this ends what is under way


def _answer(future: Future[Any], handed: Handed, plan: Plan) -> Graded | Handed:
    """What became of a submission; where that is an error of ours, rows that say so, and nobody else is held up."""
    try:
        return future.result()
    except CourseError:  # the machine's, not this submission's
        raise
    except Exception as error:
        failed = at_fault(handed, error)
        return refuse(failed, tuple(handed.notebooks), plan) if handed.notebooks else failed


class _Silent:
    """A progress bar that nobody sees."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self) -> None:
        pass


def _progress(total: int, quiet: bool) -> Any:
    if quiet:
        return _Silent()
    from tqdm import tqdm

    return tqdm(total=total, unit=" submissions", smoothing=0.1, dynamic_ncols=True, file=sys.stderr)
