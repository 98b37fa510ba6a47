"""`bpkit site`: build the course as static pages, and put them into a folder that is empty or ours."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bpkit.authoring.site import MARKER, build_site, deck_folder, decks_of, languages_of, sources
from bpkit.authoring.site_lite import FOLDER, build_lite, pyodide
from bpkit.authoring.site_wheel import Package, build_wheel, site_address
from bpkit.authoring.source import shown
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that is new, empty, or from an earlier run")
    parser.add_argument("--without-solutions", action="store_true", help="leave out worked solutions and what the checks say to them")
    said = "where the site will stand: each lesson's page then has the line that installs bpkit from there"
    parser.add_argument(
        "--lite",
        nargs="?",
        type=Path,
        const=None,
        default=False,
        metavar="PYODIDE",
        help="also put JupyterLite beside the pages, which runs the lessons in the browser; PYODIDE is a folder with the files of Pyodide and its "
        "packages (default: they are fetched once, and kept)",
    )
    parser.add_argument("--address", metavar="URL", help=said)
    said = "the language of the pages; may be given several times (default: each that there are lessons in)"
    parser.add_argument("--language", action="append", metavar="CODE", default=[], help=said)
    said = "a folder of decks that `bpkit slides --out DIR` left: the pages lead to them; the lecturer's notes are inside"
    parser.add_argument("--decks", type=Path, metavar="DIR", help=said)


def run(args: argparse.Namespace) -> int:
    """Build the site; one line says where it is."""
    course, began = find_course(), time.perf_counter()
    address = None if args.address is None else site_address(args.address)
    refuse_foreign(args.out)
    sources(course)
    languages = languages_of(course, args.language)
    decks = decks_of(course, args.decks, languages) if args.decks else {}
    runtime = None if args.lite is False else pyodide(args.lite)
    with tempfile.TemporaryDirectory(prefix="bpkit-site-") as work:
        wheel = build_wheel(course.lessons.parent, Path(work) / "wheel", not args.without_solutions)
        lite = runtime and build_lite(course, Path(work) / "lite", wheel, runtime, languages)
        package = Package(wheel, address, lite is not None)
        built = build_site(course, Path(work), not args.without_solutions, package, lite, args.decks, languages)
        pages = sum(1 for page in built.rglob("*.html") if page.relative_to(built).parts[0] != FOLDER)
        publish(built, args.out)
    spoken = ", ".join(languages)
    print(
        f"{shown(args.out / 'index.html')}: {pages} pages ({spoken}), no warning, no broken link; {time.perf_counter() - began:.0f} s",
        file=sys.stderr,
    )
    for code, found in decks.items():
        if without := sorted({path.stem[:2] for path in files_of(course.lessons, ".ipynb")} - {deck.name[:2] for deck in found}):
            print(f"{deck_folder(args.decks, code)} has no deck of {', '.join(without)}", file=sys.stderr)
    if address is None:
        print("no --address: the pages lead to the package, but have no line that installs it from the site", file=sys.stderr)
    return 0


def refuse_foreign(out: Path) -> None:
    """Stop before anything of somebody else's is overwritten.

    Raises
    ------
    CourseError
        If `out` is a file, or a folder with something in it that has no marker of ours.
    """
    if out.exists() and not out.is_dir():
        raise CourseError(f"{out}: found a file, expected a folder")
    if out.is_dir() and not (out / MARKER).is_file() and any(out.iterdir()):
        raise CourseError(f"{out}: found files that are not of a site built by bpkit, expected a new or an empty folder")


def publish(built: Path, out: Path) -> None:
    """Bring finished pages to where they belong, in place of those that an earlier run left there; nothing else in that folder is touched.

    Raises
    ------
    CourseError
        If the folder is not ours, or cannot be written.
    """
    refuse_foreign(out)
    names = sorted(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file())
    try:
        out.mkdir(parents=True, exist_ok=True)
        marker = out / MARKER
        before = marker.read_text(encoding="utf-8").splitlines() if marker.is_file() else []
        # both lists, until all is done: what is interrupted is still known to be ours
        marker.write_text("\n".join(sorted({*before, *names})) + "\n", encoding="utf-8")
        for name in set(before) - set(names):
            stale = out / name
            if stale.resolve().is_relative_to(out.resolve()):
                stale.unlink(missing_ok=True)
        shutil.copytree(built, out, dirs_exist_ok=True)
        marker.write_text("\n".join(names) + "\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{error.filename or out}: cannot be written: {error.strerror or error}") from error
