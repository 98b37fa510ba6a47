"""The static pages from a disk: nothing on the console, no request to another machine, and search, widgets and the dark theme work."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from widget_page import fits, focus, said

from bpkit.cli import main
from bpkit.course.contents import contents
from bpkit.course.folders import find_course

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "build" / "screens"
LESSON = "lessons/05_propagating_the_error.html"
CHINESE = f"zh/{LESSON}"
SMALL_LAPTOP = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    out, decks = folder / "out", folder / "decks"
    assert main(["slides", "05", "06", "--out", str(decks)]) == 0
    assert main(["site", "--out", str(out), "--decks", str(decks)]) == 0
    SCREENS.mkdir(parents=True, exist_ok=True)
    return out


@pytest.fixture(params=["light", "dark"])
def page(browser, request):
    """A page that may say nothing on the console, and ask for nothing but files."""
    opened = browser.new_page(color_scheme=request.param)
    opened.scheme = request.param
    asked, complaints = set(), []
    opened.on("request", lambda sent: asked.add(urlsplit(sent.url).scheme))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    # the theme says there which colours it has changed to
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    yield opened
    opened.close()
    assert asked <= {"file", "data", "blob"}
    assert complaints == []


def brightness(page, selector):
    """Of an element's background, 0 to 255."""
    colour = page.locator(selector).first.evaluate("element => getComputedStyle(element).backgroundColor")
    return sum(float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]) / 3


def test_every_page_opens_and_fits(page, site):
    # a scheme changes no widths: each size is looked at in one of them
    if page.scheme == "dark":
        page.set_viewport_size(PHONE)
    for file in sorted(site.rglob("*.html")):
        page.goto(file.as_uri())
        assert fits(page), file
        assert (brightness(page, "body") < 128) == (page.scheme == "dark"), file


# of each formula of the page: is it cut off by, or wider than, what it stands in; does its name lie on it; how far to the right does it reach
FORMULAS = """() => {
    document.querySelectorAll("details").forEach(box => { box.open = true });
    const article = document.querySelector("article").getBoundingClientRect();
    return [...document.querySelectorAll("article .katex-html")].map(formula => {
        const parts = [...formula.querySelectorAll(":scope > .base")].map(part => part.getBoundingClientRect());
        const name = formula.querySelector(":scope > .tag")?.getBoundingClientRect();
        const right = Math.max(...parts.map(part => part.right), name?.right ?? 0);
        let box = formula.parentElement;
        while (box.tagName !== "ARTICLE" && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
        const scrolls = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
        const edge = Math.min(article.right, box.getBoundingClientRect().right);
        return {
            tex: formula.closest(".katex").querySelector("annotation").textContent,
            wide: right > edge + 1 || (scrolls && box.scrollWidth > box.clientWidth + 1),
            lost: right > edge + 1 && !scrolls,
            covered: name !== undefined && parts.some(part => part.right > name.left && part.bottom > name.top && part.top < name.bottom),
        };
    });
}"""


def test_formulas_fit_their_column_and_scroll_by_themselves_on_a_phone(browser, site):
    opened = browser.new_page()
    for file in sorted(site.glob("**/lessons/*.html")):
        opened.goto(file.as_uri())
        for size, faults in ((SMALL_LAPTOP, ("wide", "covered")), (PHONE, ("lost", "covered"))):
            opened.set_viewport_size(size)
            found = opened.evaluate(FORMULAS)
            assert found and [(file.name, each["tex"]) for each in found if any(each[fault] for fault in faults)] == []
            assert fits(opened), file
    opened.close()


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        LESSON,
        "glossary.html",
        "equations.html",
        "decks.html",
        "grading.html",
        CHINESE,
        "zh/index.html",
        "zh/equations.html",
        "zh/decks.html",
    ],
)
def test_axe_finds_nothing_serious(page, site, axe, name):
    page.goto((site / name).as_uri())
    assert axe(page) == []


def search(page, words):
    """The pages that are found, once all are."""
    page.locator("input.sidebar-search").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("document.querySelector('.search-summary').innerText.length > 0")
    return page.locator("#search-results li a")


@pytest.mark.parametrize("words", ["softmax", "softmax Jacobian", "反向传播"])
def test_search_finds(page, site, words):
    page.goto((site / "index.html").as_uri())
    search(page, words).first.click()
    page.wait_for_selector("article h1")


