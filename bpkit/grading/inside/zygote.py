"""The warm interpreter: has numpy imported, and forks a sealed process tree for each submission."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import types
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .init import Init
from .privileges import drop_privileges, enter_namespaces, fork_into_fresh_pids, limit_resources, live_apart, system_call_filter
from .processes import die_with_parent, open_pidfd
from .progress import shared_page
from .rehearsal import rehearse
from .shell import read_ahead
from .standins import INERT_PACKAGES, StandIns, guard_all
from .task import Prepared
from .wire import SUMMARY, Job, send


def _say(control: socket.socket, **message: Any) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def serve(control: socket.socket, mode: str, uid: int | None, runner: types.ModuleType) -> None:
    """Take jobs until the grader hangs up: a line of limits, and with it the socket on which the job itself comes."""
    loaded = {"numpy"}
    prepared: dict[str, Prepared] = {}
    _say(control, ready=True)
    while True:
        line, passed, _, _ = socket.recv_fds(control, 65536, 1)
        if not line:
            return
        while not line.endswith(b"\n"):
            line += control.recv(65536)
        if not passed:
            continue  # a word to stop what had ended by itself meanwhile
        job = json.loads(line)
        for name in job["preload"]:
            if name not in loaded:
                loaded.add(name)
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
                _forget_inert()
                gc.freeze()
        for name, work in job["prepare"].items():
            for exercise in work["exercises"]:
                exercise["cases"] = list(map(runner.Inputs, exercise["cases"]))
            withheld = {name for exercise in work["exercises"] for name in exercise.get("withholds", ())}
            prepared[name] = Prepared(work, _prepare(work["sources"], work["allowed"], withheld))
            gc.freeze()
        for name in job["read"]:
            prepared[name] = replace(prepared[name], given=read_ahead(prepared[name].work["given"]))
            gc.freeze()
        pid = _fork(mode)
        if pid == 0:
            control.close()
            _oversee(passed[0], job, mode, uid, runner, prepared.get(job["parts"], Prepared()))
        os.close(passed[0])
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # here and in init, so that neither has to be first
        if not _wait(pid, control):
            return
        _say(control, done=job["job"])


def _prepare(sources: dict[str, str], names: dict[str, str], withheld: Iterable[str]) -> dict[str, types.ModuleType]:
    """The parts of bpkit that some exercises may call, and IPython's stand-ins, made once: every submission has them from the start."""
    finder = StandIns(sources, names)
    sys.meta_path.insert(0, finder)
    try:
        for name in ("bpkit", "IPython", "ipykernel", *sources):
            importlib.import_module(name)
        guard_all(sys.modules["bpkit"], withheld)
        return {name: sys.modules[name] for name in _inert()}
    finally:
        sys.meta_path.remove(finder)
        _forget_inert()


def _inert() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] in INERT_PACKAGES]


def _forget_inert() -> None:
    """Leave the names that stand-ins have to whoever stands in: what is imported ahead may have brought some of them."""
    for name in _inert():
        del sys.modules[name]


def _wait(pid: int, control: socket.socket) -> bool:
    """Wait for an init; on a word from the grader kill it, and all under it. Whether the grader is still there."""
    poller = select.poll()
    poller.register(control, select.POLLIN)
    watched = open_pidfd(pid)
    if watched is not None:
        poller.register(watched, select.POLLIN)
    there = True
    try:
        while True:
            ready = [number for number, _ in poller.poll(None if watched is not None else 5)]
            if control.fileno() in ready:
                there = bool(control.recv(4096))
                with contextlib.suppress(ProcessLookupError):
                    # without namespaces init leads a process group; with them its death is the death of all
                    os.killpg(pid, signal.SIGKILL)
                poller.unregister(control)
            if watched is None or watched in ready:
                done, _ = os.waitpid(pid, 0 if watched is not None else os.WNOHANG)
                if done:
                    return there
    finally:
        if watched is not None:
            os.close(watched)


def _fork(mode: str) -> int:
    """Fork off the init of a submission; where namespaces cannot be nested, this is itself the first process of a sandbox that serves one."""
    if mode == "single":
        return 0
    return fork_into_fresh_pids() if mode == "nested" else os.fork()


def _oversee(channel: int, job: Job, mode: str, uid: int | None, runner: types.ModuleType, prepared: Prepared) -> None:
    """Init's life. Never returns."""
    link = socket.socket(fileno=channel)
    code = 1
    gc.enable()
    try:
        # the standard error that the grader reads is for this program's own words: to a submission it would be a file that others read
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.close(nothing)
        if mode != "single":
            os.setpgid(0, 0)
            die_with_parent()
        if mode == "nested":
            enter_namespaces(job)
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)  # a first process dies of no signal from below that it does not handle
        page = shared_page()
        if mode != "none":
            drop_privileges(mode, uid)
            os.chdir("/tmp")
        if mode == "nested":
            die_with_parent()  # changing identity has cleared it
        limit_resources(job, mode != "none")
        Init(link, job, mode != "none", runner, page, prepared).run()
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            send(link, SUMMARY, {"failed": f"{type(error).__name__}: {error}"[:500]})
    finally:
        os._exit(code)


def _load(path: str) -> types.ModuleType:
    """`exercises/run.py`, by itself."""
    spec = importlib.util.spec_from_file_location("bpkit_run", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bpkit_run"] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Serve as the configuration on the command line says."""
    config = json.loads(sys.argv[1])
    sys.path[:] = [*config["site"], *sys.path[1:]]  # the place of this package stood first, and is not needed any more
    controls = [socket.socket(fileno=sandbox["control"]) for sandbox in config["sandboxes"]]
    runner = _load(config["run"])
    system_call_filter()  # made once, so that a fork only has to install it
    with contextlib.suppress(Exception):  # what it saves is time and nothing else
        rehearse(runner)
    gc.freeze()  # objects made so far are shared by every submission's processes; the collector would copy them
    mine = 0 if len(controls) == 1 else _copy_for_each(controls)
    if processors := config["sandboxes"][mine]["processors"]:
        with contextlib.suppress(OSError):  # one may have been taken away meanwhile
            os.sched_setaffinity(0, processors)
    serve(controls[mine], config["mode"], config["sandboxes"][mine]["uid"], runner)
    os._exit(0)  # nothing here needs tidying up


def _copy_for_each(controls: Sequence[socket.socket]) -> int:
    """Copy this process for each sandbox, before anything was handed in; in a copy, the place of its sandbox. Here nothing else is done any more."""
    for place, control in enumerate(controls):
        if os.fork() == 0:
            for other in controls:
                if other is not control:
                    other.close()
            live_apart()
            return place
    for control in controls:
        control.close()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)
