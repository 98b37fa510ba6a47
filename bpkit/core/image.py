"""SVG as an image of its own: front ends take inline SVG out of a notebook that they do not trust, and keep an `<img>` with its words."""

from __future__ import annotations

from base64 import b64encode
from html import escape

# the page's paper and ink, light and dark
PAPER = ("#ffffff", "#14171c")
INK = ("#1a1d21", "#eceef1")

# an image follows the colour scheme of the element that shows it, and JupyterLab's dark themes set none
STYLE = '<style>[data-jp-theme-light="false"] .bpkit-image { color-scheme: dark; }</style>'


def image(body: str, alt: str, view_box: tuple[float, float, float, float], width: float, style: str = "") -> str:
    """An `<img>` element that carries a drawing; text and lines stay sharp at every size.

    Parameters
    ----------
    body : str
        SVG elements. `currentColor` is the ink and `var(--paper)` what is painted below them, light or dark as the page is; where a
        front end does not say which, the two still belong together.
    alt : str
        The drawing in words.
    view_box : left, top, width, height
    width : float
        In pixels, where there is room.
    style : str
        More declarations for the drawing.

    Examples
    --------
    >>> image("<circle r='1'/>", "a dot", (-1, -1, 2, 2), 20)[:60]
    '<img class="bpkit-image" alt="a dot" width="20" style="max-w'
    """
    left, top, wide, high = view_box
    page, dark = (f"svg{{color:{ink};--paper:{paper}}}" for ink, paper in zip(INK, PAPER, strict=True))
    size = f'width="{width:.0f}" height="{width * high / wide:.0f}"'
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {wide:g} {high:g}" {size} fill="currentColor" style="{style}">'
        f"<style>{page}@media(prefers-color-scheme:dark){{{dark}}}</style>"
        f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" style="fill:var(--paper)"/>{body}</svg>'
    )
    source = f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"
    return f'<img class="bpkit-image" alt="{escape(alt)}" width="{width:.0f}" style="max-width:100%;height:auto" src="{source}">'
