"""The synthetic class of benchmarks/class_of_thirty.py, for tests that need notebooks of lesson 05."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).resolve().parent.parent / "benchmarks" / "class_of_thirty.py"
_spec = importlib.util.spec_from_file_location("class_of_thirty", _PATH)
assert _spec is not None and _spec.loader is not None
class_of_thirty = importlib.util.module_from_spec(_spec)
sys.modules["class_of_thirty"] = class_of_thirty
_spec.loader.exec_module(class_of_thirty)
