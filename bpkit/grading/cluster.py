"""Grades on the workers of a Dask cluster what would otherwise be graded here.

A worker is a machine of the staff: it runs a submission in a sandbox of its own and judges it beside that sandbox, with
`grade_handed`, the function that also grades here. Student code meets no more there than here. What travels is what was read of a notebook
on the way out and rows on the way back; files, journal and reports stay here. A result is a function of the submission and the
seed alone, so it does not matter which worker it comes from, or whether a lost worker had already worked on it; each is
taken once, as each future has one result.
"""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bpkit.course.pins import install_command
from bpkit.errors import CourseError
from bpkit.grading.digest import bank_digest
from bpkit.grading.grade import Handed, Plan, close_sandboxes, grade_handed
from bpkit.grading.records import Graded
from bpkit.grading.sandbox import share_processors

_ANSWER, _WORKER = 10, 30  # seconds for the scheduler to answer, then for a first worker to be there
PATIENCE = 300  # seconds that a run waits for a worker when the last one is gone
_LOOK = 2  # seconds from one look at the workers to the next
_FAREWELL = 10  # seconds for the workers to end their sandboxes; one that hangs ends them with itself


@dataclass(frozen=True)
class Cluster:
    """Where to send submissions, and how many at a time keep every worker busy."""

    submit: Callable[[Handed], Future[Graded]]
    threads: int


@contextmanager
def cluster(address: str, plan: Plan, patience: float = PATIENCE) -> Iterator[Cluster]:
    """Connect to a scheduler for the length of a run.

    Parameters
    ----------
    address
        ``tcp://host:port``, or ``tls://host:port`` with the certificates that Dask's configuration names.
    plan
        How to grade.
    patience
        Seconds that the run waits for a worker when none is left.

    Raises
    ------
    CourseError
        If distributed is not installed, the scheduler does not answer, or it has no workers.
    """
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ModuleNotFoundError:
        raise CourseError(f"--cluster needs the package distributed; install it with: {install_command('cluster')}") from None
    for name in ("distributed", "distributed.client"):  # what they would say of lost machines is said here, in a line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        _await_listener(*get_address_host_port(address), time.monotonic() + _ANSWER)
        client = Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, OverflowError, ValueError) as error:
        raise CourseError(
            f"--cluster {address}: no Dask scheduler answers there ({error or type(error).__name__}); expected tcp://host:port"
        ) from None
    # whatever is sent back for another try is graded here, one at a time
    with client, ThreadPoolExecutor(1, thread_name_prefix="grade") as here:
        try:
            client.wait_for_workers(1, timeout=_WORKER)
        except TimeoutError:
            raise CourseError(f"--cluster {address}: the scheduler has no workers; start some with: dask worker {address}") from None
        waiting, over = _Waiting(), threading.Event()
        watch = threading.Thread(target=_watch, args=(client, waiting, over, address, patience), daemon=True)
        watch.start()
        try:
            yield Cluster(_sender(client, plan, here, address, waiting), sum(client.nthreads().values()))
        finally:
            over.set()
            farewell = threading.Thread(target=_end_sandboxes, args=(client,), daemon=True)
            farewell.start()
            farewell.join(_FAREWELL)


def _await_listener(host: str, port: int, deadline: float) -> None:
    """Wait until somebody listens there: a `Client` that finds nobody is never quite gone, and its end can hold up the next one's."""
    while True:
        try:
            socket.create_connection((host, port), timeout=max(deadline - time.monotonic(), 0.1)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


class _Waiting:
    """The answers that are still to come; of those who give one, or give it up, the first is heard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: set[Future[Graded]] = set()

    def add(self, answer: Future[Graded]) -> None:
        with self._lock:
            self._answers.add(answer)

    def take(self, answer: Future[Graded]) -> bool:
        """Whether nobody has taken it before and it is still wanted: who gets True, and nobody else, settles it."""
        with self._lock:
            if answer not in self._answers:
                return False
            self._answers.remove(answer)
            return answer.set_running_or_notify_cancel()

    def give_up(self, error: CourseError) -> None:
        with self._lock:
            answers = list(self._answers)
        for answer in answers:
            if self.take(answer):
                answer.set_exception(error)


def _watch(client, waiting: _Waiting, over: threading.Event, address: str, patience: float) -> None:
    """Say when no worker is left, and give the run up where none comes within `patience` seconds."""
    alone_since: float | None = None
    while not over.wait(_LOOK):
        try:
            workers = len(client.nthreads())
        except Exception:  # the scheduler itself is gone: that is told where its answers are awaited
            continue
        if workers:
            if alone_since is not None:
                print(f"--cluster {address}: there {'is a worker' if workers == 1 else f'are {workers} workers'} again", file=sys.stderr)
            alone_since = None
        elif alone_since is None:
            alone_since = time.monotonic()
            start = f"start some with: dask worker {address}"
            print(f"--cluster {address}: no worker is left; {start}; the run waits {patience:g} s for one (--cluster-wait)", file=sys.stderr)
        elif time.monotonic() - alone_since >= patience:
            told = f"--cluster {address}: no worker was left for {patience:g} s; every row so far is kept: start some with"
            waiting.give_up(CourseError(f"{told}: dask worker {address}, and run it again to go on"))
            return


def _end_sandboxes(client) -> None:
    with suppress(Exception):  # workers that are gone have closed theirs
        client.run(close_sandboxes)


def grade_there(handed: Handed, plan: Plan, bank: str) -> Graded:
    """`grade_handed` on a worker, which must have the exercises that we have.

    Raises
    ------
    CourseError
        If the worker's bpkit is another one, or its sandbox does not start.
    """
    from distributed import get_worker

    if bank_digest() != bank:
        raise CourseError("a worker has another version of bpkit; install the same one everywhere, then run this again")
    share_processors(get_worker().state.nthreads)
    return grade_handed(handed, plan)


def _sender(client, plan: Plan, here: ThreadPoolExecutor, address: str, waiting: _Waiting) -> Callable[[Handed], Future[Graded]]:
    from distributed import KilledWorker

    bank = bank_digest()
    executor = client.get_executor(pure=False)

    def submit(handed: Handed) -> Future[Graded]:
        answer: Future[Graded] = Future()
        waiting.add(answer)
        executor.submit(grade_there, handed, plan, bank).add_done_callback(lambda there: settle(answer, there, handed))
        return answer

    def settle(answer: Future[Graded], there: Future[Graded], handed: Handed) -> None:
        if not waiting.take(answer):
            return
        try:
            answer.set_result(there.result())
        except KilledWorker:
            # several workers died with it under way: chance or not, it has a right to its rows
            again = here.submit(grade_handed, handed, plan)
            again.add_done_callback(lambda done: _pass_on(done, answer))
        except CancelledError:
            lost = CourseError(f"--cluster {address}: the connection was lost; every row so far is kept: run it again to go on")
            answer.set_exception(lost)
        except BaseException as error:
            answer.set_exception(error)

    return submit


def _pass_on(done: Future[Graded], answer: Future[Graded]) -> None:
    if error := done.exception():
        answer.set_exception(error)
    else:
        answer.set_result(done.result())
