"""`bpkit slides`: build decks that open from disk, and their PDFs."""

from __future__ import annotations

import argparse
from pathlib import Path

from bpkit.authoring.build import write_if_changed
from bpkit.authoring.deck import build_deck
from bpkit.authoring.packages import packages
from bpkit.authoring.printing import print_pdf
from bpkit.authoring.source import read_source, shown
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("decks", nargs="*", metavar="NN", help="decks to build, by lesson number; all of them if none is named")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write NN_slug.html")
    parser.add_argument("--pdf", action="store_true", help="print NN_slug.pdf too, through the machine's Chromium")


def run(args: argparse.Namespace) -> int:
    """Build every deck asked for; a line for each."""
    course = find_course()
    paths = files_of(course.slides, ".py", args.decks)
    if not paths:
        raise CourseError(f"no deck in {course.slides}")
    fetched = packages(course.slides)
    for path in paths:
        deck = build_deck(read_source(path), fetched)
        html = args.out / f"{path.stem}.html"
        write_if_changed(html, deck.html)
        line = f"{shown(html)}: {deck.slides} slides, {_size(html.stat().st_size)}"
        if args.pdf:
            pdf = html.with_suffix(".pdf")
            line += f"; {shown(pdf)}: {_size(print_pdf(html, pdf))}"
        print(line, flush=True)
    return 0


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"
