"""Prints a deck to PDF through the machine's Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

from bpkit.course.pins import install_command
from bpkit.errors import CourseError

# the one without windows first: it shows and prints the same pages with a third of the work
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The system's Chromium or Chrome, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(deck: Path, pdf: Path) -> int:
    """Print every slide on a page of its own, tagged and with an outline; return the number of bytes.

    Raises
    ------
    CourseError
        If there is no Chromium, or it fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError as error:
        raise CourseError(f"--pdf needs the package playwright; install it with: {install_command('slides')}") from error
    executable = chromium()
    if executable is None:
        raise CourseError(f"--pdf needs a Chromium or Chrome ({', '.join(BROWSERS)}), found none; on Debian and Ubuntu: apt-get install chromium")
    try:
        with sync_playwright() as play:
            # a page from our own build needs no sandbox, and as root there is none
            browser = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{deck.resolve().as_uri()}?print-pdf")
            page.wait_for_function("window.Reveal?.isReady() && document.querySelectorAll('.pdf-page').length > 0")
            page.evaluate("document.fonts.ready")
            page.pdf(path=str(pdf), prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
            browser.close()
    except Error as error:
        raise CourseError(f"{pdf}: Chromium could not print the deck: {str(error).strip().splitlines()[0]}") from error
    return pdf.stat().st_size
