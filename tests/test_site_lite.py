"""JupyterLite beside the pages: what it is built of, that every file is Pyodide's own or ours, and what is said where something is missing."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from bpkit.authoring import site_lite
from bpkit.authoring.site import arrange
from bpkit.authoring.site_links import faults
from bpkit.authoring.site_wheel import Package
from bpkit.cli import main
from bpkit.course.folders import files_of, find_course
from bpkit.course.pins import install_command
from bpkit.desk import lab
from bpkit.errors import CourseError

COURSE = find_course()
WHEEL = "bpkit_course-0.1.0-py3-none-any.whl"
CORE = b"export default 1;\n"
NUMPY = b"a wheel"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def a_small_pyodide(monkeypatch, folder):
    """A Pyodide of three files stands for the real one; returns the folder that has them."""
    pinned = {
        "info": {"version": "0.27.7", "python": "3.12.7"},
        "files": {"pyodide.js": digest(CORE), "pyodide.mjs": digest(CORE)},
        "packages": {"numpy": {"name": "numpy", "file_name": "numpy.whl", "sha256": digest(NUMPY), "depends": []}},
    }
    monkeypatch.setattr(site_lite, "_pinned", lambda: pinned)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    full = folder / "v0.27.7" / "full"
    full.mkdir(parents=True)
    for name, content in (("pyodide.js", CORE), ("pyodide.mjs", CORE), ("numpy.whl", NUMPY)):
        (full / name).write_bytes(content)
    return full


@pytest.fixture
def small(monkeypatch, tmp_path):
    return a_small_pyodide(monkeypatch, tmp_path)


def refusal(*words):
    with pytest.raises(CourseError) as caught:
        site_lite.pyodide(*words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ---- Pyodide -------------------------------------------------------------------------------------------------------------


def test_what_is_pinned_is_complete():
    """Whatever a package of the list needs is in the list; so is all that ours need, and each file has a digest."""
    known = {canonicalize_name(name): entry for name, entry in site_lite._pinned()["packages"].items()}
    have = {*known, *map(canonicalize_name, site_lite._ADDED)}
    assert not set(known) & set(site_lite._ADDED)
    for name, entry in known.items():
        assert {canonicalize_name(need) for need in entry["depends"]} <= have, name
    for name, needs in {"bpkit-course": site_lite._OURS, **site_lite._ADDED}.items():
        assert set(needs) <= have, name
    assert {name.removeprefix("bpkit-course") for name in site_lite._AT_START} <= have | {""}
    assert all(len(digest) == 64 for digest in site_lite.files().values())
    assert {"pyodide.js", "pyodide.asm.wasm", known["numpy"]["file_name"]} <= set(site_lite.files())


def test_a_folder_with_all_of_it_is_taken_as_it_is(small):
    (small / "more.whl").touch()
    assert site_lite.pyodide(small) == small


def test_a_folder_that_lacks_a_file_is_said(small):
    (small / "numpy.whl").unlink()
    assert refusal(small) == f"{small}: found no numpy.whl, expected the files of Pyodide 0.27.7 with its packages"


def test_a_file_that_is_not_pyodides_own_is_refused(small):
    (small / "numpy.whl").write_bytes(b"another")
    assert f"{small / 'numpy.whl'}: found another file than that of Pyodide 0.27.7" in refusal(small)


def test_a_kernel_for_another_pyodide_is_refused(small, monkeypatch):
    monkeypatch.setattr("jupyterlite_pyodide_kernel.constants.PYODIDE_VERSION", "314.0.6")
    assert refusal(small).startswith("jupyterlite-pyodide-kernel: found one for Pyodide 314.0.6, expected 0.27.7; install: ")


@pytest.fixture
def source(small):
    """A web server that has the small Pyodide where the real one has it; and what it was asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path.rpartition("/")[2])

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=small.parent.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_it_is_fetched_once_and_what_was_there_is_kept(source):
    address, asked = source
    home = site_lite.pyodide(None, address)
    assert sorted(path.name for path in home.iterdir()) == sorted(asked) == ["numpy.whl", "pyodide.js", "pyodide.mjs"]
    (home / "numpy.whl").unlink()
    asked.clear()
    assert site_lite.pyodide(None, address) == home and asked == ["numpy.whl"]
    asked.clear()
    assert site_lite.pyodide(None, address) == home and asked == []


