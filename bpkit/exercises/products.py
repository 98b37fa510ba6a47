"""What came back as a single number, and which product of known numbers it is, in the learner's letters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_CLOSE = 1e-9  # far above round-off; of some thousand products none comes so near by chance


def number_of(returned: Any) -> float | None:
    """What was returned as one finite real number, or None."""
    try:
        number = np.asarray(returned)
    except ValueError:  # a ragged list
        return None
    return float(number.item()) if number.size == 1 and number.dtype.kind in "iuf" and np.isfinite(number).all() else None


def product_of(number: float, factors: Mapping[str, float], most: int = 4) -> str | None:
    """The shortest product of some of the factors that is this number or its negative, in words; None if there is none.

    A whole number is nobody's product: it was written down, or is what nothing leaves.

    Parameters
    ----------
    number
        What came out.
    factors
        Numbers by the names that they are told by; each may be used more than once.
    most
        How many factors at most.
    """
    if not math.isfinite(number) or number % 1 == 0:
        return None
    for many in range(1, most + 1):
        for names in itertools.combinations_with_replacement(factors, many):
            product = math.prod(factors[name] for name in names)
            if math.isclose(abs(product), abs(number), rel_tol=_CLOSE):
                return ("" if product * number > 0 else "-") + " · ".join(names)
    return None
