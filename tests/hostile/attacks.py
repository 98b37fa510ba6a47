"""Submissions that attack the grader or break in its hands, each with what has to become of it.

A submission is lesson 05's student notebook with right answers, but for those that the attack replaces. Where an attack
looks for something that it may not find, it answers right when it found nothing and raises what it found otherwise: so
"right" means that the attack came to nothing.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from grading_class import class_of_thirty

from bpkit.grading.records import Row

EXERCISES = tuple(class_of_thirty.EXERCISES)
CODE = "05.3"  # the exercise that most attacks stand in
# what other processes of this machine see has names of this run's own, or two runs at a time would see each other
DAEMON, CANARY, PORT = f"bpkit-{os.getpid()}", f"\0bpkit-canary-{os.getpid()}", 20_000 + os.getpid() % 12_000
LEFT, SECRET = f"/tmp/left-behind-{os.getpid()}", f"/tmp/secret-{os.getpid()}.txt"
RIGHT = "(W_next.T @ delta_next) * bp.sigmoid.prime(z)"


def answer(body: str, value: str = RIGHT) -> dict[str, str | None]:
    """Exercise 05.3 with `body` (lines) before it returns `value`; and a later one that imports, or 05.3 would not run in a process of its own."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    later = "def layer_jacobian(W_next, z):\n    import math\n    return W_next * bp.sigmoid.prime(z).T\n"
    return {CODE: f"def hidden_error(W_next, delta_next, z):\n{lines}    return {value}\n", "05.7": later}


@dataclass(frozen=True)
class Attack:
    """One hostile or broken submission.

    Parameters
    ----------
    name
        The student's name in the run.
    answers, before, after
        What differs from a right notebook: answers, and cells before and after all others.
    becomes
        What each exercise has to become: a mistake, or a status in brackets; ``"[right]"`` where nothing is said.
        ``"[no points]"`` where only that is asked.
    raw
        The whole file, where it is not a notebook made of cells.
    """

    name: str
    answers: dict[str, str | None] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    becomes: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    def file(self) -> bytes:
        """The notebook file."""
        if self.raw is not None:
            return self.raw
        return json.dumps(class_of_thirty.notebook(self.answers, self.before, self.after)).encode()


def said(row: Row) -> str:
    """The mistake, or the status in brackets."""
    return row.mistake or f"[{row.status}]"


def as_meant(row: Row, meant: str) -> bool:
    """Whether a row is what its attack has to become."""
    if meant == "[no points]":
        return row.points == 0
    if meant == "[wrong]":
        return row.status == "wrong"
    return said(row) == meant


def in_answer(name: str, body: str, becomes: str = "[right]", value: str = RIGHT) -> Attack:
    return Attack(name, answer(body, value), becomes={CODE: becomes})


def in_cell(name: str, *cells: str, **becomes: str) -> Attack:
    return Attack(name, before=cells)


def forging(name: str, *cells: str) -> Attack:
    """Wrong answers throughout, and cells that try to make them count."""
    zeros = {
        "05.1": "def dz_next_dz(W_next, z, k, j):\n    return 0.0\n",
        "05.2": "def hidden_error_sum(W_next, delta_next, z):\n    return 0 * z\n",
        "05.3": "def hidden_error(W_next, delta_next, z):\n    return 0 * z\n",
        "05.4": "def all_errors(W, z, delta_L):\n    return [None] + [0 * part for part in z[1:]]\n",
        "05.5": 'proof_order = "ABCDEFGH"\n',
        "05.6": "def gradient_ratio(delta):\n    return np.zeros(len(delta) - 2)\n",
        "05.7": "def layer_jacobian(W_next, z):\n    return 0 * W_next\n",
    }
    return Attack(name, {**zeros}, cells, cells, dict.fromkeys(EXERCISES, "[no points]"))


_FORK_BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
_STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
MEMORY_BOMB = """
import os, time
for _ in range(10):
    if os.fork() == 0:
        pile = bytearray(b"x") * (250 << 20)
        time.sleep(1000)
time.sleep(1000)
"""
_DAEMON = f"""
import ctypes, os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, {DAEMON.encode()}, 0, 0, 0)
        while True:
            time.sleep(0.01)
    os._exit(0)
"""

