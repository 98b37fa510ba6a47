#!/usr/bin/env bash
# PaddlePaddle: a product with a factor 0 has the gradient nan, and a determinant with one the gradient 0.
#
# Expected: the gradient of a product holds the products of the other factors: [6, 0, 0] at [0, 2, 3]. The gradient of det is the
#           matrix of cofactors: 6 in the corner of diag(0, 2, 3).
# Happens:  prod gives nan in the place of the 0 (it divides the product by each factor); the last entry of cumprod, the same number,
#           gives 6. det gives zeros throughout. Other libraries have the two the other way round: PyTensor 3.0.7 is right for prod
#           and has nan for cumprod, TensorFlow 2.21.0 is right for prod and has 0 for cumprod.
# Documented: no.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
# paddle imports setuptools, which it does not ask for
"$room/venv/bin/python" -m pip install --quiet paddlepaddle==3.3.1 setuptools==80.9.0
"$room/venv/bin/python" - <<'PYTHON'
import numpy as np
import paddle

paddle.set_device("cpu")
print("paddle", paddle.__version__)
spellings = {
    "prod(x)": paddle.prod,
    "cumprod(x)[-1]": lambda x: paddle.cumprod(x, 0)[-1],
    "x0 * x1 * x2": lambda x: x[0] * x[1] * x[2],
    "det(diag(x))": lambda x: paddle.linalg.det(paddle.diag(x)),
}
first = []
for at in ([1.0, 2.0, 3.0], [0.0, 2.0, 3.0]):
    for name, function in spellings.items():
        x = paddle.to_tensor(at, dtype="float64", stop_gradient=False)
        function(x).backward()
        first.append(float(x.grad[0]))
        print(f"{name:14} at {at}: gradient {np.round(x.grad.numpy(), 9)}")
expected = [6, 6, 6, 6, np.nan, 6, 6, 0]
assert np.allclose(first, expected, equal_nan=True), f"the behaviour has changed: {first}"
PYTHON
