"""The house style of the course's pictures, and how a figure gets onto the page.

The colours are those of `bpkit.exhibits.palette`. Black stands for the page's ink: `show` puts figures on the page as images that are
light or dark as the page is. A sign is never told by its hue alone.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import findSystemFonts, fontManager
from matplotlib.text import Text

from bpkit.core.image import STYLE as IMAGE_STYLE
from bpkit.core.image import image
from bpkit.exhibits import palette
from bpkit.language import SOURCE, language, translated

# stand-ins: `picture` gives what has them the colours of the page that it comes to
INK = "#000000"
PAPER = "#fdfdfc"
_OF_THE_PAGE = {INK: "currentColor", PAPER: "var(--paper)"}
POSITIVE, NEGATIVE, SHARED, NEUTRAL = (colour.anywhere for colour in (palette.POSITIVE, palette.NEGATIVE, palette.SHARED, palette.NEUTRAL))
HUES = tuple(colour.anywhere for colour in palette.SERIES)
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.3)), (0, (5, 1.5, 1, 1.5)), (0, (9, 2)))
# half transparent, so that numbers in the text's colour stay legible on it
SIGNS = LinearSegmentedColormap.from_list("signs", [to_rgba(NEGATIVE, 0.7), to_rgba(NEUTRAL, 0.06), to_rgba(POSITIVE, 0.7)])

# fonts that have Chinese characters: first the one that drew the recorded notebooks, then the best of those that come with a system
CHINESE_FONTS = (
    *("WenQuanYi Micro Hei", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"),
    *("Hiragino Sans GB", "Heiti SC", "SimHei", "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS"),
)


def chinese_font() -> str | None:
    """The best font with Chinese characters that is installed here."""
    found = _first_there()
    if found is None:  # matplotlib remembers which fonts there were; look for those that came since
        for path in set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}:
            with suppress(RuntimeError, OSError):  # it cannot be read as a font
                fontManager.addfont(path)
        found = _first_there()
    return found


def installed_fonts(names: tuple[str, ...]) -> list[Path]:
    """The files of those of the fonts that are installed here."""
    chinese_font()  # looks for what came since matplotlib looked
    return [Path(font.fname) for font in sorted(fontManager.ttflist, key=lambda font: font.fname) if font.name in names]


def _fonts() -> list[str]:
    """DejaVu Sans, and for what it does not have a font of the reader's language."""
    if language() != "zh":
        return ["DejaVu Sans"]
    found = chinese_font()
    if found is None:
        print("No font with Chinese characters is installed, so figures show boxes for them; install one, e.g.: apt install fonts-wqy-microhei")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it would tell of each weight that the font does not have
    return ["DejaVu Sans", *([found] if found else [])]


def _first_there() -> str | None:
    there = {font.name for font in fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in there), None)


STYLE: Any = {
    "font.family": _fonts(),
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 1.0,
    "axes.prop_cycle": cycler(color=HUES) + cycler(linestyle=LINES),
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "grid.color": NEUTRAL,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.4,
    "lines.markersize": 7,
    "legend.frameon": False,
    "legend.fontsize": 11.5,
    "legend.handlelength": 2.6,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "path",
    "svg.hashsalt": "bpkit",
}
house = mpl.rc_context(rc=STYLE)

WIDTH = 7.6  # inches; an inch is 100 pixels on the page


@dataclass(frozen=True)
class Picture:
    """A drawn figure with the same in words: an image where there is a page, the words where there is none."""

    html: str
    alt: str

    def __str__(self) -> str:
        return self.alt

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}