_DISARM = "import signal\nfor timer in (0, 1, 2):\n    signal.setitimer(timer, 0)\n"
_STOP_CLOCKS = "import time\nfor clock in ('clock_gettime', 'monotonic', 'process_time', 'perf_counter'):\n    setattr(time, clock, lambda *_: 0.0)\n"

LOOPS = [
    in_cell("loop in a cell", "while True:\n    pass\n"),
    in_cell("loop in a cell that catches everything", _STUBBORN),
    in_cell("loop in a cell that cannot be interrupted", "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')\n"),
    in_cell("sleep in a cell", "import time\ntime.sleep(10_000)\n"),
    in_cell("input in a cell", "while not input('go on? '):\n    pass\n"),
    in_cell("signals blocked", "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\nwhile True:\n    pass\n"),
    in_answer("loop in an answer", "while True:\n    pass", "too slow"),
    in_answer("loop in an answer that catches everything", _STUBBORN, "too slow"),
    in_answer("loop in an answer that cannot be interrupted", "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')", "too slow"),
    in_answer("sleep in an answer", "import time\ntime.sleep(10_000)", "too slow"),
    in_answer("timers disarmed", f"{_DISARM}while True:\n    pass", "too slow"),
    in_answer("timers disarmed and clocks stopped", f"{_DISARM}{_STOP_CLOCKS}while True:\n    pass", "too slow"),
    in_answer("work given to a child", "import os\nif os.fork() == 0:\n    while True:\n        pass\nos.wait()", "too slow"),
    in_cell("clocks stopped in a cell", f"{_DISARM}{_STOP_CLOCKS}while True:\n    pass\n"),
]

MEMORY = [
    in_cell("30 GB in a cell", "import numpy as np\nbig = np.ones(30 * 2**30 // 8)\n"),
    in_cell("memory that grows", "pile = []\nwhile True:\n    pile.append(bytearray(10**7))\n"),
    in_answer("30 GB in an answer", "big = np.ones(30 * 2**30 // 8)", "raised"),
    in_answer("an endless list", "pile = []\nwhile True:\n    pile.append(bytearray(10**7))", "[wrong]"),
    in_answer("deep recursion", "def down(n):\n    return down(n + 1) + 1\ndown(0)", "raised"),
]

PROCESSES = [
    in_cell("fork bomb in a cell", _FORK_BOMB),
    in_answer("fork bomb in an answer", _FORK_BOMB, "too slow"),
    in_answer("thread bomb", "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(1000,)).start()", "raised"),
    in_answer("copies of the answer", "import os\nif z.shape[1] == 1:\n    os.fork()"),
    in_cell("daemon left behind", _DAEMON),
    in_answer("daemon left behind by an answer", _DAEMON),
    in_cell("threads left behind", "import threading, time\nfor _ in range(3):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n"),
    in_answer("a thread that works on", "import threading\ndef spin():\n    while True:\n        pass\nthreading.Thread(target=spin).start()"),
]

EXITS = [
    in_cell("os._exit in a cell", "import os\nos._exit(0)\n"),
    in_cell("sys.exit in a cell", "import sys\nsys.exit(0)\n"),
    in_cell("exit() and quit()", "exit()\n", "quit()\n"),
    in_cell("abort in a cell", "import os\nos.abort()\n"),
    in_cell("crash in a cell", "import ctypes\nctypes.string_at(0)\n"),
    in_cell("signals to the parent and to all", "import os\nfor pid in (os.getppid(), 1, -1, 0):\n    os.kill(pid, 9)\n"),
    in_cell(
        "signals to every number",
        "import os\nfor pid in range(-100, 400):\n"
        "    if pid not in (0, -1, os.getpid(), -os.getpgid(0)):\n        try:\n"
        "            os.kill(pid, 9)\n        except OSError:\n            pass\n",
    ),
    in_answer("os._exit in an answer", "import os\nos._exit(0)", "raised"),
    in_answer("sys.exit in an answer", "import sys\nsys.exit(0)", "raised"),
    in_answer("crash in an answer", "import ctypes\nctypes.string_at(0)", "raised"),
    in_answer("kill in an answer", "import os\nos.kill(os.getpid(), 9)", "raised"),
    Attack(
        "parent killed by an answer",
        answer("import os\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(1000)"),
        becomes={CODE: "raised"},
    ),
    in_answer("descriptors closed", "import os\nos.closerange(0, 256)", "raised"),
]

