"""What several exercises of lesson 14 need."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def laid_on(x: Array, K: Array, stride: int = 1) -> Array:
    """The kernel laid on images x (height, width, m) at every place, for real and complex numbers."""
    rows, columns = ((n - k) // stride + 1 for n, k in zip(x.shape, K.shape, strict=False))
    places = [(i * stride, j * stride) for i in range(rows) for j in range(columns)]
    patches = np.array([x[i : i + K.shape[0], j : j + K.shape[1]] for i, j in places])
    return np.tensordot(patches, K, axes=((1, 2), (0, 1))).reshape(rows, columns, -1)
