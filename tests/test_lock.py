"""What `make` installs is what the lock says, next year too: after newer versions have come out, with every installer, old and new."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
REQUIRES_PYTHON = next(line for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines() if line.startswith("requires-python"))
PROJECT = f"""
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny-course"
version = "1"
{REQUIRES_PYTHON}
dependencies = ["plain"]

[project.optional-dependencies]
lab = ["outer"]

[dependency-groups]
build = ["plain"]
"""
BACKEND = """
import zipfile

def _wheel(folder):
    with zipfile.ZipFile(f"{folder}/tiny_course-1-py3-none-any.whl", "w") as wheel:
        about = "tiny_course-1.dist-info"
        wheel.writestr("tiny_course.pth", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\\nName: tiny-course\\nVersion: 1\\nRequires-Dist: plain\\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{about}/RECORD", "")
    return "tiny_course-1-py3-none-any.whl"

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory)

build_wheel = build_editable
"""


@dataclass
class Index:
    """A package index of this machine, and what has been asked of it."""

    folder: Path
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, version: str, *metadata: str, program: bytes = b"") -> None:
        """A wheel, with the lines of its metadata besides name and version."""
        about = f"{name}-{version}.dist-info"
        place = self.folder / "simple" / name
        place.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(place / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}_module.py", f"version = {version!r}\n")
            if program:
                script = zipfile.ZipInfo(f"{name}-{version}.data/scripts/{name}")
                script.external_attr = 0o100755 << 16
                wheel.writestr(script, program)
            wheel.writestr(f"{about}/METADATA", "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]))
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        links = [f'<a href="{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}">{file.name}</a>' for file in place.glob("*.whl")]
        (place / "index.html").write_text("<!DOCTYPE html>" + "".join(links), encoding="utf-8")


@pytest.fixture
def index(tmp_path):
    """The packages of today. `outer` needs an extra of `inner`, as pytest-cov needs coverage[toml]."""
    made = Index(tmp_path / "index")
    made.add("plain", "1.0")
    made.add("leaf", "1.0")
    made.add("inner", "1.0", "Provides-Extra: fancy", 'Requires-Dist: leaf; extra == "fancy"')
    made.add("outer", "1.0", "Requires-Dist: inner[fancy]>=1.0")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            made.asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=made.folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/simple/"
    yield made
    server.shutdown()
    server.server_close()


@dataclass
class Checkout:
    """A small project with our Makefile, on a fresh machine that knows the index and nothing else."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300, check=False)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("make", f"PYTHON={sys.executable}", *words)

    def lock(self) -> None:
        """With the very command of `make lock`, but for where uv is."""
        said = self.run("make", "-n", "-o", ".venv/.test", "lock", f"UV={UV}")
        (command,) = [line for line in said.stdout.splitlines() if line.endswith("requirements/lab.txt")]
        # uv by itself looks for no configuration of pip's
        done = self.run("env", f"UV_DEFAULT_INDEX={self.environment['PIP_INDEX_URL']}", "bash", "-c", command)
        assert done.returncode == 0, done.stderr

    def installed(self) -> dict[str, str]:
        listed = self.run(self.folder / ".venv/bin/python", "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
        return {each["name"]: each["version"] for each in json.loads(listed.stdout)}


@pytest.fixture
def checkout(tmp_path, index):
    folder = tmp_path / "checkout"
    (folder / "requirements").mkdir(parents=True)
    for name in ("Makefile", "requirements/install.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "requirements/test.txt").touch()
    outside = {name: value for name, value in os.environ.items() if not name.upper().startswith(("PIP_", "UV_", "MAKE", "PYTHON", "VIRTUAL_ENV"))}
    ours = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    made = Checkout(folder, {**outside, **ours, "PIP_INDEX_URL": index.url})
    made.lock()
    # the one that was there when the lock was made, and which this index has not
    (folder / "requirements/uv.txt").write_text(f"uv==0.0.1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment with nothing but pip: making one takes longer than all that is then done with it."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def with_environment(checkout, environment):
    """The checkout after the first step of its Makefile; the test of the peers takes that step itself."""
    shutil.copytree(environment, checkout.folder / ".venv", symlinks=True)
    (checkout.folder / ".venv/.made").touch()


def a_year_passes(index: Index) -> None:
    """A newer version of each comes out, and the extra wants something that nobody has locked."""
    index.add("newcomer", "1.0")
    index.add("plain", "2.0")
    index.add("leaf", "2.0")
    index.add("inner", "2.0", "Provides-Extra: fancy", "Requires-Dist: newcomer", 'Requires-Dist: leaf; extra == "fancy"')
    index.add("outer", "2.0", "Requires-Dist: inner[fancy]>=2.0")


def offer_uv(index: Index, checkout: Checkout, program: bytes) -> None:
    """The index has this program as uv, and the checkout pins it."""
    index.add("uv", "9.9", program=program)
    digest = hashlib.sha256((index.folder / "simple/uv/uv-9.9-py3-none-any.whl").read_bytes()).hexdigest()
    (checkout.folder / "requirements/uv.txt").write_text(f"uv==9.9 --hash=sha256:{digest}\n", encoding="utf-8")


def assert_as_locked(index: Index, checkout: Checkout) -> None:
    found = checkout.installed()
    assert {name: found.get(name) for name in ("plain", "leaf", "inner", "outer")} == dict.fromkeys(("plain", "leaf", "inner", "outer"), "1.0")
    assert found["tiny-course"] == "1" and "newcomer" not in found
    assert not [path for path in index.asked if "-2.0-" in path or "newcomer" in path]


@pytest.mark.slow
@pytest.mark.usefixtures("with_environment")
@pytest.mark.parametrize("installer", ["uv", "uv fails", "no uv"])
def test_a_year_later_the_same_versions_are_installed(index, checkout, installer):
    if installer == "uv":
        offer_uv(index, checkout, UV.read_bytes())
    elif installer == "uv fails":
        offer_uv(index, checkout, b"#!/bin/sh\necho 'cannot reach anything' >&2\nexit 2\n")
    a_year_passes(index)
    index.asked.clear()
    done = checkout.make(".venv/.lab")
    assert done.returncode == 0, done.stderr
    assert_as_locked(index, checkout)
    assert ("uv could not: cannot reach anything Now pip tries" in done.stderr) == (installer == "uv fails")
    assert ("No uv for this machine" in done.stderr) == (installer == "no uv")
    again = checkout.make(".venv/.lab")
    assert again.returncode == 0 and "up to date" in again.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("with_environment")
@pytest.mark.parametrize("pip", ["pip==22.3", "pip"], ids=["oldest", "newest"])
def test_the_oldest_and_the_newest_pip_install_the_same(index, checkout, tmp_path, pip):
    if pip == "pip==22.3" and sys.version_info >= (3, 12):
        pytest.skip("no Python after 3.11 runs it")
    got = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", tmp_path, pip], capture_output=True, text=True)
    if got.returncode:
        pytest.skip(f"no package index here to get {pip} from: {got.stderr[-200:]}")
    (wheel,) = tmp_path.glob("pip-*.whl")
    checkout.run(checkout.folder / ".venv/bin/python", "-m", "pip", "install", "--no-index", wheel)
    assert f"pip-{checkout.installed()['pip']}-" in wheel.name
    a_year_passes(index)
    index.asked.clear()
    done = checkout.make(".venv/.lab")
    assert done.returncode == 0, done.stderr
    assert_as_locked(index, checkout)


@pytest.mark.slow
@pytest.mark.usefixtures("with_environment")
def test_a_file_that_has_changed_is_not_installed(index, checkout):
    offer_uv(index, checkout, UV.read_bytes())
    index.add("leaf", "1.0", "Summary: not the one that was locked")
    done = checkout.make(".venv/.lab")
    assert done.returncode != 0 and "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "leaf" not in checkout.installed() and not (checkout.folder / ".venv/.lab").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("with_environment")
def test_a_lock_that_lacks_something_is_said_in_one_line(index, checkout):
    lock = checkout.folder / "requirements/lab.txt"
    entries = lock.read_text(encoding="utf-8").split("\n")
    start = next(number for number, line in enumerate(entries) if line.startswith("inner=="))
    stop = next(number for number, line in enumerate(entries) if number > start and line[:1].isalpha())
    lock.write_text("\n".join(entries[:start] + entries[stop:]), encoding="utf-8")
    done = checkout.make(".venv/.lab")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "does not fit together" in line]
    assert len(said) == 1 and "outer 1.0 requires inner" in said[0] and "requirements/lab.txt is wrong" in said[0]


def test_processes_keep_what_they_compiled_whatever_the_machine_says(checkout, tmp_path):
    teller = tmp_path / "teller"
    teller.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "told: ${PYTHONDONTWRITEBYTECODE:-keep it}"\n')
    teller.chmod(0o755)
    told = replace(checkout, environment=checkout.environment | {"PYTHONDONTWRITEBYTECODE": "1"}).make(".venv/.made", f"PYTHON={teller}")
    assert f"{teller} is told: keep it" in told.stderr


def test_a_python_too_new_is_told_before_anything_is_fetched(index, checkout):
    index.asked.clear()
    done = checkout.make(".venv/.lab", f"TOO_NEW={sys.version_info.minor}")
    assert done.returncode != 0 and index.asked == []
    (line, *rest) = done.stderr.splitlines()
    assert f"older than 3.{sys.version_info.minor}" in line and f"{sys.executable} is Python 3.{sys.version_info.minor}" in line
    assert all(other.startswith("make") for other in rest) and not (checkout.folder / ".venv").exists()


@pytest.mark.slow
def test_uv_takes_a_lock_beside_what_the_project_holds_back(tmp_path):
    """Where no index can be asked it lacks the files, and has nothing against the versions."""
    sys.path.insert(0, str(ROOT / "requirements"))
    try:
        import install
    finally:
        sys.path.pop(0)
    command, environment = install.uv()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    command = [word for word in command if not word.startswith("--python=")]
    offline = ["--offline", "--no-cache", f"--python={tmp_path / 'empty'}", "--no-deps", "--require-hashes", "-r", "requirements/lab.txt"]
    done = subprocess.run([*command, *offline], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0 and "No solution found" in done.stderr, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("key", "variable"), [("extra-index-url", "UV_INDEX"), ("find-links", "UV_FIND_LINKS"), ("cert", "SSL_CERT_FILE")])
def test_uv_looks_where_pip_looks(monkeypatch, key, variable):
    sys.path.insert(0, str(ROOT / "requirements"))
    try:
        import install
    finally:
        sys.path.pop(0)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert install.where_pip_looks() == {}
    monkeypatch.setenv(f"PIP_{key.upper().replace('-', '_')}", "/some/where")
    assert install.where_pip_looks() == {variable: "/some/where"}


@pytest.mark.slow
def test_the_peers_get_an_environment_of_their_own(index, checkout):
    """Their lock and torch, which is in no lock, beside our own environment and never in it."""
    shutil.copy(checkout.folder / "requirements/lab.txt", checkout.folder / "requirements/bench.txt")
    with (checkout.folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write('\n[tool.uv]\nconstraint-dependencies = [\n  "torch==1.0",\n]\n')
    index.add("torch", "1.0", "Requires-Dist: leaf")
    a_year_passes(index)
    index.add("torch", "2.0", "Requires-Dist: newcomer")
    index.asked.clear()
    done = checkout.make(".venv-bench/.peers")
    assert done.returncode == 0, done.stderr
    assert not (checkout.folder / ".venv").exists()
    (checkout.folder / ".venv-bench").rename(checkout.folder / ".venv")
    assert_as_locked(index, checkout)
    assert checkout.installed()["torch"] == "1.0"
