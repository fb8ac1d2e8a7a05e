"""Which fields are unknown because a block of a row came in another shape."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from atsbridge.model import Fragment
from atsbridge.sync.rows.tolerant_decoder import TolerantDecoder

COLUMNS = ("status", "rejected_at", "reason", "source")


class Ended(msgspec.Struct, rename="camel"):
    ended_at: int | None = None
    reason: str | None = None


class Row(msgspec.Struct):
    id: str
    source: str | None = None
    ended: Ended | None = None


def normalize(row: Row) -> Iterator[Fragment]:
    """As Lever ends an application: when depends on why, and both lie in a block."""
    reason = row.ended.reason if row.ended else None
    values = {
        "status": "rejected" if row.ended else "active",
        "rejected_at": row.ended.ended_at if row.ended and reason else None,
        "reason": reason,
        "source": row.source,
    }
    yield Fragment("application", row.id, values)


def test_all_that_depends_on_the_members_of_a_block_is_unknown() -> None:
    """Whoever was rejected would else count as not rejected, as a fact."""
    decoder = TolerantDecoder(Row, normalize, {"application": COLUMNS})
    for other in (b"[]", b'"soon"'):
        found = decoder.decode(b'{"id": "1", "source": "web", "ended": ' + other + b"}")
        assert found is not None
        assert found.unreadable == {
            "application.status",
            "application.rejected_at",
            "application.reason",
        }
