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
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tqdm import tqdm

from bpkit.course.pins import install_command
from bpkit.errors import CourseError
from bpkit.grading.digest import bank_digest
from bpkit.grading.grade import Handed, Plan, close_sandboxes, grade_handed
from bpkit.grading.records import Graded
from bpkit.grading.sandbox import share_processors

_ANSWER, _WORKER = 10, 30  # seconds for the scheduler to answer, then for a first worker to be there
_LOOK, _GRACE = 1, 5  # seconds from look to look for workers; until it is told that there are none, as one may be on its way back
_FAREWELL = 10  # seconds for the workers to end their sandboxes; one that hangs ends them with itself


@dataclass(frozen=True)
class Cluster:
    """Where to send submissions, and how many at a time keep every worker busy."""

    submit: Callable[[Handed], Future[Graded]]
    threads: int


@contextmanager
def cluster(address: str, plan: Plan, patience: float = 300) -> Iterator[Cluster]:
    """Connect to a scheduler for the length of a run.

    Parameters
    ----------
    address
        ``tcp://host:port``, or ``tls://host:port`` with the certificates that Dask's configuration names.
    plan
        How to grade.
    patience
        Seconds without any worker after which the run ends.

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
        pending: set[Future[Graded]] = set()
        ended = threading.Event()
        watch = threading.Thread(target=_watch, args=(client.nthreads, address, patience, pending, ended), daemon=True)
        watch.start()
        try:
            yield Cluster(_sender(client, plan, here, address, pending), sum(client.nthreads().values()))
        finally:
            ended.set()
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


def _watch(workers: Callable[[], object], address: str, patience: float, pending: set[Future[Graded]], ended: threading.Event) -> None:
    """Tell that no worker is left; when none comes, end what is waited for. The scheduler would keep it for ever, without a word."""
    last, told = time.monotonic(), False
    while not ended.wait(min(_LOOK, patience)):
        try:
            there = bool(workers())
        except Exception:  # a lost scheduler is told by what it loses
            continue
        without = time.monotonic() - last
        if there:
            last, told = time.monotonic(), False
        elif without >= patience:
            why = f"no worker came in {patience:g} s (--cluster-wait); every row so far is kept: run it again with some, dask worker {address}"
            for answer in list(pending):
                with suppress(InvalidStateError):
                    answer.set_exception(CourseError(f"--cluster {address}: {why}"))
        elif without >= _GRACE and not told:
            told = True
            tqdm.write(
                f"--cluster {address}: no worker is left; start some with: dask worker {address} (ends in {patience - without:.0f} s)", sys.stderr
            )


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


def _sender(client, plan: Plan, here: ThreadPoolExecutor, address: str, pending: set[Future[Graded]]) -> Callable[[Handed], Future[Graded]]:
    from distributed import KilledWorker

    bank = bank_digest()
    executor = client.get_executor(pure=False)

    def submit(handed: Handed) -> Future[Graded]:
        answer: Future[Graded] = Future()
        pending.add(answer)
        answer.add_done_callback(pending.discard)
        executor.submit(grade_there, handed, plan, bank).add_done_callback(lambda there: settle(answer, there, handed))
        return answer

    def settle(answer: Future[Graded], there: Future[Graded], handed: Handed) -> None:
        if answer.done():
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
