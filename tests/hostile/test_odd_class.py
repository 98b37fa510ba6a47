"""One class of hand-ins that are odd in a way of their own each, with honest ones between them: nobody gains, nobody else pays, nobody is missing."""

from __future__ import annotations

import csv
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from grading_class import class_of_thirty

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap"),
    pytest.mark.timeout(1200),
]
NAME = "05_propagating_the_error.ipynb"
_RIGHT = "(W_next.T @ delta_next) * bp.sigmoid.prime(z)"

# what 05.3 does instead of returning what is right
_WRONG = {
    "yields": f"yield {_RIGHT}",
    "structured": "return np.zeros(3, dtype=[('a', 'f8')])",
    "dates": "return np.array(['2020-01-01'], dtype='M8[D]')",
    "a list in itself": "x = []\n    x.append(x)\n    return x",
    "a deep list": "x = []\n    for _ in range(100_000): x = [x]\n    return x",
    "a long integer": "return 10**100_000",
    "a huge view": "return np.broadcast_to(1.0, (10**6, 10**6))",
    "a long text": "return 'x' * 50_000_000",
    "surrogates": "return '\\ud800' * 10",
    "a false interface": "class X:\n        __array_interface__ = {'data': (8, False), 'typestr': '<f8', 'shape': (4,)}\n    return X()",
    "attributes that exit": "class X:\n        @property\n        def __array__(self): raise SystemExit(3)\n    return X()",
    "a class that lies": "class X:\n        @property\n        def __class__(self): return np.ndarray\n    return X()",
    "an end in del": f"import os\n    class X:\n        def __del__(self): os._exit(0)\n    X()\n    return {_RIGHT}",
    "calls itself": "return hidden_error(W_next, delta_next, z)",
    "without a limit": "import sys\n    sys.setrecursionlimit(10**7)\n    return hidden_error(W_next, delta_next, z)",
    "interrupts": "raise KeyboardInterrupt",
    "a group": "raise BaseExceptionGroup('a', [SystemExit(1)])",
    "an error that exits": "class E(Exception):\n        def __str__(self): raise SystemExit\n    raise E()",
    "an error that never ends": "class E(Exception):\n        def __str__(self):\n            while True: pass\n    raise E()",
    "a long message": "raise ValueError('\\ud800<script>;=1+1;\\r\\n' * 10**6)",
    "a long chain": "e = None\n    for k in range(20_000):\n        n = ValueError(k); n.__cause__ = e; e = n\n    raise e",
    "plain and never ends": "while True: z = z",
    "plain and swallows": "while True:\n        try:\n            while True: z = z\n        except BaseException: pass",
}
# what is right in odd clothes, and what a first cell may do to its own process: it costs nobody anything
_FINE = {
    "big-endian": f"return ({_RIGHT}).astype('>f8')",
    "columns first": f"return np.asfortranarray({_RIGHT})",
    "strided": f"return np.repeat({_RIGHT}, 2, axis=1)[:, ::2]",
    "an error in del": f"class X:\n        def __del__(self): raise SystemExit(1)\n    X()\n    return {_RIGHT}",
}
_FIRST = {
    "at exit": "import atexit, os\natexit.register(lambda: os._exit(0))",
    "a busy thread": "import threading\ndef f():\n    while True: pass\nthreading.Thread(target=f, daemon=True).start()",
    "a thread that waits": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
    "signals ignored": "import signal\nfor n in (1, 2, 3, 10, 12, 15):\n    signal.signal(n, signal.SIG_IGN)",
    "signals blocked": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))",
    "another language": "import contextlib, locale\nwith contextlib.suppress(locale.Error):\n    locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "no standard files": "import sys\ndel sys.stderr, sys.stdout",
    "a full disk": "try:\n    open('/tmp/full', 'wb').write(bytes(10**9))\nexcept OSError: pass",
    "a folder that is gone": "import os\nos.mkdir('d'); os.chdir('d'); os.rmdir('../d')",
    "a copy that goes on": "import os\nos.fork()",
    "a stop": "import os, signal\ntry: os.kill(os.getppid(), signal.SIGSTOP)\nexcept OSError: pass",
}
# what may cost its own student all
_OWN_LOSS = {
    "no builtins": "import builtins\nfor n in list(vars(builtins)):\n    if n not in ('__import__', '__build_class__'): delattr(builtins, n)",
    "false builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: -1",
    "false json": "import json\njson.dumps = lambda *a, **k: '{\"records\": []}'",
    "no modules": "import sys\nsys.modules.clear()",
    "no descriptors": "import os\nos.closerange(0, 4096)",
    "answers forged": 'import os\nfor f in range(3, 128):\n    try: os.write(f, b\'{"records": [], "used": [], "seconds": 0}\\n\' * 3)\n'
    "    except OSError: pass",
    "frames forged": "import os, struct\nfor f in range(3, 128):\n    try: os.write(f, struct.pack('<iI', -2, 2) + b'{}')\n    except OSError: pass",
    "every thread": "import threading, time\nfor _ in range(1000):\n    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    "traced": "import sys\nsys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit))",
}


