"""Erase one candidate: data that identifies the person. Data that is only counted stays."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection

from atsbridge.model import KINDS, FieldType, Sensitivity
from atsbridge.store.database import Database, load, sql, table_name
from atsbridge.store.records import bringers, forget_digests
from atsbridge.store.select import mark_dirty

# What belongs to a candidate: kind -> (reference, its kind), parents before children.
_TREE: Mapping[str, tuple[str, str]] = {
    "application": ("candidate", "candidate"),
    "interview": ("application", "application"),
    "offer": ("application", "application"),
    "scorecard": ("application", "application"),
    "stage_stay": ("application", "application"),
    "seat": ("interview", "interview"),
    "approval": ("offer", "offer"),
}
_KINDS = ("candidate", *_TREE)
_FREE = (FieldType.TEXT, FieldType.LIST, FieldType.MAP)
_KEY = "forgotten"  # in meta: the key of the hashes
Tree = Mapping[str, list[str]]  # kind -> ids

# In the statements below, `:its` stands for the condition that an id is among some ids. SQLite and
# PostgreSQL write it in two ways (`Database.ids_in`).
_ON_THEM = "account = :account AND kind = :kind AND :its"
# Messages of the calibration rounds in which they were shown or compared.
_RATED = (
    "SELECT n.destination FROM notices n WHERE n.account = :account AND n.state = 'sent'"
    " AND n.purpose IN ('calibration', 'comparison') AND EXISTS (SELECT 1 FROM"
    " calibration_profiles p WHERE p.account = n.account AND p.requisition = n.id"
    " AND p.number = n.edition AND :its)"
)
_CHANGES = f"DELETE FROM changes WHERE {_ON_THEM}"
_OF_APPLICATIONS = "account = :account AND CAST(:kind AS TEXT) = 'application' AND :its"
# Other tables with data about a record. A message in a chat keeps the ids by which the end of
# its case replaces it; its text is not stored.
_TRACES: Mapping[str, str] = {
    "findings": (
        "UPDATE cases SET finding = '', false_facts = NULL"
        f" WHERE {_ON_THEM} AND (finding <> '' OR false_facts IS NOT NULL)"
    ),
    "comments": (
        "UPDATE transitions SET params = '' WHERE actor <> 'atsbridge' AND params <> ''"
        f" AND case_number IN (SELECT number FROM cases WHERE {_ON_THEM})"
    ),
    "waiting messages": (
        "UPDATE notices SET state = 'dropped', hold = NULL, drop_code = 'forgotten',"
        " drop_params = '', error_code = NULL, error_text = NULL, departed = 0, receipt = '{}',"
        " headline = NULL, body = NULL, replies = ''"
        f" WHERE {_ON_THEM} AND state NOT IN ('sent', 'dropped')"
    ),
    "receipts": (
        "UPDATE notices SET receipt = '{}', replies = '', help_sent = 0, error_code = NULL,"
        f" error_text = NULL WHERE {_ON_THEM} AND (receipt <> '{{}}' OR replies <> '') AND"
        " case_number NOT IN (SELECT number FROM cases WHERE ending IS NULL)"
    ),
    "own notes": (  # those of open cases show what is ours to take back when they end
        f"DELETE FROM own_writes WHERE {_ON_THEM} AND NOT EXISTS (SELECT 1 FROM cases c WHERE"
        " c.account = own_writes.account AND c.kind = own_writes.kind AND c.id = own_writes.id"
        " AND c.ending IS NULL)"
    ),
    "silences": f"DELETE FROM silences WHERE {_ON_THEM}",
    "hand-overs": f"DELETE FROM reassigned WHERE {_ON_THEM}",
    "agenda": f"DELETE FROM agenda WHERE {_ON_THEM}",
    "calibration ratings": f"DELETE FROM calibration_ratings WHERE {_OF_APPLICATIONS}",
    "calibration profiles": f"DELETE FROM calibration_profiles WHERE {_OF_APPLICATIONS}",
}


@cache
def find_private_fields(kind: str) -> tuple[str, ...]:
    """The fields with data about a person: text, and everything that is not open to all."""
    fields = KINDS[kind].fields.values()
    return tuple(
        one.name
        for one in fields
        if one.stored and (one.type in _FREE or one.sensitivity > Sensitivity.OPEN)
    )


@dataclass(slots=True)
class Forgotten:
    """The forgotten records of an account, recognized by keyed hashes."""

    connection: Connection
    account: str
    key: bytes
    keyed_hashes: set[str]

    def has(self, kind: str, record: str) -> bool:
        return self.make_hash(kind, record) in self.keyed_hashes

    def add(self, records: Iterable[tuple[str, str]], at: int) -> None:
        """Store the hashes of these records."""
        fresh = {self.make_hash(kind, record) for kind, record in records} - self.keyed_hashes
        if fresh:
            self.keyed_hashes |= fresh
            self.connection.execute(
                sql("INSERT INTO forgotten (account, mark, at) VALUES (:account, :mark, :at)"),
                [{"account": self.account, "mark": mark, "at": at} for mark in sorted(fresh)],
            )

    def blank_forgotten(
        self, kinds: Mapping[str, Mapping[str, Mapping[str, Any]]], at: int
    ) -> tuple[dict[str, dict[str, Mapping[str, Any]]], list[tuple[str, str]]]:
        """A page's values without private data of forgotten candidates, and their records.

        New records that belong to a forgotten record are forgotten too.
        """
        found = {kind: set[str]() for kind in _KINDS}
        for kind, ids in found.items():
            ref, parent = _TREE.get(kind, ("", ""))
            for record, values in kinds.get(kind, {}).items():
                above = values.get(ref)
                if self.has(kind, record) or (
                    above is not None and (above in found[parent] or self.has(parent, str(above)))
                ):
                    ids.add(record)
        records = [(kind, record) for kind, ids in found.items() for record in sorted(ids)]
        self.add(records, at)
        blanked = {kind: dict(its) for kind, its in kinds.items()}
        for kind, record in records:
            blanked[kind][record] = _blank(kind, blanked[kind][record])
        return blanked, records

    def make_hash(self, kind: str, record: str) -> str:
        text = "\x1f".join((self.account, kind, record))
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def mark_deleted(self, database: Database, records: Iterable[tuple[str, str]], at: int) -> None:
        """Mark these records deleted again: a page of forgotten candidates restored them."""
        kinds: dict[str, list[str]] = {}
        for kind, record in records:
            kinds.setdefault(kind, []).append(record)
        for kind, ids in kinds.items():
            self.connection.execute(
                sql(
                    f"UPDATE {table_name(kind)} SET deleted_at = :at WHERE account = :account"
                    f" AND deleted_at IS NULL AND {database.ids_in()}"
                ),
                {"account": self.account, "at": at, "ids": database.ids(ids)},
            )


def _blank(kind: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    private = find_private_fields(kind)
    return {name: None if name in private else value for name, value in values.items()}


def read_forgotten(connection: Connection, account: str) -> Forgotten | None:
    """The forgotten candidates of an account. None if there are none."""
    rows = connection.execute(
        sql("SELECT mark FROM forgotten WHERE account = :account"), {"account": account}
    )
    keyed_hashes = {row[0] for row in rows}
    return (
        Forgotten(connection, account, _read_key(connection), keyed_hashes)
        if keyed_hashes
        else None
    )


def _read_key(connection: Connection) -> bytes:
    """The store's key, created on first use."""
    import secrets

    which = {"name": _KEY, "value": secrets.token_hex(32)}
    connection.execute(
        sql("INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING"),
        which,
    )
    found = connection.execute(sql("SELECT value FROM meta WHERE name = :name"), which)
    return bytes.fromhex(found.scalar_one())


