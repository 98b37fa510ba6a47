"""Scans and weights as pictures, and the confusion matrix: what is drawn is what was given, and the words say it."""

import numpy as np
import pytest

from bpkit import plots

pytest.importorskip("matplotlib")


def squares(ax):
    """How many pixels each patch but the frame draws, by colour and opacity."""
    return [((patch.get_facecolor()), len(patch.get_path().vertices) // 5) for patch in ax.patches[:-1]]


def test_ink_is_drawn_in_the_pages_colour_and_darker_where_there_is_more():
    fig = plots.images(np.array([[0.0, 0.5, 1.0, 1.0]]).T, shape=(2, 2))
    drawn = squares(fig.axes[0])
    assert [(colour[:3], round(colour[3], 2), count) for colour, count in drawn] == [((0, 0, 0), 0.5, 1), ((0, 0, 0), 1.0, 2)]


def test_weights_have_a_colour_for_each_sign_and_one_scale_for_all():
    fig = plots.images(np.array([[1.0, 0.25], [-1.0, 0.0], [0.0, 0.0], [0.5, -0.25]]), shape=(2, 2))
    left, right = (squares(ax) for ax in fig.axes)
    assert len({colour[:3] for colour, _ in left}) == len({colour[:3] for colour, _ in right}) == 2
    assert max(colour[3] for colour, _ in left) == 1.0 and max(colour[3] for colour, _ in right) == 0.25


def test_the_pictures_stand_in_rows_and_their_titles_are_in_the_words():
    fig = plots.images(np.eye(64)[:, :7], range(7), per_row=3, alt="Pixels")
    assert len(fig.axes) == 7 and plots.picture(fig).alt == "Pixels: 0, 1, 2, 3, 4, 5, 6."
    assert "7 pictures of 8 × 8 pixels" in plots.picture(plots.images(np.eye(64)[:, :7])).alt
    assert plots.picture(plots.images(np.zeros((64, 1)))).alt


def test_the_confusion_matrix_shows_every_count_and_names_the_most_frequent_mistake():
    counts = np.array([[9, 0, 1], [4, 5, 0], [0, 0, 7]])
    ax = plots.confusion(counts)
    texts = {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in ax.texts}
    assert texts == {(i, j): str(n) for (i, j), n in np.ndenumerate(counts) if n}
    assert ax.get_label() == "Confusion matrix: 21 of 26 right. Most often wrong: 1 taken for 0, 4 times."
    assert plots.confusion(np.diag([1, 2])).get_label() == "Confusion matrix: 3 of 3 right."


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.images(np.ones((63, 2))), r"\(63, 2\), expected \(64, m\)"),
        (lambda: plots.images(np.ones(64)), r"\(64,\)"),
        (lambda: plots.images(np.ones((64, 0))), r"\(64, 0\)"),
        (lambda: plots.confusion(np.ones((2, 3))), r"\(2, 3\), expected \(K, K\)"),
    ],
)
def test_what_cannot_be_drawn_is_told(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
