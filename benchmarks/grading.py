"""Grades one class with bpkit, nbgrader, otter-grader and nbval, beside the floor of forking and executing the cells.

    python benchmarks/grading.py [--peers-python PYTHON] [--rounds 3] [--many 1000]

Twenty submissions of six functions, numpy only; each system checks every function with one visible and one hidden test, on two
processors, the systems taking turns. bpkit runs as `bpkit grade` does, sandbox on, reports written, starting up included.
CPU is that of every process started, counted by a control group where this user may make one (the processes of a sandbox are
nobody's children when they end), else of those waited for. MB is the largest sum of the tree's proportional memory, looked at
ten times a second.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from class_of_thirty import CLASS, EXERCISES, RIGHT

for _name in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each runs from compiled files, as what is installed does

SIX = [exercise for exercise in EXERCISES if exercise != "05.5"]
SETUP = (
    "import numpy as np\n\n\nclass _Sigmoid:\n    def __call__(self, z):\n        return 1 / (1 + np.exp(-z))\n\n"
    "    def prime(self, z):\n        return self(z) * (1 - self(z))\n\n\nclass bp:\n    sigmoid = _Sigmoid()\n"
)
DRAW = (
    "rng = np.random.default_rng({seed})\nW = rng.normal(size=(4, 3))\nd = rng.normal(size=(4, 5))\nz = rng.normal(size=(3, 5))\n"
    "s = bp.sigmoid.prime\n"
)
CHECKS = {
    "05.1": "assert np.allclose(dz_next_dz(W, z[:, :1], 1, 2), W[1, 2] * s(z[2, 0]))",
    "05.2": "assert np.allclose(hidden_error_sum(W, d, z), (W.T @ d) * s(z))",
    "05.3": "assert np.allclose(hidden_error(W, d, z), (W.T @ d) * s(z))",
    "05.4": "got = all_errors([None, None, W], [None, z, d], d)\nassert np.allclose(got[1], (W.T @ d) * s(z))",
    "05.6": "assert np.allclose(gradient_ratio([None, z, d]), [np.linalg.norm(z) / np.linalg.norm(d)])",
    "05.7": "assert np.allclose(layer_jacobian(W, z[:, :1]), W * s(z[:, :1]).T)",
}


# ---- the class -------------------------------------------------------------------------------------------------------


def _cell(source: str, **metadata: object) -> dict:
    return {"cell_type": "code", "execution_count": None, "id": "", "metadata": metadata, "outputs": [], "source": source}


def _notebook(cells: list[dict]) -> str:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def _nbgrader(grade_id: str, **flags: object) -> dict:
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False, "task": False, **flags}}


def _submission(answers: dict[str, str | None], tests: bool) -> str:
    """A submission: the answers, and, for those who look for them in the notebook, the tests."""
    cells = [_cell(SETUP, **_nbgrader("setup", locked=True))]
    for exercise in SIX:
        name = EXERCISES[exercise]
        stub = f"def {name}(*args):\n    return ...\n"
        cells.append(_cell(answers[exercise] or stub, **_nbgrader(name, solution=True)))
        for kind, points, seed in (("visible", 1, 1), ("hidden", 2, 2)) if tests else ():
            source = DRAW.format(seed=seed) + CHECKS[exercise]
            if kind == "hidden":
                source = f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"
            cells.append(_cell(source, **_nbgrader(f"{name}_{kind}", grade=True, locked=True, points=points)))
    return _notebook(cells)


def _students(count: int) -> dict[str, dict[str, str | None]]:
    """Ordinary ones of the class of thirty: none that hangs for its time limit or uses what only bpkit has."""
    ordinary = [name for name in CLASS if name.split()[0] not in ("gio", "aldo", "bea", "wim", "cem")]
    chosen = [ordinary[k % len(ordinary)] for k in range(count)]
    return {f"s{k:04}": {**RIGHT, **CLASS[name][0]} for k, name in enumerate(chosen)}


# ---- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What one run over a class cost."""

    wall: float
    cpu: float
    megabytes: float


