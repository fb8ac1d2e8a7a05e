"""Tables of what both sides of a requisition agreed to and rated."""

from __future__ import annotations

from atsbridge.store.database.table_parts import own_table, text_column, whole_column

# `snapshot` and `impact`: JSON objects, see `store.partnership`.
BRIEF_VERSIONS = own_table(
    "brief_versions",
    *(text_column(name, key=True) for name in ("account", "requisition")),
    whole_column("number", key=True),
    whole_column("made_at"),
    text_column("made_by"),
    whole_column("sent_at", null=True),
    text_column("snapshot"),
    text_column("impact"),
    rowid=False,
)
BRIEF_AGREEMENTS = own_table(
    "brief_agreements",
    *(text_column(name, key=True) for name in ("account", "requisition")),
    whole_column("version", key=True),
    *(text_column(name, key=True) for name in ("person", "side")),  # user id
    whole_column("at"),
    text_column("source"),
    rowid=False,
)
CALIBRATIONS = own_table(
    "calibrations",
    *(text_column(name, key=True) for name in ("account", "requisition")),
    whole_column("number", key=True),
    whole_column("begun_at"),
    text_column("people"),  # JSON object: side -> user id
    whole_column("compared_at", null=True),
    rowid=False,
)
# A profile of a round, and what each person thinks of it. `id`: the application's.
CALIBRATION_PROFILES = own_table(
    "calibration_profiles",
    *(text_column(name, key=True) for name in ("account", "requisition")),
    whole_column("number", key=True),
    text_column("id", key=True),
    whole_column("place"),
    rowid=False,
)
CALIBRATION_RATINGS = own_table(
    "calibration_ratings",
    *(text_column(name, key=True) for name in ("account", "requisition")),
    whole_column("number", key=True),
    *(text_column(name, key=True) for name in ("id", "person")),
    whole_column("value"),
    text_column("remark"),
    rowid=False,
)
