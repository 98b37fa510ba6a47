"""What every widget shares: a live one where ipywidgets and anywidget are, and the same picture as plain HTML where not."""

from __future__ import annotations

import json
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

        def __init__(self, **values: Any) -> None:
            vars(self).update(values)

        def _front_end(self, **keywords: Any) -> dict[str, Any]:
            return {}

else:
    LIVE = True

    class _Front(anywidget.AnyWidget):  # type: ignore[no-redef]
        """The traits that Python and the browser share."""

        state = traitlets.Dict().tag(sync=True)
        step = traitlets.Int(0).tag(sync=True)

        @traitlets.validate("step")
        def _stays_within(self, proposal: Any) -> int:
            return int(min(max(proposal["value"], 0), len(self.state["steps"]) - 1))

        def _front_end(self, **keywords: Any) -> dict[str, Any]:
            bundle = super()._repr_mimebundle_(**keywords)
            return dict(bundle[0] if isinstance(bundle, tuple) else bundle or {})


HINT = "For the live widget: pip install anywidget."


def source(name: str) -> str:
    """The text of one file in js/."""
    return (files(__package__) / "js" / name).read_text(encoding="utf-8")


def module(name: str) -> str:
    """A widget's script as one ES module: common.js, then js/<name>.js, which uses its functions and defines `widget`.

    The two share one scope, for what is inlined into a page cannot import its neighbour.
    """
    return f"{source('common.js')}\n{source(f'{name}.js')}\nexport default widget;\n"


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
        super().__init__(state=state, step=0)

    def picture(self) -> str:
        """A still picture as HTML, for pages on which no script runs."""
        return f"<pre>{escape(str(self))}</pre>"

    def to_html(self) -> str:
        """The widget as one piece of HTML that needs no kernel, no network and no other file."""
        state = json.dumps(_rounded(self.state), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        name = sha256((self._esm + state).encode()).hexdigest()[:12]
        return (
            f'<figure class="bpkit-host" data-bpkit="{name}" style="margin:.5em 0"><style>{self._css}</style>'
            f'<div>{self.picture()}</div><script type="application/json">{state}</script>'
            f'<script type="module">\n{self._esm}mount(widget, "{name}");\n</script></figure>'
        )

    def _repr_mimebundle_(self, **keywords: Any) -> dict[str, Any]:
        text, html = str(self), self.to_html()
        if not LIVE:
            html += f"<p><small>{escape(HINT)}</small></p>"
            text += f"\n{HINT}"
        return {**self._front_end(**keywords), "text/plain": text, "text/html": html}

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