@house
def picture(figure: Figure | Axes, alt: str | None = None) -> Picture:
    """A figure as something to display: an SVG image in the page's colours, with its text alternative.

    Parameters
    ----------
    figure : Figure or Axes
    alt : str
        The figure in words, for who cannot see it. Left out, it is what the drawing functions here say themselves.

    Returns
    -------
    Picture
        The same figure gives the same bytes: no date, no version, no random ids.

    Raises
    ------
    ValueError
        If there are no words.
    """
    fig = figure.figure
    assert isinstance(fig, Figure)
    if alt is None:
        labels = [label for ax in fig.axes if (label := str(ax.get_label())) and not label.startswith("<")]
        alt = " ".join(labels) if language() == SOURCE else "".join(map(translated, labels))
    if not alt.strip():
        raise ValueError('the figure has no text alternative: say what it shows, show(fig, alt="…")')
    for text in fig.findobj(Text):
        text.set_text(translated(text.get_text()))
    alt = translated(alt)
    raw = StringIO()
    fig.savefig(raw, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    return Picture(_for_the_page(raw.getvalue(), alt), alt)


def show(figure: Figure | Axes, alt: str | None = None) -> None:
    """Display a figure in the notebook with its text alternative, and close it; `picture` says how."""
    drawn = picture(figure, alt)
    try:
        from IPython.display import display
    except ImportError:
        print(drawn)
    else:
        display(drawn)


def _for_the_page(svg: str, alt: str) -> str:
    """matplotlib's SVG document as an image on a page."""
    root = ElementTree.fromstring(svg)
    width, height = (float(side) for side in root.attrib["viewBox"].split()[2:])
    body = "".join(_written(child) for child in root)
    shown = image(body, alt, (0, 0, width, height), width * 100 / 72, "stroke-linejoin:round;stroke-linecap:butt")
    return f'<figure class="bpkit-figure" style="margin:.5em 0">{IMAGE_STYLE}{shown}</figure>'


def _written(element: ElementTree.Element) -> str:
    """An element of a drawing in the page's colours, without what nobody sees."""
    tag = _local(element.tag)
    inside = (element.text or "").strip() + "".join(_written(child) for child in element)
    if tag in ("metadata", "style") or (tag == "defs" and not inside):
        return ""
    attributes = {_local(name): value for name, value in element.attrib.items()}
    if tag == "g":
        attributes.pop("id", None)  # nothing refers to a group
    for name, value in attributes.items():
        if name == "d":
            attributes[name] = _rounded(value)
        elif name == "transform":
            attributes[name] = re.sub(r"(?<=translate\()[^)]*", lambda place: _rounded(place[0]), value)
        elif name == "style":
            pairs = (pair.split(":", 1) for pair in value.split(";") if pair.strip())
            attributes[name] = ";".join(f"{key.strip()}:{_OF_THE_PAGE.get(shade.strip(), shade.strip())}" for key, shade in pairs)
        else:
            attributes[name] = _OF_THE_PAGE.get(value, value)
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def _local(name: str) -> str:
    """A name without its namespace: on a page, SVG is known by its root."""
    return name.rpartition("}")[2]


def _rounded(places: str) -> str:
    """Places to a hundredth of a point, which is less than eyes and processors agree on."""
    return re.sub(r"-?\d+\.\d+", lambda digits: f"{float(digits[0]):.2f}".rstrip("0").rstrip("."), places.strip())


@house
def figure(columns: int = 1, rows: int = 1, *, width: float = WIDTH, height: float | None = None) -> tuple[Figure, Any]:
    """An empty figure in the house style with its axes, which come as from `plt.subplots`.

    Examples
    --------
    >>> fig, (left, right) = figure(2)
    >>> _ = left.plot([1, 2, 3])
    """
    if height is None:
        height = min(rows * 0.62 * width / columns, 1.1 * width)
    fig = Figure(figsize=(width, max(height, 2.6)))
    return fig, fig.subplots(rows, columns)


def axes_for(ax: Axes | None, width: float = WIDTH, height: float | None = None) -> Axes:
    return figure(width=width, height=height)[1] if ax is None else ax


def drawing_on(ax: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Make axes a sheet to draw on: the same unit in both directions, no frame, no ticks."""
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(*x)
    ax.set_ylim(*y)


def cells_on(ax: Axes) -> None:
    """Take away what distracts from a grid of cells: grid, frame and tick marks."""
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
