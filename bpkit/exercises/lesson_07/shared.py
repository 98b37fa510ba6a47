"""What several exercises of lesson 07 need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference

Array = np.ndarray


SHAPES = ((3, 3), (2, 4), (4, 1))


ALLOWS = ("sigmoid",)  # the same for all, so that the grader runs the notebook's cells once


def draw_eta(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.1, 0.7))


def explain_step(
    got: Any, names: Sequence[str], starts: Sequence[Array], wanted: Sequence[Array], terms: Mapping[str, Array], factors: Mapping[str, float]
) -> str | None:
    """What is wrong with new parameters, read from how far they moved; None where the new parameters themselves tell, or nothing does.

    Parameters
    ----------
    got
        What was returned: one array, or a list of as many as there are names.
    names
        Of the arrays.
    starts, wanted
        Where each array began, and where it should be.
    terms, factors
        By name: arrays of which a wrong result may hold too much or too little, and numbers by which a step may be too long.
    """
    arrays = _arrays([got] if len(names) == 1 else got, wanted)
    if arrays is None:
        return None
    told = [describe_difference(mine, right, rtol=_RTOL) for mine, right in zip(arrays, wanted, strict=True)]
    k = next((k for k, each in enumerate(told) if not each.ok), None)
    if k is None or told[k].kind not in _VAGUE:
        return None
    words = _told_by_step(arrays[k], starts[k], wanted[k], terms, factors)
    fine = [name for name, each in zip(names, told, strict=True) if each.ok]
    beside = f" ({' and '.join(fine)} {'is' if len(fine) == 1 else 'are'} right)" if fine else ""
    return f"{names[k]} is not right: {words}{beside}." if words else None


_RTOL = 2e-6
_VAGUE = (None, "some entries")  # kinds of difference that name no pattern


def _arrays(got: Any, wanted: Sequence[Array]) -> list[Array] | None:
    """What was returned as finite real arrays of the shapes that are wanted, or None."""
    if not isinstance(got, list) or len(got) != len(wanted):
        return None
    try:
        arrays = [np.asarray(part) for part in got]
    except ValueError:
        return None
    fit = all(mine.shape == right.shape and mine.dtype.kind in "biuf" for mine, right in zip(arrays, wanted, strict=True))
    return [mine.astype(float) for mine in arrays] if fit and all(np.all(np.isfinite(mine)) for mine in arrays) else None


def _told_by_step(mine: Array, start: Array, right: Array, terms: Mapping[str, Array], factors: Mapping[str, float]) -> str | None:
    if not np.any(mine - start):
        return "it is where it was before the step"
    moved = describe_difference(mine - start, right - start, rtol=_RTOL, factors=factors)
    if moved.kind not in _VAGUE:
        return f"going by how far it moved, {moved}"
    excess, fitting = (mine - right).ravel(), {name: term.ravel() for name, term in terms.items() if term.shape == mine.shape}
    for count in (1, 2):
        for chosen in combinations(fitting, count):
            basis = np.column_stack([fitting[name] for name in chosen])
            if excess.size < 2 + 2 * count:
                continue  # so few numbers fit by chance
            coefficients, *_ = np.linalg.lstsq(basis, excess, rcond=None)
            if np.linalg.norm(basis @ coefficients - excess) <= _RTOL * np.linalg.norm(excess):
                return f"it is off by {' and by '.join(f'{c:.3g} × {name}' for c, name in zip(coefficients, chosen, strict=True))}"
    return None
