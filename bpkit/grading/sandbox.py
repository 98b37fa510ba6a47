"""Runs a submission's code behind bubblewrap and brings back what it wrote, without believing any of it."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, Literal

from bpkit.errors import CourseError

from .programs import Copy, Program, can_tell_processes, first_word, told_by_whom
from .student_ids import StudentId

Mode = Literal["nested", "single", "none"]

_FRAME = struct.Struct("<iI")
_NOTES, _SUMMARY = -1, -2
_MAX_FRAME = 2_500_000
_MAX_TOTAL = 32_000_000
_TICK = 0.05  # seconds between two looks at the memory of a submission
_GRACE = 5.0  # seconds beyond a submission's limit after which the grader itself ends it

# What a submission may import beside the standard library, where the grader has it: numpy, what learners compute and draw with,
# and what these need in turn. Only these places are shown to the sandbox, so that nothing else installed here is.
_MODULES = (
    *("numpy", "matplotlib", "mpl_toolkits", "pylab", "contourpy", "cycler", "dateutil", "fontTools", "kiwisolver", "packaging", "PIL"),
    *("pyparsing", "six", "scipy", "pandas", "pytz", "tzdata", "sympy", "mpmath", "tqdm", "ipywidgets", "traitlets", "comm"),
)
_SHARED_LIBRARIES = ("numpy", "scipy", "pandas", "matplotlib", "contourpy", "kiwisolver", "pillow")
_PRELOAD = {"matplotlib": "matplotlib.pyplot", "random": "numpy.random", "scipy": "scipy", "pandas": "pandas"}

# what is imported stays, so that the collector would look through it again and again for nothing
_BOOT = "import gc, sys; gc.disable(); sys.path.insert(0, {!r}); import inside.still; from inside.zygote import main; main()"

INSTALL = "install it with: sudo apt install bubblewrap (Fedora: dnf, Arch: pacman -S), or grade on a machine that has it"


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    seconds
        Wall time of the whole submission. Its cells may compute for half of it, its exercises share the other half: what
        they are given is processor time, so that grades do not depend on what else the machine does.
    memory
        Address space of each of its processes, in MB; all together may hold twice that.
    disk
        Its private /tmp and its largest file, in MB.
    processes
        Processes and threads at one time.
    """

    seconds: float = 60.0
    memory: int = 1024
    disk: int = 32
    processes: int = 16

    def for_job(self, exercises: int) -> dict[str, Any]:
        """The limits as the sandbox takes them."""
        return {
            "exercises": exercises,
            "seconds": self.seconds,
            "crowding": crowding(),
            "cell_seconds": self.seconds / 8,
            "cells_seconds": self.seconds / 2,
            "exercise_seconds": self.seconds / 2 / max(exercises, 1),
            "memory": self.memory << 20,
            "disk": self.disk << 20,
            "processes": self.processes,
        }


@dataclass(frozen=True)
class Parts:
    """What all submissions with some exercises have in common: a name for it, the exercises, and the parts of bpkit that these may call."""

    name: str
    content: dict[str, Any]


@dataclass
class Replies:
    """What came back from one submission: bytes and claims of its own, to be read without trust."""

    payloads: dict[int, bytes] = field(default_factory=dict)  # by the exercise's number in the job
    notes: list[bytes] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    stopped: str = ""  # why the grader ended it, where it did
    lost: str = ""  # how the sandbox ended under it, where it did: from outside, as nothing in it can end it


# ---- whose turn it is on the processors --------------------------------------------------------------------------------

_MOST_CROWDED = 4.0
_shares = [1]  # how many sandboxes of this process work at a time
_places: dict[int, Sandbox] = {}  # which of these shares is whose
_placing = threading.Lock()


def share_processors(sandboxes: int) -> None:
    """Give each of so many sandboxes processors of its own, so that what one hand-in starts takes no time from another's."""
    _shares[0] = max(sandboxes, 1)


