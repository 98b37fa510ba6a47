"""Turns Markdown with formulas into HTML with the formulas drawn, so that a wrong one fails the build and not the lecture."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from bpkit.authoring.packages import Packages
from bpkit.errors import CourseError

_DRAW = Path(__file__).parent / "templates" / "deck" / "formulas.cjs"
# private characters that neither Markdown nor HTML touches stand where formula n goes
_PLACE = re.compile("\ue000(\\d+)\ue001")
_NAMED = re.compile(r"\\eq\{([^{}]*)\}")


@dataclass(frozen=True)
class Formula:
    """One formula as written, and where."""

    latex: str
    display: bool
    place: str
    plain: bool = False


@dataclass
class Formulas:
    """Collects the formulas of a deck while its Markdown is rendered, then draws them all in one run of KaTeX."""

    found: list[Formula] = field(default_factory=list)

    def markdown(self, text: str, place: str, plain: bool = False) -> str:
        r"""HTML of a piece of Markdown, with places for the formulas. `\eq{BP2}` in a formula is the named equation.

        Plain formulas are MathML alone, for where KaTeX's style sheet does not reach: the speaker's window.
        """
        return str(MarkdownWithMath(renderer=_Renderer(self, place, plain)).render(text))

    def math(self, latex: str, display: bool, place: str, plain: bool = False) -> str:
        """The place of one formula."""
        self.found.append(Formula(_NAMED.sub(lambda name: _equation(name[1], place), latex.strip()), display, place, plain))
        return f"\ue000{len(self.found) - 1}\ue001"

    def drawn(self, html: str, packages: Packages) -> str:
        """The HTML with every formula in its place.

        Raises
        ------
        CourseError
            If KaTeX cannot draw one; with its place and what KaTeX says.
        """
        if not self.found:
            return html
        request = {
            "katex": str(packages.modules / "katex"),
            "formulas": [{"latex": f.latex, "display": f.display, "plain": f.plain} for f in self.found],
        }
        done = subprocess.run([*packages.node, str(_DRAW)], input=json.dumps(request), capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            raise CourseError(f"KaTeX could not run: {done.stderr.strip().splitlines()[-1:]}")
        answers = json.loads(done.stdout)
        for formula, answer in zip(self.found, answers, strict=True):
            if "error" in answer:
                latex = " ".join(formula.latex.split())
                raise CourseError(f"{formula.place}: the formula {latex[:120]!r} cannot be drawn: {answer['error']}")
        return _PLACE.sub(lambda place: answers[int(place[1])]["html"], html)


class _Renderer(IPythonRenderer):
    def __init__(self, formulas: Formulas, place: str, plain: bool) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._formulas, self._place, self._plain = formulas, place, plain

    def _math(self, latex: str, display: bool) -> str:
        return self._formulas.math(latex, display, self._place, self._plain)

    def block_math(self, body: str) -> str:
        return self._math(body, True)

    def inline_math(self, body: str) -> str:
        return self._math(body, False)

    def multiline_math(self, text: str) -> str:
        # older mistune hands over delimiters and all
        return self._math(re.sub(r"^(\$\$|\\\\\[)|(\$\$|\\\\\])$", "", text.strip()), True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._math(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)


def _equation(name: str, place: str) -> str:
    from bpkit.equations import named

    try:
        return named(name).latex
    except ValueError as error:
        raise CourseError(f"{place}: {error}") from error
