"""The candidates whose names are needed for the messages of this run.

A message whose candidate stays unknown says "a candidate".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.model import All, Hold, Notice, NoticeState, Purpose, Query
from atsbridge.ports import Store
from atsbridge.presentation import INITIALS, path_to
from atsbridge.rules import Rule

_WAITING = (NoticeState.QUEUED, NoticeState.RETRY, NoticeState.SENDING, NoticeState.HELD)

_RATED = (Purpose.CALIBRATION, Purpose.COMPARISON)


def find_unnamed(
    account: str, store: Store, rules: Mapping[str, Rule], now: datetime
) -> tuple[str, ...]:
    """Ids of candidates whose names are not stored and who are named by what is due at `now`."""
    subjects: dict[str, list[str]] = {}
    rated: dict[str, None] = {}
    for notice in store.outbox.read_notices(account, states=_WAITING):
        if notice.destination.kind == "channel":
            continue  # no candidate is named there
        if notice.state is NoticeState.HELD and notice.hold is not Hold.DIGEST:
            continue
        if notice.purpose in _RATED:
            rated |= dict.fromkeys(_read_profiles(store, notice))
            continue
        rule = rules.get(notice.rule)
        named = rule is not None and path_to(rule.subject, "candidate") is not None
        if named and (notice.not_before is None or notice.not_before <= now):
            subjects.setdefault(notice.rule, []).append(notice.subject.id)
    found: dict[str, None] = {}
    for name, ids in subjects.items():
        found |= dict.fromkeys(find_unnamed_among(account, store, rules[name], ids))
    if rated:
        every = Query("application", All(), ())
        found |= dict.fromkeys(_unnamed(account, store, every, list(rated)))
    return tuple(found)


def find_unnamed_among(account: str, store: Store, rule: Rule, ids: Sequence[str]) -> list[str]:
    """Ids of the candidates of these subjects of a rule whose names are not stored."""
    return _unnamed(account, store, rule.open, ids)


def _read_profiles(store: Store, notice: Notice) -> tuple[str, ...]:
    """The applications of the calibration round that a message is about."""
    rounds = store.calibrations.read_rounds(notice.subject)
    return next((one.profiles for one in rounds if one.number == notice.edition), ())


def _unnamed(account: str, store: Store, asked: Query, ids: Sequence[str]) -> list[str]:
    path = path_to(asked.subject, "candidate")
    if path is None or not ids:
        return []
    query = replace(asked, columns=(path, INITIALS), bound=None)
    rows = store.subjects.select(account, query, ids=sorted(set(ids)), filtered=False)
    return [row.facts[path] for row in rows if row.facts[path] and not row.facts[INITIALS]]
