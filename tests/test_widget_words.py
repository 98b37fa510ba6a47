"""What the widgets' scripts show comes from the table that Python sends: no word of theirs stands in a script by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("babel")

from babel.messages.jslexer import tokenize

import bpkit as bp
from bpkit.authoring.catalogues import spoken_file
from bpkit.language import SAID_BY_SCRIPT
from bpkit.language.catalogue import PLACE, Catalogue

FOLDER = Path(bp.widgets.__file__).parent / "js"
SCRIPTS = sorted(FOLDER.glob("*.js"))
# functions whose first argument is the name of an element, an attribute, an event, a style or a key of the model
OF_THE_PAGE = frozenset(
    {
        *("html", "svg", "setAttribute", "getAttribute", "toggleAttribute", "addEventListener", "querySelector", "querySelectorAll", "closest"),
        *("createElement", "setProperty", "get", "set", "on", "off", "matchMedia", "CustomEvent", "Event", "add", "replace", "split", "get"),
    }
)
ATTRIBUTES = frozenset(
    {"type", "role", "class", "viewBox", "scope", "tabindex", "preserveAspectRatio", "aria-hidden", "aria-live", "lengthAdjust", "key"}
)
# a formula, and names of things that the script itself tells apart
FORMULAS = frozenset({"exp(s − m)"})


def words(text: str) -> bool:
    """Whether somebody would read it: two letters or more, and no name of a class."""
    return bool(re.search(r"[A-Za-z]{2,}", re.sub(r"\$\{[^{}]*\}", "", text))) and "bpkit-" not in text


def untold(script: str) -> list[str]:
    """The strings of a script that would be shown as they are."""
    tokens = [token for token in tokenize(script) if token.type not in ("comment", "multilinecomment", "linecomment")]
    found = []
    for at, token in enumerate(tokens):
        if token.type not in ("string", "template_string") or not words(token.value[1:-1]) or token.value[1:-1] in FORMULAS:
            continue
        before = [each.value for each in tokens[max(0, at - 3) : at]]
        after = tokens[at + 1].value if at + 1 < len(tokens) else ""
        called = before[-2].split(".")[-1] if len(before) > 1 and before[-1] == "(" else ""
        if called == "tr" or called in OF_THE_PAGE or after == ":" or before[-1:] in (["==="], ["!=="], ["case"]) or after in ("===", "!=="):
            continue
        if before[-1:] == [":"] and len(before) > 1 and before[-2].strip('"') in ATTRIBUTES:
            continue
        found.append(token.value)
    return found


# words of the browser's own: keys, events, colours, values of attributes
OF_THE_BROWSER = frozenset(
    {
        *("true", "italic", "currentColor", "transparent", "Canvas", "Enter", "Tab", "Escape", "pointerup", "pointercancel", "change"),
        *("INPUT", "BUTTON", "button", "http://www.w3.org/2000/svg", "inf", "nan"),
    }
)
# by these a script tells apart what the state has, and shows them in other words
KEYS = {
    "attention": {"kept", "result"},
    "descent": {"swings", "diverges", "arrives", "walks", "jumps", "eta", "factor", "how", "along", "across", "bowl", "ravine"},
    "errata_bench": {"published", "repaired", "measured"},
    "full_step": {"dW", "db", "new ", "new W", "new b", "new ${name}"},
    "normalisation_and_residuals": {"training", "evaluation"},
    "notation": {"wrong", "right"},
    "saturation": {"${key}Error", "Error", "Gradient"},
    "training": {"training", "validation"},
    "v_curve": {"scheme", "dtype", "name", "one-sided", "central", "complex step"},
    "weights_used_again": {"left", "middle", "right"},
}
# lengths, places and paths of drawings, and a template in which another begins or ends
DRAWN = re.compile(
    r"-?[\d.]+em|\$\{back\}em|M\$\{.*|\).join\(.*|url\(.*|scale\(.*|rotate\(.*|--rows: .*|\$\{clipped\}-plot|\$\{tr\(.*"
    r"|.*number\((?:before|after)\).*"
)


def excused(script: str, text: str) -> bool:
    """Whether a string is none that is shown."""
    inside = text[1:-1]
    return (
        inside in OF_THE_BROWSER
        or inside in KEYS.get(script, ())
        or bool(DRAWN.match(inside))
        or "number(before)" in inside
        or "number(after)" in inside
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_text_of_a_script_comes_from_its_table(script):
    assert [text for text in untold(script.read_text(encoding="utf-8")) if not excused(script.stem, text)] == []


@pytest.mark.parametrize("script", ['html("p", {}, "Turn it")', "const a = `Step ${k} of ${n}`;", 'pushButton("Reset", go)', 'text(1, 2, "cost C")'])
def test_a_text_that_stands_by_itself_is_found(script):
    assert [text for text in untold(script) if not excused("tape", text)] != []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_is_asked_of_the_table_is_written_out_where_it_is_asked(script):
    text = re.sub(r"^ *//[^\n]*|/\*\*.*?\*/", "", script.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    asked = [call for call in re.findall(r"\btr\(\s*.", text) if not call.endswith('"')]
    assert asked == (["tr(t"] if script.name == "common.js" else []), "the translators' template has only what stands there as a string"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_text_of_a_script_has_its_chinese_with_the_same_places(script):
    spoken = Catalogue(spoken_file("zh"))
    for text in SAID_BY_SCRIPT.findall(script.read_text(encoding="utf-8")):
        said = spoken.of_script(text)
        assert said, text
        assert set(PLACE.findall(said)) == set(PLACE.findall(text)), text
