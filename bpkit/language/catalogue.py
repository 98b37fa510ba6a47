"""One language's texts: looked up as they are, by the pattern that made them, or sentence by sentence."""

from __future__ import annotations

import gettext
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path

# under this context the catalogue counts its patterns through: "0", "1", …; gettext itself tells no list of what it has
PATTERNS = "patterns"
MISTAKE = "mistake"  # the context of mistakes' names that are a word alone
FORMULA = "formula"  # the context of words within formulas, many of which are a word alone
NAMES = "names"  # the context of what stands between names in a list
SCRIPT = "script"  # the context of what a widget's script says, whose places the script fills in
# a brace that is meant stands twice, as in an f-string; an empty pair of these is a place, too, which `format` has filled in
PLACE = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})|\{\{\}\}")
# where a text may be a whole of several that were joined: after a sentence, at a line's end, between the names of two slips
_JOINT = re.compile(r"(\n+|(?<=[.!?])\s+|; |: |, )")
# in the places of a pattern; one that has a single word, behind a place, is told by its number and by what makes an English plural
_ANYTHING, _PHRASE, _NUMBER, _SHORT = "(.*?)", r"((?:(?![.!?] |; |\n).)*?)", r"(-?[\d.,]*|s)", r"(\S*?)"
# what opens within such a place ends there, too: first a text is read so, and only then with odd brackets or quotes
_UNBROKEN = r"\([^()]*\)|`[^`]*`|\"[^\"]*\"|"
_WHOLE = {_ANYTHING: rf"((?:{_UNBROKEN}[^()`\"])*?)", _PHRASE: rf"((?:(?![.!?] |; |\n)(?:{_UNBROKEN}[^()`\"]))*?)"}
_QUOTED = r'([^"]*)'  # between quotes, what holds none
_WRITTEN = r"([-−]?(?:[\d.,]+(?:e[-+]?\d+|·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|inf|nan))"  # a number, as code, figures and tables write it
_COUNTED = re.compile(r"^(?:number|len|int)\(|^places\[|\.size$|\.sum\(\)$|\.(?:value|epochs|points|max_points|minutes)$|[jkx] \+ 1$|^more$")
# what holds sentences or lists, where others hold a piece of one
_TELLS = re.compile(r"hint|says|words|message|said|told|before|\bhow\b|good|bad|parts|join|text|found|case|label|name\b")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_AS_IT_IS = re.compile(r"exercise\.(?:name|id)\b|argument_names|\.line$")  # places for names of code, which may be words of ours as well
_LIST = re.compile(r"'( and |, | and by )'\.join\(|numbers$")  # names side by side; what joins them is a text of its own
_CASE = re.compile(r"label|case\b|title|^good$|^bad$")  # in the midst of Chinese the signs between formulas are wide, too
_NUMBERS = r"(\d+(?:, \d+)*)"
_NAME = re.compile(r"\b(?:mistake|one|other)\.name\b")
_STRAY = re.compile(r"(?<=[\u3400-\u9fff）]) (?=[\u3400-\u9fff（])|(?<=[，。；：？！]) (?=\S)|(?<=\S) (?=[，。；：？！）])")
_TIMES = re.compile(r"(\S+ × )?(.*)", re.DOTALL)
# a place that chooses between two words, as for an English plural
EITHER = re.compile(r"'([^']*)' if .* else '([^']*)'")
_FORMULA_STOPPED = re.compile(r".*[^\w .,].*\.|δ\S+\.")  # what ends a sentence without a word in it
_FORMULA = re.compile(r"[^`\"']*[=×⊙√Σ∂δ][^`\"']*")
_SYMBOL = re.compile(r"[A-Za-zΑ-ω]\d?|∂?\w*(?:[A-Z_α-ω∂]|\[\d+\])\w*(?:/∂\w+)?|d[a-z]\d?")  # a letter, or the name of a part: dW, db[2], ∂C/∂γ
_FUNCTION = re.compile(r"\b[A-Za-z]+(?=\()")  # in a formula no word, but a name: tr(X), relu(z)
_LEFT = re.compile(r"[A-Za-z]{2,}")
_SENTENCE = re.compile(r"[.!?](?= [A-Z])")
_UNTOLD = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")  # two words side by side are hardly names of code
_ITEM = re.compile(r"(; |(?<=[.!?])\s+)")
# a text may hold what a student's code said: whatever that is, to read it takes no more than this
_MOST_LETTERS, _MOST_PIECES, _MOST_DEEP = 2000, 8, 4
_RUN, _START, _END = 4, "\2", "\3"  # letters side by side by which a pattern is found, its beginning and its end among them
_WITHIN = re.compile(r"(\([^()]*\)|\[[^\]]*\]|`[^`]*`|\"[^\"]*\")|(; |: |, )")
_JOINTS = {"; ": "；", ": ": "：", ", ": "，"}


