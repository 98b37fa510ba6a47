"""A small network whose inputs, weights and biases can be moved, with every z and a following at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.core.network import Network, forward
from bpkit.exhibits.readable import number, shape_of, symbol
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

_MOST_NEURONS = 5
_MOST_LAYERS = 5
_DRAWN = ("sigmoid", "tanh", "relu", "identity")  # the browser computes these itself


class ForwardPass(CourseWidget):
    """What `forward_pass` returns."""

    _esm = module("forward_pass")
    _css = style("forward_pass")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def forward_pass(net: Network, x: ArrayLike) -> ForwardPass:
    """Move inputs, weights and biases and watch z and a follow; click a neuron, or use the arrow keys, to see its sum.

    Parameters
    ----------
    net : Network
        Up to 5 layers of up to 5 neurons, with sigmoid, tanh, relu or identity.
    x : (n_0, 1) or (n_0,)
        The input to start from.

    Returns
    -------
    ForwardPass
        Shows itself in a notebook; `str()` says the start in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the network is too large to draw, x does not fit, or an activation is another one.

    Examples
    --------
    >>> from bpkit.exhibits import nets
    >>> net, x, _ = nets.two_three_two()
    >>> print(forward_pass(net, x))
    Forward pass through the network 2-3-2
    Input: a⁰₁ = 1.00, a⁰₂ = 2.00
    Layer 1, sigmoid
       z¹₁ = 0.500 × 1.00 − 1.00 × 2.00 + 0.500 = −1.00, a¹₁ = 0.269
       z¹₂ = 1.50 × 1.00 + 0.500 × 2.00 − 2.00 = 0.500, a¹₂ = 0.622
       z¹₃ = −1.00 × 1.00 + 2.00 × 2.00 − 1.00 = 2.00, a¹₃ = 0.881
    Layer 2, sigmoid
       z²₁ = 1.00 × 0.269 − 2.00 × 0.622 + 0.500 × 0.881 + 0.500 = −0.0356, a²₁ = 0.491
       z²₂ = −1.50 × 0.269 + 1.00 × 0.622 + 2.00 × 0.881 − 1.00 = 0.981, a²₂ = 0.727
    """
    x = np.asarray(x, dtype=float)
    if x.size != net.sizes[0] or x.ndim > 2 or x.shape[0] != net.sizes[0]:
        raise ValueError(f"forward_pass: x has shape {x.shape}, expected one example, ({net.sizes[0]}, 1)")
    x = x.reshape(-1, 1)
    return ForwardPass(state(net, x), _still(net, x))


def _still(net: Network, x: np.ndarray) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.network(net, values=[a[:, 0] for a in forward(net, x).a])).html


def state(net: Network, x: np.ndarray) -> dict[str, Any]:
    """Where to start, as JSON; from there on the browser computes.

    Parameters
    ----------
    net : Network
    x : (n_0, 1)

    Returns
    -------
    dict
        "sizes", "activations" (names by layer), "W" and "b" as in the network, "x"; "z" and "a" as forward finds them;
        "reach", how far the sliders of inputs and of parameters go; "steps", of which there is one.
    """
    if len(net.sizes) > _MOST_LAYERS or max(net.sizes) > _MOST_NEURONS:
        raise ValueError(f"forward_pass draws up to {_MOST_LAYERS} layers of up to {_MOST_NEURONS} neurons, found {shape_of(net.sizes)}")
    names = [activation.name for activation in net.activations[1:]]
    if others := sorted({repr(a) for a in net.activations[1:]} - set(_DRAWN)):
        raise ValueError(f"forward_pass knows {', '.join(_DRAWN)}, found {', '.join(others)}")
    cache = forward(net, x)
    largest = max(float(np.max(np.abs(parameter))) for parameter in (*net.W[1:], *net.b[1:]))
    return {
        "label": f"Forward pass through the network {shape_of(net.sizes)}",
        "sizes": list(net.sizes),
        "activations": [None, *names],
        "W": [None, *map(plain, net.W[1:])],
        "b": [None, *(plain(b[:, 0]) for b in net.b[1:])],
        "x": plain(x[:, 0]),
        "z": [None, *(plain(z[:, 0]) for z in cache.z[1:])],
        "a": [plain(a[:, 0]) for a in cache.a],
        "reach": {"input": float(max(3, math.ceil(np.max(np.abs(x))))), "parameter": float(max(4, math.ceil(largest)))},
        "steps": [{"title": "Forward", "say": ""}],
    }


def as_text(state: dict[str, Any]) -> str:
    """The start in words: every neuron's sum."""
    inputs = ", ".join(f"{symbol('a', 0, k + 1)} = {number(value)}" for k, value in enumerate(state["x"]))
    lines = [state["label"], f"Input: {inputs}"]
    for l in range(1, len(state["sizes"])):
        lines.append(f"Layer {l}, {state['activations'][l]}")
        for j, row in enumerate(state["W"][l]):
            terms = [f"{'− ' if w < 0 else '+ '}{number(abs(w))} × {number(a)}" for w, a in zip(row, state["a"][l - 1], strict=True)]
            bias = state["b"][l][j]
            terms.append(f"{'− ' if bias < 0 else '+ '}{number(abs(bias))}")
            total = " ".join(terms).removeprefix("+ ")
            total = f"−{total[2:]}" if total.startswith("− ") else total
            z, a = number(state["z"][l][j]), number(state["a"][l][j])
            lines.append(f"   {symbol('z', l, j + 1)} = {total} = {z}, {symbol('a', l, j + 1)} = {a}")
    return "\n".join(lines)
