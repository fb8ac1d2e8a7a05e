"""mkdocs.yml leads to every page."""

from __future__ import annotations

import re

from .pages import PAGES, ROOT


def test_the_navigation_has_every_page() -> None:
    """Single decisions are listed by their own page instead. Add a new page to `nav`."""
    named = set(re.findall(r"[\w/.-]+\.md", (ROOT / "mkdocs.yml").read_text("utf-8")))
    pages = {str(page.relative_to(ROOT)) for page in PAGES}
    pages = {page for page in pages if not re.match(r"docs/decisions/\d", page)}
    assert named - pages == set()
    assert pages - named == set(), "not in the nav of mkdocs.yml"
