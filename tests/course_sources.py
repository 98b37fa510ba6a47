"""The sources of the course's lessons and decks, each read once for all test files that look into it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bpkit.authoring.source import Source, read_source

_read = cache(read_source)


def source_of(path: Path) -> Source:
    """A file of the course, whichever way its path is written."""
    return _read(path.resolve())
