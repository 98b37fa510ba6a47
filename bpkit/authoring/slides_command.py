"""`bpkit slides`: build decks that open from disk, and their PDFs."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bpkit.authoring import deck_font
from bpkit.authoring.build import write_if_changed
from bpkit.authoring.catalogues import deck_words, edition_asked_for
from bpkit.authoring.deck import build_deck
from bpkit.authoring.deck_index import write_index
from bpkit.authoring.edition import deck_edition
from bpkit.authoring.packages import Packages, packages
from bpkit.authoring.printing import print_pdf
from bpkit.authoring.source import read_source, shown
from bpkit.course.folders import Course, files_of, find_course
from bpkit.errors import CourseError
from bpkit.language import SOURCE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("decks", nargs="*", metavar="NN", help="decks to build, by lesson number; all of them if none is named")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write NN_slug.html, and index.html, which lists them")
    parser.add_argument("--language", metavar="CODE", default=SOURCE, help="the language of the decks (default: en)")
    parser.add_argument("--pdf", action="store_true", help="print NN_slug.pdf too, through the machine's Chromium")


def run(args: argparse.Namespace) -> int:
    """Build every deck asked for, side by side, a line for each; and the page that lists the decks of the folder."""
    course = find_course()
    language = edition_asked_for(course, args.language)
    paths = files_of(course.slides, ".py", args.decks)
    if not paths:
        raise CourseError(f"no deck in {course.slides}")
    fetched = packages(course.slides)
    if language != SOURCE and not deck_font.is_there():
        print(deck_font.NONE_HERE, file=sys.stderr)
    build = partial(_build, out=args.out, fetched=fetched, pdf=args.pdf, course=course, language=language)
    workers = min(len(paths), processors())
    if workers == 1:
        for path in paths:
            print(build(path), flush=True)
    else:
        # a deck waits now for its kernel, now for node, and computes in between: one process each
        with ProcessPoolExecutor(workers) as pool:
            try:
                for line in pool.map(build, paths):
                    print(line, flush=True)
            except CourseError:
                pool.shutdown(cancel_futures=True)
                raise
    print(f"{shown(write_index(args.out, deck_words(course, language)))}: lists them")
    return 0


def processors() -> int:
    """How many decks to build at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _build(path: Path, out: Path, fetched: Packages, pdf: bool, course: Course, language: str) -> str:
    """Build one deck, and say so."""
    english = read_source(path)
    source, left = (english, "") if language == SOURCE else deck_edition(english, course, language)
    deck = build_deck(source, fetched, deck_words(course, source.language), english)
    html = out / f"{path.stem}.html"
    write_if_changed(html, deck.html)
    line = f"{shown(html)}: {deck.about.slides} slides, {_size(html.stat().st_size)}"
    if pdf:
        printed = html.with_suffix(".pdf")
        line += f"; {shown(printed)}: {_size(print_pdf(html, printed))}"
    return f"{line}; {left}" if left else line


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"
