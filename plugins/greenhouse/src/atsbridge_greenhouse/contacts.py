"""When a candidate last got an e-mail, from the e-mails in their file.

Text, subject and addresses of the e-mails are never requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from atsbridge.api import Fragment, Parent, SkipRecord
from atsbridge_greenhouse.listing import Completed, iso, listed, read_by_ids
from atsbridge_greenhouse.pipeline import runs
from atsbridge_greenhouse.values import Row, Scalar, ident, instant, own_id


class Contact(Row):
    """GET /v3/notes of type EMAIL, grouped: `id` is that of the application."""

    application_id: Scalar = None
    user_id: Scalar = None
    contacted_at: Scalar = None


def gathered(raws: Iterable[Any], applications: Sequence[str]) -> Sequence[msgspec.Raw]:
    """One row per requested application, also for one without an e-mail.

    An e-mail without a colleague behind it was sent by a machine, or by the candidate. Our own
    notes are no e-mails: they are never among them.
    """
    newest: dict[str, datetime | None] = dict.fromkeys(applications)
    for raw in raws:
        try:
            row = msgspec.json.decode(raw, type=Contact)
            at = instant(row, "created_at")
        except (msgspec.DecodeError, SkipRecord):
            continue
        of = ident(row.application_id) or ""
        if of in newest and at is not None and ident(row.user_id):
            newest[of] = max(at, newest[of] or at)
    return [
        msgspec.Raw(msgspec.json.encode({"id": of, "contacted_at": at and iso(at)}))
        for of, at in newest.items()
    ]


def contact(row: Contact) -> Iterable[Fragment]:
    """The fragment; None as the instant means that there is no e-mail."""
    values = {"contacted_at": instant(row, "contacted_at")}
    yield Fragment("application", own_id(row), values)


STREAM = read_by_ids(
    listed(
        "notes",
        Contact,
        contact,
        {"application": ("contacted_at",)},
        completed=Completed(("contacted_at", "updated_at")),
        params={"type": "EMAIL"},
    ),
    Parent("applications", param="application_ids", batch=50, wanted=runs, skip_first_sync=True),
)
