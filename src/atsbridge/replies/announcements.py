"""Announced changes, agreements and concerns: stores them under the account's lock.

The next run evaluates what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atsbridge.context import AccountContext, Services, read_sides
from atsbridge.errors import ConfigError
from atsbridge.model import (
    KINDS,
    AgreementSource,
    Change,
    Field,
    FieldType,
    Key,
    Origin,
    Record,
    User,
    bounded,
    clean,
    storable,
    suggest,
)
from atsbridge.replies.brief_agreements import agree_to_brief
from atsbridge.replies.brief_answers import AppliedAnswers, apply_answers
from atsbridge.rules import typed


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

    def agree(self, key: Key, who: str, version: int | None = None) -> User:
        """Store that the recruiter or the hiring manager agrees to the brief as it is now.

        `who`: an e-mail address, or the part before its @. `version`: an earlier one. ConfigError
        if there is no brief, it cannot be read, or the person is neither recruiter nor hiring
        manager.
        """
        with self._app.store.lock(key.account):
            sides = read_sides(self._app.store, key)
            team = {user for people in sides.values() for user in people}
            named = "@" in who
            user = self._person(key.account, who) if named else self._by_login(key, team, who)
            agree_to_brief(
                self._app, key, user, self._actor, AgreementSource.COMMAND, version=version
            )
        return user

    def answer(self, key: Key, answers: Mapping[str, Any]) -> AppliedAnswers:
        """Store answers to the questions of a brief. See `apply_answers`."""
        with self._app.store.lock(key.account):
            return apply_answers(self._app, key, answers, self._actor)

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
        directory = AccountContext(self._app, account).directory
        found = directory.by_email(email)
        if found is None:
            known = {user.email: user for user in directory.users.values() if user.email}
            near = suggest(email.lower(), known)
            raise ConfigError(
                f"nobody in {account} has the address {email!r}",
                remedy=f"Did you mean {near}?" if near else "Write the address that the ATS has",
            )
        return found

    def _by_login(self, key: Key, team: set[str], login: str) -> User:
        """The person of either side whose address begins with that name."""
        everybody = AccountContext(self._app, key.account).users
        users = [user for user in everybody.values() if user.id in team]
        found = [user for user in users if (user.email or "").partition("@")[0] == login.lower()]
        if len(found) != 1:
            known = ", ".join(sorted(user.email for user in users if user.email))
            raise ConfigError(
                f"{login!r} is neither recruiter nor hiring manager here",
                remedy=f"Write --as one of: {known}",
            )
        return found[0]


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
