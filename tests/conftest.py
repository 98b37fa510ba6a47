"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# the same examples on every run, and no deadline: on a busy machine time says nothing about the code
settings.register_profile("bpkit", deadline=None, derandomize=True)
settings.load_profile("bpkit")
