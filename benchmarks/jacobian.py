"""How long a vectorised Jacobian takes, beside one call of the function on as many columns, and beside JAX.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/jacobian.py [--rounds 200]

All run in one process, in turn, round by round. A central difference needs 2n columns for n inputs, so one call on 2n columns is what no
difference can undercut. JAX is left out with a line that says so where it is not installed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from time import perf_counter

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402

CALLS = 5  # of each in a round


def ways(activation: bp.Activation, n: int) -> dict[str, Callable[[], np.ndarray]]:
    x = np.random.default_rng(0).normal(size=(n, 1))
    many = np.repeat(x, 2 * n, axis=1)
    found: dict[str, Callable[[], np.ndarray]] = {
        "bp.numerical_jacobian, central": lambda: bp.numerical_jacobian(activation, x, columns=True),
        "one call of the function on 2n columns": lambda: activation(many),
    }
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.jacrev(getattr(jax.nn, activation.name)))
        found["JAX's jacrev, compiled"] = lambda: np.asarray(compiled(x[:, 0]))
    except ImportError:
        print("jax is not installed: left out")
    for who, run in found.items():
        if "call" not in who:
            np.testing.assert_allclose(run(), activation.jacobian(x), atol=1e-8, err_msg=who)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=200, help=f"medians are taken over so many rounds of {CALLS} (default 200)")
    rounds = arguments.parse_args().rounds
    print("| function | n | | time | ÷ bpkit's |\n|---|---:|---|---:|---:|")
    for activation in (bp.softmax, bp.sigmoid):
        for n in (10, 100):
            runs = ways(activation, n)
            seconds: dict[str, list[float]] = {who: [] for who in runs}
            for _ in range(rounds):
                for who, run in runs.items():
                    start = perf_counter()
                    for _ in range(CALLS):
                        run()
                    seconds[who].append((perf_counter() - start) / CALLS)
            median = [float(np.median(times)) for times in seconds.values()]
            for who, time in zip(runs, median, strict=True):
                print(f"| {activation.name} | {n} | {who} | {1e6 * time:.1f} µs | {time / median[0]:.2f} |")


if __name__ == "__main__":
    main()
