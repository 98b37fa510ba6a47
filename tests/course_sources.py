"""The sources of the course's lessons and decks, each read once for all test files that look into it."""

from __future__ import annotations

from functools import cache

from bpkit.authoring.source import read_source

source_of = cache(read_source)
