"""The course's colours, each with its word and its shades. Figures, widgets, decks, reports and the words for colours take them from here.

A colour that means something is a `Colour`; what a page is made of is in `PAGE`. Style sheets use custom properties, `var(--positive)`,
and the rules that set them are written by the functions below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpkit.core.image import INK, PAPER


@dataclass(frozen=True)
class Colour:
    """One colour.

    Parameters
    ----------
    name
        The word for it in texts and labels.
    anywhere
        The shade that is seen on light and on dark pages alike, for lines and areas.
    light, dark
        The shades with more contrast, for text and thin lines, where the page is known to be light or dark.
    """

    name: str
    anywhere: str
    light: str
    dark: str


POSITIVE = Colour("blue", "#1B7FC4", "#1766a6", "#5cb3f2")
NEGATIVE = Colour("orange", "#D55E00", "#b84a00", "#ff9a52")
SHARED = Colour("green", "#009E73", "#00805e", "#2fc79c")
FURTHER = Colour("purple", "#CC79A7", "#9c4a77", "#e3a3c6")
NEUTRAL = Colour("grey", "#808080", "#57606a", "#a3abb5")
# one line each of a figure with many, after the colour-blind-safe palette of Okabe and Ito, without its light hues: they vanish on white
SERIES = (POSITIVE, NEGATIVE, SHARED, FURTHER, NEUTRAL)

# how an answer went
RIGHT = Colour("teal", "#12908a", "#0a6b67", "#4fd1c5")
WRONG = Colour("orange", "#d9480f", "#b93a08", "#ff9d66")
FAILED = Colour("violet", "#8a63c9", "#6b3fa0", "#c4a7f7")
OPEN = NEUTRAL

# what pages are made of: property → its shade on a light and on a dark page
PAGE = {
    "paper": PAPER,
    "panel": ("#f3f5f8", "#1f242c"),
    "ink": INK,
    "quiet": (NEUTRAL.light, NEUTRAL.dark),
    "line": ("#d5dae0", "#3a424d"),
    "accent": ("#00589b", "#7cc0ff"),
    "keyword": ("#7a2fb0", "#cfa3ff"),
    "string": ("#1d6b35", "#8fd6a0"),
    "number": ("#a63d00", "#ffa266"),
}


def translucent(shade: str, alpha: float) -> str:
    """A shade through which the page shines.

    Examples
    --------
    >>> translucent("#808080", 0.3)
    'rgba(128, 128, 128, 0.3)'
    """
    red, green, blue = bytes.fromhex(shade[1:])
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


# areas behind text: whether the page is light or dark, its own colours shine through
VEILS = {
    "line": translucent(NEUTRAL.anywhere, 0.55),
    "veil": translucent(NEUTRAL.anywhere, 0.12),
    "hover": translucent(NEUTRAL.anywhere, 0.25),
    "pressed": translucent(NEUTRAL.anywhere, 0.3),
    "solid": translucent(NEUTRAL.anywhere, 0.9),
    "negative-veil": translucent(NEGATIVE.anywhere, 0.24),
}


def rule(selector: str, properties: Mapping[str, str]) -> str:
    """A CSS rule that sets custom properties.

    Examples
    --------
    >>> rule("p", {"ink": "black", "paper": "white"})
    'p { --ink: black; --paper: white; }'
    """
    return f"{selector} {{ {' '.join(f'--{name}: {value};' for name, value in properties.items())} }}"


def widget_style() -> str:
    """The custom properties of a widget, which finds out itself whether its page is dark."""
    signs = {"positive": POSITIVE, "negative": NEGATIVE, "shared": SHARED}
    light = {name: colour.light for name, colour in signs.items()}
    dark = {name: colour.dark for name, colour in signs.items()}
    return f"{rule('.bpkit-widget', light | VEILS)}\n{rule('.bpkit-widget[data-dark]', dark)}\n"


def page_style() -> str:
    """The custom properties of a page that lists others, on a light screen and on a dark one."""
    dark = rule(":root", {name: dark for name, (_, dark) in PAGE.items()})
    return f"{rule(':root', {name: light for name, (light, _) in PAGE.items()})}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"


def deck_style() -> str:
    """The custom properties of a deck."""
    shades = PAGE | {"warm": PAGE["number"]}
    return rule(":root", {name: f"light-dark({light}, {dark})" for name, (light, dark) in shades.items()})


# a report's marks: filled bars with words on them, and the words' own shades
_MARKS = {
    "right": ("#0b7a75", "#2fb5ad"),
    "wrong": (WRONG.anywhere, "#ff8a4c"),
    "open": ("#b4bac2", "#5b636e"),
    "failed": (FAILED.light, "#b794f4"),
    "on-open": ("#1b1f24", "#ffffff"),
    "on-hue": ("#ffffff", "#101317"),
    "right-text": (RIGHT.light, RIGHT.dark),
    "wrong-text": (WRONG.light, WRONG.dark),
    "open-text": (OPEN.light, OPEN.dark),
    "failed-text": (FAILED.light, FAILED.dark),
    "chart": PAGE["accent"],
    "bad": (translucent(WRONG.anywhere, 0.18), translucent("#ff8a4c", 0.25)),
    "good": (translucent("#0b7a75", 0.18), translucent("#2fb5ad", 0.25)),
}
_PRINTED = {"paper": "#fff", "panel": "#fff", "ink": "#000", "quiet": "#444", "line": "#bbb", "accent": "#000"}
_PRINTED |= {"open": "#c4c9d0", "on-open": "#000", "open-text": "#444"}


def report_style() -> str:
    """The custom properties of the pages that a grading run writes, on a light screen, on a dark one and on paper."""
    shades = PAGE | _MARKS
    light = {name: light for name, (light, _) in shades.items()}
    dark = rule(":root", {name: dark for name, (_, dark) in shades.items()})
    printed = rule(":root", light | _PRINTED)
    return f"{rule(':root', light)}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n@media print {{ {printed} }}\n"
