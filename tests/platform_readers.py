"""What Canvas and Moodle make of the files that we give back to them: their importers' rules, in our own words."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Gradebook:
    """What Canvas would change: a grade by person and assignment, and the points possible by assignment."""

    grades: dict[str, dict[str, str]] = field(default_factory=dict)
    possible: dict[str, str] = field(default_factory=dict)


def canvas_gradebook(path: Path) -> Gradebook:
    """Read a gradebook as Canvas does; ValueError where Canvas says that the header row is not valid."""
    text = path.read_bytes().decode("utf-8")  # it sets no other encoding
    lines = text.splitlines()[:3]
    counts = {mark: {len(row) for row in csv.reader(lines, delimiter=mark)} for mark in ";,"}
    sizes = {mark: next(iter(found)) if len(found) == 1 else 0 for mark, found in counts.items()}
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if sizes[";"] > sizes[","] else ","))
    header = rows[0]
    two_names = len(header) > 4 and "LastName" in header[0] and "FirstName" in header[1] and "ID" in header[2]
    if not two_names and not (len(header) > 3 and "Student" in header[0] and "ID" in header[1]):
        raise ValueError(f"Invalid header row: {header}")
    identity = 2 if two_names else 1
    if "Section" not in header:
        raise ValueError(f"Invalid header row: {header}")
    totals = re.compile("|".join(f"{which} {what}" for which in ("Current", "Final") for what in ("Score", "Points", "Grade")) + "|Override ")
    places = {name: k for k, name in enumerate(header) if k > header.index("Section") and not totals.search(name)}
    book = Gradebook()
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            book.possible = {name: row[k] for name, k in places.items()}
        elif all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row):
            continue
        else:
            book.grades[row[identity]] = {name: _with_a_point(row[k].strip()) for name, k in places.items()}
    return book


def _with_a_point(cell: str) -> str:
    """A number, whichever of point and comma it has: the last one is before the decimals."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *whole, last = re.split("[,.]", cell)
    return f"{''.join(whole)}.{last}" if whole else last


LANGUAGES = {  # the words of a language pack: identifier, participant, grade, last modified, decimal separator
    "en": ("Identifier", "Participant ", "Grade", "Last modified (grade)", "."),
    "de": ("ID", "Teilnehmer/in", "Bewertung", "Zuletzt geändert (Bewertung)", ","),
    "fr": ("Identifiant", "Participant ", "Note", "Dernière modification (note)", ","),
    "es": ("Identificador", "Participante", "Calificación", "Última modificación (calificación)", ","),
    "zh_cn": ("标识符", "参与人", "成绩", "上次修改（评分）", "."),
}


def moodle_worksheet(path: Path, language: str, separator: str = ",") -> dict[int, float]:
    """The grades that Moodle would take, by participant; ValueError where it says that a column is missing."""
    identifier, participant, grade, modified, decimal = LANGUAGES[language]
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=separator))
    for needed in (identifier, grade, modified):
        if needed not in rows[0]:
            raise ValueError(f"no column {needed!r} in {rows[0]}")
    taken = {}
    for row in rows[1:]:
        who, what = row[rows[0].index(identifier)], row[rows[0].index(grade)]
        if what.strip():
            taken[int(who[len(participant) :])] = float(what.replace(" ", "").replace(decimal, "."))
    return taken


def moodle_feedback_zip(path: Path, participants: set[int]) -> dict[int, dict[str, str]]:
    """The feedback files that Moodle would store: for each participant a text by the file's name. What it does not know it passes over."""
    stored: dict[int, dict[str, str]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            if parts[-1][:1] in (".", "~"):
                continue
            while parts:
                pieces = parts.pop(0).split("_", 4)
                if len(pieces) < 4 or not pieces[1].isdecimal() or int(pieces[1]) not in participants:
                    continue
                if pieces[2:4] not in (["assignfeedback", "file"], ["assignsubmission", "file"]):
                    continue
                rest = "/".join([*pieces[4:], *parts]).strip("/")
                stored.setdefault(int(pieces[1]), {})[rest] = archive.read(name).decode()
                break
    return stored


def canvas_comments_zip(
    path: Path, handed_in: dict[str, dict[str, str]], anonymous: dict[str, str] | None = None
) -> dict[str, list[tuple[str, str]]]:
    """The files that Canvas would attach: for each person the shown name and the text.

    Parameters
    ----------
    path
        The archive.
    handed_in
        For each person's number the files that were handed in, number and name.
    anonymous
        The persons behind the names of anonymous grading.
    """
    comments: dict[str, list[tuple[str, str]]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            pieces = [piece for piece in name.split("/")[-1].split("_") if piece != "LATE"]
            if pieces[0] == "anon":
                person, attachment = (anonymous or {}).get(pieces[1], ""), pieces[2]
            else:
                person, attachment = [*(piece for piece in pieces if re.fullmatch(r"[0-9]+", piece)), "", ""][:2]
            if pieces[-1].startswith("link") or attachment not in handed_in.get(person, {}):
                continue
            comments.setdefault(person, []).append((handed_in[person][attachment], archive.read(name).decode()))
    return comments
