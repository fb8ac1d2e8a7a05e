"""Names of candidates, read when a message needs one.

A contact has no list. Any of its opportunities shows its name, with the permission that the list of
opportunities needs anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from atsbridge.api import Fragment, Parent, Stream
from atsbridge_lever.wire import Ref, Row, ref


class _Named(msgspec.Struct, rename="camel"):
    """A row of `/opportunities?contact_id=`. An anonymized contact has no name of its own."""

    contact: Ref = None
    name: str | None = None
    is_anonymized: bool | None = None


class ContactRow(Row):
    """A contact with its name."""

    name: str | None = None


def normalize(row: ContactRow) -> Iterator[Fragment]:
    """The name and its first letters."""
    parts = (row.name or "").split()
    values = {
        "display_name": " ".join(parts) or None,
        "initials": "".join(part[0].upper() for part in parts) or None,
    }
    yield Fragment("candidate", row.id, values)


def to_contact(raw: msgspec.Raw) -> msgspec.Raw:
    """The contact of an opportunity."""
    row = msgspec.json.decode(raw, type=_Named)
    name = None if row.is_anonymized else row.name
    return msgspec.Raw(msgspec.json.encode({"id": ref(row.contact), "name": name}))


STREAM = Stream(
    name="contacts",
    path="/opportunities",
    row=ContactRow,
    normalize=normalize,
    owns={"candidate": ("display_name", "initials")},
    creates=(),
    params={"limit": 1},
    parent=Parent(
        stream="opportunities",
        param="contact_id",
        wanted=lambda _: False,  # read by id alone (`refresh`)
    ),
    scope="Opportunities: list",
)
