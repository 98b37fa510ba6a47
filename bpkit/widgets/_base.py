"""What every widget shares: one page that is live by itself, with a still picture where no script runs.

The page asks neither for a kernel nor for a front end's widgets, so that it lives on in a saved notebook. Where ipywidgets and anywidget
are, a model beside it tells Python at which step the page stands, and the page at which step Python wants it.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np

from bpkit.exhibits.palette import widget_style

try:
    import anywidget
    import traitlets
except ImportError:
    LIVE = False

    class _Front:
        """Holds what the traits would hold."""

        state: Any
        step: int
        twin: str

        def __init__(self, **values: Any) -> None:
            vars(self).update(values)

else:
    LIVE = True

    class _Front(anywidget.AnyWidget):  # type: ignore[no-redef]
        """The traits that Python and the browser share."""

        state = traitlets.Dict().tag(sync=True)
        step = traitlets.Int(0).tag(sync=True)
        twin = traitlets.Unicode().tag(sync=True)

        @traitlets.validate("step")
        def _stays_within(self, proposal: Any) -> int:
            return int(min(max(proposal["value"], 0), len(self.state["steps"]) - 1))


# how many widgets this process has shown of each page: a page and its model know each other by name and count, the same on every run
_SHOWN: Counter[str] = Counter()


def source(name: str) -> str:
    """The text of one file in js/."""
    return (files(__package__) / "js" / name).read_text(encoding="utf-8")


def module(name: str) -> str:
    """A widget's script as one ES module: common.js, then js/<name>.js, which uses its functions and defines `widget`.

    The two share one scope, for what is inlined into a page cannot import its neighbour.
    """
    return f"{source('common.js')}\n{source(f'{name}.js')}\nwidget.initialize = join;\nexport default widget;\n"


def style(*names: str) -> str:
    """What a widget wears: the course's colours, common.css, and its own files in js/."""
    return widget_style() + "".join(source(f"{name}.css") for name in ("common", *names))


class CourseWidget(_Front):
    """A picture in steps. A subclass names its `_esm`, may name its `_css`, says `__str__` and better also `picture`.

    Parameters
    ----------
    state : dict
        All that the browser needs, as JSON: "label" (what it is), "steps" (each with "title" and "say") and the widget's own.
    """

    _esm: Any
    _css: Any = style()

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(state=state, step=0, twin="")

    def picture(self) -> str:
        """A still picture as HTML, for pages on which no script runs."""
        return f"<pre>{escape(str(self))}</pre>"

    def to_html(self) -> str:
        """The widget as one piece of HTML that needs no kernel, no network and no other file; it opens at `step`."""
        return self._page()[0]

    def _page(self) -> tuple[str, str]:
        """The widget as HTML, and its name there."""
        state = json.dumps(_rounded(self.state), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        name = sha256((self._esm + state).encode()).hexdigest()[:12]
        page = (
            f'<figure class="bpkit-host" data-bpkit="{name}" data-step="{self.step}" style="margin:.5em 0"><style>{self._css}</style>'
            f'<div>{self.picture()}</div><script type="application/json">{state}</script>'
            f'<script type="module">\n{self._esm}mount(widget, "{name}");\n</script></figure>'
        )
        return page, name

    def _repr_mimebundle_(self, **keywords: Any) -> dict[str, Any]:
        page, name = self._page()
        if not self.twin:
            _SHOWN[name] += 1
            self.twin = f"{name}-{_SHOWN[name]}"
        return {"text/plain": str(self), "text/html": page.replace(" data-step=", f' data-twin="{self.twin}" data-step=', 1)}

    def __repr__(self) -> str:
        return str(self)


def can_plot() -> bool:
    """Whether there is matplotlib for a still picture."""
    return find_spec("matplotlib") is not None


def plain(array: np.ndarray) -> Any:
    """An array as lists of numbers."""
    return np.asarray(array, dtype=float).tolist()


def _rounded(value: Any) -> Any:
    """Numbers to 12 digits, so that another processor's last bit does not make another page."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value
