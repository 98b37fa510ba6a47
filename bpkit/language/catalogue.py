"""One language's texts: looked up as they are, by the pattern that made them, or sentence by sentence."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path

# under this context the catalogue counts its patterns through: "0", "1", …; gettext itself tells no list of what it has
PATTERNS = "patterns"
# a brace that is meant stands twice, as in an f-string; an empty pair of these is a place, too, which `format` has filled in
PLACE = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})|\{\{\}\}")
# where a text may be a whole of several that were joined: after a sentence, at a line's end, between the names of two slips
_JOINT = re.compile(r"(\n+|(?<=[.!?])\s+|; |: |, )")
# in the places of a pattern; one that has a single word, behind a place, is told by its number and by what makes an English plural
_ANYTHING, _NUMBER = "(.*?)", r"(-?[\d.,]*|s)"
_AS_IT_IS = re.compile(r"exercise\.(?:name|id)\b|argument_names")  # places for names of code, which may be words of ours as well
_STRAY = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff，。；：（）])")
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
        self.translated = lru_cache(maxsize=4096)(self._translated)

    def whole(self, text: str) -> str | None:
        """The translation of a text as one of the catalogue's, or as one of its patterns filled in; None if it is neither."""
        return (self._texts.gettext(text) or self._filled(text)) if text else None  # the empty text is the catalogue's own head

    def _translated(self, text: str) -> str:
        found = self._list(text) or self._stopped(text)
        return _STRAY.sub("", found if found is not None else "".join(self._by_pieces(text)))

    def _list(self, text: str) -> str | None:
        """The translation of a list, where each of its items has one: else a place of the first item's pattern might take the next item, too."""
        items = [self.whole(item) for item in text.split("; ")] if "; " in text else [None]
        return None if None in items else "；".join(item or "" for item in items)

    def _stopped(self, text: str) -> str | None:
        """The same, where the text may have got a full stop of its own."""
        found = self.whole(text)
        if found is None and text.endswith(".") and (found := self.whole(text[:-1])) is not None:
            found += "。"
        return found

    def _by_pieces(self, text: str) -> Iterator[str]:
        """The longest pieces that are translated, from the left; what is not stays."""
        parts = _JOINT.split(text)  # pieces, and between each two what joins them
        at, said = 0, True
        while at < len(parts):
            joint = parts[at - 1] if at else ""
            for end in range(len(parts), at, -2):
                piece = "".join(parts[at:end])
                alone = None if (at, end) == (0, len(parts)) else self._stopped(piece)
                joined = self._stopped(joint + piece) if joint else None
                if joined is not None:
                    yield joined
                elif alone is not None:
                    yield (_wide(joint) if said else joint) + alone
                elif end == at + 1:
                    yield (_wide(joint) if said else joint) + piece
                else:
                    continue
                at, said = end + 1, joined is not None or alone is not None or not piece
                break

    def _filled(self, text: str) -> str | None:
        for pattern in self._patterns:
            values = pattern.values_in(text)
            if values is not None:
                said = self._texts.gettext(pattern.text)
                words, names = _split(said)
                filled = [self._in_place(name, values.get(name, ""), name == pattern.last) for name in names]
                return "".join(word + value for word, value in zip(words, [*filled, ""], strict=True))
        return None

    def _in_place(self, name: str, value: str, ends: bool) -> str:
        """What stands in a place; at the end of a text with a Chinese full stop, if it has one that belongs to the text."""
        said = value if _AS_IT_IS.search(name) else self.translated(value)
        return f"{said[:-1]}。" if ends and said.endswith(".") else said

    @cached_property
    def _patterns(self) -> list[_Pattern]:
        found = (self._texts.pgettext(PATTERNS, str(number)) for number in count())
        texts = []
        while text := next(found):
            texts.append(text)
        return sorted(map(_Pattern, texts), key=lambda pattern: (pattern.begins_anyhow, -pattern.fixed))


def _wide(joint: str) -> str:
    """What joins two Chinese pieces: signs are as wide as the characters, and nothing follows them."""
    return _JOINTS.get(joint, joint if "\n" in joint else "")


def _split(pattern: str) -> tuple[list[str], list[str]]:
    """The words of a pattern and, between each two of them, the names of its places."""
    parts = PLACE.split(pattern)
    return [word.replace("{{", "{").replace("}}", "}") for word in parts[::2]], [name or "" for name in parts[1::2]]


class _Pattern:
    """A text with places: what stands in them differs from time to time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words, self._names = _split(text)
        self.last = self._names[-1] if not self._words[-1] else None  # the place that ends it
        self.begins_anyhow = not self._words[0]  # then it might take the beginning of another for its own
        self.fixed = sum(map(len, self._words))  # letters that must be there: the more, the less a text can be another's

    @cached_property
    def _form(self) -> re.Pattern[str]:
        telling = len(re.findall(r"[^\W\d_]{2,}", " ".join(self._words))) > 1 or self._words[0].lstrip()[:1].isalpha()
        return re.compile((_ANYTHING if telling else _NUMBER).join(map(re.escape, self._words)), re.DOTALL)

    def values_in(self, text: str) -> dict[str, str] | None:
        """What stands in the places of a text, None if the text is not of this pattern."""
        if len(text) < self.fixed or not text.startswith(self._words[0]) or not text.endswith(self._words[-1]):
            return None
        if any(word not in text for word in self._words):
            return None
        found = self._form.fullmatch(text)
        return dict(zip(self._names, found.groups(), strict=True)) if found else None
