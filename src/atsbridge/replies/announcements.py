"""What people say of searches and candidates, brought into the store under the account's lock.

What follows from it is judged by the next tick; where it was said is the caller's.
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
)
from atsbridge.rules import nearest, typed

_SIDES = ("recruiter", "hiring_manager")


@dataclass(frozen=True, slots=True)
class BriefView:
    """A requisition's brief for people. `agreed`: role -> (name, when they agreed, None: not yet).

    `missing`: the usual sections nobody has written. `trouble`: the file cannot be read now.
    """

    key: Key
    title: str
    source: str
    sections: Mapping[str, Any]
    missing: tuple[str, ...]
    agreed: Mapping[str, tuple[str, datetime | None]]
    agreed_at: datetime | None
    trouble: bool = False


def find(app: Services, kind: str, text: str, account: str | None) -> Key:
    """The record that `text` names: an id, "account/kind/id", or a requisition's code.

    ConfigError where nothing is found, or more than one: `account` decides between accounts.
    """
    names = [account] if account else sorted(app.settings.accounts)
    for name in names:
        app.account(name)
    keys = [key for name in names for key in _named(app, name, kind, text)]
    if not keys:
        raise ConfigError(
            f"{text!r} names no {kind}",
            where=", ".join(names),
            remedy="Write its code or its id" if kind == "requisition" else "Write its id",
        )
    if len(keys) > 1:
        several = len({key.account for key in keys}) > 1
        raise ConfigError(
            f"{text!r} names several: {', '.join(map(str, keys))}",
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


def shown(app: Services, key: Key) -> BriefView:
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
    """Who it is, and when they first agreed."""
    if user is None:
        return "", None
    told = (brief.agreed or {}).get(user.id) if brief else None
    return user.name or user.email or user.id, datetime.fromisoformat(told) if told else None


class Announcer:
    """Who says what: `actor` is kept with it."""

    def __init__(self, app: Services, actor: str) -> None:
        self._app = app
        self._actor = clean(actor)

    def change(self, key: Key, name: str, text: str, why: str = "") -> Change:
        """A field of a requisition is about to change; the ATS will show it, and nobody is told.

        ConfigError for a field of which no changes are told, and a value that it cannot have.
        """
        name = name.removeprefix("requisition.")
        field = _changing(name)
        new = self._value(key.account, field, text)
        actor = f"{self._actor}: {why}" if why else self._actor
        with self._app.store.lock(key.account):
            old = getattr(self._app.store.history.read_record(key), name)
            said = self._said(key, name, old, new, Origin.ANNOUNCED, actor)
            self._app.store.announcements.announce(said)
        return said

    def agree(self, key: Key, who: str) -> User:
        """Somebody of either side agrees to the brief as it stands.

        `who`: an e-mail address, or what stands before its @ for somebody of either side.

        ConfigError where there is no brief, it cannot be read, or they are on neither side.
        """
        with self._app.store.lock(key.account):
            return self._agree(key, who)

    def _agree(self, key: Key, who: str) -> User:
        account, store = key.account, self._app.store
        state = shown(self._app, key)
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
        said = self._said(brief, "agreed", {}, {user.id: at}, Origin.ANNOUNCED, self._actor)
        store.announcements.announce(said)
        self._compose(account, key.id)
        return user

    def concern(self, key: Key, text: str) -> None:
        """What worries a candidate; "" takes it back. It is news, so it is no announcement.

        ConfigError where the account's map reads concerns from the ATS.
        """
        source = self._app.account(key.account).map.get("application.concern")
        if source is not None:
            raise ConfigError(
                "concerns are read from the ATS here",
                where=f"[accounts.{key.account}.map]",
                remedy=f"Put it there: application.concern is {source}",
            )
        with self._app.store.lock(key.account):
            before = self._app.store.history.read_record(key)
            old, new = getattr(before, "concern", None), text.strip() or None
            if old == new:
                return
            said = self._said(key, "concern", old, new, Origin.POLL, self._actor)
            self._app.store.announcements.announce(said, takes=True)

    def _said(self, key: Key, name: str, old: Any, new: Any, origin: Origin, actor: str) -> Change:
        now = self._app.time.now()
        return Change(key, name, old, new, observed_at=now, origin=origin, actor=actor)

    def _value(self, account: str, field: Field, text: str) -> Any:
        """What a person wrote as the field holds it; "-" for nothing."""
        if text == "-":
            return None
        if field.ref == "user":
            return self._person(account, text).id
        if field.ref:
            return _by_name(
                self._app.store.history.read_records(account, field.ref), field.ref, text
            )
        try:
            told, why = bounded(field, typed(field, _plain(field, text)))
        except ValueError as error:
            near = nearest(text, field.values) if field.values else None
            mend = f"Did you mean {near}?" if near else ""
            raise ConfigError(f"{text!r} is no {field.name}: {error}", remedy=mend) from None
        if why:
            raise ConfigError(f"{storable(text, 40)!r} cannot be a {field.name}: it is {why}")
        return told

    def _person(self, account: str, email: str) -> User:
        users = AccountContext(self._app, account).users
        known = {user.email: user for user in users.values() if user.email}
        if email.lower() not in known:
            near = nearest(email.lower(), known)
            raise ConfigError(
                f"nobody in {account} has the address {email!r}",
                remedy=f"Did you mean {near}?" if near else "Write the address the ATS has",
            )
        return known[email.lower()]

    def _by_login(self, account: str, sides: set[str], login: str) -> User:
        """The one of them whose address begins with that name."""
        everybody = AccountContext(self._app, account).users
        users = [user for user in everybody.values() if user.id in sides]
        found = [user for user in users if (user.email or "").partition("@")[0] == login.lower()]
        if len(found) != 1:
            known = ", ".join(sorted(user.email for user in users if user.email))
            raise ConfigError(
                f"{login!r} is nobody of either side", remedy=f"Write --as one of: {known}"
            )
        return found[0]

    def _sides(self, key: Key) -> set[str]:
        """Everybody who speaks for either side."""
        members = self._app.store.history.read_records(key.account, "team_member")
        return {
            one.user  # type: ignore[attr-defined]
            for one in members
            if getattr(one, "requisition", None) == key.id and getattr(one, "role", "") in _SIDES
        }

    def _compose(self, account: str, requisition: str) -> None:
        """The agreement reaches the brief at once, not with the next tick."""
        found, _ = find_brief_files(self._app.settings)
        composer, _ = brief_writer_of(AccountContext(self._app, account), found)
        composer.write([requisition])
        self._app.store.subjects.derive(account, self._app.time.now())


def _changing(name: str) -> Field:
    """A field of requisitions whose changes are told."""
    fields = {
        one.name: one
        for one in KINDS["requisition"].fields.values()
        if (not one.derived or one.logged) and one.type is not FieldType.MAP
    }
    if name not in fields:
        near = nearest(name, fields)
        raise ConfigError(
            f"no changes are told of requisition.{name}",
            remedy=f"Did you mean {near}?" if near else f"There are {', '.join(fields)}",
        )
    return fields[name]


def _plain(field: Field, text: str) -> Any:
    """Numbers and yes or no as themselves."""
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
        near = nearest(text, known)
        raise ConfigError(
            f"there is no {kind} {text!r}", remedy=f"Did you mean {near}?" if near else ""
        )
    return known[text].id