OUTPUT = [
    in_cell("500 MB of output", "line = 'x' * 10**6\nfor _ in range(500):\n    print(line)\n"),
    in_cell("output past Python", "import os\nfor _ in range(50):\n    os.write(1, b'x' * 10**6)\n    os.write(2, b'y' * 10**6)\n"),
    in_answer("printing and warning", "import sys, warnings\nprint('x' * 10**6)\nwarnings.warn('careful')\nprint('no', file=sys.stderr)"),
    in_answer(
        "a large file",
        "try:\n    open('/tmp/big', 'wb').write(bytes(10**8))\nexcept OSError:\n    pass\nelse:\n    raise RuntimeError('wrote 100 MB')",
    ),
]

_FORGED = (
    '{"records": [{"returned": {"scalar": ["<f8", [], "AAAAAAAA8D8="]}, "mutated": [], "seconds": 0.0}], '
    '"used": [], "passed": true, "status": "right", "points": 100}'
)
FORGERY = [
    forging(
        "numpy patched",
        "import numpy as np\nfor name in ('allclose', 'array_equal', 'isclose', 'all', 'any', 'max', 'abs'):\n"
        "    setattr(np, name, lambda *a, **k: True)\nnp.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None\n",
    ),
    forging(
        "builtins patched",
        "import builtins\nbuiltins.AssertionError = type('Calm', (Exception,), {})\nbuiltins.abs = builtins.max = lambda *a, **k: 0\n"
        "builtins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: 3\n",
    ),
    forging(
        "json patched", f"import json\nforged = {_FORGED!r}\njson.dumps = lambda *a, **k: forged\njson.JSONEncoder.encode = lambda *a, **k: forged\n"
    ),
    forging(
        "wire patched",
        "import sys\nfor name, module in list(sys.modules.items()):\n    if hasattr(module, 'run_exercise'):\n"
        "        module.run_exercise = lambda *a, **k: [{'returned': {'passed': True}, 'status': 'right', 'points': 100}] * 3\n"
        "        module.encode = module._encode = lambda *a, **k: {'passed': True}\n",
    ),
    forging(
        "result lines printed",
        f"forged = {_FORGED!r}\nprint(forged)\nimport os\nfor fd in range(0, 256):\n    try:\n"
        f"        os.write(fd, forged.encode() + b'\\n')\n    except OSError:\n        pass\n",
    ),
    forging(
        "frames written to every descriptor",
        f"import os, struct\nforged = {_FORGED!r}.encode()\nframes = b''.join(struct.pack('<iI', n, len(forged)) + forged for n in range(7))\n"
        "for fd in range(0, 256):\n    try:\n        os.write(fd, frames)\n    except OSError:\n        pass\n",
    ),
    forging(
        "fork answers at once",
        f"import os\nreal = os.fork\ndef fork():\n    for fd in range(3, 256):\n        try:\n"
        f"            os.write(fd, {_FORGED!r}.encode())\n        except OSError:\n"
        f"            pass\n    return real()\nos.fork = fork\n",
    ),
    forging(
        "check claims success",
        "class _Right:\n    passed = True\n    status = 'right'\n    points = 100\n\nimport bpkit as bp\nbp.check = lambda *a, **k: _Right()\n",
    ),
    forging(
        "grades written",
        "import os, sqlite3\nfor folder in ('.', '/tmp', '/', '/work', os.path.expanduser('~')):\n    try:\n"
        "        open(os.path.join(folder, 'grades.csv'), 'w').write('student,points\\nme,100\\n"
        "')\n"
        "        sqlite3.connect(os.path.join(folder, 'grades.sqlite')).execute('create table grades (points)')\n"
        ""
        "    except Exception:\n        pass\n",
    ),
]

