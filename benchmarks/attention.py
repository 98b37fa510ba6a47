"""Attention forward and backward over n places, by bpkit's plain and streaming ways and by PyTorch and JAX: the same gradients, time, memory.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/attention.py [--rounds 5]

All run in one process, in turn, round by round, with a causal mask, in float64. A peer that is not installed is left out with a line that
says so. Memory is what numpy holds at most in one pass; of the peers it is not known here.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tracemalloc
from collections.abc import Callable
from functools import cache
from time import perf_counter

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402

HEADS, ROWS, SIZE = 4, 32, 128
Way = Callable[[], list[np.ndarray]]


@cache
def left_out(peer: str) -> None:
    """Say it once."""
    print(f"{peer} is not installed: left out")


def ways(n: int) -> dict[str, Way]:
    """Who → a function that returns the gradients of Q, K and V."""
    Q, K, V, g = np.random.default_rng(0).normal(size=(4, HEADS, ROWS, n))
    mask = np.triu(np.ones((n, n), dtype=bool))

    def streaming() -> list[np.ndarray]:
        O, lse = bp.streaming_attention(Q, K, V, mask, SIZE)
        return list(bp.streaming_attention_vjp(Q, K, V, O, lse, g, mask, SIZE))

    found: dict[str, Way] = {"bpkit, plain": lambda: list(bp.attention_vjp(Q, K, V, g, mask)), "bpkit, streaming": streaming}
    in_rows = [np.ascontiguousarray(each.swapaxes(-1, -2)) for each in (Q, K, V, g)]  # as the peers write it
    try:
        import torch

        torch.set_num_threads(1)

        def by_torch() -> list[np.ndarray]:
            tensors = [torch.tensor(each, requires_grad=True) for each in in_rows[:3]]
            torch.nn.functional.scaled_dot_product_attention(*tensors, is_causal=True).backward(torch.tensor(in_rows[3]))
            return [tensor.grad.numpy().swapaxes(-1, -2) for tensor in tensors]

        found["PyTorch"] = by_torch
    except ImportError:
        left_out("torch")
    try:
        import jax

        jax.config.update("jax_enable_x64", True)

        def cost(q, k, v):  # type: ignore[no-untyped-def]
            S = jax.numpy.where(mask.T, q @ k.swapaxes(-1, -2) / ROWS**0.5, -jax.numpy.inf)
            return (in_rows[3] * (jax.nn.softmax(S, axis=-1) @ v)).sum()

        gradient = jax.jit(jax.grad(cost, (0, 1, 2)))
        found["JAX, compiled"] = lambda: [np.asarray(each).swapaxes(-1, -2) for each in gradient(*in_rows[:3])]
    except ImportError:
        left_out("jax")
    return found


def peak(run: Way) -> float:
    """The most megabytes that numpy holds during a run."""
    tracemalloc.start()
    run()
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return largest / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=5, help="medians are taken over so many rounds (default 5)")
    rounds = arguments.parse_args().rounds
    for n in (256, 512, 1024):
        runs = ways(n)
        want = runs["bpkit, plain"]()
        for who, run in runs.items():
            for one, other in zip(run(), want, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, err_msg=who)
        seconds: dict[str, list[float]] = {who: [] for who in runs}
        for _ in range(rounds):
            for who, run in runs.items():
                start = perf_counter()
                run()
                seconds[who].append(perf_counter() - start)
        print(f"n = {n}, {HEADS} heads of {ROWS} rows; all gradients agree")
        for who, times in seconds.items():
            memory = f"{peak(runs[who]):8.1f} MB" if who.startswith("bpkit") else ""
            print(f"  {who:18} {1e3 * statistics.median(times):8.1f} ms {memory}".rstrip())


if __name__ == "__main__":
    main()
