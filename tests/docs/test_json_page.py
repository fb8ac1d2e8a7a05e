"""docs/reference/json.md is made from the code."""

from __future__ import annotations

import importlib.util

from .pages import ROOT


def test_the_page_is_current() -> None:
    """If this fails, run `make docs`, and note the change in the changelog."""
    spec = importlib.util.spec_from_file_location("page", ROOT / "tools/json_reference.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs/reference/json.md").read_text("utf-8") == tool.make_page()
