"""A class of thirty: writes thirty submissions of lesson 05, grades them with `bpkit grade`, prints what each got.

    python benchmarks/class_of_thirty.py [FOLDER]

The submissions are the same in each run: right in different ways, each kind of mistake, blank, half done, broken. Exit code 1
if a single row is not the one that its author meant to earn.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LESSON = Path(__file__).resolve().parent.parent / "lessons" / "05_propagating_the_error.ipynb"
EXERCISES = {
    "05.1": "dz_next_dz",
    "05.2": "hidden_error_sum",
    "05.3": "hidden_error",
    "05.4": "all_errors",
    "05.5": "proof_order",
    "05.6": "gradient_ratio",
    "05.7": "layer_jacobian",
}

RIGHT = {
    "05.1": "def dz_next_dz(W_next, z, k, j):\n    return W_next[k, j] * bp.sigmoid.prime(z[j, 0])\n",
    "05.2": (
        "def hidden_error_sum(W_next, delta_next, z):\n    delta = np.zeros_like(z)\n    for j in range(z.shape[0]):\n"
        "        for k in range(delta_next.shape[0]):\n            delta[j] += W_next[k, j] * delta_next[k] * bp.sigmoid.prime(z[j])\n"
        "    return delta\n"
    ),
    "05.3": "def hidden_error(W_next, delta_next, z):\n    return (W_next.T @ delta_next) * bp.sigmoid.prime(z)\n",
    "05.4": (
        "def all_errors(W, z, delta_L):\n    delta = [None] * len(z)\n    delta[-1] = delta_L\n    for l in range(len(z) - 2, 0, -1):\n"
        "        delta[l] = (W[l + 1].T @ delta[l + 1]) * bp.sigmoid.prime(z[l])\n    return delta\n"
    ),
    "05.5": 'proof_order = "DFBGCHAE"\n',
    "05.6": ("def gradient_ratio(delta):\n    sizes = np.array([np.linalg.norm(d) for d in delta[1:]])\n    return sizes[:-1] / sizes[1:]\n"),
    "05.7": "def layer_jacobian(W_next, z):\n    return W_next * bp.sigmoid.prime(z).T\n",
}

_HIDDEN = "def hidden_error(W_next, delta_next, z):\n    return {}\n"
_RATIO = "def gradient_ratio(delta):\n    return {}\n"
_JACOBIAN = "def layer_jacobian(W_next, z):\n    return {}\n"
_LINK = "def dz_next_dz(W_next, z, k, j):\n    return {}\n"
_SUM = "def hidden_error_sum(W_next, delta_next, z):\n    return {}\n"
_ALL = (
    "def all_errors(W, z, delta_L):\n    delta = [None] * len(z)\n    delta[-1] = delta_L\n    for l in range(len(z) - 2, 0, -1):\n"
    "        delta[l] = {}\n    return delta\n"
)

# student → (answers that differ from RIGHT; what becomes of each exercise that is not right: a mistake, or a status in brackets)
Student = tuple[dict[str, str | None], dict[str, str]]
BLANK: dict[str, str | None] = dict.fromkeys(EXERCISES)
CLASS: dict[str, Student] = {
    "anna": ({}, {}),
    "ben einsum": (
        {
            "05.2": _SUM.format("np.einsum('kj,km,jm->jm', W_next, delta_next, bp.sigmoid.prime(z))"),
            "05.3": _HIDDEN.format("np.einsum('kj,km->jm', W_next, delta_next) * bp.sigmoid.prime(z)"),
            "05.7": _JACOBIAN.format("np.einsum('kj,j->kj', W_next, bp.sigmoid.prime(z[:, 0]))"),
        },
        {},
    ),
    "carla own sigmoid": (
        {
            "05.1": "def slope(z):\n    s = 1 / (1 + np.exp(-z))\n    return s * (1 - s)\n\n" + _LINK.format("float(W_next[k, j] * slope(z[j, 0]))"),
            "05.3": "def own_sigmoid(v):\n    return 1 / (1 + np.exp(-v))\n\n"
            + _HIDDEN.format("np.dot(W_next.T, delta_next) * own_sigmoid(z) * own_sigmoid(-z)"),
        },
        {},
    ),
    "deniz lists": (
        {
            "05.2": (
                "def hidden_error_sum(W_next, delta_next, z):\n"
                "    s = lambda v: bp.sigmoid(v) * (1 - bp.sigmoid(v))\n"
                "    return [[sum(W_next[k][j] * delta_next[k][i] for k in range(len(W_next))) * s(z[j][i])\n"
                "             for i in range(len(z[0]))] for j in range(len(z))]\n"
            ),
            "05.6": _RATIO.format("[np.sqrt((a ** 2).sum() / (b ** 2).sum()) for a, b in zip(delta[1:], delta[2:])]"),
        },
        {},
    ),
    "elif float32": ({"05.3": _HIDDEN.format("((W_next.T @ delta_next) * bp.sigmoid.prime(z)).astype(np.float32)")}, {}),
    "fatma copies": (
        {
            "05.3": (
                "def hidden_error(W_next, delta_next, z):\n    delta = W_next.T @ delta_next\n    z = z.copy()\n    z[:] = bp.sigmoid.prime(z)\n"
                "    delta *= z\n    return delta\n"
            ),
            "05.7": _JACOBIAN.format("W_next @ np.diag(bp.sigmoid.prime(z).ravel())"),
        },
        {},
    ),
    "gio talks": (
        {
            "05.3": (
                "%matplotlib inline\nimport matplotlib.pyplot as plt\n\ndef hidden_error(W_next, delta_next, z):\n    print('working', z)\n"
                "    import warnings\n    warnings.warn('careful')\n    plt.plot(z)\n    plt.show()\n"
                "    return (W_next.T @ delta_next) * bp.sigmoid.prime(z)\n"
            ),
            "05.5": "!pip install something\nname = input('your name? ')\nproof_order = list('DFBGCHAE')\n",
        },
        {},
    ),
    "hana reuses": (
        {
            "05.2": _SUM.format("hidden_error(W_next, delta_next, z)"),
            "05.4": _ALL.format("hidden_error(W[l + 1], delta[l + 1], z[l])"),
        },
        {},
    ),
    "ivan no transpose": ({"05.3": _HIDDEN.format("(W_next @ delta_next) * bp.sigmoid.prime(z)")}, {"05.3": "transpose forgotten"}),
    "jana no slope": (
        {"05.2": _SUM.format("W_next.T @ delta_next"), "05.3": _HIDDEN.format("W_next.T @ delta_next")},
        {"05.2": "σ' dropped", "05.3": "σ' dropped"},
    ),
    "karim text A": ({"05.3": _HIDDEN.format("(W_next.T @ delta_next) * bp.sigmoid(z)")}, {"05.3": "a for σ'"}),
    "lena slope of a": (
        {
            "05.1": _LINK.format("W_next[k, j] * bp.sigmoid.prime(bp.sigmoid(z[j, 0]))"),
            "05.3": _HIDDEN.format("(W_next.T @ delta_next) * bp.sigmoid.prime(bp.sigmoid(z))"),
        },
        {"05.1": "σ'(a) for σ'(z)", "05.3": "σ'(a) for σ'(z)"},
    ),
    "max sign": ({"05.3": _HIDDEN.format("-(W_next.T @ delta_next) * bp.sigmoid.prime(z)")}, {"05.3": "sign"}),
    "nina wrong layer": (
        {
            "05.3": _HIDDEN.format("W_next.T @ (delta_next * bp.sigmoid.prime(z))"),
            "05.4": _ALL.format("(W[l].T @ delta[l + 1]) * bp.sigmoid.prime(z[l])"),
        },
        {"05.3": "σ' of the next layer", "05.4": "W of the wrong layer"},
    ),
    "oleg same W": ({"05.4": _ALL.format("(W[-1].T @ delta[l + 1]) * bp.sigmoid.prime(z[l])")}, {"05.4": "same W throughout"}),
    "pia indices": (
        {"05.1": _LINK.format("W_next[j, k] * bp.sigmoid.prime(z[j, 0])"), "05.2": _SUM.format("delta_next * (W_next @ bp.sigmoid.prime(z))")},
        {"05.1": "w_jk for w_kj", "05.2": "sum over j"},
    ),
    "quim last path": (
        {
            "05.2": (
                "def hidden_error_sum(W_next, delta_next, z):\n    for k in range(len(W_next)):\n"
                "        delta = W_next[k][:, None] * delta_next[k] * bp.sigmoid.prime(z)\n    return delta\n"
            )
        },
        {"05.2": "= for +="},
    ),
    "rosa inverted": ({"05.6": _RATIO.format("[np.linalg.norm(b) / np.linalg.norm(a) for a, b in zip(delta[1:], delta[2:])]")}, {"05.6": "inverted"}),
    "sami diag left": (
        {"05.7": _JACOBIAN.format("np.diag(bp.sigmoid.prime(z).ravel()) @ W_next")},
        {"05.7": "diag on the wrong side"},
    ),
    "tara proof": ({"05.5": 'proof_order = "FDBGCHAE"\n'}, {"05.5": "chain rule before the definition"}),
    "umut blank": (BLANK, dict.fromkeys(EXERCISES, "[not attempted]")),
    "vera half": (
        {"05.4": None, "05.5": None, "05.6": None, "05.7": None},
        dict.fromkeys(("05.4", "05.5", "05.6", "05.7"), "[not attempted]"),
    ),
    "wim cell raises": ({"05.6": "raise RuntimeError('my laptop is on fire')\n"}, {"05.6": "[not attempted]"}),
    "xenia answer raises": ({"05.3": _HIDDEN.format("W_next.T @ delta_nxt")}, {"05.3": "raised"}),
    "yusuf prints only": (
        {"05.3": "def hidden_error(W_next, delta_next, z):\n    print((W_next.T @ delta_next) * bp.sigmoid.prime(z))\n"},
        {"05.3": "returned None"},
    ),
    "zoe in place": (
        {"05.3": "def hidden_error(W_next, delta_next, z):\n    z[:] = bp.sigmoid.prime(z)\n    return (W_next.T @ delta_next) * z\n"},
        {"05.3": "input mutated"},
    ),
    "aldo forever": ({"05.3": "def hidden_error(W_next, delta_next, z):\n    while True:\n        pass\n"}, {"05.3": "too slow"}),
    "bea calls bpkit": ({"05.4": "def all_errors(W, z, delta_L):\n    return bp.backward(W, z, delta_L)\n"}, {"05.4": "not allowed"}),
    "cem syntax": ({"05.7": "def layer_jacobian(W_next, z)\n    return W_next * bp.sigmoid.prime(z).T\n"}, {"05.7": "[could not run]"}),
    "dora something else": ({"05.3": _HIDDEN.format("(W_next.T @ delta_next) * bp.sigmoid.prime(z) + 0.1 * np.eye(*z.shape)")}, {"05.3": "[wrong]"}),
}


def notebook(answers: dict[str, str | None], before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> dict:
    """The student notebook of lesson 05 with answers filled in, and with extra code cells before and after all others."""
    found = json.loads(LESSON.read_text(encoding="utf-8"))
    given = {EXERCISES[number]: answer for number, answer in {**RIGHT, **answers}.items() if answer is not None}
    for cell in found["cells"]:
        source = "".join(cell["source"])
        for name, answer in given.items():
            if cell["cell_type"] == "code" and source.startswith((f"def {name}(", f"{name} =")):
                cell["source"] = answer
                del given[name]
                break
    assert not given, f"no stub in the lesson for {', '.join(given)}"

    def extra(source: str) -> dict:
        return {"cell_type": "code", "execution_count": None, "id": "", "metadata": {}, "outputs": [], "source": source}

    found["cells"] = [*map(extra, before), *found["cells"], *map(extra, after)]
    for number, cell in enumerate(found["cells"]):
        cell["id"] = f"cell-{number}"
    return found


def write_class(folder: Path) -> None:
    """Write the thirty submissions, a folder each."""
    for student, (answers, _) in CLASS.items():
        place = folder / student
        place.mkdir(parents=True)
        (place / LESSON.name).write_text(json.dumps(notebook(answers), ensure_ascii=False), encoding="utf-8")


def expected(student: str, exercise: str) -> str:
    """What the author of a submission meant to earn."""
    return CLASS[student][1].get(exercise, "[right]")


def main() -> int:
    """Write, grade, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where to leave submissions and grades; without it, nowhere")
    kept = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        write_class(folder / "submissions")
        command = [sys.executable, "-m", "bpkit.cli", "grade", str(folder / "submissions"), "--out", str(folder / "graded"), "--timeout", "20"]
        done = subprocess.run(command, check=False)
        if done.returncode != 0:
            return done.returncode
        with open(folder / "graded" / "grades.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    earned = {student: {row["exercise"]: row for row in rows if row["student"] == student} for student in CLASS}
    wrong = 0
    print(f"{'student':<20} points  {'  '.join(EXERCISES)}  what became of the rest")
    for student, mine in earned.items():
        points = sum(float(row["points"]) for row in mine.values())
        marks, words = [], []
        for exercise in EXERCISES:
            row = mine[exercise]
            said = row["mistake"].removeprefix("'") or f"[{row['status']}]"
            meant = expected(student, exercise)
            if said != meant:
                wrong += 1
                words.append(f"!! {exercise} {said}, meant {meant}: {row['message']}")
            elif said != "[right]":
                words.append(f"{exercise} {said}")
            marks.append({"right": "✓", "wrong": "✗", "not attempted": "·", "could not run": "!"}[row["status"]].center(4))
        print(f"{student:<20} {points:>6g}  {'  '.join(marks)}  {'; '.join(words)}")
    print(f"{len(CLASS)} submissions, {len(rows)} rows, {wrong} not as meant")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
