"""Chinese, where it is read: in a notebook's table of words, and in a printed deck."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.browser


def test_words_in_chinese_are_drawn_with_a_font_that_has_them(open_notebook, screens):
    notebook = open_notebook("00_start_here.ipynb")
    notebook.run("import bpkit as bp")
    notebook.run('bp.words("00")')
    words = notebook.output('bp.words("00")')
    cell = words.locator("td", has_text="反向传播").first
    cell.wait_for()
    assert words.locator(".katex, mjx-container").count() > 3
    notebook.picture(screens / "words.png", words, words)
    # signs that a font does not have are drawn as the same box
    drawn = notebook.page.evaluate(
        """(cell) => {
          const context = document.createElement("canvas").getContext("2d");
          context.font = getComputedStyle(cell).font;
          const pixels = (sign) => {
            context.clearRect(0, 0, 60, 60);
            context.fillText(sign, 10, 40);
            return context.getImageData(0, 0, 60, 60).data.join();
          };
          return new Set([..."反向传播偏置"].map(pixels)).size;
        }""",
        cell.element_handle(),
    )
    if drawn == 1:
        pytest.skip("no font on this machine has Chinese (Debian: apt install fonts-noto-cjk)")
    assert drawn == 6


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine (Debian: apt install poppler-utils)")
def test_a_printed_deck_keeps_chinese_as_text_and_embeds_its_fonts(browser, tmp_path):
    # in a process of its own, as for a user: this one already drives a browser
    subprocess.run([sys.executable, "-m", "bpkit.cli", "slides", "00", "--out", str(tmp_path), "--pdf"], check=True, capture_output=True)
    pdf = tmp_path / "00_start_here.pdf"
    text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for words in ("反向传播", "偏置", "带权输入", "用反向传导思想求导"):
        assert words in text
    fonts = subprocess.run(["pdffonts", pdf], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(line.split()[-5] == "yes" for line in fonts), "a font that is not embedded is missing on another machine"
