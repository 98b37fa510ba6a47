"""The ways from an input to the output, lit one after the other, and the same derivative found from the output back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from bpkit.exhibits.paths import Chain, Path
from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

_MOST_LAYERS = 6
_MOST_NODES = 5
_MOST_PATHS = 24


class Paths(CourseWidget):
    """What `paths` returns."""

    _esm = module("paths")
    _css = style("paths")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def paths(jacobians: Sequence[ArrayLike], names: Sequence[Sequence[str]]) -> Paths:
    """Light up the paths that reach an input: Next, Back, or ← → go from input to input, ↑ ↓ from path to path.

    Parameters
    ----------
    jacobians : matrices
        The local slopes of each step, a row for each quantity of the later layer. A slope of 0 is no link.
    names : per layer, names
        Such as [["x₁", "x₂"], ["z¹₁", "z¹₂"], ["C"]]; the last layer has one.

    Returns
    -------
    Paths
        Shows itself in a notebook; `str()` says the same in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If matrices and names do not fit together, or the graph is too large to read.

    Examples
    --------
    >>> print(paths([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]]))
    Paths from x to z
    0. The graph. Every arrow is a local slope: how fast its end moves with its beginning.
    1. Paths from x. 2 paths reach x, and add up to ∂z/∂x = 24.0 + 12.0 = 36.0
       x → u → z: 4.00 × 6.00 = 24.0
       x → v → z: 3.00 × 4.00 = 12.0
    2. From z back. Each number is formed once, and serves every path that passes it.
       ∂z/∂u = 6.00 × 1.00 = 6.00
       ∂z/∂v = 4.00 × 1.00 = 4.00
       ∂z/∂x = 4.00 × 6.00 + 3.00 × 4.00 = 36.0
    """
    chain = Chain.of(jacobians, names)
    return Paths(state(chain), _still(chain))


def _still(chain: Chain) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.path_graph(chain.jacobians, chain.names, 0)).html


# ── The state: all paths and all sums, computed once ──────────────────────────────────────────────────────────────────


def state(chain: Chain) -> dict[str, Any]:
    """All that there is to show, as JSON.

    Parameters
    ----------
    chain : Chain

    Returns
    -------
    dict
        "names" by layer; "slopes", the matrices; "inputs", each with its "paths" (nodes, slopes, product, told, say), their
        "sum" and "say"; "back", one entry for each quantity but the last, from the last layer to the first: its place
        ("layer", "node"), "terms" (slope, next, product), "sum", "say"; "derivatives" by layer; "steps": the graph, each
        input, and the way back.
    """
    if len(chain.sizes) > _MOST_LAYERS or max(chain.sizes) > _MOST_NODES:
        raise ValueError(f"paths draws up to {_MOST_LAYERS} layers of up to {_MOST_NODES} quantities, found layers of {chain.sizes}")
    inputs = [_input(chain, start) for start in range(chain.sizes[0])]
    most = max(len(entry["paths"]) for entry in inputs)
    if most > _MOST_PATHS:
        raise ValueError(f"paths draws up to {_MOST_PATHS} paths from an input, found {most}")
    top = chain.names[-1][0]
    return {
        "label": f"Paths from {' and '.join(chain.names[0])} to {top}",
        "names": [list(layer) for layer in chain.names],
        "slopes": [plain(J) for J in chain.jacobians],
        "inputs": inputs,
        "back": _back(chain),
        "derivatives": [plain(layer) for layer in chain.backwards()],
        "steps": [
            {"title": "The graph", "say": "Every arrow is a local slope: how fast its end moves with its beginning."},
            *({"title": f"Paths from {entry['name']}", "say": entry["say"], "input": start} for start, entry in enumerate(inputs)),
            {"title": f"From {top} back", "say": "Each number is formed once, and serves every path that passes it.", "back": True},
        ],
    }


def _input(chain: Chain, start: int) -> dict[str, Any]:
    found = chain.paths(start)
    name, total = chain.names[0][start], sum(path.product for path in found)
    slope = f"∂{chain.names[-1][0]}/∂{name}"
    if len(found) > 1:
        say = f"{len(found)} paths reach {name}, and add up to {slope} = {_added([path.product for path in found])} = {number(total)}"
    elif found:
        say = f"1 path reaches {name}: {slope} = {number(total)}"
    else:
        say = f"No path reaches {name}: {slope} = {number(total)}"
    return {"name": name, "paths": [_path(chain, path) for path in found], "sum": float(total), "slope": slope, "say": say}


def _path(chain: Chain, path: Path) -> dict[str, Any]:
    factors = " × ".join(_bracketed(slope, k) for k, slope in enumerate(path.slopes))
    told = chain.told(path)
    return {
        "nodes": list(path.nodes),
        "slopes": list(path.slopes),
        "product": path.product,
        "told": told,
        "say": f"{told}: {factors} = {number(path.product)}",
    }


def _back(chain: Chain) -> list[dict[str, Any]]:
    derivatives, top = chain.backwards(), chain.names[-1][0]
    found = []
    for l in range(len(chain.sizes) - 2, -1, -1):
        J, later = chain.jacobians[l], derivatives[l + 1]
        for node, name in enumerate(chain.names[l]):
            terms = [
                {"to": to, "slope": float(J[to, node]), "next": float(later[to]), "product": float(J[to, node] * later[to])}
                for to in range(J.shape[0])
                if J[to, node]
            ]
            added = " + ".join(f"{_bracketed(term['slope'], k)} × {_bracketed(term['next'], 1)}" for k, term in enumerate(terms)) or "0"
            total = float(derivatives[l][node])
            slope = f"∂{top}/∂{name}"
            found.append({"layer": l, "node": node, "terms": terms, "sum": total, "slope": slope, "say": f"{slope} = {added} = {number(total)}"})
    return found


def _added(terms: Sequence[float]) -> str:
    """0.5 − 0.25 for 0.5 and −0.25."""
    first, *others = terms
    return number(first) + "".join(f" {'−' if term < 0 else '+'} {number(abs(term))}" for term in others)


def _bracketed(value: float, place: int) -> str:
    """A number as a factor; behind a sign of operation a negative one stands in brackets."""
    return f"({number(value)})" if value < 0 and place else number(value)


def as_text(state: dict[str, Any]) -> str:
    """The state in words: every path and every sum."""
    lines = [state["label"]]
    for count, step in enumerate(state["steps"]):
        lines.append(f"{count}. {step['title']}. {step['say']}")
        if "input" in step:
            lines += [f"   {path['say']}" for path in state["inputs"][step["input"]]["paths"]]
        if "back" in step:
            lines += [f"   {entry['say']}" for entry in state["back"]]
    return "\n".join(lines)
