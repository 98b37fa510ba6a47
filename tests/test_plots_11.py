"""Lesson 11's pictures: what they draw is what the clinic measures, and the words say what is drawn."""

import numpy as np
import pytest

from bpkit import plots
from bpkit.exhibits import clinic
from bpkit.exhibits.readable import number

pytest.importorskip("matplotlib")


def lines(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_errata_hiding_draws_every_measured_error():
    axes = plots.errata_hiding().axes
    assert len(axes) == len(clinic.ERRATA)
    for ax, (key, erratum) in zip(axes, clinic.ERRATA.items(), strict=True):
        drawn = lines(ax)
        np.testing.assert_allclose(drawn["published"].get_xdata(), erratum.settings)
        errors = [max(clinic.compare(key, setting).error, 1e-8) for setting in erratum.settings]
        np.testing.assert_allclose(drawn["published"].get_ydata(), errors, rtol=1e-6)
        assert np.all(drawn["repaired"].get_ydata() == 1e-8)
        assert erratum.title in ax.get_title(loc="left") and f"Text {key}" in ax.get_label()
        assert ("to " + number(errors[-1])) in ax.get_label()


def test_errata_training_draws_both_ways_down():
    for ax, key in zip(plots.errata_training(steps=20).axes, clinic.ERRATA, strict=True):
        published, corrected = clinic.descend(key, 20)
        drawn = lines(ax)
        np.testing.assert_array_equal(drawn["published"].get_ydata(), published)
        np.testing.assert_array_equal(drawn["repaired"].get_ydata(), corrected)
        low, high = ax.get_ylim()
        assert high > max(published.max(), corrected.max()) and low < published[0]
        assert f"{number(published[-1])} by the published gradient, {number(corrected[-1])} by the repaired" in ax.get_label()


@pytest.mark.slow
def test_the_same_picture_is_the_same_bytes():
    assert plots.picture(plots.errata_hiding()).html == plots.picture(plots.errata_hiding()).html
