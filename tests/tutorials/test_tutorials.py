"""The tutorials, followed from their first step to their last."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ..docs.guide import Guide
from ..docs.pages import ROOT

TUTORIALS = sorted(one.name for one in (ROOT / "docs/tutorials").glob("*.md"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [name for name in TUTORIALS if name != "README.md"])
def test_the_tutorial_can_be_followed(page: str, tmp_path: Path) -> None:
    """Every command succeeds; what the page says is printed is printed."""
    with closing(Guide(f"tutorials/{page}", tmp_path)) as guide:
        guide.follow()
    assert len(guide.steps) > 5
