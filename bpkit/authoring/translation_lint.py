"""Compares a translation with its English text: what has to be the same in both, and how Chinese is set."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from bpkit.authoring.wording import Message
from bpkit.course.glossary import TERMS
from bpkit.language.catalogue import EITHER, PLACE

_FENCE = re.compile(r"```.*?```", re.DOTALL)
_FORMULA = re.compile(r"\$\$.*?\$\$|(?<!\\)\$(?:[^$\n]|\n(?!\n))+\$", re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_ADDRESS = re.compile(r"https?://[^\s)>\]]+|\]\([^)\s]+\)")
_TAG = re.compile(r"</?[a-z][^<>\n]*>")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?!\w)")
_WORDS_OF_FORMULAS = re.compile(r"\\(?:text|mathrm|textbf|textit)\{[^{}]*\}")
_HEADING = re.compile(r"^(#{1,6}) (.*)$", re.MULTILINE)
_EXERCISE = re.compile(r"\b\d\d\.\d{1,2}\b")
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’\-]*(?:[ ,;:.()\n]+[A-Za-z][A-Za-z'’\-]*){5,}")
_HAN = r"[\u3400-\u9fff]"
_ASIDE = "\ue000"  # stands for a formula or a piece of code
_SPACING = (
    (
        re.compile(rf"{_HAN}[A-Za-z0-9{_ASIDE}]|[A-Za-z0-9%{_ASIDE}]{_HAN}"),
        "a space belongs between Chinese and Latin letters, digits, formulas, code",
    ),
    (re.compile(rf"{_HAN} {_HAN}"), "a stray space between Chinese characters"),
    (re.compile(rf"[{_HAN[1:-1]}，；：]\n(?![\n#>|\-*\d<$]){_HAN}"), "a line break within a paragraph: it shows as a space"),
    (re.compile(rf"{_HAN}[,;:?!](?=\s|$|{_HAN})|{_HAN}\.(?=\s|$)"), "Chinese punctuation is full-width"),
)
_SIGN = "，。；：？！、“”（）《》「」"
# words of the glossary that English also uses for other things: there, nothing can be told from a word
LOOSE = frozenset(
    {
        *("mean", "sum", "code", "error", "label", "trace", "update", "norm", "kink", "batch", "slope", "mask", "patch", "stride", "key", "query"),
        *("value", "head", "cell", "step", "dictionary", "residual", "layer", "parameter", "weight", "bias", "mode", "cost", "velocity", "transpose"),
        *("variance", "rank", "window", "depth", "width", "kernel", "filter", "channel", "token", "path", "product", "branch", "gradient", "state"),
    }
)
# how a term is also said in running text
ALSO = {"epoch": {"轮"}, "example": {"样本"}, "forward propagation": {"前向"}, "backpropagation": {"反向"}, "activation": {"激活"}}


def faults(message: Message, said: str) -> Iterator[str]:
    """What is wrong with a translation, a line each."""
    yield from _what_stays(message, said)
    yield from _how_it_is_set(said.replace("\\n", "\n") if message.literal else said)
    yield from _terms(message.text, said)


def _what_stays(message: Message, said: str) -> Iterator[str]:
    text = message.text
    if message.pattern or message.literal:
        places = [place for place in PLACE.findall(text) if place]
        plurals = [place for place in places if place == "s" or place.startswith("'s' *") or EITHER.fullmatch(place)]
        yield from _same("places", (place for place in places if place not in plurals), filter(None, PLACE.findall(said)), more=plurals)
        # code that is a place alone leaves two marks, which are not the start of code
        text, said = (PLACE.sub("", each).replace("``", "") for each in (text, said))
    if message.literal:
        if (text[:1] == " ", text[-1:] == " ") != (said[:1] == " ", said[-1:] == " ") and text[:1] == " ":
            yield "the space at the start is gone or new"
        if text.count("\\n") != said.count("\\n"):
            yield "the breaks \\n differ in number"
        return
    yield from _same("pieces of code set apart", _FENCE.findall(text), _FENCE.findall(said))
    text, said = _FENCE.sub("", text), _FENCE.sub("", said)
    yield from _same("pieces of code", _CODE.findall(text), _CODE.findall(said))
    text, said = _CODE.sub("", text), _CODE.sub("", said)
    yield from _same("formulas", map(_bare, _FORMULA.findall(text)), map(_bare, _FORMULA.findall(said)))
    text, said = _FORMULA.sub("", text), _FORMULA.sub("", said)
    yield from _same("addresses", _ADDRESS.findall(text), _ADDRESS.findall(said))
    text, said = _ADDRESS.sub("", text), _ADDRESS.sub("", said)
    yield from _same("tags", _TAG.findall(text), _TAG.findall(said))
    yield from _same("levels of headings", (level for level, _ in _HEADING.findall(text)), (level for level, _ in _HEADING.findall(said)))
    yield from _same("exercises", _EXERCISE.findall(text), _EXERCISE.findall(said))
    yield from _same("rows of tables", re.findall(r"^\|", text, re.MULTILINE), re.findall(r"^\|", said, re.MULTILINE))
    missing = Counter(_NUMBER.findall(text)) - Counter(_NUMBER.findall(said))
    if missing:
        yield f"numbers missing: {', '.join(missing)}"
    if found := _ENGLISH.search(_TAG.sub(" ", said)):
        yield f"left in English: {found[0][:60]!r}"


def _same(what: str, before: object, after: object, more: object = ()) -> Iterator[str]:
    """A line where two collections differ; those of `more` may be there or not."""
    one, other, free = Counter(before), Counter(after), Counter(more)  # type: ignore[call-overload]
    if gone := one - other:
        yield f"{what} missing: {'  '.join(map(_short, gone))}"
    if new := other - one - free:
        yield f"{what} that English does not have: {'  '.join(map(_short, new))}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 70 else text[:67] + "…")


def _bare(formula: str) -> str:
    return "".join(_WORDS_OF_FORMULAS.sub(r"\\text{}", formula).split())


def _how_it_is_set(said: str) -> Iterator[str]:
    plain = _TAG.sub("", _ADDRESS.sub("]", _FORMULA.sub(_ASIDE, _CODE.sub(_ASIDE, _FENCE.sub("", said)))))
    yield from _bold(plain)
    plain = plain.replace("*", "")
    for form, words in _SPACING:
        if found := form.search(plain):
            around = plain[max(0, found.start() - 6) : found.end() + 6].replace(_ASIDE, "…").replace("\n", "⏎")
            yield f"{words}: {around!r}"


def _bold(plain: str) -> Iterator[str]:
    """By the rules of Markdown, two stars between a sign on their inner side and a letter on their outer one are two stars."""
    parts = plain.split("**")
    for number, (before, after) in enumerate(itertools.pairwise(parts)):
        inner, outer = (after[:1], before[-1:]) if number % 2 == 0 else (before[-1:], after[:1])
        if inner and inner in _SIGN and (outer.isalnum() or outer == _ASIDE):
            yield f"bold that begins or ends with a sign needs a space outside, or the sign does: {before[-8:]}**{after[:4]}"


@cache
def _wanted() -> tuple[tuple[re.Pattern[str], str, frozenset[str]], ...]:
    """Each term: how it is found in English, its English word, and the Chinese words that stand for it."""
    terms = []
    for term in TERMS:
        if term.words in LOOSE:
            continue
        chinese = re.split(r"[()（）:：,、 ]+", term.chinese)
        words = frozenset({word for word in chinese if re.search(_HAN, word)} | {term.words} | ALSO.get(term.words, set()))
        terms.append((re.compile(rf"\b{re.escape(term.words)}(?:s|es)?\b", re.IGNORECASE), term.words, words))
    return tuple(sorted(terms, key=lambda each: -len(each[1])))


def _terms(text: str, said: str) -> Iterator[str]:
    plain = _ADDRESS.sub("", _FORMULA.sub(" ", _CODE.sub(" ", _FENCE.sub("", text))))
    low = said.lower()
    for form, word, chinese in _wanted():
        if form.search(plain):
            plain = form.sub(" ", plain)
            if not any(each.lower() in low for each in chinese):
                yield f"the glossary has for {word!r}: {' or '.join(sorted(chinese - {word}))}"