class _Nothing(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""


class Catalogue:
    """The translations of one language.

    Parameters
    ----------
    file
        What `bpkit build --language` makes of the language's ``.po`` files; where it is not there, nothing is translated.
    """

    def __init__(self, file: Path) -> None:
        self._texts: gettext.NullTranslations = _Nothing()
        if file.exists():
            with file.open("rb") as opened:
                self._texts = gettext.GNUTranslations(opened)
            self._texts.add_fallback(_Nothing())
        self._said = lru_cache(maxsize=4096)(self._say)
        self._whole = lru_cache(maxsize=4096)(self._find)

    def translated(self, text: str) -> str:
        """The text in the language, as far as there are translations of it."""
        return self._said(text, 0)

    def _find(self, text: str, depth: int) -> str | None:
        """The translation of a text as one of the catalogue's, or as one of its patterns filled in; None if it is neither."""
        plain = text.strip(" ")
        if not plain:
            return None  # the empty text is the catalogue's own head
        # a sentence that follows another may have been written with the space between
        ways = dict.fromkeys((text, plain, f" {plain}"))
        found: str | None = self._texts.gettext(text)
        if not found and plain != text and self._texts.gettext(plain):
            return None  # without the space it is a text of its own, and no pattern's
        found = found or next((said for way in ways if (said := self._filled(way, depth)) is not None), None)
        return found.lstrip(" ") if found and text[0] != " " else found

    def named(self, mistake: str, depth: int = 0) -> str:
        """The name of a mistake, or of two slips at once."""
        return "；".join(self._texts.pgettext(MISTAKE, name) or self._said(name, depth) for name in mistake.split("; "))

    def of_script(self, text: str) -> str:
        """A text of a widget's script, with its places; empty where there is no translation."""
        return self._texts.pgettext(SCRIPT, text)

    def in_formula(self, words: str) -> str:
        """Words that stand within a formula."""
        return self._texts.pgettext(FORMULA, words) or words

    def _say(self, text: str, depth: int) -> str:
        exact = self._texts.gettext(text) if text else None
        if not exact and (len(text) > _MOST_LETTERS or depth > _MOST_DEEP):
            return text
        ways = (way(text, depth) for way in (self._each, self._stopped, self._headed, self._in_pieces))
        found = exact or _fewest_words_left(ways) or text
        if not depth and _UNTOLD.search(found):
            found = _fewest_words_left((found, self._in_two(text))) or found
        return _STRAY.sub("", found)

    def _each(self, text: str, depth: int) -> str | None:
        """The translation of several sentences or items, where each has one, or several one pattern.

        Else a place of the first one's pattern might take the next, too.
        """
        parts = _ITEM.split(text)
        told, at = "", 0
        while at < len(parts):
            joint = parts[at - 1] if at else ""
            for end in range(min(len(parts), at + 2 * _MOST_PIECES - 1), at, -2):
                several = end > at + 1
                if several and ((at, end) == (0, len(parts)) or "; " in (joint, *parts[end : end + 1])):
                    continue
                piece = "".join(parts[at:end])
                ways = ((_wide(joint), piece), ("", joint + piece))  # what joins them may belong to a text
                said = _fewest_words_left(before + found for before, text in ways if (found := self._stopped(text, depth)) is not None)
                if said is None:
                    continue
                left = _words_left(said)  # they may be names of code
                if not several or not left or left < _words_left(self._in_pieces(joint + piece, depth)):
                    break
            else:
                return None
            told += said
            at = end + 1
        return told

    def _stopped(self, text: str, depth: int) -> str | None:
        """The same, where the text may have got a full stop of its own, or, as the last of several in a place, have lost it to what is around."""
        found = self._whole(text, depth)
        if found is None or _words_left(found):
            other, stop = (text[:-1], "。") if text.endswith(".") else (f"{text}.", "")
            said = self._whole(other, depth) if stop or depth else None
            found = min((each for each in (found, said and said.removesuffix("。") + stop) if each), key=_words_left, default=None)
        return found

    def _headed(self, text: str, depth: int) -> str | None:
        """What is said of a part that is named first, as in ``dW[2]: it is None``."""
        part, colon, said = text.partition(": ")
        if not (colon and _SYMBOL.fullmatch(part)) or (found := self._said(said, depth + 1)) == said:
            return None
        return f"{part}：{found}"

    def _in_two(self, text: str) -> str | None:
        """What is said and what is said after it, each by itself: the way with the fewest words left; a place of the one might take of the other."""
        ends = [found.end() for found in _SENTENCE.finditer(text)]
        both = ((self._said(text[:end], 1), self._said(text[end:].lstrip(" "), 1)) for end in ends)
        return _fewest_words_left(before.rstrip(" ") + after for before, after in both)

    def _in_pieces(self, text: str, depth: int) -> str:
        return "".join(self._by_pieces(text, depth))

    def _by_pieces(self, text: str, depth: int) -> Iterator[str]:
        """The longest pieces that are translated, from the left; what is not stays."""
        parts = _JOINT.split(text)  # pieces, and between each two what joins them
        pieces: list[tuple[str, str, str]] = []  # each with what joins it to the one before, and what it is
        at = 0
        while at < len(parts):
            joint = parts[at - 1] if at else ""
            for end in range(min(len(parts), at + 2 * _MOST_PIECES - 1), at, -2):
                piece = "".join(parts[at:end])
                alone = None if (at, end) == (0, len(parts)) else self._stopped(piece, depth)
                joined = self._stopped(joint + piece, depth) if joint else None
                if joined is not None and (alone is None or _words_left(joined) <= _words_left(alone)):
                    pieces.append(("", joined, "said"))
                elif alone is not None:
                    pieces.append((joint, alone, "said"))
                elif end == at + 1:
                    pieces.append((joint, *_left_alone(piece, len(parts) > 1)))
                else:
                    continue
                at = end + 1
                break
        speaks = any(kind == "said" for *_, kind in pieces)
        before = "said"
        for joint, piece, kind in pieces:
            formulas = speaks and {before, kind} <= {"said", "formula", "symbol"} and {before, kind} != {"symbol"}
            yield (_wide(joint) if before in ("said", "stopped") or formulas else joint) + piece
            before = kind

    def _filled(self, text: str, depth: int) -> str | None:
        """A text by the pattern that made it: of several that fit, the one that leaves the fewest words as they are."""
        found = (self._as(pattern, values, depth + 1) for pattern in self._patterns.that_may_fit(text) for values in pattern.values_in(text))
        return min((said for said in found if said is not None), key=_words_left, default=None)

    def _as(self, pattern: _Pattern, values: dict[str, str], depth: int) -> str | None:
        """A pattern's translation with its places filled in; None where a figure of theirs would be lost."""
        words, names = _split(self._texts.gettext(pattern.text))
        filled = {name: self._in_place(name, values.get(name, ""), depth) for name in names}
        # a full stop behind the last place belongs to the text, which may end with other words here
        stop = pattern.last if pattern.last and filled.get(pattern.last, "").endswith(".") else None
        if stop:
            filled[stop] = filled[stop][:-1]
        said = "".join(word + filled.get(name, "") for word, name in zip(words, [*names, ""], strict=True))
        if _figures(values.values()) - _figures(filled.values()):
            return None
        return f"{said}。" if stop else said

    def _in_place(self, name: str, value: str, depth: int) -> str:
        if _AS_IT_IS.search(name):
            return value
        said = self.named(value, depth) if _NAME.search(name) else self._said(value, depth)
        if names := _LIST.match(name):
            between = names[1] or ", "
            listed = (self._texts.pgettext(NAMES, between) or between).join(self._times(item, depth) for item in value.split(between))
            return min(listed, said, key=_words_left)  # what is joined so may be one text of the catalogue
        return _widened(said) if _CASE.search(name) else said

    def _times(self, name: str, depth: int) -> str:
        """A name in a list, which a number may multiply."""
        factor, multiplied = _TIMES.fullmatch(name).groups("")  # type: ignore[union-attr]  # it fits every text
        return factor + self._said(multiplied, depth)

    @cached_property
    def _patterns(self) -> _Patterns:
        found = (self._texts.pgettext(PATTERNS, str(number)) for number in count())
        texts = []
        while text := next(found):
            texts.append(text)
        return _Patterns(map(_Pattern, texts))


def _figures(texts: Iterable[str]) -> Counter[str]:
    return Counter(figure for text in texts for figure in _FIGURE.findall(text))


def _fewest_words_left(ways: Iterable[str | None]) -> str | None:
    """The first way that leaves no word as it is, else that with the fewest."""
    found: str | None = None
    for said in ways:
        if said is not None and (found is None or _words_left(said) < _words_left(found)):
            found = said
        if found is not None and not _words_left(found):
            break
    return found


def _words_left(said: str) -> int:
    return len(_LEFT.findall(said))


def _left_alone(piece: str, among_others: bool) -> tuple[str, str]:
    """A piece that is not translated, and what it is: a formula, whose full stop is as wide as the others are; a symbol; else nothing."""
    if not piece:
        return piece, "said"
    whole = all(piece.count(opening) == piece.count(closing) for opening, closing in ("()", "[]", "{}"))
    wordless = not _words_left(_FUNCTION.sub("", piece))
    formula = whole and wordless and bool(_FORMULA.fullmatch(piece))
    if (formula or among_others) and wordless and _FORMULA_STOPPED.fullmatch(piece):
        return f"{piece[:-1]}。", "stopped"
    return piece, "formula" if formula else "symbol" if _SYMBOL.fullmatch(piece) else ""


def _wide(joint: str) -> str:
    """What joins two Chinese pieces: signs are as wide as the characters, and nothing follows them."""
    return _JOINTS.get(joint, joint if "\n" in joint else "")


def _widened(said: str) -> str:
    """The same with wide signs between its parts; those within brackets and code stay."""
    return _WITHIN.sub(lambda found: found[0] if found[1] else _JOINTS[found[2]], said)


def _split(pattern: str) -> tuple[list[str], list[str]]:
    """The words of a pattern and, between each two of them, the names of its places."""
    parts = PLACE.split(pattern)
    return [word.replace("{{", "{").replace("}}", "}") for word in parts[::2]], [name or "" for name in parts[1::2]]


def _held_by(name: str, telling: bool) -> str:
    """What a place can hold, by the code that fills it."""
    if chosen := EITHER.fullmatch(name):
        return f"({re.escape(chosen[1])}|{re.escape(chosen[2])})"
    if _COUNTED.search(name):
        return _WRITTEN
    if name.startswith("["):
        return r"(\[[^\]]*\])"
    if name == "numbers":
        return _NUMBERS
    if len(name) == 1:
        return _SHORT  # a number or a letter, and not half a sentence
    if name.endswith(".type"):
        return r"(\w+)"
    if name.endswith(".line"):
        return _ANYTHING
    if not telling:
        return _NUMBER
    return _ANYTHING if _TELLS.search(name) else _PHRASE


class _Pattern:
    """A text with places: what stands in them differs from time to time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words, self._names = _split(text)
        ends = [f"{_START}{self._words[0]}", *self._words[1:]]
        self.runs = {run for word in [*ends[:-1], f"{ends[-1]}{_END}"] for run in _runs(word)}
        self.last = self._names[-1] if not self._words[-1] else None  # the place that ends it
        self.fixed = sum(map(len, self._words))  # letters that must be there: the more, the less a text can be another's

    @cached_property
    def _forms(self) -> tuple[re.Pattern[str], ...]:
        """The pattern as texts are read by it: with places that are whole and short, or whole and long; and as it may be if it is neither."""
        fixed = " ".join(self._words)
        telling = len(re.findall(r"[^\W\d_]{2,}", fixed)) > 1 or self._words[0].lstrip()[:1].isalpha() or re.search(r"[A-Z][a-z]", fixed)
        loose = whole = long = re.escape(self._words[0])
        for name, before, word in zip(self._names, self._words[:-1], self._words[1:], strict=True):
            held = _QUOTED if before.endswith('"') and word.startswith('"') else _held_by(name, bool(telling))
            unbroken = _WHOLE.get(held, held)
            loose += held + re.escape(word)
            whole += unbroken + re.escape(word)
            long += unbroken.replace("*?)", "*)") + re.escape(word)
        return tuple(re.compile(form, re.DOTALL) for form in (whole, long, loose))

    def values_in(self, text: str) -> Iterator[dict[str, str]]:
        """What stands in the places of a text, each way to read it; nothing if the text is not of this pattern."""
        if len(text) < self.fixed or not text.startswith(self._words[0]) or not text.endswith(self._words[-1]):
            return
        if not self._words[0] and text[:1] == " ":
            return  # the space stands between a sentence and the one before, and not in a place
        if any(word not in text for word in self._words):
            return
        whole, long, loose = self._forms
        found = [long.fullmatch(text), read] if (read := whole.fullmatch(text)) else [loose.fullmatch(text)]
        for values in dict.fromkeys(read.groups() for read in reversed(found) if read):
            in_places = dict(zip(self._names, values, strict=True))
            if values == tuple(map(in_places.get, self._names)):  # a place that comes twice holds the same twice
                yield in_places


def _runs(text: str) -> list[str]:
    """Each few letters of a text that stand side by side."""
    return [text[at : at + _RUN] for at in range(len(text) - _RUN + 1)]


class _Patterns:
    """All patterns of a language, found by a few letters that a text of theirs must have: there are hundreds, and few that may fit.

    Each is kept under that run of its letters which the fewest others have, or, where its words are too short for one, under none.
    """

    def __init__(self, patterns: Iterable[_Pattern]) -> None:
        self._all = sorted(patterns, key=lambda pattern: -pattern.fixed)
        shared = Counter(run for pattern in self._all for run in pattern.runs)
        self._with: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._all):
            self._with.setdefault(min(sorted(pattern.runs), key=shared.__getitem__, default=""), []).append(number)

    def that_may_fit(self, text: str) -> list[_Pattern]:
        """Those to try on a text, the ones with the most letters of their own first."""
        found = self._with.keys() & {"", *_runs(f"{_START}{text}{_END}")}
        return [self._all[number] for number in sorted(number for run in found for number in self._with[run])]
