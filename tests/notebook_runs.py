"""A notebook run again by nbval, which compares what comes out with what is recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SANITIZE = Path(__file__).with_name("nbval.cfg")


def run_by_nbval(notebook: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own, with nbval and no other plug-in, in the notebook's folder."""
    options = ["-p", "nbval.plugin", "--nbval", f"--nbval-sanitize-with={SANITIZE}", "-q", "-p", "no:cacheprovider", f"--rootdir={notebook.parent}"]
    alone = {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", *options, notebook.name]
    return subprocess.run(command, cwd=notebook.parent, capture_output=True, text=True, env=os.environ | alone | environment)
