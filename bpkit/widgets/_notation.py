"""A drawn network whose every line and circle says what it is called: here, in code, and in each of the source texts."""

from __future__ import annotations

from typing import Any

from bpkit.core.network import Network
from bpkit.exhibits.readable import shape_of, subscript, superscript
from bpkit.widgets._base import CourseWidget, can_plot, module, style

_MOST_NEURONS = 5
_MOST_LAYERS = 5

# text → how far its layer numbers lie above ours for what belongs to neurons, and for weights and biases; its letters;
# whether its superscripts stand in brackets; whether a weight reads from-to
_TEXTS: dict[str, dict[str, Any]] = {
    "this course": {"layer": 0, "weights": 0, "letters": "a z b δ w", "bracket": False, "from_to": False},
    "N, A": {"layer": 1, "weights": 1, "letters": "a z b δ w", "bracket": False, "from_to": False},
    "R": {"layer": 0, "weights": 0, "letters": "y ε b ∂L/∂ε ω", "bracket": False, "from_to": True},
    "U": {"layer": 1, "weights": 0, "letters": "a z b δ W", "bracket": True, "from_to": False},
    "P": {"layer": 0, "weights": 0, "letters": "a z b δ w", "bracket": True, "from_to": False},
}
_QUANTITIES = ("activation", "weighted input", "bias", "error", "weight")
_CODE = ("a", "z", "b", "delta", "W")


class Notation(CourseWidget):
    """What `notation` returns."""

    _esm = module("notation")
    _css = style("notation")
    _texts = ("note", "what", "texts", "ask")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def notation(net: Network) -> Notation:
    """Pick a line or a circle, with the mouse or the arrow keys, and read what it is called; or be asked to find one.

    Parameters
    ----------
    net : Network
        Up to 5 layers of up to 5 neurons. Its numbers do not matter.

    Returns
    -------
    Notation
        Shows itself in a notebook; `str()` lists the names of one layer's weights, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the network is too large to draw.

    Examples
    --------
    >>> from bpkit.exhibits import nets
    >>> print(notation(nets.two_three_two().net))
    Names in the network 2-3-2
    to 1 from 1: w²₁₁, W[2][0, 0]; N, A w³₁₁; R ω²₁₁; U W⁽²⁾₁₁; P w⁽²⁾₁₁
    to 1 from 2: w²₁₂, W[2][0, 1]; N, A w³₁₂; R ω²₂₁; U W⁽²⁾₁₂; P w⁽²⁾₁₂
    to 1 from 3: w²₁₃, W[2][0, 2]; N, A w³₁₃; R ω²₃₁; U W⁽²⁾₁₃; P w⁽²⁾₁₃
    to 2 from 1: w²₂₁, W[2][1, 0]; N, A w³₂₁; R ω²₁₂; U W⁽²⁾₂₁; P w⁽²⁾₂₁
    to 2 from 2: w²₂₂, W[2][1, 1]; N, A w³₂₂; R ω²₂₂; U W⁽²⁾₂₂; P w⁽²⁾₂₂
    to 2 from 3: w²₂₃, W[2][1, 2]; N, A w³₂₃; R ω²₃₂; U W⁽²⁾₂₃; P w⁽²⁾₂₃
    """
    return Notation(state(net), _still(net))


def _still(net: Network) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.weight_place(net, net.L, 0, net.sizes[-2] - 1)).html


# ── The state: what everything is called ──────────────────────────────────────────────────────────────────────────────


def state(net: Network) -> dict[str, Any]:
    """Every name there is, as JSON.

    Parameters
    ----------
    net : Network

    Returns
    -------
    dict
        "sizes"; "texts", the names of the columns; "columns", from left to right neurons of layer 0, weights of layer 1,
        neurons of layer 1, …: each with its "layer" and its "items". An item has its place ("j", for a weight also "k"),
        "say", "note" on the texts, and "rows": what it is, then a name in code and in each text. A name is letter, superscript, subscript.
        "questions": "ask", the text; "name"; and the "column" and "item" to be found. "steps", of which there is one.
    """
    sizes = net.sizes
    if len(sizes) > _MOST_LAYERS or max(sizes) > _MOST_NEURONS:
        raise ValueError(f"notation draws up to {_MOST_LAYERS} layers of up to {_MOST_NEURONS} neurons, found {shape_of(sizes)}")
    columns: list[dict[str, Any]] = [{"layer": 0, "items": [_neuron(0, j) for j in range(sizes[0])]}]
    for l in range(1, len(sizes)):
        columns.append({"layer": l, "items": [_weight(l, j, k) for j in range(sizes[l]) for k in range(sizes[l - 1])]})
        columns.append({"layer": l, "items": [_neuron(l, j) for j in range(sizes[l])]})
    return {
        "label": f"Names in the network {shape_of(sizes)}",
        "sizes": list(sizes),
        "texts": list(_TEXTS),
        "columns": columns,
        "questions": _questions(columns),
        "steps": [{"title": "Names", "say": ""}],
    }


