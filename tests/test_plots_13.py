"""Lesson 13's pictures: what they draw, and that their words say it."""

from __future__ import annotations

import numpy as np
import pytest

plots = pytest.importorskip("bpkit.plots", reason="matplotlib is not installed", exc_type=ImportError)

A = np.array([[1.0, 0.25], [0.0, 0.75]])
DS = np.array([[0.0, -0.5], [0.0, 0.5]])


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_weights_and_gradients_stand_in_their_cells_and_below_them_their_sums():
    left, right = plots.attention(A, DS, ["the", "cat"]).axes
    assert texts(left) == ["1", "0.25", "0.75", "1", "1", "sum"]
    assert texts(right) == ["0", "−0.5", "0.5", "0", "0", "sum"]
    assert [tick.get_text() for tick in left.get_yticklabels()] == [tick.get_text() for tick in left.get_xticklabels()] == ["the", "cat"]


def test_what_is_hidden_is_hatched_on_both_sides_and_said():
    for ax in plots.attention(A, DS).axes:
        assert [patch.get_hatch() for patch in ax.patches] == ["///"]
        np.testing.assert_allclose(ax.patches[0].get_xy().mean(axis=0), [-0.1, 1], atol=0.2)
        assert "hidden" in ax.get_label()
        assert ax.images[0].get_array().mask.tolist() == [[False, False], [True, False]]


def test_both_signs_get_the_same_strength():
    _, right = plots.attention(A, DS).axes
    assert right.images[0].norm.vmin == -right.images[0].norm.vmax == -0.5


def test_more_keys_than_queries_are_drawn_as_well():
    tall = np.full((4, 2), 0.25)
    left, right = plots.attention(tall, np.zeros((4, 2)), list("abcd")).axes
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["0", "1"] and right.get_label().count("query") == 2


def test_bars_are_measured_from_the_largest_score_so_far():
    scores = np.array([0.0, 1.0, 3.0, 2.0])
    first, second = plots.attention_stream(scores, 2).axes
    np.testing.assert_allclose([bar.get_height() for bar in first.patches[:2]], np.exp([-1, 0]))
    np.testing.assert_allclose([bar.get_height() for bar in second.patches[:4]], np.exp(scores - 3))
    assert len({bar.get_facecolor() for bar in second.patches[:2]} & {bar.get_facecolor() for bar in second.patches[2:4]}) == 0


def test_a_last_block_may_be_shorter():
    assert [ax.get_title(loc="left") for ax in plots.attention_stream(np.arange(5.0), 2).axes] == ["2 keys", "4 keys", "5 keys"]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.attention(A, DS[:1]), r"A has shape \(2, 2\) and dS \(1, 2\)"),
        (lambda: plots.attention(2 * A, DS), "columns of A sum to 2.00, 2.00, expected 1 each"),
        (lambda: plots.attention_stream(np.arange(8.0), 1), "make 8 pictures, expected 1 to 6"),
        (lambda: plots.attention_stream(np.arange(8.0), 0), "make 0 pictures"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(draw, message):
    with pytest.raises(ValueError, match=message) as raised:
        draw()
    assert "\n" not in str(raised.value)
