"""What holds for every test."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# the same examples on every run, and no deadline: on a busy machine time says nothing about the code
settings.register_profile("bpkit", deadline=None, derandomize=True)
settings.load_profile("bpkit")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """The files with slow tests come first, in the light suite too: what several workers begin last is short, and none waits long for another."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish():
    """What ten thousand tests are made of stays until the end: the search for garbage need not go through it time and again."""
    gc.freeze()
