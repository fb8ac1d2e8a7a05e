"""Versions of briefs, the agreements to them, and what a change means for earlier candidates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from atsbridge.model import (
    AgreementSource,
    BriefAgreement,
    BriefPart,
    BriefSnapshot,
    BriefVersion,
    Impact,
    Key,
    PayRange,
    storable,
)
from atsbridge.store.database import (
    Database,
    dump,
    instant,
    instant_or_none,
    load,
    ms,
    ms_or_none,
    sql,
)

_MINE = "account = :account AND requisition = :requisition"
_PUT = (
    "INSERT INTO brief_versions"
    " (account, requisition, number, made_at, made_by, sent_at, snapshot, impact) VALUES"
    " (:account, :requisition, :number, :made_at, :made_by, :sent_at, :snapshot, :impact)"
    " ON CONFLICT (account, requisition, number) DO UPDATE SET made_at = excluded.made_at,"
    " made_by = excluded.made_by, sent_at = excluded.sent_at, snapshot = excluded.snapshot,"
    " impact = excluded.impact"
)
_AGREE = (
    "INSERT INTO brief_agreements (account, requisition, version, person, side, at, source)"
    " VALUES (:account, :requisition, :version, :person, :side, :at, :source)"
    " ON CONFLICT (account, requisition, version, person, side) DO NOTHING"
)
_NEWEST = (
    "SELECT v.* FROM brief_versions v JOIN (SELECT requisition AS id, max(number) AS newest"
    " FROM brief_versions WHERE account = :account{among} GROUP BY requisition) n"
    " ON n.id = v.requisition AND n.newest = v.number WHERE v.account = :account"
    " ORDER BY v.requisition"
)
_UNTOLD = (
    "SELECT v.requisition FROM brief_versions v WHERE v.account = :account AND v.sent_at IS NULL"
    " AND v.number = (SELECT max(number) FROM brief_versions m WHERE m.account = v.account"
    " AND m.requisition = v.requisition) AND NOT EXISTS (SELECT 1 FROM brief_agreements a"
    " WHERE a.account = v.account AND a.requisition = v.requisition AND a.version = v.number"
    " GROUP BY a.version HAVING count(DISTINCT a.side) = 2)"
    " AND EXISTS (SELECT 1 FROM brief_agreements b WHERE b.account = v.account"
    " AND b.requisition = v.requisition AND b.version < v.number"
    " GROUP BY b.version HAVING count(DISTINCT b.side) = 2) ORDER BY v.requisition"
)
_ASSESSED = (
    "SELECT count(DISTINCT a.id) FROM applications a JOIN scorecards s ON s.account = a.account"
    " AND s.application = a.id AND s.deleted_at IS NULL WHERE a.account = :account"
    " AND a.requisition = :requisition AND s.submitted_at < :until AND s.submitted_at >= :since"
)
_REASONS = (
    "SELECT r.name, (SELECT count(*) FROM applications a WHERE a.account = r.account"
    " AND a.requisition = :requisition AND a.reason = r.id AND a.status = 'rejected'"
    " AND a.closed_at < :until) AS candidates FROM reasons r WHERE r.account = :account"
    " AND r.name IS NOT NULL AND r.deleted_at IS NULL AND (r.kind IS NULL OR r.kind = 'ours')"
)


@dataclass(frozen=True, slots=True)
class SqlBriefs:
    """Versions of briefs. See `ports.BriefStore`."""

    _database: Database

    def save_version(self, version: BriefVersion) -> None:
        """Store a version; one with its number is replaced."""
        with self._database.write() as connection:
            connection.execute(sql(_PUT), _make_row(version))

    def delete_version(self, requisition: Key, number: int) -> None:
        """Delete a draft that became equal to the version before it."""
        statement = f"DELETE FROM brief_versions WHERE {_MINE} AND number = :number"
        self._change(statement, requisition, number=number)

    def mark_sent(self, requisition: Key, number: int, at: datetime) -> None:
        """Note when both were asked to agree; the first such instant stays."""
        self._change(
            f"UPDATE brief_versions SET sent_at = coalesce(sent_at, :at) WHERE {_MINE}"
            " AND number = :number",
            requisition,
            number=number,
            at=ms(at),
        )

    def read_versions(self, requisition: Key) -> Sequence[BriefVersion]:
        """The versions of a requisition, oldest first."""
        rows = self._read(
            f"SELECT * FROM brief_versions WHERE {_MINE} ORDER BY number", requisition
        )
        return [_make_version(row) for row in rows]

    def find_current(self, account: str, ids: Sequence[str] | None) -> Mapping[str, BriefVersion]:
        """Requisition id -> its newest version; `ids` None: of all requisitions."""
        among = "" if ids is None else f" AND {self._database.ids_in('requisition')}"
        which: dict[str, Any] = {"account": account}
        if ids is not None:
            which["ids"] = self._database.ids(ids)
        with self._database.read() as connection:
            rows = connection.execute(sql(_NEWEST.format(among=among)), which).all()
        return {row.requisition: _make_version(row) for row in rows}

    def add_agreement(self, requisition: Key, agreement: BriefAgreement) -> bool:
        """Store an agreement. False, and nothing changes, where the person agreed before."""
        added = self._change(
            _AGREE,
            requisition,
            version=agreement.version,
            person=agreement.user,
            side=agreement.side,
            at=ms(agreement.at),
            source=agreement.source.value,
        )
        return added > 0

    def read_agreements(self, requisition: Key) -> Sequence[BriefAgreement]:
        """The agreements to all versions, in order of version and instant."""
        rows = self._read(
            f"SELECT * FROM brief_agreements WHERE {_MINE} ORDER BY version, at, person",
            requisition,
        )
        return [
            BriefAgreement(
                row.version, row.side, row.person, instant(row.at), AgreementSource(row.source)
            )
            for row in rows
        ]

    def find_untold(self, account: str) -> Sequence[Key]:
        """Requisitions with an agreed version whose newest was neither agreed nor sent."""
        with self._database.read() as connection:
            rows = connection.execute(sql(_UNTOLD), {"account": account}).all()
        return [Key(account, "requisition", row[0]) for row in rows]

    def measure_impact(
        self, requisition: Key, since: datetime | None, until: datetime, dropped: Sequence[str]
    ) -> Impact:
        """What a change at `until` means for candidates; `since`: the earlier version's instant."""
        which = {
            "account": requisition.account,
            "requisition": requisition.id,
            "since": ms(since) if since else 0,
            "until": ms(until),
        }
        with self._database.read() as connection:
            assessed = connection.execute(sql(_ASSESSED), which).scalar_one()
            rejected = _count_rejected(connection, which, dropped) if dropped else {}
        return Impact(int(assessed), rejected)

    def _read(self, statement: str, requisition: Key) -> Sequence[Row[Any]]:
        which = {"account": requisition.account, "requisition": requisition.id}
        with self._database.read() as connection:
            return connection.execute(sql(statement), which).all()

    def _change(self, statement: str, requisition: Key, **values: Any) -> int:
        which = {"account": requisition.account, "requisition": requisition.id, **values}
        with self._database.write() as connection:
            return connection.execute(sql(statement), which).rowcount


