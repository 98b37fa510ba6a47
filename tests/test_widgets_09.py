"""The widget of objectives without a browser: its arrays are the nets', its steps go back in order, its page asks for nothing."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits import objectives
from bpkit.widgets._objectives import state

NETS = objectives.all_four()
STATE = state(NETS)


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_every_array_and_every_share_is_the_net_s(net):
    drawn = next(each for each in STATE["nets"] if each["name"] == net.name)
    for box in drawn["boxes"]:
        node = net[box["key"]]
        np.testing.assert_array_equal(box["value"]["values"], node.value)
        assert (box["gradient"] is None) == (node.gradient is None)
        if node.gradient is not None:
            np.testing.assert_array_equal(box["gradient"]["values"], node.gradient)
    for step in STATE["steps"][drawn["first"] + 1 : drawn["first"] + 1 + len(net.backward)]:
        shares = [np.array(use["share"]["values"]) for use in step["uses"]]
        if shares:
            np.testing.assert_allclose(sum(shares), net[step["node"]].gradient, rtol=1e-12)
        assert [use["norm"] for use in step["uses"]] == pytest.approx([np.linalg.norm(share) for share in shares])
        assert step["sum"]["norm"] == pytest.approx(np.linalg.norm(net[step["node"]].gradient))


def test_the_steps_go_through_each_net_from_its_end():
    for place, net in enumerate(NETS):
        own = [step for step in STATE["steps"] if step["net"] == place]
        assert [step["node"] for step in own] == [None, *(node.key for node in net.backward)]
        assert STATE["steps"].index(own[0]) == STATE["nets"][place]["first"]
        for before, after in itertools.pairwise(own):
            assert after["known"] == [*before["known"], after["node"]]
    json.dumps(STATE, allow_nan=False)


def test_the_words_name_both_uses_and_their_norms():
    words = str(bp.widgets.objectives(NETS[2]))
    assert "W is used 2 times." in words
    assert "δW = δh xᵀ + h δyᵀ, 3 × 2, norm 120. 2 uses: for h, norm 73.0; for y, norm 57.1." in words
    assert str(bp.widgets.objectives()).startswith("Backward through sparse coding, topographic penalty, ICA reconstruction, quadratic form")


def test_what_is_too_large_to_read_is_refused():
    with pytest.raises(ValueError, match="up to 4 × 4, found W with 5 × 2"):
        bp.widgets.objectives(objectives.ica(np.eye(5)[:, :2], np.ones((2, 1))))
