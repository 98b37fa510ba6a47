"""A real Chromium on a real `bpkit lab`, and words for what a learner does with the page."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from widget_page import focus

from bpkit.authoring.packages import packages
from bpkit.authoring.printing import chromium
from bpkit.course.folders import find_course
from bpkit.desk.copies import copy_lessons
from bpkit.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "build" / "screens"
TOKEN = "known-to-the-test"
LOCAL = {"localhost", "127.0.0.1", "[::1]"}
LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (make test-browser installs it)")
    executable = chromium()
    if executable is None:
        pytest.skip("there is no Chromium on PATH (Debian: apt install chromium-headless-shell)")
    with playwright.sync_playwright() as driver:
        # Chromium's own sandbox refuses to start as root and in most containers; the only pages it sees here are ours
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """What axe calls serious or critical on a page, each with the elements that it found so."""
    try:
        script = packages(Path(__file__).parent / "axe").text("axe-core/axe.min.js")
    except CourseError as error:
        pytest.skip(str(error))

    def findings(page) -> list[str]:
        page.evaluate(script)
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")["violations"]
        return [
            f"{fault['id']}: {[node['target'] for node in fault['nodes'][:3]]} ({fault['help']})"
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]

    return findings


@pytest.fixture(params=["light", "dark"])
def page(browser, widget, tmp_path, request):
    """The module's own `widget`, alone and focused on a page from disk; it may say nothing on the console and ask for nothing."""
    scheme = request.param
    file = tmp_path / "page.html"
    head = f'<meta charset="utf-8"><title>widget</title><style>:root {{ color-scheme: {scheme} }}</style>'
    file.write_text(f'<!doctype html><html lang="en">{head}<body>{widget.to_html()}', encoding="utf-8")
    opened = browser.new_page(color_scheme=scheme, viewport=LAPTOP)
    opened.scheme = scheme
    asked, complaints = [], []
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.goto(file.as_uri())
    focus(opened)
    yield opened
    opened.close()
    assert asked == [file.as_uri()]
    assert complaints == []


