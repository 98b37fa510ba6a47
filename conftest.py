"""Doctests run in a folder of their own: `check` records progress where it is called."""

import pytest


@pytest.fixture(autouse=True)
def _doctests_leave_no_files(request, monkeypatch, tmp_path):
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path)
