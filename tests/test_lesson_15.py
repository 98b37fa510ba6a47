"""What lesson 15 says is so. TODO: a test for each number and each claim of its text."""

from pathlib import Path

from bpkit.authoring.source import read_source

SOURCE = read_source(Path(__file__).resolve().parent.parent / "solutions" / "15_beyond_one_vjp.py")


def test_it_shows_its_own_figure_and_widget():
    code = [cell.text for cell in SOURCE.cells if cell.kind == "code"]
    assert any("bp.plots.beyond_one_vjp(" in text for text in code) and any("bp.widgets.beyond_one_vjp(" in text for text in code)