def _count_rejected(
    connection: Connection, which: Mapping[str, Any], dropped: Iterable[str]
) -> dict[str, int | None]:
    """Criterion -> candidates rejected for it; None where no reason's name contains it."""
    used = {name: value for name, value in which.items() if name != "since"}
    reasons = connection.execute(sql(_REASONS), used).all()
    found: dict[str, int | None] = {}
    for criterion in dropped:
        named = re.compile(rf"(?<!\w){re.escape(criterion)}(?!\w)", re.IGNORECASE)
        counts = [int(row.candidates) for row in reasons if named.search(row.name)]
        found[criterion] = sum(counts) if counts else None
    return found


def _make_row(version: BriefVersion) -> dict[str, Any]:
    snapshot, pay = version.snapshot, version.snapshot.pay
    return {
        "account": version.requisition.account,
        "requisition": version.requisition.id,
        "number": version.number,
        "made_at": ms(version.made_at),
        "made_by": storable(version.made_by),
        "sent_at": ms_or_none(version.sent_at),
        "snapshot": dump(
            {
                "sections": dict(snapshot.sections),
                "criteria": list(snapshot.criteria),
                "pay": [pay.least, pay.most, pay.currency, pay.period],
                "priority": snapshot.priority,
                "headcount": snapshot.headcount,
                "unread": sorted(snapshot.unread),
            }
        ),
        "impact": dump(
            {"assessed": version.impact.assessed, "rejected": dict(version.impact.rejected)}
        ),
    }


def _make_version(row: Row[Any]) -> BriefVersion:
    stored, impact = load(row.snapshot), load(row.impact)
    snapshot = BriefSnapshot(
        sections=stored["sections"],
        criteria=tuple(stored["criteria"]),
        pay=PayRange(*stored["pay"]),
        priority=stored["priority"],
        headcount=stored["headcount"],
        unread=frozenset(BriefPart(one) for one in stored["unread"]),
    )
    return BriefVersion(
        requisition=Key(row.account, "requisition", row.requisition),
        number=row.number,
        made_at=instant(row.made_at),
        snapshot=snapshot,
        made_by=row.made_by,
        sent_at=instant_or_none(row.sent_at),
        impact=Impact(impact["assessed"], impact["rejected"]),
    )