@dataclass
class Server:
    """A `bpkit lab` that runs on a free port, and the learner's folder that it serves."""

    # what is there once the notebook has its kernel
    READY: ClassVar[str] = "#jp-main-statusbar >> text=| Idle"

    folder: Path
    url: str

    def address(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?token={TOKEN}"

    def ask(self, path: str, method: str = "GET") -> bytes:
        asked = Request(f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urlopen(asked, timeout=30) as answer:
            return answer.read()

    def wait_for_kernel(self, page) -> None:
        """Wait until the open notebook has its kernel; earlier, Run All would ask which kernel to take."""
        page.locator(self.READY).wait_for(state="attached")
        while not any(session["kernel"]["connections"] for session in json.loads(self.ask("sessions"))):
            page.wait_for_timeout(100)

    def end_kernels(self) -> None:
        """End every notebook's kernel, as when the computer is switched off."""
        for session in json.loads(self.ask("sessions")):
            self.ask(f"sessions/{session['id']}", "DELETE")


@dataclass
class ClassicServer(Server):
    """A Jupyter Notebook 7, which shows one notebook on a page."""

    READY: ClassVar[str] = ".jp-Notebook-ExecutionIndicator[data-status=idle]"

    def address(self, notebook: str) -> str:
        return f"{self.url}/notebooks/{notebook}?token={TOKEN}"


@contextmanager
def _serving(home: Path, module: str, *words: str) -> Iterator[str]:
    """The address of a Jupyter server that runs as a program of its own in this home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home / "server.log"
    environment = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": TOKEN}
    command = [sys.executable, "-m", module, *words, "--no-browser", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=home)
    try:
        url = f"http://localhost:{port}"
        # the address is printed once the port listens
        while f"{url}/" not in log.read_text():
            assert process.poll() is None, log.read_text()
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)  # it ends the kernels first, and one that is still starting may not listen
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


@pytest.fixture
def lab(tmp_path) -> Iterator[Server]:
    """`bpkit lab` in a new home."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed (make test-browser installs it)")
    folder = tmp_path / "lessons"
    with _serving(tmp_path, "bpkit.cli", "lab", str(folder)) as url:
        yield Server(folder, url)


@pytest.fixture(scope="module")
def one_lab(tmp_path_factory) -> Iterator[Server]:
    """One `bpkit lab` for all tests of a module, which only look."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed (make test-browser installs it)")
    home = tmp_path_factory.mktemp("home")
    with _serving(home, "bpkit.cli", "lab", str(home / "lessons")) as url:
        yield Server(home / "lessons", url)


@pytest.fixture
def classic(tmp_path) -> Iterator[Server]:
    """Jupyter Notebook on the learner's folder, with no setting of ours."""
    pytest.importorskip("notebook", reason="Jupyter Notebook is not installed (make test-browser installs it)")
    folder = tmp_path / "lessons"
    copy_lessons(find_course().lessons, folder)
    with _serving(tmp_path, "notebook", "--allow-root", f"--ServerApp.root_dir={folder}") as url:
        yield ClassicServer(folder, url)


@dataclass
class Notebook:
    """A notebook open in JupyterLab, by what one sees and does."""

    page: object
    requests: list[str] = field(default_factory=list)

    def cell(self, text: str):
        """The code cell whose source has the text."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").filter(has=self.page.locator(".jp-InputArea .cm-content", has_text=text))

    def output(self, text: str):
        """What the cell shows below itself."""
        return self.cell(text).locator(".jp-OutputArea")

    def menu(self, menu: str, *entry: str) -> None:
        """Choose an entry of the menu bar."""
        for name in (menu, *entry):
            labels = self.page.locator(".lm-MenuBar-itemLabel:visible, .lm-Menu-itemLabel:visible")
            labels.filter(has_text=re.compile(f"^{name}$")).click()

    def run_all(self) -> None:
        """Run > Run All Cells, and wait for the last."""
        self.menu("Run", "Run All Cells")
        self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").last.filter(has_text=re.compile(r"\[\d+\]")).wait_for()
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """No cell is running or waiting to run."""
        self.page.wait_for_function("![...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].some((p) => p.textContent.includes('*'))")

    def write(self, text: str, code: str) -> None:
        """Replace a cell's source by typing, and run it."""
        editor = self.cell(text).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        # typed at once: the editor's own indenting and closing of brackets is not what is tested
        self.page.keyboard.insert_text(code)
        self._run_current(text)

    def run(self, text: str) -> None:
        """Run the cell that has the text."""
        self.cell(text).locator(".cm-content").click()
        self._run_current(text)

    def _run_current(self, text: str) -> None:
        prompt = self.cell(text).locator(".jp-InputPrompt")
        before = prompt.text_content()
        self.page.keyboard.press("Shift+Enter")
        # a new number; that no cell is waiting to run is also so before the key has arrived
        changed = "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before"
        self.page.wait_for_function(changed, arg=[prompt.element_handle(), before])
        self.wait_until_idle()

    def wear(self, theme: str) -> None:
        """What the system wears, JupyterLab wears, too."""
        self.page.emulate_media(color_scheme="dark" if theme == "Dark" else "light")
        self.page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {theme}']", state="attached")
        # JupyterLab covers the page while it loads the theme's style
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def picture(self, path: Path, first, last) -> None:
        """The page from one element down to another."""
        first.evaluate("(element) => element.scrollIntoView({ block: 'start' })")
        above, below = first.bounding_box(), last.bounding_box()
        clip = {"x": above["x"], "y": above["y"] + 2, "width": above["width"], "height": below["y"] + below["height"] - above["y"] - 2}
        self.page.screenshot(path=path, clip=clip)

    def strangers(self) -> list[str]:
        """The requests that left this machine."""
        return [url for url in self.requests if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname not in LOCAL]


@pytest.fixture(scope="session")
def notebook_of():
    """The words for a notebook that something else than `bpkit lab` serves."""
    return Notebook


@pytest.fixture
def open_notebook(browser, lab, screens, request):
    """Open one of the learner's notebooks in JupyterLab and wait for its kernel."""
    with _opening(browser, lab, screens, request) as opener:
        yield opener


@pytest.fixture
def open_classic(browser, classic, screens, request):
    """The same in Jupyter Notebook."""
    with _opening(browser, classic, screens, request) as opener:
        yield opener


@contextmanager
def _opening(browser, server, screens, request) -> Iterator[Callable[..., Notebook]]:
    contexts = []

    def opener(name: str, size=LAPTOP, sharpness=1) -> Notebook:
        context = browser.new_context(viewport=size, device_scale_factor=sharpness)
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        notebook = Notebook(page)
        context.on("request", lambda request: notebook.requests.append(request.url))
        page.on("websocket", lambda socket: notebook.requests.append(socket.url))
        page.goto(server.address(name))
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        # cells out of view come when the page has nothing else to do, and what has the focus by then may lose it
        code = sum(cell["cell_type"] == "code" for cell in json.loads((server.folder / name).read_text(encoding="utf-8"))["cells"])
        page.wait_for_function("(all) => document.querySelectorAll('.jp-Notebook .jp-CodeCell .cm-content').length >= all", arg=code)
        server.wait_for_kernel(page)
        return notebook

    yield opener
    for number, context in enumerate(contexts):
        if getattr(request.node, "failed", False):
            context.pages[0].screenshot(path=screens / f"failed_{request.node.name}_{number}.png")
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets a fixture know that its test failed, so that it can keep a picture of the page."""
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture(scope="session")
def screens() -> Path:
    """Where pictures go for people to look at."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    return SCREENS
