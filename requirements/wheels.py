"""Says for which Pythons and machines the locks resolve to wheels, without installing anything: python requirements/wheels.py [LOCK ...]."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MACHINES = {
    "Linux x86_64": "x86_64-unknown-linux-gnu",
    "Linux aarch64": "aarch64-unknown-linux-gnu",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS Intel": "x86_64-apple-darwin",
    "Windows": "x86_64-pc-windows-msvc",
}
# what `make` and a wheel install; the peers and the oldest versions are for who works on bpkit
LOCKS = ("lab", "test", "grade", "slides", "site", "lite", "cluster", "build", "uv")


def pythons() -> list[str]:
    """The versions that requires-python admits."""
    found = re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        sys.exit("pyproject.toml: requires-python is expected to name the first Python and the first that is too new: >=3.11,<3.15")
    return [f"3.{minor}" for minor in range(int(found[1]), int(found[2]))]


def missing(lock: Path, python: str, machine: str) -> str:
    """What has no wheel, in uv's words; empty if everything has one."""
    with tempfile.TemporaryDirectory() as empty:
        where = ["--target", empty, "--python-version", python, "--python-platform", machine]
        command = [Path(sys.executable).with_name("uv"), "pip", "install", "--dry-run", "--only-binary", ":all:", "--no-deps", *where, "-r", lock]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else " ".join(done.stderr.split())


def main() -> None:
    """Print the table; exit code 1 where a wheel is missing."""
    named = [Path(name) for name in sys.argv[1:]] or [HERE / f"{name}.txt" for name in LOCKS]
    gaps = []
    print(f"{'wheels of':14}{'Python':8}" + "".join(f"{machine:15}" for machine in MACHINES))
    for lock in named:
        for python in pythons():
            said = {machine: missing(lock, python, target) for machine, target in MACHINES.items()}
            print(f"{lock.name:14}{python:8}" + "".join(f"{'NO' if gap else 'all':15}" for gap in said.values()), flush=True)
            gaps += [f"{lock.name}, Python {python}, {machine}: {gap}" for machine, gap in said.items() if gap]
    sys.exit("\n".join(gaps) or None)


if __name__ == "__main__":
    main()
