"""The reader's language: which it is, and a text of bpkit in it.

Every text is written in English where it arises, and kept, graded and compared so; it is translated where it is shown.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpkit.language.catalogue import Catalogue

# the language's code → what it calls itself
LANGUAGES = {"en": "English", "zh": "中文"}
SOURCE = "en"  # in which everything is written
REMEMBERED = ".bpkit-language"  # a file in a learner's folder that names the folder's language
VARIABLE = "BPKIT_LANGUAGE"
CATALOGUES: Path | None = None  # where each language's texts lie, where it is not here
# a text of a widget's script: what is given to `tr` in js/common.js
SAID_BY_SCRIPT = re.compile(r'\btr\(\s*"([^"\\]*)"')
# the words of a formula, without the spaces around them
IN_FORMULA = re.compile(r"(\\text\{\s*)([^{}]*?)(\s*\})")
_asked: ContextVar[str] = ContextVar("language", default="")


def language(folder: Path | None = None) -> str:
    """The code of the language that is spoken here, or in a folder.

    What `BPKIT_LANGUAGE` says; else what the working folder remembers (`bpkit lab --language`); else the course's own folder
    ``lessons/zh``, in a browser ``zh``; else English, as for any language that is not there.
    """
    return _asked.get() or _spoken(os.environ.get(VARIABLE, ""), str(folder) if folder else _here())


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language whatever the folder's is: a student's page has its own."""
    before = _asked.set(code)
    try:
        yield
    finally:
        _asked.reset(before)


def remember(folder: Path, code: str) -> None:
    """Let a learner's folder keep its language."""
    place = folder / REMEMBERED
    before = place.read_text(encoding="utf-8", errors="replace").strip() if place.exists() else SOURCE
    if before != code:
        place.write_text(f"{code}\n", encoding="utf-8")
        _spoken.cache_clear()


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # the folder was removed
        return ""


def known(code: str) -> str:
    """The language that a code or the name of a locale stands for, empty where it is not there.

    Examples
    --------
    >>> known("zh_CN.UTF-8"), known("ZH"), known("fr")
    ('zh', 'zh', '')
    """
    start = code[:2].lower()
    return start if start in LANGUAGES and not code[2:3].isalpha() else ""


def translated(text: str) -> str:
    """A text of bpkit in the reader's language; as it is where there is no translation.

    Parameters
    ----------
    text
        English, as it was written or filled in: of ``f"{k} hints open"`` the catalogue has the pattern.
    """
    code = language()
    return text if code == SOURCE or not text else _catalogue(code).translated(text)


def named(mistake: str) -> str:
    """A mistake's name in the reader's language: some are a single word, such as ``"sigmoid"``, that elsewhere is a name of code."""
    code = language()
    return mistake if code == SOURCE or not mistake else _catalogue(code).named(mistake)


def script_words(script: str) -> dict[str, str]:
    """What a widget's script says → the same in the reader's language; empty where that is English, in which the script is written."""
    code = language()
    if code == SOURCE:
        return {}
    return {text: said for text in dict.fromkeys(SAID_BY_SCRIPT.findall(script)) if (said := _catalogue(code).of_script(text))}


def in_formula(latex: str) -> str:
    """A formula whose words, as in ``\\text{for every } l``, are in the reader's language."""
    code = language()
    return latex if code == SOURCE else IN_FORMULA.sub(lambda words: f"{words[1]}{_catalogue(code).in_formula(words[2])}{words[3]}", latex)


def columns(text: str) -> int:
    """How many columns a text takes in a font of fixed width, in which a Chinese character takes two.

    Examples
    --------
    >>> columns("BP2"), columns("误差：BP2")
    (3, 9)
    """
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, wide: int) -> str:
    """A text with spaces behind it, so that what follows begins in the same column on every line.

    Examples
    --------
    >>> [padded(word, 5) + "|" for word in ("bias", "偏置")]
    ['bias |', '偏置 |']
    """
    return text + " " * (wide - columns(text))


@cache
def _spoken(variable: str, folder: str) -> str:
    if said := known(variable):
        return said
    try:
        said = known(Path(folder, REMEMBERED).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        said = ""
    place = Path(folder)
    # in a browser, a folder has the course's files and nothing else
    ours = place.parent.name in ("lessons", "solutions") or sys.platform == "emscripten"
    return said or (place.name if place.name in LANGUAGES and ours else SOURCE)


@cache
def _catalogue(code: str) -> Catalogue:
    from bpkit.language.catalogue import Catalogue

    return Catalogue((CATALOGUES or Path(__file__).parent) / f"{code}.mo")
