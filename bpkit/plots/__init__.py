"""The course's pictures, in one style that reads in light and dark, on a laptop and on a projector.

Each function draws one kind of picture and returns its Axes; `show` puts it on the page with its words. A picture is every public name of
a module ``_*.py`` here; of `_house`, the workshop that they share, only what lessons use as well.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpkit.plots._house import Picture, figure, picture, show

_DRAWN = {
    name: thing
    for path in sorted(Path(__file__).parent.glob("_[a-z]*.py"))
    if path.stem != "_house"
    for name, thing in vars(import_module(f"bpkit.plots.{path.stem}")).items()
    if not name.startswith("_") and getattr(thing, "__module__", None) == f"bpkit.plots.{path.stem}"
}
globals().update(_DRAWN)

__all__ = ["Picture", "figure", "picture", "show"]
__all__ += sorted(_DRAWN)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
