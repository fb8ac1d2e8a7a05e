"""The brief of a requisition as it is stored, and records found by what people call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from atsbridge.context import AccountContext, Services, read_requisition
from atsbridge.errors import ConfigError
from atsbridge.model import (
    SECTIONS,
    SIDES,
    Brief,
    Condition,
    Key,
    Operator,
    Query,
    User,
)

_THIN = 3  # words; a section with fewer says nothing that an interview can be held against


class SectionState(StrEnum):
    """How complete a section of a brief is."""

    WRITTEN = "written"
    THIN = "thin"  # a word or two
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class BriefView:
    """The brief of a requisition, to be shown to people.

    `agreed`: role -> (name, instant of agreement or None). `missing`: usual sections that are not
    written. `trouble`: whether its file cannot be read now.
    """

    key: Key
    title: str
    source: str
    sections: Mapping[str, Any]
    missing: tuple[str, ...]
    agreed: Mapping[str, tuple[str, datetime | None]]
    agreed_at: datetime | None
    trouble: bool = False

    @property
    def completeness(self) -> Mapping[str, SectionState]:
        """Section -> how complete it is: the usual ones, then those of the company's own."""
        names = dict.fromkeys((*SECTIONS, *self.sections))
        return {name: _find_state(self.sections.get(name)) for name in names}


def find_record(app: Services, kind: str, text: str, account: str | None) -> Key:
    """Find a record by its id, by "account/kind/id", or by a requisition's code.

    ConfigError if there is no such record, or more than one; `account` limits the search to one
    account.
    """
    names = [account] if account else sorted(app.settings.accounts)
    for name in names:
        app.account(name)
    keys = [key for name in names for key in _named(app, name, kind, text)]
    if not keys:
        raise ConfigError(
            f"there is no {kind} {text!r}",
            where=", ".join(names),
            remedy="Write its code or its id" if kind == "requisition" else "Write its id",
        )
    if len(keys) > 1:
        several = len({key.account for key in keys}) > 1
        raise ConfigError(
            f"{text!r} is the name of several records: {', '.join(map(str, keys))}",
            remedy=f"Add --account {keys[0].account}" if several else f"Write {keys[0].id}",
        )
    return keys[0]


def _named(app: Services, account: str, kind: str, text: str) -> list[Key]:
    key = Key(account, kind, text.removeprefix(f"{account}/").removeprefix(f"{kind}/"))
    found = app.store.history.read_record(key)
    if found is not None and found.deleted_at is None:
        return [key]
    if kind != "requisition":
        return []
    query = Query(kind, Condition("requisition.code", Operator.EQ, text), ())
    return [Key(account, kind, one.id) for one in app.store.subjects.select(account, query)]


def read_brief(app: Services, key: Key) -> BriefView:
    """The brief of a requisition as it is stored."""
    requisition = read_requisition(app.store, key)
    brief = _brief(app, key)
    users = AccountContext(app, key.account).users
    agreed = {
        role: _agreement(users.get(getattr(requisition, role) or ""), brief) for role in SIDES
    }
    sections = dict(brief.sections or {}) if brief else {}
    waiting = {one.parent for one in app.store.records.read_work(key.account, "briefs", 1_000_000)}
    return BriefView(
        key=key,
        title=requisition.title or key.id,
        source=(brief.source or "") if brief else "",
        sections=sections,
        missing=tuple(one for one in SECTIONS if one not in sections),
        agreed=agreed,
        agreed_at=requisition.criteria_agreed_at,
        trouble=key.id in waiting,
    )


def _brief(app: Services, key: Key) -> Brief | None:
    found = app.store.history.read_record(Key(key.account, "brief", key.id))
    return found if isinstance(found, Brief) and found.deleted_at is None else None


def _agreement(user: User | None, brief: Brief | None) -> tuple[str, datetime | None]:
    """The person's name, and the instant of their first agreement."""
    if user is None:
        return "", None
    at = (brief.agreed or {}).get(user.id) if brief else None
    return user.name or user.email or user.id, datetime.fromisoformat(at) if at else None


def _find_state(value: Any) -> SectionState:
    if not value:
        return SectionState.MISSING
    if isinstance(value, list | tuple):
        return SectionState.WRITTEN
    return SectionState.THIN if len(str(value).split()) < _THIN else SectionState.WRITTEN
