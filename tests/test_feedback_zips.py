"""The zips with students' pages, read by the rules of the importers of Moodle and Canvas."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from grading_rows import RUN, row

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.reports import feedback_zips, moodle


def _graded(student: str, file: str = "05.ipynb") -> Graded:
    return Graded(student, file, (row(student, "05.1"),))


def _pages(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def moodle_imports(name: str) -> tuple[int, str] | None:
    """Whose a file is, and what it is called then, by the rules of Moodle's importer."""
    parts = name.split("/")
    if parts[-1].startswith((".", "~")):
        return None
    for k, part in enumerate(parts):
        pieces = part.split("_", 4)
        if len(pieces) >= 4 and pieces[1].isdigit() and (pieces[2], pieces[3]) == ("assignsubmission", "file"):
            return int(pieces[1]), "/".join([*pieces[4:5], *parts[k + 1 :]]).lstrip("/")
    return None


def canvas_imports(name: str) -> tuple[int, int] | None:
    """The number of the person and of the file that was handed in, by the rules of Canvas's importer."""
    pieces = name.rsplit("/", 1)[-1].split("_")
    numbers = [int(piece) for piece in pieces if piece.isascii() and piece.isdigit()][:2]
    if len(numbers) < 2 or pieces[-1].startswith("link") or name.startswith("._"):
        return None
    return numbers[0], numbers[1]


def test_moodle_finds_everybody_who_was_in_its_download(tmp_path):
    submissions = [
        _graded("Ada Lovelace_4711_assignsubmission_file_"),
        _graded("von_der Au, J./K._12_assignsubmission_file"),
        _graded("雷 李", "雷 李_13_assignsubmission_file_/05.ipynb"),
        _graded("nobody"),
    ]
    notes = feedback_zips.write_moodle(RUN, lambda: submissions, tmp_path)
    pages = _pages(tmp_path / "moodle-feedback.zip")
    assert [moodle_imports(name) for name in pages] == [(4711, "feedback.html"), (12, "feedback.html"), (13, "feedback.html")]
    assert "Ada Lovelace_4711_assignsubmission_file_/feedback.html" in pages
    for submission, text in zip(submissions, pages.values(), strict=False):
        assert f"Feedback for {submission.student}" in text
    assert notes == [
        "moodle-feedback.zip has 3 pages",
        "moodle-feedback.zip lacks 'nobody': no number of a participant in Moodle; a grading worksheet tells them: --moodle CSV",
    ]


def test_a_worksheet_tells_the_numbers_that_the_folders_do_not(tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "ID,Vollständiger Name,E-Mail-Adresse,Bewertung,Bestwertung\nTeilnehmer/in7,Ada_B Lovelace,ada@uni.example,,100\n", encoding="utf-8"
    )
    notes = feedback_zips.write_moodle(RUN, lambda: [_graded("ada"), _graded("ben")], tmp_path, moodle.read(sheet))
    assert list(_pages(tmp_path / "moodle-feedback.zip")) == ["Ada B Lovelace_7_assignsubmission_file_/feedback.html"]
    assert "moodle-feedback.zip lacks 'ben': no number of a participant in Moodle" in notes


def test_canvas_finds_everybody_who_was_in_its_download(tmp_path):
    submissions = [
        _graded("lovelaceada_101_998_05_lesson"),
        _graded("leili_LATE_102_999_link_05_lesson-1"),
        _graded("007_103_1000_05"),
        _graded("Ben", "aliben_104_1001_05_a.ipynb, aliben_104_1002_06_b.ipynb"),
        _graded("nobody"),
    ]
    notes = feedback_zips.write_canvas(RUN, lambda: submissions, tmp_path)
    pages = _pages(tmp_path / "canvas-comments.zip")
    assert [canvas_imports(name) for name in pages] == [(101, 998), (102, 999), (103, 1000), (104, 1001)]
    assert all(name.endswith(".html") for name in pages)
    assert notes == ["canvas-comments.zip has 4 pages", "canvas-comments.zip lacks 'nobody': no name that a download from Canvas has"]


@pytest.mark.parametrize("write", [feedback_zips.write_moodle, feedback_zips.write_canvas])
def test_nobody_gets_anothers_page(tmp_path, write):
    twice = [_graded("a_7_8_x"), _graded("b_7_9_x"), _graded("A_7_assignsubmission_file_"), _graded("B_7_assignsubmission_file_")]
    notes = write(RUN, lambda: twice, tmp_path)
    assert any("has 0 pages" in note for note in notes) and any("several submissions have one number" in note for note in notes)


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        feedback_zips.write_canvas(RUN, lambda: [_graded("a_1_2_x")], tmp_path / name)
    assert (tmp_path / "one" / "canvas-comments.zip").read_bytes() == (tmp_path / "two" / "canvas-comments.zip").read_bytes()


def test_an_unwritable_place_is_one_line(tmp_path):
    with pytest.raises(CourseError, match=r"cannot write .*canvas-comments\.zip"):
        feedback_zips.write_canvas(RUN, lambda: [_graded("a_1_2_x")], tmp_path / "absent")


def test_report_packs_what_it_is_asked_for(tmp_path, capsys):
    with Journal(tmp_path) as journal:
        journal.add(Graded("Ada_4711_assignsubmission_file_", "f", (row("Ada_4711_assignsubmission_file_", "05.1"),), (), "k", ("05",), "nested"))
    assert main(["report", str(tmp_path), "--moodle-feedback"]) == 0
    assert "moodle-feedback.zip has 1 page\n" in capsys.readouterr().out
    assert (tmp_path / "moodle-feedback.zip").is_file() and not (tmp_path / "canvas-comments.zip").exists()
