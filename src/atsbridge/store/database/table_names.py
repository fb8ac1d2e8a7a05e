"""The names of the tables of records, for modules that must not import the tables."""

from __future__ import annotations


def table_name(kind: str) -> str:
    """The table of a kind of record."""
    return "criteria" if kind == "criterion" else f"{kind}s"
