"""Writes junit.xml, which every CI server can draw: a suite per student, a case per exercise."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from bpkit.grading.records import Graded, Row
from bpkit.grading.reports.files import write_whole

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENT = {"wrong": "failure", "not attempted": "skipped", "could not run": "error"}


def write(submissions: Iterable[Graded], out: Path) -> None:
    """Write ``junit.xml``. JUnit knows no points; they stand in each case's properties."""
    suites = ElementTree.Element("testsuites", name="bpkit")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    seconds = 0.0
    for submission in submissions:
        suite = _suite(submission)
        for name in totals:
            totals[name] += int(suite.attrib[name])
        seconds += float(suite.attrib["time"])
        suites.append(suite)
    suites.attrib |= {name: str(count) for name, count in totals.items()} | {"time": f"{seconds:.3f}"}
    ElementTree.indent(suites, " ")
    write_whole(out / "junit.xml", f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(suites, encoding='unicode')}\n")


def _suite(submission: Graded) -> ElementTree.Element:
    statuses = [row.status for row in submission.rows]
    suite = ElementTree.Element(
        "testsuite",
        name=_clean(submission.student),
        tests=str(len(statuses)),
        failures=str(statuses.count("wrong")),
        errors=str(statuses.count("could not run")),
        skipped=str(statuses.count("not attempted")),
        time=f"{sum(row.seconds for row in submission.rows):.3f}",
    )
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