_TRICKY = "class Always({base}):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\n"
VALUES = [
    in_answer("equal to everything", _TRICKY.format(base="object"), "dtype", "Always()"),
    in_answer("array that equals everything", _TRICKY.format(base="np.ndarray"), "[wrong]", "np.zeros(z.shape).view(Always)"),
    in_answer("array made on demand", "class Lazy:\n    def __array__(self, *a, **k): return np.zeros(z.shape)", "[wrong]", "Lazy()"),
    in_answer("right array made on demand", f"right = {RIGHT}\nclass Lazy:\n    def __array__(self, *a, **k): return right", "[right]", "Lazy()"),
    in_answer("array that never comes", "class Lazy:\n    def __array__(self, *a, **k):\n        while True: pass", "too slow", "Lazy()"),
    in_answer("array that raises", "class Lazy:\n    def __array__(self, *a, **k): raise KeyError('no')", "dtype", "Lazy()"),
    in_answer("endless generator", "import itertools", "[wrong]", "itertools.count()"),
    in_answer("list within itself", "pile = []\npile.append(pile)", "[wrong]", "pile"),
    in_answer("deep list", "pile = []\nfor _ in range(100_000):\n    pile = [pile]", "[wrong]", "pile"),
    in_answer("huge array", "", "[wrong]", "np.zeros(50_000_000)"),
    in_answer("array of repeated nothing", "", "[wrong]", "np.broadcast_to(0.0, (10**6, 10**6))"),
    in_answer("ragged list", "", "shape", "[[1.0, 2.0], [3.0]]"),
    in_answer("object array", "", "dtype", "np.array([[None] * z.shape[1]] * z.shape[0], dtype=object)"),
    in_answer("complex numbers", "", "dtype", f"{RIGHT} + 0j"),
    in_answer("not a number", "", "not finite", "np.full(z.shape, np.nan)"),
    in_answer("masked array", "", "[wrong]", "np.ma.masked_all(z.shape)"),
    in_answer("a string", "", "[wrong]", "'right'"),
    in_answer("a long string", "", "[wrong]", "'right' * 10**6"),
    in_answer("a number too large", "", "[wrong]", "10**5000"),
    in_answer("a class that lies about itself", "class Liar:\n    __class__ = np.ndarray", "[wrong]", "Liar()"),
    in_answer("an exception that cannot be printed", "class Odd(Exception):\n    def __str__(self): raise Odd\nraise Odd", "raised"),
    in_answer("an exception of a megabyte", "raise ValueError('x' * 10**6)", "raised"),
    in_answer("an exception outside Exception", "raise KeyboardInterrupt", "raised"),
    Attack(
        "right on the first calls only",
        {CODE: f"calls = [0]\ndef hidden_error(W_next, delta_next, z):\n    calls[0] += 1\n    return {RIGHT} * (1 if calls[0] <= 3 else 2)\n"},
        becomes={CODE: "not repeatable"},
    ),
    in_answer("input kept and changed later", "z *= 1.0\nz += 1.0\nz -= 0.5", "[no points]"),
]

