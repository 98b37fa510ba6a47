"""One query that takes its keys in blocks: the largest score so far, the running sums, and how the old ones shrink when it rises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, style

SCORES = (0.6, -0.4, 1.1, 0.2, 2.6, 0.9, 1.8, 3.0)
VALUES = (2.0, 6.0, 4.0, 7.0, 1.0, 8.0, 3.0, 5.0)


class Attention(CourseWidget):
    """What `attention` returns."""

    _esm = module("attention")
    _css = style("attention")
    _texts = ("words",)

    def picture(self) -> str:
        if not can_plot():
            return super().picture()
        from bpkit import plots

        scores = np.array(self.state["scores"])
        runs = self.state["runs"]
        size = next(run["size"] for run in (runs[self.state["start"]], *runs) if len(run["steps"]) <= 7)  # no more blocks than fit side by side
        return plots.picture(plots.attention_stream(scores, size)).html

    def in_words(self) -> str:
        run = self.state["runs"][self.state["start"]]
        return "\n".join([f"{self.state['label']}, {_keys(run['size'])} in a block", *(step["say"] for step in run["steps"])])


def attention(scores: Sequence[float] = SCORES, values: Sequence[float] = VALUES, size: int = 2) -> Attention:
    """Take block after block of keys with ← and →, change the size of the blocks with ↑ and ↓.

    Parameters
    ----------
    scores : 2 to 12 numbers from -30 to 30
        Of one query with each key.
    values : as many numbers
        One for each key.
    size : int
        Keys in a block, to begin with.

    Returns
    -------
    Attention
        Shows itself in a notebook; `str()` says the steps in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If it cannot be shown.

    Examples
    --------
    >>> print(attention((0.0, 1.0), (3.0, 5.0), size=1))
    One query takes its keys in blocks, 1 key in a block
    No key yet: m = −inf, l = 0, o = 0.
    Keys 1 to 1: the largest score is 0; l = 1.00, o = 3.00, result o/l = 3.00.
    Keys 2 to 2: the largest score rises from 0 to 1.00, old sums times 0.368; l = 1.37, o = 6.10, result o/l = 4.46.
    """
    return Attention(state(scores, values, size))


def state(scores: Sequence[float], values: Sequence[float], size: int) -> dict[str, Any]:
    """Every step for every size of block that divides the keys, and for `size`, as JSON.

    Raises
    ------
    ValueError
        If there are too few or too many scores, not as many values, one is out of reach, or no such block.
    """
    s, v = np.asarray(scores, dtype=float).ravel(), np.asarray(values, dtype=float).ravel()
    if not 2 <= s.size <= 12 or s.size != v.size:
        raise ValueError(f"attention: {s.size} scores and {v.size} values, expected as many of both, from 2 to 12")
    if not (np.abs(s) <= 30).all() or not np.isfinite(v).all():
        raise ValueError("attention: expected scores from -30 to 30 and finite values")
    if not 1 <= size <= s.size:
        raise ValueError(f"attention: size is {size}, expected a whole number from 1 to {s.size}")
    sizes = sorted({size, *(b for b in range(1, s.size + 1) if s.size % b == 0)})
    return {
        "label": "One query takes its keys in blocks",
        "scores": s.tolist(),
        "values": v.tolist(),
        "start": sizes.index(size),
        "steps": [{"title": "Take a block", "say": ""}],
        "runs": [{"size": b, "words": f"{_keys(b)} in a block", "steps": _steps(s, v, b)} for b in sizes],
    }


def _keys(count: int) -> str:
    return f"{count} key{'s' if count > 1 else ''}"


def _steps(s: np.ndarray, v: np.ndarray, size: int) -> list[dict[str, Any]]:
    """What is kept after each block, from none on; m is None before the first."""
    m, l, o = -np.inf, 0.0, 0.0
    steps: list[dict[str, Any]] = [{"seen": 0, "fresh": 0, "m": None, "kept": None, "l": 0.0, "o": 0.0, "terms": [], "result": None}]
    steps[0]["say"] = "No key yet: m = −inf, l = 0, o = 0."
    for begin in range(0, s.size, size):
        end = min(begin + size, s.size)
        new = max(m, float(s[begin:end].max()))
        kept, e = float(np.exp(m - new)), np.exp(s[begin:end] - new)
        l, o = kept * l + float(e.sum()), kept * o + float(e @ v[begin:end])
        if begin == 0:
            what = f"the largest score is {number(new)}"
        elif new > m:
            what = f"the largest score rises from {number(m)} to {number(new)}, old sums times {number(kept)}"
        else:
            what = f"the largest score stays {number(new)}, old sums stay"
        say = f"Keys {begin + 1} to {end}: {what}; l = {number(l)}, o = {number(o)}, result o/l = {number(o / l)}."
        terms = np.exp(s[:end] - new).tolist()
        steps.append({"seen": end, "fresh": end - begin, "m": new, "kept": kept, "l": l, "o": o, "terms": terms, "result": o / l, "say": say})
        m = new
    return steps
