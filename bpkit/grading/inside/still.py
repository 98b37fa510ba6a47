"""Imports what would do something in each forked process, and lets it do less. To be imported before whatever else imports it.

`random` would draw a new state. That takes a third of a millisecond, a hand-in is eight processes, and what it gets would
depend on chance. `threading` would forget the threads that a fork does not have, and looks for them where there are none.
"""

from __future__ import annotations

import os
from typing import Any

_wanted: dict[str, Any] = {}
_register = os.register_at_fork
os.register_at_fork = _wanted.update
try:
    import threading

    _forget = _wanted.pop("after_in_child", None)

    import random

    random.seed(0)
finally:
    os.register_at_fork = _register

_threads: Any = threading


def _forget_threads() -> None:
    if len(_threads._active) > 1 or _threads._limbo:
        _forget()


if _forget is not None:
    os.register_at_fork(after_in_child=_forget_threads)
