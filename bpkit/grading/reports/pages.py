"""Renders the HTML pages: escapes what students wrote, sets their code, and lets nothing be fetched."""

from __future__ import annotations

import base64
import hashlib
import keyword
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as escaped

from bpkit.exercises.feedback import entries_html, with_code
from bpkit.grading.reports.told import KEPT
from bpkit.language import named, translated

TEMPLATES = Path(__file__).parent / "templates"
SIGNS = {"right": "✓", "wrong": "✗", "not attempted": "○", "could not run": "!"}
# how a status is called where a class attribute needs one word
CLASSES = {"right": "right", "wrong": "wrong", "not attempted": "open", "could not run": "failed"}

_MOST_CODE = 20_000  # characters of one answer that a page shows
_SHORT = 1_000  # and of one that many may have written
_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)"
    r"|(?P<string>\b[rbfuRBFU]{0,2}(?:'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")"
    r"|(?:'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"))"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)"
    r"|(?P<number>\b\d[\w.]*)"
)


def render(template: str, **values: Any) -> str:
    """The page that a template makes of these values."""
    return _environment().get_template(template).render(**values)


_CUT = "<!-- cut -->"  # what students write is escaped, so it stands nowhere but where a template has a cut


def pieces(template: str, **values: Any) -> list[str]:
    """The page that a template makes of these values, cut into pieces where it says ``{{ cut }}``."""
    return render(template, cut=Markup(_CUT), **values).split(_CUT)


def filled(between: Sequence[str], own: Sequence[str]) -> str:
    """Pieces, with what goes into the cuts between them, which is escaped where it is no markup.

    Examples
    --------
    >>> filled(["<p>", "</p>"], ["1 < 2"])
    '<p>1 &lt; 2</p>'
    """
    made = [""] * (len(between) + len(own))
    made[::2], made[1::2] = between, [piece if type(piece) is Markup else escaped(piece) for piece in own]
    return "".join(made)


def code_html(code: str) -> Markup:
    """Python source, broken or not, with comments, strings, keywords and numbers in colour.

    Examples
    --------
    >>> print(code_html("return 1 < 2"))
    <span class="keyword">return</span> <span class="number">1</span> &lt; <span class="number">2</span>
    """
    return _coloured_once(code) if len(code) < _SHORT else _coloured(code)


def _coloured(code: str) -> Markup:
    shown = code[:_MOST_CODE].rstrip()
    pieces, at = [], 0
    for token in _TOKEN.finditer(shown):
        pieces += [escape(shown[at : token.start()]), f'<span class="{token.lastgroup}">{escape(token[0])}</span>']
        at = token.end()
    pieces.append(escape(shown[at:]))
    if len(code) > _MOST_CODE:
        pieces.append(f'\n<span class="comment">… {len(code) - _MOST_CODE:,} more characters</span>')
    return Markup("".join(pieces))


_coloured_once = lru_cache(KEPT)(_coloured)


def changes_html(changes: str) -> Markup:
    """The lines of a difference, those that go and those that come each in a colour, beside their sign.

    Examples
    --------
    >>> print(changes_html("-a = 1\\n b"))
    <span class="goes">-a = 1</span>
     b
    """
    hues = {"-": "goes", "+": "comes"}
    lines = (f'<span class="{hues[line[0]]}">{escape(line)}</span>' if line[:1] in hues else escape(line) for line in changes.splitlines())
    return Markup("\n".join(lines))


def numeral(value: float) -> str:
    """A number as people write it: no trailing zeros, thousands set apart."""
    return f"{round(value, 2):,.10g}"


def share(part: float, whole: float) -> str:
    """A percentage without decimals that says 0 % and 100 % only where it is none and all."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    return f"{min(max(round(percent), 1 if part else 0), 100 if part == whole else 99)} %"


def plural(count: float, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> plural(1.0, "point"), plural(1200, "student")
    ('1 point', '1,200 students')
    """
    return f"{numeral(count)} {noun}{'' if count == 1 else 's'}"


@cache
def security_policy(script: str = "") -> str:
    """What a browser may do with the page: show it; run nothing but `script`, fetch nothing.

    Escaping keeps student text from being markup. Should it ever fail, the browser still refuses to act on it.
    """
    allowed = f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" if script else "'none'"
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'"


@cache
def text_of(template: str) -> str:
    """A template's own text: a style or a script that has nothing to fill in."""
    return (TEMPLATES / template).read_text(encoding="utf-8")


def _compiled() -> BytecodeCache | None:
    """Where compiled templates are kept from run to run, in a folder of this user's alone; None where there is none to be had."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):  # somebody else has made a folder of that name
        return None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_compiled(),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "code": code_html,
        "changes": changes_html,
        "with_code": lambda text: Markup(with_code(text)),
        "entries": lambda entries: Markup(entries_html(entries)),
        "numeral": numeral,
    }
    environment.filters |= filters
    environment.globals |= {"signs": SIGNS, "classes": CLASSES, "share": share, "plural": plural, "t": translated, "named": named}
    return environment
