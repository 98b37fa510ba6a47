#!/usr/bin/env bash
# PyTensor: the gradient of a maximum grows with the number of entries that tie.
#
# Expected: any weights that sum to 1. max(x + t) = max(x) + t, so the gradient must sum to 1; autograd and torch.amax share it out
#           evenly among the ties, MyGrad gives it to the first.
# Happens:  each of the ties gets the whole 1: three equal entries give a gradient that sums to 3, which is no subgradient of max.
#           min does the same. maximum of two scalars that tie gives 1 and 0. A sorted vector's last entry gives its 1 to one entry.
# Documented: no. It was reported to Theano, from which PyTensor comes, as an incorrect subgradient (Theano issue 4568).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet pytensor==3.0.7
cat > "$room/ties.py" <<'PYTHON'
import numpy as np
import pytensor
import pytensor.tensor as pt

print("pytensor", pytensor.__version__)
x = pt.dvector("x")
spellings = {
    "max(x)": pt.max(x),
    "min(x)": pt.min(x),
    "sort(x)[-1]": pt.sort(x)[-1],
    "x[argmax(x)]": x[pt.argmax(x)],
    "maximum(maximum(x0, x1), x2)": pt.maximum(pt.maximum(x[0], x[1]), x[2]),
}
sums = []
for name, value in spellings.items():
    gradient = pytensor.function([x], pytensor.grad(value, x), mode=pytensor.compile.mode.Mode("py", "fast_run"))(np.full(3, 2.0))
    sums.append(gradient.sum())
    print(f"{name:28} at [2, 2, 2]: gradient {gradient}, sum {gradient.sum():g}")
assert sums == [3, 3, 1, 1, 1], f"the behaviour has changed: {sums}"
PYTHON
PYTENSOR_FLAGS="cxx=,base_compiledir=$room/compiled" "$room/venv/bin/python" "$room/ties.py"
