"""The picture of an objective: what is drawn and said is what the net holds."""

from __future__ import annotations

import numpy as np
import pytest

from bpkit import plots
from bpkit.exhibits import objectives
from bpkit.exhibits.readable import compact

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("net", objectives.all_four(), ids=lambda net: net.name)
def test_every_number_of_every_array_and_gradient_is_written(net):
    written = [text.get_text() for text in plots.objective(net).texts]
    for node in net.nodes:
        for array in (node.value, node.gradient):
            for value in np.ravel(array) if array is not None else ():
                written.remove(compact(value))  # once for each entry
        written.remove(node.label)
    for use in net.uses:
        if use.back:
            written.remove(f"← {use.back}")
    assert sorted(written) == sorted(f"δ{node.key}" for node in net.backward)


def test_without_gradients_their_cells_stay_empty():
    net = objectives.all_four()[2]
    with_them, without = (len(plots.objective(net, gradients=shown).texts) for shown in (True, False))
    assert with_them - without == sum(node.gradient.size for node in net.backward)


def test_the_words_say_who_is_used_twice_and_what_comes_back():
    words = plots.picture(plots.objective(objectives.all_four()[2])).alt
    assert "W, 3 × 2, is given and used 2 times, for h and for y." in words
    assert words.endswith("δW = δh xᵀ plus h δyᵀ, 3 × 2.")


def test_what_is_too_large_to_read_is_refused():
    with pytest.raises(ValueError, match="up to 4 × 4, found W with 5 × 2"):
        plots.objective(objectives.ica(np.eye(5)[:, :2], np.ones((2, 1))))