@dataclass(frozen=True, slots=True)
class ErasureJob:
    """The erasure of one candidate, inside a write."""

    database: Database
    connection: Connection
    account: str
    at: int

    def find_records(self, candidate: str) -> Tree:
        """The candidate's records."""
        found = {"candidate": [candidate]}
        for kind, (ref, parent) in _TREE.items():
            rows = self.connection.execute(
                sql(
                    f"SELECT id FROM {table_name(kind)} WHERE account = :account"
                    f" AND {self.database.ids_in(ref)} ORDER BY id"
                ),
                {"account": self.account, "ids": self.database.ids(found[parent])},
            )
            found[kind] = [row[0] for row in rows]
        return found

    def count_sent(self, tree: Tree) -> Mapping[str, int]:
        """How many messages on these records went out, by sink."""
        statement = f"SELECT destination FROM notices WHERE {_ON_THEM} AND state = 'sent'"
        statement = statement.replace(":its", self.database.ids_in())
        found = Counter[str]()
        for kind, ids in tree.items():
            which = {"account": self.account, "kind": kind, "ids": self.database.ids(ids)}
            rows = self.connection.execute(sql(statement), which)
            found.update(load(row[0])["sink"] for row in rows)
        rated = _RATED.replace(":its", self.database.ids_in("p.id"))
        which = {"account": self.account, "ids": self.database.ids(tree["application"])}
        rows = self.connection.execute(sql(rated), which)
        found.update(load(row[0])["sink"] for row in rows)
        return dict(sorted(found.items()))

    def erase(self, tree: Tree) -> dict[str, int]:
        done = {"records": sum(self._blank_records(kind, ids) for kind, ids in tree.items())}
        done["changes"] = sum(self._delete_changes(kind, ids) for kind, ids in tree.items())
        for what, statement in _TRACES.items():
            done[what] = sum(self._run(statement, kind, ids) for kind, ids in tree.items())
        self.forget_rows(tree)
        known = read_forgotten(self.connection, self.account) or Forgotten(
            self.connection, self.account, _read_key(self.connection), set()
        )
        records = [(kind, one) for kind, ids in tree.items() for one in ids]
        known.add(records, self.at)
        mark_dirty(self.database, self.connection, self.account, records)
        return done

    def forget_rows(self, tree: Tree) -> None:
        """Clear the digests of these records' rows, so that the next sync decodes them again."""
        ids = {one for its in tree.values() for one in its}
        streams = self.connection.execute(
            sql("SELECT number, owns FROM streams WHERE account = :account ORDER BY number"),
            {"account": self.account},
        ).all()
        for number, owns in streams:
            records = {(kind, one) for kind in load(owns).keys() & tree for one in tree[kind]}
            rows = bringers(self.database, self.connection, number, records) if records else {}
            forget_digests(self.database, self.connection, number, ids | rows.keys())

    def _blank_records(self, kind: str, ids: list[str]) -> int:
        nothing = ", ".join(f'"{name}" = NULL' for name in find_private_fields(kind))
        statement = (
            f"UPDATE {table_name(kind)} SET {nothing}, deleted_at = COALESCE(deleted_at, :at)"
            f" WHERE account = :account AND {self.database.ids_in()}"
        )
        return self._run(statement, kind, ids)

    def _delete_changes(self, kind: str, ids: list[str]) -> int:
        names = ", ".join(f"'{name}'" for name in find_private_fields(kind))
        return self._run(f"{_CHANGES} AND field IN ({names})", kind, ids)

    def _run(self, statement: str, kind: str, ids: list[str]) -> int:
        statement = statement.replace(":its", self.database.ids_in())
        which: dict[str, Any] = {"account": self.account, "ids": self.database.ids(ids)}
        if ":kind" in statement:
            which["kind"] = kind
        if ":at" in statement:
            which["at"] = self.at
        return self.connection.execute(sql(statement), which).rowcount
