"""The tables of records, one per kind, built from the field catalog."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from atsbridge.model import Field, FieldType, catalog
from atsbridge.store.database.table_names import table_name

# Both engines must order text alike, so that "in order of id" is one promise.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
_TYPES: Mapping[FieldType, Text | BigInteger | Float[float] | Integer] = {
    FieldType.INT: WHOLE,
    FieldType.NUMBER: Float(53),
    FieldType.BOOL: WHOLE,
    FieldType.INSTANT: WHOLE,
}
# Refs that are followed backwards: from what changed to the subjects that lead to it.
_BACKWARDS = (
    "application.requisition",
    "approval.offer",
    "approval.requisition",
    "brief.requisition",
    "criterion.requisition",
    "interview.application",
    "offer.application",
    "opening.requisition",
    "scorecard.application",
    "seat.interview",
    "seat.scorecard",
    "stage_stay.application",
    "team_member.requisition",
)
# As `predicate_sql` writes "status is active", which may be unknown.
_LIVE = (
    "deleted_at IS NULL AND (status = 'active' OR substr(status, 1, 6) = 'other:' AND NULL) IS NOT "
)

metadata = MetaData()


def column_of(field: Field) -> Column[object]:
    """The column of a field; every one may be NULL."""
    return Column(field.name, _TYPES.get(field.type, TEXT), nullable=True)


def _records(kind: catalog.Kind) -> Table:
    """`parts`: a bit for every stream that has supplied its columns of the row.

    `deleted_with`: the application with which the record was deleted; it comes back with it.
    """
    return Table(
        table_name(kind.name),
        metadata,
        Column("account", TEXT, primary_key=True),
        Column("id", TEXT, primary_key=True),
        Column("parts", WHOLE, nullable=False, server_default=text("0")),
        Column("deleted_with", TEXT, nullable=True),
        *(column_of(field) for field in kind.fields.values() if field.stored),
        sqlite_with_rowid=False,
    )


RECORDS: Mapping[str, Table] = {name: _records(kind) for name, kind in catalog.KINDS.items()}


def derived(table: str, column: str) -> bool:
    """Whether the column holds a derived field of a kind of record."""
    kind = next((name for name, one in RECORDS.items() if one.name == table), None)
    return kind is not None and column in catalog.KINDS[kind].derived


for _path in _BACKWARDS:
    _kind, _, _field = _path.partition(".")
    _table = RECORDS[_kind]
    Index(f"{_table.name}_by_{_field}", _table.c.account, _table.c[_field])
_live = RECORDS["application"].c
Index(
    "applications_live",
    _live.account,
    _live.id,
    sqlite_where=text(f"{_LIVE}0"),
    postgresql_where=text(f"{_LIVE}false"),
)
# While the list of reasons is doubted, every run looks for applications that have one.
Index(
    "applications_with_reason",
    _live.account,
    _live.id,
    sqlite_where=text("reason IS NOT NULL"),
    postgresql_where=text("reason IS NOT NULL"),
)
_held = RECORDS["interview"].c
for _end in ("ends_at", "ends_on"):
    Index(
        f"interviews_by_{_end}",
        _held.account,
        _held[_end],
        sqlite_where=text(f"{_end} IS NOT NULL"),
        postgresql_where=text(f"{_end} IS NOT NULL"),
    )