_LOOK = """
import os
found = []
for place in ("/proc/self/status", "/proc/1/environ", "/proc/self/mountinfo", "/sys", "/etc/passwd", "/etc/shadow", "/home", "/var", "/run"):
    if os.path.exists(place) and (not os.path.isdir(place) or os.listdir(place)):
        found.append(place)
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/usr/lib", "/lib", "/packages")) or "/lib/python3" in folder:
        folders[:] = [name for name in folders if "bpkit" in name or name.endswith("-packages") or name.startswith("python3")]
    for name in files:
        if name.endswith((".ipynb", ".sqlite", ".csv")) or "lesson_0" in name or name in ("judge.py", "oracles.py"):
            found.append(os.path.join(folder, name))
"""
_ENVIRONMENT = """
import os
allowed = {"HOME", "LANG", "LC_CTYPE", "PWD", "PYTHONHASHSEED", "PYTHONUTF8", "MPLBACKEND", "MPLCONFIGDIR"}
found = [name for name in os.environ if name not in allowed and not name.endswith(("_NUM_THREADS", "_MAXIMUM_THREADS"))]
"""
_FRAMES = """
import gc, sys
found = []
frame = sys._getframe()
while frame is not None:
    names = {**frame.f_globals, **frame.f_locals}
    found += [name for name in ("expected", "reference", "oracle", "mistakes", "mistaken", "seed", "judge") if name in names]
    frame = frame.f_back
secret, other = ("".join(reversed(text)) for text in ("nettogrof esopsnart", "tneduts rehtona fo terces a"))
for thing in gc.get_objects():
    if isinstance(thing, dict):
        texts = [text for text in thing.values() if isinstance(text, str)]
    elif isinstance(thing, (list, tuple)):
        texts = [text for text in thing if isinstance(text, str)]
    else:
        continue
    found += [text[:80] for text in texts if secret in text or other in text]
"""
_SOCKETS = f"""
import socket
found = []
addresses = [(socket.AF_INET, ("127.0.0.1", {PORT})), (socket.AF_INET, ("8.8.8.8", 53))]
for family, address in addresses + [(socket.AF_UNIX, {CANARY!r}), (40, (2, 1024))]:
    try:
        link = socket.socket(family, socket.SOCK_STREAM)
        link.settimeout(0.2)
        link.connect(address)
        found.append(address)
    except OSError:
        pass
"""
_WRITING = """
import os
found = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/usr/lib/", "/lib", "/packages/")) or "/lib/python3" in folder:
        folders.clear()
    if folder == "/tmp":
        continue
    try:
        open(os.path.join(folder, "bpkit-was-here"), "w").close()
        found.append(folder)
    except OSError:
        pass
    for name in files[:3]:
        try:
            open(os.path.join(folder, name), "r+b").close()
            if not folder.startswith("/dev"):
                found.append(os.path.join(folder, name))
        except OSError:
            pass
"""
_PRIVILEGES = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
found = []
for name, call in {
    "unshare": lambda: libc.unshare(0x10000000),
    "mount": lambda: libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "umount": lambda: libc.umount2(b"/tmp", 2),
    "chroot": lambda: libc.chroot(b"/tmp"),
    "ptrace": lambda: libc.ptrace(16, os.getppid(), 0, 0),
    "setuid": lambda: libc.setuid(0),
    "more processes": lambda: libc.setrlimit(6, (ctypes.c_ulong * 2)(10**6, 10**6)),
    "keyctl": lambda: -1 if libc.syscall(250, 0, -3, 1) < 0 else 0,
    "perf": lambda: -1 if libc.syscall(298, 0, 0, 0, 0, 0) < 0 else 0,
}.items():
    if call() == 0:
        found.append(name)
