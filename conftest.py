"""Doctests run in a folder of their own, since `check` records progress where it is called, and with numpy's own way to print."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _doctests_are_by_themselves(request):
    # asked for here alone: a folder for each of thousands of tests takes as long as many of them
    if not isinstance(request.node, pytest.DoctestItem):
        yield
        return
    request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
    with np.printoptions(precision=8, suppress=False):  # a lesson that a test ran may have set its own
        yield
