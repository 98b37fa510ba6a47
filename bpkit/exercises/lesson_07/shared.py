"""What several exercises of lesson 07 need."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


SHAPES = ((3, 3), (2, 4), (4, 1))


ALLOWS = ("sigmoid",)  # the same for all, so that the grader runs the notebook's cells once


def draw_eta(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.1, 0.7))
