"""The lessons in the browser: JupyterLite beside the pages, with a kernel of which every file lies on the site."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import distribution as installed
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from bpkit.authoring.packages import cache_folder
from bpkit.course.folders import Course, files_of
from bpkit.course.pins import install_command
from bpkit.errors import CourseError
from bpkit.language import SOURCE as ENGLISH

# the folder of the site in which it lies
FOLDER = "lite"

_TEMPLATES = Path(__file__).parent / "templates" / "lite"
_KERNEL = "@jupyterlite/pyodide-kernel-extension"
# the parts of JupyterLab that the browser loads beside it, by the package that brings them
_EXTENSIONS = {"jupyterlite_pyodide_kernel": _KERNEL, "ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}
# where Pyodide's own distribution lies, file by file
SOURCE = "https://cdn.jsdelivr.net/pyodide"
# package that Pyodide is given besides its own → what it needs there
_ADDED = {
    "anywidget": ("ipywidgets", "psygnal", "typing-extensions"),
    "comm": ("traitlets",),
    "ipywidgets": ("comm", "ipython", "traitlets"),
    "psygnal": (),
    "tqdm": (),
    "typing-extensions": (),
}
# what is loaded side by side, while Python starts; the kernel would get most of it one after the other
_AT_START = ["bpkit-course", "comm", "ipython", "jedi", "sqlite3", "ssl"]
_OURS = ("anywidget", "ipywidgets", "matplotlib", "numpy", "tqdm")


def link(slug: str, says: str, top: str = "", folder: str = "") -> str:
    """What opens a lesson there, on a page from which the top of the site is at `top`; those of another language lie in a folder."""
    return f'<a href="{top}{FOLDER}/lab/index.html?path={folder}{slug}.ipynb">{says}</a>'


@cache
def _pinned() -> dict[str, Any]:
    """Pyodide's files with their digests, and of its own list of packages those that lessons and their kernel need."""
    return dict(json.loads((_TEMPLATES / "pyodide.json").read_text(encoding="utf-8")))


def pyodide(given: Path | None = None, source: str = SOURCE) -> Path:
    """The folder that has all of Pyodide that the site takes: the one given, else a folder in the user's cache, filled at first use.

    Raises
    ------
    CourseError
        If a package is missing that JupyterLite is built with, or has a kernel for another Pyodide; or if a file is missing that cannot be
        fetched, or is not Pyodide's own.
    """
    for name in ("jupyterlite_core", *_EXTENSIONS):
        if find_spec(name) is None:
            raise _without(name)
    meant = import_module("jupyterlite_pyodide_kernel.constants").PYODIDE_VERSION
    if _series(meant) != _series(version()):
        raise CourseError(f"jupyterlite-pyodide-kernel: found one for Pyodide {meant}, expected {version()}; install: {install_command('lite')}")
    home = given or cache_folder() / f"pyodide-{version()}"
    lacking = [name for name in files() if not (home / name).is_file()]
    if lacking and given:
        raise CourseError(f"{given}: found no {lacking[0]}, expected the files of Pyodide {version()} with its packages")
    if lacking:
        print(f"getting Pyodide {version()} …", file=sys.stderr)
    for name in lacking:
        _fetch(f"{source}/v{version()}/full/{name}", home / name)
    for name, digest in files().items():
        if hashlib.sha256((home / name).read_bytes()).hexdigest() != digest:
            raise CourseError(f"{home / name}: found another file than that of Pyodide {version()}; delete it and get it again")
    return home


def _without(name: str) -> CourseError:
    return CourseError(f"--lite: the package {name} is missing; install it with: {install_command('lite')}")


def _series(number: str) -> list[str]:
    return number.split(".")[:2]


def _fetch(address: str, path: Path) -> None:
    """One file of Pyodide, whole or not at all."""
    digest = files()[path.name]
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            content = response.read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise CourseError(f"{address}: found another file than Pyodide's own, whose SHA-256 is {digest}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise CourseError(
            f"{path.name} of Pyodide is not in {path.parent} and cannot be fetched ({reason}); name a folder: --lite PYODIDE"
        ) from error


def version() -> str:
    """Of Pyodide."""
    return str(_pinned()["info"]["version"])


def files() -> dict[str, str]:
    """File name → SHA-256 of all that is taken from Pyodide."""
    return _pinned()["files"] | {entry["file_name"]: entry["sha256"] for entry in _pinned()["packages"].values()}


