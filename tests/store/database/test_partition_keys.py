"""Tables can be partitioned by account, but for those that docs/scale.md names."""

from __future__ import annotations

import re
from pathlib import Path

from atsbridge.store.database.tables import metadata

PAGE = Path(__file__).parents[3] / "docs/scale.md"


def test_keys_begin_with_the_account_but_for_the_named_tables() -> None:
    """A new table is keyed by account first, or named on the page with its reason."""
    otherwise = {
        table.name
        for table in metadata.tables.values()
        if next(iter(table.primary_key)).name != "account"
    }
    section = PAGE.read_text("utf-8").split("## Partitions")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", section)) - {"account"} == otherwise


def test_indexes_of_tables_with_accounts_begin_with_the_account() -> None:
    """So that each partition has the whole index. A number or key that is unique needs none."""
    unique = {"number", "case_number", "person", "key"}
    found = [
        f"{table.name}.{index.name}"
        for table in metadata.tables.values()
        for index in table.indexes
        if "account" in table.columns and index.columns.keys()[0] not in {"account", *unique}
    ]
    assert found == []
