#!/usr/bin/env bash
# SciPy: scipy.differentiate.derivative fails on a constant and succeeds where there is no derivative.
#
# Expected: success for a constant, whose slope is 0; no success for ReLU at 0, whose slopes are 0 and 1.
# Happens:  the constant 3 uses up all iterations and ends with success False (status -2), and so does cos at 0; ReLU at 0 ends at
#           once with success True, slope 0.5 and an estimated error of exactly 0. A slope of 0 succeeds only where rounding
#           leaves an exact 0, as for (x - 1)^2 at 1. In the hessian of x0 * x1 the diagonal, which is 0, fails for the same
#           reason: the tolerance is relative by default, and nothing but an exact 0 is within it of 0.
# Documented: in part. The default tolerances are (rtol the square root of epsilon, atol the smallest normal number), not that with
#           them a constant has no derivative. With atol=1e-8 all the verdicts are success, that of ReLU among them.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet scipy==1.17.1 numpy==2.4.6
"$room/venv/bin/python" - <<'PYTHON'
import numpy as np
import scipy
from scipy.differentiate import derivative, hessian

print("scipy", scipy.__version__)
cases = {
    "constant 3 at 1": (lambda x: 0 * x + 3, 1.0),
    "2x + 3 at 1": (lambda x: 2 * x + 3, 1.0),
    "cos at 0": (np.cos, 0.0),
    "(x - 1)^2 at 1": (lambda x: (x - 1) ** 2, 1.0),
    "relu at 0": (lambda x: np.maximum(x, 0), 0.0),
}
verdicts = {}
for name, (function, at) in cases.items():
    found = derivative(function, at)
    verdicts[name] = bool(found.success)
    print(f"{name:15} success {bool(found.success)!s:5} status {int(found.status):2} slope {found.df:9.3g} error {found.error:.1e}")
second = hessian(lambda x: x[0] * x[1], [1.0, 2.0])
print("hessian of x0 * x1: success", second.success.tolist())
verdicts["hessian"] = second.success.tolist()
expected = {"constant 3 at 1": False, "2x + 3 at 1": True, "cos at 0": False, "(x - 1)^2 at 1": True, "relu at 0": True}
expected["hessian"] = [[False, True], [True, False]]
assert verdicts == expected, f"the behaviour has changed: {verdicts}"
loose = {name: bool(derivative(function, at, tolerances={"atol": 1e-8}).success) for name, (function, at) in cases.items()}
print("with atol=1e-8:", loose)
assert all(loose.values()), f"the behaviour has changed: {loose}"
PYTHON
