"""docs/connectors.md says what every field means that an author meets, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from atsbridge import ports

PAGE = (Path(__file__).parents[2] / "docs/connectors.md").read_text("utf-8")
# "`Stream`, one list:", then the rows of the table below it.
TABLES = {
    name: re.findall(r"^\| `(\w+)` \| (.+) \|$", rows, re.MULTILINE)
    for name, rows in re.findall(r"^`(\w+)`, [^\n]*:\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize(
    "name",
    [
        "ConnectorSpec",
        "Signal",
        "Stream",
        "Incremental",
        "Backfill",
        "Reconciliation",
        "OpenRecords",
        "RequestCost",
        "Parent",
        "ChildWatch",
        "Page",
    ],
)
def test_every_field_is_described(name: str) -> None:
    """In the order of declaration: a field that is added is a row that is missing here."""
    declared = [one.name for one in fields(getattr(ports, name))]
    assert [row[0] for row in TABLES.get(name, [])] == declared


def test_no_table_describes_what_is_not_there() -> None:
    """Each is of something that `atsbridge.ports` offers."""
    assert [name for name in TABLES if not hasattr(ports, name)] == []
