"""The errata bench without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits.clinic import ERRATA, compare
from bpkit.widgets._errata_bench import state


def test_every_setting_holds_what_the_clinic_measures():
    errata = state("A")["errata"]
    assert [each["key"] for each in errata] == list(ERRATA)
    for each in errata:
        assert len(each["settings"]) == len(each["trials"])
        for setting, trial in zip(each["settings"][::6], each["trials"][::6], strict=True):
            found = compare(each["key"], setting)
            np.testing.assert_allclose(trial["published"], found.published, atol=1e-7)
            np.testing.assert_allclose(trial["repaired"], found.corrected, atol=1e-7)
            np.testing.assert_allclose(trial["measured"], found.numerical, atol=1e-7)
            assert trial["error"] == pytest.approx(max(found.error, 1e-8), rel=0.006)
            assert trial["repairedError"] == 1e-8


def test_the_state_is_json_and_starts_where_it_is_told():
    begin = state("R")
    assert begin["errata"][begin["start"]]["key"] == "R"
    assert json.loads(json.dumps(begin, allow_nan=False)) == begin


def test_the_words_hold_both_ends_of_every_knob():
    lines = str(bp.widgets.errata_bench()).splitlines()
    assert len(lines) == 1 + len(ERRATA)
    for line, erratum in zip(lines[1:], ERRATA.values(), strict=True):
        assert line.startswith(erratum.key) and erratum.knob in line and line.endswith("round-off")


def test_what_it_cannot_show_it_refuses_in_words():
    with pytest.raises(ValueError, match=r"'Q'.*A, P, R, U1, U3, T"):
        bp.widgets.errata_bench("Q")
