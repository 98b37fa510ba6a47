"""A kernel on its way over a picture: forwards, back to the input, back to the kernel, place by place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number, shape_of
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

_MOST = 6  # rows or columns of the picture
_PICTURE = ((1.0, 0.0, 2.0, -1.0), (3.0, -2.0, 0.0, 1.0), (0.0, 1.0, -1.0, 2.0))
_KERNEL = ((1.0, 2.0), (-1.0, 3.0))
_ERRORS = ((1.0, -2.0, 3.0), (2.0, 1.0, -1.0))
_WAYS = ("Forwards", "Back to the input", "Back to the kernel")


class WeightsUsedAgain(CourseWidget):
    """What `weights_used_again` returns."""

    _esm = module("weights_used_again")
    _css = style("weights_used_again")
    _texts = ("ways",)

    def picture(self) -> str:
        if not can_plot():
            return super().picture()
        from bpkit import plots

        return plots.picture(plots.weights_used_again([1.0, 2.0, -1.0], 6)).html

    def in_words(self) -> str:
        return "\n".join([self.state["label"], *(f"{k}. {step['title']}. {step['say']}" for k, step in enumerate(self.state["steps"]))])


def weights_used_again(x: ArrayLike = _PICTURE, K: ArrayLike = _KERNEL, delta: ArrayLike = _ERRORS) -> WeightsUsedAgain:
    """Lay a kernel on a picture place by place, then send the errors back to both: Next, Back, or the arrow keys.

    Parameters
    ----------
    x : (height, width)
        The picture, up to 6 rows and columns.
    K : (k_height, k_width)
        The kernel.
    delta : (height - k_height + 1, width - k_width + 1)
        The error of each output.

    Returns
    -------
    WeightsUsedAgain
        Shows itself in a notebook; `str()` says it in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the three do not fit, or the picture is too large to draw.

    Examples
    --------
    >>> print(weights_used_again([[1.0, 2.0, 3.0]], [[1.0, -1.0]], [[1.0, 2.0]]))
    A kernel of 1-2 on a picture of 1-3
    0. Before. The kernel has 2 places on the picture, and every place uses the same weights.
    1. Forwards, place 0, 0. 1.00·1.00 + (−1.00)·2.00 = −1.00
    2. Forwards, place 0, 1. 1.00·2.00 + (−1.00)·3.00 = −1.00
    3. Back to the input, place 0, 0. δ = 1.00 goes back along every weight, to where that weight lay: 1.00, −1.00 are added there.
    4. Back to the input, place 0, 1. δ = 2.00 goes back along every weight, to where that weight lay: 2.00, −2.00 are added there.
    5. Back to the kernel, place 0, 0. δ = 1.00 times what lay under each weight: 1.00, 2.00 are added to the gradient.
    6. Back to the kernel, place 0, 1. δ = 2.00 times what lay under each weight: 4.00, 6.00 are added to the gradient.
    """
    arrays = tuple(np.asarray(values, dtype=float) for values in (x, K, delta))
    return WeightsUsedAgain(state(*arrays))


def state(x: np.ndarray, K: np.ndarray, delta: np.ndarray) -> dict[str, Any]:
    """Every step with the three arrays as they stand then, as JSON.

    Returns
    -------
    dict
        "ways", the names of the three ways; "places", how many each has; "steps": each with "way" (None before the first), "place", and
        "left", "middle" and "right", the arrays on the stage; None stands for what is not known yet.
    """
    if not (x.ndim == K.ndim == delta.ndim == 2) or max(x.shape) > _MOST or min(*x.shape, *K.shape) < 1:
        raise ValueError(f"weights_used_again: x {x.shape}, K {K.shape}, delta {delta.shape}, expected matrices, x up to {_MOST}×{_MOST}")
    places = (x.shape[0] - K.shape[0] + 1, x.shape[1] - K.shape[1] + 1)
    if delta.shape != places or min(places) < 1:
        raise ValueError(f"weights_used_again: delta has shape {delta.shape}, expected {places}, the places of {K.shape} on {x.shape}")
    z, dx, dK = np.full(places, np.nan), np.zeros(x.shape), np.zeros(K.shape)
    steps = [_step("Before", f"The kernel has {z.size} places on the picture, and every place uses the same weights.", x, K, _known(z))]
    for i, j in np.ndindex(*places):
        patch = x[i : i + K.shape[0], j : j + K.shape[1]]
        z[i, j] = np.sum(patch * K)
        terms = " + ".join(f"{_factor(w)}·{_factor(v)}" for w, v in zip(K.ravel(), patch.ravel(), strict=True))
        steps.append(_step(_WAYS[0], f"{terms} = {number(z[i, j])}", x, K, _known(z), 0, (i, j)))
    for i, j in np.ndindex(*places):
        share = K * delta[i, j]
        dx[i : i + K.shape[0], j : j + K.shape[1]] += share
        says = f"δ = {number(delta[i, j])} goes back along every weight, to where that weight lay: {_listed(share)} are added there."
        steps.append(_step(_WAYS[1], says, dx, K, plain(delta), 1, (i, j)))
    for i, j in np.ndindex(*places):
        share = x[i : i + K.shape[0], j : j + K.shape[1]] * delta[i, j]
        dK += share
        says = f"δ = {number(delta[i, j])} times what lay under each weight: {_listed(share)} are added to the gradient."
        steps.append(_step(_WAYS[2], says, x, dK, plain(delta), 2, (i, j)))
    label = f"A kernel of {shape_of(K.shape)} on a picture of {shape_of(x.shape)}"
    return {"label": label, "ways": list(_WAYS), "places": int(delta.size), "kernel": list(K.shape), "steps": steps}


def _step(
    title: str, say: str, left: np.ndarray, middle: np.ndarray, right: list[Any], way: int | None = None, place: tuple[int, int] | None = None
) -> dict[str, Any]:
    where = "" if place is None else f", place {place[0]}, {place[1]}"
    arrays = {"left": plain(left), "middle": plain(middle), "right": right}
    return {"title": title + where, "say": say, "way": way, "place": None if place is None else list(place), **arrays}


def _known(values: np.ndarray) -> list[Any]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _listed(values: np.ndarray) -> str:
    return ", ".join(number(value) for value in values.ravel())
