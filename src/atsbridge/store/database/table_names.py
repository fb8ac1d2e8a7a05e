"""What the tables of records are called.

Their columns are in `tables`, which costs more to import.
"""

from __future__ import annotations


def table_name(kind: str) -> str:
    """The table of a kind of record."""
    return "criteria" if kind == "criterion" else f"{kind}s"
