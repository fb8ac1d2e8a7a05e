"""docs/reference/json.md is made from the code."""

from __future__ import annotations

from .pages import ROOT, load_tool


def test_the_page_is_current() -> None:
    """If this fails, run `make docs`, and note the change in the changelog."""
    page = load_tool("json_reference").make_page()
    assert (ROOT / "docs/reference/json.md").read_text("utf-8") == page
