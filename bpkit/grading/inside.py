"""The sandboxed side of the grader: seals one process tree per submission and runs its cells and answers there.

This file and `exercises/run.py` are all of bpkit that the sandbox holds; they know inputs and no expected value, so they
import nothing but numpy and the standard library. The processes, each the parent of the next:

zygote      has numpy imported; takes a socket per submission and never reads from it
keeper      enters fresh namespaces and waits
init        first process of the submission's pid namespace: gives up every privilege, reads the job, starts the runner,
            starts it again without the statement that killed or stalled it, and sends what came back
runner      runs the notebook's cells, then forks once per exercise
answer      runs one exercise on its cases and writes the records

What init and below send is hostile data to whoever reads it.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import ctypes
import gc
import importlib.util
import json
import linecache
import mmap
import os
import platform
import re
import resource
import select
import signal
import socket
import struct
import sys
import time
import types
import warnings
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

Job = dict[str, Any]

FRAME = struct.Struct("<iI")  # tag, length; a tag ≥ 0 is a slot (see Progress)
NOTES, SUMMARY, WORD = -1, -2, -3

MAX_PAYLOAD = 2_000_000  # bytes that one exercise may send
MAX_NOTES = 200_000
MAX_RESTARTS = 20
MAX_ERRORS = 100
GRACE = 0.5  # seconds that the hard limit waits beyond the soft one

_INERT_PACKAGES = ("bpkit", "IPython", "ipywidgets", "anywidget", "google")


# ---- privileges ------------------------------------------------------------------------------------------------------

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
_MS_NOSUID, _MS_NODEV, _MS_PRIVATE, _MS_REC = 2, 4, 1 << 18, 1 << 14
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 22, 38

# Calls that no answer needs and that past holes in kernels were reached through. They fail with EPERM.
# name: (x86_64, aarch64)
_FORBIDDEN = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "memfd_create": (319, 279),
    "personality": (135, 92),
}
_SOCKET = (41, 198)
_CLONE = (56, 220)
_CLONE3 = (435, 435)


class _Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Filter))]


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    libc = _libc()
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _must(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _forbid_syscalls(libc: Any) -> None:
    """Install a seccomp filter: `_FORBIDDEN`, new user namespaces, and every socket but a Unix one."""
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        return  # the namespaces stand on their own; the filter is a second wall
    architecture = (0xC000003E, 0xC00000B7)[column]
    load, equal, masked, give_back = 0x20, 0x15, 0x45, 0x06
    denied, allowed, killed, absent = 0x00050000 | 1, 0x7FFF0000, 0x80000000, 0x00050000 | 38
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give_back, 0, 0, killed), (load, 0, 0, 0)]
    if column == 0:  # the x32 table is another numbering of the same calls
        steps += [(0x35, 0, 1, 0x40000000), (give_back, 0, 0, killed)]
    for numbers in _FORBIDDEN.values():
        steps += [(equal, 0, 1, numbers[column]), (give_back, 0, 0, denied)]
    # clone3 passes its flags in memory, where a filter cannot look; glibc falls back to clone on ENOSYS
    steps += [(equal, 0, 1, _CLONE3[column]), (give_back, 0, 0, absent)]
    steps += [(equal, 0, 3, _CLONE[column]), (load, 0, 0, 16), (masked, 0, 1, _CLONE_NEWUSER), (give_back, 0, 0, denied), (load, 0, 0, 0)]
    steps += [(equal, 0, 3, _SOCKET[column]), (load, 0, 0, 16), (equal, 1, 0, socket.AF_UNIX), (give_back, 0, 0, denied)]
    steps += [(give_back, 0, 0, allowed)]
    filters = (_Filter * len(steps))(*[_Filter(*step) for step in steps])
    program = _Program(len(steps), filters)
    _must(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def _enter_namespaces(libc: Any, job: Job) -> None:
    """Fresh pid, mount and ipc namespaces, and an empty private /tmp (in the keeper, before init)."""
    _must(libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWPID), "unshare")
    _must(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "making mounts private")
    options = f"size={job['disk']},nr_inodes=2000,mode=1777".encode()
    _must(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", _MS_NOSUID | _MS_NODEV, options), "mounting /tmp")


def _drop_privileges(libc: Any, mode: str, uid: int | None) -> None:
    """Become an unmapped user without any capability, for good (in init)."""
    if uid is not None:  # started by root: the limit on processes does not hold for root's own id
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if mode == "nested":
        _must(libc.unshare(_CLONE_NEWUSER), "unshare of the user namespace")
    for capability in range(64):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _must(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _must(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _must(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    _forbid_syscalls(libc)


def _limit_resources(job: Job, sealed: bool) -> None:
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": job["disk"],
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CPU": int(job["seconds"]) + 1,
        "RLIMIT_AS": job["memory"],
        "RLIMIT_NPROC": job["processes"],
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 256,
    }
    if not sealed:
        del limits["RLIMIT_NPROC"]  # it would count the user's own processes
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


# ---- the zygote ------------------------------------------------------------------------------------------------------


def _say(control: socket.socket, **message: Any) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def serve(control: socket.socket, mode: str, uid: int | None) -> None:
    """Take jobs until the grader hangs up: a line of limits, and with it the socket on which the job itself comes."""
    runner = _load_run()
    loaded = {"numpy"}
    gc.collect()
    gc.freeze()  # objects made so far are shared by every submission's processes; the collector would copy them
    _say(control, ready=True)
    while True:
        line, passed, _, _ = socket.recv_fds(control, 65536, 1)
        if not line:
            return
        if not passed:
            continue  # a word to stop what had ended by itself meanwhile
        job = json.loads(line)
        for name in job["preload"]:
            if name not in loaded:
                loaded.add(name)
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
                gc.collect()
                gc.freeze()
        # where namespaces cannot be nested, this is the first process of a sandbox that serves one submission, and its init
        pid = os.fork() if mode != "single" else 0
        if pid == 0:
            control.close()
            _keep(passed[0], job, mode, uid, runner)
        os.close(passed[0])
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # here and in the keeper, so that neither has to be first
        if not _wait(pid, control):
            return
        _say(control, done=True)


def _wait(pid: int, control: socket.socket) -> bool:
    """Wait for a keeper; on a word from the grader kill it, and all under it. Whether the grader is still there."""
    poller = select.poll()
    poller.register(control, select.POLLIN)
    watched = _open_pidfd(pid)
    if watched is not None:
        poller.register(watched, select.POLLIN)
    there = True
    try:
        while True:
            ready = [number for number, _ in poller.poll(None if watched is not None else 5)]
            if control.fileno() in ready:
                there = bool(control.recv(4096))
                with contextlib.suppress(ProcessLookupError):
                    # without namespaces the keeper leads a process group; with them its death is the death of all
                    os.killpg(pid, signal.SIGKILL)
                poller.unregister(control)
            if watched is None or watched in ready:
                done, _ = os.waitpid(pid, 0 if watched is not None else os.WNOHANG)
                if done:
                    return there
    finally:
        if watched is not None:
            os.close(watched)


def _open_pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _keep(channel: int, job: Job, mode: str, uid: int | None, runner: types.ModuleType) -> None:
    """The keeper's life, and in it init's. Never returns."""
    link = socket.socket(fileno=channel)
    code = 1
    try:
        libc = _libc()
        if mode != "single":
            os.setpgid(0, 0)
            _die_with_parent()
        if mode == "nested":
            _enter_namespaces(libc, job)
            pid = os.fork()
            if pid:
                link.close()
                os.waitpid(pid, 0)
                os._exit(0)
            _die_with_parent()
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)  # a first process dies of no signal from below that it does not handle
        if mode != "none":
            _drop_privileges(libc, mode, uid)
            os.chdir("/tmp")
        if mode == "nested":
            _die_with_parent()  # changing identity has cleared it
        _limit_resources(job, mode != "none")
        Init(link, job, mode != "none", runner).run()
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            _send(link, SUMMARY, {"failed": f"{type(error).__name__}: {error}"[:500]})
    finally:
        os._exit(code)


def _send(link: socket.socket, tag: int, body: bytes | Job) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    link.sendall(FRAME.pack(tag, len(data)) + data)


def _read_exactly(link: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = link.recv(min(1 << 16, size - len(data)))
        if not piece:
            raise EOFError("the grader hung up")
        data += piece
    return bytes(data)


# ---- init ------------------------------------------------------------------------------------------------------------


class Progress:
    """Where the runner is, in memory that init sees and that its processes share.

    The phase; the cell and statement; the slot that is being filled; a flag for each slot that is full. An exercise has two
    slots: number n for its run together with the others, n + count for its run apart from them.
    """

    CELLS, EXERCISES, WAITING, FINISHED = range(4)

    def __init__(self, slots: int) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self.slots = slots
        self.at(self.CELLS)

    def at(self, phase: int, cell: int = -1, statement: int = -1, slot: int = -1) -> None:
        struct.pack_into("<4i", self._page, 0, phase, cell, statement, slot)

    def done(self, slot: int) -> None:
        self._page[64 + slot] = 1

    def get(self) -> tuple[int, int, int, int]:
        return struct.unpack_from("<4i", self._page, 0)

    def full(self) -> list[int]:
        return [slot for slot in range(self.slots) if self._page[64 + slot]]


class Init:
    """Oversees one submission: never runs its code, and sends what its processes wrote."""

    def __init__(self, link: socket.socket, job: Job, alone: bool, runner: types.ModuleType) -> None:
        size = FRAME.unpack(_read_exactly(link, FRAME.size))[1]
        self.work: Job = json.loads(_read_exactly(link, size))
        self.link, self.limits, self.runner = link, job, runner
        self.alone = alone  # whether this is the first process of a pid namespace
        self.deadline = time.monotonic() + job["seconds"]
        self.count = len(self.work["exercises"])
        self.skip: set[tuple[int, int]] = set()
        self.killed: list[dict[str, Any]] = []  # statements that the runner did not survive
        self.sent: set[int] = set()  # slots

    def left(self) -> list[int]:
        """The exercises that nothing was sent for."""
        return [number for number in range(self.count) if not {number, number + self.count} & self.sent]

    def run(self) -> None:
        for _ in range(MAX_RESTARTS):
            if self._run_once():
                break
        _send(self.link, SUMMARY, {"killed": self.killed, "complete": not self.left(), "late": time.monotonic() > self.deadline})

    def _run_once(self) -> bool:
        """Start a runner and see it through; whether there is nothing left to do."""
        progress = Progress(2 * self.count)
        pipes = {slot: os.pipe() for slot in range(2 * self.count) if slot not in self.sent}
        pipes[NOTES] = os.pipe()
        word = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setpgid(0, 0)
                _die_with_parent()
                self.link.close()
                for reader in (*(reader for reader, _ in pipes.values()), word[1]):
                    os.close(reader)
                Runner(self, progress, {slot: writer for slot, (_, writer) in pipes.items()}, word[0]).run()
            finally:
                os._exit(1)
        os.close(word[0])
        readers = {}
        for slot, (reader, writer) in pipes.items():
            os.close(writer)
            os.set_blocking(reader, False)
            readers[slot] = reader
        try:
            how, (_, cell, statement, slot) = self._oversee(pid, progress, readers, word[1])
        finally:
            for reader in (*readers.values(), word[1]):
                os.close(reader)
        if how in ("finished", "late"):
            return True
        if slot >= 0:
            # the exercise took the runner along: that is what became of it
            if slot not in self.sent:
                _send(self.link, slot, json.dumps({"ended": how}).encode())
                self.sent.add(slot)
            return False
        if (cell, statement) in self.skip or cell < 0:
            return True  # it died where nothing of the submission runs: no use trying again
        self.skip.add((cell, statement))
        self.killed.append({"cell": cell, "statement": statement, "how": how})
        return False

    def _oversee(self, pid: int, progress: Progress, readers: dict[int, int], word: int) -> tuple[str, tuple[int, int, int, int]]:
        """Collect what the runner's processes write until it ends, stalls, or the submission's time is up."""
        written: dict[int, bytearray] = {slot: bytearray() for slot in readers}
        slots = {reader: slot for slot, reader in readers.items()}
        poller = select.poll()
        watched = _open_pidfd(pid)
        for fd in (*readers.values(), self.link.fileno(), *([] if watched is None else [watched])):
            poller.register(fd, select.POLLIN)
        seen, since, ended, asked = progress.get(), time.monotonic(), None, False
        while ended is None:
            for fd, _ in poller.poll(50):
                if fd == self.link.fileno():
                    self._pass_on(word)
                elif fd in slots and not self._collect(fd, written[slots[fd]], slots[fd]):
                    poller.unregister(fd)
            ended = self._reap(pid)
            now, place = time.monotonic(), progress.get()
            for slot in progress.full():
                if slot not in self.sent and slot in readers:
                    self._collect(readers[slot], written[slot], slot)
                    _send(self.link, slot, bytes(written[slot]))
                    self.sent.add(slot)
                    since = now
            if place != seen:
                seen, since = place, now
            if place[0] == Progress.WAITING and not asked:
                asked = True
                self._collect(readers[NOTES], written[NOTES], NOTES)
                _send(self.link, NOTES, bytes(written[NOTES]))
                _send(self.link, WORD, b"")
            limit = self.limits["cell_seconds"] if place[0] == Progress.CELLS else self.limits["exercise_seconds"]
            if ended == "finished" and place[0] != Progress.FINISHED:
                ended = "exit 0"
            elif ended is None and now > self.deadline:
                self._kill(pid)
                ended = "late"
            elif ended is None and place[0] != Progress.WAITING and now - since > limit * 1.25 + GRACE:
                self._kill(pid)
                ended = "stalled"
        if watched is not None:
            os.close(watched)
        self._collect(readers[NOTES], written[NOTES], NOTES)
        _send(self.link, NOTES, bytes(written[NOTES]))
        return ended, progress.get()

    def _pass_on(self, word: int) -> None:
        """Give the runner the grader's word: which exercises to run once more, each apart."""
        try:
            size = FRAME.unpack(_read_exactly(self.link, FRAME.size))[1]
            os.write(word, _read_exactly(self.link, size) + b"\n")
        except BrokenPipeError:
            pass
        except EOFError:
            os._exit(1)

    def _collect(self, fd: int, into: bytearray, number: int) -> bool:
        """Read what a pipe holds, up to its limit; whether there may be more."""
        most = MAX_NOTES if number == NOTES else MAX_PAYLOAD
        try:
            while len(into) <= most:
                piece = os.read(fd, 1 << 16)
                if not piece:
                    return False
                into += piece
        except BlockingIOError:
            return True
        return False

    def _reap(self, runner: int) -> str | None:
        """Reap whatever has ended; how the runner ended, if it did."""
        ended = None
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            if pid == runner:
                code = os.waitstatus_to_exitcode(status)
                ended = "finished" if code == 0 else _how(code)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.alone:
                os.kill(-1, signal.SIGKILL)  # everything in this pid namespace but its first process
            else:
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


