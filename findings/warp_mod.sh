#!/usr/bin/env bash
# NVIDIA Warp: a remainder has no slope in its divisor.
#
# Expected: near x = 2.5 the truncated remainder mod(7, x) is 7 - 2x, so its slope is -2.
# Happens:  the tape gives 0, without a warning, for wp.mod and for the operator %. The slope in the dividend is right (1), and
#           the same remainder written out with trunc has the slope -2.
# Documented: no. In the table of built-ins the remainder of two numbers counts as differentiable, that of two vectors does not.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet warp-lang==1.19.0 numpy==2.4.6
# Warp reads the source of a kernel from its file
cat > "$room/remainders.py" <<'PYTHON'
import warp as wp

wp.config.quiet = True
wp.config.kernel_cache_dir = __file__ + ".cache"
wp.init()


@wp.kernel
def dividend(x: wp.array(dtype=float), y: wp.array(dtype=float)):
    y[0] = wp.mod(x[0], 1.75)


@wp.kernel
def divisor(x: wp.array(dtype=float), y: wp.array(dtype=float)):
    y[0] = wp.mod(7.0, x[0])


@wp.kernel
def operator(x: wp.array(dtype=float), y: wp.array(dtype=float)):
    y[0] = 7.0 % x[0]


@wp.kernel
def by_hand(x: wp.array(dtype=float), y: wp.array(dtype=float)):
    y[0] = 7.0 - wp.trunc(7.0 / x[0]) * x[0]


def value_and_slope(kernel, at):
    x = wp.array([at], dtype=float, device="cpu", requires_grad=True)
    y = wp.zeros(1, dtype=float, device="cpu", requires_grad=True)
    with wp.Tape() as tape:
        wp.launch(kernel, dim=1, inputs=[x, y], device="cpu")
    tape.backward(grads={y: wp.ones(1, dtype=float, device="cpu")})
    return float(y.numpy()[0]), float(x.grad.numpy()[0])


print("warp", wp.__version__)
seen = {}
for kernel in (dividend, divisor, operator, by_hand):
    value, slope = seen[kernel.key] = value_and_slope(kernel, 2.5)
    print(f"{kernel.key:8} x = 2.5: value {value:g}, slope {slope:g}")
slopes = [slope for _, slope in seen.values()]
assert slopes == [1, 0, 0, -2], f"the behaviour has changed: {slopes}"
PYTHON
"$room/venv/bin/python" "$room/remainders.py"
