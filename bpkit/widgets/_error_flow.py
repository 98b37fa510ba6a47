"""The error flowing back through a network, layer by layer, each neuron's sum laid open."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.core.network import Network, backward, cost_of, forward
from bpkit.exhibits.readable import number, shape_of, subscript, symbol
from bpkit.widgets._base import CourseWidget, can_plot, module, plain

_MOST_NEURONS = 8
_MOST_LAYERS = 8


class ErrorFlow(CourseWidget):
    """What `error_flow` returns."""

    _esm = module("error_flow")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def error_flow(net: Network, x: ArrayLike, y: ArrayLike, example: int = 0) -> ErrorFlow:
    """Step δ back through a network: Next, Back, or the arrow keys; click a neuron to see its sum.

    Parameters
    ----------
    net : Network
        Up to 8 layers of up to 8 neurons; more could not be read.
    x, y : (n_0, m) and (n_L, m)
        Inputs and targets, one example per column; a single example may be a vector.
    example : int
        Which column.

    Returns
    -------
    ErrorFlow
        Shows itself in a notebook; `str()` says the same in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the network is too large to draw, or there is no such column.

    Examples
    --------
    >>> from bpkit.exhibits import nets
    >>> print(error_flow(*nets.two_three_two()))
    Error flowing back through the network 2-3-2
    0. Forward. The network says a²₁ = 0.491, a²₂ = 0.727; wanted are 1.00, 0. The cost is 0.394.
    1. Layer 2, BP1.
       δ²₁ = ∂C/∂a²₁ × σ′(z²₁) = −0.509 × 0.250 = −0.127
       δ²₂ = ∂C/∂a²₂ × σ′(z²₂) = 0.727 × 0.198 = 0.144
    2. Layer 1, BP2.
       δ¹₁ = (−0.127 − 0.216) × σ′(z¹₁) = −0.344 × 0.197 = −0.0675
       δ¹₂ = (0.254 + 0.144) × σ′(z¹₂) = 0.399 × 0.235 = 0.0937
       δ¹₃ = (−0.0636 + 0.289) × σ′(z¹₃) = 0.225 × 0.105 = 0.0236
    """
    x, y = _column(x, example, "x"), _column(y, example, "y")
    return ErrorFlow(state(net, x, y), _still(net, x, y))


def _still(net: Network, x: np.ndarray, y: np.ndarray) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    cache = forward(net, x)
    return plots.picture(plots.error_flow(net, cache, backward(net, cache, y))).html


def _column(values: ArrayLike, example: int, name: str) -> np.ndarray:
    columns = np.asarray(values, dtype=float)
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or not 0 <= example < columns.shape[1]:
        raise ValueError(f"error_flow: {name} has shape {columns.shape}, expected (n, m) with a column {example}")
    return columns[:, [example]]


# ── The state: all steps, computed once ───────────────────────────────────────────────────────────────────────────────


def state(net: Network, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """All that there is to show for one example, as JSON.

    Parameters
    ----------
    net : Network
    x, y : (n_0, 1) and (n_L, 1)

    Returns
    -------
    dict
        "sizes"; "W" as in the network; "layers", each a list of neurons with a, z, slope σ′(z), delta, and how delta
        came about: "terms" (w, delta and their product, one per neuron of the next layer), "sum" of the products, "say".
        "steps": forward, then the layers from last to first.
    """
    if len(net.sizes) > _MOST_LAYERS or max(net.sizes) > _MOST_NEURONS:
        raise ValueError(f"error_flow draws up to {_MOST_LAYERS} layers of up to {_MOST_NEURONS} neurons, found {shape_of(net.sizes)}")
    cache = forward(net, x)
    grads = backward(net, cache, y)
    layers: list[list[dict[str, Any]]] = [[{"a": a} for a in plain(cache.a[0][:, 0])]]
    for l in range(1, net.L + 1):
        sigma = net.activations[l]
        slopes = plain(sigma.prime(cache.z[l])[:, 0]) if sigma.elementwise else [None] * net.sizes[l]
        columns = (plain(column[:, 0]) for column in (cache.z[l], cache.a[l], grads.delta[l]))
        layers.append([{"z": z, "a": a, "slope": slope, "delta": delta} for z, a, delta, slope in zip(*columns, slopes, strict=True)])

    gradient = _output_gradient(net, cache.a[-1], y)
    for j, neuron in enumerate(layers[-1]):
        neuron.update(y=float(y[j, 0]), gradient=gradient[j] if neuron["slope"] is not None else None)
        neuron["say"] = _output_in_words(neuron, net.L, j)
    for l in range(net.L - 1, 0, -1):
        back = net.W[l + 1] * grads.delta[l + 1]  # w_kj δ_k: row k leads to neuron k of the next layer
        for j, neuron in enumerate(layers[l]):
            following = zip(plain(net.W[l + 1][:, j]), plain(grads.delta[l + 1][:, 0]), plain(back[:, j]), strict=True)
            neuron["terms"] = [{"w": w, "delta": delta, "product": product} for w, delta, product in following]
            neuron["sum"] = float(back[:, j].sum())
            neuron["say"] = _hidden_in_words(neuron, l, j)

    cost = float(cost_of(net, x, y))
    return {
        "label": f"Error flowing back through the network {shape_of(net.sizes)}",
        "sizes": list(net.sizes),
        "W": [None if W is None else plain(W) for W in net.W],
        "cost": cost,
        "layers": layers,
        "steps": _steps(net, layers, cost),
    }


def _output_gradient(net: Network, a: np.ndarray, y: np.ndarray) -> list[float | None]:
    """∂C/∂a, or None where it is infinite because the output is certain and wrong."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return [float(g) if np.isfinite(g) else None for g in net.cost.gradient(a, y)[:, 0]]


