"""The scope of one derivation: the whole account, or dirty records and what depends on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date

from sqlalchemy import Connection

from atsbridge.model import field
from atsbridge.store.database import Database, instant, load, sql, table_name
from atsbridge.store.derive.derived_changes import DerivedChange, log_changes
from atsbridge.store.select import everything_marked, mark_dirty

# (kind, ref): from a record in scope to the one it belongs to, in an order that reaches all.
_UP = (
    ("seat", "interview", "interview"),
    ("interview", "application", "application"),
    ("stage_stay", "application", "application"),
    ("scorecard", "application", "application"),
    ("approval", "offer", "offer"),
    ("approval", "requisition", "requisition"),
    ("offer", "application", "application"),
    ("team_member", "requisition", "requisition"),
    ("brief", "requisition", "requisition"),
    ("criterion", "requisition", "requisition"),
    ("seat", "scorecard", "scorecard"),
)
_ENDED = (
    "SELECT id FROM interviews WHERE account = :account AND ends_at > :first AND ends_at <= :last"
    " UNION SELECT id FROM interviews WHERE account = :account"
    " AND ends_on >= :first_day AND ends_on <= :last_day"
)
_ADD = "INSERT INTO scope (kind, id) SELECT {select} ON CONFLICT DO NOTHING"


def _day(at: int) -> date:
    return instant(at).astimezone(UTC).date()


def _derived_at(connection: Connection, account: str) -> int:
    read = connection.execute(
        sql("SELECT value FROM meta WHERE name = :name"), {"name": f"derived/{account}"}
    ).scalar_one_or_none()
    return 0 if read is None else int(read)


def set_derived_at(connection: Connection, account: str, at: int) -> None:
    """Store when the account was last derived."""
    connection.execute(
        sql(
            "INSERT INTO meta (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"name": f"derived/{account}", "value": str(at)},
    )


def ended_since(connection: Connection, account: str, at: int) -> Sequence[str]:
    """Interviews that ended between the last derivation and `at` (ms), whichever is later."""
    before = _derived_at(connection, account)
    first, last = sorted((before, at))
    which = {
        "account": account,
        "first": first,
        "last": last,
        "first_day": _day(first).isoformat(),
        "last_day": _day(last).isoformat(),
    }
    if _day(first) == _day(last):  # a day ends once
        which["last_day"] = ""
    return [row[0] for row in connection.execute(sql(_ENDED), which)]


def something_to_do(connection: Connection, account: str, at: int) -> bool:
    """Whether anything is dirty, or an interview ended since."""
    marked = connection.execute(
        sql("SELECT 1 FROM dirty WHERE account = :account LIMIT 1"), {"account": account}
    ).first()
    return marked is not None or bool(ended_since(connection, account, at))


class Derivation:
    """One derivation, inside a write. `at` in ms, `before` the last one's (0 for the first)."""

    def __init__(self, database: Database, connection: Connection, account: str, at: int) -> None:
        self.database = database
        self.connection = connection
        self.account = account
        self.at = at
        self.everything = everything_marked(connection, account)
        self.before = _derived_at(connection, account)

    @property
    def which(self) -> dict[str, object]:
        """The parameters every formula may name."""
        return {"account": self.account, "at": self.at, "today": _day(self.at).isoformat()}

    def supplied(self, kind: str, column: str) -> bool:
        """Whether any stream of the account supplies that column."""
        rows = self.connection.execute(
            sql("SELECT owns FROM streams WHERE account = :account"), {"account": self.account}
        )
        return any(column in load(row[0]).get(kind, ()) for row in rows)

    def open(self, ended: Sequence[str]) -> None:
        """Start with dirty records and interviews that ended, then add what they belong to."""
        text = "TEXT" if self.database.sqlite else 'TEXT COLLATE "C"'
        self.connection.execute(
            sql(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS scope (kind {text}, id {text},"
                " PRIMARY KEY (kind, id))"
            )
        )
        self.connection.execute(sql("DELETE FROM scope"))
        if self.everything:
            if not self.database.sqlite:
                # Each formula reads whole tables. Without statistics, PostgreSQL would look up
                # row by row: minutes in place of seconds.
                self.connection.execute(sql("SET LOCAL enable_nestloop = off"))
            return
        self._put("kind, id FROM dirty WHERE account = :account")
        self.add("interview", ended)
        self._put(
            "'seat', s.id FROM seats s WHERE s.account = :account AND s.scorecard IN"
            " (SELECT id FROM scope WHERE kind = 'scorecard')"
        )
        for kind, ref, parent in _UP:
            self._put(
                f"DISTINCT '{parent}', {ref} FROM {table_name(kind)} WHERE account = :account"
                f" AND {ref} IS NOT NULL AND id IN (SELECT id FROM scope WHERE kind = '{kind}')"
            )
        self._put(
            "'application', a.id FROM applications a JOIN stages g ON g.account = a.account"
            " AND g.id = a.stage WHERE a.account = :account AND a.deleted_at IS NULL"
            " AND a.status = 'active' AND g.id IN (SELECT id FROM scope WHERE kind = 'stage')"
        )
        if self._holds("stage"):  # else the stays would be read for nothing: they have no index
            self._put(
                "DISTINCT 'application', application FROM stage_stays WHERE account = :account"
                " AND deleted_at IS NULL AND application IS NOT NULL"
                " AND stage IN (SELECT id FROM scope WHERE kind = 'stage')"
            )

    def _holds(self, kind: str) -> bool:
        """Whether the scope has a record of that kind."""
        which = {"kind": kind}
        found = self.connection.execute(
            sql("SELECT 1 FROM scope WHERE kind = :kind LIMIT 1"), which
        )
        return found.first() is not None

    def add(self, kind: str, ids: Sequence[str]) -> None:
        """Add these records to the scope."""
        if ids and not self.everything:
            self.connection.execute(
                sql("INSERT INTO scope (kind, id) VALUES (:kind, :id) ON CONFLICT DO NOTHING"),
                [{"kind": kind, "id": one} for one in ids],
            )

    def add_changed_teams(self, requisitions: Sequence[str]) -> None:
        """Add the applications of these requisitions, whose team changed."""
        if requisitions and not self.everything:
            self._put(
                "'application', id FROM applications WHERE account = :account"
                " AND deleted_at IS NULL AND status = 'active'"
                f" AND {self.database.ids_in('requisition')}",
                ids=self.database.ids(requisitions),
            )

    def add_requisitions(self) -> None:
        """Add the requisitions of all applications in scope."""
        if not self.everything:
            self._put(
                "DISTINCT 'requisition', requisition FROM applications"
                " WHERE account = :account AND requisition IS NOT NULL"
                " AND id IN (SELECT id FROM scope WHERE kind = 'application')"
            )

    def _put(self, select: str, **more: object) -> None:
        self.connection.execute(sql(_ADD.format(select=select)), {"account": self.account, **more})

    def among(self, kind: str, column: str) -> str:
        """ "AND column is in scope", to follow another condition."""
        if self.everything:
            return ""
        return f" AND {column} IN (SELECT id FROM scope WHERE kind = '{kind}')"

    def update(
        self, kind: str, columns: Sequence[str], select: str, more: Mapping[str, object] = {}
    ) -> Sequence[str]:
        """Update columns from `select` (key, the columns by name), and mark changed records dirty.

        Returns the ids that changed; nothing if the whole account is dirty. The change of a field
        that is `logged` is stored.
        """
        differs = "IS NOT" if self.database.sqlite else "IS DISTINCT FROM"
        for name in columns:
            if field(f"{kind}.{name}").logged:
                self._log(kind, name, select)
        changes = " OR ".join(f"t.{name} {differs} n.{name}" for name in columns)
        statement = (
            f"UPDATE {table_name(kind)} AS t SET"
            f" {', '.join(f'{name} = n.{name}' for name in columns)} FROM ({select}) AS n"
            f" WHERE t.account = :account AND t.id = n.key AND ({changes})"
        )
        which = {**self.which, **more}
        used = {name: value for name, value in which.items() if f":{name}" in statement}
        if self.everything:
            self.connection.execute(sql(statement), used)
            return ()
        rows = self.connection.execute(sql(f"{statement} RETURNING id"), used)
        changed = [row[0] for row in rows]
        mark_dirty(self.database, self.connection, self.account, [(kind, one) for one in changed])
        return changed

    def _log(self, kind: str, name: str, select: str) -> None:
        log_changes(
            DerivedChange(
                self.database,
                self.connection,
                self.which,
                self.before,
                field(f"{kind}.{name}"),
            ),
            select,
        )