"""
_GIVE_AWAY = "\nif found:\n    raise RuntimeError(f'found {found[:5]}')"

SPYING = [
    in_answer("files", _LOOK.strip() + _GIVE_AWAY),
    in_answer("environment", _ENVIRONMENT.strip() + _GIVE_AWAY),
    in_answer("stack frames and memory", _FRAMES.strip() + _GIVE_AWAY),
    in_answer("sockets", _SOCKETS.strip() + _GIVE_AWAY),
    in_answer("writing outside", _WRITING.strip() + _GIVE_AWAY),
    in_answer("privileges", _PRIVILEGES.strip() + _GIVE_AWAY),
    in_cell("leaves a file", f"open({LEFT!r}, 'w').write('x')\n"),
    in_answer("looks for what was left", "import os\nfound = os.listdir('/tmp')" + _GIVE_AWAY),
    Attack("keeps a secret", before=(f"secret = ''.join(reversed('tneduts rehtona fo terces a'))\nopen({SECRET!r}, 'w').write(secret)\n",)),
    Attack(
        "looks into other submissions",
        answer(_FRAMES.strip() + _GIVE_AWAY),
        before=(
            "import os, sys\nfor name in ('numpy', 'bpkit_run', 'json', 'builtins'):\n"
            "    if hasattr(sys.modules.get(name), 'stained'):\n        raise SystemExit\n"
            "    setattr(sys.modules.get(name), 'stained', True)\n",
        ),
    ),
]

CHEATING = [
    Attack(
        "calls backward",
        {CODE: "def hidden_error(W_next, delta_next, z):\n    return bp.backward(W_next, z, delta_next)\n"},
        becomes={CODE: "not allowed"},
    ),
    Attack(
        "calls the gradient check",
        {
            CODE: (
                "from bpkit import gradcheck\ndef hidden_error(W_next, delta_next, z):\n"
                "    return gradcheck.numerical_gradient(lambda v: np.sum(delta_next * (W_next @ bp.sigmoid(v))), z)\n"
                ""
            )
        },
        becomes={CODE: "not allowed"},
    ),
    Attack(
        "imports the bank",
        {
            CODE: (
                "import importlib\ndef hidden_error(W_next, delta_next, z):\n"
                "    bank = importlib.import_module('bpkit.exercises.lesson_05.ex3_hidden_error')\n"
                "    return bank.EXERCISE.reference(W_next, delta_next, z)\n"
            )
        },
        becomes={CODE: "not allowed"},
    ),
    Attack(
        "asks for a vjp of an activation that is not allowed",
        {CODE: "def hidden_error(W_next, delta_next, z):\n    return bp.tanh.vjp(z, z, W_next.T @ delta_next)\n"},
        becomes={CODE: "not allowed"},
    ),
    in_answer("allowed calls", "slope = bp.sigmoid.prime(z)\nassert bp.sigmoid(z).shape == slope.shape"),
    in_answer("checks itself in the answer", "bp.check('05.3', lambda *a: 0)\nbp.hint('05.3')\nbp.progress()"),
]

ODD = [
    in_cell(
        "magics and shell lines",
        "%matplotlib inline\n!ls -la /\nfiles = !ls\nx = 3\n%timeit x + 1\nx?\n??x\n",
        "%%bash\nrm -rf /\n",
        "%%time\ny = 4\n",
        "%load_ext autoreload\nif True:\n    %autoreload 2\n    !pip install numpy\n",
    ),
    in_cell("syntax error in a cell", "def broken(:\n    pass\n", "print('unfinished\n", "\0"),
    in_cell("names not in ASCII", "π = 3.14\nσʹ = lambda z: z\ndef δ(α):\n    return α\nδ(π)\nприклад = '反向传播'\n"),
    in_cell(
        "widgets and front end",
        "import ipywidgets as widgets\nfrom IPython.display import display, HTML\n"
        "@widgets.interact(x=(0, 1))\ndef show(x):\n    pass\ndisplay(HTML('<b>x</b>'))\n"
        "get_ipython().run_line_magic('matplotlib', 'inline')\nclass Mine(widgets.DOMWidget):\n"
        "    pass\n",
    ),
    in_cell("plots", "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\nfig.savefig('/tmp/figure.png')\n"),
    in_cell("slow imports", "import decimal, unittest, asyncio, http.client, xml.dom.minidom, matplotlib.pyplot\n"),
    in_cell("module that is not there", "import torch\nimport a_package_of_mine\n"),
    Attack("error above a definition in its cell", {CODE: f"1 / 0\ndef hidden_error(W_next, delta_next, z):\n    return {RIGHT}\n"}),
    Attack("answer in the last cell", {CODE: "pass\n"}, after=(f"def hidden_error(W_next, delta_next, z):\n    return {RIGHT}\n",)),
    Attack(
        "answer twice, the last right",
        {CODE: "def hidden_error(W_next, delta_next, z):\n    return z\n"},
        after=(f"def hidden_error(W_next, delta_next, z):\n    return {RIGHT}\n",),
    ),
    Attack(
        "answer twice, the last wrong",
        after=("def hidden_error(W_next, delta_next, z):\n    return W_next.T @ delta_next\n",),
        becomes={CODE: "σ' dropped"},
    ),
    Attack("answer deleted", {CODE: "pass\n"}, becomes={CODE: "[not attempted]"}),
    Attack("answer renamed", {CODE: f"def hiden_error(W_next, delta_next, z):\n    return {RIGHT}\n"}, becomes={CODE: "[could not run]"}),
    Attack("answer with a syntax error", {CODE: "def hidden_error(W_next, delta_next, z)\n    return z\n"}, becomes={CODE: "[could not run]"}),
    Attack("answer called, not given", {CODE: "hidden_error = 3\n"}, becomes={CODE: "not a function"}),
    Attack("answer with other arguments", {CODE: "def hidden_error(W_next, z):\n    return z\n"}, becomes={CODE: "wrong arguments"}),
    Attack("a lambda", {CODE: f"hidden_error = lambda W_next, delta_next, z: {RIGHT}\n"}),
    Attack(
        "a class with a call",
        {CODE: f"class Answer:\n    def __call__(self, W_next, delta_next, z):\n        return {RIGHT}\nhidden_error = Answer()\n"},
    ),
    Attack(
        "check cells edited",
        after=("bp.check('05.3', 42)\nassert bp.check('05.3', hidden_error).passed\n", "del bp\nbp = None\n", "import bpkit as bp\n"),
    ),
]


def _edited(**change: object) -> bytes:
    return json.dumps({**class_of_thirty.notebook({}), **change}).encode()


_PLAIN = json.dumps(class_of_thirty.notebook({})).encode()
_NOTHING = dict.fromkeys(EXERCISES, "[could not run]")
_EMPTY = dict.fromkeys(EXERCISES, "[not attempted]")


def _stripped() -> bytes:
    found = class_of_thirty.notebook({})
    cells = [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in found["cells"]]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def _reordered() -> bytes:
    found = class_of_thirty.notebook({})
    first = [cell for cell in found["cells"] if "import bpkit" in "".join(cell["source"])]
    rest = [cell for cell in found["cells"] if cell not in first]
    return json.dumps({**found, "cells": [*first, *rest[::-1]]}).encode()


def _padded(size: int) -> bytes:
    found = class_of_thirty.notebook({})
    code = next(cell for cell in found["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * size}]
    return json.dumps(found).encode()


FILES = [
    Attack("cut off", raw=_PLAIN[: len(_PLAIN) // 2], becomes=_NOTHING),
    Attack("not JSON", raw=b"this is my homework", becomes=_NOTHING),
    Attack("empty", raw=b"", becomes=_NOTHING),
    Attack("JSON of another kind", raw=b'["cells"]', becomes=_NOTHING),
    Attack("nbformat 3", raw=_edited(nbformat=3), becomes=_NOTHING),
    Attack("nbformat of text", raw=_edited(nbformat="four"), becomes=_NOTHING),
    Attack("no nbformat", raw=json.dumps({"cells": class_of_thirty.notebook({})["cells"]}).encode()),
    Attack("50 MB of output", raw=_padded(50_000_000)),
    Attack("50 MB of brackets", raw=b'{"nbformat": 4, "cells": [' + b"[]," * 16_000_000 + b"[]]}", becomes=_NOTHING),
    Attack("nested deeply", raw=b"[" * 2_000_000, becomes=_NOTHING),
    Attack("a number of a million digits", raw=_edited(nbformat_minor=5).replace(b'"nbformat_minor": 5', b'"nbformat_minor": ' + b"9" * 1_000_000)),
    Attack("byte order mark", raw=b"\xef\xbb\xbf" + _PLAIN),
    Attack("UTF-16", raw=json.dumps(class_of_thirty.notebook({}), ensure_ascii=False).encode("utf-16")),
    Attack("bytes that are not UTF-8", raw=_PLAIN.replace(b'"cells"', b'"note": "\xff\xfe", "cells"', 1)),
    Attack("no cells", raw=_edited(cells=[]), becomes=_EMPTY),
    Attack("cells of another kind", raw=_edited(cells={"a": 1}), becomes=_NOTHING),
    Attack("metadata stripped", raw=_stripped()),
    Attack("metadata changed", raw=_edited(metadata={"bpkit": {"lesson": "00"}, "kernelspec": {"name": "R"}})),
    Attack("cells in reverse order", raw=_reordered()),
]

ATTACKS = [*LOOPS, *MEMORY, *PROCESSES, *EXITS, *OUTPUT, *FORGERY, *VALUES, *SPYING, *CHEATING, *ODD, *FILES]
