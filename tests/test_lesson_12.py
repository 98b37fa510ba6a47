"""What lesson 12 says is so. TODO: a test for each number and each claim of its text."""

from pathlib import Path

from bpkit.authoring.source import read_source

SOURCE = read_source(Path(__file__).resolve().parent.parent / "solutions" / "12_normalisation_and_residuals.py")


def test_it_shows_its_own_figure_and_widget():
    code = [cell.text for cell in SOURCE.cells if cell.kind == "code"]
    assert any("bp.plots.normalisation_and_residuals(" in text for text in code) and any("bp.widgets.normalisation_and_residuals(" in text for text in code)