def name(text: str, quantity: str, l: int, j: int, k: int | None = None) -> list[str]:
    """What a text calls a quantity of our layer l and of our neurons j and k, which count from 0: letter, superscript, subscript.

    Examples
    --------
    >>> name("U", "weight", 2, 0, 2), name("R", "weight", 2, 0, 2), name("N, A", "activation", 0, 1)
    (['W', '(2)', '13'], ['ω', '2', '31'], ['a', '1', '2'])
    """
    habits = _TEXTS[text]
    place = _QUANTITIES.index(quantity)
    layer = l + habits["weights" if quantity in ("weight", "bias") else "layer"]
    lower = [j + 1] if k is None else [k + 1, j + 1] if habits["from_to"] else [j + 1, k + 1]
    return [habits["letters"].split()[place], f"({layer})" if habits["bracket"] else str(layer), "".join(map(str, lower))]


def _rows(quantity: str, l: int, j: int, k: int | None = None) -> dict[str, Any]:
    code = f"{_CODE[_QUANTITIES.index(quantity)]}[{l}][{j}, {'x' if k is None and quantity != 'bias' else k or 0}]"
    return {"what": quantity, "code": code, "names": [name(text, quantity, l, j, k) for text in _TEXTS]}


def _neuron(l: int, j: int) -> dict[str, Any]:
    quantities = _QUANTITIES[:4] if l else _QUANTITIES[:1]
    what = f"Neuron {j + 1} of layer {l}" if l else f"Input {j + 1}; it belongs to layer 0 and computes nothing"
    note = f"N, A and U count layers from 1: our layer {l} is their layer {l + 1}."
    return {"j": j, "say": f"{what}.", "note": note, "rows": [_rows(quantity, l, j) for quantity in quantities]}


def _weight(l: int, j: int, k: int) -> dict[str, Any]:
    say = f"The weight to neuron {j + 1} of layer {l} from neuron {k + 1} of layer {l - 1}."
    note = "R reads from-to. N, A and U count layers from 1, and U names a weight by the layer that it leaves."
    return {"j": j, "k": k, "say": say, "note": note, "rows": [_rows("weight", l, j, k)]}


def _questions(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Weights to be found by the name that a text gives them, the texts in turn; weights whose two indices differ teach most."""
    weights = [(c, i, item) for c, column in enumerate(columns) for i, item in enumerate(column["items"]) if "k" in item and item["j"] != item["k"]]
    asked = []
    for turn in range(min(10, 2 * len(weights))):
        c, i, item = weights[(5 * turn + 3) % len(weights)]
        t = turn % len(_TEXTS)
        asked.append({"ask": list(_TEXTS)[t], "name": item["rows"][0]["names"][t], "column": c, "item": i})
    return asked


def as_text(state: dict[str, Any]) -> str:
    """The names of the last layer's weights."""
    lines = [state["label"]]
    for item in state["columns"][-2]["items"]:
        row = item["rows"][0]
        ours, *others = (_written(*parts) for parts in row["names"])
        told = "; ".join(f"{text} {other}" for text, other in zip(state["texts"][1:], others, strict=True))
        lines.append(f"to {item['j'] + 1} from {item['k'] + 1}: {ours}, {row['code']}; {told}")
    return "\n".join(lines)


def _written(letter: str, upper: str, lower: str) -> str:
    above = superscript(int(upper.strip("()")))
    return f"{letter}{f'⁽{above}⁾' if upper.startswith('(') else above}{subscript(*map(int, lower))}"
