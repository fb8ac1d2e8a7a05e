"""Names of candidates, read one by one when a message needs one.

`candidate.list` shows all candidates and cannot be asked for some.
"""

from __future__ import annotations

from collections.abc import Iterator

from atsbridge.api import Fragment, Parent
from atsbridge_ashby.applications import APPLICATIONS
from atsbridge_ashby.listing import asked
from atsbridge_ashby.wire import Row


class NamedRow(Row):
    """The answer of `candidate.info`; addresses and phone numbers are not read."""

    name: str | None = None


def normalize(row: NamedRow) -> Iterator[Fragment]:
    """The name and its first letters."""
    parts = (row.name or "").split()
    values = {
        "display_name": " ".join(parts) or None,
        "initials": "".join(part[0].upper() for part in parts) or None,
    }
    yield Fragment("candidate", row.id, values)


STREAM = asked(
    "candidate_names",
    "candidate.info",
    NamedRow,
    normalize,
    {"candidate": ("display_name", "initials")},
    creates=(),
    parent=Parent(
        stream=APPLICATIONS.name,
        param="id",
        wanted=lambda _: False,  # read by id alone (`refresh`)
    ),
    scope="Candidates: read",
)
