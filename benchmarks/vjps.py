"""How long the VJPs of layer normalisation, convolution and attention take, beside PyTorch's eager mode on the CPU.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/vjps.py [--rounds 40]

bpkit's take the arguments and the gradient of the result, and compute in between what they need of the forward pass; so PyTorch runs both
ways, too. All run in one process, in turn, round by round, one thread, and the time is that of the processor; without PyTorch there is nothing
to compare.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from time import process_time

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402

CALLS = 5  # of each in a round
Way = Callable[[], list[np.ndarray]]


def pairs(dtype: type) -> Iterator[tuple[str, Way, Way]]:
    """What, by bpkit, by PyTorch; PyTorch's results laid out as bpkit's."""
    import torch

    torch.set_num_threads(1)
    functional, rng = torch.nn.functional, np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(dtype)

    def tensors(*arrays: np.ndarray) -> list:
        return [torch.tensor(np.ascontiguousarray(array), requires_grad=True) for array in arrays]

    def layer_norm(n: int, m: int) -> tuple[str, Way, Way]:
        x, gamma, beta, g = normal(n, m), normal(n, 1), normal(n, 1), normal(n, m)
        args, back = tensors(x.T, gamma[:, 0], beta[:, 0]), torch.tensor(np.ascontiguousarray(g.T))

        def by_torch() -> list[np.ndarray]:
            dx, *rest = torch.autograd.grad(functional.layer_norm(args[0], (n,), *args[1:]), args, back)
            return [dx.numpy().T, *(each.numpy()[:, None] for each in rest)]

        return f"layer norm, {n} × {m}", lambda: list(bp.layer_norm_vjp(x, gamma, g)), by_torch

    def convolution(c: int, size: int, out: int, k: int, m: int, padding: int) -> tuple[str, Way, Way]:
        x, K, b = normal(c, size, size, m), normal(out, c, k, k), normal(out, 1)
        g = normal(*bp.convolution(x, K, b, 1, padding).shape)
        args, back = tensors(x.transpose(3, 0, 1, 2), K, b[:, 0]), torch.tensor(np.ascontiguousarray(g.transpose(3, 0, 1, 2)))

        def by_torch() -> list[np.ndarray]:
            dx, dK, db = torch.autograd.grad(functional.conv2d(*args, padding=padding), args, back)
            return [dx.numpy().transpose(1, 2, 3, 0), dK.numpy(), db.numpy()[:, None]]

        return f"convolution, {m} of {c} × {size} × {size}, {out} kernels {k} × {k}", lambda: list(bp.convolution_vjp(x, K, g, 1, padding)), by_torch

    def attention(heads: int, d: int, n: int) -> tuple[str, Way, Way]:
        arrays = [normal(heads, d, n) for _ in range(4)]
        *args, back = tensors(*(array.swapaxes(-1, -2) for array in arrays))
        mask = np.triu(np.ones((n, n), dtype=bool))

        def by_torch() -> list[np.ndarray]:
            found = torch.autograd.grad(functional.scaled_dot_product_attention(*args, is_causal=True), args, back.detach())
            return [each.numpy().swapaxes(-1, -2) for each in found]

        return f"causal attention, {heads} heads, d = {d}, n = {n}", lambda: list(bp.attention_vjp(*arrays, mask)), by_torch

    yield from (layer_norm(8, 4), layer_norm(64, 32), layer_norm(256, 64))
    yield from (convolution(1, 8, 4, 3, 32, 1), convolution(1, 28, 8, 3, 16, 1), convolution(4, 14, 8, 5, 16, 2), convolution(8, 14, 16, 3, 32, 1))
    yield from (attention(1, 8, 6), attention(4, 16, 32), attention(4, 32, 128))


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=40, help=f"medians are taken over so many rounds of {CALLS} (default 40)")
    rounds = arguments.parse_args().rounds
    try:
        import torch  # noqa: F401 - whether it is there
    except ImportError:
        print("torch is not installed: left out")
        return
    print("| VJP, forward pass included | dtype | bpkit | PyTorch eager | bpkit ÷ PyTorch [quartiles] |\n|---|---|---:|---:|---:|")
    for dtype in (np.float64, np.float32):
        for what, ours, theirs in pairs(dtype):
            tolerance = 1e-9 if dtype is np.float64 else 1e-3
            for mine, other in zip(ours(), theirs(), strict=True):
                np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance, err_msg=what)
            seconds = np.empty((rounds, 2))
            for round_ in range(rounds):
                for k, run in list(enumerate((ours, theirs)))[:: 1 - 2 * (round_ % 2)]:
                    start = process_time()
                    for _ in range(CALLS):
                        run()
                    seconds[round_, k] = (process_time() - start) / CALLS
            mine, other = 1e6 * np.median(seconds, axis=0)
            low, middle, high = np.quantile(seconds[:, 0] / seconds[:, 1], (0.25, 0.5, 0.75))
            print(f"| {what} | {np.dtype(dtype)} | {mine:.0f} µs | {other:.0f} µs | {middle:.2f} [{low:.2f}, {high:.2f}] |", flush=True)


if __name__ == "__main__":
    main()
