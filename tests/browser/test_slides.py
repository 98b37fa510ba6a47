"""The course's decks as a room sees them: from disk, on two projectors, in light and dark, on paper, and at the speaker's desk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from widget_page import fits

pytest.importorskip("nbconvert")
pytest.importorskip("jupytext")

from bpkit.authoring import deck_font
from bpkit.authoring.catalogues import deck_words, folder_of, to_do
from bpkit.authoring.deck import build_deck
from bpkit.authoring.deck_index import write_index
from bpkit.authoring.edition import deck_edition
from bpkit.authoring.packages import packages
from bpkit.authoring.printing import print_pdf
from bpkit.authoring.source import read_source
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError

pytestmark = pytest.mark.browser

COURSE = find_course()
PROJECTORS = {"720p": {"width": 1280, "height": 720}, "1080p": {"width": 1920, "height": 1080}}

# what of the current slide leaves the slide's box; drawings count as a whole, MathML and notes are not drawn
OUTSIDE = """() => {
  const box = document.querySelector(".slides").getBoundingClientRect();
  const parts = [...Reveal.getCurrentSlide().querySelectorAll("*")].filter((e) => !e.closest("aside.notes, .katex-mathml, svg *"));
  return parts.filter((e) => {
    const r = e.getBoundingClientRect();
    const bottom = e.matches(".slide") ? box.bottom : box.bottom - 0.05 * box.height; // the slide's number stands there
    return r.width && r.height && (r.left < box.left - 1 || r.top < box.top - 1 || r.right > box.right + 1 || r.bottom > bottom + 1);
  }).map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 50)}`);
}"""
# parts of a slide's grid that lie on each other, and text wider than its own box
CROWDED = """() => {
  const slide = Reveal.getCurrentSlide();
  const cells = [...slide.querySelectorAll(".cell")].filter((e) => e.getBoundingClientRect().height);
  const faults = [];
  cells.forEach((a, i) => cells.slice(i + 1).forEach((b) => {
    const [r, s] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    if (r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 1 && s.top < r.bottom - 1) faults.push(`${a.className} on ${b.className}`);
  }));
  for (const e of slide.querySelectorAll("pre, td, p, li, .katex-display")) {
    if (e.closest("aside.notes")) continue;
    if (e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline") faults.push(`too wide: ${e.textContent.trim().slice(0, 50)}`);
  }
  return faults;
}"""
# what the widgets of the current slide write in less than `least` px of a room 720 px high
SMALL = """(least) => {
  const small = [];
  for (const widget of Reveal.getCurrentSlide().querySelectorAll(".bpkit-widget")) {
    const walker = document.createTreeWalker(widget, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      const e = text.parentElement;
      const range = document.createRange();
      range.selectNodeContents(text);
      if (!text.data.trim() || !range.getBoundingClientRect().width) continue;
      let scale = Reveal.getScale();
      if (e instanceof SVGElement) {
        const units = e.getScreenCTM();
        scale = Math.hypot(units.a, units.b); // a turned text has its size in both
      } else scale *= e.currentCSSZoom;
      const size = (parseFloat(getComputedStyle(e).fontSize) * scale * 720) / innerHeight;
      if (size < least) small.push([size, text.data.trim()]);
    }
  }
  return small;
}"""
LEAST = 18
# the background, and the text that stands out from what is behind it by less than 4.5 to 1
CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = (colours) => {
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // the backgrounds from the lowest up: one that lets another through is painted over it
  const behind = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    const through = (colour.match(/[\\d.]+/g) ?? []).length !== 3; // a fourth number is how opaque it is
    return e.parentElement && through ? [...behind(e.parentElement), colour] : [colour];
  };
  const faint = [];
  let texts = 0;
  for (const e of document.querySelectorAll(".slide *")) {
    const written = [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    // \\phantom takes room and is not there to be read; the sign of a card is a picture beside the word that says the same
    const elsewhere = e.closest("aside, svg, script, style, .katex-mathml, .bpkit-host, .bpkit-sign");
    if (!written || elsewhere || getComputedStyle(e).color === "rgba(0, 0, 0, 0)") continue;
    texts += 1;
    const [one, other] = [luminance([...behind(e), getComputedStyle(e).color]), luminance(behind(e))];
    if ((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5) faint.push(`${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`);
  }
  return { paper: luminance(behind(document.body)), texts, faint };
}"""


# one worker builds a deck and looks at it in every light
DECKS = [pytest.param(path.stem, marks=pytest.mark.xdist_group(path.stem)) for path in files_of(COURSE.slides, ".py")]
# what is the same for every deck is looked at with one
one_deck = pytest.mark.parametrize("deck", DECKS[5:6], indirect=True)
one_chinese_deck = pytest.mark.parametrize("chinese", DECKS[5:6], indirect=True)
# nobody looks at the pictures of a machine that only says whether all is well, and they take longer than what is measured
PICTURES = not os.environ.get("CI")


@pytest.fixture(scope="module", params=DECKS)
def deck(request, tmp_path_factory):
    """A deck, built and written to disk."""
    try:
        fetched = packages(COURSE.slides)
    except CourseError as error:
        pytest.skip(str(error))
    path = tmp_path_factory.mktemp("decks") / f"{request.param}.html"
    path.write_text(build_deck(read_source(COURSE.slides / f"{request.param}.py"), fetched).html, encoding="utf-8")
    return path


# of these signs the ones that look like one which no font has
DRAWN_AS_A_BOX = """(signs) => {
  const context = Object.assign(document.createElement("canvas"), { width: 60, height: 60 }).getContext("2d", { willReadFrequently: true });
  context.font = '30px "Deck Chinese", monospace';
  const pixels = (sign) => {
    context.clearRect(0, 0, 60, 60);
    context.fillText(sign, 10, 40);
    return context.getImageData(0, 0, 60, 60).data.join();
  };
  const box = pixels("\\u{10fffd}");
  return signs.filter((sign) => pixels(sign) === box);
}"""


@pytest.fixture(scope="module", params=DECKS)
def chinese(request, tmp_path_factory):
    """The same in Chinese."""
    if f"deck_{request.param[:2]}" in to_do(folder_of(COURSE, "zh")):
        pytest.skip("not translated yet")
    try:
        fetched = packages(COURSE.slides)
    except CourseError as error:
        pytest.skip(str(error))
    source = read_source(COURSE.slides / f"{request.param}.py")
    path = tmp_path_factory.mktemp("chinese") / f"{request.param}.html"
    words = deck_words(COURSE, "zh")
    path.write_text(build_deck(deck_edition(source, COURSE, "zh")[0], fetched, words, source).html, encoding="utf-8")
    write_index(path.parent, words)
    return path


@pytest.fixture
def show(browser):
    """Open a deck from disk; at the end it must have asked for nothing and complained of nothing."""
    contexts, asked, said = [], [], []

    def opener(path, size="720p", scheme="light", query=""):
        context = browser.new_context(viewport=PROJECTORS[size], color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(30_000)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri() + query)
        page.wait_for_function("window.Reveal?.isReady()")
        page.evaluate("document.fonts.ready")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert said == []


def slides(page):
    """Go through all slides, everything on them shown."""
    for number in range(page.evaluate("Reveal.getSlides().length")):
        page.evaluate("(n) => { const i = Reveal.getIndices(Reveal.getSlides()[n]); Reveal.slide(i.h, i.v, 99); }", number)
        yield number + 1


# each size and each scheme once: a slide is laid out at one size and scaled, so neither changes where things lie in the other
each_projector = pytest.mark.parametrize(("size", "scheme"), [("720p", "dark"), ("1080p", "light")])


@each_projector
def test_every_slide_fits_its_box(deck, show, screens, size, scheme):
    fits_everywhere(show(deck, size, scheme), screens, f"deck_{deck.stem[:2]}_{size}_{scheme}")


def test_every_slide_fits_its_box_in_chinese(chinese, show, screens):
    fits_everywhere(show(chinese), screens, f"deck_zh_{chinese.stem[:2]}")


def fits_everywhere(page, screens, name):
    faults, small = {}, []

    def look():
        small.extend(page.evaluate(SMALL, LEAST))
        return page.evaluate(OUTSIDE) + page.evaluate(CROWDED)

    for number in slides(page):
        found = look()
        if PICTURES or found:
            page.screenshot(path=screens / f"{name}_{number:02d}.png")
        last = page.locator("section.present .bpkit-widget").get_by_role("button", name="Last", exact=True)
        if last.count():
            last.first.click()
            found += look()
        for choice in page.locator("section.present .bpkit-chooser button").all():
            choice.click()
            found += look()
        if found:
            faults[number] = found
    assert faults == {}
    assert small == []


# what is written in Chinese characters with a font that is not the deck's own
FOREIGN = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const [text, e] = [walker.currentNode.data, walker.currentNode.parentElement];
    if (!/[\\u3000-\\u9fff\\uff00-\\uffef]/.test(text) || e.closest("script, style, title, .katex-mathml, body > aside")) continue;
    if (getComputedStyle(e).fontFamily.includes("Deck Chinese")) continue;
    found.push(`${e.tagName} in ${e.parentElement.className}: ${text.trim().slice(0, 40)}`);
  }
  return found;
}"""


@pytest.mark.skipif(not deck_font.is_there(), reason="no open font with Chinese characters (Debian: apt install fonts-wqy-microhei)")
def test_a_chinese_deck_brings_all_its_characters_along(chinese, show, screens):
    page = show(chinese)
    # the table of keys stands there only while it is asked for
    page.keyboard.press("Shift+Slash")
    page.get_by_text("快捷键").wait_for()
    written = sorted(set(re.findall(r"[\u3000-\u9fff\uff00-\uffef]", page.evaluate("document.documentElement.textContent"))))
    assert len(written) > 200
    assert page.evaluate("(text) => document.fonts.load('30px \"Deck Chinese\"', text).then((faces) => faces.length)", "".join(written)) == 1
    assert page.evaluate("document.fonts.check('30px \"Deck Chinese\"')")
    # a sign that a font does not have is drawn as its box
    assert page.evaluate(DRAWN_AS_A_BOX, written) == []
    assert page.evaluate(FOREIGN) == []
    page.screenshot(path=screens / f"deck_zh_{chinese.stem[:2]}_keys.png")
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert page.evaluate("[...document.querySelectorAll('.controls button')].filter((e) => !/[\u4e00-\u9fff]/.test(e.ariaLabel)).length") == 0

    with page.expect_popup() as opened:
        page.keyboard.press("s")
    desk = opened.value
    desk.wait_for_selector(".speaker-controls-notes .value:not(:empty)")
    assert desk.evaluate(FOREIGN) == []
    assert desk.evaluate("document.fonts.load('18px \"Deck Chinese\"', '备').then((faces) => faces.length)") == 1
    assert not re.search(r"\b(?!reveal)[A-Za-z]{4,}", desk.locator(".label, option, .speaker-layout-label").all_inner_texts().__str__())
    desk.screenshot(path=screens / f"deck_zh_{chinese.stem[:2]}_desk.png")


@one_chinese_deck
def test_the_chinese_index_of_decks(browser, chinese, axe, screens):
    for scheme, width in (("light", 390), ("dark", 1280)):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.goto((chinese.parent / "index.html").as_uri())
        assert fits(page) and axe(page) == [] and page.evaluate(FOREIGN) == []
        assert page.evaluate("document.documentElement.lang") == "zh"
        page.screenshot(path=screens / f"decks-index-zh-{width}-{scheme}.png")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_keeps_its_contrast_and_t_switches_the_scheme(deck, show, scheme):
    page = show(deck, scheme=scheme)

    def check(dark):
        seen = page.evaluate(CONTRAST)
        assert seen["texts"] > 100
        assert seen["faint"] == []
        assert seen["paper"] < 0.1 if dark else seen["paper"] > 0.9

    check(scheme == "dark")
    page.keyboard.press("t")
    check(scheme != "dark")
    page.keyboard.press("t")
    check(scheme == "dark")


def test_fragments_come_one_at_a_time_in_reading_order(deck, show):
    page = show(deck)
    steps = 0
    for number in slides(page):
        page.evaluate("(n) => { const i = Reveal.getIndices(Reveal.getSlides()[n]); Reveal.slide(i.h, i.v, -1); }", number - 1)
        count = page.evaluate("new Set([...Reveal.getCurrentSlide().querySelectorAll('.fragment')].map((f) => f.dataset.fragmentIndex)).size")
        seen = []
        for _ in range(count):
            page.keyboard.press("Space")
            seen.append(page.evaluate("[...Reveal.getCurrentSlide().querySelectorAll('.fragment')].map((f) => f.classList.contains('visible'))"))
        assert page.evaluate("Reveal.getSlides().indexOf(Reveal.getCurrentSlide())") == number - 1
        shown = [sum(step) for step in seen]
        assert all(step == sorted(step, reverse=True) for step in seen), f"slide {number}: not in reading order"
        assert shown == sorted(set(shown)) and (not seen or all(seen[-1])), f"slide {number}"
        steps += count
    assert steps > 20


def test_every_figure_has_its_text_and_every_formula_its_mathml(deck, show):
    page = show(deck)
    assert page.evaluate("[...document.querySelectorAll('img')].filter((image) => !image.alt).length") == 0
    assert page.evaluate("document.querySelectorAll('.bpkit-figure img').length") > 0
    assert page.evaluate("document.querySelectorAll('.katex').length === document.querySelectorAll('.katex math').length")
    assert page.evaluate("document.querySelectorAll('.katex').length") > 20
    assert not re.search(
        r"\$|\\[a-z]{2,}",
        page.evaluate("document.querySelectorAll('.katex, pre, script, style').forEach((e) => e.remove()), document.body.textContent"),
    )


@one_deck
def test_the_speaker_window_shows_the_notes_from_disk(deck, show):
    page = show(deck)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    desk = opened.value
    desk.wait_for_selector(".speaker-controls-notes .value:not(:empty)")
    page.wait_for_timeout(1500)
    for _ in range(12):  # a slide may unfold in several steps
        if page.evaluate("Reveal.getIndices().h") >= 2:
            break
        page.keyboard.press("Space")
        # the two windows keep each other in step, at the pace of a person: reveal.js settles each change for half a second
        page.wait_for_timeout(800)
    assert page.evaluate("Reveal.getIndices().h") >= 2
    current = page.evaluate("Reveal.getCurrentSlide().querySelector('aside.notes').textContent.replace(/\\s+/g, ' ').trim().slice(0, 30)")
    # the desk learns of the slide by a message from the other window; a window in the background draws no frames to wait for
    notes = "(text) => document.querySelector('.speaker-controls-notes .value').textContent.replace(/\\s+/g, ' ').includes(text)"
    desk.wait_for_function(notes, arg=current, polling=100)
    # what comes next is a second copy of the deck, opened from disk too
    assert desk.locator("#upcoming-slide iframe").get_attribute("src").startswith("file:")


def test_a_widget_keeps_its_arrow_keys(deck, show):
    page = show(deck)
    if page.locator(".bpkit-widget").count() == 0:
        pytest.skip("no widget in this deck")
    page.evaluate("Reveal.slide(Reveal.getIndices(document.querySelector('.bpkit-widget').closest('section')).h)")
    page.wait_for_selector(".bpkit-widget button, .bpkit-widget input, .bpkit-widget [tabindex='0']", state="visible")
    here, drawn = page.evaluate("[JSON.stringify(Reveal.getState()), document.querySelector('.bpkit-widget').innerHTML]")
    page.locator(".bpkit-widget").locator("button:enabled, input, [tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("JSON.stringify(Reveal.getState())") == here
    page.wait_for_function("(drawn) => document.querySelector('.bpkit-widget').innerHTML !== drawn", arg=drawn)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("JSON.stringify(Reveal.getState())") != here


def test_the_pdf_has_a_page_for_every_slide_and_is_tagged(deck, show, tmp_path):
    page = show(deck, query="?print-pdf")
    # Reveal moves the slides onto pages after it says that it is ready
    count = page.wait_for_function("window.Reveal?.getSlides().length").json_value()
    # in a thread of its own: this one already drives a browser
    with ThreadPoolExecutor(1) as other:
        size = other.submit(print_pdf, deck, tmp_path / f"{deck.stem}.pdf").result()
    data = (tmp_path / f"{deck.stem}.pdf").read_bytes()
    assert len(data) == size
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == count
    assert b"/StructTreeRoot" in data and b"/Outlines" in data
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


@one_deck
def test_the_command_prints_a_deck(deck, tmp_path):
    command = [sys.executable, "-m", "bpkit.cli", "slides", deck.stem[:2], "--out", str(tmp_path), "--pdf"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / f"{deck.stem}.pdf").read_bytes()))
    assert re.search(rf"{pages} slides, \S+ MB; \S+\.pdf: \S+ MB\n", done.stdout)


def test_axe_finds_nothing_serious(deck, show, axe):
    # as for paper: all slides side by side, with all that is on them
    page = show(deck, query="?view=print")
    page.wait_for_selector(".pdf-page")
    assert axe(page) == []


@one_deck
def test_the_index_of_decks(browser, deck, axe, screens):
    write_index(deck.parent)
    for scheme, width in (("light", 390), ("dark", 1280)):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.goto((deck.parent / "index.html").as_uri())
        assert fits(page) and axe(page) == []
        page.screenshot(path=screens / f"decks-index-{width}-{scheme}.png")
        page.get_by_role("link").first.click()
        page.wait_for_function("window.Reveal?.isReady()")
        page.close()
