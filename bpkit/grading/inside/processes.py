"""What the processes of the sandbox need to know of each other's life and death."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Any

_PR_SET_PDEATHSIG = 1


def libc_of_this_process() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    libc = libc_of_this_process()
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def open_pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def how_it_ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
