"""Works something out once where threads ask for it: who comes second waits for the first, and does not do the same beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def once(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Like `functools.cache`, which lets threads that ask before there is an answer each work it out."""
    kept, turn = cache(function), threading.RLock()

    @wraps(function)
    def asked(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        with turn:
            return kept(*args, **kwargs)  # type: ignore[arg-type]

    return asked
