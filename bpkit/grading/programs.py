"""The processes behind sandboxes: a program that serves one or several of them, and its copy for each where they are several."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_leaving = threading.Lock()


class Program:
    """A program that serves some sandboxes; with the last of them it ends, and everything that it has started.

    Parameters
    ----------
    command, environment
        How it is started.
    controls
        The open files that it gets, one for each sandbox.
    folder
        Where it works, if there are no walls: then its process group is all that ends what it has started.
    """

    def __init__(
        self, command: Sequence[str], controls: Sequence[int], environment: Mapping[str, str], folder: tempfile.TemporaryDirectory[str] | None
    ) -> None:
        self.served, self._left, self._folder = len(controls), len(controls), folder
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self.process = subprocess.Popen(
            command,
            pass_fds=controls,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env=environment,
            cwd=folder.name if folder else "/",
            start_new_session=True,
        )

    def last_words(self) -> str:
        """The last line that it has written to its standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        self._errors.seek(0)
        lines = self._errors.read(20_000).decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def leave(self) -> None:
        """Say that one of its sandboxes is closed."""
        with _leaving:
            self._left -= 1
            if self._left:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)  # it ends when nobody can send it work any more
        if self.process.poll() is None or self._folder:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._errors.close()
        if self._folder is not None:
            self._folder.cleanup()


class Copy:
    """A program's copy of itself; everything that it has started ends with it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._file = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs, as of `subprocess.Popen`."""
        return 0 if self._ended(0) else None

    def end(self) -> None:
        """Wait until it has ended, as it does when nobody can send it work any more; see to it where it does not."""
        if not self._ended(1):
            signal.pidfd_send_signal(self._file, signal.SIGKILL)
            self._ended(None)
        os.close(self._file)

    def _ended(self, seconds: float | None) -> bool:
        poller = select.poll()
        poller.register(self._file, select.POLLIN)
        return bool(poller.poll(None if seconds is None else 1000 * seconds))


@cache
def can_tell_processes() -> bool:
    """Whether this system has what names a process for as long as it is held, whoever has started it."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return hasattr(signal, "pidfd_send_signal")


def told_by_whom() -> tuple[socket.socket, socket.socket]:
    """A pair of sockets, of which the first is told who writes to the second, where the system tells that."""
    mine, theirs = socket.socketpair()
    if hasattr(socket, "SO_PASSCRED"):
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return mine, theirs


def first_word(mine: socket.socket, seconds: float) -> int:
    """Wait until somebody writes to the other one of a pair; who it is, as this process counts processes, or 0 where the system does not tell.

    Raises
    ------
    OSError
        If nobody does.
    """
    mine.settimeout(seconds)
    word, told, _, _ = mine.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
    if not word:
        raise ConnectionError("nobody is there any more")
    return next((_CREDENTIALS.unpack(body)[0] for _, kind, body in told if kind == getattr(socket, "SCM_CREDENTIALS", None)), 0)
