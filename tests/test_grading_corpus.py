"""What a fresh Jupyter kernel runs top to bottom, the grader runs to the same names and values.

`tests/notebooks/corpus_in_a_kernel.json` holds what ipykernel made of each notebook below; the slow test makes it anew.
To write it: ``BPKIT_WRITE_CORPUS=1 pytest tests/test_grading_corpus.py -m slow``.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bpkit.grading.sandbox import Limits, best_mode, close_spare, take_sandbox

KERNEL = Path(__file__).parent / "notebooks" / "corpus_in_a_kernel.json"
needs_sandbox = pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap")


@dataclass(frozen=True)
class Case:
    """A small notebook.

    Parameters
    ----------
    cells
        Its code cells.
    beside
        Files that are handed in with it, by name.
    elsewhere
        Files that only the learner's machine has.
    differ
        Names that cannot be the same in the grader, and why; it has to doubt them.
    """

    cells: tuple[str, ...]
    beside: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    differ: dict[str, str] = field(default_factory=dict)


NO_PROGRAMS = "no programs in the sandbox"
NO_NETWORK = "no network in the sandbox"
ONLY_THERE = "only the learner's machine has the file or package"
NO_BPKIT = "of bpkit, the sandbox has what answers may call"
NO_SHARED_MEMORY = "no memory that processes share"
CHOSEN = "stands below `if check(…)`, and the same where the check passes"
NO_MAGIC = "a magic that the grader leaves out"

PACKAGE = {"onlyhere.py": "def set_theme():\n    pass\n\nfactor = 3.0\n\n\ndef twice(f):\n    return f\n"}

CORPUS = {
    # ---- magics
    "line magics": Case(("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\nx = 1", "%config InlineBackend.figure_format = 'svg'\ny = x + 1")),
    "time binds": Case(("%time X = 1.0", "Y = %time X + 1\nif True:\n    %time Z = 3")),
    "time of a cell": Case(("%%time\nX = [k * k for k in range(4)]\n%time Y = sum(X)", "%%capture out\n%%time\nprint(X)\nZ = 5")),
    "timeit leaves no names": Case(("%timeit -n1 -r1 hidden = 3\nx = 2", "%%timeit -n1 -r1\ninner = 3\n", "y = 'inner' in globals()")),
    "prun": Case(("%%prun -q\nx = sum(range(10))", "%prun -q y = x + 1")),
    "writefile then import": Case(
        ("%%writefile mine.py\nimport numpy as np\n\n\ndef half(x):\n    return x / 2\n", "from mine import half\nx = half(3)")
    ),
    "append to a file": Case(("%%writefile notes.txt\none\n", "%%writefile -a notes.txt\ntwo\n", "lines = open('notes.txt').read().split()")),
    "run a file": Case(("%run helper.py 1 2\nz = value + 1",), beside={"helper.py": "import sys\n\nvalue = len(sys.argv)\nname = __name__\n"}),
    "run a file inside": Case(("n = 4\n%run -i helper.py",), beside={"helper.py": "value = n * 2\n"}),
    "change the folder": Case(
        ("import os\nos.makedirs('data/deep')\n%cd data\nhere = os.path.basename(os.getcwd())", "%cd -q deep\nthere = os.listdir('..')")
    ),
    "environment": Case(("%env BPKIT_X=7\n%set_env BPKIT_Y 8", "import os\nx = os.environ['BPKIT_X']\ny = %env BPKIT_Y")),
    "reset": Case(("a = 1\n_b = 2", "%reset -f\nc = 3", "gone = 'a' not in globals()")),
    "magics in the middle": Case(
        ("def f(n):\n    return n\n\n\nfor k in range(2):\n    %time y = f(k)\nz = 10 \\\n% 4\ntext = '''\n%time no\n!ls\n'''",)
    ),
    "a magic without its sign": Case(("time x = 3", "y = 4")),
    "help": Case(("len?\nx = 1", "?len\ny = x.bit_length??", "import math\nmath.cos?\nz = math.cos(0)")),
    "a timeit result": Case(("t = %timeit -o -n1 -r1 -q 1 + 1", "x = 2"), differ={"t": NO_MAGIC}),
    # ---- shell
    "continued shell line": Case(("!echo one \\\n   two \\\n   three\nx = 1", "%timeit -n1 -r1 \\\n    1 + 1\ny = 2")),
    "shell lines": Case(('!true\n!echo "it\'s"\nx = 1', "if x:\n    !true\ny = 2", "%%bash\nexit 0", "%%sh\ntrue")),
    "shell output": Case(("said = !echo 3\nx = 1", "n = int(said[0])\ny = 2", "eta = 0.5"), differ={"said": NO_PROGRAMS, "n": NO_PROGRAMS}),
    "a file by the shell": Case(
        ("!echo 5 > five.txt", "with open('five.txt') as file:\n    five = int(file.read())\nEPS = 0.25"),
        differ={"five": NO_PROGRAMS, "file": NO_PROGRAMS},
    ),
    # ---- as the kernel runs a cell
    "last values": Case(("3 * 4", "x = _ + 1", "x;", "y = Out[1]\nz = _1", "len(In) > 3")),
    "indented cell": Case(("    a = 1\n    b = a + 1\n",)),
    "pasted prompts": Case((">>> a = 1\n>>> for k in range(3):\n...     a += k\n",)),
    "windows line ends": Case(("a = 1\r\n%time b = 2\r\nif a:\r\n    c = 3\r\n",)),
    "future across cells": Case(
        ("from __future__ import annotations", "def f(x: not_there) -> neither:\n    return x\n\n\nnote = f.__annotations__['x']\nx = f(2)")
    ),
    "no future": Case(("def f(x: int) -> float:\n    return x\n\n\nplain = f.__annotations__['x'] is int",)),
    "main": Case(("name = __name__\nif __name__ == '__main__':\n    x = 1\n\nf = 'y'\nexec(f + ' = 2')\nglobals()['z'] = 3",)),
    "classes and pickles": Case(
        (
            "import pickle\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Layer:\n    n: int = 3\n\n\ndef f(n):\n    return n\n",
            "import inspect\n\nn = pickle.loads(pickle.dumps(Layer(4))).n\nsource = inspect.getsource(f)",
        )
    ),
    # ---- async
    "await": Case(
        ("import asyncio\nawait asyncio.sleep(0)\nEPS = 0.5", "async def f():\n    await asyncio.sleep(0)\n    return 3\n\n\nX = await f()")
    ),
    "async for and with": Case(
        (
            "async def count(n):\n    for k in range(n):\n        yield k\n\n\ntotal = 0\nasync for k in count(4):\n    total += k",
            (
                "from contextlib import asynccontextmanager\n\n\n"
                "@asynccontextmanager\n"
                "async def one():\n"
                "    yield 1\n\n\n"
                "async with one() as x:\n"
                "    y = x + 1"
            ),
            "squares = [k * k async for k in count(3)]",
        )
    ),
    "tasks": Case(
        (
            (
                "import asyncio\n\n"
                "seen = []\n\n\n"
                "async def note(k):\n"
                "    await asyncio.sleep(0)\n"
                "    seen.append(k)\n"
                "    return k\n\n\n"
                "task = asyncio.create_task(note(1))"
            ),
            "both = await asyncio.gather(note(2), note(3))",
            "first = task.result()\nrunning = asyncio.get_running_loop().is_running()\ndel task",
        )
    ),
    # ---- widgets, display, bars
    "subclass of a widget": Case(
        (
            (
                "import ipywidgets as widgets\n\n\n"
                "class P(widgets.VBox):\n"
                "    def __init__(self, n):\n"
                "        super().__init__([widgets.Label(str(n))])\n"
                "        self.n = n\n\n\n"
                "p = P(3)\n"
                "EPS = 0.5"
            ),
            "n = p.n + len(p.children)\ndel p",
        )
    ),
    "values of widgets": Case(
        (
            (
                "from ipywidgets import Dropdown, FloatSlider, interact\n\n"
                "slider = FloatSlider(value=0.3, max=1)\n"
                "seen = []\n"
                "slider.observe(lambda change: seen.append(change['new']), 'value')\n"
                "slider.value = 0.75\n"
                "eta = slider.value\n"
                "first = Dropdown(options=[5, 6]).value\n"
                "del slider"
            ),
            "called = []\n\n\n@interact(x=(0, 10), flag=True)\ndef show(x, flag):\n    called.append((x, flag))\n",
        )
    ),
    "display": Case(
        (
            (
                "from IPython.display import HTML, Markdown, display, clear_output\n\n"
                "display(HTML('<b>x</b>'), Markdown('y'))\n"
                "clear_output(wait=True)\n"
                "x = 1"
            ),
            "display(3, display_id=True)\ny = 2",
        )
    ),
    "the shell": Case(
        (
            (
                "shell = get_ipython()\n"
                "notebook = shell is not None and shell.__class__.__name__ == 'ZMQInteractiveShell'\n"
                "kernel = 'IPKernelApp' in shell.config\n"
                "shell.run_line_magic('matplotlib', 'inline')\n"
                "del shell"
            ),
            "from IPython import get_ipython\n\nget_ipython().run_cell('made = 4')\nget_ipython().user_ns['put'] = 5\nx = made + put",
        )
    ),
    "own magics": Case(
        (
            (
                "from IPython.core.magic import Magics, line_magic, magics_class\n\n\n"
                "@magics_class\n"
                "class Mine(Magics):\n"
                "    @line_magic\n"
                "    def hi(self, line):\n"
                "        return 1\n\n\n"
                "get_ipython().register_magics(Mine)\n"
                "EPS = 0.5"
            ),
            "x = EPS * 2",
        )
    ),
    "tqdm": Case(
        (
            (
                "from tqdm.notebook import tqdm, trange\n"
                "from tqdm.auto import tqdm as bar\n\n"
                "total = 0\n"
                "for k in tqdm(range(4), desc='epochs', leave=False):\n"
                "    total += k\n"
                "for j in trange(2):\n"
                "    total += 10"
            ),
            "with bar(total=3) as b:\n    b.update(2)\n    b.set_postfix(loss=1)\nn = b.n\ndel b",
        )
    ),
    "pictures": Case(
        (
            (
                "import matplotlib.pyplot as plt\n\n"
                "fig, ax = plt.subplots()\n"
                "ax.plot([1, 2])\n"
                "plt.savefig('x.png')\n"
                "plt.show()\n"
                "lines = len(ax.lines)\n"
                "del fig, ax"
            ),
        )
    ),
    # ---- checks
    "assert check": Case(
        ("import bpkit as bp\n\n\ndef slope(x):\n    return x * x\n\n\nassert bp.check('00.1', slope).passed\nEPS = 0.5", "x = EPS + 1")
    ),
    "if check": Case(
        (
            (
                "import bpkit as bp\n\n"
                "said = bp.check('00.1', lambda x: x * x)\n"
                "if said.passed:\n"
                "    EPS = 0.5\n"
                "assert said.status == 'right' and said.mistake is None\n"
                "done = bool(said)\n"
                "del said"
            ),
            "if bp.check('00.2', [2, 3, 2]).passed:\n    delta = 0.25",
        ),
        differ={"delta": CHOSEN},
    ),
    "made with bpkit": Case(
        ("import bpkit as bp\n\nz = bp.relu(2.0) + 1\nEPS = 0.5", "double = 2 * z\nx = EPS * 2"),
        differ={"z": NO_BPKIT, "double": NO_BPKIT},
    ),
    # ---- processes
    "pool": Case(
        (
            (
                "from multiprocessing import Pool\n\n\n"
                "def square(x):\n"
                "    return x * x\n\n\n"
                "with Pool(2) as pool:\n"
                "    squares = pool.map(square, range(5))\n"
                "del pool"
            ),
            (
                "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n\n"
                "with ThreadPoolExecutor(2) as pool:\n"
                "    doubles = list(pool.map(lambda x: 2 * x, range(3)))\n"
                "with ProcessPoolExecutor(2) as pool:\n"
                "    again = list(pool.map(square, range(3)))\n"
                "del pool"
            ),
        )
    ),
    "queue of processes": Case(
        ("import multiprocessing as mp\n\nq = mp.Queue()\nq.put(3)\ngot = q.get()\ndel q\nEPS = 0.5", "x = EPS * 2"), differ={"got": NO_SHARED_MEMORY}
    ),
    "subprocess": Case(
        ("import subprocess\n\nsaid = subprocess.run(['echo', '3'], capture_output=True, text=True).stdout\nEPS = 0.5",), differ={"said": NO_PROGRAMS}
    ),
    # ---- files
    "helper module": Case(
        ("from mynet import *\nfrom pack.inner import depth\nimport mylib\n\nx = half(5) + depth\nmine = mylib.mine",),
        beside={
            "mynet.py": "import numpy as np\n\n\ndef half(x):\n    return x / 2\n",
            "pack/__init__.py": "",
            "pack/inner.py": "depth = 3\n",
            "mylib.py": "mine = True\n",
        },
    ),
    "data beside": Case(
        (
            "import json\n\nwith open('points.json') as file:\n    points = json.load(file)\ntotal = sum(points)\ndel file",
            "import numpy as np\n\nx = np.loadtxt('data/table.csv', delimiter=',').sum()",
        ),
        beside={"points.json": "[1, 2, 3]", "data/table.csv": "1,2\n3,4\n"},
    ),
    "own files": Case(
        (
            (
                "import os\n"
                "from pathlib import Path\n\n"
                "os.makedirs('out', exist_ok=True)\n"
                "Path('out/a.txt').write_text('one')\n"
                "import numpy as np\n\n"
                "np.save('w.npy', np.arange(3))"
            ),
            "files = sorted(os.listdir())\nw = np.load('w.npy').tolist()\ntext = Path('out/a.txt').read_text()",
        )
    ),
    # ---- what only the learner has, above a constant
    "missing package": Case(
        (
            "import onlyhere\n\nonlyhere.set_theme()\nEPS = 0.5",
            "x = EPS * 2\ny = onlyhere.factor * 2",
            "\n@onlyhere.twice\ndef f(x):\n    return x + y\n",
        ),
        elsewhere=PACKAGE,
        differ={"y": ONLY_THERE, "f": ONLY_THERE},
    ),
    "missing file": Case(
        (
            (
                "import numpy as np\n\n"
                "eta = 0.1\n"
                "EPS = 0.25\n"
                "data = np.loadtxt('only.csv')\n"
                "total = data.sum()\n"
                "scale = 2.0\n\n\n"
                "def f(x):\n"
                "    return x * scale\n"
            ),
            "mean = total / 3\nK = scale + 1\neta = data[0]",
        ),
        elsewhere={"only.csv": "1\n2\n3\n"},
        differ={"data": ONLY_THERE, "total": ONLY_THERE, "mean": ONLY_THERE, "eta": ONLY_THERE},
    ),
    "filled from a missing file": Case(
        (
            "rows = []\nn = 0\nwith open('only.csv') as file:\n    for line in file:\n        rows.append(float(line))\n        n += 1\nK = 3",
            "m = len(rows)\nx = K + 1",
        ),
        elsewhere={"only.csv": "1\n2\n3\n"},
        differ={"rows": ONLY_THERE, "n": ONLY_THERE, "m": ONLY_THERE, "file": ONLY_THERE, "line": ONLY_THERE},
    ),
    "network": Case(
        (
            (
                "import urllib.request\n\n"
                "EPS = 0.5\n"
                "try:\n"
                "    page = urllib.request.urlopen('http://localhost:9/', timeout=1).status\n"
                "except OSError:\n"
                "    page = None"
            ),
            "import socket\n\ns = socket.socket()\nkind = s.type.name\ns.close()\ndel s\nx = 2",
        ),
        differ={"kind": NO_NETWORK},
    ),
    "fails in a kernel too": Case(
        ("x = 1\ny = not_there\n", "z = x + 1", "try:\n    import not_there_either\nexcept ImportError:\n    w = 0", "n = int(input('how many? '))"),
    ),
    # ---- more of every kind
    "all of display": Case(("from IPython.display import *\ndisplay(HTML('x'))\nx=1",)),
    "arguments and logging": Case(
        (
            (
                "import logging, argparse, sys\n"
                "logging.basicConfig()\n"
                "log = logging.getLogger('x').level\n"
                "args = vars(argparse.ArgumentParser().parse_args([]))\n"
                "n = len(sys.argv) > 0"
            ),
        )
    ),
    "outputs and underscores": Case(
        (
            "%who\n%whos\n%history -n 1\nx = 1",
            "x;",
            "y = 5\ny",
            "z = _ + 1",
            "z",
            "w = _ + __",
            "'''doc'''",
            "q = _",
        )
    ),
    "newer statements": Case(
        (
            (
                "x: int = 3\n"
                "y: 'float'\n"
                "z = __annotations__['x'] is int\n"
                "if (n := 4) > 3:\n"
                "    m, *rest = range(n)\n"
                "match m:\n"
                "    case 0:\n"
                "        k = 'zero'"
            ),
        )
    ),
    "seeds": Case(
        (
            (
                "import random\n"
                "import numpy as np\n"
                "random.seed(1)\n"
                "r = random.random()\n"
                "np.random.seed(0)\n"
                "v = np.random.randn(3)\n"
                "g = np.random.default_rng(3).normal(size=2)"
            ),
        )
    ),
    "magics through the shell": Case((("get_ipython().run_cell_magic('time', '', 'q = 3')\nget_ipython().run_line_magic('time', 'r = 4')\nx = 5"),)),
    "widgets at work": Case(
        (
            (
                "import ipywidgets as w\n"
                "out = w.Output()\n"
                "with out:\n"
                "    print(1)\n"
                "    k = 3\n"
                "f = lambda x: x * 2\n"
                "m = w.interactive(f, x=3)\n"
                "res = m.result\n"
                "val = m.children[0].value\n"
                "w.jslink((m.children[0], 'value'), (w.IntText(), 'value'))\n"
                "b = w.Button(description='go')\n"
                "hits = []\n"
                "b.on_click(lambda b: hits.append(1))\n"
                "b.click()\n"
                "del out, m, b, f"
            ),
        )
    ),
    "helpers every way": Case(
        (
            (
                "exec(open('helper.py').read())\n"
                "import helper, importlib, sys\n"
                "importlib.reload(helper)\n"
                "sys.path.append('lib')\n"
                "import deep\n"
                "x = value + deep.y"
            ),
            "from helper import *\nfrom pkg import sub\ns = sub.s",
        ),
        beside={
            "helper.py": "__all__ = ['value']\nvalue = 3\nhidden = 4\n",
            "lib/deep.py": "y = 5",
            "pkg/__init__.py": "",
            "pkg/sub.py": "from . import other\ns = other.t + 1",
            "pkg/other.py": "t = 1",
        },
    ),
    "shell and cell magics of all kinds": Case(
        (
            "!pip install -q numpy && echo done\n!cd . && ls | wc -l\n!!ls\nx = 1",
            "%pip install \\\n   numpy \\\n   -q\n%sx ls\ny = 2",
            "# a comment\n",
            "",
            "%%bash --bg\nls",
            "%%html\n<b>",
            "%%javascript\nalert(1)",
            "%%latex\n$x$",
            "%%markdown\nx",
            "%%svg\n<svg/>",
        )
    ),
    "one package or the other": Case(
        (
            (
                "try:\n"
                "    import cupy as xp\n"
                "except ImportError:\n"
                "    import numpy as xp\n"
                "name = xp.__name__\n"
                "try:\n"
                "    import google.colab\n"
                "    IN_COLAB = True\n"
                "except ImportError:\n"
                "    IN_COLAB = False"
            ),
        )
    ),
    "warnings and errors of numpy": Case(
        (
            (
                "import warnings\n"
                "warnings.filterwarnings('error')\n"
                "import numpy as np\n"
                "np.seterr(all='raise')\n"
                "try:\n"
                "    np.log(0.0)\n"
                "    x = 1\n"
                "except FloatingPointError:\n"
                "    x = 2\n"
                "try:\n"
                "    warnings.warn('a')\n"
                "    y = 1\n"
                "except UserWarning:\n"
                "    y = 2"
            ),
        )
    ),
    "threads": Case(
        (
            (
                "import threading\n"
                "seen = []\n"
                "t = threading.Thread(target=lambda: seen.append(1))\n"
                "t.start(); t.join()\n"
                "del t\n"
                "import queue\n"
                "q = queue.Queue(); q.put(3)\n"
                "g = q.get()\n"
                "del q"
            ),
        )
    ),
    "a process": Case(
        (
            (
                "import multiprocessing as mp, os\n"
                "if __name__ == '__main__':\n"
                "    p = mp.Process(target=os.getpid)\n"
                "    p.start(); p.join()\n"
                "    code = p.exitcode\n"
                "del p"
            ),
        )
    ),
    "versions": Case((("import IPython, sys\nnew = IPython.version_info[0] >= 7\nmajor = int(IPython.__version__.split('.')[0]) > 6\nx = 1"),)),
    "values in blocks": Case(
        (
            "for k in range(3):\n    k\nx = 2\nif x: x",
            "y = 4\ny\n",
            "z = _\n%time 5 + 5",
            "o = sorted(Out)",
        )
    ),
    "semicolons": Case(
        (
            "3;\n",
            "4\n# c",
            "5 # x;",
            "o = sorted(Out)\nlast = _",
        )
    ),
    "the main module": Case(
        (("import __main__\nq = 3\nsame = __main__.q == 3\nname = __main__.__name__\nimport sys\nmod = sys.modules['__main__'] is __main__"),)
    ),
    "whether it is a notebook": Case(
        (
            (
                "try:\n"
                "    __IPYTHON__\n"
                "    notebook = True\n"
                "except NameError:\n"
                "    notebook = False\n"
                "import sys\n"
                "kernel = 'ipykernel' in sys.modules\n"
                "known = hasattr(__builtins__, '__IPYTHON__')\n"
                "name = get_ipython().__class__.__name__"
            ),
        )
    ),
    "coroutines together": Case(
        (
            "import asyncio\nasync def f(k):\n    await asyncio.sleep(0)\n    return k * 2",
            "r = await asyncio.gather(*(f(k) for k in range(3)))\nxs = [await f(i) for i in range(2)]",
            "try:\n    v = asyncio.run(f(1))\nexcept RuntimeError:\n    v = 'a loop runs'",
        )
    ),
    "a package in a folder of its own": Case(
        (
            "import sys, os\nsys.path.insert(0, os.path.join(os.getcwd(), 'src'))\nfrom mynet.layers import relu\nv = relu(-1)",
            "%%writefile src/mynet/rate.py\neta = 0.5\n",
            "from mynet import rate\neta = rate.eta\ndel rate",
        ),
        beside={"src/mynet/__init__.py": "", "src/mynet/layers.py": "def relu(x):\n    return max(0, x)\n"},
    ),
    "no file": Case((("try:\n    here = __file__\nexcept NameError:\n    here = 'none'\nimport os\ncwd_in_path = '' in __import__('sys').path"),)),
    "decorators": Case(
        (
            (
                "from functools import lru_cache, wraps\n"
                "def log(f):\n"
                "    @wraps(f)\n"
                "    def g(*a):\n"
                "        return f(*a) + 1\n"
                "    return g\n"
                "@log\n"
                "@lru_cache\n"
                "def fib(n):\n"
                "    return n if n < 2 else fib(n - 1)\n"
                "v = fib(3)"
            ),
        )
    ),
    "traits": Case(
        (
            (
                "import traitlets\n"
                "class H(traitlets.HasTraits):\n"
                "    n = traitlets.Int(3)\n"
                "h = H()\n"
                "seen = []\n"
                "h.observe(lambda c: seen.append(c.new), 'n')\n"
                "h.n = 5\n"
                "v = h.n\n"
                "del h"
            ),
        )
    ),
    "prompts of IPython": Case(("In [1]: a = 3\n   ...: b = 4\n",)),
    "kinds of classes": Case(
        (
            (
                "from dataclasses import dataclass\n"
                "from typing import NamedTuple\n"
                "from enum import Enum\n"
                "@dataclass\n"
                "class P:\n"
                "    x: float\n"
                "    y: float = 2.0\n"
                "class C(Enum):\n"
                "    A = 1\n"
                "class T(NamedTuple):\n"
                "    a: int\n"
                "p = P(1).y + T(3).a + C.A.value"
            ),
        )
    ),
}

# run last in both: what the names stand for, as text
REPORT = """
def corpus_report():
    import json
    import types

    def show(value):
        if callable(value):
            return f"callable {value.__name__}"
        if type(value).__module__ == "numpy":
            return f"numpy {value.tolist()}"
        return repr(value) if isinstance(value, (int, float, str, bytes, list, tuple, dict, set, type(None))) else type(value).__name__

    skip = {"In", "Out", "exit", "quit", "open", "get_ipython", "display", "np", "bp", "corpus_report", "corpus_answer"}
    return json.dumps({name: show(value) for name, value in globals().items()
        if not name.startswith("_") and name not in skip and not isinstance(value, types.ModuleType)
        and not (callable(value) and value.__module__ != "__main__")}, sort_keys=True)