def build_lite(course: Course, work: Path, wheel: Path, pyodide: Path, languages: Sequence[str] = (ENGLISH,)) -> Path:
    """Build JupyterLite in an empty folder; return the folder of what the site takes.

    Parameters
    ----------
    course
        Whose lessons are in it.
    work
        Where to build.
    wheel
        That of bpkit.
    pyodide
        The folder of Pyodide.
    languages
        In which the lessons are there.

    Raises
    ------
    CourseError
        If JupyterLite cannot be built, or would ask another machine for something.
    """
    contents, runtime, built = work / "contents", work / "static" / "pyodide", work / "built"
    for folder in (contents, runtime):
        folder.mkdir(parents=True)
    for code in languages:
        place = contents if code == ENGLISH else contents / code
        place.mkdir(exist_ok=True)
        for lesson in files_of(course.edition(code).lessons, ".ipynb"):
            shutil.copy(lesson, place)
    for name in files():
        shutil.copyfile(pyodide / name, runtime / name)
    entries = [_entry(wheel, "bpkit", _OURS, runtime)]
    entries += [_entry(repacked(name, work / "wheels"), name, needs, runtime) for name, needs in _ADDED.items()]
    lock = {"info": _pinned()["info"], "packages": _pinned()["packages"] | {entry["name"]: entry for entry in entries}}
    (runtime / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    shutil.copy(_TEMPLATES / "overrides.json", work)
    (work / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": _build_settings(built)}), encoding="utf-8")
    settings = {
        "appName": "Backpropagation",
        "litePluginSettings": {f"{_KERNEL}:kernel": {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": _AT_START}}},
    }
    (work / "jupyter-lite.json").write_text(json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}), encoding="utf-8")
    command = [sys.executable, "-c", "from jupyterlite_core.app import main; main()", "build"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERLITE_", "JUPYTER_CONFIG"))}
    done = subprocess.run(command, cwd=work, env=kept | {"JUPYTER_NO_CONFIG": "1"}, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise CourseError(f"JupyterLite cannot be built: {said[-1].strip() if said else f'exit code {done.returncode}'}")
    _check(built)
    return built


def _build_settings(built: Path) -> dict[str, Any]:
    extensions = [str(_extension(package, name)) for package, name in _EXTENSIONS.items()]
    return {
        "contents": ["contents"],
        "output_dir": str(built),
        "apps": ["lab"],
        "federated_extensions": extensions,
        # what else this machine's JupyterLab has is not for the site
        "ignore_sys_prefix": ["federated_extensions"],
        "settings_overrides": ["overrides.json"],
        "no_sourcemaps": True,
        "no_libarchive": True,
    }


def _extension(package: str, name: str) -> Path:
    """The folder of an installed part of JupyterLab."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name
    if not (folder / "package.json").is_file():
        raise CourseError(f"{folder}: found no part of JupyterLab, expected that of {package}; install {package} again")
    return folder


def _entry(wheel: Path, module: str, needs: Iterable[str], folder: Path) -> dict[str, Any]:
    """Put a wheel beside Pyodide's own; return what Pyodide's list of packages says of it."""
    shutil.copy(wheel, folder)
    name, number = wheel.name.split("-")[:2]
    return {
        "depends": sorted(needs),
        "file_name": wheel.name,
        "imports": [module.replace("-", "_")],
        "install_dir": "site",
        "name": name.replace("_", "-"),
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "unvendored_tests": False,
        "version": number,
    }


def repacked(name: str, folder: Path) -> Path:
    """A wheel for every machine, made of an installed package; what was compiled for this one is left out where its source is there.

    Raises
    ------
    CourseError
        If the package is not installed, or runs on this machine only.
    """
    try:
        package = installed(name)
    except PackageNotFoundError as error:
        raise _without(name) from error
    about = f"{package.metadata['Name'].replace('-', '_')}-{package.version}"
    members = {}
    for file in package.files or ():
        path = PurePosixPath(file.as_posix())
        if path.parts[0] == ".." or path.suffix == ".pyc" or path.name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
            continue
        if path.suffix in (".so", ".pyd", ".dylib"):
            # `module__mypyc` is what several compiled modules share
            source = path.with_name(f"{path.name.split('.')[0]}.py")
            if not Path(str(package.locate_file(source))).is_file() and not path.name.split(".")[0].endswith("__mypyc"):
                raise CourseError(f"{path}: found no source beside it, expected a package in Python alone")
            continue
        members[path.as_posix()] = Path(str(package.locate_file(file))).read_bytes()
    described = next(member for member in members if member.endswith(".dist-info/WHEEL"))
    members[described] = b"Wheel-Version: 1.0\nGenerator: bpkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{about}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, content in sorted(members.items()):
            packed.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return wheel


def _check(built: Path) -> None:
    """Nothing of the kernel may come from elsewhere."""
    settings = json.loads((built / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    kernel = settings.get("litePluginSettings", {}).get(f"{_KERNEL}:kernel", {})
    asked = [kernel.get("pyodideUrl", ""), *kernel.get("pipliteUrls", [])]
    away = [address for address in asked if not address.startswith("./")]
    if away or not kernel.get("disablePyPIFallback"):
        raise CourseError(f"JupyterLite would ask another machine: found {away or 'a package index'}, expected files of the site")