# ---- what stands in for bpkit, widgets and IPython -----------------------------------------------------------------

_used: list[str] = []  # dotted names of stand-ins that were called
_touches = [0]  # how often anything was asked of a stand-in


class Inert:
    """Stands for anything that grading does not need: absorbs whatever is done with it, at once and without effect."""

    def __init__(self, name: str = "", *_: Any, **__: Any) -> None:
        object.__setattr__(self, "_name", str(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        _touches[0] += 1
        return Inert(f"{self._name}.{name}"[:200])

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(_used) < 100:
            _used.append(self._name)
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
            return args[0]  # a decorator leaves the function as it is
        return self

    def __getitem__(self, key: Any) -> Inert:
        _touches[0] += 1
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        _touches[0] += 1
        return iter(())

    def __contains__(self, item: Any) -> bool:
        return False

    def __len__(self) -> int:
        _touches[0] += 1
        return 0

    def __bool__(self) -> bool:
        _touches[0] += 1
        return False

    def __int__(self) -> int:
        _touches[0] += 1
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        _touches[0] += 1
        return 0.0

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __format__(self, spec: str) -> str:
        return ""

    def __repr__(self) -> str:
        return f"<{self._name}: not here while grading>"

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()  # a class may name it as its base


def _absorb(self: Inert, *_: Any) -> Inert:
    return self


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"):
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(Inert, _form, _absorb)
for _form in ("__neg__", "__pos__", "__abs__", "__invert__"):
    setattr(Inert, _form, _absorb)


class _InertModule(types.ModuleType):
    """A module of which every name that it does not have is inert."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        _touches[0] += 1
        return Inert(f"{self.__name__}.{name}")


class _StandIns(MetaPathFinder, Loader):
    """Finds bpkit's allowed parts, and something inert for the rest of it and for what belongs to a notebook's front end."""

    def __init__(self, sources: dict[str, str], names: dict[str, str]) -> None:
        self.sources, self.names = sources, names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.split(".")[0] not in _INERT_PACKAGES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in self.sources:
            exec(compile(self.sources[module.__name__], f"<{module.__name__}>", "exec"), module.__dict__)
        if module.__name__ == "bpkit":
            for name, home in self.names.items():
                setattr(module, name, getattr(importlib.import_module(home), name))


# ---- cells -----------------------------------------------------------------------------------------------------------

_MAGIC_LINE = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?\??\s*|.*\?\?\s*)$")
_MAGIC_VALUE = re.compile(r"^(\s*[\w., ]+=\s*)[%!].*$")
_RUNS_ITS_BODY = ("time", "timeit", "capture", "prun")


def parse_cell(source: str) -> ast.Module:
    """Parse a cell as a notebook would: magics, shell lines and help requests become nothing.

    Lines are changed only where Python itself stumbles over them, so that text inside a string stays as it is.

    Raises
    ------
    SyntaxError
        If what remains is not Python.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        word = lines[first][2:].split() or [""]
        if word[0] not in _RUNS_ITS_BODY:
            return ast.Module(body=[], type_ignores=[])
        lines[first] = ""
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            # a magic without an indent below a block's head is noticed one line late
            for k in (at, at - 1):
                if 0 <= k < len(lines):
                    plain = _MAGIC_VALUE.sub(r"\1None", lines[k])
                    if plain == lines[k]:
                        plain = _MAGIC_LINE.sub(r"\1pass", lines[k])
                    if plain != lines[k]:
                        lines[k] = plain
                        break
            else:
                raise


def _defines(statement: ast.stmt, names: frozenset[str]) -> bool:
    """Whether a statement only makes something available: it is run even where the cell has raised before it."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def _stand_in(statement: ast.stmt, namespace: dict[str, Any], answers: frozenset[str]) -> None:
    """Give inert values to the names that a statement could not bind for want of bpkit, so that later cells do not fail too."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in answers:
            namespace.setdefault(node.id, Inert(node.id))


class CellTooSlow(BaseException):
    """Raised in a cell when its time is up; not an Exception, so that `except Exception` lets it through."""


def _describe(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except BaseException:
        message = ""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<code cell"):
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line, message = error.lineno or 0, str(error.msg)
    return {"type": type(error).__name__[:80], "message": message[:300], "line": line}


# ---- the runner ------------------------------------------------------------------------------------------------------


class Runner:
    """Runs the cells, then the exercises. From its first cell on it is the submission's process.

    The exercises run first together in one process, as they do in a notebook's kernel. One that does not come back, or that
    the grader does not find right, is run apart in a process of its own, on what the cells have left: so no exercise costs another.
    Whatever the submission may replace and this class still needs is held in locals and attributes from before.
    """

    def __init__(self, init: Init, progress: Progress, pipes: dict[int, int], word: int) -> None:
        self.init, self.progress, self.pipes, self.word = init, progress, pipes, word
        self.notes = pipes.pop(NOTES)
        self.exercises, self.count = init.work["exercises"], init.count
        self.limit = init.limits["exercise_seconds"]
        self.me = os.getpid()
        self.os = types.SimpleNamespace(
            **{name: getattr(os, name) for name in ("fork", "close", "_exit", "write", "read", "kill", "waitpid", "getpid")}
        )
        self.monotonic, self.sleep, self.dumps, self.loads = time.monotonic, time.sleep, json.dumps, json.loads
        self.wait, self.describe_end, self.open_pidfd = select.select, _how, _open_pidfd
        self.names = frozenset(exercise["name"] for exercise in init.work["exercises"])
        self.errors: list[dict[str, Any]] = []
        self.defined: dict[str, list[int]] = {}
        self.then: dict[str, dict[str, Any]] = {}  # for each answer, what all names stood for when its cell had run

    def run(self) -> None:
        sys.meta_path.insert(0, _StandIns(self.init.work["sources"], self.init.work["allowed"]))
        for name in [name for name in sys.modules if name.split(".")[0] in _INERT_PACKAGES]:
            del sys.modules[name]
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        shell = Inert("get_ipython")
        main.__dict__.update(In=[], Out={}, get_ipython=lambda: shell, display=lambda *_, **__: None, __builtins__=builtins)
        # a notebook whose first cell was lost still has the names that every lesson imports there
        main.__dict__.update(np=sys.modules["numpy"], bp=importlib.import_module("bpkit"))
        builtins.input = lambda *_: ""
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(os.open(os.devnull, os.O_RDWR), mode) for mode in "rww")
        sys.argv = [""]
        warnings.simplefilter("ignore")
        self._run_cells(main.__dict__)
        self._run_exercises(main.__dict__)
        os._exit(0)

    def _run_cells(self, namespace: dict[str, Any]) -> None:
        at, phase, skip = self.progress.at, Progress.CELLS, self.init.skip
        names, errors, defined, then = self.names, self.errors, self.defined, self.then
        getpid, exit_now, me, monotonic = os.getpid, os._exit, os.getpid(), time.monotonic
        set_alarm, set_handler, alarm, timer = signal.setitimer, signal.signal, signal.SIGALRM, signal.ITIMER_REAL
        compile_, execute, parse, module, describe = compile, exec, parse_cell, ast.Module, _describe
        seconds = self.init.limits["cell_seconds"]
        stop_at = monotonic() + self.init.limits["cells_seconds"]
        late = False

        def stop(signum: int, frame: object) -> None:
            raise CellTooSlow

        for number, source in enumerate(self.init.work["cells"]):
            at(phase, number)
            if (number, -1) in skip:
                continue
            file = f"<code cell {number + 1}>"
            linecache.cache[file] = (len(source), None, source.splitlines(True), file)
            before = {name: namespace.get(name) for name in names}
            failed: dict[str, Any] | None = None
            try:
                statements = parse(source).body
            except BaseException as error:
                statements, failed = [], describe(error)
            for position, statement in enumerate(statements):
                defines = _defines(statement, names)
                if (number, position) in skip or ((failed or late) and not defines):
                    if failed and "inert" in failed:
                        _stand_in(statement, namespace, names)
                    continue
                at(phase, number, position)
                touched = _touches[0]
                try:
                    set_handler(alarm, stop)
                    set_alarm(timer, seconds)
                    execute(compile_(module([statement], []), file, "exec"), namespace)
                    set_alarm(timer, 0)
                except CellTooSlow:
                    failed = failed or {"type": "too slow", "message": f"stopped after {seconds:g} s", "line": statement.lineno}
                except BaseException as error:
                    set_alarm(timer, 0)
                    if failed is None:
                        failed = describe(error) | ({"inert": True} if _touches[0] > touched else {})
                    if "inert" in failed:
                        _stand_in(statement, namespace, names)
                if getpid() != me:
                    exit_now(0)  # a copy of this process that the cell has made
                late = late or monotonic() > stop_at
            if failed is not None and len(errors) < MAX_ERRORS:
                errors.append({"cell": number, **failed})
            for name, value in before.items():
                if namespace.get(name) is not value:
                    defined.setdefault(name, []).append(number)
                    then[name] = dict(namespace)
        if late:
            errors.append({"cell": -1, "type": "too slow", "message": "the cells together took too long; the last were not run", "line": 0})

    def _run_exercises(self, namespace: dict[str, Any]) -> None:
        self._note({"errors": self.errors, "defined": self.defined})
        for number in self._together(namespace, self.init.left()):
            self._apart(namespace, number)
        self.progress.at(Progress.WAITING)
        for number in self.loads(self.os.read(self.word, 4096)):
            if number + self.count in self.pipes:
                self._apart(namespace, number)
        self.progress.at(Progress.FINISHED)

    def _together(self, namespace: dict[str, Any], numbers: list[int]) -> list[int]:
        """Run exercises one after the other in one process; give back those that have to be run apart."""
        if not numbers:
            return []
        progress = self.progress
        progress.at(Progress.EXERCISES, slot=numbers[0])
        pid = self._fork()
        if pid == 0:
            try:
                for number in numbers:
                    progress.at(Progress.EXERCISES, slot=number)
                    self._answer(namespace, number, number)
                    progress.done(number)
                self.os._exit(0)
            finally:
                self.os._exit(1)
        how = self._await(pid) if pid else "no process could be started"
        done = progress.full()
        left = [number for number in numbers if number not in done]
        if how == "too slow" and left:
            self._note({"exercise": left[0], "ended": how})
            progress.done(left.pop(0))
        return left

    def _apart(self, namespace: dict[str, Any], number: int) -> None:
        """Run one exercise in a process of its own."""
        slot = number + self.count
        self.progress.at(Progress.EXERCISES, slot=slot)
        pid = self._fork()
        if pid == 0:
            try:
                self._answer(namespace, number, slot)
                self.os._exit(0)
            finally:
                self.os._exit(1)
        how = self._await(pid) if pid else "no process could be started"
        self._note({"exercise": number, "ended": how})
        self.progress.done(slot)

    def _note(self, note: dict[str, Any]) -> None:
        self.os.write(self.notes, self.dumps(note).encode()[: MAX_NOTES // 4] + b"\n")

    def _clear_out(self) -> None:
        """End what the cells or an answer have left running in this pid namespace (all but this process and the first)."""
        with contextlib.suppress(OSError):
            self.os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(OSError):
            while self.os.waitpid(-1, 0)[0]:
                pass

    def _fork(self) -> int | None:
        """Fork, with nothing else about; None where the submission's limit on processes does not allow it."""
        until = self.monotonic() + self.limit
        while self.monotonic() < until:
            if self.init.alone:
                self._clear_out()
            try:
                pid = self.os.fork()
            except OSError:  # what was just ended takes a moment to be gone
                self.sleep(0.01)
                continue
            if pid == 0:
                self.me = self.os.getpid()
                _die_with_parent()
            return pid
        return None

    def _await(self, pid: int) -> str:
        """Wait for a process of answers, as long as it goes on to the next in time; how it ended."""
        watched, full = self.open_pidfd(pid), -1
        while full != (full := len(self.progress.full())):
            if watched is not None:
                ready = bool(self.wait([watched], [], [], self.limit)[0])
            else:
                until, ready = self.monotonic() + self.limit, False
                while not ready and self.monotonic() < until:
                    ready = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
                    self.sleep(0.002)
            if ready:
                break
        if watched is not None:
            self.os.close(watched)
        if not ready:
            self.os.kill(pid, signal.SIGKILL)
        how = self.describe_end(os.waitstatus_to_exitcode(self.os.waitpid(pid, 0)[1]))
        if self.os.getpid() != self.me:
            self.os._exit(0)  # a copy of this process that the submission has made
        return how if ready else "too slow"

    def _answer(self, namespace: dict[str, Any], number: int, slot: int) -> None:
        """Run one exercise and write its records."""
        exercise, start = self.exercises[number], self.monotonic()
        if exercise["name"] not in namespace:
            self.os.write(self.pipes[slot], b'{"missing": true}')
            return
        _used.clear()
        taken = _restore(exercise["name"], namespace, self.then.get(exercise["name"], {}))
        seconds = round(min(exercise["seconds"], 0.8 * self.limit), 2)
        records = self.init.runner.run_exercise(namespace[exercise["name"]], exercise["driver"], exercise["cases"], seconds)
        if self.os.getpid() != self.me:
            self.os._exit(0)
        namespace.update(taken)
        lasted = round(self.monotonic() - start, 4)
        body = self.dumps({"records": records, "used": sorted(set(_used))[:20], "restored": sorted(taken)[:20], "seconds": lasted}).encode()
        if len(body) > MAX_PAYLOAD:
            body = self.dumps({"too_large": len(body)}).encode()
        view = memoryview(body)
        while view:
            view = view[self.os.write(self.pipes[slot], view) :]


def _restore(answer: str, namespace: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Give names that an answer uses, and that a later cell took for something else, back what they stood for at the answer's cell.

    A learner who checks each answer where it stands does not see that a later cell calls a number what they called their
    helper. A function that a later function replaces stays replaced: there, the last definition counts. Returns what the names
    stood for in the end.
    """
    taken: dict[str, Any] = {}
    seen: set[str] = set()
    todo = [namespace[answer]]
    while todo:
        code = getattr(todo.pop(), "__code__", None)
        inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)] if code is not None else []
        for name in {name for part in (code, *inner) if part is not None for name in part.co_names} - seen:
            seen.add(name)
            now, before = namespace.get(name), then.get(name)
            if name in then and now is not before and not (callable(now) and callable(before)):
                namespace[name], taken[name] = before, now
            if isinstance(namespace.get(name), types.FunctionType):
                todo.append(namespace[name])
    return taken


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"


# ---- start -----------------------------------------------------------------------------------------------------------


def _load_run() -> types.ModuleType:
    """`exercises/run.py`, which the sandbox holds beside this file."""
    path = Path(sys.argv[0]).with_name("run.py") if len(sys.argv) < 3 else Path(sys.argv[2])
    spec = importlib.util.spec_from_file_location("bpkit_run", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bpkit_run"] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    config = json.loads(sys.argv[1])
    sys.path[:0] = config["site"]
    sys.setrecursionlimit(1000)
    control = socket.socket(fileno=config["control"])
    serve(control, config["mode"], config["uid"])
    os._exit(0)  # nothing here needs tidying up


if __name__ == "__main__":
    main()
