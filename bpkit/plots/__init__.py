"""The course's pictures, in one style that reads in light and dark, on a laptop and on a projector.

Each function draws one kind of picture and returns its Axes; `show` puts it on the page with its words. A module is loaded with the first
of its pictures, so that an executed notebook tells which ones it rests on.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bpkit.plots._house import Picture, figure, picture, show

_HOME = {
    name: f"bpkit.plots.{module}"
    for module, names in {
        "_activations": "activation_gallery",
        "_arrays": "heat_map",
        "_classifier": "confusion images",
        "_curves": "activation_and_slope gradient_by_depth loss_curve",
        "_descent": "cost_by_step descent",
        "_differences": "kink v_curve",
        "_errata": "errata_hiding errata_training",
        "_networks": "error_flow network",
        "_notation": "weight_place",
        "_objectives": "objective",
        "_outer": "outer_products",
        "_paths": "path_graph path_shares",
        "_saturation": "outputs_by_step saturation shares",
        "_tape": "tape",
    }.items()
    for name in names.split()
}

__all__ = ["Picture", "figure", "picture", "show", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"bpkit.plots has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
