"""Pictures of networks: values, weights, and the error flowing back."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import ArrayLike

from bpkit.core.network import Cache, Gradients, Network
from bpkit.exhibits.readable import number, shape_of, symbol
from bpkit.language import translated
from bpkit.plots._house import INK, NEGATIVE, NEUTRAL, PAPER, POSITIVE, WIDTH, axes_for, drawing_on, house

_RADIUS = 0.33  # of a neuron, where the distance between two neurons of a layer is 1
_STEP = 2.1  # from layer to layer
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


class Edge(NamedTuple):
    """What a line between two neurons stands for: to neuron j of a layer, from neuron k of the layer before."""

    layer: int
    j: int
    k: int
    value: float


def positions(sizes: Sequence[int]) -> list[np.ndarray]:
    """Where the neurons of each layer stand: layers from left to right, neuron 1 on top, (n_l, 2) each.

    Examples
    --------
    >>> positions([2, 1])
    [array([[ 0. ,  0.5],
           [ 0. , -0.5]]), array([[2.1, 0. ]])]
    """
    return [np.column_stack([np.full(n, l * _STEP), (n - 1) / 2 - np.arange(n)]) for l, n in enumerate(sizes)]


def edges_of(matrices: Sequence[ArrayLike | None]) -> list[Edge]:
    """One edge per entry of the matrices, which are shaped and indexed as W is; where there is None there are none.

    Examples
    --------
    >>> edges_of([None, [[0.5, -2.0]]])
    [Edge(layer=1, j=0, k=0, value=0.5), Edge(layer=1, j=0, k=1, value=-2.0)]
    """
    return [
        Edge(l, j, k, float(value)) for l, matrix in enumerate(matrices) if matrix is not None for (j, k), value in np.ndenumerate(np.asarray(matrix))
    ]


def flow(net: Network, grads: Gradients, example: int = 0) -> list[Edge]:
    """The terms w_jk δ_j that BP2 sums: what each neuron sends back along each of its weights.

    Only the layers from 2 on send something back; the input has no error.
    """
    _check_example(grads.delta[-1], example)
    return edges_of([None, None, *(net.W[l] * grads.delta[l][:, [example]] for l in range(2, net.L + 1))])


@house
def network(
    net: Network,
    ax: Axes | None = None,
    *,
    values: Sequence[ArrayLike | None] | None = None,
    letter: str = "a",
    edge_values: Sequence[ArrayLike | None] | None = None,
    edge_labels: bool | None = None,
    title: str = "",
) -> Axes:
    """Draw a network: a circle per neuron, a line per weight, as wide as the weight is large, dashed where it is negative.

    Parameters
    ----------
    net : Network
    ax : Axes
        Where to draw; a new figure when left out.
    values : per layer, None or n_l numbers
        Written into the neurons, for instance [a[:, 0] for a in cache.a].
    letter : str
        What the neurons are named by: "a" gives a¹₂.
    edge_values : per layer, None or as W
        In place of the weights.
    edge_labels : bool
        Whether to write the numbers on the lines; left out, they are written where there is room.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.
    """
    sizes = net.sizes
    edges = edges_of(net.W if edge_values is None else edge_values)
    ax = _network_axes(ax, sizes, title)
    _draw_edges(ax, sizes, edges, edge_labels, arrows="-")
    named = [[(symbol(letter, l, j + 1), _entry(values, l, j)) for j in range(n)] for l, n in enumerate(sizes)]
    _draw_neurons(ax, sizes, named)
    words = ", ".join(f"{name} = {number(value)}" for layer in named for name, value in layer if value is not None)
    lines = (
        ", ".join(f"{symbol('w', e.layer, e.j + 1, e.k + 1)} {number(e.value)}" for e in edges)
        if len(edges) <= 30
        else "their widths show their sizes"
    )
    neurons = translated(f" Neurons: {words}.") if words else ""
    ax.set_label(f"Network {shape_of(sizes)}.{neurons} Weights: {lines}.")
    return ax


@house
def error_flow(net: Network, cache: Cache, grads: Gradients, example: int = 0, ax: Axes | None = None, *, edge_labels: bool | None = None) -> Axes:
    """Draw the error flowing back: δ in each neuron, and on each line the term w δ that it sends back.

    A line is as wide as |w δ|, blue and solid where w δ is positive, orange and dashed where it is negative.

    Parameters
    ----------
    net, cache, grads : Network, Cache, Gradients
        From forward and backward.
    example : int
        Which column.
    ax : Axes
        Where to draw; a new figure when left out.
    edge_labels : bool
        Whether to write w δ on the lines; left out, it is written where there is room.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> import bpkit as bp
    >>> net = bp.init([2, 3, 2], rng=np.random.default_rng(1))
    >>> cache = bp.forward(net, np.array([[1.0], [0.5]]))
    >>> ax = error_flow(net, cache, bp.backward(net, cache, np.array([[1.0], [0.0]])))
    >>> ax.get_label()[:50]
    'Error flowing back through the network 2-3-2. Laye'
    """
    sizes, edges = net.sizes, flow(net, grads, example)
    ax = _network_axes(ax, sizes, "")
    _draw_edges(ax, sizes, edges_of([None, np.zeros_like(net.W[1])]), False, arrows="-")
    _draw_edges(ax, sizes, edges, edge_labels, arrows="<|-")
    named: list[list[tuple[str, float | None]]] = [[(symbol("a", 0, k + 1), float(a)) for k, a in enumerate(cache.a[0][:, example])]]
    for l in range(1, net.L + 1):
        named.append([(symbol("δ", l, j + 1), float(delta)) for j, delta in enumerate(grads.delta[l][:, example])])
    _draw_neurons(ax, sizes, named, tinted=True)
    _sign_legend(ax, "w δ")
    ax.set_label(_flow_in_words(net, named, edges))
    return ax


def _flow_in_words(net: Network, named: list[list[tuple[str, float | None]]], edges: list[Edge]) -> str:
    sentences = [f"Error flowing back through the network {shape_of(net.sizes)}."]
    for l in range(net.L, 0, -1):
        sentences.append(f"Layer {l}: {', '.join(f'{name} = {number(value)}' for name, value in named[l])}.")
        terms = [e for e in edges if e.layer == l]
        if terms and len(terms) <= 30:
            said = ", ".join(f"{number(e.value)} from {e.j + 1} to {e.k + 1}" for e in terms)
            sentences.append(f"Layer {l} sends back w δ: {said}.")
    return " ".join(sentences)


def _check_example(columns: np.ndarray, example: int) -> None:
    if not 0 <= example < columns.shape[1]:
        raise ValueError(f"example is {example}, expected 0 to {columns.shape[1] - 1}: there are {columns.shape[1]} columns")


def _entry(values: Sequence[ArrayLike | None] | None, layer: int, j: int) -> float | None:
    if values is None or layer >= len(values) or values[layer] is None:
        return None
    return float(np.asarray(values[layer]).reshape(-1)[j])


def _network_axes(ax: Axes | None, sizes: Sequence[int], title: str) -> Axes:
    """Axes in which a unit is the same to the right and up, as wide as the page, with the layers named on top."""
    right, top = (len(sizes) - 1) * _STEP + 0.5, (max(sizes) - 1) / 2 + 0.75
    bottom = (max(sizes) - 1) / 2 + 0.5
    ax = axes_for(ax, height=min(WIDTH * (top + bottom) / (right + 0.5) + 0.35, 1.1 * WIDTH))
    drawing_on(ax, (-0.5, right), (-bottom, top))
    for l in range(len(sizes)):
        name = "input" if l == 0 else "output" if l == len(sizes) - 1 else "hidden"
        ax.text(
            l * _STEP,
            top - 0.02,
            f"layer {l}, {name}" if len(sizes) < 6 else f"layer {l}",
            ha="center",
            va="top",
            fontsize=min(11, 33 / len(sizes)),
            alpha=0.8,
        )
    if title:
        ax.set_title(title)
    return ax


def _scale(ax: Axes, sizes: Sequence[int]) -> float:
    """Points per unit, relative to a network of three layers: text and lines shrink with the neurons."""
    box = ax.get_position()
    fig = ax.figure
    assert isinstance(fig, Figure)
    width, height = fig.get_size_inches() * (box.width, box.height) / (0.775, 0.77)
    return min(width / ((len(sizes) - 1) * _STEP + 1), height / (max(sizes) + 0.4)) / (WIDTH / 5.2)


def _draw_edges(ax: Axes, sizes: Sequence[int], edges: list[Edge], labelled: bool | None, *, arrows: str) -> None:
    """A line per edge from circle to circle; the number stands where the lines of one neuron have parted."""
    spots, scale = positions(sizes), _scale(ax, sizes)
    largest = max((abs(e.value) for e in edges), default=0.0) or 1.0
    if labelled is None:
        labelled = scale > 0.75 and max(sizes) <= 4
    for e in edges:
        left, right = spots[e.layer - 1][e.k], spots[e.layer][e.j]
        along = (right - left) / np.hypot(*(right - left))
        start, end = left + _RADIUS * along, right - _RADIUS * along
        share = abs(e.value) / largest
        line = FancyArrowPatch(
            tuple(start),
            tuple(end),
            arrowstyle="<|-" if arrows == "<|-" and share > 0 else "-",
            mutation_scale=(9 + 9 * share) * scale,
            shrinkA=0,
            shrinkB=0,
            linewidth=(0.8 + 6.2 * share) * scale,
            linestyle="-" if e.value >= 0 else (0, (2.2, 0.9)),
            color=POSITIVE if e.value > 0 else NEGATIVE if e.value < 0 else to_rgba(NEUTRAL, 0.55),
            capstyle="butt",
            joinstyle="miter",
            zorder=1 + share,
        )
        line.set_gid(f"edge-{e.layer}-{e.j}-{e.k}")
        ax.add_patch(line)
        if labelled:
            parted = 1 / (sizes[e.layer] + 1)
            x, y = left + max(parted, 0.26) * (right - left)
            text = ax.text(x, y, number(e.value, 2), ha="center", va="center", fontsize=11 * scale, zorder=4)
            text.set_bbox({"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"})
            text.set_gid(f"label-{e.layer}-{e.j}-{e.k}")


def _draw_neurons(ax: Axes, sizes: Sequence[int], named: list[list[tuple[str, float | None]]], *, tinted: bool = False) -> None:
    scale = _scale(ax, sizes)
    known = [abs(value) for layer in named[1:] for _, value in layer if value is not None]
    largest = max(known, default=0.0) or 1.0
    for l, (layer, spots) in enumerate(zip(named, positions(sizes), strict=True)):
        for (name, value), (x, y) in zip(layer, spots, strict=True):
            fill: Any = "none"
            if tinted and l and value:
                fill = to_rgba(POSITIVE if value > 0 else NEGATIVE, 0.1 + 0.3 * abs(value) / largest)
            ax.add_patch(Circle((x, y), _RADIUS, facecolor=fill, edgecolor=INK, linewidth=1.4 * scale, zorder=3))
            shift = 0.0 if value is None else 0.13
            ax.text(x, y + shift, _math(name), ha="center", va="center", fontsize=(14 if value is None else 12.5) * scale, zorder=5)
            if value is not None:
                ax.text(x, y - 0.11, _in_a_circle(value), ha="center", va="center", fontsize=11 * scale, weight="bold", zorder=5)


def _math(name: str) -> str:
    """δ²₁ with the layer right above the neuron."""
    upper = "".join(mark for mark in name if mark in _SUPERSCRIPTS)
    lower = name[1 + len(upper) :]
    return f"${name[0]}^{{{_plain(upper)}}}_{{{_plain(lower)}}}$"


def _plain(marks: str) -> str:
    return unicodedata.normalize("NFKC", marks)


def _in_a_circle(value: float) -> str:
    """Three digits, or two where a power of ten needs the room."""
    text = number(value)
    return number(value, 2) if len(text) > 8 else text


def _sign_legend(ax: Axes, what: str) -> None:
    handles = [
        Line2D([], [], color=POSITIVE, linewidth=4, label=f"{what} > 0"),
        Line2D([], [], color=NEGATIVE, linewidth=4, linestyle=(0, (2.2, 0.9)), label=f"{what} < 0"),
    ]
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=2, title=f"width: |{what}|", title_fontsize=11, alignment="center"
    )
