"""The objectives as nets: values are what the formulas say, gradients what differences find, each use's share what that use alone does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits import objectives
from bpkit.exhibits.arrangement import arrange


def random_case(name, rng, m):
    """The maker's arguments, and the function that it draws, written once more."""
    if name == "sparse coding":
        given = {"A": rng.normal(size=(2, 3)), "s": rng.normal(size=(3, m)), "x": rng.normal(size=(2, m)), "gamma": 0.7}
        return objectives.sparse_coding, given, lambda A, s, x, gamma: np.sum((A @ s - x) ** 2) + gamma * np.sum(A**2)
    if name == "topographic penalty":
        given = {"V": rng.uniform(size=(2, 4)), "s": rng.normal(size=(4, m)), "eps": 0.3}
        return objectives.topographic, given, lambda V, s, eps: np.sum(np.sqrt(V @ s**2 + eps))
    if name == "ICA reconstruction":
        given = {"W": rng.normal(size=(2, 3)), "x": rng.normal(size=(3, m))}
        return objectives.ica, given, lambda W, x: np.sum((W.T @ W @ x - x) ** 2)
    given = {"X": rng.normal(size=(3, m)), "A": rng.normal(size=(3, 3))}
    return objectives.quadratic_form, given, lambda X, A: np.trace(X.T @ A @ X)


NAMES = [net.name for net in objectives.all_four()]
cases = pytest.mark.parametrize(("name", "m"), [(name, m) for name in NAMES for m in (1, 4)])


@cases
def test_values_and_gradients_are_those_of_the_function(name, m):
    make, given, F = random_case(name, np.random.default_rng(m), m)
    net = make(**given)
    assert net.value == pytest.approx(F(**given), rel=1e-12)
    moved = [node for node in net.nodes if node.gradient is not None and "=" not in node.label]
    assert moved
    for node in moved:
        found = bp.complex_step(lambda v, key=node.key: F(**{**given, key: v}), given[node.key])
        np.testing.assert_allclose(node.gradient, found, rtol=1e-12, atol=1e-13)


@cases
def test_a_gradient_is_the_sum_of_what_its_uses_send_back(name, m):
    make, given, _ = random_case(name, np.random.default_rng(m), m)
    net = make(**given)
    for node in net.backward[1:]:
        shares = [use.share for use in net.uses_of(node.key)]
        assert all(share.shape == node.value.shape for share in shares)
        np.testing.assert_allclose(sum(shares), node.gradient, rtol=1e-12)


def test_each_share_is_what_its_use_alone_does():
    rng = np.random.default_rng(2)
    W, x = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    inner, outer = objectives.ica(W, x).uses_of("W")
    np.testing.assert_allclose(inner.share, bp.complex_step(lambda P: np.sum((W.T @ P @ x - x) ** 2), W), rtol=1e-11)
    np.testing.assert_allclose(outer.share, bp.complex_step(lambda Q: np.sum((Q.T @ W @ x - x) ** 2), W), rtol=1e-11)


def test_the_way_back_finds_an_array_after_all_its_uses():
    for net in objectives.all_four():
        order = [node.key for node in net.backward]
        for use in net.uses:
            if use.share is not None:
                assert order.index(use.end) < order.index(use.start)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: objectives.sparse_coding(np.ones((2, 3)), np.ones((2, 1)), np.ones((2, 1)), 1.0), r"s has shape \(2, 1\), expected \(3, m\)"),
        (lambda: objectives.sparse_coding(np.ones((2, 3)), np.ones((3, 1)), np.ones((2, 4)), 1.0), r"x has shape \(2, 4\), expected \(2, 1\)"),
        (lambda: objectives.topographic(np.ones((2, 3)), np.ones((3, 1)), -4.0), "under a root is -1"),
        (lambda: objectives.ica(np.ones((2, 3)), np.ones((2, 1))), r"x has shape \(2, 1\)"),
        (lambda: objectives.quadratic_form(np.ones((2, 3)), np.ones((3, 3))), r"A has shape \(3, 3\), expected \(2, 2\)"),
        (lambda: objectives.ica(np.ones((2, 3, 1)), np.ones((3, 1))), "expected a matrix"),
        (lambda: objectives.example("autoencoder"), "'autoencoder'; expected one of: sparse coding"),
    ],
)
def test_what_does_not_fit_is_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_wrong_key_is_answered_with_the_keys_there_are():
    with pytest.raises(KeyError, match="there are V, s, q"):
        objectives.all_four()[1]["W"]


# ---- where they stand when drawn -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", objectives.all_four(), ids=lambda net: net.name)
def test_boxes_do_not_touch_and_every_arrow_ends_at_its_box(net):
    drawn = arrange(net)
    boxes = list(drawn.boxes.values())
    for i, a in enumerate(boxes):
        assert min(a.left, a.top, drawn.width - a.left - a.width, drawn.height - a.top - a.height) >= -1e-9
        for b in boxes[i + 1 :]:
            apart = a.left + a.width < b.left or b.left + b.width < a.left or a.top + a.height < b.top or b.top + b.height < a.top
            assert apart, (a.key, b.key)
    for arrow in drawn.arrows:
        for (x, y), key in ((arrow.points[0], arrow.use.start), (arrow.points[-1], arrow.use.end)):
            box = drawn.boxes[key]
            assert box.left - 1e-9 <= x <= box.left + box.width + 1e-9 and box.top - 1e-9 <= y <= box.top + box.height + 1e-9


@pytest.mark.parametrize("net", objectives.all_four(), ids=lambda net: net.name)
def test_no_arrow_runs_through_a_box_between_its_ends(net):
    drawn = arrange(net)
    for arrow in drawn.arrows:
        for (x, y), (u, v) in itertools.pairwise(arrow.points):
            for t in np.linspace(0.02, 0.98, 49):
                at = x + t * (u - x), y + t * (v - y)
                inside = [b.key for b in drawn.boxes.values() if b.left < at[0] < b.left + b.width and b.top < at[1] < b.top + b.height]
                assert set(inside) <= {arrow.use.start, arrow.use.end}
