#!/usr/bin/env bash
# MLX: one function in two spellings has one value and two gradients.
#
# Expected: divmod(x, 2)[1] has the slope of x % 2, which is 1 between the jumps; CELU with alpha = 1 is ELU with alpha = 1, whose
#           slope at 0 is 1 from both sides.
# Happens:  divmod gives 0 wherever it is differentiated, forwards and backwards; celu gives 0 at 0 where elu gives 1. CELU stands
#           for "continuously differentiable", and the kink is where a network with zero biases and zero inputs starts.
# Documented: the contrary. divmod is described as the faster equivalent of (a // b, a % b); celu as the sum of a maximum and a
#           minimum, each of which passes nothing on to x when x ties with the constant.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet "mlx[cpu]==0.32.4"
"$room/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import mlx.core as mx
import mlx.nn as nn

print("mlx", version("mlx"))
spellings = {
    "x % 2": (lambda x: x % 2, 3.5),
    "divmod(x, 2)[1]": (lambda x: mx.divmod(x, 2.0)[1], 3.5),
    "x - 2 * (x // 2)": (lambda x: x - 2 * (x // 2), 3.5),
    "elu(x, 1)": (lambda x: nn.elu(x, 1.0), 0.0),
    "celu(x, 1)": (lambda x: nn.celu(x, 1.0), 0.0),
}
slopes = []
for name, (function, at) in spellings.items():
    x = mx.array(at)
    value = function(x).item()
    backwards = mx.grad(function)(x).item()
    forwards = mx.jvp(function, [x], [mx.array(1.0)])[1][0].item()
    slopes.append((backwards, forwards))
    print(f"{name:16} at {at}: value {value:g}, slope {backwards:g} backwards, {forwards:g} forwards")
assert slopes == [(1, 1), (0, 0), (1, 1), (1, 1), (0, 0)], f"the behaviour has changed: {slopes}"
PYTHON
