"""How long a vectorised Jacobian takes, beside one call of the function on as many columns, and beside JAX.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/jacobian.py [--rounds 200]

All run in one process, in an order drawn anew for each round; the time is that of the processor, and each ratio is within one round. A central
difference needs 2n columns for n inputs, so one call on 2n columns is what no difference can undercut; and to lay these columns out and to
divide the differences takes numpy a pass each, in the same run with nothing checked and no step chosen. JAX is left out with a line that says so
where it is not installed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from time import process_time

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402

CALLS = 10  # of each in a round
OURS, CALL, BARE = "bp.numerical_jacobian, central", "one call of the function on 2n columns", "that call between a bare layout and a bare difference"


def ways(activation: bp.Activation, n: int) -> dict[str, Callable[[], np.ndarray]]:
    x = np.random.default_rng(0).normal(size=(n, 1))
    many = np.repeat(x, 2 * n, axis=1)
    step = np.full(n, 2.0**-15)
    up, down, rate = x[:, 0] + step, x[:, 0] - step, 0.5 / step

    def bare() -> np.ndarray:
        moved = np.empty((n, 2 * n))
        moved[:] = x
        flat = moved.reshape(-1)
        flat[:: 2 * n + 1], flat[n :: 2 * n + 1] = up, down
        values = activation(moved)
        slopes = values[:, :n] - values[:, n:]
        slopes *= rate
        return slopes

    found: dict[str, Callable[[], np.ndarray]] = {
        OURS: lambda: bp.numerical_jacobian(activation, x, columns=True),
        CALL: lambda: activation(many),
        BARE: bare,
    }
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.jacrev(getattr(jax.nn, activation.name)))
        found["JAX's jacrev, compiled"] = lambda: np.asarray(compiled(x[:, 0]))
    except ImportError:
        print("jax is not installed: left out")
    for who, run in found.items():
        if who != CALL:
            np.testing.assert_allclose(run(), activation.jacobian(x), atol=1e-8, err_msg=who)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=200, help=f"medians are taken over so many rounds of {CALLS} (default 200)")
    rounds = arguments.parse_args().rounds
    print("| function | n | | time | bpkit's ÷ it [quartiles] |\n|---|---:|---|---:|---:|")
    for activation in (bp.softmax, bp.sigmoid):
        for n in (10, 100):
            runs = ways(activation, n)
            seconds: dict[str, list[float]] = {who: [] for who in runs}
            for round_ in range(rounds):
                for who in np.random.default_rng(round_).permutation(list(runs)):
                    start = process_time()
                    for _ in range(CALLS):
                        runs[who]()
                    seconds[who].append((process_time() - start) / CALLS)
            for who, times in seconds.items():
                low, middle, high = np.quantile(np.array(seconds[OURS]) / times, (0.25, 0.5, 0.75))
                print(f"| {activation.name} | {n} | {who} | {1e6 * np.median(times):.1f} µs | {middle:.2f} [{low:.2f}, {high:.2f}] |")


if __name__ == "__main__":
    main()
