"""The navigation of the site leads to every page."""

from __future__ import annotations

import re

from .pages import PAGES, ROOT, load_tool


def test_the_navigation_has_every_page() -> None:
    """It comes from the README's lists; single decisions are listed by their own page."""
    sections = load_tool("build_site").make_navigation((ROOT / "README.md").read_text("utf-8"))
    named = {path for its in sections.values() for one in its for path in one.values()}
    pages = {str(page.relative_to(ROOT)) for page in PAGES} - {"README.md"}
    pages = {page for page in pages if not re.match(r"docs/decisions/\d", page)}
    assert named - pages == set()
    assert pages - named == set(), "list the page in README.md, below its readers"
    assert all(its for its in sections.values())
