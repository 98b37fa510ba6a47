"""What `import bpkit` costs with a first use, beside `import numpy`.

    python benchmarks/starting.py [--rounds 30]

Each is a Python of its own, run in turn, round by round; the time is that of the processor, and each ratio is within one round. Random numbers
are a part of numpy that is imported when they are first used, so what draws weights is divided by numpy with a generator.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys

import numpy as np

ONE_PASS = "bp.backward(net, bp.forward(net, x), x)"
ARRAYS = "(None, np.ones((2, 2))), (None, np.ones((2, 1)))"
# who → the program, and by whose time it is divided
WAYS = {
    "import numpy": ("import numpy", "import numpy"),
    "import bpkit": ("import bpkit", "import numpy"),
    "import bpkit, forward and backward": (
        f"import numpy as np, bpkit as bp; net = bp.Network({ARRAYS}, (None, bp.sigmoid), bp.quadratic); x = np.ones((2, 1)); {ONE_PASS}",
        "import numpy",
    ),
    "import numpy, a generator": ("import numpy as np; np.random.default_rng(0)", "import numpy, a generator"),
    "import bpkit, init, forward and backward": (
        f"import numpy as np, bpkit as bp; net = bp.init([2, 2], rng=np.random.default_rng(0)); x = np.ones((2, 1)); {ONE_PASS}",
        "import numpy, a generator",
    ),
}


def processor_seconds(program: str) -> float:
    # as on a learner's machine, where what is imported has been compiled before
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"OPENBLAS_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=30, help="medians are taken over so many rounds (default 30)")
    rounds = arguments.parse_args().rounds
    seconds: dict[str, list[float]] = {who: [] for who in WAYS}
    for round_ in range(rounds + 1):
        for who, (program, _) in WAYS.items():
            spent = processor_seconds(program)
            if round_:  # the first compiles
                seconds[who].append(spent)
    print("| | time | ratio [quartiles] | to |\n|---|---:|---:|---|")
    for who, (_, base) in WAYS.items():
        low, middle, high = np.quantile(np.array(seconds[who]) / seconds[base], (0.25, 0.5, 0.75))
        print(f"| {who} | {1e3 * np.median(seconds[who]):.0f} ms | {middle:.2f} [{low:.2f}, {high:.2f}] | {base} |")


if __name__ == "__main__":
    main()
