"""What the record of a call says, read without trust: a value that was returned, or how the call ended otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bpkit.exercises.judging.values import described
from bpkit.exercises.run import WireError, decode


class Ended:
    """A call that did not end by returning a value."""


@dataclass(frozen=True)
class Raised(Ended):
    """It raised an error: its type, its message, and the learner's line."""

    type: str
    message: str
    line: str


@dataclass(frozen=True)
class TooSlow(Ended):
    """It was stopped after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Signature(Ended):
    """The function takes other arguments than are given: those that were found, in words."""

    found: str


@dataclass(frozen=True)
class Uncallable(Ended):
    """The answer is no function: what it is, in words."""

    found: str


def result_of(record: Any) -> Any:
    """What a record says: a returned value, or how the call ended otherwise."""
    match record:
        case {"returned": wire}:
            return decode(wire)
        case {"raised": {"type": str(kind), "message": str(message), "line": str(line)}}:
            return Raised(kind[:80], message[:400], line[:200])
        case {"too_slow": int() | float() as seconds}:
            return TooSlow(float(seconds))
        case {"signature": str(found)}:
            return Signature(found[:200])
        case {"uncallable": wire}:
            value = decode(wire)
            return value if value is Ellipsis else Uncallable(described(value))
    raise WireError("a record of no known form")


def has_todo(value: Any) -> bool:
    """Whether a result still holds the `...` of an empty answer."""
    return value is Ellipsis or (isinstance(value, list) and any(has_todo(item) for item in value))
