"""Notices as schema 4 kept them, turned into typed columns.

Until then one column, `reason`, held the hold, the claim, the reason of a drop and the last error,
and `receipt` held more than the ids of a sink. Like `transition_reasons` this reads English, once,
while an old store is migrated. A text that it does not recognize is kept as OTHER.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, inspect

from atsbridge.errors import ErrorCode
from atsbridge.model import DropCode, Hold
from atsbridge.store.database.codec import dump, load
from atsbridge.store.database.connection import sql

_BATCH = 5_000  # rows in memory at a time
_COLUMNS: Mapping[str, str] = {
    "hold": "TEXT",
    "drop_code": "TEXT",
    "drop_params": "TEXT",
    "error_code": "TEXT",
    "error_text": "TEXT",
    "departed": "INTEGER DEFAULT 0 NOT NULL",
    "headline": "TEXT",
    "body": "TEXT",
    "digest": "TEXT DEFAULT '' NOT NULL",
    "summary_cases": "TEXT DEFAULT '' NOT NULL",
    "replies": "TEXT DEFAULT '' NOT NULL",
    "help_sent": "INTEGER DEFAULT 0 NOT NULL",
    "handed_on": "INTEGER DEFAULT 0 NOT NULL",
    "refused_edit": "INTEGER DEFAULT 0 NOT NULL",
    "foreign_tag": "INTEGER DEFAULT 0 NOT NULL",
}
_HOLDS: Mapping[str, Hold] = {
    "quiet hours": Hold.QUIET_HOURS,
    "digest": Hold.DIGEST,
    "breaker": Hold.BREAKER,
    "shadow": Hold.SHADOW,
    "unconfirmed": Hold.UNCONFIRMED,
    "stopped": Hold.STOPPED,
    "muted": Hold.SUPPRESSED,
}
_DROPS = tuple(
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        ("cured", DropCode.CASE_ENDED),
        ("(?P<handling>acknowledged|snoozed)", DropCode.HANDLED),
        ("a later step", DropCode.LATER_STEP),
        ("handed over", DropCode.HANDED_OVER),
        ("reassigned", DropCode.REASSIGNED),
        ("undone", DropCode.REASSIGNMENT_UNDONE),
        ("told in the summary", DropCode.IN_SUMMARY),
        ("the same message went there in this run", DropCode.REPEATED),
        ("nothing had gone out", DropCode.NOTHING_SENT),
        ("its reader has the news by another message", DropCode.ANOTHER_MESSAGE),
        ("its message is gone", DropCode.MESSAGE_DELETED),
        ("the message it answers is gone: (?P<text>.*)", DropCode.MESSAGE_DELETED),
        ("unconfirmed", DropCode.UNCONFIRMED),
        (
            "guard: a confidential requisition never reaches a channel",
            DropCode.CONFIDENTIAL_CHANNEL,
        ),
        ("guard: a tag is seen wherever the candidate is.*", DropCode.CONFIDENTIAL_TAG),
        ("guard: what is found of a person is told to that person alone", DropCode.PERSONAL),
        ("a rule on people tells the person alone, and (?P<text>.*)", DropCode.PERSONAL),
        ("it stood there before, so it stays", DropCode.TAG_NOT_OURS),
        ("another open case still needs it", DropCode.TAG_STILL_NEEDED),
        (
            "the account does not allow (?P<capabilities>.*) to be written",
            DropCode.WRITE_NOT_ALLOWED,
        ),
        ("(?P<ats>.*) itself (?P<text>.*)", DropCode.ATS_REMINDS),
        ("ops", DropCode.OPERATOR),
        ("forgotten", DropCode.FORGOTTEN),
    )
)
# A destination whose text began so was not the intended reader: the text said what had happened.
_FALLBACK = (
    """UPDATE notices SET destination = replace(destination, '"why":"the ',"""
    """ '"fallback"\\:true,"why":"the ') WHERE destination LIKE '%"why":"the %'"""
)
_CLAIMED = "claimed"  # the reason of a notice that was being sent and had not departed


def split_notice_columns(connection: Connection) -> None:
    """Add the typed columns, fill them, and drop the column `reason`."""
    present = {column["name"] for column in inspect(connection).get_columns("notices")}
    if "reason" not in present:
        return  # the table was created with the typed columns
    for name, kind in _COLUMNS.items():
        connection.execute(sql(f"ALTER TABLE notices ADD COLUMN {name} {_typed(connection, kind)}"))
    last = ""
    while rows := connection.execute(
        sql(
            "SELECT key, purpose, state, reason, receipt FROM notices WHERE key > :last"
            " ORDER BY key LIMIT :batch"
        ),
        {"last": last, "batch": _BATCH},
    ).all():
        changes = [change for row in rows if (change := _convert(row))]
        if changes:
            values = ", ".join(f"{name} = :{name}" for name in (*_COLUMNS, "receipt"))
            connection.execute(sql(f"UPDATE notices SET {values} WHERE key = :key"), changes)
        last = rows[-1][0]
    connection.execute(sql(_FALLBACK))
    connection.execute(sql("ALTER TABLE notices DROP COLUMN reason"))


def _typed(connection: Connection, kind: str) -> str:
    """The type as the tables declare it in this database."""
    if connection.dialect.name == "sqlite":
        return kind
    return kind.replace("INTEGER", "BIGINT").replace("TEXT", 'TEXT COLLATE "C"')


def _convert(row: Row[Any]) -> dict[str, Any] | None:
    """The typed columns of one notice; None where all of them have their defaults."""
    ids = load(row.receipt)
    texts = _take_texts(row.purpose, ids)
    columns = {
        **_split_reason(row.state, row.reason),
        **texts,
        **_take_flags(row.purpose, ids),
        **_take_replies(ids),
        "digest": ids.pop("digest", ""),
        "receipt": dump(ids),
    }
    plain = columns["receipt"] == row.receipt and not any(
        value for name, value in columns.items() if name != "receipt"
    )
    return None if plain else {"key": row.key, **columns}


def _split_reason(state: str, reason: str) -> dict[str, Any]:
    """`reason` by what it meant in that state."""
    hold = drop_code = error_code = None
    params: Mapping[str, str] = {}
    if state == "held":
        # Nothing else was ever written; a person decides on what is not recognized.
        hold = _HOLDS.get(reason, Hold.BREAKER).value
    elif state == "dropped":
        code, params = recognize_drop(reason)
        drop_code = code.value
    elif reason and state in ("retry", "dead"):
        error_code = ErrorCode.OTHER.value
    return {
        "hold": hold,
        "drop_code": drop_code,
        "drop_params": dump(dict(params)) if params else None,
        "error_code": error_code,
        "error_text": reason if error_code else None,
        "departed": int(state == "sending" and reason != _CLAIMED),
    }


def recognize_drop(text: str) -> tuple[DropCode, Mapping[str, str]]:
    """The code and parameters that a text of atsbridge stood for."""
    for pattern, code in _DROPS:
        if found := pattern.fullmatch(text):
            return code, {name: value for name, value in found.groupdict().items() if value}
    return DropCode.OTHER, {"text": text} if text else {}


def _take_texts(purpose: str, ids: dict[str, Any]) -> dict[str, Any]:
    """The text of an answer or a message to the operators; removed from `ids`."""
    if purpose not in ("answer", "ops") or not ("headline" in ids or "body" in ids):
        return {"headline": None, "body": None}
    return {"headline": str(ids.pop("headline", "")), "body": str(ids.pop("body", ""))}


def _take_flags(purpose: str, ids: dict[str, Any]) -> dict[str, Any]:
    cases = ids.pop("cases", None) if purpose == "summary" else None
    return {
        "summary_cases": dump(cases) if cases else "",
        "handed_on": int(bool(ids.pop("handed_on", False))),
        "refused_edit": int(bool(ids.pop("refused", False))),
        "foreign_tag": int(bool(ids.pop("theirs", False))),
    }


def _take_replies(ids: dict[str, Any]) -> dict[str, Any]:
    heard = ids.pop("heard", [])
    replies = [one for one in heard if one != "help"]
    return {"replies": dump(replies) if replies else "", "help_sent": int("help" in heard)}
