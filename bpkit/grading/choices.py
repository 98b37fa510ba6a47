"""What staff choose about the reports of a graded folder; the folder keeps it, and nothing is graded anew when it changes."""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

from bpkit.language import LANGUAGES, known

# how a choice is kept: its key in the journal, which is also its name among the parsed arguments
PARTIAL, SOLUTIONS, SITE, LANGUAGE = "partial", "with_solutions", "site", "language"
CHOICES = (PARTIAL, SOLUTIONS, SITE, LANGUAGE)
_NO_SITE = "none"


def add_choice_arguments(parser: argparse.ArgumentParser) -> None:
    """The choices, each with its opposite; what is not said stays as the folder has it, and is "no" in a new one."""
    parser.add_argument(
        "--partial",
        dest=PARTIAL,
        action=argparse.BooleanOptionalAction,
        help="points for the parts and cases of a wrong answer that are right, in the exercises that `bpkit exercises` marks so",
    )
    parser.add_argument(
        "--with-solutions", dest=SOLUTIONS, action="store_true", default=None, help="after the deadline: the course's solutions on the feedback pages"
    )
    parser.add_argument("--without-solutions", dest=SOLUTIONS, action="store_false", help="no solutions on the feedback pages any more")
    parser.add_argument(
        "--site",
        type=_site,
        metavar="ADDRESS",
        help="the course's site, as `bpkit site` builds it: course.html links each mistake to the section that treats it; 'none' forgets it",
    )
    parser.add_argument(
        "--language",
        type=_language,
        metavar="CODE",
        help="of the students' feedback pages and of course.html: en or zh; grades, statuses and ids are the same in each",
    )


def _language(text: str) -> str:
    if not (code := known(text)):
        raise argparse.ArgumentTypeError(f"{text!r}, expected one of: {', '.join(f'{code} ({name})' for code, name in LANGUAGES.items())}")
    return code


def _site(text: str) -> str:
    """The address without the slash at its end; "" where it is to be forgotten."""
    if text == _NO_SITE:
        return ""
    if not _is_address(text):
        raise argparse.ArgumentTypeError(f"{text!r}, expected an address that begins with http:// or https://, or a relative one such as ../site")
    return text.rstrip("/") if text.strip("/") else text


def _is_address(text: str) -> bool:
    """Whether pages of a site can stand below this address."""
    if not text or not text.isprintable() or set(text) & set(" \\?#"):
        return False
    try:
        parts = urlsplit(text)
        if parts.scheme:
            return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # no port, or no IPv6 address
        return False
    first = text.split("/")[0]
    # a name with a dot is a host's, which a browser would look for as a folder
    return not parts.netloc and (first in (".", "..") or not set(first) & set(".:"))


def chosen(args: argparse.Namespace) -> dict[str, bool | str]:
    """What was said on the command line."""
    return {choice: value for choice in CHOICES if (value := getattr(args, choice)) is not None}
