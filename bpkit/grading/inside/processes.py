"""What the processes of the sandbox need to know of each other's life and death."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from functools import cache
from typing import Any

_PR_SET_PDEATHSIG = 1
_SIGKILL = int(signal.SIGKILL)


@cache
def libc() -> Any:
    """The C library; looked up once, before anything is forked."""
    return ctypes.CDLL(None, use_errno=True)


_prctl = getattr(libc(), "prctl", None)


def die_with_parent() -> None:
    """Be killed when the process that started this one ends (Linux only)."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def open_pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None where there is no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def cpu_seconds(pid: int) -> float:
    """Processor time that a process, its children left out, has used; 0 where it has ended or the system does not tell."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the number of a process's clock on Linux, as in clock_getcpuclockid(3)
    except OSError:
        return 0.0


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"exit {code}"
