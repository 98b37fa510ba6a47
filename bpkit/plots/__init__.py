"""The course's pictures, in one style that reads in light and dark, on a laptop and on a projector.

Each function draws one kind of picture and returns its Axes; `show` puts it on the page with its words. A picture is every public function
of a module ``_*.py`` here; of `_house`, the workshop that they share, only what lessons use as well. A module is loaded with the first of
its pictures, so that an executed notebook tells which ones it rests on.
"""

from __future__ import annotations

import logging
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

if sys.platform == "emscripten":
    # in a browser no list of fonts outlives the kernel, and matplotlib says each time that it makes one
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

from bpkit.plots._house import Picture, figure, picture, show

_HOME = {
    name: f"bpkit.plots.{path.stem}"
    for path in sorted(Path(__file__).parent.glob("_[a-z]*.py"))
    if path.stem != "_house"
    for name in re.findall(r"^def ([a-z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE)
}

__all__ = ["Picture", "figure", "picture", "show"]
__all__ += sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"bpkit.plots has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
