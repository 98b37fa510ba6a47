"""BP4's multiplication tables: a panel for each example, their mean in a frame, words that hold the numbers."""

import numpy as np
import pytest

from bpkit import plots

pytest.importorskip("matplotlib")

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_there_is_a_table_for_each_example_and_one_for_their_mean(m):
    delta, a = RNG.normal(size=(2, m)), RNG.normal(size=(3, m))
    fig = plots.outer_products(delta, a)
    assert len(fig.axes) == m + (m > 1)
    tables = [ax.collections[0].get_array().reshape(2, 3) for ax in fig.axes]
    for x in range(m):
        np.testing.assert_array_equal(tables[x], np.outer(delta[:, x], a[:, x]))
    if m > 1:
        np.testing.assert_allclose(tables[-1], delta @ a.T / m, rtol=1e-12)
        assert len(fig.axes[-1].patches) == 1 and "mean" in fig.axes[-1].get_label()


def test_all_tables_have_one_scale_so_that_they_compare():
    fig = plots.outer_products(RNG.normal(size=(3, 3)), RNG.normal(size=(2, 3)))
    assert len({ax.collections[0].get_clim() for ax in fig.axes}) == 1


def test_the_words_hold_errors_and_products():
    alt = plots.picture(plots.outer_products([[2.0, 1.0], [-1.0, 0.0]], [[0.5, 1.0], [3.0, 2.0]])).alt
    assert "example 1: row 1, error 2.00: 1.00, 6.00; row 2, error −1.00: −0.500, −3.00." in alt
    assert "mean: ∂C/∂W: row 1: 1.00, 4.00; row 2: −0.250, −1.50." in alt


@pytest.mark.parametrize(
    ("delta", "a", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 2)), r"\(2, 3\).*\(2, 2\)"),
        (np.ones(2), np.ones(2), "expected"),
        (np.ones((2, 5)), np.ones((2, 5)), "from 1 to 4 examples, found 5"),
    ],
)
def test_what_is_no_batch_is_refused(delta, a, message):
    with pytest.raises(ValueError, match=message):
        plots.outer_products(delta, a)
