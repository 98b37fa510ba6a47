"""Writes junit.xml, which every CI server can draw: a suite per student, a case per exercise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from pathlib import Path

from bpkit.grading.records import Graded, Marked, Row
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.told import KEPT

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ELEMENT = {"wrong": "failure", "not attempted": "skipped", "could not run": "error"}


class Totals:
    """What stands at the head of the file: cases by status, and the time that they took."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.seconds = 0.0

    def add(self, submission: Graded | Marked) -> None:
        """Count one submission."""
        for row in submission.rows:
            self.statuses[row.status] += 1
            self.seconds += row.seconds


def write(submissions: Iterable[Graded], totals: Totals, out: Path) -> None:
    """Write ``junit.xml``. JUnit knows no points; they stand in each case's properties."""
    write_suites(map(suite, submissions), totals, out)


def write_suites(suites: Iterable[str], totals: Totals, out: Path) -> None:
    """Write ``junit.xml`` from what `suite` makes."""
    write_whole(out / "junit.xml", _pieces(suites, totals))


def _pieces(suites: Iterable[str], totals: Totals) -> Iterator[str]:
    yield f"<?xml version='1.0' encoding='utf-8'?>\n<testsuites{_attributes(**_counts(totals.statuses, totals.seconds), name='bpkit')}>\n"
    yield from suites
    yield "</testsuites>\n"


def _counts(statuses: Counter[str], seconds: float) -> dict[str, str]:
    counts = {"tests": statuses.total(), "failures": statuses["wrong"], "errors": statuses["could not run"], "skipped": statuses["not attempted"]}
    return {name: str(count) for name, count in counts.items()} | {"time": f"{seconds:.3f}"}


def suite(submission: Graded) -> str:
    """A submission's part of ``junit.xml``."""
    counts = _counts(Counter(row.status for row in submission.rows), sum(row.seconds for row in submission.rows))
    graded = _attributes(name="graded with", value=submission.versions)
    cases = "".join(map(_case, submission.rows))
    head = f"<testsuite{_attributes(**counts, name=submission.student)}>"
    return f"{head}\n <properties>\n  <property{graded} />\n </properties>\n{cases}</testsuite>\n"


def _case(row: Row) -> str:
    # the student stands in the class name, too: several servers show nothing of the suite
    about = _attributes(classname=f"{row.student}.lesson_{row.lesson}", name=f"{row.exercise} {row.title}", time=f"{row.seconds:.3f}")
    numbers = f'   <property name="points" value="{row.points:g}" />\n   <property name="max" value="{row.max:g}" />\n'
    return f" <testcase{about}>\n  <properties>\n{numbers}  </properties>\n{_outcome(row)} </testcase>\n"


def _outcome(row: Row) -> str:
    if row.status == "right":
        return ""
    kind, message = _ELEMENT[row.status], _attributes(message=row.message)
    if row.status == "not attempted":
        return f"  <{kind}{message} />\n"
    text = escape(_clean("\n".join(text for text in (row.message, row.where, *row.notes) if text)), quote=False)
    return f"  <{kind}{message}{_attributes(type=row.mistake or row.status)}{f'>{text}</{kind}>' if text else ' />'}\n"


_QUOTED = str.maketrans({'"': "&quot;", "\t": "&#09;", "\n": "&#10;", "\r": "&#13;"})


def _attributes(**values: str) -> str:
    return "".join([f' {name}="{_quoted(value)}"' for name, value in values.items()])


@lru_cache(KEPT)
def _quoted(value: str) -> str:
    return escape(_clean(value), quote=False).translate(_QUOTED)


def _clean(text: str) -> str:
    return _NO_XML.sub("�", text)
