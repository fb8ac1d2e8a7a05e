"""The public API changes on purpose only, and every name of it is documented and can be loaded."""

from __future__ import annotations

import re
from pathlib import Path

from atsbridge import api, hookspecs, plugins

from . import public_api

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")


def test_the_api_is_as_in_the_snapshot() -> None:
    """Names, fields and signatures. On purpose: see "How to change the API" of docs/api.md."""
    assert public_api.describe() == public_api.SNAPSHOT.read_text("utf-8")


def test_a_changed_signature_changes_the_text() -> None:
    """So that the snapshot can fail."""

    def hook(account: str, *, year: int = 3) -> None: ...

    assert public_api._signature(hook) == "(account: str, *, year: int = ...) -> None"


def test_every_name_has_a_line_on_the_page() -> None:
    """And the page lists nothing else."""
    listed = re.findall(r"^\| `(\w+)` \| .+ \|$", PAGE, re.MULTILINE)
    names = {name for name in listed if not name.startswith("atsbridge_")}
    assert names == set(api.__all__)
    assert len(listed) == len(set(listed))


def test_every_hook_has_a_line_on_the_page() -> None:
    listed = set(re.findall(r"^\| `(atsbridge_\w+)` \| .+ \|$", PAGE, re.MULTILINE))
    assert listed == {name for name in vars(hookspecs) if name.startswith("atsbridge_")}


def test_the_number_is_the_one_that_plugins_are_held_to() -> None:
    """The page names it, and a plugin for another number is refused: tests/plugins."""
    assert f"`ATSBRIDGE_API = {api.ATSBRIDGE_API}`" in PAGE
    assert plugins.hookspecs.ATSBRIDGE_API == api.ATSBRIDGE_API
