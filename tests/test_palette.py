"""One palette feeds figures, widgets, decks, reports and words: nothing else names a colour, and every word means the colour it names."""

from __future__ import annotations

import ast
import colorsys
import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.course.folders import files_of, find_course
from bpkit.exhibits import palette

PACKAGE = Path(bp.__file__).parent
COURSE = find_course()
COLOURS = {name: value for name, value in vars(palette).items() if isinstance(value, palette.Colour)}

# ── The shades ────────────────────────────────────────────────────────────────────────────────────────────────────────


def channels(shade):
    return np.array([*bytes.fromhex(shade[1:])]) / 255


def contrast(shade, background):
    """The contrast ratio of WCAG 2."""
    lights = []
    for each in (shade, background):
        part = channels(each)
        lights.append(float(np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("background", ["#ffffff", "#111111"], ids=["light", "dark"])
def test_a_shade_for_anywhere_is_seen_on_light_and_on_dark(background):
    assert min(contrast(sign.anywhere, background) for sign in (palette.POSITIVE, palette.NEGATIVE)) >= 3.8
    # 3 is what WCAG asks of graphics; purple has 2.99 on white
    assert min(contrast(colour.anywhere, background) for colour in COLOURS.values()) >= 2.9


def test_text_in_a_colour_is_legible_on_its_page():
    light, dark = palette.PAGE["paper"]
    for colour in COLOURS.values():
        assert contrast(colour.light, light) >= 4.5 and contrast(colour.dark, dark) >= 4.5, colour
    for name in set(palette.PAGE) - {"paper", "panel", "line"}:
        for shade, *grounds in zip(palette.PAGE[name], palette.PAGE["paper"], palette.PAGE["panel"], strict=True):
            assert min(contrast(shade, ground) for ground in grounds) >= 4.5, name


# the hues, in degrees, that a word may stand for
HUES = {"orange": (12, 42), "green": (140, 168), "teal": (168, 185), "blue": (195, 225), "violet": (255, 275), "purple": (290, 340)}


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_a_colour_has_the_hue_that_its_word_says(colour):
    for shade in (colour.anywhere, colour.light, colour.dark):
        hue, _, saturation = colorsys.rgb_to_hls(*channels(shade))
        if colour.name == "grey":
            assert saturation < 0.2
        else:
            low, high = HUES[colour.name]
            assert low <= 360 * hue <= high and saturation > 0.2, f"{colour.name}: {shade} has hue {360 * hue:.0f}°"


# ── Nothing else names a colour ───────────────────────────────────────────────────────────────────────────────────────

STYLED = sorted(path for kind in ("css", "js", "py", "html", "j2") for path in PACKAGE.rglob(f"*.{kind}"))
# where it says itself what the colour of its own is for
OTHERS = {
    "plots/_house.py": {"#000000", "#fdfdfc"},  # stand-ins for the page's colours
    "core/image.py": {"#ffffff", "#14171c", "#1a1d21", "#eceef1"},  # the palette takes paper and ink from there
    "core/gradreport.py": {"rgba(40", "rgba(220", "rgba(128"},  # the mathematics imports nothing of the exhibits
}
_SHADE = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b|\brgba?\(\s*\d+|\bhsla?\(\s*\d+")
_WORDS = "red|orange|yellow|green|teal|cyan|blue|violet|purple|magenta|pink|brown|gr[ea]y"


@pytest.mark.parametrize("path", STYLED, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_shade_stands_outside_the_palette(path):
    name = str(path.relative_to(PACKAGE))
    if name != "exhibits/palette.py":
        assert set(_SHADE.findall(path.read_text(encoding="utf-8"))) <= OTHERS.get(name, set())


@pytest.mark.parametrize("path", [path for path in STYLED if path.suffix in (".css", ".js")], ids=lambda path: path.name)
def test_no_style_and_no_script_calls_a_colour_by_its_word(path):
    assert re.findall(rf"\b(?:{_WORDS})\b", path.read_text(encoding="utf-8")) == []


SHEETS = {
    "widgets": (palette.widget_style(), [PACKAGE / "widgets" / "js"]),
    "deck": (palette.deck_style(), [PACKAGE / "authoring" / "templates" / "deck"]),
    "reports": (palette.report_style(), [PACKAGE / "grading" / "reports" / "templates"]),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_property_that_is_used_is_set_and_one_that_is_set_is_used(name):
    style, folders = SHEETS[name]
    text = "".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.iterdir()))
    given, set_there = set(re.findall(r"--([\w-]+):", style)), set(re.findall(r"--([\w-]+)[\"']?\s*[:,]", text))
    used = {found[1] for found in re.finditer(r"var\(--([\w-]+)\)", text)}
    assert used <= given | set_there
    assert given <= used


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

SIGNS = {palette.POSITIVE.name: "positive|above|excites", palette.NEGATIVE.name: "negative|below|silences"}


def strings_of(path):
    return [
        node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def texts():
    """What a learner or an author reads about colours, each with its place."""
    for folder in (COURSE.solutions, COURSE.slides):
        for path in files_of(folder, ".py"):
            source = source_of(path)
            yield from ((source.place(cell), cell.text) for cell in source.cells)
    for wing in ("plots", "widgets", "exhibits", "equations"):
        for path in sorted((PACKAGE / wing).rglob("*.py")):
            yield from ((path.name, text) for text in strings_of(path))
    for path in files_of(COURSE.solutions, ".ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                page = output.get("data", {}).get("text/html", "")
                yield from (
                    (f"{path.name}, {cell.id}", said) for said in re.findall(r'(?:alt|aria-label)="([^"]*)"|"signs":"([^"]*)"', page) for said in said
                )


@cache
def coloured_texts():
    return [(place, " ".join(text.split())) for place, text in texts() if re.search(rf"\b(?:{_WORDS})\b", text, re.IGNORECASE)]


def test_a_word_for_a_colour_is_a_name_of_the_palette():
    names = {colour.name for colour in COLOURS.values()}
    unknown = [(place, word) for place, text in coloured_texts() for word in re.findall(rf"\b(?:{_WORDS})\b", text.lower()) if word not in names]
    assert unknown == []


def test_a_word_for_a_sign_is_the_one_that_the_palette_gives_it():
    told = 0
    for place, text in coloured_texts():
        for sentence in re.split(r"[.;](?:\s|$)", text.lower()):
            pieces = re.split(rf"\b({'|'.join(SIGNS)})\b", sentence)
            for name, after in zip(pieces[1::2], pieces[2::2], strict=True):
                for sign, words in SIGNS.items():
                    if re.search(rf"\b(?:{words})\b", after):
                        told += 1
                        assert sign == name, f"{place}: {name} {after}"
    assert told >= 10  # five places say both
