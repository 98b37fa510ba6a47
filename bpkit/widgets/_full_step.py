"""One whole step of training, array by array: forward, errors, gradients, update, each entry's sum laid open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.core.network import Gradients, Network, backward, cost_of, forward
from bpkit.exhibits.readable import number, shape_of, superscript, symbol
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

Array = np.ndarray
Cell = list[int]

_MOST_NEURONS = 4
_MOST_LAYERS = 4
_MOST_EXAMPLES = 4


class FullStep(CourseWidget):
    """What `full_step` returns."""

    _esm = module("full_step")
    _css = style("full_step")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def full_step(net: Network, x: ArrayLike, y: ArrayLike, eta: float = 1.0) -> FullStep:
    """One step of gradient descent on a batch: Next, Back, or ← → go from array to array, ↑ ↓ from entry to entry.

    Parameters
    ----------
    net : Network
        Up to 4 layers of up to 4 neurons, all with elementwise activations.
    x, y : (n_0, m) and (n_L, m)
        Inputs and targets, up to 4 examples, one per column.
    eta : float
        Learning rate of the update.

    Returns
    -------
    FullStep
        Shows itself in a notebook; `str()` says every array, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If net or batch is too large to read, or an activation mixes its neurons.

    Examples
    --------
    >>> from bpkit.exhibits import nets
    >>> print(full_step(*nets.two_three_two()).state["steps"][5]["say"])
    Every error times every activation that came in, averaged over the examples.
    >>> full_step(*nets.two_three_two()).state["arrays"]["dW2"]["cells"][0][2]["say"]
    '∂C/∂w²₁₃ = δ²₁ a¹₃ = −0.127 × 0.881 = −0.112'
    """
    x, y = _columns(x, "x", net.sizes[0]), _columns(y, "y", net.sizes[-1])
    return FullStep(state(net, x, y, eta), _still(net, x, y))


def _columns(values: ArrayLike, name: str, n: int) -> Array:
    columns = np.asarray(values, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or len(columns) != n or not 1 <= columns.shape[1] <= _MOST_EXAMPLES:
        raise ValueError(f"full_step: {name} has shape {columns.shape}, expected ({n}, m) with m from 1 to {_MOST_EXAMPLES}")
    return columns


def _still(net: Network, x: Array, y: Array) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    cache = forward(net, x)
    return plots.picture(plots.outer_products(backward(net, cache, y).delta[-1], cache.a[-2])).html


# ── The state: every array, every entry's sum, computed once ──────────────────────────────────────────────────────────


def state(net: Network, x: Array, y: Array, eta: float) -> dict[str, Any]:
    """All that there is to show, as JSON.

    Parameters
    ----------
    net : Network
    x, y : (n_0, m) and (n_L, m)
    eta : float

    Returns
    -------
    dict
        "sizes", "m"; "arrays" by name ("W1", "z2", "dW1", …), each with "title", "layer", "row" of the drawing, "values" and
        "cells": for each entry how it came about, in words ("say") and by place ("of": array name → its entries).
        "steps", each with the arrays that are "new", and those that it "replaces".
    """
    if len(net.sizes) > _MOST_LAYERS or max(net.sizes) > _MOST_NEURONS:
        raise ValueError(f"full_step draws up to {_MOST_LAYERS} layers of up to {_MOST_NEURONS} neurons, found {shape_of(net.sizes)}")
    if mixing := [a.name for a in net.activations[1:] if not a.elementwise]:
        raise ValueError(f"full_step needs elementwise activations, found {mixing[0]}")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"full_step: x has {x.shape[1]} examples, y has {y.shape[1]}")
    cache = forward(net, x)
    grads = backward(net, cache, y)
    after = _moved(net, grads, eta)
    L, m, entries = net.L, x.shape[1], _Entries(x.shape[1])
    arrays = {"a0": _array("a0", "x = a⁰", 0, "z", x), "y": _array("y", "y", L, "z", y)}
    for l in range(1, L + 1):
        up = superscript(l)
        for letter, values in (("W", net.W[l]), ("b", net.b[l])):
            arrays[f"{letter}{l}"] = _array(f"{letter}{l}", letter + up, l, "W", values)
        sums = zip(net.W[l], net.b[l][:, 0], strict=True)
        arrays[f"z{l}"] = _array(f"z{l}", f"z{up}", l, "z", cache.z[l], entries.weighted_inputs(l, list(sums), cache.a[l - 1], cache.z[l]))
        arrays[f"a{l}"] = _array(f"a{l}", f"a{up}", l, "z", cache.a[l], entries.activations(l, net.activations[l].name, cache.z[l], cache.a[l]))
        slopes = net.activations[l].prime(cache.z[l])
        told = (
            entries.output_errors(L, net.cost.gradient(cache.a[L], y), slopes, grads.delta[L])
            if l == L
            else entries.errors(l, net.W[l + 1], grads.delta[l + 1], slopes, grads.delta[l])
        )
        arrays[f"δ{l}"] = _array(f"δ{l}", f"δ{up}", l, "δ", grads.delta[l], told)
        told = entries.weight_gradients(l, grads.delta[l], cache.a[l - 1], grads.W[l])
        arrays[f"dW{l}"] = _array(f"dW{l}", f"∂C/∂W{up}", l, "dW", grads.W[l], told)
        arrays[f"db{l}"] = _array(f"db{l}", f"∂C/∂b{up}", l, "dW", grads.b[l], entries.bias_gradients(l, grads.delta[l], grads.b[l]))
        for letter, old, slope, new in (("W", net.W[l], grads.W[l], after.W[l]), ("b", net.b[l], grads.b[l], after.b[l])):
            told = entries.updates(letter, l, old, slope, eta, new)
            arrays[f"new {letter}{l}"] = _array(f"new {letter}{l}", f"new {letter}{up}", l, "W", new, told)
    before, behind = float(cost_of(net, x, y)), float(cost_of(after, x, y))
    return {
        "label": f"One step of training the network {shape_of(net.sizes)} on {m} example{'s' if m > 1 else ''}",
        "sizes": list(net.sizes),
        "m": m,
        "arrays": arrays,
        "steps": list(_steps(L, eta, before, behind)),
    }


def _moved(net: Network, grads: Gradients, eta: float) -> Network:
    """The net after one step down its gradient."""
    layers = range(1, net.L + 1)
    W = (None, *(net.W[l] - eta * grads.W[l] for l in layers))
    b = (None, *(net.b[l] - eta * grads.b[l] for l in layers))
    return Network(W, b, net.activations, net.cost)


def _steps(L: int, eta: float, before: float, behind: float) -> Iterator[dict[str, Any]]:
    known = ["a0", "y", *(f"{letter}{l}" for l in range(1, L + 1) for letter in "Wb")]
    yield {"title": "Start", "new": [], "known": known, "say": "Given are the batch, its targets, and the parameters."}
    for l in range(1, L + 1):
        yield {"title": f"Forward, layer {l}", "new": [f"z{l}", f"a{l}"], "say": "Both are kept: the way back needs them."}
    yield {"title": f"BP1, layer {L}", "new": [f"δ{L}"], "say": f"The cost is {number(before, 4)}. Each example has an error of its own, and no 1/m."}
    for l in range(L - 1, 0, -1):
        yield {"title": f"BP2, layer {l}", "new": [f"δ{l}"], "say": f"The error goes back through the old W{superscript(l + 1)}."}
    for l in range(L, 0, -1):
        told = "Every error times every activation that came in, averaged over the examples."
        yield {"title": f"BP4 and BP3, layer {l}", "new": [f"dW{l}", f"db{l}"], "say": told}
    new = [f"new {letter}{l}" for l in range(1, L + 1) for letter in "Wb"]
    yield {
        "title": f"Update, η = {eta:g}",
        "new": new,
        "replaces": [name.removeprefix("new ") for name in new],
        "say": f"All gradients are known, so now everything moves. The cost was {number(before, 4)} and is {number(behind, 4)}.",
    }


def _array(name: str, title: str, layer: int, row: str, values: Array, told: Any = None) -> dict[str, Any]:
    """One array; `told` gives for an entry its words and the entries of other arrays that it comes from."""
    cells: list[list[dict[str, Any]]] = [[{} for _ in line] for line in values]
    if told is not None:
        for i, k in np.ndindex(values.shape):
            say, of = told(i, k)
            cells[i][k] = {"say": say, "of": of}
    return {"name": name, "title": title, "layer": layer, "row": row, "values": plain(values), "cells": cells}


def _sum(terms: list[tuple[float, float]], more: tuple[float, ...] = ()) -> str:
    """Products and single numbers as one sum."""
    parts = [(a < 0, f"{number(abs(a))} × {_bracketed(b)}") for a, b in terms] + [(c < 0, number(abs(c))) for c in more]
    text = "".join(f" {'−' if negative else '+'} {part}" for negative, part in parts)
    return f"−{text[3:]}" if text.startswith(" −") else text[3:]


def _bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


class _Entries:
    """How each entry of each array came about."""

    def __init__(self, m: int) -> None:
        self.m = m

    def _of(self, letter: str, l: int, *indices: int, x: int | None = None) -> str:
        """A symbol; with more than one example it says whose."""
        name = symbol(letter, l, *(i + 1 for i in indices))
        return f"{name} of example {x + 1}" if x is not None and self.m > 1 else name

    def weighted_inputs(self, l: int, sums: list[tuple[Array, float]], a_prev: Array, z: Array) -> Any:
        def told(j: int, x: int) -> tuple[str, dict[str, list[Cell]]]:
            row, bias = sums[j]
            terms = list(zip(row.tolist(), a_prev[:, x].tolist(), strict=True))
            say = f"{self._of('z', l, j, x=x)} = {_sum(terms, (float(bias),))} = {number(z[j, x])}"
            inputs = range(len(row))
            return say, {f"W{l}": [[j, k] for k in inputs], f"a{l - 1}": [[k, x] for k in inputs], f"b{l}": [[j, 0]]}

        return told

    def activations(self, l: int, name: str, z: Array, a: Array) -> Any:
        def told(j: int, x: int) -> tuple[str, dict[str, list[Cell]]]:
            return f"{self._of('a', l, j, x=x)} = {name}({number(z[j, x])}) = {number(a[j, x])}", {f"z{l}": [[j, x]]}

        return told

    def output_errors(self, l: int, gradient: Array, slopes: Array, delta: Array) -> Any:
        def told(j: int, x: int) -> tuple[str, dict[str, list[Cell]]]:
            say = f"{self._of('δ', l, j, x=x)} = ∂C/∂a × σ′(z) = {number(gradient[j, x])} × {number(slopes[j, x])} = {number(delta[j, x])}"
            return say, {f"a{l}": [[j, x]], "y": [[j, x]], f"z{l}": [[j, x]]}

        return told

    def errors(self, l: int, W_next: Array, delta_next: Array, slopes: Array, delta: Array) -> Any:
        def told(j: int, x: int) -> tuple[str, dict[str, list[Cell]]]:
            terms = list(zip(W_next[:, j].tolist(), delta_next[:, x].tolist(), strict=True))
            say = f"{self._of('δ', l, j, x=x)} = ({_sum(terms)}) × σ′(z) = {number(W_next[:, j] @ delta_next[:, x])} × {number(slopes[j, x])}"
            following = range(len(W_next))
            of = {f"W{l + 1}": [[k, j] for k in following], f"δ{l + 1}": [[k, x] for k in following], f"z{l}": [[j, x]]}
            return f"{say} = {number(delta[j, x])}", of

        return told

    def weight_gradients(self, l: int, delta: Array, a_prev: Array, dW: Array) -> Any:
        def told(j: int, k: int) -> tuple[str, dict[str, list[Cell]]]:
            total = _sum(list(zip(delta[j].tolist(), a_prev[k].tolist(), strict=True)))
            name = f"∂C/∂{symbol('w', l, j + 1, k + 1)}"
            shown = f"({total}) / {self.m}" if self.m > 1 else f"{symbol('δ', l, j + 1)} {symbol('a', l - 1, k + 1)} = {total}"
            examples = range(self.m)
            return f"{name} = {shown} = {number(dW[j, k])}", {f"δ{l}": [[j, x] for x in examples], f"a{l - 1}": [[k, x] for x in examples]}

        return told

    def bias_gradients(self, l: int, delta: Array, db: Array) -> Any:
        def told(j: int, _: int) -> tuple[str, dict[str, list[Cell]]]:
            total = _sum([], tuple(delta[j].tolist()))
            shown = f"({total}) / {self.m} = {number(db[j, 0])}" if self.m > 1 else f"{symbol('δ', l, j + 1)} = {total}"
            return f"∂C/∂{symbol('b', l, j + 1)} = {shown}", {f"δ{l}": [[j, x] for x in range(self.m)]}

        return told

    def updates(self, letter: str, l: int, old: Array, slope: Array, eta: float, new: Array) -> Any:
        def told(j: int, k: int) -> tuple[str, dict[str, list[Cell]]]:
            name = symbol("w", l, j + 1, k + 1) if letter == "W" else symbol("b", l, j + 1)
            say = f"new {name} = {number(old[j, k])} − {number(eta)} × {_bracketed(slope[j, k])} = {number(new[j, k])}"
            return say, {f"d{letter}{l}": [[j, k]]}

        return told


def as_text(state: dict[str, Any]) -> str:
    """The state in words: every step with its new arrays."""
    lines = [state["label"]]
    for count, step in enumerate(state["steps"]):
        lines.append(f"{count}. {step['title']}. {step['say']}")
        for name in step["new"] or step["known"]:
            array = state["arrays"][name]
            rows = "; ".join(", ".join(number(value) for value in row) for row in array["values"])
            lines.append(f"   {array['title']}: {rows}")
    return "\n".join(lines)
