"""Writes junit.xml, which every CI server can draw: a suite per student, a case per exercise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from bpkit.grading.records import Graded, Row
from bpkit.grading.reports.files import write_whole

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENT = {"wrong": "failure", "not attempted": "skipped", "could not run": "error"}


def write(read: Callable[[], Iterable[Graded]], out: Path) -> None:
    """Write ``junit.xml``. JUnit knows no points; they stand in each case's properties. Reads the class twice: the totals come first."""
    write_whole(out / "junit.xml", _pieces(read))


def _pieces(read: Callable[[], Iterable[Graded]]) -> Iterator[str]:
    statuses: Counter[str] = Counter()
    seconds = 0.0
    for submission in read():
        statuses.update(row.status for row in submission.rows)
        seconds += sum(row.seconds for row in submission.rows)
    totals = ElementTree.Element("testsuites", name="bpkit", attrib=_counts(statuses, seconds))
    totals.text = "\n"  # so that it does not close itself
    start, end = ElementTree.tostring(totals, encoding="unicode").split("\n")
    yield f"<?xml version='1.0' encoding='utf-8'?>\n{start}\n"
    for submission in read():
        suite = _suite(submission)
        ElementTree.indent(suite, " ")
        yield ElementTree.tostring(suite, encoding="unicode") + "\n"
    yield f"{end}\n"


def _counts(statuses: Counter[str], seconds: float) -> dict[str, str]:
    counts = {"tests": statuses.total(), "failures": statuses["wrong"], "errors": statuses["could not run"], "skipped": statuses["not attempted"]}
    return {name: str(count) for name, count in counts.items()} | {"time": f"{seconds:.3f}"}


def _suite(submission: Graded) -> ElementTree.Element:
    counts = _counts(Counter(row.status for row in submission.rows), sum(row.seconds for row in submission.rows))
    suite = ElementTree.Element("testsuite", name=_clean(submission.student), attrib=counts)
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="graded with", value=submission.versions)
    for row in submission.rows:
        suite.append(_case(row))
    return suite


def _case(row: Row) -> ElementTree.Element:
    # the student stands in the class name, too: several servers show nothing of the suite
    case = ElementTree.Element(
        "testcase", classname=_clean(f"{row.student}.lesson_{row.lesson}"), name=_clean(f"{row.exercise} {row.title}"), time=f"{row.seconds:.3f}"
    )
    properties = ElementTree.SubElement(case, "properties")
    for name, value in (("points", row.points), ("max", row.max)):
        ElementTree.SubElement(properties, "property", name=name, value=f"{value:g}")
    if row.status != "right":
        outcome = ElementTree.SubElement(case, _ELEMENT[row.status], message=_clean(row.message))
        if row.status != "not attempted":
            outcome.attrib["type"] = _clean(row.mistake or row.status)
            outcome.text = _clean("\n".join(text for text in (row.message, row.where, *row.notes) if text))
    return case


def _clean(text: str) -> str:
    return _NO_XML.sub("�", text)