"""


def in_a_kernel(case: Case, folder: Path) -> dict[str, str]:
    """The notebook's names and values, run top to bottom in a fresh kernel."""
    import nbclient
    import nbformat

    for name, text in (case.beside | case.elsewhere).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    cells = [nbformat.v4.new_code_cell(source) for source in (*case.cells, REPORT, "print(corpus_report())")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=300, startup_timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    return json.loads(
        "".join(output["text"] for output in notebook.cells[-1]["outputs"] if output["output_type"] == "stream" and output["name"] == "stdout")
    )


def in_the_grader(case: Case, names: set[str]) -> tuple[dict[str, str], set[str], dict[str, Any]]:
    """The same in the sandbox; which of the given names the grader doubts; and the errors of cells."""
    answer = f"def corpus_answer():\n    if not corpus_report:\n        return {', '.join(sorted(names)) or None}\n    return corpus_report()\n"
    job = {
        "cells": [*case.cells, REPORT, answer],
        "files": {name: base64.b64encode(text.encode()).decode() for name, text in case.beside.items()},
        "sources": {},
        "allowed": {},
        "exercises": [{"name": "corpus_answer", "driver": "call", "cases": [[]], "seconds": 2.0}],
    }
    sandbox = take_sandbox(best_mode())
    try:
        replies = sandbox.run(json.dumps(job).encode(), Limits(seconds=60).for_job(1))
    finally:
        sandbox.close()
    payload = json.loads(replies.payloads[0])
    errors = [error for body in replies.notes for line in body.splitlines() for error in json.loads(line).get("errors", [])]
    return json.loads(payload["records"][0]["returned"]["text"]), {name for name, *_ in payload["doubtful"]}, {"errors": errors}


@pytest.fixture(scope="module", autouse=True)
def _sandboxes_end() -> Iterator[None]:
    yield
    close_spare()


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("name", CORPUS)
def test_the_grader_runs_a_notebook_to_the_names_of_a_kernel(name: str):
    case, kernel = CORPUS[name], json.loads(KERNEL.read_text(encoding="utf-8"))[name]
    grader, doubtful, told = in_the_grader(case, set(kernel))
    same = {name: value for name, value in kernel.items() if name not in case.differ}
    assert {name: value for name, value in grader.items() if name not in case.differ} == same, told
    assert not doubtful & set(same), f"doubted and the same: {told}"
    for differs in case.differ:
        assert differs in kernel and (differs in doubtful or grader.get(differs) == kernel[differs]), f"{differs}: {grader.get(differs)}, undoubted"


@pytest.mark.slow
def test_a_kernel_makes_of_the_corpus_what_is_written_down(tmp_path: Path):
    found = {}
    for number, (name, case) in enumerate(CORPUS.items()):
        (folder := tmp_path / str(number)).mkdir()
        found[name] = in_a_kernel(case, folder)
    if os.environ.get("BPKIT_WRITE_CORPUS"):
        KERNEL.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(KERNEL.read_text(encoding="utf-8"))
