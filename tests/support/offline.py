"""A page from the disk in Chromium, and what it asks for."""

from contextlib import contextmanager
from pathlib import Path

from lab_in_chromium import VIEWPORT, new_page


@contextmanager
def asking_tab(browser):
    """A tab without a network; `page.asked` is what it asked for all the same, or in vain."""
    context = browser.browser.new_context(viewport=VIEWPORT, offline=True)
    with new_page(context) as page:
        page.asked = []
        page.on("requestfailed", lambda request: page.asked.append(request.url))
        page.on(
            "request",
            lambda request: page.asked.append(request.url) if "://" in request.url[:8] else None,
        )
        yield page
    context.close()


def open_file(page, path: Path) -> None:
    page.goto(path.as_uri())
    page.asked = [url for url in page.asked if not url.startswith(path.as_uri())]