def test_what_was_fetched_and_is_another_file_is_not_kept(source, small):
    address, _ = source
    (small / "numpy.whl").write_bytes(b"another")
    assert "numpy.whl: found another file than Pyodide's own, whose SHA-256 is " in refusal(None, address)
    assert not [path for path in (small.parents[1] / "cache").rglob("*") if "numpy" in path.name or path.name.startswith(".part")]


def test_a_file_that_cannot_be_fetched_is_said_with_what_helps(source, small):
    address, _ = source
    (small / "pyodide.js").unlink()
    said = refusal(None, address)
    assert said.startswith("pyodide.js of Pyodide is not in ") and said.endswith(" cannot be fetched (File not found); name a folder: --lite PYODIDE")
    assert refusal(None, "http://127.0.0.1:1").endswith("name a folder: --lite PYODIDE")


@pytest.fixture
def pin():
    """The program that writes what is pinned."""
    spec = spec_from_file_location("pin_pyodide", Path(__file__).resolve().parents[1] / "requirements" / "pyodide.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_pinned_is_what_the_program_writes_of_it(pin, tmp_path, monkeypatch):
    """Of a whole list it keeps what is wanted with all that this needs; what is in the checkout is that already."""
    pinned = site_lite._pinned()
    assert pin.needed(pinned["packages"]) == pinned["packages"] and set(pin.CORE) == set(pinned["files"])
    more = {"scipy": {"depends": ["numpy"]}, **pinned["packages"]}
    (tmp_path / "pyodide-lock.json").write_text(json.dumps({"info": pinned["info"], "packages": more}), encoding="utf-8")
    for name in pin.CORE:
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setattr(pin, "PINNED", tmp_path / "pinned.json")
    pin.main(tmp_path)
    written = json.loads((tmp_path / "pinned.json").read_text(encoding="utf-8"))
    assert written == {**pinned, "files": {name: digest(name.encode()) for name in pin.CORE}}


# ---- the command ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["jupyterlite_core", "jupyterlite_pyodide_kernel", "anywidget"])
def test_a_missing_package_is_said_in_one_line(missing, monkeypatch, capsys, tmp_path):
    found = site_lite.find_spec
    monkeypatch.setattr(site_lite, "find_spec", lambda name: None if name == missing else found(name))
    assert main(["site", "--out", str(tmp_path / "out"), "--lite", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"bpkit site: --lite: the package {missing} is missing; install it with: {install_command('lite')}\n"
    assert not (tmp_path / "out").exists()


def test_a_wrong_folder_is_said_before_anything_is_built(capsys, tmp_path):
    assert main(["site", "--out", str(tmp_path / "out"), "--lite", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"bpkit site: {tmp_path}: found no pyodide.js, expected the files of Pyodide ")


# ---- packages of Python alone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", site_lite._ADDED)
def test_an_installed_package_becomes_a_wheel_for_every_machine(name, tmp_path):
    wheel = site_lite.repacked(name, tmp_path / "one")
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (about,) = [packed.read(member).decode() for member in names if member.endswith(".dist-info/WHEEL")]
    assert "Root-Is-Purelib: true\nTag: py3-none-any\n" in about
    module = name.replace("-", "_")
    assert {f"{module}/__init__.py", f"{module}.py"} & set(names)
    assert not [member for member in names if member.startswith(("..", "/")) or member.endswith((".so", ".pyd", ".pyc"))]
    assert site_lite.repacked(name, tmp_path / "two").read_bytes() == wheel.read_bytes()


def test_a_package_for_this_machine_alone_is_refused(tmp_path):
    with pytest.raises(CourseError, match="found no source beside it, expected a package in Python alone"):
        site_lite.repacked("numpy", tmp_path)


def test_a_package_that_is_not_installed_is_said(tmp_path):
    with pytest.raises(CourseError, match="--lite: the package no-such-thing is missing"):
        site_lite.repacked("no-such-thing", tmp_path)


# ---- what is built -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lite")
    wheel = folder / WHEEL
    wheel.write_bytes(b"bpkit")
    with pytest.MonkeyPatch.context() as patched:
        return site_lite.build_lite(COURSE, folder / "work", wheel, a_small_pyodide(patched, folder), ["en", "zh"])


def settings(folder):
    return json.loads((folder / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]


@pytest.mark.slow
def test_every_lesson_and_every_file_of_the_kernel_lies_there(built):
    for place, lessons in ((built / "files", COURSE.lessons), (built / "files" / "zh", COURSE.lessons / "zh")):
        found = {path.name: path.read_bytes() for path in place.iterdir() if path.is_file()}
        assert found == {path.name: path.read_bytes() for path in files_of(lessons, ".ipynb")}
    runtime = built / "static" / "pyodide"
    packages = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {"numpy", "bpkit-course", "anywidget", "ipywidgets"} <= set(packages)
    assert packages["bpkit-course"]["imports"] == ["bpkit"] and packages["bpkit-course"]["file_name"] == WHEEL
    assert packages["typing-extensions"]["imports"] == ["typing_extensions"]
    for entry in packages.values():
        assert digest((runtime / entry["file_name"]).read_bytes()) == entry["sha256"]
    kernel = settings(built)["litePluginSettings"][f"{site_lite._KERNEL}:kernel"]
    assert kernel["pyodideUrl"] == "./static/pyodide/pyodide.js" and (runtime / "pyodide.js").read_bytes() == CORE
    assert all(address.startswith("./") for address in kernel["pipliteUrls"]) and kernel["disablePyPIFallback"] is True


def test_it_has_our_parts_of_jupyterlab_and_no_others_of_this_machine(built):
    assert {each["name"] for each in settings(built)["federated_extensions"]} == set(site_lite._EXTENSIONS.values())


def test_it_is_set_up_as_the_lab_is(built):
    ours = json.loads((site_lite._TEMPLATES / "overrides.json").read_text(encoding="utf-8"))
    assert ours == lab._DEFAULTS
    assert ours.items() <= settings(built)["settingsOverrides"].items()


@pytest.mark.parametrize(
    "kernel",
    [
        {"pyodideUrl": "https://elsewhere.example/pyodide.js", "pipliteUrls": [], "disablePyPIFallback": True},
        {"pyodideUrl": "./pyodide.js", "pipliteUrls": ["//elsewhere.example/all.json"], "disablePyPIFallback": True},
        {"pyodideUrl": "./pyodide.js", "pipliteUrls": []},
        {},
    ],
)
def test_a_kernel_that_would_ask_another_machine_is_no_build(kernel, tmp_path):
    data = {"jupyter-config-data": {"litePluginSettings": {f"{site_lite._KERNEL}:kernel": kernel}}}
    (tmp_path / "jupyter-lite.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(CourseError, match="JupyterLite would ask another machine"):
        site_lite._check(tmp_path)


@pytest.mark.slow
def test_what_jupyterlite_says_when_it_fails_is_one_line(small, tmp_path, monkeypatch):
    monkeypatch.setattr(site_lite, "_build_settings", lambda built: {"contents": ["nowhere"], "output_dir": 7})
    (tmp_path / WHEEL).write_bytes(b"bpkit")
    with pytest.raises(CourseError, match=r"^JupyterLite cannot be built: ") as caught:
        site_lite.build_lite(COURSE, tmp_path / "work", tmp_path / WHEEL, small)
    assert "\n" not in str(caught.value)


# ---- on the pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lite", [True, False])
def test_the_pages_lead_there_where_it_is(tmp_path, lite):
    arrange(COURSE, tmp_path, package=Package(Path(WHEEL), None, lite))
    assert ("lite/lab/index.html?path=00_start_here.ipynb" in (tmp_path / "index.md").read_text(encoding="utf-8")) == lite
    for path in files_of(COURSE.lessons, ".ipynb"):
        page = (tmp_path / "lessons" / path.name).read_text(encoding="utf-8")
        assert (f"../lite/lab/index.html?path={path.name}" in page) == lite


def test_its_own_pages_are_another_programs_but_a_link_to_them_leads_somewhere(tmp_path):
    (tmp_path / "lite").mkdir()
    (tmp_path / "lite" / "index.html").write_text('<a href="nowhere.html"><script src="https://elsewhere.example/x.js"></script>')
    (tmp_path / "lite" / "x.css").write_text("@import 'https://elsewhere.example/x.css';")
    (tmp_path / "page.html").write_text('<a href="lite/index.html?path=x">')
    assert faults(tmp_path, "lite") == [] and len(faults(tmp_path)) == 3
    (tmp_path / "page.html").write_text('<a href="lite/other.html">')
    assert faults(tmp_path, "lite") == ["page.html: found a link to lite/other.html, expected a file of the site"]