def _watch(pid: int, stop: threading.Event, peak: list[float]) -> None:
    while not stop.wait(0.1):
        total = 0.0
        try:
            root = psutil.Process(pid)
            for process in [root, *root.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss / 1e6
                except psutil.Error:
                    continue
        except psutil.Error:
            continue
        peak.append(total)


class _Meter:
    """Processor time of whatever starts within it."""

    def __init__(self) -> None:
        self.group: Path | None = None
        for root, usage in (("/sys/fs/cgroup/cpuacct", "cpuacct.usage"), ("/sys/fs/cgroup", "cpu.stat")):
            place = Path(root) / f"bpkit-bench-{os.getpid()}"
            try:
                place.mkdir(exist_ok=True)
            except OSError:
                continue
            if (place / usage).exists():
                self.group, self.usage = place, place / usage
                return
            place.rmdir()

    def command(self, command: list[str]) -> list[str]:
        if self.group is None:
            return command
        return ["/bin/sh", "-c", f'echo $$ > {self.group / "cgroup.procs"}; exec "$@"', "sh", *command]

    def seconds(self) -> float:
        if self.group is None:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime
        text = self.usage.read_text()
        return int(text) / 1e9 if text.strip().isdigit() else int(text.split()[1]) / 1e6

    def close(self) -> None:
        if self.group is None:
            return
        for _ in range(100):
            try:
                self.group.rmdir()
                return
            except OSError:  # its last processes are still on their way out
                time.sleep(0.05)


METER = _Meter()
atexit.register(METER.close)


def _measure(commands: list[list[str]], where: Path, path: str = "") -> Cost:
    """Run commands at the same time and wait for all."""
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}" if path else os.environ["PATH"]}
    before, began = METER.seconds(), time.perf_counter()
    started = [
        subprocess.Popen(METER.command(command), cwd=where, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for command in commands
    ]
    stop, peaks = threading.Event(), [[0.0] for _ in started]
    watchers = [threading.Thread(target=_watch, args=(process.pid, stop, peak)) for process, peak in zip(started, peaks, strict=True)]
    for watcher in watchers:
        watcher.start()
    said = [process.communicate()[0].decode("utf-8", "replace") for process in started]
    wall = time.perf_counter() - began
    stop.set()
    for watcher in watchers:
        watcher.join()
    for process, words in zip(started, said, strict=True):
        if process.returncode not in (0, 1):  # nbval ends with 1 where a student's cell fails
            raise SystemExit(f"{' '.join(process.args)} ended with {process.returncode}:\n{words[-2000:]}")  # type: ignore[arg-type]
    time.sleep(0.1)  # the last processes may still be ending
    return Cost(wall, METER.seconds() - before, sum(max(peak) for peak in peaks))


# ---- the systems -----------------------------------------------------------------------------------------------------

FLOOR = """
import json, os, sys
import numpy, numpy.random
for path in sys.argv[1:]:
    if os.fork() == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        namespace = {"__name__": "__main__"}
        for cell in json.load(open(path))["cells"]:
            try:
                exec("".join(cell["source"]), namespace)
            except Exception:
                pass
        os._exit(0)
    os.wait()
"""


def _write_class(folder: Path, count: int, tests: bool) -> list[Path]:
    paths = []
    for student, answers in _students(count).items():
        path = folder / student / "lesson.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(_submission(answers, tests))
        paths.append(path)
    return paths


def floor(folder: Path, count: int) -> Callable[[], Cost]:
    """Fork from a parent that has numpy, execute the cells; two such parents."""
    paths = [str(path) for path in _write_class(folder / "floor", count, tests=True)]
    return lambda: _measure([[sys.executable, "-c", FLOOR, *paths[half::2]] for half in range(2)], folder)


def ours(folder: Path, count: int, *more: str) -> Callable[[], Cost]:
    """`bpkit grade`, sandbox on, two workers, into a new folder each time."""
    _write_class(folder / "ours", count, tests=False)

    def run() -> Cost:
        shutil.rmtree(folder / "graded", ignore_errors=True)
        return _measure(
            [[sys.executable, "-m", "bpkit.cli", "grade", str(folder / "ours"), "--out", str(folder / "graded"), "--workers", "2", "--quiet", *more]],
            folder,
        )

    return run


def _prepare(command: list[str], where: Path, peers: Path) -> None:
    environment = {**os.environ, "PATH": f"{peers}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def nbgrader(folder: Path, count: int, peers: Path, processes: int) -> Callable[[], Cost]:
    """`nbgrader autograde` on as many courses of its own as there are processes."""
    students = list(_students(count).items())
    commands = []
    for part in range(processes):
        course = folder / f"nbgrader{processes}-{part}"
        (course / "source" / "ps1").mkdir(parents=True)
        (course / "source" / "ps1" / "lesson.ipynb").write_text(_submission(dict(RIGHT), tests=True))
        (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'c'\nc.CourseDirectory.root = {str(course)!r}\n")
        _prepare(["nbgrader", "generate_assignment", "ps1"], course, peers)
        for student, answers in students[part::processes]:
            place = course / "submitted" / student / "ps1"
            place.mkdir(parents=True)
            (place / "lesson.ipynb").write_text(_submission(answers, tests=True))
        commands.append([str(peers / "nbgrader"), "autograde", "ps1", "--force", f"--course-dir={course}"])
    return lambda: _measure(commands, folder, str(peers))


def otter(folder: Path, count: int, peers: Path) -> Callable[[], Cost]:
    """`otter run` on each submission, one after the other."""
    place = folder / "otter"
    (place / "tests").mkdir(parents=True)
    for exercise in SIX:
        cases = []
        for hidden, points, seed in ((False, 1, 1), (True, 2, 2)):
            code = "\n".join(f">>> {line}" for line in (DRAW.format(seed=seed) + CHECKS[exercise]).splitlines())
            cases.append({"code": code, "hidden": hidden, "locked": False, "points": points})
        suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": EXERCISES[exercise], "points": None, "suites": [suite]}
        (place / "tests" / f"{EXERCISES[exercise]}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    paths = _write_class(place / "submissions", count, tests=False)
    _prepare(["otter", "generate", "-t", "tests", "-o", "autograder.zip"], place, peers)
    script = "; ".join(f"otter run -a autograder.zip {path}" for path in paths)
    return lambda: _measure([["/bin/sh", "-c", script]], place, str(peers))


def nbval(folder: Path, count: int, peers: Path) -> Callable[[], Cost]:
    """`pytest --nbval-lax` on two halves of the class."""
    paths = [str(path) for path in _write_class(folder / "nbval", count, tests=True)]
    base = [str(peers / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax"]
    return lambda: _measure([[*base, *paths[half::2]] for half in range(2)], folder / "nbval", str(peers))


# ---- many, and killed ------------------------------------------------------------------------------------------------


def many(folder: Path, count: int) -> None:
    """Grade a large class and say how memory goes."""
    _write_class(folder / "many", count, tests=False)
    command = [sys.executable, "-m", "bpkit.cli", "grade", str(folder / "many"), "--out", str(folder / "many-graded"), "--workers", "2", "--quiet"]
    before, began = METER.seconds(), time.perf_counter()
    process = subprocess.Popen(METER.command(command), stdout=subprocess.DEVNULL)
    peak: list[float] = []
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, stop, peak))
    watcher.start()
    process.wait()
    wall = time.perf_counter() - began
    stop.set()
    watcher.join()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    cpu = METER.seconds() - before
    quarter = len(peak) // 4
    early, late = statistics.median(peak[quarter : 2 * quarter]), statistics.median(peak[3 * quarter :])
    print(
        f"{count} submissions: {wall:.0f} s, {1000 * wall / count:.0f} ms each, {1000 * cpu / count:.0f} ms of processor time; grader and "
        f"sandboxes together at most {max(peak):.0f} MB; median of the second quarter {early:.0f} MB, of the last {late:.0f} MB"
    )
    sizes = {place.name: _size(place) / count / 1e3 for place in sorted((folder / "many-graded").iterdir()) if not place.name.startswith(".")}
    print(f"on disk, kB a submission: {', '.join(f'{name} {size:.1f}' for name, size in sizes.items() if size >= 0.05)}")
    print(
        f"100,000 at this rate: {1e5 * wall / count / 3600:.1f} hours here, {1e5 * cpu / count / 3600:.1f} processor hours, "
        f"{sum(sizes.values()) / 10:.1f} GB"
    )


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in ([place] if place.is_file() else place.rglob("*")))


def main() -> int:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers-python", type=Path, help="the python of an environment with nbgrader, otter-grader and nbval; without it, the floor only"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--otter-submissions", type=int, default=4, help="otter takes seconds each; its costs are per submission anyway")
    parser.add_argument("--many", type=int, default=0, help="also grade so many submissions and watch the memory")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        count = args.submissions
        systems: dict[str, tuple[int, Callable[[], Cost]]] = {
            "floor: fork and exec, 2 processes": (count, floor(folder, count)),
            "bpkit grade, sandbox on, 2 workers": (count, ours(folder, count)),
        }
        if args.peers_python:
            peers = args.peers_python.absolute().parent
            systems["nbgrader autograde"] = (count, nbgrader(folder, count, peers, 1))
            systems["nbgrader autograde, 2 processes"] = (count, nbgrader(folder, count, peers, 2))
            systems["otter run"] = (args.otter_submissions, otter(folder, args.otter_submissions, peers))
            systems["nbval-lax, 2 processes"] = (count, nbval(folder, count, peers))
        costs: dict[str, list[Cost]] = {name: [] for name in systems}
        for _ in range(args.rounds):
            for name, (_, run) in systems.items():
                costs[name].append(run())
        mine = "bpkit grade, sandbox on, 2 workers"

        def per(name: str, what: str) -> float:
            return statistics.median(getattr(cost, what) for cost in costs[name]) / systems[name][0]

        print(f"{count} submissions of six functions, {args.rounds} rounds in turn, medians, {os.cpu_count()} processors\n")
        print(f"{'':<36}{'wall ms':>9}{'CPU ms':>9}{'peak MB':>9}{'wall ÷ ours':>13}{'CPU ÷ ours':>12}")
        for name in systems:
            megabytes = statistics.median(cost.megabytes for cost in costs[name])
            print(
                f"{name:<36}{1000 * per(name, 'wall'):>9.0f}{1000 * per(name, 'cpu'):>9.0f}{megabytes:>9.0f}"
                f"{per(name, 'wall') / per(mine, 'wall'):>13.2f}{per(name, 'cpu') / per(mine, 'cpu'):>12.2f}"
            )
        if args.many:
            print()
            many(folder, args.many)
    return 0


if __name__ == "__main__":
    sys.exit(main())
