"""A Sphinx extension: every formula of the pages is drawn by KaTeX while they are built, so that a reader's browser has nothing to run.

While a page is written, a mark stands where a formula goes. When all are written, one run of KaTeX draws them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes

from bpkit.authoring.formulas import Formulas
from bpkit.authoring.packages import packages

# a private character that no page holds
_BETWEEN = "\ue002"
# Markdown leaves alone what stands in a line of HTML; JupyterLab draws formulas there, too
_SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_INLINE = re.compile(r"\$([^$\n<>]+)\$")


def draw(pages: list[Path], formulas: Formulas, slides: Path) -> None:
    """Put the drawn formulas into the pages.

    Raises
    ------
    CourseError
        If KaTeX cannot draw one, with its place.
    """
    texts = []
    for page in pages:

        def summary(found: re.Match[str], page: Path = page) -> str:
            return _INLINE.sub(lambda formula: formulas.math(formula[1], False, page.stem), found[0])

        texts.append(_SUMMARY.sub(summary, page.read_text(encoding="utf-8")))
    drawn = formulas.drawn(_BETWEEN.join(texts), packages(slides)).split(_BETWEEN)
    for page, text in zip(pages, drawn, strict=True):
        page.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """What Sphinx calls: register the renderer `drawn`."""
    formulas = Formulas()

    def inline(writer: Any, node: nodes.math) -> None:
        writer.body.append(formulas.math(node.astext(), False, _place(node)))
        raise nodes.SkipNode

    def block(writer: Any, node: nodes.math_block) -> None:
        writer.body.append(f'<div class="math">{formulas.math(node.astext(), True, _place(node))}</div>')
        raise nodes.SkipNode

    def finish(app: Any, exception: Exception | None) -> None:
        if exception is None:
            draw(sorted(Path(app.outdir).rglob("*.html")), formulas, Path(app.config.bpkit_slides))

    app.add_config_value("bpkit_slides", "", "env")
    app.add_html_math_renderer("drawn", (inline, None), (block, None))
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def _place(node: nodes.Node) -> str:
    return f"{Path(node.source or 'a docstring').name}, near line {node.line}"
