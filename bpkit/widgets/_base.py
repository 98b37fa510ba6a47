"""What every widget shares: one page that is live by itself, with a still picture where no script runs.

The page asks neither for a kernel nor for a front end's widgets, so that it lives on in a saved notebook. Where ipywidgets and anywidget
are, a model beside it tells Python at which step the page stands, and the page at which step Python wants it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from typing import Any
from unicodedata import east_asian_width

import numpy as np

from bpkit.exhibits.palette import widget_style
from bpkit.language import SOURCE, language, script_words, translated

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


_LINE = re.compile(r"^( *(?:\d+\. )?)(.*)$", re.MULTILINE)  # behind its number
# how many widgets this process has shown of each page: a page and its model know each other by name and count, the same on every run
_SHOWN: Counter[str] = Counter()


def source(name: str) -> str:
    """The text of one file in js/."""
    return (files(__package__) / "js" / name).read_text(encoding="utf-8")


def module(name: str) -> str:
    """A widget's script as one ES module: common.js, then js/<name>.js, which uses its functions and defines `widget`.

    The two share one scope, for what is inlined into a page cannot import its neighbour.
    """
    return f"{source('common.js')}\n{source(f'{name}.js')}\nwidget.initialize = join;\nspeaking(widget);\nexport default widget;\n"


def style(*names: str) -> str:
    """What a widget wears: the course's colours, common.css, and its own files in js/."""
    return widget_style() + "".join(source(f"{name}.css") for name in ("common", *names))


class CourseWidget(_Front):
    """A picture in steps. A subclass names its `_esm`, may name its `_css`, says `in_words` and better also `picture`.

    All of it is written in English. In another language the page brings the words of its script along, and what is to be read in its state
    is translated: "label", "title", "say", and what the subclass names in `_texts`.

    Parameters
    ----------
    state : dict
        All that the browser needs, as JSON: "label" (what it is), "steps" (each with "title" and "say") and the widget's own.
    """

    _esm: Any
    _css: Any = style()
    _texts: tuple[str, ...] = ()

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(state=state, step=0, twin="")

    def in_words(self) -> str:
        """The same in words, in English."""
        return str(self.state["label"])

    def __str__(self) -> str:
        return "\n".join(begin + translated(line) for begin, line in _LINE.findall(self.in_words()))

    def picture(self) -> str:
        """A still picture as HTML, for pages on which no script runs."""
        return f"<pre>{escape(str(self))}</pre>"

    def to_html(self) -> str:
        """The widget as one piece of HTML that needs no kernel, no network and no other file; it opens at `step`."""
        return self._page()[0]

    def _page(self) -> tuple[str, str]:
        """The widget as HTML, and its name there."""
        state = json.dumps(_rounded(self._spoken()), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        name = sha256((self._esm + state).encode()).hexdigest()[:12]
        tongue = "" if language() == SOURCE else f' lang="{language()}"'
        page = (
            f'<figure class="bpkit-host"{tongue} data-bpkit="{name}" data-step="{self.step}" style="margin:.5em 0"><style>{self._css}</style>'
            f'<div>{self.picture()}</div><script type="application/json">{state}</script>'
            f'<script type="module">\n{self._esm}mount(widget, "{name}");\n</script></figure>'
        )
        return page, name

    def _spoken(self) -> dict[str, Any]:
        """The state in the reader's language, with what the script says."""
        if language() == SOURCE:
            return self.state
        return {**_translated(self.state, {"label", "title", "say", *self._texts}), "words": script_words(self._esm)}

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


def table(rows: Iterable[Iterable[str]], left: int = 0) -> str:
    """Lines of words and numbers in columns, in the reader's language; the first `left` of them begin at the left."""
    said = [[translated(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*said, strict=True)]
    return "\n".join("  ".join(_justified(cell, width, k < left) for k, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in said)


def _justified(cell: str, width: int, left: bool) -> str:
    room = " " * (width - _width(cell))
    return cell + room if left else room + cell


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(1 + (east_asian_width(sign) in "WF") for sign in text)


def _translated(value: Any, texts: set[str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _translated(entry, texts, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_translated(entry, texts, key) for entry in value]
    return translated(value) if isinstance(value, str) and key in texts else value


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
