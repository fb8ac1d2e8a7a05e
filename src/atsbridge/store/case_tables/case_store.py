"""Cases and their history. One transaction stores everything that a decision changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from atsbridge.model import (
    Case,
    Clock,
    End,
    FirstLook,
    Handling,
    Key,
    Reason,
    Transition,
    TransitionName,
    storable,
    stored_reason,
)
from atsbridge.ports import Decision
from atsbridge.store.case_tables import cache, outbox
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
from atsbridge.store.select import agenda

_OPEN_COLUMNS = (
    "account, rule, kind, id, opened_at, clock, handling, handling_until, started_at, due_at,"
    " owed_by, steps_done, finding, first_look, false_facts"
)
_END_COLUMNS = "ending, ended_at, end_reason, end_params"
_COLUMNS = f"{_OPEN_COLUMNS}, {_END_COLUMNS}"
_NAMES = tuple(name.strip() for name in _COLUMNS.split(","))
_INSERT = (
    f"INSERT INTO cases ({_COLUMNS}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"
    " RETURNING number"
)
_OPEN = (
    f"SELECT number, {_OPEN_COLUMNS} FROM cases"
    " WHERE account = :account AND ending IS NULL ORDER BY number"
)
_PIECE = 200  # rows in memory at a time
_UPDATE = (
    f"UPDATE cases SET {', '.join(f'{name} = :{name}' for name in _NAMES)}"
    " WHERE number = :number AND account = :account"
)
_TRANSITION = (
    "INSERT INTO transitions (case_number, at, name, reason, params, actor)"
    " VALUES (:case, :at, :name, :reason, :params, :actor)"
)

_IN_BACKLOG = "first_look IN ('backlog', 'proposed')"


def _row(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "account": case.subject.account,
        "rule": case.rule,
        "kind": case.subject.kind,
        "id": case.subject.id,
        "opened_at": ms(case.opened_at),
        "clock": case.clock.value,
        "handling": case.handling.value,
        "handling_until": ms_or_none(case.handling_until),
        "ending": case.end.value if case.end else None,
        "ended_at": ms_or_none(case.ended_at),
        "end_reason": case.end_reason.code.value if case.end_reason else "",
        "started_at": ms_or_none(case.started_at),
        "due_at": ms_or_none(case.due_at),
        "owed_by": case.owed_by,
        "steps_done": dump(list(case.steps_done)),
        "first_look": case.first_look.value,
        "false_facts": case.false_facts,
        "finding": case.finding,
        "end_params": _params(case.end_reason) if case.end_reason else "",
    }


_CLOCKS = {one.value: one for one in Clock}
_FIRST_LOOKS = {one.value: one for one in FirstLook}
_HANDLINGS = {one.value: one for one in Handling}
_OPEN_PLACES = 1 + len(_OPEN_COLUMNS.split(","))  # the number comes first


@lru_cache(maxsize=1)
def _draft() -> Callable[..., Any]:
    """A class with the slots of Case that is not frozen, which makes it in a third of the time."""
    return make_dataclass("_Draft", [field.name for field in fields(Case)], slots=True)


@lru_cache(maxsize=256)
def _steps(stored: str) -> tuple[int, ...]:
    """Most cases have the same few steps behind them."""
    return tuple(load(stored))


def _open_case(row: Sequence[Any]) -> Case:
    """By place, and made as a draft: every tick reads all that are open."""
    number, account, rule, kind, id_, opened_at, clock, handling, handling_until = row[:9]
    started_at, due_at, owed_by, steps_done, finding, first_look, false_facts = row[9:]
    case = _draft()(
        number,
        rule,
        Key(account, kind, id_),
        instant(opened_at),
        _CLOCKS[clock],
        _HANDLINGS[handling],
        None if handling_until is None else instant(handling_until),
        None,
        None,
        None,
        None if started_at is None else instant(started_at),
        None if due_at is None else instant(due_at),
        owed_by,
        _steps(steps_done),
        finding or "",
        _FIRST_LOOKS[first_look],
        false_facts,
    )
    case.__class__ = Case
    made: Case = case
    return made


def _case(row: Sequence[Any]) -> Case:
    case = _open_case(row[:_OPEN_PLACES])
    ending, ended_at, end_reason, end_params = row[_OPEN_PLACES:]
    if ending is None:
        return case
    return replace(
        case,
        end=End(ending),
        ended_at=instant_or_none(ended_at),
        end_reason=_reason(end_reason, end_params) if end_reason else None,
    )


def _params(reason: Reason) -> str:
    """A JSON object; each text as both databases hold it."""
    return dump(
        {
            name: storable(value) if isinstance(value, str) else [storable(one) for one in value]
            for name, value in reason.params
        }
    )


def _reason(code: str, params: str) -> Reason:
    return stored_reason(code, load(params) if params else {})


def _store_cases(connection: Connection, cases: Iterable[Case]) -> Mapping[tuple[Key, str], int]:
    """Ends are stored before beginnings: one case per rule and subject is open. New numbers."""
    numbers: dict[tuple[Key, str], int] = {}
    ordered = sorted(cases, key=lambda case: (case.number == 0, case.end is None))
    known = [case for case in ordered if case.number]
    if known:
        connection.execute(sql(_UPDATE), [_row(case) for case in known])
    for case in ordered:
        if case.number:
            numbers.setdefault((case.subject, case.rule), case.number)
        else:
            values = _row(case)
            del values["number"]
            number = connection.execute(sql(_INSERT), values).scalar_one()
            numbers[case.subject, case.rule] = number
    return numbers


@dataclass(frozen=True, slots=True)
class SqlCases:
    """Cases and their history. See `ports.CaseStore`."""

    _database: Database

    def save_decision(self, decision: Decision) -> None:
        """Store all that a decision changes, or nothing of it.

        New cases get their numbers, and their transitions and notices with them. StoreError
        where a rule would have two open cases on one subject.
        """
        with self._database.write() as connection:
            numbers = _store_cases(connection, decision.cases)
            rows = [
                {
                    "case": row.case or numbers[subject, rule],
                    "at": ms(row.at),
                    "name": row.name.value,
                    "reason": row.reason.code.value,
                    "params": _params(row.reason),
                    "actor": storable(row.actor),
                }
                for subject, rule, row in decision.transitions
            ]
            if rows:
                connection.execute(sql(_TRANSITION), rows)
            outbox.put(connection, decision.notices, numbers)
            outbox.save_replies(connection, decision.answered)
            agenda.replace(self._database, connection, decision)
            cache.keep(connection, decision.cached)
            if decision.dirty_done:
                connection.execute(
                    sql("DELETE FROM dirty WHERE account = :account"),
                    {"account": decision.account},
                )

    def _cases(self, where: str, which: Mapping[str, object]) -> Sequence[Case]:
        statement = f"SELECT number, {_COLUMNS} FROM cases WHERE {where} ORDER BY number"
        with self._database.read() as connection:
            return [_case(row) for row in connection.execute(sql(statement), which)]

    def read_open_cases(self, account: str) -> Sequence[Case]:
        """Open cases of an account, in order of number."""
        with self._database.read() as connection:
            rows = connection.execute(sql(_OPEN), {"account": account})
            return [_open_case(row) for piece in rows.partitions(_PIECE) for row in piece]

    def read_cases(self, account: str, *, open_only: bool = False) -> Sequence[Case]:
        """Cases of an account, in order of number."""
        return (
            self.read_open_cases(account)
            if open_only
            else self._cases("account = :account", {"account": account})
        )

    def read_case(self, number: int) -> Case | None:
        """The case of that number, of whatever account."""
        for case in self._cases("number = :number", {"number": number}):
            return case
        return None

    def read_cases_of(self, rule: str, subject: Key) -> Sequence[Case]:
        """The cases of a rule on a subject, ended ones included, in order of number."""
        where = "account = :account AND kind = :kind AND id = :id AND rule = :rule"
        return self._cases(where, {**subject._asdict(), "rule": rule})

    def read_transitions(self, number: int) -> Sequence[Transition]:
        """The history of a case, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT case_number, at, name, reason, params, actor FROM transitions"
                    " WHERE case_number = :number ORDER BY number"
                ),
                {"number": number},
            )
            return [
                Transition(
                    row.case_number,
                    instant(row.at),
                    TransitionName(row.name),
                    _reason(row.reason, row.params),
                    row.actor,
                )
                for row in rows
            ]

    def count_backlog(self, account: str) -> Mapping[str, int]:
        """Rule -> open cases in the backlog, in order of rule."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT rule, count(*) FROM cases WHERE account = :account"
                    f" AND ending IS NULL AND {_IN_BACKLOG} GROUP BY rule ORDER BY rule"
                ),
                {"account": account},
            )
            return {row[0]: int(row[1]) for row in rows}

    def count_open_cases(self, account: str) -> Mapping[tuple[str, str], int]:
        """(rule, clock) -> open cases outside the backlog, in that order."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT rule, clock, count(*) FROM cases WHERE account = :account"
                    f" AND ending IS NULL AND NOT ({_IN_BACKLOG})"
                    " GROUP BY rule, clock ORDER BY rule, clock"
                ),
                {"account": account},
            )
            return {(row[0], row[1]): int(row[2]) for row in rows}

    def count_false_alarms(self, account: str) -> Mapping[str, int]:
        """Rule -> false alarms that stand: those that were taken back are not counted."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT cases.rule, sum(CASE transitions.name WHEN 'false_alarm' THEN 1"
                    " ELSE -1 END) AS number FROM transitions"
                    " JOIN cases ON cases.number = transitions.case_number"
                    " WHERE cases.account = :account"
                    " AND transitions.name IN ('false_alarm', 'false_alarm_undone')"
                    " GROUP BY cases.rule"
                ),
                {"account": account},
            )
            return {row[0]: int(row[1]) for row in rows if row[1]}

    def count_false_alarms_ever(self, account: str) -> Mapping[str, int]:
        """Rule -> how often a case of it was ever called a false alarm, also what was taken back.

        Only rules that have any; in order of rule.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT c.rule, count(*) FROM transitions t"
                    " JOIN cases c ON c.number = t.case_number"
                    " WHERE c.account = :account AND t.name = 'false_alarm'"
                    " GROUP BY c.rule ORDER BY c.rule"
                ),
                {"account": account},
            )
            return {row[0]: int(row[1]) for row in rows}
