"""The report as people read it: in Debian's chromium, on a desk, on a phone, in the dark, on paper.

Pictures of every page are kept where REPORT_SCREENSHOTS says, for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from tests.conftest import World

pytestmark = pytest.mark.skipif(which("chromium") is None, reason="chromium is not installed")
_SIZES = {"desk": (1440, 900), "phone": (390, 844)}
_SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(new_world: Callable[..., World]) -> Iterator[Path]:
    """The report of a company after two days of runs."""
    from datetime import timedelta

    world = new_world(200, seed=5)
    for _ in range(5):
        assert world.tick().code == 0
        world.standing.clock.advance(world.now + timedelta(hours=9))
    assert world.tick().code == 0
    target = world.folder / "report.html"
    outcome = world.call("report", "--out", str(target))
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"Wrote {target}\n"
    assert target.stat().st_mode & 0o777 == 0o600
    yield target
    world.close()


def open_page(browser: Browser, file: Path, size: str = "desk", scheme: str = "light") -> Page:
    """The file in a tab that keeps every request, error and dialog in `page.seen`."""
    width, height = _SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("console", lambda line: seen.append(f"console: {line.text}"))
    page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    page.goto(file.as_uri())
    page.seen = seen  # type: ignore[attr-defined]
    return page


def seen(page: Page, file: Path) -> list[str]:
    """Everything but the page itself and the pictures inside it."""
    kept: Any = page.seen  # type: ignore[attr-defined]
    return [one for one in kept if one != file.as_uri() and not one.startswith("data:image/svg")]


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody(
    browser: Browser, page_file: Path, size: str, scheme: str
) -> None:
    """No serious finding of axe, nothing wider than the screen, nothing asked of any server."""
    page = open_page(browser, page_file, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    findings = [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in _SERIOUS
    ]
    assert findings == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == _SIZES[size][0]
    assert seen(page, page_file) == []
    keep(page, f"{size}-{scheme}")
    page.context.close()


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody wants to look at it."""
    if folder := os.environ.get("REPORT_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_it_prints_what_is_folded(browser: Browser, page_file: Path, tmp_path: Path) -> None:
    """Folded parts are printed, the navigation is not."""
    page = open_page(browser, page_file)
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    closed = page.locator("details:not([open]) dl.facts").first
    assert closed.is_visible()
    keep(page, "print")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").stat().st_size > 10_000
    page.context.close()


def test_it_works_with_the_keyboard_alone(browser: Browser, page_file: Path) -> None:
    """Skip link, navigation and folded parts can be reached, and the focus can be seen."""
    page = open_page(browser, page_file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    summary = page.locator("details:not([open]) > summary").first
    summary.focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    parent = "document.activeElement.parentElement.open"
    assert page.evaluate(parent) is False
    page.keyboard.press("Enter")
    assert page.evaluate(parent) is True
    page.context.close()


def test_every_anchor_leads_somewhere(browser: Browser, page_file: Path) -> None:
    page = open_page(browser, page_file)
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(h => !document.getElementById(h.slice(1)))"
    )
    doubled = page.evaluate(
        "(ids => ids.filter((id, at) => ids.indexOf(id) !== at))"
        "([...document.querySelectorAll('[id]')].map(e => e.id))"
    )
    assert (lost, doubled) == ([], [])
    page.context.close()


def test_500_requisitions_and_200_pairs_are_one_small_page(
    browser: Browser, big_page: Path
) -> None:
    """Under three megabytes."""
    assert big_page.stat().st_size < 3_000_000
    page = open_page(browser, big_page)
    assert page.locator("section details[id*='-r-']").count() == 500
    assert page.locator("details[id*='-pair-']").count() == 200
    assert page.locator("img.clock").count() == 100
    page.context.close()


def test_hostile_names_do_nothing(browser: Browser, hostile_page: Path) -> None:
    """Names that are markup, styles, addresses or turn the direction of writing are text."""
    page = open_page(browser, hostile_page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.wait_for_timeout(200)
    assert seen(page, hostile_page) == []
    assert page.locator("script, iframe, object, img:not(.clock), link, form").count() == 0
    assert page.evaluate("document.title").startswith("Hiring report")
    assert page.locator("text=<script>alert(1)").count() > 10
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    text = hostile_page.read_text("utf-8")
    assert "\u202e" not in text
    assert "javascript:" not in text.replace("&#34;", '"').split("href=", 1)[1][:0] + "".join(
        page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    )
    page.context.close()