def processors_of(place: int, shares: int, there: Sequence[int]) -> list[int]:
    """The processors of one share; where there are fewer processors than shares, some have the same one.

    Examples
    --------
    >>> processors_of(0, 2, [0, 1, 2]), processors_of(1, 2, [0, 1, 2])
    ([0], [1, 2])
    >>> processors_of(2, 3, [4, 5])
    [4]
    """
    place, count = place % shares, len(there)
    return list(there[place * count // shares : (place + 1) * count // shares] if shares <= count else there[place % count :][:1])


def crowding() -> float:
    """How many programs wait for each processor here, between 1 and a bound: so much longer may pass until something is done."""
    if not hasattr(os, "sched_getaffinity"):
        return 1.0
    return min(max(os.getloadavg()[0] / len(os.sched_getaffinity(0)), 1.0), _MOST_CROWDED)


# ---- what the sandbox sees -------------------------------------------------------------------------------------------


@cache
def _libraries() -> dict[str, Path]:
    """The places of `_MODULES`, and of the shared libraries that their wheels put beside them, by name."""
    found: dict[str, Path] = {}
    for module in _MODULES:
        spec = importlib.util.find_spec(module)
        if spec is None or not (spec.origin or spec.submodule_search_locations):
            continue
        place = Path(next(iter(spec.submodule_search_locations))) if spec.submodule_search_locations else Path(str(spec.origin))
        if place.parent.name in ("site-packages", "dist-packages"):  # a file of that name in the current folder is somebody else's
            found[place.name] = place
    for parent in {place.parent for place in found.values()}:
        found |= {path.name: path for name in _SHARED_LIBRARIES if (path := parent / f"{name}.libs").is_dir()}
    return found


def _inside_files() -> tuple[Path, Path]:
    here = Path(__file__).resolve().parent
    return here / "inside", here.parent / "exercises" / "run.py"


def _compile_ahead(modules: Sequence[Path]) -> None:
    """See to it that modules lie compiled beside their sources: a sandbox cannot write, and each would compile them anew."""
    if not sys.dont_write_bytecode:
        for path in modules:
            SourceFileLoader(path.stem, str(path)).get_code(path.stem)


def _python() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _system_libraries() -> list[str]:
    """Where the system's shared libraries lie: as narrow as it can be said, as anything may be installed below /usr/lib."""
    kind = sysconfig.get_config_var("MULTIARCH") or ""
    narrow = [f"{place}/{kind}" for place in ("/usr/lib", "/lib") if kind and os.path.isdir(f"{place}/{kind}")]
    return [*narrow, "/usr/lib/locale"] if narrow else ["/usr/lib", "/usr/lib64", "/lib"]


def _places_of_packages(place: str) -> list[str]:
    """What is called *-packages in a place, in its python*, and in the python* of its folders; each folder is read once."""
    found = []
    for entry in _inside(place):
        if entry.name.endswith("-packages"):
            found.append(entry.path)
        for below in _inside(entry.path) if entry.is_dir() else ():
            if below.name.endswith("-packages") and entry.name.startswith("python"):
                found.append(below.path)
            if below.name.startswith("python"):
                found += [deep.path for deep in _inside(below.path) if deep.name.endswith("-packages")]
    return [os.path.relpath(path, place) for path in found]


def _inside(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except OSError:  # no folder, or not for us
        return []


def hidden(bound: Sequence[str], needed: Sequence[str], searched: Sequence[Path], package: Path) -> list[str]:
    """What to cover of the places that a submission sees, so that no copy of the exercises is among it.

    Parameters
    ----------
    bound
        The places that it sees.
    needed
        What the interpreter has to find there.
    searched
        Where this interpreter looks for modules.
    package
        bpkit itself.
    """
    below = cache(_places_of_packages)  # one place may have several names
    found = {Path(place, path) for place in bound for path in below(os.path.realpath(place))}
    for path in (*searched, package.parent, package):
        for form in {path, path.resolve()}:
            if form.is_dir() and any(form.is_relative_to(place) for place in bound) and not any(Path(name).is_relative_to(form) for name in needed):
                found.add(form)
    covered = any(package.is_relative_to(path) for path in found)
    if not covered and any(package.is_relative_to(place) for place in bound):
        raise CourseError(f"bpkit lies in {package.parent}, which submissions would see; install it in an environment of its own")
    return sorted(map(str, found - {path for path in found if any(path != other and path.is_relative_to(other) for other in found)}))


@cache
def _bubblewrap_command(mode: Mode) -> tuple[str, ...]:
    """bubblewrap with a file system of the interpreter, the shared libraries, numpy and two files of ours."""
    root = os.geteuid() == 0
    prefix = sys.base_prefix
    command = ["bwrap", "--die-with-parent", "--new-session", "--clearenv"]
    if root:
        # submissions get user ids of their own, which a user namespace that maps one id would not let the zygote give:
        # no limit on processes holds for root's id
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL"]
        for capability in ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL"):
            command += ["--cap-add", capability]
    else:
        command += ["--unshare-all", *(["--cap-add", "CAP_SYS_ADMIN"] if mode == "nested" else [])]
    if mode == "single":
        command += ["--as-pid-1"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    places = [*_system_libraries(), "/lib64", *(f"{prefix}/{name}" for name in ("lib", "lib64") if prefix != "/usr"), sysconfig.get_path("stdlib")]
    bound = [place for place in dict.fromkeys(places) if os.path.isdir(place)]
    inside, run = _inside_files()
    _compile_ahead([*inside.glob("*.py"), run])
    files = {place: place for place in bound} | {_python(): _python(), "/inside/inside": str(inside), "/inside/run.py": str(run)}
    files |= {f"/packages/{name}": str(path.resolve()) for name, path in _libraries().items()}
    if (compiled := Path(importlib.util.cache_from_source(str(run)))).exists():
        files[f"/inside/__pycache__/{compiled.name}"] = str(compiled)
    if os.path.exists("/etc/ld.so.cache"):
        files["/etc/ld.so.cache"] = "/etc/ld.so.cache"
    # no /dev/zero: mapped, it is memory that stays where no count of a process's pages finds it
    devices = [f"/dev/{name}" for name in ("null", "random", "urandom")]
    # bubblewrap makes missing folders for their owner alone
    parents = {str(parent) for place in (*files, *devices) for parent in Path(place).parents}
    for parent in sorted(parents - {"/"}):
        command += ["--perms", "0755", "--dir", parent]
    for place, source in files.items():
        command += ["--ro-bind", source, place]
    for device in devices:
        command += ["--dev-bind", device, device]
    modules = f"{sysconfig.get_path('stdlib')}/lib-dynload"  # it is searched, too
    for place in hidden(bound, [*files, modules], [*map(Path, sys.path)], Path(__file__).resolve().parents[1]):
        command += ["--tmpfs", place, "--remount-ro", place]
    return (*command, "--size", str(64 << 20), "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp", "--")


def _environment() -> dict[str, str]:
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}
    # a fixed hash seed, so that a set has the same order each time it is graded
    fixed = {"HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp"}
    return threads | fixed


# ---- one sandbox -----------------------------------------------------------------------------------------------------


def _launch(sandboxes: Sequence[Sandbox]) -> None:
    """Begin to start one interpreter for sandboxes of one kind; where they are several, each gets a copy of it."""
    mode = sandboxes[0].mode
    sealed, folder = mode != "none", None
    inside, run = (Path("/inside/inside"), Path("/inside/run.py")) if sealed else _inside_files()
    site = ["/packages"] if sealed else [str(path) for path in dict.fromkeys(path.parent for path in _libraries().values())]
    pairs = [told_by_whom() for _ in sandboxes]
    told = [sandbox._begin(*pair) for sandbox, pair in zip(sandboxes, pairs, strict=True)]
    config = {"mode": mode, "site": site, "run": str(run), "sandboxes": told}
    python = [_python(), "-P", "-s", "-S", "-B", "-c", _BOOT.format(str(inside.parent)), json.dumps(config)]
    command = [*_bubblewrap_command(mode), *python] if sealed else python
    if sys.platform == "linux":
        # where memory runs out on the whole machine, this goes first
        command = ["/bin/sh", "-c", 'echo 1000 >/proc/self/oom_score_adj 2>/dev/null; exec "$@"', "sh", *command]
    environment = {"PATH": os.environ.get("PATH", os.defpath)} | _environment()
    if not sealed:
        folder = tempfile.TemporaryDirectory(prefix="bpkit-")
        environment |= {"HOME": folder.name, "MPLCONFIGDIR": folder.name}
    program = Program(command, [theirs.fileno() for _, theirs in pairs], environment, folder)
    for sandbox, (_, theirs) in zip(sandboxes, pairs, strict=True):
        sandbox._program = program
        theirs.close()


class SandboxBroken(Exception):
    """The sandbox itself did not start or answer; says what it said."""


class _Refused(Exception):
    """The submission has taken more than it may; says of what."""


class Sandbox:
    """A warm interpreter that runs one submission at a time, each in processes that share nothing with the next.

    Parameters
    ----------
    mode
        ``"nested"``: one bubblewrap, and in it fresh namespaces for each submission; ``"single"``: a bubblewrap for each
        submission, where namespaces cannot be nested; ``"none"``: no isolation at all.
    """

    _count = itertools.count()  # of jobs

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self._student: StudentId | None = None
        self._ready = False
        self._prepared: set[str] = set()  # the parts that it has
        self._read: set[str] = set()  # and those whose lesson's cells it has read
        self._program: Program | None = None
        self._copy: Copy | None = None  # of that program, where other sandboxes have some of it, too
        self._control: socket.socket | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self) -> None:
        """Begin to start the interpreter, if it does not run; `run` waits until it is there."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            _launch([self])

    @property
    def _process(self) -> subprocess.Popen[bytes] | Copy | None:
        """The process that all others of this sandbox descend from."""
        return self._copy or (self._program.process if self._program else None)

    def _begin(self, mine: socket.socket, theirs: socket.socket) -> dict[str, Any]:
        """What the interpreter is told of this sandbox, with which it talks over a pair of sockets."""
        self._control = mine
        self._student = StudentId() if self.mode != "none" and os.geteuid() == 0 else None  # no limit on processes holds for root's own
        return {"control": theirs.fileno(), "uid": self._student.number if self._student else None, "processors": self._processors()}

    def _processors(self) -> list[int]:
        """Take the first share of the processors that no other sandbox has; empty where there is no such thing."""
        if not hasattr(os, "sched_getaffinity"):
            return []
        with _placing:
            place = next(place for place in itertools.count() if _places.get(place, self) is self)
            _places[place] = self
        return processors_of(place, _shares[0], sorted(os.sched_getaffinity(0)))

    def _await_ready(self) -> None:
        self.launch()
        if not self._ready:
            assert self._control is not None and self._program is not None
            try:
                pid = first_word(self._control, 60)
                self._copy = Copy(pid) if self._program.served > 1 else None
            except OSError:
                said = self._program.last_words()
                self.close()
                raise SandboxBroken(said or "it ended without a word") from None
        self._ready = True

    def _listen(self, seconds: float) -> bytes | None:
        """The zygote's next word, or None where none comes."""
        assert self._control is not None
        self._control.settimeout(seconds)
        try:
            return self._control.recv(4096) or None
        except OSError:
            return None

    def run(self, work: bytes, limits: dict[str, Any], text: str = "", parts: Parts | None = None) -> Replies:
        """Run one submission's cells and exercises.

        Parameters
        ----------
        work
            The submission's part of the job as JSON.
        limits
            `Limits.for_job`.
        text
            The submission's text, to see which slow imports are worth having ready.
        parts
            The rest of the job.

        Raises
        ------
        SandboxBroken
            If the sandbox cannot be started.
        """
        self._await_ready()
        assert self._control is not None
        preload = [module for name, module in _PRELOAD.items() if name in text]
        job, replies = next(self._count), Replies()
        prepare = {parts.name: parts.content} if parts and parts.name not in self._prepared else {}
        self._prepared |= prepare.keys()
        # not where nobody handed in any of these cells: reading them takes as long as a hand-in
        read = [parts.name] if parts and parts.name not in self._read and any(cell in text for cell in parts.content["given"]) else []
        self._read.update(read)
        said = {**limits, "preload": preload, "parts": parts.name if parts else "", "prepare": prepare, "read": read, "job": job}
        mine, theirs = socket.socketpair()
        try:
            with mine:
                with theirs:
                    line = json.dumps(said).encode() + b"\n"
                    sent = socket.send_fds(self._control, [line], [theirs.fileno()])
                    self._control.sendall(line[sent:])
                deadline = time.monotonic() + limits["seconds"] + _GRACE
                _talk(mine, work, replies, deadline, lambda: self._check_memory(2 * limits["memory"]))
        except OSError as error:
            replies.lost = str(error)
        except _Refused as error:
            replies.stopped = str(error)
        except BaseException:
            self.close()  # what it is in the middle of is nobody's any more, and the next submission gets another
            raise
        if replies.lost or self.mode == "single":
            self.close()
        else:
            self._settle(job)
        return replies

    def _check_memory(self, most: int) -> None:
        """Refuse a submission whose processes together hold more than they may: the limit of each does not bound their sum.

        Raises
        ------
        _Refused
            If they do.
        """
        assert self._process is not None
        places, todo = [], [self._process.pid]
        while todo:
            place = Path(f"/proc/{todo.pop()}")
            with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile, or this is not Linux
                todo += [int(child) for task in (place / "task").iterdir() for child in (task / "children").read_text().split()]
                places.append(place)
        if sum(map(_pages_of, places)) <= most:
            return
        # what several hold together was counted several times; telling that takes longer
        held = sum(_share_of(place) for place in places)
        if held > most:
            raise _Refused(f"its processes together held {held >> 20} MB of memory")

    def _settle(self, job: int) -> None:
        """See to it that nothing of the submission is left: the interpreter has to say so of this very job."""
        assert self._control is not None
        if not self._is_done(job):
            with contextlib.suppress(OSError):
                self._control.sendall(b"stop\n")
            if not self._is_done(job):
                self.close()

    def _is_done(self, job: int) -> bool:
        return read_json(self._listen(_GRACE) or b"") == {"done": job}

    def close(self) -> None:
        """End the interpreter and everything in it."""
        self._ready = False
        self._prepared.clear()
        self._read.clear()
        with _placing:
            for place in [place for place, sandbox in _places.items() if sandbox is self]:
                del _places[place]
        if self._control is not None:
            self._control.close()  # it ends when nobody can send it work any more
            self._control = None
        if self._copy is not None:
            self._copy.end()
            self._copy = None
        if self._program is not None:
            self._program.leave()
            self._program = None
        if self._student is not None:
            self._student.close()  # none of its processes is left
            self._student = None


def _kilobytes(path: Path, names: tuple[str, ...]) -> int:
    """The sum of some lines of a file in /proc, in bytes; 0 where it cannot be read or has none of them.

    Examples
    --------
    >>> _kilobytes(Path("/proc/nobody/status"), ("VmSwap",))
    0
    """
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.split(":")[0] in names)


def _pages_of(place: Path) -> int:
    """The memory that a process has in use and that is no file's: at least as much as is its own."""
    return _kilobytes(place / "status", ("RssAnon", "RssShmem", "VmSwap", "HugetlbPages"))


def _share_of(place: Path) -> int:
    """The same, with its share only of what it holds together with others."""
    share = _kilobytes(place / "smaps_rollup", ("Pss_Anon", "Pss_Shmem", "SwapPss"))
    return share + _kilobytes(place / "status", ("HugetlbPages",)) if share else _pages_of(place)


def _talk(
    link: socket.socket,
    work: bytes,
    replies: Replies,
    deadline: float,
    check: Callable[[], None],
) -> None:
    """Send the job and read frames until the last, within the limits of time and size."""
    link.setblocking(False)
    poller = select.poll()
    outgoing = memoryview(_FRAME.pack(0, len(work)) + work)
    incoming, total = bytearray(), 0
    poller.register(link, select.POLLIN | select.POLLOUT)
    look = time.monotonic() + _TICK
    while True:
        now = time.monotonic()
        if now > deadline:
            raise _Refused("it did not end in time")
        if now > look:
            check()
            look = time.monotonic() + _TICK
        events = poller.poll(min(deadline - now, _TICK) * 1000)
        for _, event in events:
            if event & select.POLLOUT and outgoing:
                outgoing = outgoing[link.send(outgoing[: 1 << 16]) :]
                if not outgoing:
                    poller.modify(link, select.POLLIN)
            if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                piece = link.recv(1 << 18)
                if not piece:
                    raise ConnectionError("its sandbox ended before it had answered")
                incoming += piece
                total += len(piece)
        if total > _MAX_TOTAL:
            raise _Refused("it wrote more than it may")
        while len(incoming) >= _FRAME.size:
            tag, size = _FRAME.unpack_from(incoming)
            if size > _MAX_FRAME:
                raise _Refused("it wrote more than it may")
            if len(incoming) < _FRAME.size + size:
                break
            body = bytes(incoming[_FRAME.size : _FRAME.size + size])
            del incoming[: _FRAME.size + size]
            if tag == _SUMMARY:
                summary = read_json(body)
                replies.summary = summary if isinstance(summary, dict) else {}
                return
            if tag == _NOTES:
                replies.notes.append(body)
            elif 0 <= tag < 1000:
                replies.payloads.setdefault(tag, body)


def read_json(body: bytes) -> Any:
    """Parse bytes that anyone may have written; None where they are not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError, MemoryError):
        return None


# ---- which mode works here -------------------------------------------------------------------------------------------


# sandboxes that were started ahead of need, or to see whether they work
_spare: list[Sandbox] = []


def launch_ahead(count: int) -> None:
    """Begin to start so many sandboxes, while there is other work to do; of the kind that is most likely to work."""
    with contextlib.suppress(OSError):  # what is in the way is told when one is needed
        sandboxes = [Sandbox("nested") for _ in range(count - len(_spare))]
        _spare.extend(sandboxes)  # which are closed whatever happens
        for together in [sandboxes] if can_tell_processes() else [[sandbox] for sandbox in sandboxes]:
            if together:
                _launch(together)


def take_sandbox(mode: Mode) -> Sandbox:
    """A sandbox of that kind: one that was started ahead, or a new one. Whoever takes it closes it."""
    while _spare:
        sandbox = _spare.pop()
        if sandbox.mode == mode:
            return sandbox
        sandbox.close()
    return Sandbox(mode)


def close_spare() -> None:
    """End the sandboxes that nobody took."""
    while _spare:
        _spare.pop().close()


def _works(sandbox: Sandbox) -> str:
    """Run a tiny job; an empty text if it comes back as it should, else what went wrong."""
    job = {"cells": ["answer = 6 * 7"], "sources": {}, "allowed": {}}
    exercises = [{"name": "answer", "driver": "value", "cases": [[]], "seconds": 1.0}]
    try:
        replies = sandbox.run(json.dumps({**job, "exercises": exercises}).encode(), Limits(seconds=20).for_job(1))
    except (SandboxBroken, OSError) as error:
        return str(error)
    got = read_json(replies.payloads.get(0, b""))
    if isinstance(got, dict) and got.get("records"):
        return ""
    return str(replies.summary.get("failed") or replies.stopped or "the probe did not come back")


def require_bubblewrap() -> None:
    """Refuse at once where no sandbox can be.

    Raises
    ------
    CourseError
        If this is not Linux or bubblewrap is not installed; says how to install it.
    """
    if sys.platform != "linux":
        raise CourseError(f"the sandbox needs Linux and bubblewrap, this is {sys.platform}; grade on Linux, or with --unsafe-no-sandbox")
    if shutil.which("bwrap") is None:
        raise CourseError(f"bubblewrap (the command bwrap) is not installed, so submissions cannot be locked in; {INSTALL}; or --unsafe-no-sandbox")


@cache
def best_mode() -> Mode:
    """The strongest isolation that works on this machine.

    Raises
    ------
    CourseError
        If none does: says why and what to install.
    """
    require_bubblewrap()
    why = ""
    modes: tuple[Mode, ...] = ("nested", "single")
    for mode in modes:
        for _ in range(2):  # the first may have been ended from outside
            sandbox = take_sandbox(mode)
            problem = _works(sandbox)
            if not problem:
                _spare.append(sandbox)
                return mode
            sandbox.close()
            close_spare()  # they may be copies of the same program
            why = why or problem
    raise CourseError(
        f"bubblewrap does not work here ({why}); expected a kernel that lets this user make namespaces "
        f"(in a container: an ordinary user, and docker run --security-opt seccomp=unconfined); or --unsafe-no-sandbox"
    )
