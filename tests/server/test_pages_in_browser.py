"""Every live page in Debian's chromium: on a desk, on a phone, in the dark, by keyboard.

Pictures are kept where SERVER_SCREENSHOTS says, for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from benchmarks.report_store import StoreSize
from playwright.sync_api import Browser, Page, sync_playwright
from tests.report.conftest import HOSTILE
from tests.server.conftest import HEADER, OPS, SMALL, Site, site

pytestmark = pytest.mark.skipif(which("chromium") is None, reason="chromium is not installed")
_SIZES = {"desk": (1440, 900), "phone": (390, 844)}
_SERIOUS = ("serious", "critical")
RECRUITER = "person0@acme.example"
PAGES = {  # name -> path, reader
    "overview": ("/", OPS),
    "filtered": ("/?q=engineer&show=late", OPS),
    "empty": ("/?q=nothing", OPS),
    "stranger": ("/", "nobody@acme.example"),
    "role": ("/roles/acme/ENG-0", RECRUITER),
    "case": ("/cases/1", RECRUITER),
    "mine": ("/mine", RECRUITER),
    "brief": ("/briefs/acme/ENG-0", RECRUITER),
    "inbox": ("/inbox", OPS),
    "missing": ("/roles/acme/none", OPS),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Every name, title and stage is hostile."""
    size = StoreSize(20, 200, 200, 20, 4, HOSTILE)
    with site(tmp_path_factory.mktemp("hostile"), size) as made:
        yield made


def open_page(
    browser: Browser, made: Site, name: str, size: str = "desk", scheme: str = "light"
) -> Page:
    """A page as its reader sees it; what the browser complains of is in `page.seen`."""
    path, reader = PAGES[name]
    width, height = _SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        extra_http_headers={HEADER: reader},
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda one: seen.append(one.url) if _outside(one.url, made) else None)
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("console", lambda line: seen.append(f"console: {line.text}"))
    page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    page.goto(made.url + path)
    page.seen = seen  # type: ignore[attr-defined]
    return page


def _outside(url: str, made: Site) -> bool:
    return not url.startswith((made.url, "data:image/svg+xml", "data:,"))


def complaints(page: Page) -> list[str]:
    """Everything but the status of a page that is missing."""
    seen: list[str] = page.seen  # type: ignore[attr-defined]
    return [one for one in seen if "404 (Not Found)" not in one]


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_every_page_can_be_read_by_everybody(
    browser: Browser, live: Site, size: str, scheme: str
) -> None:
    """No serious finding of axe, nothing wider than the screen, nothing the policy forbids."""
    for name in PAGES:
        page = open_page(browser, live, name, size, scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        findings = [
            f"{name}: {one['id']}: {one['nodes'][0]['html'][:200]}"
            for one in Axe().run(page).response["violations"]
            if one["impact"] in _SERIOUS
        ]
        assert findings == []
        assert page.evaluate("document.documentElement.scrollWidth") == _SIZES[size][0], name
        assert complaints(page) == [], name
        if folder := os.environ.get("SERVER_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{size}-{scheme}.png", full_page=True)
        page.context.close()


def test_it_works_with_the_keyboard_alone(browser: Browser, live: Site) -> None:
    """Skip link, search, folded parts and links are reached, and the focus can be seen."""
    page = open_page(browser, live, "overview")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.locator("input[name=q]").focus()
    page.keyboard.type("eng-3")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=eng-3*")
    assert page.locator("tbody tr").count() == 1
    page.locator("tbody a").focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/roles/acme/r3")
    summary = page.locator("details > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is True
    page.context.close()


def test_every_link_leads_to_a_page(browser: Browser, live: Site) -> None:
    """Every link of every page, as its reader."""
    paths: dict[str, str] = {}
    for name, (_, reader) in PAGES.items():
        page = open_page(browser, live, name)
        hrefs = page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
        paths |= {one.removeprefix(live.url): reader for one in hrefs if one.startswith(live.url)}
        page.context.close()
    assert len(paths) > SMALL.requisitions
    paths = {path.partition("#")[0]: reader for path, reader in paths.items()}
    del paths[PAGES["missing"][0]]
    wrong = [path for path, reader in paths.items() if live.get(path, reader).status_code != 200]
    assert wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_hostile_names_do_nothing(browser: Browser, hostile: Site, name: str) -> None:
    """Names that are markup, styles, addresses or turn the direction of writing are text."""
    page = open_page(browser, hostile, name)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.wait_for_timeout(100)
    assert complaints(page) == []
    assert page.locator("script, iframe, object, style, img:not(.clock)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    assert "\u202e" not in page.content()
    hrefs = page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    assert [one for one in hrefs if not one.startswith(("http:", "https:"))] == []
    if name in ("overview", "role", "mine"):
        assert page.locator("text=<script>alert(1)").count() > 0
    page.context.close()
