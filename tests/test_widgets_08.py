"""The training widget without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.widgets._training import state


def nets_and_examples(epochs=3, sizes=(16, 13, 4)):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(sizes[0], 40)), rng.integers(0, sizes[-1], size=40)
    net = bp.init(list(sizes), activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng)
    nets = [net]
    for _ in range(epochs):
        nets.append(bp.fit(nets[-1], x, np.eye(sizes[-1])[:, labels], epochs=1, eta=0.3, rng=rng, progress=False)[0])
    return nets, (x[:, :30], labels[:30]), (x[:, 30:], labels[30:])


def test_every_epoch_has_the_numbers_that_bpkit_finds():
    nets, train, validation = nets_and_examples()
    told = state(nets, train, validation)
    assert len(told["steps"]) == len(told["confusion"]) == len(told["weights"]) == 4
    for epoch, net in enumerate(nets):
        for name, (x, labels) in (("training", train), ("validation", validation)):
            y = np.eye(4)[:, labels]
            assert told["costs"][name][epoch] == pytest.approx(bp.cost_of(net, x, y), rel=1e-12)
            assert told["right"][name][epoch] == pytest.approx(bp.accuracy(bp.predict(net, x), y), rel=1e-12)
        counts = np.array(told["confusion"][epoch])
        assert counts.sum() == 10 and np.trace(counts) == round(10 * told["right"]["validation"][epoch])
        np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(validation[1], minlength=4))
    assert told["chance"] == pytest.approx(np.log(4))


def test_weights_are_pictures_of_the_neurons_with_the_largest_ones_to_one_scale():
    nets, train, validation = nets_and_examples()
    pictures = np.array(state(nets, train, validation)["weights"])
    assert pictures.shape == (4, 12, 16) and np.abs(pictures).max() == 99
    sizes = np.linalg.norm(nets[-1].W[1], axis=1)
    kept = np.delete(np.arange(13), sizes.argmin())
    scale = max(np.abs(net.W[1][kept]).max() for net in nets)
    np.testing.assert_allclose(pictures[-1], 99 * nets[-1].W[1][kept] / scale, atol=0.5)  # rounded to whole numbers


def test_the_state_is_json_and_the_words_are_a_row_for_each_epoch():
    nets, train, validation = nets_and_examples()
    json.dumps(state(nets, train, validation), allow_nan=False)
    lines = str(bp.widgets.training(nets, train, validation)).splitlines()
    assert "16-13-4" in lines[0] and "30 examples to learn from and 10" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda nets, train, val: ([], train, val), "there are 0 nets"),
        (lambda nets, train, val: (nets * 20, train, val), "there are 80 nets"),
        (lambda nets, train, val: ([*nets, nets_and_examples(0, (16, 5, 4))[0][0]], train, val), "differ in size"),
        (lambda nets, train, val: (nets_and_examples(0, (15, 5, 4))[0], train, val), "15 inputs and 4 outputs"),
        (lambda nets, train, val: (nets_and_examples(0, (16, 5, 11))[0], train, val), "11 outputs"),
        (lambda nets, train, val: (nets, (train[0].T, train[1]), val), r"train has x of shape \(30, 16\)"),
        (lambda nets, train, val: (nets, train, (val[0], val[1] + 9)), "whole numbers from 0 to 3"),
        (lambda nets, train, val: (nets, train, (val[0], val[1] / 2)), "whole numbers from 0 to 3"),
    ],
)
def test_what_it_cannot_show_it_refuses_in_words(change, message):
    with pytest.raises(ValueError, match=message):
        bp.widgets.training(*change(*nets_and_examples()))
