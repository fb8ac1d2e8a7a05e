"""Announced changes, agreements and concerns: stores them under the account's lock.

The next run evaluates what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atsbridge.context import AccountContext, Services, brief_writer_of, find_brief_files
from atsbridge.errors import ConfigError
from atsbridge.model import (
    KINDS,
    SECTIONS,
    Brief,
    Change,
    Condition,
    Field,
    FieldType,
    Key,
    Operator,
    Origin,
    Query,
    Record,
    Requisition,
    User,
    bounded,
    clean,
    storable,
    suggest,
)
from atsbridge.rules import typed

_SIDES = ("recruiter", "hiring_manager")


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
    requisition = app.store.history.read_record(key)
    assert isinstance(requisition, Requisition)
    brief = _brief(app, key)
    users = AccountContext(app, key.account).users
    agreed = {
        role: _agreement(users.get(getattr(requisition, role) or ""), brief) for role in _SIDES
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


class Announcer:
    """Stores announcements. `actor`: who made them; it is stored with each."""

    def __init__(self, app: Services, actor: str) -> None:
        self._app = app
        self._actor = clean(actor)

    def change(self, key: Key, name: str, text: str, why: str = "") -> Change:
        """Announce that a field of a requisition will change, before the ATS shows it.

        ConfigError for a field whose changes cannot be announced, and for an invalid value.
        """
        name = name.removeprefix("requisition.")
        field = _changing(name)
        new = self._value(key.account, field, text)
        actor = f"{self._actor}: {why}" if why else self._actor
        with self._app.store.lock(key.account):
            old = getattr(self._app.store.history.read_record(key), name)
            change = self._change(key, name, old, new, Origin.ANNOUNCED, actor)
            self._app.store.announcements.announce(change)
        return change

    def agree(self, key: Key, who: str) -> User:
        """Store that the recruiter or the hiring manager agrees to the brief as it is now.

        `who`: an e-mail address, or the part before its @. ConfigError if there is no brief, it
        cannot be read, or the person is neither recruiter nor hiring manager.
        """
        with self._app.store.lock(key.account):
            return self._agree(key, who)

    def _agree(self, key: Key, who: str) -> User:
        account, store = key.account, self._app.store
        state = read_brief(self._app, key)
        if state.trouble or not state.source:
            what = "cannot be read now" if state.trouble else "does not exist yet"
            pattern = self._app.settings.rules.briefs or "a plugin"
            raise ConfigError(f"the brief of {state.title} {what}", remedy=f"See {pattern}")
        sides = self._sides(key)
        user = self._person(account, who) if "@" in who else self._by_login(account, sides, who)
        if user.id not in sides:
            raise ConfigError(
                f"{user.name or who} is neither recruiter nor hiring manager of {state.title}",
                remedy="Add them to the hiring team in the ATS",
            )
        brief, at = Key(account, "brief", key.id), self._app.time.now().isoformat()
        change = self._change(brief, "agreed", {}, {user.id: at}, Origin.ANNOUNCED, self._actor)
        store.announcements.announce(change)
        self._compose(account, key.id)
        return user

    def concern(self, key: Key, text: str) -> None:
        """Store a candidate's concern; "" removes it. Its change counts as observed, not announced.

        ConfigError if the account's map reads concerns from the ATS.
        """
        source = self._app.account(key.account).map.get("application.concern")
        if source is not None:
            raise ConfigError(
                "this account reads concerns from the ATS",
                where=f"[accounts.{key.account}.map]",
                remedy=f"Write it in the ATS: application.concern is mapped from {source}",
            )
        with self._app.store.lock(key.account):
            before = self._app.store.history.read_record(key)
            old, new = getattr(before, "concern", None), text.strip() or None
            if old == new:
                return
            change = self._change(key, "concern", old, new, Origin.POLL, self._actor)
            self._app.store.announcements.announce(change, takes=True)

    def _change(
        self, key: Key, name: str, old: Any, new: Any, origin: Origin, actor: str
    ) -> Change:
        now = self._app.time.now()
        return Change(key, name, old, new, observed_at=now, origin=origin, actor=actor)

    def _value(self, account: str, field: Field, text: str) -> Any:
        """Convert what a person wrote into a value of the field; "-" means no value."""
        if text == "-":
            return None
        if field.ref == "user":
            return self._person(account, text).id
        if field.ref:
            return _by_name(
                self._app.store.history.read_records(account, field.ref), field.ref, text
            )
        try:
            value, why = bounded(field, typed(field, _plain(field, text)))
        except ValueError as error:
            near = suggest(text, field.values) if field.values else None
            mend = f"Did you mean {near}?" if near else ""
            raise ConfigError(
                f"{text!r} is not a valid {field.name}: {error}", remedy=mend
            ) from None
        if why:
            raise ConfigError(f"{storable(text, 40)!r} cannot be a {field.name}: it is {why}")
        return value

    def _person(self, account: str, email: str) -> User:
        users = AccountContext(self._app, account).users
        known = {user.email: user for user in users.values() if user.email}
        if email.lower() not in known:
            near = suggest(email.lower(), known)
            raise ConfigError(
                f"nobody in {account} has the address {email!r}",
                remedy=f"Did you mean {near}?" if near else "Write the address that the ATS has",
            )
        return known[email.lower()]

    def _by_login(self, account: str, sides: set[str], login: str) -> User:
        """The person of either side whose address begins with that name."""
        everybody = AccountContext(self._app, account).users
        users = [user for user in everybody.values() if user.id in sides]
        found = [user for user in users if (user.email or "").partition("@")[0] == login.lower()]
        if len(found) != 1:
            known = ", ".join(sorted(user.email for user in users if user.email))
            raise ConfigError(
                f"{login!r} is neither recruiter nor hiring manager here",
                remedy=f"Write --as one of: {known}",
            )
        return found[0]

    def _sides(self, key: Key) -> set[str]:
        """User ids of the requisition's recruiters and hiring managers."""
        members = self._app.store.history.read_records(key.account, "team_member")
        return {
            one.user  # type: ignore[attr-defined]
            for one in members
            if getattr(one, "requisition", None) == key.id and getattr(one, "role", "") in _SIDES
        }

    def _compose(self, account: str, requisition: str) -> None:
        """Write the agreement into the brief now instead of in the next run."""
        found, _ = find_brief_files(self._app.settings)
        composer, _ = brief_writer_of(AccountContext(self._app, account), found)
        composer.write([requisition])
        self._app.store.subjects.derive(account, self._app.time.now())


def _changing(name: str) -> Field:
    """A field of requisitions whose changes can be announced. ConfigError for any other."""
    fields = {
        one.name: one
        for one in KINDS["requisition"].fields.values()
        if (not one.derived or one.logged) and one.type is not FieldType.MAP
    }
    if name not in fields:
        near = suggest(name, fields)
        raise ConfigError(
            f"changes of requisition.{name} cannot be announced",
            remedy=f"Did you mean {near}?" if near else f"Write one of: {', '.join(fields)}",
        )
    return fields[name]


def _plain(field: Field, text: str) -> Any:
    """Convert the text of a number, or "yes" and "no", to its type."""
    if field.type is FieldType.BOOL:
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    if field.type in (FieldType.INT, FieldType.NUMBER):
        try:
            return int(text) if field.type is FieldType.INT else float(text)
        except ValueError:
            return text
    return text


def _by_name(records: Any, kind: str, text: str) -> str:
    known: dict[str, Record] = {str(getattr(one, "name", one.id)): one for one in records}
    if text not in known:
        near = suggest(text, known)
        raise ConfigError(
            f"there is no {kind} {text!r}", remedy=f"Did you mean {near}?" if near else ""
        )
    return known[text].id
