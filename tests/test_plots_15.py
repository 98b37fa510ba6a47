"""Lesson 15's picture: what it draws, and that its words say it."""

import numpy as np
import pytest

from bpkit import plots


def test_the_line_is_drawn_and_told():
    pytest.importorskip("matplotlib")
    ax = plots.beyond_one_vjp(3.0)
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_ydata(), 3 * line.get_xdata())
    assert "3.00 times x" in ax.get_label()
