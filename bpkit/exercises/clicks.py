"""Counts the hints that a click opens in a live notebook, and brings the solution into the card once it is open.

A card needs none of this to open its hints: it is HTML without a script. Where a kernel runs and ipywidgets and anywidget are, a model without a
view hears the clicks on all cards of its exercise. Elsewhere, as in a saved notebook, a hint opens and is not counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

# exercise → the model that hears its cards, as long as the kernel lives
_LISTENING: dict[str, Any] = {}


def listen(exercise_id: str, opened: Callable[[int], tuple[str, str]]) -> None:
    """Hear the clicks on an exercise's cards, once.

    Parameters
    ----------
    exercise_id
        Whose cards.
    opened
        Is told how many hints are open; what it returns, a sentence and a piece of HTML, comes into the cards.
    """
    if exercise_id not in _LISTENING and _in_a_notebook():
        _LISTENING[exercise_id] = _model(exercise_id, opened)


def _in_a_notebook() -> bool:
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return hasattr(get and get(), "kernel") and all(map(find_spec, ("anywidget", "ipywidgets")))


def _model(exercise_id: str, opened: Callable[[int], tuple[str, str]]) -> Any:
    # half a second of a kernel's life, in notebooks only
    import anywidget
    import traitlets

    class Clicks(anywidget.AnyWidget):
        _esm = files(__package__).joinpath("clicks.js").read_text(encoding="utf-8")
        exercise = traitlets.Unicode(exercise_id).tag(sync=True)
        hints = traitlets.Int(0).tag(sync=True)
        said = traitlets.Unicode().tag(sync=True)
        solution = traitlets.Unicode().tag(sync=True)

        @traitlets.observe("hints")
        def _opened(self, change: Any) -> None:
            self.said, self.solution = opened(change["new"])

    return Clicks()
