"""The forward-pass widget in a real browser: what it computes there is what bpkit computes, by mouse and by keyboard."""

from __future__ import annotations

import re

import numpy as np
import pytest
from widget_page import fits, said, slide

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.exhibits.readable import number

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    net, x, _ = nets.three_three_two()
    return bp.widgets.forward_pass(net, x)


def shown(page, net, x):
    """Every neuron's name as read aloud holds the numbers that bpkit finds."""
    cache = bp.forward(net, x)
    for l in (1, 2):
        for j in range(net.sizes[l]):
            label = page.locator(f'[aria-label^="layer {l}, neuron {j + 1}:"]').get_attribute("aria-label")
            assert label.endswith(f"weighted input {number(cache.z[l][j, 0])}, activation {number(cache.a[l][j, 0])}")


def test_it_starts_with_the_numbers_of_forward(page):
    net, x, _ = nets.three_three_two()
    shown(page, net, x)
    assert said(page) == "Layer 1, neuron 1: z = −1.00, a = 0.269. The network says 0.491, 0.727."


def test_every_slider_moves_what_it_names_and_the_rest_follows(page):
    net, x, _ = nets.three_three_two()
    W, b = [None, net.W[1].copy(), net.W[2].copy()], [None, net.b[1].copy(), net.b[2].copy()]
    x = x.copy()
    x[2, 0] = 1.75
    slide(page, "input 3", 1.75)
    page.locator('[aria-label^="layer 1, neuron 3:"]').click()
    W[1][2, 1], b[1][2, 0] = -2.35, 0.6
    slide(page, "weight to 3 from 2", -2.35)
    slide(page, "bias of 3", 0.6)
    page.locator('[aria-label^="layer 2, neuron 1:"]').click()
    W[2][0, 0] = 3.0
    slide(page, "weight to 1 from 1", 3.0)
    moved = bp.Network(W, b, net.activations, net.cost)
    shown(page, moved, x)
    page.get_by_role("button", name="Reset").click()
    shown(page, net, nets.three_three_two().x)


def test_a_move_is_on_the_page_within_a_tenth_of_a_second(page):
    spent = page.locator('input[aria-label="input 1"]').evaluate(
        """(range) => {
            const start = performance.now();
            for (let i = 0; i < 20; i++) { range.value = i / 10; range.dispatchEvent(new Event('input', { bubbles: true })); }
            return (performance.now() - start) / 20;
        }"""
    )
    assert spent < 100  # milliseconds; what the course promises, far above what it takes


def test_keys_go_from_neuron_to_neuron_and_move_sliders(page):
    page.keyboard.press("ArrowDown")
    assert said(page).startswith("Layer 1, neuron 2: z = 0.500")
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Layer 2, neuron 2: z = 0.981")
    page.keyboard.press("ArrowDown")
    assert said(page).startswith("Layer 2, neuron 1:")
    page.locator('input[aria-label="bias of 1"]').focus()
    for _ in range(45):
        page.keyboard.press("ArrowRight")  # a twentieth each
    assert re.search(r"z = 2\.21, a = 0\.902", said(page))
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "bias of 1"
    assert page.locator('input[aria-label="bias of 1"]').get_attribute("aria-valuetext") == "2.75"


def test_enter_picks_a_neuron_and_keeps_the_focus_there(page):
    page.locator('[aria-label^="layer 2, neuron 2:"]').focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert "Layer 2, neuron 2" in said(page)


@pytest.mark.parametrize("width", [420, 760, 980, 1280, 1920])
def test_nothing_is_wider_than_the_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.locator('[aria-label^="layer 2, neuron 1:"]').click()
    assert fits(page)


def test_the_far_ends_of_the_sliders_stay_finite(page):
    for k in range(3):
        slide(page, f"input {k + 1}", 3)
        slide(page, f"weight to 1 from {k + 1}", 4)
    net, _, _ = nets.three_three_two()
    z = 4 * 9 + net.b[1][0, 0]
    assert f"z = {number(z)}, a = {number(float(bp.sigmoid(np.array(z))))}" in said(page)
