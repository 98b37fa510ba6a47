"""What a gradient check found, as a table in text and in HTML."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bpkit.core.differences import METHODS
from bpkit.core.image import STYLE, image
from bpkit.language import columns, padded, translated

Array = np.ndarray


@dataclass(frozen=True)
class Place:
    """An entry of a parameter."""

    name: str
    index: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.index))}]" if self.index else self.name


@dataclass(frozen=True, eq=False)
class ParameterReport:
    """What the check found for one parameter.

    Parameters
    ----------
    name
        "W[1]", "b[2]", or the key under which it was given.
    status
        "right", "wrong" or "not checked".
    kind
        How it is wrong, in the words of `bpkit.core.describe.Difference.kind`; "kink" where it is right and some entries
        stand at a kink; "moved itself" where weights have another slope when they are moved than what was derived for them;
        "zero on both sides", "nothing moved", "too small" or "cost not finite" where nothing could be checked.
    message
        The same in a sentence.
    relative_error
        Largest error divided by the largest entry of the numerical gradient.
    worst
        Index of the largest error, if there is one.
    scheme
        How the numerical gradient was found.
    numerical
        The numerical gradient. At a kink, where there is none, it repeats the gradient under test.
    wrong, kinks
        Which entries are wrong, and which stand at a kink or so near that a difference straddles it.
    """

    name: str
    shape: tuple[int, ...]
    status: Literal["right", "wrong", "not checked"]
    kind: str | None
    message: str
    relative_error: float
    worst: tuple[int, ...] | None
    scheme: str
    factor: float | None = None
    numerical: Array = field(repr=False, default_factory=lambda: np.zeros(0))
    wrong: Array = field(repr=False, default_factory=lambda: np.zeros(0, bool))
    kinks: Array = field(repr=False, default_factory=lambda: np.zeros(0, bool))

    @property
    def ok(self) -> bool:
        """Whether it was checked and is right."""
        return self.status == "right"

    def __str__(self) -> str:
        colon = translated(": ")
        return f"{self.name}{colon}{translated(self.status)}" + (f"{colon}{translated(self.message)}" if self.message else "")


@dataclass(frozen=True, eq=False)
class GradReport:
    """What a gradient check found, parameter by parameter. `report["W[1]"]` is one of them.

    `how` says what was moved and what was derived from that, where the two are not the same.
    """

    parameters: tuple[ParameterReport, ...]
    how: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong and something was checked: two zero gradients agree and prove nothing."""
        return any(p.ok for p in self.parameters) and all(p.ok or p.kind == "zero on both sides" for p in self.parameters)

    @property
    def _checked(self) -> list[ParameterReport]:
        return [p for p in self.parameters if p.status != "not checked"]

    @property
    def relative_error(self) -> float:
        """The largest of all parameters that were checked, each relative to its own largest entry."""
        return max((p.relative_error for p in self._checked), default=0.0)

    @property
    def worst(self) -> Place | None:
        """Where that is."""
        placed = [p for p in self._checked if p.worst is not None]
        if not placed:
            return None
        p = max(placed, key=lambda p: p.relative_error)
        return Place(p.name, p.worst or ())

    def __getitem__(self, name: str) -> ParameterReport:
        for p in self.parameters:
            if p.name == name:
                return p
        raise KeyError(f"no parameter {name!r}; there are {', '.join(p.name for p in self.parameters)}")

    @property
    def summary(self) -> str:
        """The verdict in one line."""
        wrong = [p.name for p in self.parameters if p.status == "wrong"]
        unchecked = [p.name for p in self.parameters if p.status == "not checked"]
        if wrong:
            return f"the gradient is wrong in {', '.join(wrong)}"
        if self.ok:
            return f"the gradient is right; the largest relative error is {self.relative_error:.1e}"
        return f"nothing was checked in {', '.join(unchecked)}" if unchecked else "there was nothing to check"

    def _rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        for p in self.parameters:
            error = f"{p.relative_error:.1e}" if p.status != "not checked" and math.isfinite(p.relative_error) else "–"
            yield p.name, " × ".join(map(str, p.shape)) or translated("a number"), error, translated(p.status), translated(p.message)

    def __str__(self) -> str:
        rows = [(*map(translated, ("parameter", "shape", "error", "verdict")), ""), *self._rows()]
        colon = translated(": ")
        width = [max(columns(row[c]) for row in rows) for c in range(4)]
        lines = [
            f"{padded(name, width[0])}  {padded(shape, width[1])}  {padded('', width[2] - columns(error))}{error}"
            f"  {verdict}{colon if message else ''}{message}"
            for name, shape, error, verdict, message in rows
        ]
        methods = translated(" and ").join(dict.fromkeys(translated(METHODS[p.scheme]) for p in self.parameters))
        head = translated(f"Gradient check by {methods}: {self.summary}" if methods else f"Gradient check: {self.summary}")
        return "\n".join([head, *lines, *filter(None, [translated(self.how)])])

    # a notebook records it beside the HTML, and compares it: no digits beyond those that say something
    __repr__ = __str__

    def _repr_html_(self) -> str:
        # Tints over whatever background the page has; text in the page's own colour.
        tint = {"right": "rgba(40, 160, 90, .18)", "wrong": "rgba(220, 80, 40, .22)", "not checked": "rgba(128, 128, 128, .18)"}
        mark = {"right": "✓", "wrong": "✗", "not checked": "–"}
        cell = 'style="padding:.25em .7em;text-align:left;vertical-align:top"'
        head = "".join(f'<th scope="col" {cell}>{translated(name)}</th>' for name in ("parameter", "shape", "relative error", "verdict"))
        body = []
        for p, (name, shape, error, verdict, message) in zip(self.parameters, self._rows(), strict=True):
            text = f"{mark[p.status]} {verdict}{translated(': ') if message else ''}{message}"
            picture = _picture(p.wrong) if p.status == "wrong" else ""
            columns = "".join(f"<td {cell}>{html.escape(entry)}</td>" for entry in (shape, error))
            body.append(
                f'<tr style="background:{tint[p.status]};color:inherit"><th scope="row" {cell}>{html.escape(name)}</th>{columns}'
                f"<td {cell}>{html.escape(text)}{picture}</td></tr>"
            )
        caption = html.escape(str(self).split("\n", 1)[0])
        foot = (
            f'<tfoot><tr style="background:transparent"><td colspan="4" {cell}>{html.escape(translated(self.how))}</td></tr></tfoot>'
            if self.how
            else ""
        )
        return (
            f"{STYLE}"
            '<table style="border-collapse:collapse;color:inherit">'
            f'<caption style="text-align:left;color:inherit;padding:.25em 0">{caption}</caption>'
            f'<thead><tr style="background:transparent">{head}</tr></thead><tbody>{"".join(body)}</tbody>{foot}</table>'
        )


def _picture(wrong: Array) -> str:
    """The wrong entries of a matrix as a small drawing; nothing where it would say nothing."""
    if wrong.ndim != 2 or wrong.all() or not wrong.any() or wrong.size > 1200:
        return ""
    rows, columns = wrong.shape
    cells = "".join(f'<rect x="{j + 0.05}" y="{i + 0.05}" width=".9" height=".9"/>' for i, j in np.argwhere(wrong))
    side = min(12, 360 / max(rows, columns))
    label = translated(f"{int(wrong.sum())} of {wrong.size} entries are wrong; they are drawn filled")
    body = f'<rect width="{columns}" height="{rows}" fill="currentColor" fill-opacity=".08"/><g fill="currentColor" fill-opacity=".75">{cells}</g>'
    return f"<br>{image(body, label, (-0.1, -0.1, columns + 0.2, rows + 0.2), columns * side)}"
