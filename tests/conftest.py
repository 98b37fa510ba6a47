"""What holds for every test."""

from __future__ import annotations

import gc
from collections import Counter

import pytest
from hypothesis import settings

# the same examples on every run, and no deadline: on a busy machine time says nothing about the code
settings.register_profile("whole", deadline=None, derandomize=True)
settings.register_profile("light", settings.get_profile("whole"), max_examples=16)


def _is_light(config) -> bool:
    """Told by what it leaves out."""
    return "not slow" in config.option.markexpr


def pytest_configure(config):
    """The light suite tries a sixth of the examples that hypothesis makes."""
    settings.load_profile("light" if _is_light(config) else "whole")


@pytest.fixture(scope="session")
def light(pytestconfig) -> bool:
    """Whether this is the light suite, which tries on one seed what the whole tries on many."""
    return _is_light(pytestconfig)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Files with slow tests come first, in the light suite too, then those with many: what is begun last is short, and no worker waits long."""
    slow, tests = {item.path for item in items if item.get_closest_marker("slow")}, Counter(item.path for item in items)
    items.sort(key=lambda item: (False, 0) if item.path in slow else (True, -tests[item.path]))


def pytest_collection_finish():
    """What ten thousand tests are made of stays until the end: the search for garbage need not go through it time and again."""
    gc.freeze()
