"""The course's pictures, in one style that reads in light and dark, on a laptop and on a projector.

Black is the page's own text colour: `show` puts figures on the page as SVG that takes it from there. The two hues of
the signs keep a contrast of 3.8 and more on white and on JupyterLab's dark background, and a sign is never told by its
hue alone.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from bpkit.functions import Activation
from bpkit.network import Cache, Gradients, Network
from bpkit.readable import number, shape_of, symbol
from bpkit.training import History

INK = "#000000"  # `show` makes it the page's text colour
PAPER = "#fdfdfc"  # and this the page's background
POSITIVE = "#1B7FC4"
NEGATIVE = "#D55E00"
NEUTRAL = "#808080"
# after the colour-blind-safe palette of Okabe and Ito, without its light hues: they vanish on white
HUES = (POSITIVE, NEGATIVE, "#009E73", "#CC79A7", NEUTRAL)
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.3)), (0, (5, 1.5, 1, 1.5)), (0, (9, 2)))
# half transparent, so that numbers in the text's colour stay legible on it
SIGNS = LinearSegmentedColormap.from_list("signs", [to_rgba(NEGATIVE, 0.7), to_rgba(NEUTRAL, 0.06), to_rgba(POSITIVE, 0.7)])

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 1.0,
    "axes.prop_cycle": cycler(color=HUES) + cycler(linestyle=LINES),
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "grid.color": NEUTRAL,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.4,
    "lines.markersize": 7,
    "legend.frameon": False,
    "legend.fontsize": 11.5,
    "legend.handlelength": 2.6,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "path",
    "svg.hashsalt": "bpkit",
}
house = mpl.rc_context(rc=STYLE)

WIDTH = 7.6  # inches; an inch is 100 pixels on the page
_RADIUS = 0.33  # of a neuron, where the distance between two neurons of a layer is 1
_STEP = 2.1  # from layer to layer
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


# ── Onto the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Picture:
    """A drawn figure with the same in words: SVG where there is a page, the words where there is none."""

    svg: str
    alt: str

    def __str__(self) -> str:
        return self.alt

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.svg, "text/plain": self.alt}


@house
def picture(figure: Figure | Axes, alt: str | None = None) -> Picture:
    """A figure as something to display: inline SVG that takes the page's colours, with its text alternative.

    Parameters
    ----------
    figure : Figure or Axes
    alt : str
        The figure in words, for who cannot see it. Left out, it is what the drawing functions here say themselves.

    Returns
    -------
    Picture
        The same figure gives the same bytes: no date, no version, no random ids.

    Raises
    ------
    ValueError
        If there are no words.
    """
    fig = figure.figure
    assert isinstance(fig, Figure)
    if alt is None:
        alt = " ".join(label for ax in fig.axes if (label := str(ax.get_label())) and not label.startswith("<"))
    if not alt.strip():
        raise ValueError('the figure has no text alternative: say what it shows, show(fig, alt="…")')
    raw = StringIO()
    fig.savefig(raw, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    return Picture(_for_the_page(raw.getvalue(), alt), alt)


def show(figure: Figure | Axes, alt: str | None = None) -> None:
    """Display a figure in the notebook with its text alternative, and close it; `picture` says how."""
    drawn = picture(figure, alt)
    try:
        from IPython.display import display
    except ImportError:
        print(drawn)
    else:
        display(drawn)


def _for_the_page(svg: str, alt: str) -> str:
    """matplotlib's SVG document as an element of a page."""
    width, height = (float(side) for side in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    body = svg[svg.index(">", svg.index("<svg ")) + 1 :]
    # the style sheet would apply to the whole page; ids are needed only where something refers to them
    body = re.sub(r"(?s)<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->|<defs>\s*</defs>", "", body)
    body = re.sub(r'<g id="[^"]*">', "<g>", body).replace("xlink:href", "href")
    body = body.replace(INK, "currentColor").replace(PAPER, "var(--bpkit-paper, var(--jp-layout-color0, Canvas))")
    body = re.sub(r">\s+<", "><", body)
    # a hundredth of a point is less than eyes and processors agree on
    body = re.sub(r'(?<= d=")[^"]*|(?<=translate\()[^)]*', lambda part: re.sub(r"-?\d+\.\d+", _hundredths, part[0]), body)
    alt = escape(alt)
    return (
        f'<figure class="bpkit-figure" style="margin:.5em 0">'
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{alt}" fill="currentColor" '
        f'style="display:block;width:100%;max-width:{width * 100 / 72:.0f}px;height:auto;stroke-linejoin:round;stroke-linecap:butt">'
        f"<desc>{alt}</desc>{body.strip()}</figure>"
    )


def _hundredths(digits: re.Match[str]) -> str:
    return f"{float(digits[0]):.2f}".rstrip("0").rstrip(".")


@house
def figure(columns: int = 1, rows: int = 1, *, width: float = WIDTH, height: float | None = None) -> tuple[Figure, Any]:
    """An empty figure in the house style with its axes, which come as from `plt.subplots`.

    Examples
    --------
    >>> fig, (left, right) = figure(2)
    >>> _ = left.plot([1, 2, 3])
    """
    if height is None:
        height = min(rows * 0.62 * width / columns, 1.1 * width)
    fig = Figure(figsize=(width, max(height, 2.6)))
    return fig, fig.subplots(rows, columns)


def _axes(ax: Axes | None, width: float = WIDTH, height: float | None = None) -> Axes:
    return figure(width=width, height=height)[1] if ax is None else ax


# ── Networks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    ax.set_label(f"Network {shape_of(sizes)}.{' Neurons: ' + words + '.' if words else ''} Weights: {lines}.")
    return ax


@house
def error_flow(net: Network, cache: Cache, grads: Gradients, example: int = 0, ax: Axes | None = None, *, edge_labels: bool | None = None) -> Axes:
    """Draw the error flowing back: δ in each neuron, and on each line the term w δ that it sends back.

    A line is as wide as |w δ|, blue and solid where w δ is positive, red and dashed where it is negative.

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
    ax = _axes(ax, height=min(WIDTH * (top + bottom) / (right + 0.5) + 0.35, 1.1 * WIDTH))
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(-0.5, right)
    ax.set_ylim(-bottom, top)
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


# ── Curves and maps ───────────────────────────────────────────────────────────────────────────────────────────────────


@house
def gradient_by_depth(
    norms: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    ylabel: str = "size of the error, ‖δ‖ of layer l",
    title: str = "",
) -> Axes:
    """Draw how large the error is in every layer, one line per network, on a logarithmic scale.

    Parameters
    ----------
    norms : name → sizes in layers 1 … L
        Networks of different depth may stand together.
    ax : Axes
        Where to draw; a new figure when left out.
    ylabel, title : str

    Returns
    -------
    Axes
        `show` finds its words there. A size of 0 has no place on the scale: its point is left out, the words name it.

    Raises
    ------
    ValueError
        If there is no network, or a size is negative.

    Examples
    --------
    >>> ax = gradient_by_depth({"sigmoid": [1e-4, 1e-2, 1.0]})
    >>> ax.get_label()
    'Size of the error by layer. sigmoid: 1.00·10⁻⁴ in layer 1, 1.00 in layer 3.'
    """
    series = {name: np.asarray(sizes, dtype=float).reshape(-1) for name, sizes in norms.items()}
    if not series or any(sizes.size == 0 for sizes in series.values()):
        raise ValueError("norms has a network without sizes, expected for each name the sizes in layers 1 to L")
    for name, sizes in series.items():
        if (sizes < 0).any():
            raise ValueError(f"norms[{name!r}] has {sizes.min()} in layer {sizes.argmin() + 1}, expected sizes, which are never negative")
    ax = _axes(ax)
    words = ["Size of the error by layer."]
    for (name, sizes), marker in zip(series.items(), "osD^v" * len(series), strict=False):
        layers = np.arange(1, len(sizes) + 1)
        ax.plot(layers, np.where(sizes > 0, sizes, np.nan), marker=marker, label=name)
        words.append(f"{name}: {number(sizes[0])} in layer 1, {number(sizes[-1])} in layer {len(sizes)}.")
    deepest = max(map(len, series.values()))
    ax.set_yscale("log")
    ax.set_xticks([l for l in range(1, deepest + 1) if deepest <= 12 or l == 1 or l % 5 == 0])
    ax.set_xlim(0.6, deepest + 0.4)
    ax.set_xlabel("layer l     (the error travels this way  ←)")
    ax.set_ylabel(ylabel)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return ax


@house
def activation_and_slope(activation: Activation, ax: Axes | None = None, *, low: float = -6.0, high: float = 6.0, at: Sequence[float] = ()) -> Axes:
    """Draw an activation and its slope over z.

    Parameters
    ----------
    activation : Activation
        An elementwise one.
    ax : Axes
        Where to draw; a new figure when left out.
    low, high : float
        The range of z.
    at : numbers
        Values of z to mark on both curves.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> from bpkit.functions import sigmoid
    >>> activation_and_slope(sigmoid).get_label()
    'sigmoid and its slope for z from −6.00 to 6.00. The slope is largest, 0.250, at z = 0, and 0.00247 at both ends.'
    """
    if not activation.elementwise:
        raise ValueError(f"{activation!r} mixes the neurons of a layer and has no slope of one z, expected an elementwise activation")
    if not low < high:
        raise ValueError(f"z runs from {low} to {high}, expected low < high")
    z = np.linspace(low, high, 481)
    value, slope = activation(z), activation.prime(z)
    ax = _axes(ax)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.plot(z, value, color=POSITIVE, linestyle="-", label="value  a = σ(z)")
    ax.plot(z, slope, color=NEGATIVE, linestyle=LINES[1], label="slope  σ′(z)")
    for where in at:
        ax.plot([where] * 2, [float(activation(where)), float(activation.prime(where))], "o", color=INK, linestyle=":", linewidth=1.2, zorder=4)
    ax.set_xlabel("weighted input z")
    ax.set_title(repr(activation))
    ax.legend(loc="best")
    ax.set_label(_slope_in_words(activation, z, slope, at))
    return ax


def _slope_in_words(activation: Activation, z: np.ndarray, slope: np.ndarray, at: Sequence[float]) -> str:
    steepest = z[np.flatnonzero(slope == slope.max())]
    place = f"at z = {number(steepest[0])}" if steepest.size == 1 else f"for z from {number(steepest[0])} to {number(steepest[-1])}"
    first, last = number(slope[0]), number(slope[-1])
    ends = f"{first} at both ends" if first == last else f"{first} at the left end, {last} at the right"
    words = f"{activation!r} and its slope for z from {number(z[0])} to {number(z[-1])}."
    words += f" The slope is largest, {number(slope.max())}, {place}, and {ends}."
    marked = [f"at z = {number(where)} the value is {number(activation(where))} and the slope {number(activation.prime(where))}" for where in at]
    return f"{words} Marked: {'; '.join(marked)}." if marked else words


@house
def heat_map(
    array: ArrayLike, title: str = "", ax: Axes | None = None, *, limit: float | None = None, rows: str = "row", columns: str = "column"
) -> Axes:
    """Draw a matrix as coloured cells: blue above zero, red below, faint near it; small ones with their numbers.

    Parameters
    ----------
    array : (rows, columns)
    title : str
    ax : Axes
        Where to draw; a new figure when left out.
    limit : float
        The size that gets the full colour, to compare several maps; the array's largest when left out.
    rows, columns : str
        What they stand for.

    Returns
    -------
    Axes
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the array is not a matrix.

    Examples
    --------
    >>> heat_map([[1.0, -2.0]], "W").get_label()
    'W, 1 × 2: row 1: 1.00, −2.00.'
    """
    array = np.asarray(array, dtype=float)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"heat_map: the array has shape {array.shape}, expected a matrix (rows, columns)")
    largest = float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) if limit is None else float(limit)
    n, m = array.shape
    cell = min(0.85, WIDTH / (m + 1))
    ax = _axes(ax, width=min(WIDTH, max(2.4, cell * m + 1.4)), height=min(max(1.5, cell * n * (0.7 if m <= 8 else 1) + 0.9), WIDTH))
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(array), cmap=SIGNS, vmin=-(largest or 1.0), vmax=largest or 1.0, edgecolor=to_rgba(NEUTRAL, 0.4), linewidth=0.6
    )
    ax.invert_yaxis()
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    for axis, count, name in ((ax.xaxis, m, columns), (ax.yaxis, n, rows)):
        shown = range(0, count, 1 + (count - 1) // 12)
        axis.set_ticks([i + 0.5 for i in shown], [str(i + 1) for i in shown])
        axis.set_label_text(name)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    if m <= 8 and n <= 12:
        for (i, k), value in np.ndenumerate(array):
            ax.text(k + 0.5, i + 0.5, number(value, 2), ha="center", va="center", fontsize=11)
    else:
        ax.figure.colorbar(mesh, ax=ax, shrink=0.85, pad=0.02).outline.set_visible(False)
    if title:
        ax.set_title(title)
    ax.set_label(_map_in_words(array, title or "Matrix", rows))
    return ax


def _map_in_words(array: np.ndarray, title: str, rows: str) -> str:
    n, m = array.shape
    if array.size <= 24:
        said = "; ".join(f"{rows} {i + 1}: {', '.join(map(number, row))}" for i, row in enumerate(array))
    else:
        i, k = np.unravel_index(np.nanargmax(np.abs(array)), array.shape)
        said = f"from {number(np.nanmin(array))} to {number(np.nanmax(array))}, largest in size at {rows} {i + 1}, entry {k + 1}"
    return f"{title}, {n} × {m}: {said}."


@house
def loss_curve(history: History, ax: Axes | None = None, *, log: bool = False, title: str = "") -> Axes:
    """Draw the cost over the epochs, with the validation's where there was one and its best epoch marked.

    Parameters
    ----------
    history : History
        From `fit`.
    ax : Axes
        Where to draw; a new figure when left out.
    log : bool
        Whether the cost stands on a logarithmic scale.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> from bpkit.training import History
    >>> loss_curve(History(cost=(0.5, 0.25), validation_cost=(0.5, 0.375), best_epoch=2)).get_label()
    'Cost over 2 epochs. Training: from 0.500 to 0.250. Validation: from 0.500 to 0.375, lowest in epoch 2.'
    """
    if not history.cost:
        raise ValueError("loss_curve: the history has no epochs, expected at least one")
    ax = _axes(ax)
    words = [f"Cost over {history.epochs} epoch{'s' * (history.epochs > 1)}."]
    for name, costs in (("training", history.cost), ("validation", history.validation_cost)):
        if costs:
            ax.plot(range(1, len(costs) + 1), costs, label=name, marker="o" if len(costs) == 1 else "")
            words.append(f"{name.capitalize()}: from {number(costs[0])} to {number(costs[-1])}.")
    if history.validation_cost:
        best = history.best_epoch
        ax.plot([best], [history.validation_cost[best - 1]], "o", color=NEGATIVE, label=f"lowest, epoch {best}", zorder=4)
        words[-1] = f"{words[-1][:-1]}, lowest in epoch {best}."
    if log:
        ax.set_yscale("log")
        ax.grid(True)
    else:
        ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("epoch")
    ax.set_ylabel("cost C")
    ax.legend(loc="upper right")
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return ax
