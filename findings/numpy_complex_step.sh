#!/usr/bin/env bash
# NumPy and SciPy: the complex step doubles a slope, or loses it, without a warning.
#
# Expected: approx_derivative(method="cs") takes Im f(x + ih) / h, exact for code without abs, max of parts or conjugates in it;
#           that abs returns a real number, and so the slope 0, is the well-known trap.
# Happens:  x * sign(x), a way round abs, has twice its slope: since NumPy 2.0 the sign of a complex number z is z / |z|, which turns
#           with the step. max is exact, because complex numbers are ordered by their real parts. inner(x, x) and x @ x are exact;
#           vecdot(x, x), vdot(x, x), correlate(x, x), var, std, cov and norm, which conjugate, give 0. pinv gives another wrong slope.
# Documented: piece by piece, in each function's own page (sign, vecdot, correlate, var); SciPy asks for an analytic function.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet scipy==1.17.1 numpy==2.4.6
"$room/venv/bin/python" -W error - <<'PYTHON'
import numpy as np
import scipy
from scipy.optimize._numdiff import approx_derivative

print("numpy", np.__version__, "scipy", scipy.__version__)
x = np.array([3.0, -1.0])
cases = {
    "sum(x * sign(x))": lambda x: np.sum(x * np.sign(x)),
    "sum(sqrt(x^2))": lambda x: np.sum(np.sqrt(x**2)),
    "max(x)": np.max,
    "inner(x, x)": lambda x: np.inner(x, x),
    "vecdot(x, x)": lambda x: np.vecdot(x, x),
    "convolve(x, x)[1]": lambda x: np.convolve(x, x)[1],
    "correlate(x, x)": lambda x: np.correlate(x, x)[0],
    "var(x)": np.var,
    "mean(x^2) - mean(x)^2": lambda x: np.mean(x**2) - np.mean(x) ** 2,
    "pinv of a row, [0]": lambda x: np.linalg.pinv(x[None])[0, 0],
    "cholesky, [1, 0]": lambda x: np.linalg.cholesky(np.array([[x[0], x[1]], [x[1], 5.0]]))[1, 0],
}
right = {}
for name, function in cases.items():
    by_step = approx_derivative(function, x, method="cs")
    by_difference = approx_derivative(function, x, method="3-point")
    right[name] = bool(np.allclose(by_step, by_difference, atol=1e-6))
    print(f"{name:22} complex step {np.round(by_step, 6)}, differences {np.round(by_difference, 6)}")
wrong = [name for name, is_right in right.items() if not is_right]
expected = ["sum(x * sign(x))", "vecdot(x, x)", "correlate(x, x)", "var(x)", "pinv of a row, [0]", "cholesky, [1, 0]"]
assert wrong == expected, f"the behaviour has changed: {wrong}"
PYTHON
