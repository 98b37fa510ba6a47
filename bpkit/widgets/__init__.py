"""Things to play with: the state is computed once in Python, the browser only draws it, so no step waits for the kernel.

A widget is one Python file with a pure `state(…)` and one file in `js/` that draws it with the functions of `js/common.js`; `_base` does the rest.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

# a widget is called like its file
_HOME = {path.stem.removeprefix("_"): f"bpkit.widgets.{path.stem}" for path in Path(__file__).parent.glob("_[a-z]*.py") if path.stem != "_base"}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"bpkit.widgets has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
