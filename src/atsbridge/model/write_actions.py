"""What may be written into an ATS, by name, and the addresses of notes, tags and field values.

The settings of an account say what it allows. Each connector writes in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.model.catalog import roots
from atsbridge.model.record import Key

APPLICATION_NOTE = "application_note"
JOB_NOTE = "job_note"  # on a requisition
TAG = "tag"  # on the candidate of an application
APPLICATION_FIELD = "application_field"  # a custom field of an application
CAPABILITIES = (APPLICATION_NOTE, JOB_NOTE, TAG, APPLICATION_FIELD)

_TAG = "tag"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is set on an application while a case is open: a tag, or the value of a field.

    `field` is "tag", or "custom.NAME" as the ATS names its custom field.
    """

    field: str
    value: str

    @property
    def capability(self) -> str:
        """What an account must allow for it."""
        return TAG if self.field == _TAG else APPLICATION_FIELD

    def __str__(self) -> str:
        return f"{self.field}={self.value}"


def tag(name: str) -> Mark:
    """A tag."""
    return Mark(_TAG, name)


def address(record: Key, mark: Mark | None = None) -> str:
    """The address of a note on `record`, "account/kind/id", or of a mark: "…#tag=late"."""
    return f"{record}#{mark}" if mark else str(record)


def read(text: str) -> tuple[Key, Mark | None]:
    """The record and the mark of an address made by `address`."""
    record, _, rest = text.partition("#")
    account, kind, id_ = record.split("/", 2)
    name, _, value = rest.partition("=")
    return Key(account, kind, id_), Mark(name, value) if rest else None


def capabilities(text: str) -> tuple[str, ...]:
    """What an account must allow for a write to this address; for an approval, one of two.

    Empty if the record belongs to nothing that can have notes.
    """
    record, mark = read(text)
    if mark is not None:
        return (mark.capability,)
    needed = {"application": APPLICATION_NOTE, "requisition": JOB_NOTE}
    return tuple(needed[kind] for kind in note_targets(record.kind))


def note_targets(kind: str) -> tuple[str, ...]:
    """The kinds of record that can hold a note about a record of this kind, its application first.

    An approval uses the application of its offer, or else its own requisition.
    """
    known = roots(kind)
    found = ["application"] if "application" in known else []
    through = (kind, *known.get("requisition", ()))
    if "requisition" in known and "application" not in through:
        found.append("requisition")
    return tuple(found)