def _notebook(answers: dict[str, str | None], *before: str) -> bytes:
    return json.dumps(class_of_thirty.notebook(answers, before)).encode()


def _odd_files() -> dict[str, bytes]:
    good: dict[str, Any] = json.loads(_notebook({}))
    whole = json.dumps(good)

    def with_cell(**cell: Any) -> bytes:
        return json.dumps({**good, "cells": [{"cell_type": "code", "metadata": {}, **cell}, *good["cells"]]}).encode()

    return {
        "UTF-16": whole.encode("utf-16"),
        "no numbers": json.dumps({**good, "metadata": {"x": float("nan"), "y": float("inf")}}).encode(),
        "a cell of nothing": with_cell(source=None, metadata=None),
        "a cell of numbers": with_cell(source=[1, None, {}], metadata=[]),
        "a zero": with_cell(source='x = "\0"'),
        "a declared coding": with_cell(source="# -*- coding: utf-7 -*-\nx = 1"),
        "many brackets": with_cell(source=f"x = {'(' * 5000}{')' * 5000}"),
        "a long sum": with_cell(source=f"x = {'1+' * 200_000}1"),
        "twice": (whole * 2).encode(),
        "many digits": f'{whole[:-1]},"z":{"9" * 5000}}}'.encode(),
        "nested": f'{whole[:-1]},"z":{"[" * 100_000}{"]" * 100_000}}}'.encode(),
        "cells twice": f'{whole[:-1]},"cells":[]}}'.encode(),
    }


def test_nobody_pays_for_another_and_nobody_is_missing(tmp_path: Path):
    head = "def hidden_error(W_next, delta_next, z):\n    "
    files = {f"wrong {name}": _notebook({"05.3": f"{head}{body}\n"}) for name, body in _WRONG.items()}
    files |= {f"fine {name}": _notebook({"05.3": f"{head}{body}\n"}) for name, body in _FINE.items()}
    files |= {f"fine {name}": _notebook({}, cell) for name, cell in _FIRST.items()}
    files |= {f"own loss {name}": _notebook({}, cell) for name, cell in _OWN_LOSS.items()}
    files |= {f"own loss {name}": body for name, body in _odd_files().items()}
    files |= {f"honest {number:02}": _notebook({}) for number in range(len(files) // 3)}
    order = list(files)
    random.Random(4).shuffle(order)  # the honest ones among the others
    for number, name in enumerate(order):
        place = tmp_path / "in" / f"{number:03} {name}"
        place.mkdir(parents=True)
        (place / NAME).write_bytes(files[name])
    command = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "4", "--quiet", "--workers", "2", "--timeout", "14"]
    done = subprocess.run([sys.executable, "-m", "bpkit.cli", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lost: dict[str, set[str]] = {}
    with open(tmp_path / "out" / "grades.csv", newline="") as file:
        for row in csv.DictReader(file):
            mine = lost.setdefault(row["student"][4:], set())
            mine |= {row["exercise"]} if row["status"] != "right" else set()
    assert lost.keys() == files.keys()
    assert {name: what for name, what in lost.items() if name.startswith(("honest", "fine")) and what} == {}
    assert {name: what for name, what in lost.items() if name.startswith("wrong") and what != {"05.3"}} == {}
