"""What the store's own tables are made of: columns of the types that both databases have."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, text

from atsbridge.store.database.record_tables import TEXT, WHOLE, metadata


def own_table(name: str, *columns: Column[object] | Index, rowid: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_with_rowid=rowid)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows for which `where` holds."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def text_column(name: str, *, key: bool = False, null: bool = False) -> Column[object]:
    return Column(name, TEXT, primary_key=key, nullable=null)


def whole_column(name: str, *, key: bool = False, null: bool = False) -> Column[object]:
    return Column(name, WHOLE, primary_key=key, nullable=null, autoincrement=False)


def default_text(name: str, value: str = "") -> Column[object]:
    """A text that is `value` unless it is given."""
    return Column(name, TEXT, nullable=False, server_default=text(f"'{value}'"))


def flag_column(name: str) -> Column[object]:
    return Column(name, WHOLE, nullable=False, server_default=text("0"), autoincrement=False)


def number_column() -> Column[object]:
    return Column("number", WHOLE, primary_key=True, autoincrement=True)