@pytest.mark.parametrize(
    ("words", "lessons"),
    [
        ("误差", {"04", "05", "06"}),
        ("反向传播", {"00", "05", "06", "09", "10"}),
        ("雅可比矩阵", {"02", "05"}),
        ("softmax", {"04"}),
        # a character alone: the trace
        ("迹", {"09"}),
    ],
)
def test_search_finds_chinese_words(page, site, words, lessons):
    page.goto((site / "zh" / "index.html").as_uri())
    found = search(page, words)
    assert lessons <= {title[:2] for title in found.all_inner_texts()}
    page.screenshot(path=SCREENS / f"site-search-zh-{page.scheme}.png")
    found.first.click()
    page.wait_for_selector("article h1")
    assert "/zh/" in page.url


def test_chinese_words_that_stand_nowhere_together_find_nothing(page, site):
    page.goto((site / "zh" / "index.html").as_uri())
    page.locator("input.sidebar-search").fill("误差猫")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText.length > 0")
    assert page.locator("#search-results li").count() == 0


@pytest.mark.parametrize("viewport", [None, PHONE])
def test_the_switch_leads_to_the_same_page_and_back(page, site, viewport):
    if viewport:
        page.set_viewport_size(viewport)
    page.goto((site / LESSON).as_uri())
    page.get_by_role("link", name="中文", exact=True).click()
    page.wait_for_url((site / CHINESE).as_uri())
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English", exact=True).click()
    page.wait_for_url((site / LESSON).as_uri())
    # where there is no such page in Chinese, to the first one
    page.goto((site / "api" / "plots.html").as_uri())
    page.get_by_role("link", name="中文", exact=True).click()
    page.wait_for_url((site / "zh" / "index.html").as_uri())
    page.screenshot(path=SCREENS / f"site-zh-{'phone' if viewport else 'home'}-{page.scheme}.png")
    page.locator("article a[hreflang=en]").first.click()
    page.wait_for_url((site / "api" / "index.html").as_uri())


@pytest.mark.parametrize(("lesson", "toggle"), [(LESSON, "Toggle Light / Dark / Auto color theme"), (CHINESE, "切换浅色、深色或跟随系统")])
def test_a_widget_moves_and_follows_the_theme(page, site, lesson, toggle):
    page.goto((site / lesson).as_uri())
    page.wait_for_selector(".bpkit-widget button")
    before = said(page)
    focus(page)
    page.keyboard.press("ArrowRight")
    assert said(page) != before
    page.screenshot(path=SCREENS / f"site-lesson-{lesson[:2]}-{page.scheme}.png")
    widget, dark = page.locator(".bpkit-widget"), page.scheme == "dark"
    assert (widget.get_attribute("data-dark") is not None) == dark
    # the button goes from "as the system" to the other theme
    page.get_by_role("button", name=toggle).locator("visible=true").first.click()
    page.wait_for_function("dark => document.querySelector('.bpkit-widget').hasAttribute('data-dark') !== dark", arg=dark, timeout=5000)


def test_what_scrolls_can_be_reached_by_keyboard(page, site):
    page.set_viewport_size(PHONE)
    page.goto((site / LESSON).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
    page.wait_for_function("document.querySelectorAll('pre[tabindex]').length > 10")
    stuck = "[...document.querySelectorAll('pre')].filter(block => (block.scrollWidth > block.clientWidth) !== (block.tabIndex === 0)).length"
    page.wait_for_function(f"{stuck} === 0", timeout=5000)


@pytest.mark.parametrize(("lesson", "click"), [(LESSON, "Show a solution"), (CHINESE, "显示参考答案")])
def test_a_solution_opens_at_a_click_and_next_leads_on(page, site, lesson, click):
    page.goto((site / lesson).as_uri())
    solution = page.locator("details", has_text=click).first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
    page.locator("a.next-page").click()
    page.wait_for_url((site / lesson).as_uri().replace("05_propagating_the_error", "06_backpropagation"))


def test_a_lesson_leads_to_its_deck(page, site):
    page.goto((site / LESSON).as_uri())
    page.get_by_role("link", name="Its slides").click()
    page.wait_for_function("window.Reveal?.isReady()")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("Reveal.getIndices().h === 1")
    page.screenshot(path=SCREENS / f"site-deck-{page.scheme}.png")
    page.goto((site / "decks.html").as_uri())
    page.screenshot(path=SCREENS / f"site-decks-{page.scheme}.png")
    titles = [lesson.title for lesson in contents(find_course())[5:7]]
    assert page.locator("article table a").all_inner_texts() == titles
