"""The Chinese characters of a deck, as a font inside it: a subset of an open one that is installed where the deck is built.

fontTools, which cuts it out, comes with matplotlib.
"""

from __future__ import annotations

import base64
import html
import io
import logging
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpkit.authoring.deck_words import Words
from bpkit.language import SOURCE

FAMILY = "Deck Chinese"
PLACE = '<style id="chinese"></style>'  # in a page's head
# fonts whose licence lets a page carry them, the best first
OPEN_FONTS = {
    "WenQuanYi Micro Hei": "Apache License 2.0, or GPL 3 with the font exception",
    "Source Han Sans SC": "SIL Open Font License 1.1",
    "Source Han Sans CN": "SIL Open Font License 1.1",
    "Noto Sans CJK SC": "SIL Open Font License 1.1",
    "Noto Sans SC": "SIL Open Font License 1.1",
    "Noto Sans CJK JP": "SIL Open Font License 1.1",
    "Droid Sans Fallback": "Apache License 2.0",
}
NONE_HERE = (
    "no open font with Chinese characters is installed here, so decks show them with a font of the machine that they are opened on; "
    "install one, e.g.: apt install fonts-wqy-microhei"
)
# signs that a Chinese text has as wide as its characters, and an English one narrow
_QUOTES = "—‘’“”…"
_RANGES = (
    *((0x2E80, 0x303F), (0x3100, 0x312F), (0x31C0, 0x31EF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),
    *((0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF)),
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NOT_SHOWN = re.compile(r"<style\b.*?</style>|data:[a-z/+0-9-]+;base64,[A-Za-z0-9+/=]+", re.DOTALL)
_LICENCE = [0, 13, 14]  # of the font's own names: whose it is, and on what terms


@dataclass(frozen=True)
class _Face:
    name: str
    path: Path
    number: int


def with_font(page: str, words: Words) -> str:
    """The page with the font of its Chinese characters in its place; as it is where it has none, or there is no font to take them from."""
    return page.replace(PLACE, f"{PLACE.removesuffix('</style>')}{style_of(page, words)}</style>", 1)


def style_of(page: str, words: Words) -> str:
    """The style sheet with that font."""
    wanted = characters(page, words)
    face = _installed() if any(ord(sign) >= _RANGES[0][0] for sign in wanted) else None
    if face is None:
        return ""
    data = f"data:font/woff;base64,{base64.b64encode(_subset(face, wanted)).decode()}"
    return (
        f"/* {FAMILY}: of {face.name}, the characters that this page has. Licence: {OPEN_FONTS[face.name]} */\n"
        f'@font-face{{font-family:"{FAMILY}";font-display:block;src:url("{data}") format("woff");unicode-range:{_range(words)}}}'
    )


def characters(page: str, words: Words) -> str:
    """The characters of a page that are Chinese, signs included; those of scripts that are written as escapes, too."""
    shown = html.unescape(_NOT_SHOWN.sub("", page))
    shown += "".join(chr(int(code, 16)) for code in _ESCAPED.findall(shown))
    return "".join(sorted(sign for sign in set(shown) if _is_chinese(sign, words)))


def is_there() -> bool:
    """Whether a font is installed that decks may carry."""
    return _installed() is not None


def _is_chinese(sign: str, words: Words) -> bool:
    if sign in _QUOTES:
        return words.language != SOURCE
    return any(first <= ord(sign) <= last for first, last in _RANGES) and unicodedata.category(sign) != "Cn"


def _range(words: Words) -> str:
    ranges = [f"U+{first:X}-{last:X}" for first, last in _RANGES]
    return ",".join(([f"U+{ord(sign):X}" for sign in _QUOTES] if words.language != SOURCE else []) + ranges)


@cache
def _installed() -> _Face | None:
    """The best open font that is installed here; a file of several may name each."""
    from fontTools.ttLib import TTCollection, TTFont

    from bpkit.plots._house import installed_fonts

    there = installed_fonts(tuple(OPEN_FONTS))
    for name in OPEN_FONTS:
        for path in there:
            with TTCollection(path, lazy=True) if path.suffix.lower() in (".ttc", ".otc") else TTFont(path, lazy=True) as file:
                for number, font in enumerate(getattr(file, "fonts", [file])):
                    if name in (font["name"].getDebugName(16), font["name"].getDebugName(1)):
                        return _Face(name, path, number)
    return None


def _subset(face: _Face, wanted: str) -> bytes:
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(
        flavor="woff",
        font_number=face.number,
        hinting=False,
        layout_features=[],
        name_IDs=_LICENCE,
        notdef_outline=True,
        recalc_timestamp=False,  # the same characters give the same bytes
        ignore_missing_unicodes=True,
    )
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it would tell of each table that it leaves out
    file = io.BytesIO()
    with load_font(str(face.path), options) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=wanted)
        subsetter.subset(font)
        save_font(font, file, options)
    return file.getvalue()
