"""`bpkit lab`: the learner's own copy of the lessons, opened in a JupyterLab that asks nobody anything."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bpkit.course.folders import files_of, find_course
from bpkit.course.pins import install_command
from bpkit.errors import CourseError

HOME = Path("~/bpkit-lessons")
_RECORD = ".bpkit-lessons.json"  # file name → SHA-256 of the file as it was copied
_JUPYTER = ".bpkit-jupyter"  # settings, open tabs and trust of this folder's JupyterLab; the learner's own Jupyter stays as it is
_DEFAULTS = {
    # else JupyterLab greets with a pop-up that asks whether it may fetch news
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # keeps every cell on the page: the browser finds text in all of them, and the page does not jump while pictures come in
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=HOME,
        metavar="DIR",
        help=f"your folder of lessons (default: {HOME}); a file of yours in it is never overwritten",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--port", type=int, metavar="N", help="the port to listen on (default: the first free one from 8888)")


def run(arguments: argparse.Namespace) -> int:
    """Copy what is new, say what was kept, and serve until Ctrl-C."""
    if find_spec("jupyterlab") is None:
        raise CourseError(f"JupyterLab is not installed; install it with: {install_command('lab')}")
    if arguments.port is not None:
        _check_port(arguments.port)
    folder = arguments.folder.expanduser().resolve()
    copied = copy_lessons(find_course().lessons, folder)
    print(copied, flush=True)
    return _serve(folder, copied.first, arguments.port, browser=not arguments.no_browser)


# ---- the learner's copy ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Copied:
    """What became of each shipped lesson: added, updated (it was untouched), kept (changed here, and newer in bpkit), or left alone."""

    folder: Path
    first: str
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"Your lessons: {self.folder}"]
        lines += [f"  new: {name}" for name in self.added]
        lines += [f"  updated, you had not changed it: {name}" for name in self.updated]
        lines += [f"  kept as you left it: {name} (bpkit has a newer one; rename yours to get it)" for name in self.kept]
        return "\n".join(lines)


def copy_lessons(source: Path, folder: Path) -> Copied:
    """Bring the lessons of `source` to `folder` without ever losing a learner's work.

    A lesson that is missing is added. One that is byte for byte as bpkit once copied it is brought up to date. Any other is kept.

    Raises
    ------
    CourseError
        If there are no lessons, or the folder cannot be written, or it is the course's own.
    """
    lessons = files_of(source, ".ipynb")
    if not lessons:
        raise CourseError(f"no lessons in {source}; in a checkout `bpkit build` makes them")
    if folder == source.resolve():
        raise CourseError(f"{folder} is the course's own folder of lessons; choose another for your work")
    added, updated, kept = [], [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = _read_record(folder)
        for lesson in lessons:
            shipped, mine = lesson.read_bytes(), folder / lesson.name
            present = mine.read_bytes() if mine.exists() else None
            if present == shipped:
                record[lesson.name] = _digest(shipped)
            elif present is None:
                added.append(lesson.name)
            elif _digest(present) == record.get(lesson.name):
                updated.append(lesson.name)
            else:
                kept.append(lesson.name)
        for name in (*added, *updated):
            shipped = (source / name).read_bytes()
            _replace(folder / name, shipped)
            record[name] = _digest(shipped)
        _replace(folder / _RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    except OSError as error:
        raise CourseError(f"cannot keep lessons in {folder}: {error.strerror or error}; name a folder that you can write: bpkit lab DIR") from None
    return Copied(folder, lessons[0].name, tuple(added), tuple(updated), tuple(kept))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_record(folder: Path) -> dict[str, str]:
    """The recorded digests; without a readable record every file there counts as the learner's."""
    try:
        found = json.loads((folder / _RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _replace(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, so that a full disk or a Ctrl-C leaves no half a lesson."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


# ---- the server ------------------------------------------------------------------------------------------------------------


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        raise CourseError(f"--port takes a number from 1 to 65535, found {port}")
    with socket.socket() as probe:
        if os.name == "posix":  # a port in TIME_WAIT is free; on Windows the option would make a busy one look free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CourseError(f"port {port} cannot be used: {error.strerror or error}; leave --port out to take the first free one") from None


def _environment(folder: Path) -> Mapping[str, str]:
    """Where this JupyterLab keeps its settings and its data: beside the lessons, away from any other Jupyter of the learner's."""
    own = folder / _JUPYTER
    return {f"JUPYTER_{kind.upper()}_DIR": str(own / kind) for kind in ("config", "data", "runtime")}


def _settings(folder: Path, first: str, port: int | None, browser: bool) -> dict[str, dict[str, Any]]:
    """JupyterLab's configuration: lesson 00 first, nothing fetched, quiet."""
    return {
        "ServerApp": {
            "root_dir": str(folder),
            "open_browser": browser,
            "use_redirect_file": False,  # browsers shipped as snaps may not read the hidden file that it would go through
            "log_level": "WARN",
            # in a container everybody is root, and the server answers only to this machine and its own token
            "allow_root": True,
            **({} if port is None else {"port": port, "port_retries": 0}),
        },
        "LabApp": {
            "default_url": f"/lab/tree/{first}",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
            "log_level": "WARN",
        },
        "LanguageServerManager": {"autodetect": False},  # it would start npm, which writes to the home folder
        # Jupyter takes the token that stands in its own variable; else it would print a page of its own about it
        "IdentityProvider": {"token": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)},
    }


def _serve(folder: Path, first: str, port: int | None, browser: bool) -> int:
    environment = _environment(folder)
    os.environ.update(environment)  # before Jupyter is imported: it reads them once, and the kernels inherit them
    try:
        defaults = Path(environment["JUPYTER_CONFIG_DIR"], "labconfig", "default_setting_overrides.json")
        defaults.parent.mkdir(parents=True, exist_ok=True)
        _replace(defaults, json.dumps(_DEFAULTS).encode())
    except OSError as error:
        raise CourseError(f"cannot keep JupyterLab's settings in {folder}: {error.strerror or error}") from None

    from jupyterlab.labapp import LabApp
    from traitlets.config import Config

    settings = _settings(folder, first, port, browser)
    server = LabApp.initialize_server(argv=[], config=Config(settings))
    address = f"{server.connection_url}lab/tree/{first}?token={settings['IdentityProvider']['token']}"
    # the loop's first task, put there by Jupyter, is to listen; only then does the address answer
    server.io_loop.add_callback(print, f"JupyterLab: {address}\nCtrl-C here ends it.", flush=True)
    # Jupyter would ask first and wait five seconds for the answer, and away from a terminal it would leave its kernels behind
    signal.signal(signal.SIGINT, lambda *_: server.stop(from_signal=True))
    server.start()
    return 0
