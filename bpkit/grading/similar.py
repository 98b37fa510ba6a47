"""Finds answers that are nearly equal, by the fingerprints of their tokens, for staff to look at; what they mean is not for a program to say.

An answer is cut into its tokens, with every name of the learner's own taken for the same one, so that renaming changes nothing. Of each
few neighbouring runs of tokens one is kept (winnowing, Schleimer, Wilkerson and Aiken 2003). What was handed out is left out. A fingerprint weighs
the more the fewer have it; what several wrote, because the task leads there, weighs nothing.
"""

from __future__ import annotations

import hashlib
import keyword
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from bpkit.grading.records import Graded

_RUN, _WINDOW = 8, 4  # tokens in a run; runs of which one is kept, so that whatever is equal over eleven tokens is seen
_ENOUGH = 12.0  # weight that two answers must share: some six runs that hardly anybody else has
_FEW, _PART, _MOST = 3, 0.1, 20  # what more than three students and a tenth of the class, or more than twenty, have in common weighs nothing
_LONG = 12  # characters from which a comment is a fingerprint of its own
_TOKEN = re.compile(  # a string that is not closed ends with its line or the code, so that no character is read twice
    r"(?P<comment>#[^\n]*)"
    r"|(?P<string>[rbfuRBFU]{0,2}(?:'''[\s\S]*?(?:'''|\Z)|\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?))"
    r"|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>\*\*|//|[=!<>+*/@-]=|->|\S)"
)
_Fingerprints = frozenset[int]


def tokens(code: str) -> tuple[list[str], list[str]]:
    """The tokens of code, broken or not, in a form that renaming does not change; and its comments.

    Names behind a point stay, for they are numpy's and not the learner's.

    Examples
    --------
    >>> tokens("d = W.T @ delta  # back")
    (['n', '=', 'n', '.', 'T', '@', 'n'], ['back'])
    """
    found, comments = [], []
    for token in _TOKEN.finditer(code):
        kind, text = token.lastgroup, token[0]
        if kind == "comment":
            comments.append(" ".join(text.strip("# \t").casefold().split()))
        elif kind == "string":
            found.append("s")
        elif kind == "name" and not keyword.iskeyword(text) and found[-1:] != ["."]:
            found.append("n")
        else:
            found.append(text)
    return found, comments


def fingerprints(code: str) -> _Fingerprints:
    """What stays of an answer: one of every few runs of tokens, and each long comment."""
    found, comments = tokens(code)
    runs = [_hash(" ".join(found[k : k + _RUN])) for k in range(len(found) - _RUN + 1)]
    kept = {min(runs[k : k + _WINDOW]) for k in range(max(len(runs) - _WINDOW + 1, 1 if runs else 0))}
    return frozenset(kept | {_hash(f"# {comment}") for comment in comments if len(comment) >= _LONG})


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def all_fingerprints(code: str) -> _Fingerprints:
    """Every run of tokens, to be left out wherever it comes up."""
    found, comments = tokens(code)
    return frozenset({_hash(" ".join(found[k : k + _RUN])) for k in range(len(found) - _RUN + 1)} | {_hash(f"# {text}") for text in comments})


@dataclass(frozen=True)
class Pair:
    """Two students whose answers have much in common that few others have.

    Parameters
    ----------
    students
        Who.
    alike
        How much of the one who wrote less of their own is shared, from 0 to 1.
    weight
        How much is shared, by how rare it is: the order of the list.
    exercises
        Where, the most alike first.
    """

    students: tuple[str, str]
    alike: float
    weight: float
    exercises: tuple[str, ...]


def pairs(submissions: Iterable[Graded], handed_out: Mapping[str, Iterable[str]], least: float = 0.6) -> list[Pair]:
    """The pairs that somebody should look at, the weightiest first.

    Parameters
    ----------
    submissions
        The class.
    handed_out
        For each lesson the cells that learners got.
    least
        How much of an answer must be shared, from 0 to 1.
    """
    left_out = {lesson: frozenset().union(*map(all_fingerprints, cells)) for lesson, cells in handed_out.items()}
    own: dict[str, dict[str, _Fingerprints]] = {}  # by student and exercise
    for submission in submissions:
        answers = {row.exercise: fingerprints(row.code) - left_out.get(row.lesson, frozenset()) for row in submission.rows if row.code}
        own[submission.student] = {exercise: kept for exercise, kept in answers.items() if kept}
    who: dict[tuple[str, int], list[str]] = defaultdict(list)
    for student, answers in own.items():
        for exercise, kept in answers.items():
            for each in kept:
                who[exercise, each].append(student)
    few = min(max(_FEW, int(_PART * len(own))), _MOST)
    weight = {place: math.log((len(own) + 1) / len(students)) for place, students in who.items() if len(students) <= few}
    candidates = {pair for place in weight for pair in combinations(sorted(who[place]), 2)}
    found = [pair for pair in (_pair(first, second, own, weight) for first, second in sorted(candidates)) if pair.alike >= least]
    return sorted((pair for pair in found if pair.weight >= _ENOUGH), key=lambda pair: (-pair.weight, pair.students))


def _pair(first: str, second: str, own: dict[str, dict[str, _Fingerprints]], weight: Mapping[tuple[str, int], float]) -> Pair:
    def total(places: Iterable[tuple[str, int]]) -> float:
        return sum(weight[place] for place in places)

    def places(student: str) -> Iterator[tuple[str, int]]:
        return ((exercise, each) for exercise, kept in own[student].items() for each in kept if (exercise, each) in weight)

    mine, yours = set(places(first)), set(places(second))
    shared: dict[str, float] = defaultdict(float)
    for exercise, each in sorted(mine & yours):
        shared[exercise] += weight[exercise, each]
    whole = total(mine & yours)
    exercises = tuple(exercise for exercise, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])))
    return Pair((first, second), whole / min(total(mine), total(yours)), whole, exercises)
