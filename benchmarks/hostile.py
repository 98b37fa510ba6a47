"""Grades every hostile and broken submission of tests/hostile, one at a time, and prints what became of each.

    python benchmarks/hostile.py

The table: the case; what became of its exercises (all right unless said); seconds from reading to rows. Exit code 1 if one is not as meant.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "hostile")]

from attacks import ATTACKS, as_meant, said  # noqa: E402 - lies beside the tests

from bpkit.grading.collect import Submission  # noqa: E402
from bpkit.grading.grade import Plan, close_sandboxes, grade_handed, read_submission, refuse  # noqa: E402
from bpkit.grading.sandbox import Limits  # noqa: E402

SECONDS = 20.0


def main() -> int:
    """Grade and print."""
    plan = Plan(20_311_203, Limits(seconds=SECONDS))
    wrong, worst = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "05_propagating_the_error.ipynb"
        print(f"{len(ATTACKS)} submissions, limit {SECONDS:g} s each\n\n| case | became | seconds |\n|---|---|---:|")
        for attack in ATTACKS:
            path.write_bytes(attack.file())
            began = time.perf_counter()
            handed = read_submission(Submission(attack.name, (path,)), plan)
            rows = (grade_handed(handed, plan) if handed.notebooks else refuse(handed, ["05"], plan)).rows
            lasted = time.perf_counter() - began
            worst = max(worst, lasted)
            meant = all(as_meant(row, attack.becomes.get(row.exercise, "[right]")) for row in rows) and len(rows) == 7
            wrong += not meant
            words: dict[str, list[str]] = {}
            for row in rows:
                if row.status != "right":
                    words.setdefault(said(row).strip("[]"), []).append(row.exercise)
            became = "; ".join(f"all {word}" if len(where) == len(rows) else f"{', '.join(where)} {word}" for word, where in words.items())
            print(f"| {attack.name} | {'' if meant else '!! '}{became or 'all right'} | {lasted:.2f} |")
    close_sandboxes()
    print(f"\n{len(ATTACKS)} submissions, {7 * len(ATTACKS)} rows, {wrong} not as meant; the longest took {worst:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