def _steps(net: Network, layers: list[list[dict[str, Any]]], cost: float) -> list[dict[str, Any]]:
    says = ", ".join(f"{symbol('a', net.L, j + 1)} = {number(neuron['a'])}" for j, neuron in enumerate(layers[-1]))
    wanted = ", ".join(number(neuron["y"]) for neuron in layers[-1])
    forward_step: dict[str, Any] = {
        "layer": None,
        "title": "Forward",
        "say": f"The network says {says}; wanted are {wanted}. The cost is {number(cost)}.",
    }
    back = [{"layer": l, "title": f"Layer {l}, {'BP1' if l == net.L else 'BP2'}", "say": ""} for l in range(net.L, 0, -1)]
    return [forward_step, *back]


def _output_in_words(neuron: dict[str, Any], l: int, j: int) -> str:
    name, delta = symbol("δ", l, j + 1), number(neuron["delta"])
    if neuron["gradient"] is not None:
        dC, z = symbol("a", l, j + 1), symbol("z", l, j + 1)
        return f"{name} = ∂C/∂{dC} × σ′({z}) = {number(neuron['gradient'])} × {number(neuron['slope'])} = {delta}"
    if np.isclose(neuron["delta"], neuron["a"] - neuron["y"], rtol=1e-9, atol=1e-12):
        return f"{name} = {symbol('a', l, j + 1)} − y{subscript(j + 1)} = {number(neuron['a'])} − {number(neuron['y'])} = {delta}"
    return f"{name} = {delta}, row {j + 1} of the activation's Jacobian, transposed, times ∂C/∂a"


def _hidden_in_words(neuron: dict[str, Any], l: int, j: int) -> str:
    name, delta = symbol("δ", l, j + 1), number(neuron["delta"])
    first, *others = (term["product"] for term in neuron["terms"])
    terms = number(first) + "".join(f" {'−' if term < 0 else '+'} {number(abs(term))}" for term in others)
    if neuron["slope"] is None:
        return f"{name} = {delta}; its paths add up to {terms} = {number(neuron['sum'])}, then the activation mixes the layer's sums"
    return f"{name} = ({terms}) × σ′({symbol('z', l, j + 1)}) = {number(neuron['sum'])} × {number(neuron['slope'])} = {delta}"


def as_text(state: dict[str, Any]) -> str:
    """The state in words: every step and every neuron's sum."""
    lines = [state["label"]]
    for count, step in enumerate(state["steps"]):
        lines.append(f"{count}. {step['title']}. {step['say']}".rstrip())
        if step["layer"] is not None:
            lines += [f"   {neuron['say']}" for neuron in state["layers"][step["layer"]]]
    return "\n".join(lines)
