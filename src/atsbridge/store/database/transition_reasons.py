"""Reasons of transitions as schema 2 kept them, in English, turned into codes and parameters.

This is the one place that reads English, once, while an old store is migrated. A sentence that
it does not recognize is kept as OTHER.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from atsbridge.model import Reason, ReasonCode, because
from atsbridge.store.database.codec import dump
from atsbridge.store.database.connection import sql

_BATCH = 5_000  # rows in memory at a time
_PATH = r"(?P<path>[a-z_]+(?:\.[a-z_]+)+)"
_CLOCK = "(?P<clock>pending|running|paused|warned|breached)"
_PATTERNS = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (f"stopped by {_PATH}", ReasonCode.STOPPED),
        (f"cancelled by {_PATH}", ReasonCode.CANCELLED),
        (f"{_PATH} is no longer set", ReasonCode.NOT_STARTED),
        ("the check finds nothing any more", ReasonCode.CLEARED),
        ("its news is over|told", ReasonCode.NEWS_OVER),
        ("deleted in the ATS|gone", ReasonCode.DELETED),
        ("no step has come any more: its start moved", ReasonCode.START_MOVED),
        ("no step has come any more: its target or calendar changed", ReasonCode.DUE_MOVED),
        ("no step has come any more: the rule's steps changed", ReasonCode.STEPS_CHANGED),
        (
            "no longer tracked: the rule was changed and does not cover it",
            ReasonCode.RULE_CHANGED,
        ),
        (
            "(?:no longer tracked: )?the rule is (?P<status>draft|retired)",
            ReasonCode.RULE_DISABLED,
        ),
        ("no longer tracked: the rule was removed|the rule is gone", ReasonCode.RULE_REMOVED),
        ("no longer tracked: outside the pilot", ReasonCode.PILOT),
        (
            f"no longer tracked: the account's map of {_PATH} was changed",
            ReasonCode.MAP_CHANGED,
        ),
        ("due has come", ReasonCode.DUE),
        ("due lies ahead again", ReasonCode.DUE_AHEAD),
        (f"paused: {_PATH}", ReasonCode.PAUSED),
        ("the clock stands still", ReasonCode.PAUSED),
        (f"the clock runs again: {_CLOCK}", ReasonCode.RESUMED),
        (f"readable again: {_CLOCK}", ReasonCode.KNOWN_AGAIN),
        ("its facts changed since the false alarm", ReasonCode.FACTS_CHANGED),
        (
            "(?P<handling>acknowledged|snoozed) until now, and still open",
            ReasonCode.HANDLING_EXPIRED,
        ),
        (
            "(?P<handling>acknowledged|snoozed) by who had it; now another's",
            ReasonCode.HANDLING_OF_OTHER,
        ),
        ("steps? (?P<steps>[^;:]+) ha(?:s|ve) come", ReasonCode.STEPS_COME),
    )
)


def convert_transition_reasons(connection: Connection) -> None:
    """Replace the sentence of every transition by a code and parameters."""
    last = 0
    while rows := connection.execute(
        sql(
            "SELECT number, reason, actor FROM transitions WHERE number > :last"
            " ORDER BY number LIMIT :batch"
        ),
        {"last": last, "batch": _BATCH},
    ).all():
        changes = []
        for number, text, actor in rows:
            reason = recognize(text) if actor == "atsbridge" else _other(text)
            params = dump(reason.as_dict())
            changes.append({"number": number, "code": reason.code.value, "params": params})
        connection.execute(
            sql("UPDATE transitions SET reason = :code, params = :params WHERE number = :number"),
            changes,
        )
        last = rows[-1][0]


def recognize(text: str) -> Reason:
    """The reason that a sentence of atsbridge stood for."""
    for pattern, code in _PATTERNS:
        if found := pattern.fullmatch(text):
            given = {name: value for name, value in found.groupdict().items() if value}
            if "steps" in given:
                return because(code, steps=tuple(given["steps"].split(", ")))
            return because(code, **given)
    return _other(text)


def _other(text: str) -> Reason:
    """What a person wrote, or what no pattern knows."""
    return because(ReasonCode.OTHER, text=text)
