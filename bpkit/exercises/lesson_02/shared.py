"""What several exercises of lesson 02 need."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
