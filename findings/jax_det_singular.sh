#!/usr/bin/env bash
# JAX: the gradient of a determinant that is 0 depends on where the 0 turns up.
#
# Expected: the gradient of det is the matrix of cofactors, for singular matrices too. diag(0, 2, 3, 4) and diag(2, 3, 4, 0) both
#           have a single cofactor other than 0, and it is 24.
# Happens:  from four rows on, diag(2, 3, 4, 0) gets its 24 and diag(0, 2, 3, 4) a gradient of zeros, without a nan or a warning;
#           so does a matrix whose first column is 0. Up to three rows, which have formulas of their own, all is right. A descent
#           that starts at such a matrix does not move.
# Documented: not in the reference of jax.numpy.linalg.det. A comment in JAX's source says that its solver takes the last pivot
#           of the LU decomposition to be the one that is 0.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$room/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np

print("jax", jax.__version__)


def cofactors(a):
    n = len(a)
    return np.array([[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)] for i in range(n)])


matrices = {
    "diag(0, 2, 3)": np.diag([0.0, 2, 3]),
    "diag(2, 3, 4, 0)": np.diag([2.0, 3, 4, 0]),
    "diag(0, 2, 3, 4)": np.diag([0.0, 2, 3, 4]),
    "last column 0": np.array([[2.0, 3, 4, 0], [2, 1, 4, 0], [1, 5, 2, 0], [0, 1, 1, 0]]),
    "first column 0": np.array([[0.0, 2, 3, 4], [0, 2, 1, 4], [0, 1, 5, 2], [0, 0, 1, 1]]),
}
right = {}
for name, a in matrices.items():
    gradient = np.asarray(jax.grad(jnp.linalg.det)(jnp.array(a)))
    expected = cofactors(a)
    right[name] = bool(np.allclose(gradient, expected))
    print(f"{name:16} largest entry of the gradient {np.abs(gradient).max():g}, of the cofactors {np.abs(expected).max():g}")
wrong = [name for name, is_right in right.items() if not is_right]
assert wrong == ["diag(0, 2, 3, 4)", "first column 0"], f"the behaviour has changed: {wrong}"
PYTHON
