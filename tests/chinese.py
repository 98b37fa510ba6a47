"""Which parts of a Chinese sentence were left in English, or in signs that are narrow."""

from __future__ import annotations

import re

CODE = re.compile(r"`[^`]*`")
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [a-z]{2,}){2,}")
NARROW = re.compile(r".{0,9}(?:(?<=[\u3400-\u9fff])[,;:] |[,;:] (?=[\u3400-\u9fff])).{0,9}")
# what Python and numpy say of an error themselves: they say it in English
RAISED = (
    re.compile(r"unsupported operand type\(s\) for"),
    re.compile(r"object has no attribute"),
    re.compile(r"is out of bounds for (?:axis|array of dimension)"),
    re.compile(r"list index out of range"),
    re.compile(r"has a mismatch in its core dimension \d+, with gufunc signature"),
    re.compile(r"operands could not be broadcast together with shapes"),
    re.compile(r"all the input array dimensions except for the concatenation axis must match exactly, but along dimension \d+, [^。]*"),
    re.compile(r"(?:setting an|inhomogeneous|cannot (?:unpack|reshape)|not enough values|too many values|can only)[^。]*"),
)


def left_in_english(said: str) -> list[str]:
    text = CODE.sub("", said)
    for raised in RAISED:
        text = raised.sub("", text)
    return [found[0] for pattern in (ENGLISH, NARROW) for found in pattern.finditer(text)]
