"""Notebooks that are damaged, huge or odd: read where that is possible, refused in one line where not."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from bpkit.grading import grade
from bpkit.grading.collect import Submission
from bpkit.grading.grade import Plan, lesson_of, read_submission
from bpkit.grading.notebooks import MAX_INLINE, Notebook, Unreadable, read_bytes, read_notebook

FOLDER = Path(__file__).parent / "notebooks"


def _read(name: str) -> Notebook:
    return read_notebook(read_bytes(FOLDER / f"{name}.ipynb"))


@pytest.mark.parametrize(
    ("name", "found", "expected"),
    [
        ("not_json", "not JSON (line 1, column 1)", "expected a Jupyter notebook"),
        ("empty", "an empty file", "expected a Jupyter notebook"),
        ("cut_off", "JSON that is cut off", "expected a Jupyter notebook"),
        ("not_an_object", "JSON that is a list", "expected a Jupyter notebook"),
        ("nbformat_3", "notebook format 3", "expected 4"),
        ("no_list_of_cells", 'without a list of "cells"', "expected a Jupyter notebook"),
    ],
)
def test_what_is_no_notebook_is_refused_in_one_line(name: str, found: str, expected: str):
    with pytest.raises(Unreadable) as refused:
        _read(name)
    assert found in str(refused.value) and expected in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["byte_order_mark", "without_metadata", "lesson_of_another_in_metadata", "cells_out_of_order"])
def test_odd_notebooks_give_their_code(name: str):
    notebook = _read(name)
    assert sum("def hidden_error(" in cell for cell in notebook.cells) == 1
    assert lesson_of(notebook, "whatever.ipynb") == "05"


def test_lesson_is_known_by_what_is_defined_then_checked_then_the_file_name_then_metadata():
    assert lesson_of(Notebook(("def hidden_error(W, d, z):\n    pass",), "00"), "00_start_here.ipynb") == "05"
    assert lesson_of(Notebook(("bp.check('05.3', f)",), "00"), "00_start_here.ipynb") == "05"
    assert lesson_of(Notebook(("x = 1",), "00"), "05_propagating_the_error.ipynb") == "05"
    assert lesson_of(Notebook(("x = 1",), "00"), "homework.ipynb") == "00"
    assert lesson_of(Notebook(("x = 1",), "77"), "88_nothing.ipynb") == ""
    assert lesson_of(Notebook(("from mynet import hidden_error as h, other",)), "homework.ipynb") == "05"
    assert lesson_of(Notebook(("from bpkit import hidden_error",)), "homework.ipynb") == ""
    assert lesson_of(Notebook(("x = 1",)), "05.ipynb") == "05" and lesson_of(Notebook(("x = 1",)), "2005.ipynb") == ""


def test_every_kind_of_source_and_encoding_is_read():
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
        {"cell_type": "code", "source": {"not": "text"}},
        {"cell_type": "code"},
        {"cell_type": "markdown", "source": "x"},
        "not a cell",
        {"cell_type": "code", "source": "δ = '反向传播'"},
    ]
    text = json.dumps({"nbformat": 4, "cells": cells}, ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        notebook = read_notebook(text.encode(encoding))
        assert notebook.cells == ("a = 1\nb = 2", "", "", "δ = '反向传播'")
        assert any("code cell 2 holds an object" in note for note in notebook.notes)


def test_characters_that_cannot_be_sent_on_are_replaced():
    notebook = read_notebook(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}')
    assert notebook.cells == ("x = '?'",)
    damaged = read_notebook(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\xff"}]}')
    assert damaged.cells == ("\ufffd",) and "not all UTF-8" in damaged.notes[0]


@pytest.mark.parametrize("number", ["9" * 100_000, "1e999999", "-" + "8" * 5000, "NaN", "Infinity"])
def test_numbers_of_any_size_do_not_matter(number: str):
    assert read_notebook(f'{{"nbformat": 4, "nbformat_minor": {number}, "cells": []}}'.encode()).cells == ()


def test_large_files_are_read_in_a_process_of_their_own():
    cells = [{"cell_type": "code", "source": "x = 1", "outputs": [{"text": "o" * (MAX_INLINE + 1)}]}]
    assert read_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode()).cells == ("x = 1",)
    with pytest.raises(Unreadable, match="not JSON"):
        read_notebook(b"x" * (MAX_INLINE + 1))
    with pytest.raises(Unreadable, match="nested too deeply"):
        read_notebook(b"[" * (MAX_INLINE + 1))


def test_too_much_code_is_refused():
    with pytest.raises(Unreadable, match=r"1 code cells with 3000000 characters, expected at most"):
        read_notebook(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x" * 3_000_000}]}).encode())


def test_links_pipes_and_folders_are_not_opened(tmp_path: Path):
    target = tmp_path / "target.ipynb"
    target.write_text("{}")
    (tmp_path / "link.ipynb").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name, why in {
        "link": "links are not followed",
        "pipe": "not a regular file",
        "folder": "not a regular file",
        "none": "cannot be opened",
    }.items():
        with pytest.raises(Unreadable, match=why):
            read_bytes(tmp_path / f"{name}.ipynb")


def _with_code(folder: Path, count: int, size: int) -> Submission:
    paths = []
    for number in range(count):
        path = folder / f"{number:03}.ipynb"
        cell = {"cell_type": "code", "source": f"def hidden_error(): pass\n# {number}" + "x" * size}
        path.write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
        os.utime(path, (number, number))
        paths.append(path)
    return Submission("anna", tuple(paths))


@pytest.mark.slow
def test_many_notebooks_take_no_more_memory_than_the_one_that_counts(tmp_path: Path):
    submission = _with_code(tmp_path, 40, 1_500_000)
    read_submission(submission, Plan(1))
    tracemalloc.start()
    handed = read_submission(submission, Plan(1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert handed.notebooks["05"][0] == "039.ipynb" and "# 39" in handed.notebooks["05"][1].cells[0]
    assert peak < 20_000_000, f"{peak / 1e6:.0f} MB, though all of their code is 60 MB"


def test_more_than_a_submission_may_hold_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grade, "MAX_READ", 25_000)
    handed = read_submission(_with_code(tmp_path, 3, 10_000), Plan(1))
    assert handed.notebooks["05"][0] == "001.ipynb"
    assert any(problem.startswith("002.ipynb cannot be graded: with it, more than 0 MB of notebooks") for problem in handed.problems)
