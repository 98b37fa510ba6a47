"""Runs the cells and exercises of one submission: from its first cell on, the submission's own process."""

from __future__ import annotations

import _signal
import ast
import base64
import builtins
import contextlib
import importlib
import json
import linecache
import os
import select
import signal
import sys
import time
import types
import warnings
from typing import Any

from .cells import CellTooSlow, binds, bound, describe, newer_syntax, only_defines, parse_cell, stand_in, stops
from .doubts import Doubts
from .processes import cpu_seconds, die_with_parent, how_it_ended, open_pidfd
from .progress import Progress
from .shell import Kernel, ZMQInteractiveShell
from .shell import file_of as cell_file
from .standins import StandIns, guard_all, touches, used, withheld
from .task import Task
from .traces import leaves_nothing
from .wire import MAX_NOTES, MAX_PAYLOAD, NOTES

MAX_ERRORS = 100


class Runner:
    """Runs the cells, then the exercises. From its first cell on it is the submission's process.

    Each exercise runs once, on what the cells have left. Those of which it is plain to see that they leave nothing behind run in
    this process itself; each of the others in a fork, and the last of them here, as nothing comes after it. So none costs another.
    None runs a second time: whoever runs again learns that the first answer was not taken, and can give another.
    Whatever the submission may replace and this class still needs is held in locals and attributes from before.
    """

    def __init__(self, task: Task, progress: Progress, pipes: dict[int, int]) -> None:
        self.task, self.progress, self.pipes = task, progress, pipes
        self.notes = pipes.pop(NOTES)
        self.exercises = task.work["exercises"]
        self.limit = task.limits["exercise_seconds"]
        self.me = os.getpid()
        self.os = types.SimpleNamespace(**{name: getattr(os, name) for name in ("fork", "close", "_exit", "write", "kill", "waitpid", "getpid")})
        self.monotonic, self.sleep, self.dumps = time.monotonic, time.sleep, json.dumps
        self.frames = sys._current_frames  # of all threads
        self.wait, self.describe_end, self.open_pidfd, self.cpu_seconds = select.select, how_it_ended, open_pidfd, cpu_seconds
        self.names = frozenset(exercise["name"] for exercise in task.work["exercises"])
        self.errors: list[dict[str, Any]] = []
        self.defined: dict[str, list[int]] = {}
        self.then: dict[str, dict[str, Any]] = {}  # for each answer, what all names stood for when its cell had run

    def run(self) -> None:
        sys.meta_path.insert(0, StandIns(self.task.work["sources"], self.task.work["allowed"]))
        sys.modules.update(self.task.parts)
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        main.__dict__.update(In=[""], Out={}, _="", __="", ___="", display=lambda *_, **__: None, __builtins__=builtins)
        # a notebook whose first cell was lost still has the names that every lesson imports there
        main.__dict__.update(np=sys.modules["numpy"], bp=importlib.import_module("bpkit"))
        self.ours = main.__dict__["bp"]
        if not self.task.parts:  # those are guarded
            guard_all(self.ours, {name for exercise in self.exercises for name in exercise.get("withholds", ())})
        self.kernel, self.doubts = Kernel(main.__dict__, self.task.given.codes), Doubts(main.__dict__)
        shell = ZMQInteractiveShell(main.__dict__, self._run_text)
        main.__dict__["get_ipython"] = vars(importlib.import_module("IPython"))["get_ipython"] = lambda: shell
        sys.path.insert(0, "")  # what a cell has written to a file can be imported
        importlib.import_module("ipykernel")  # code asks for these to see whether it is in a notebook
        vars(builtins)["__IPYTHON__"] = True
        builtins.input = lambda *_: ""
        sys.argv = [""]
        warnings.simplefilter("ignore")
        self._lay_out()
        self._run_cells(main.__dict__)
        self._run_exercises(main.__dict__)
        os._exit(0)

    def _lay_out(self) -> None:
        """Put what was handed in beside the notebook beside it here: into the current folder, which is this submission's own."""
        if not self.task.alone:
            os.mkdir(own := f"hand-in-{self.me}-{time.monotonic_ns()}", 0o700)
            os.chdir(own)
        for name, body in self.task.work.get("files", {}).items():
            with contextlib.suppress(OSError, ValueError):
                os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
                with open(name, "wb") as file:
                    file.write(base64.b64decode(body))

    def _run_text(self, source: str) -> None:
        """Run code that a cell hands to its shell."""
        for statement in parse_cell(source).body:
            self.kernel.run(statement, "<code cell>")

    def _run_cells(self, namespace: dict[str, Any]) -> None:
        at, phase, skip = self.progress.at, Progress.CELLS, self.task.skip
        names, errors, defined, then = self.names, self.errors, self.defined, self.then
        getpid, exit_now, me, monotonic = os.getpid, os._exit, os.getpid(), time.monotonic
        set_timer, set_handler, patience, computed = _signal.setitimer, _signal.signal, self.task.patience, time.process_time
        alarms = (signal.SIGPROF, signal.SIGALRM)
        computing, passing = signal.ITIMER_PROF, signal.ITIMER_REAL
        kernel, doubts = self.kernel, self.doubts
        ready, file_of = self.task.given.cells, cell_file
        parse, describe_, newer, bound_, binds_ = parse_cell, describe, newer_syntax, bound, binds
        expression = ast.Expr
        seconds = self.task.limits["cell_seconds"]
        # half of the submission's time to compute, and on a busy machine three quarters of it may pass
        most, stop_at = computed() + self.task.limits["cells_seconds"], monotonic() + 1.5 * self.task.limits["cells_seconds"]
        late = False

        def stop(signum: int, frame: object) -> None:
            raise CellTooSlow

        def set_timers(computes: float, passes: float) -> None:
            set_timer(computing, computes)
            set_timer(passing, passes)

        for number, source in enumerate(self.task.work["cells"]):
            at(phase, number)
            if (number, -1) in skip:
                continue
            file = file_of(number)
            linecache.cache[file] = (len(source), None, source.splitlines(True), file)
            before = {name: namespace.get(name) for name in names}
            if isinstance(inputs := namespace.get("In"), list):
                inputs.append(source)
            failed: dict[str, Any] | None = None
            stopped = False
            try:
                # once: what has run may be changed
                statements = ready.pop(source, None) or parse(source).body
            except BaseException as error:
                statements, failed = [], describe_(error)
                failed["message"] += newer(source) if isinstance(error, SyntaxError) else ""
                doubts.failed(bound_(source), number)
            for position, statement in enumerate(statements):
                if (number, position) in skip:
                    doubts.failed(binds_(statement), number)
                    continue
                if (stopped or late) and not only_defines(statement, names):
                    doubts.failed(binds_(statement), number)
                    continue
                at(phase, number, position)
                touched, own = touches
                old = {name: namespace.get(name) for name in binds_(statement)} if failed else {}
                try:
                    for alarm in alarms:
                        set_handler(alarm, stop)
                    set_timers(seconds, patience(seconds))
                    value = kernel.run(statement, file)
                    if position == len(statements) - 1 and isinstance(statement, expression):
                        kernel.shown(value, number + 1, statement, source)
                    set_timers(0, 0)
                    doubts.ran(statement, number, touches[1] > own)
                    # below a failed statement a name may be taken by something that never got there in the learner's notebook
                    doubts.failed(
                        {name for name, was in old.items() if was is not None and not callable(was) and namespace.get(name) is not was}, number
                    )
                except BaseException as error:
                    set_timers(0, 0)
                    if failed is None and isinstance(error, CellTooSlow):
                        failed = {"type": "too slow", "message": f"stopped after {seconds:g} s", "line": statement.lineno}
                    elif failed is None:
                        failed = describe_(error) | ({"inert": True} if touches[0] > touched else {})
                    stopped = stopped or stops(statement, error)
                    doubts.failed(binds_(statement), number)
                    if touches[0] > touched:
                        stand_in(statement, namespace, names)
                if getpid() != me:
                    exit_now(0)  # a copy of this process that the cell has made
                late = late or computed() > most or monotonic() > stop_at
            try:
                set_timers(seconds, patience(seconds))
                kernel.between()
                set_timers(0, 0)
            except BaseException:
                set_timers(0, 0)
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
        there = []
        for number in self.task.left():
            if self.exercises[number]["name"] in namespace:
                there.append(number)
            else:
                self.os.write(self.pipes[number], b'{"missing": true}')
                self.progress.done(number)
        there.sort(key=lambda number: self.exercises[number]["driver"] != "value")  # a function takes most of what a fork costs
        # a thread that a cell has started: a fork does not have it
        plain: list[Any] = []
        here = set() if len(self.frames()) > 1 else {number for number in there if self._leaves_nothing(namespace, number, plain)}
        apart = [number for number in there if number not in here]
        last = apart.pop() if apart and len(self.frames()) == 1 else None
        for number in apart:
            self._run_exercise(namespace, number)
        if self.task.alone:
            self._clear_out()
        for number in (*sorted(here), *([] if last is None else [last])):
            self.progress.at(Progress.EXERCISES, slot=number)
            self._answer(namespace, number)
            self.progress.done(number)
        self.progress.at(Progress.FINISHED)

    def _leaves_nothing(self, namespace: dict[str, Any], number: int, plain: list[Any]) -> bool:
        """Whether an exercise may run in this process before others do."""
        exercise = self.exercises[number]
        try:
            taken = restore(exercise["name"], namespace, self.then.get(exercise["name"], {}))
            namespace.update(taken)
            return not taken and leaves_nothing(namespace[exercise["name"]], exercise["driver"], namespace, self.ours, plain)
        except BaseException:  # whatever a learner's own names can raise when they are looked at
            return False

    def _run_exercise(self, namespace: dict[str, Any], number: int) -> None:
        """Run one exercise in a process of its own."""
        self.progress.at(Progress.EXERCISES, slot=number)
        pid = self._fork()
        if pid == 0:
            try:
                self._answer(namespace, number)
                self.os._exit(0)
            finally:
                self.os._exit(1)
        how = self._await(pid) if pid else "no process could be started"
        if how != "exit 0":
            self._note({"exercise": number, "ended": how})
        self.progress.done(number)

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
        until = self.monotonic() + self.task.patience(self.limit)
        while self.monotonic() < until:
            if self.task.alone:
                self._clear_out()
            try:
                pid = self.os.fork()
            except OSError:  # what was just ended takes a moment to be gone
                self.sleep(0.01)
                continue
            if pid == 0:
                self.me = self.os.getpid()
                die_with_parent()
            return pid
        return None

    def _await(self, pid: int) -> str:
        """Wait for the process of an answer while it has time; how it ended."""
        watched, ready = self.open_pidfd(pid), False
        until = self.monotonic() + self.task.patience(self.limit)
        while not ready and self.monotonic() < until and self.cpu_seconds(pid) < self.limit:
            if watched is not None:
                ready = bool(self.wait([watched], [], [], self.limit / 8)[0])
            else:
                ready = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
                self.sleep(0.002)
        if watched is not None:
            self.os.close(watched)
        if not ready:
            self.os.kill(pid, signal.SIGKILL)
        how = self.describe_end(os.waitstatus_to_exitcode(self.os.waitpid(pid, 0)[1]))
        if self.os.getpid() != self.me:
            self.os._exit(0)  # a copy of this process that the submission has made
        return how if ready else "too slow"

    def _answer(self, namespace: dict[str, Any], number: int) -> None:
        """Run one exercise and write its records."""
        exercise, start = self.exercises[number], self.monotonic()
        used.clear()
        lost = sorted((name, *why) for name, why in self.doubts.of({exercise["name"]}).items()) if self.doubts.cells else []
        taken = restore(exercise["name"], namespace, self.then.get(exercise["name"], {}))
        seconds = round(min(exercise["seconds"], 0.8 * self.limit), 2)
        withheld.update(exercise.get("withholds", ()))
        records = self.task.running.run_exercise(namespace[exercise["name"]], exercise["driver"], exercise["cases"], seconds)
        withheld.clear()
        if self.os.getpid() != self.me:
            self.os._exit(0)
        namespace.update(taken)
        lasted = round(self.monotonic() - start, 4)
        told = {"records": records, "used": sorted(set(used))[:20], "restored": sorted(taken)[:20], "doubtful": lost[:20], "seconds": lasted}
        body = self.dumps(told).encode()
        if len(body) > MAX_PAYLOAD:
            body = self.dumps({"too_large": len(body)}).encode()
        view = memoryview(body)
        while view:
            view = view[self.os.write(self.pipes[number], view) :]


def restore(answer: str, namespace: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """Give names that an answer uses, and that a later cell took for something else, back what they stood for at the answer's cell.

    A learner who checks each answer where it stands does not see that a later cell calls a number what they called their
    helper. A function that a later function replaces stays replaced: there, the last definition counts. Returns what the names
    stood for in the end.
    """
    taken: dict[str, Any] = {}
    seen: set[str] = set()
    todo = [namespace[answer]]
    while todo:
        thing = todo.pop()
        if isinstance(thing, type):
            todo += [part for part in vars(thing).values() if isinstance(part, types.FunctionType)]
        code = getattr(thing, "__code__", None)
        inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)] if code is not None else []
        for name in {name for part in (code, *inner) if part is not None for name in part.co_names} - seen:
            seen.add(name)
            now, before = namespace.get(name), then.get(name)
            if name in then and now is not before and not (callable(now) and callable(before)):
                namespace[name], taken[name] = before, now
            if isinstance(namespace.get(name), types.FunctionType):
                todo.append(namespace[name])
    return taken
