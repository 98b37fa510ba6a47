"""Oversees one submission: the first process of its pid namespace, which runs none of its code."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import socket
import time
import types
from typing import Any

from .processes import cpu_seconds, die_with_parent, how_it_ended, open_pidfd
from .progress import Progress
from .runner import Runner
from .task import Prepared, Task
from .wire import FRAME, MAX_NOTES, MAX_PAYLOAD, NOTES, SUMMARY, Job, frame, read_exactly, send

MAX_RESTARTS = 20
_TICK = 50  # milliseconds between two looks at what wakes nobody
_PIPE = 1 << 15  # bytes after which a pipe may have been full
GRACE = 0.5  # seconds that the hard limits wait beyond the soft ones


class Init:
    """Oversees one submission: never runs its code, and sends what its processes wrote."""

    def __init__(self, link: socket.socket, job: Job, alone: bool, running: types.ModuleType, page: mmap.mmap, prepared: Prepared) -> None:
        own = read_exactly(link, FRAME.unpack(read_exactly(link, FRAME.size))[1])
        self.link, self.page = link, page
        vars(running)["PATIENCE"] *= job["crowding"]  # this process and those below it serve one submission
        self.task = Task(own, prepared.work, job, alone, running, prepared.parts, time.monotonic() + job["seconds"], prepared.given)
        self.killed: list[dict[str, Any]] = []  # statements that the runner did not survive

    def run(self) -> None:
        for _ in range(MAX_RESTARTS):
            if self._run_once() or not self.task.left():
                break
        send(self.link, SUMMARY, {"killed": self.killed, "complete": not self.task.left(), "late": time.monotonic() > self.task.deadline})

    def _run_once(self) -> bool:
        """Start a runner and see it through; whether there is nothing left to do."""
        progress = Progress(self.page, self.task.count)
        pipes = {slot: os.pipe() for slot in self.task.left()}
        pipes[NOTES] = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setpgid(0, 0)
                die_with_parent()
                self.link.close()
                for reader, _ in pipes.values():
                    os.close(reader)
                Runner(self.task, progress, {slot: writer for slot, (_, writer) in pipes.items()}).run()
            finally:
                os._exit(1)
        readers = {}
        for slot, (reader, writer) in pipes.items():
            os.close(writer)
            os.set_blocking(reader, False)
            readers[slot] = reader
        try:
            how, (_, cell, statement, slot) = self._oversee(pid, progress, readers)
        finally:
            for reader in readers.values():
                os.close(reader)
        if how in ("finished", "late"):
            return True
        if slot >= 0:
            # the exercise took the runner along: that is what became of it
            if slot not in self.task.sent:
                send(self.link, slot, json.dumps({"ended": how}).encode())
                self.task.sent.add(slot)
            return False
        self.killed.append({"cell": cell, "statement": statement, "how": how})
        if (cell, statement) in self.task.skip or cell < 0:
            return True  # it died where nothing of the submission runs: no use trying again
        self.task.skip.add((cell, statement))
        return False

    def _oversee(self, pid: int, progress: Progress, readers: dict[int, int]) -> tuple[str, tuple[int, int, int, int]]:
        """Collect what the runner's processes write until it ends, stalls, or the submission's time is up."""
        written: dict[int, bytearray] = {slot: bytearray() for slot in readers}
        poller = select.poll()
        watched = open_pidfd(pid)
        # what an exercise writes fits into its pipe, so that nobody has to be woken for it; a note wakes this process
        for fd in (readers[NOTES], self.link.fileno(), *([] if watched is None else [watched])):
            poller.register(fd, select.POLLIN)
        ended, tick = None, _TICK
        seen, since, used, limit, patience = None, 0.0, 0.0, 0.0, 0.0
        while ended is None:
            for fd, _ in poller.poll(tick):
                if fd == self.link.fileno():
                    os._exit(1)  # the grader says no more: it has hung up
                elif fd == readers[NOTES] and not self._collect(fd, written[NOTES], NOTES):
                    poller.unregister(fd)
            before = sum(map(len, written.values()))
            for slot in readers.keys() - self.task.sent - {NOTES}:
                self._collect(readers[slot], written[slot], slot)
            # one that fills its pipe waits for this process: then look again at once
            tick = 1 if sum(map(len, written.values())) > before + _PIPE else _TICK
            ended = self._reap(pid)
            now, place = time.monotonic(), progress.get()
            full = [slot for slot in progress.full() if slot not in self.task.sent and slot in readers]
            for slot in full:
                self._collect(readers[slot], written[slot], slot)
                since = now
            if full:  # all at once, as each word wakes the grader
                self.link.sendall(b"".join(frame(slot, bytes(written[slot])) for slot in full))
                self.task.sent.update(full)
            if place != seen:
                limit = self.task.limits["cell_seconds"] if place[0] == Progress.CELLS else self.task.limits["exercise_seconds"]
                seen, since, used, patience = place, now, cpu_seconds(pid), self.task.patience(limit)
            if ended == "finished" and place[0] != Progress.FINISHED:
                ended = "exit 0"
            elif ended is None and now > self.task.deadline:
                self._kill(pid)
                ended = "late"
            elif ended is None:
                lasts, computes = now - since - GRACE, cpu_seconds(pid) - used - GRACE
                if lasts > 1.25 * patience or computes > 1.25 * limit:
                    self._kill(pid)
                    ended = "stalled"
        if watched is not None:
            os.close(watched)
        self._collect(readers[NOTES], written[NOTES], NOTES)
        send(self.link, NOTES, bytes(written[NOTES]))
        return ended, progress.get()

    def _collect(self, fd: int, into: bytearray, number: int) -> bool:
        """Read what a pipe holds, up to its limit; whether there may be more."""
        most = MAX_NOTES if number == NOTES else MAX_PAYLOAD
        try:
            while len(into) <= most:
                piece = os.read(fd, 1 << 16)
                if not piece:
                    return False
                into += piece
        except BlockingIOError:
            return True
        return False

    def _reap(self, runner: int) -> str | None:
        """Reap whatever has ended; how the runner ended, if it did."""
        ended = None
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            if pid == runner:
                code = os.waitstatus_to_exitcode(status)
                ended = "finished" if code == 0 else how_it_ended(code)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.task.alone:
                os.kill(-1, signal.SIGKILL)  # everything in this pid namespace but its first process
            else:
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
