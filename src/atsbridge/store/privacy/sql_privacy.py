"""`PrivacyStore` on SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from atsbridge.ports import Erased, Remains
from atsbridge.store.database import Database, ms, sql
from atsbridge.store.privacy import retention
from atsbridge.store.privacy.erasure import ErasureJob, read_forgotten

_OF_A_PERSON = (
    "DELETE FROM choices WHERE person = :person",
    "DELETE FROM pulses WHERE person = :person",
    "DELETE FROM received_replies WHERE lower(email) = :person",
)


@dataclass(frozen=True, slots=True)
class SqlPrivacy:
    """Erases data about people. See `ports.PrivacyStore`."""

    _database: Database

    def find_candidate(self, account: str, kind: str, id: str) -> str | None:  # noqa: A002
        """The candidate with that id, or of the application with that id; None if there is none.

        A candidate whose own row was not read yet is known by their applications.
        """
        statement = "SELECT candidate FROM applications WHERE account = :account AND id = :id"
        if kind == "candidate":
            statement = (
                "SELECT id FROM candidates WHERE account = :account AND id = :id UNION"
                " SELECT candidate FROM applications WHERE account = :account AND candidate = :id"
            )
        with self._database.read() as connection:
            found = connection.execute(sql(statement), {"account": account, "id": id})
            return found.scalar_one_or_none()

    def forget(self, account: str, candidate: str, at: datetime) -> Erased:
        """Erase everything that identifies the candidate.

        Ids, instants and states stay, so that figures do not change. Open cases end in the
        next run, as for deleted records. Notices that wait to be sent are dropped.
        """
        with self._database.write() as connection:
            job = ErasureJob(self._database, connection, account, ms(at))
            tree = job.find_records(candidate)
            sent, done = job.count_sent(tree), job.erase(tree)
        erased = {what: rows for what, rows in done.items() if rows}
        return Erased(erased, sent, self._empty_log())

    def _empty_log(self) -> Remains:
        """Write the erased pages into the SQLite file and empty its write-ahead log.

        A program that reads the store prevents it; the result says so.
        See https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
        """
        if not self._database.sqlite:
            return Remains.DEAD_ROWS
        with self._database.read() as connection:
            connection.commit()  # no view of our own may keep it
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        return Remains.WRITE_AHEAD_LOG if busy else Remains.NOWHERE

    def forget_person(self, person: str) -> int:
        """Erase what a colleague chose and answered, by e-mail address: how many rows.

        What waits for them about a pair is dropped.
        """
        which = {"person": person.strip().lower()}
        with self._database.write() as connection:
            rows = sum(connection.execute(sql(one), which).rowcount for one in _OF_A_PERSON)
        self._empty_log()
        return rows

    def remember(self, account: str, candidate: str) -> bool:
        """End the erasure of a candidate: their rows may be stored again. False if they were not
        erased.

        The next sync that lists their rows reads them as new.
        """
        with self._database.write() as connection:
            known = read_forgotten(connection, account)
            if known is None or not known.has("candidate", candidate):
                return False
            job = ErasureJob(self._database, connection, account, 0)
            tree = job.find_records(candidate)
            hashes = [known.make_hash(kind, one) for kind, ids in tree.items() for one in ids]
            connection.execute(
                sql(
                    "DELETE FROM forgotten WHERE account = :account"
                    f" AND {self._database.ids_in('mark')}"
                ),
                {"account": account, "ids": self._database.ids(hashes)},
            )
            job.forget_rows(tree)
        return True

    def expire(self, account: str, before: datetime, limit: int = 2000) -> Mapping[str, int]:
        """Erase one batch of what was over `before`: what -> rows; empty once nothing is left.

        Ended cases with their history, messages and receipts; changes of what is closed; names of
        candidates without an application that is open or closed since.
        """
        return retention.expire(self._database, account, before, limit)
