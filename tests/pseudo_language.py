"""A language that nobody speaks: every text of the templates with accents, in brackets and 30 % longer.

What is shown without accents cannot be translated; what no longer fits would burst in German.
"""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo

from bpkit.authoring.catalogues import catalogues, catalogues_said
from bpkit.course.folders import find_course
from bpkit.language.catalogue import PATTERNS

CODE = "qq"
_ACCENTS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖƤɊŔŠŢÛṼŴẊÝŽàƀçðéƒĝĥîĵķļṁñöƥɋŕšţûṽŵẋýž")
# what stays as it is in every language: places, code, formulas, tags, the places of argparse
_KEPT = re.compile(r"(\{[^{}]*\}|`[^`]*`|\$[^$]*\$|<[^<>]*>|%\(\w+\)[a-z]|%s|&\w+;)")
_WORD = re.compile(r"[A-Za-z]{3,}")


def accented(text: str) -> str:
    """A text in the pseudo-language."""
    parts = _KEPT.split(text)
    said = "".join(part if k % 2 else part.translate(_ACCENTS) for k, part in enumerate(parts))
    longer = re.sub(r"(?<=.{6}).", lambda sign: " " if sign.start() % 7 == 0 else "ö", "ö" * (3 * len(text.strip()) // 10))
    begin, end = len(said) - len(said.lstrip()), len(said.rstrip())
    return f"{said[:begin]}[{said[begin:end]}{' ' * bool(longer)}{longer.strip()}]{said[end:]}" if text.strip() else text


@cache
def _made() -> bytes:
    """All that bpkit says itself in the pseudo-language, as one file."""
    course = find_course()
    said, patterns = Catalog(locale="de"), []
    found = catalogues(course)
    for name in catalogues_said(course):
        for message in found[name]:
            said.add(message.text, accented(message.text), context=message.context or None)
            if message.pattern and not message.context:
                patterns.append(message.text)
    for number, pattern in enumerate(patterns):
        said.add(str(number), pattern, context=PATTERNS)
    file = io.BytesIO()
    write_mo(file, said)
    return file.getvalue()


def write_catalogue(folder: Path) -> None:
    """Write the language's file, where `bpkit.language.CATALOGUES` is to look for it."""
    (folder / f"{CODE}.mo").write_bytes(_made())


def plain_words(text: str, *names: str) -> list[str]:
    """The words of a shown text that have no accents, and are no names of code or of those given."""
    text = re.sub(r"`[^`]*`|\$[^$]*\$|https?://\S+|\"[^\"]*\"", " ", text)
    text = re.sub(r"\b\w*[_(.=]\w[\w.(]*|--?[a-z][\w-]*|[\w/]+\.\w+|\b[A-Z_]{2,}\b", " ", text)
    known = {name.lower() for name in names}
    return [word for word in _WORD.findall(re.sub(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*", " ", text)) if word.lower() not in known]
