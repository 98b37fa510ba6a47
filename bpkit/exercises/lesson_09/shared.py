"""What several exercises of lesson 09 need."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


AVERAGED_HINT = (
    "You divide by the number of examples. The objective here is a sum over all entries, with no mean in it; "
    "a factor that the objective does not have cannot be in its gradient."
)


SIGN_HINT = "Every entry has the opposite sign. Look at the order of the two terms in the residual, and at which of them depends on what you move."


# rows of A, columns of A, examples; the all-square one stands second: where shapes do not fit, the first case says so
SPARSE = ((4, 2, 5), (3, 3, 3), (2, 4, 1))


def coded(rng: np.random.Generator, n: int, k: int, m: int) -> tuple[Array, Array, Array]:
    return rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m))
