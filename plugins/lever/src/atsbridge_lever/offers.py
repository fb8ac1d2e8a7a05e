"""Offers, by opportunity in the offer pipeline. Amounts are not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from atsbridge.api import Fragment, Parent, Stream, read_enum
from atsbridge_lever.opportunities import may_have_offers
from atsbridge_lever.wire import Ms, Row, instant

_STATUS = {
    "draft": "draft",
    "approval-sent": "pending_approval",
    "approved": "approved",
    "sent": "sent",
    "sent-manually": "sent",
    "opened": "sent",
    "denied": "rejected",
    "signed": "accepted",
}
_START = "anticipated_start_date"


class Field(msgspec.Struct, frozen=True):
    """A field of the offer form; only the day of start is understood."""

    identifier: str | None = None
    value: Any = None


class Signature(msgspec.Struct, rename="camel", frozen=True):
    signed_at: Ms = None


class Signatures(msgspec.Struct, frozen=True):
    candidate: Signature | None = None


class OfferRow(Row):
    """A row of `/opportunities/{id}/offers`; the connector adds the first two.

    `version` counts an opportunity's offers by age, from 1.
    """

    opportunity_id: str
    version: int | None = None
    status: str | None = None
    fields: list[Field] | None = None
    signatures: Signatures | None = None
    created_at: Ms = None
    approved_at: Ms = None
    sent_at: Ms = None


def normalize(row: OfferRow) -> Iterator[Fragment]:
    """The offer. Lever dates a signature and not a refusal."""
    signed = row.signatures.candidate if row.signatures else None
    yield Fragment(
        "offer",
        row.id,
        {
            "application": row.opportunity_id or None,
            "version": row.version,
            "status": read_enum(row.status, _STATUS),
            "drafted_at": instant(row.created_at),
            "approved_at": instant(row.approved_at),
            "sent_at": instant(row.sent_at),
            "resolved_at": instant(signed.signed_at) if signed else None,
            "starts_on": _starts_on(row),
            "created_at": instant(row.created_at),
        },
    )


def _starts_on(row: OfferRow) -> date | None:
    """The anticipated start: milliseconds (a UTC midnight) or an ISO day."""
    value = next((f.value for f in row.fields or () if f.identifier == _START), None)
    if isinstance(value, str) and not value.strip().isdecimal():
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    at: datetime | None = instant(value) if isinstance(value, int | float | str) else None
    return at.astimezone(UTC).date() if at else None


STREAM = Stream(
    name="offers",
    path="/opportunities/{parent}/offers",
    row=OfferRow,
    normalize=normalize,
    owns={
        "offer": (
            "application",
            "version",
            "status",
            "drafted_at",
            "approved_at",
            "sent_at",
            "resolved_at",
            "starts_on",
            "created_at",
        )
    },
    lag=timedelta(hours=1),  # an offer moves nothing on its opportunity: read again each hour
    parent=Parent(
        stream="opportunities",
        wanted=may_have_offers,
        complete=(("offer", "application"),),
    ),
    scope="Offers: list",
)
