"""Words for what a widget that is open in a browser says and how it is moved."""

from __future__ import annotations


def said(page) -> str:
    return page.locator(".bpkit-say").inner_text()


def where(page) -> str:
    return page.locator(".bpkit-where").inner_text()


def focus(page) -> None:
    page.locator(".bpkit-widget").focus()


def slide(page, name: str, value: float) -> None:
    page.locator(f'input[aria-label="{name}"]').evaluate(
        "(range, value) => { range.value = value; range.dispatchEvent(new Event('input', { bubbles: true })) }", str(value)
    )


def fits(page) -> bool:
    """Whether nothing sticks out of the page to the right."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
