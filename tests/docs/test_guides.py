"""Guides and a tutorial, executed from their first step to their last."""

from __future__ import annotations

from pathlib import Path

import pytest

from .guide import Guide

GUIDES = ["write-a-sink.md", "write-a-rule-kind.md", "tutorials/spreadsheet.md"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", GUIDES)
def test_the_guide_can_be_followed(page: str, tmp_path: Path) -> None:
    Guide(page, tmp_path).follow()
