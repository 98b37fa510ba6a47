#!/usr/bin/env bash
# JAX: the dilogarithm is smooth at 1, its gradient is not there.
#
# Expected: spence has the derivative log(x) / (1 - x), which is -1 at 1 and close to it all around.
# Happens:  values are right everywhere. The gradient is right below 1 and above 2, but 0 at 1 itself, whose value is a constant of
#           its own, and nan from there up to 2: the branch for small x, with log(1 - x) in it, is not taken and yet differentiated.
#           It is the trap of where and nan, known to users of JAX, inside JAX.
# Documented: no; the reference names negative arguments as the only limit.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet jax==0.10.2 jaxlib==0.10.2 scipy==1.17.1 numpy==2.4.6
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$room/venv/bin/python" - <<'PYTHON'
import jax
import numpy as np
from jax.scipy.special import spence
from scipy.special import spence as reference

print("jax", jax.__version__)
slopes = {}
for x in (0.5, 0.999, 1.0, 1.001, 1.5, 2.0, 2.001, 3.0):
    true = -1.0 if x == 1 else np.log(x) / (1 - x)
    slopes[x] = float(jax.grad(spence)(x))
    assert np.isclose(spence(x), reference(x)), f"the value at {x} has changed"
    print(f"x = {x:5}: value {float(spence(x)):9.6f}, slope {slopes[x]:9.6f}, true slope {true:9.6f}")
kinds = ["nan" if np.isnan(s) else "zero" if s == 0 else "right" for s in slopes.values()]
assert kinds == ["right", "right", "zero", "nan", "nan", "nan", "right", "right"], f"the behaviour has changed: {kinds}"
PYTHON
