"""Looks through built pages: does every link lead somewhere, and does nothing come from another machine?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# element → the attribute by which a browser fetches something without being asked
_FETCHES = {
    **dict.fromkeys(("script", "img", "iframe", "video", "audio", "source", "embed", "track", "input"), "src"),
    "link": "href",
    "object": "data",
    "image": "href",
    "use": "href",
}

# in a style sheet, a file or another sheet on another machine
_ELSEWHERE = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


@dataclass
class _Page(HTMLParser):
    """The anchors of a page, where its links lead, and what it fetches."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in _FETCHES and _FETCHES[tag] in given:
            self.fetched.append(given[_FETCHES[tag]])


@cache
def _read(page: Path) -> _Page:
    parsed = _Page()
    parsed.feed(page.read_text(encoding="utf-8"))
    return parsed


def faults(folder: Path, apart: str = "") -> list[str]:
    """One line for each link of the pages in a folder that leads nowhere, and for each thing fetched from elsewhere.

    A folder in it that is another program's may be named: links may lead there, and its own pages are not read.
    """
    _read.cache_clear()
    folder = folder.resolve()
    found = []
    for page in _ours(folder, "*.html", apart):
        name, parsed = page.relative_to(folder).as_posix(), _read(page)
        for address in parsed.fetched:
            if urlsplit(address).netloc:
                found.append(f"{name}: fetches {address[:120]}, expected a file of the site")
        for address in [*parsed.fetched, *parsed.links]:
            if fault := _fault(address, page, folder):
                found.append(f"{name}: {fault}")
    for sheet in _ours(folder, "*.css", apart):
        for address in _ELSEWHERE.findall(sheet.read_text(encoding="utf-8")):
            found.append(f"{sheet.relative_to(folder).as_posix()}: fetches {address[:120]}, expected a file of the site")
    return found


def _ours(folder: Path, names: str, apart: str) -> list[Path]:
    return sorted(file for file in folder.rglob(names) if file.relative_to(folder).parts[0] != apart)


def _fault(address: str, page: Path, folder: Path) -> str | None:
    """What is wrong with one address; None where it leads to a file of the site, or out of it."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_relative_to(folder) or not target.is_file():
        return f"found a link to {address}, expected a file of the site"
    # `#` alone is the top of any page
    if parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in _read(target).anchors:
        return f"found a link to {address}, expected an element of that name there"
    return None
