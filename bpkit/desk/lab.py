"""`bpkit lab`: the learner's own copy of the lessons, opened in a JupyterLab that asks nobody anything."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bpkit.course.folders import course_spoken, files_of
from bpkit.course.pins import install_command
from bpkit.desk.copies import copy_lessons, replace_file
from bpkit.errors import CourseError
from bpkit.language import LANGUAGES, REMEMBERED, SOURCE, VARIABLE, known, language, remember

HOME = Path("~/bpkit-lessons")
_JUPYTER = ".bpkit-jupyter"  # settings, open tabs and trust of this folder's JupyterLab; the learner's own Jupyter stays as it is
_STYLE = Path(__file__).with_name("lessons.css")
_DEFAULTS = {
    # else JupyterLab greets with a pop-up that asks whether it may fetch news
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # keeps every cell on the page: the browser finds text in all of them, and the page does not jump while pictures come in
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer", "codeCellConfig": {"lineWrap": True}},
    # seconds between two savings, so that a crash costs no answer; and the map of the course is a page to read
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10, "defaultViewers": {"markdown": "Markdown Preview"}},
    # light or dark as the system has it
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=HOME,
        metavar="DIR",
        help=f"your folder of lessons (default: {HOME}); nothing of yours in it is ever lost",
    )
    names = " or ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    parser.add_argument("--language", metavar="CODE", help=f"of the lessons, {names}; the folder remembers it (default at first: your system's)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--no-solutions", action="store_true", help="`bp.solution` stays closed (kernels inherit BPKIT_NO_SOLUTIONS=1)")
    parser.add_argument("--port", type=int, metavar="N", help="the port to listen on (default: the first free one from 8888)")


def run(arguments: argparse.Namespace) -> int:
    """Copy what is new, say what was carried and kept, and serve the map of the course until Ctrl-C."""
    if find_spec("jupyterlab") is None:
        raise CourseError(f"JupyterLab is not installed; install it with: {install_command('lab')}")
    if arguments.port is not None:
        _check_port(arguments.port)
    from bpkit.desk.map_page import write_map

    if arguments.no_solutions:
        os.environ["BPKIT_NO_SOLUTIONS"] = "1"
    folder = arguments.folder.expanduser().resolve()
    code = os.environ[VARIABLE] = _language(arguments.language, folder)  # the kernels inherit it
    lessons = course_spoken().lessons
    print(copy_lessons(lessons, folder), flush=True)
    remember(folder, code)
    first = write_map(folder) or files_of(lessons, ".ipynb")[0].name
    return _serve(folder, first, arguments.port, browser=not arguments.no_browser)


def _language(wanted: str | None, folder: Path) -> str:
    """The language that was asked for, else the folder's, else that of lessons which lie in it, else the system's."""
    if wanted is not None:
        if not (code := known(wanted)):
            there = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
            raise CourseError(f"--language found {wanted!r}, expected one of: {there}")
        return code
    if os.environ.get(VARIABLE) or (folder / REMEMBERED).exists():
        return language(folder)
    if folder.is_dir() and any(folder.glob("*.ipynb")):
        return SOURCE  # begun before the course had languages
    system = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return known(system) or SOURCE


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
    # in a virtual environment Jupyter looks in that for kernels first, but for what its path names
    path = os.pathsep.join(filter(None, [str(own / "data"), os.environ.get("JUPYTER_PATH")]))
    # older debuggers warn of Python's frozen modules as soon as ipykernel is imported
    quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return quiet | {"JUPYTER_PATH": path} | {f"JUPYTER_{kind.upper()}_DIR": str(own / kind) for kind in ("config", "data", "runtime")}


def _settings(folder: Path, first: str, port: int | None, browser: bool) -> dict[str, dict[str, Any]]:
    """JupyterLab's configuration: the map of the course first, nothing fetched, quiet."""
    return {
        "ServerApp": {
            "root_dir": str(folder),
            "open_browser": browser,
            "use_redirect_file": False,  # browsers shipped as snaps may not read the hidden file that it would go through
            "log_level": "ERROR",  # that a notebook is not trusted yet, and the like, would worry a learner
            # in a container everybody is root, and the server answers only to this machine and its own token
            "allow_root": True,
            **({} if port is None else {"port": port, "port_retries": 0}),
        },
        "LabApp": {
            "default_url": f"/lab/tree/{first}",
            "custom_css": True,
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
            "log_level": "ERROR",
        },
        "LanguageServerManager": {"autodetect": False},  # it would start npm, which writes to the home folder
        # Jupyter takes the token that stands in its own variable; else it would print a page of its own about it
        "IdentityProvider": {"token": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)},
    }


def _serve(folder: Path, first: str, port: int | None, browser: bool) -> int:
    environment = _environment(folder)
    os.environ.update(environment)  # before Jupyter is imported: it reads them once, and the kernels inherit them
    from ipykernel.kernelspec import get_kernel_dict

    try:
        defaults = Path(environment["JUPYTER_CONFIG_DIR"], "labconfig", "default_setting_overrides.json")
        # found before the kernel that ipykernel installs, whose warnings the terminal would show
        kernel = Path(environment["JUPYTER_DATA_DIR"], "kernels", "python3", "kernel.json")
        style = Path(environment["JUPYTER_CONFIG_DIR"], "custom", "custom.css")
        kept = {
            defaults: json.dumps(_DEFAULTS).encode(),
            kernel: json.dumps(get_kernel_dict(extra_arguments=["--log-level=ERROR"])).encode(),
            style: _STYLE.read_bytes(),
        }
        for path, content in kept.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)
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
