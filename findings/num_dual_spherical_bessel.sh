#!/usr/bin/env bash
# num-dual: spherical Bessel functions are right at 0 and wrong beside it.
#
# Expected: near 0, j1(x) = x/3 - ... with the slope 1/3 and j2(x) = x^2/15 - ... with the second derivative 2/15; automatic
#           differentiation is exact to rounding and has no step that could be too small.
# Happens:  at 0 itself a limit is built in and everything is right. At 1e-9 the slope of j1 is 0, and at 1e-6 the second derivative
#           of j2 is minus some hundreds of millions: the closed formula is differentiated, and its terms cancel. A dual number
#           carries rounding of the value into the derivative, where it is divided by x again. SciPy's functions are right here.
# Documented: no. That the same functions took any negative number for one near 0 has been reported and mended.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet num-dual==0.15.1 scipy==1.17.1 numpy==2.4.6
"$room/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from num_dual import first_derivative, second_derivative
from scipy.special import spherical_jn

print("num-dual", version("num-dual"))
slopes, curvatures = {}, {}
for x in (0.0, 1e-9, 1e-4, 0.1):
    value, slopes[x] = first_derivative(lambda x: x.sph_j1(), x)
    print(f"j1 at {x:g}: value {value:.6g}, slope {slopes[x]:.6g}; true {spherical_jn(1, x):.6g}, {spherical_jn(1, x, derivative=True):.6g}")
for x in (0.0, 1e-6, 1e-3, 0.1):
    value, slope, curvatures[x] = second_derivative(lambda x: x.sph_j2(), x)
    print(f"j2 at {x:g}: value {value:.6g}, slope {slope:.6g}, second {curvatures[x]:.6g}; true {spherical_jn(2, x):.6g}, {2 * x / 15:.3g}, 0.133")
assert abs(slopes[0.0] - 1 / 3) < 1e-12 and abs(slopes[0.1] - 0.3323) < 1e-4, f"the behaviour has changed: {slopes}"
assert abs(slopes[1e-9] - 1 / 3) > 0.1, f"the behaviour has changed: {slopes}"
assert abs(curvatures[0.0] - 2 / 15) < 1e-12 and abs(curvatures[0.1] - 0.1326) < 1e-3, f"the behaviour has changed: {curvatures}"
assert abs(curvatures[1e-6]) > 1e6, f"the behaviour has changed: {curvatures}"
PYTHON
