"""Doctests run in a folder of their own: `check` records progress where it is called."""

import pytest


@pytest.fixture(autouse=True)
def _doctests_leave_no_files(request):
    # asked for here alone: a folder for each of thousands of tests takes as long as many of them
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
