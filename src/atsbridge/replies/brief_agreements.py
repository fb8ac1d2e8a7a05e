"""Agreements of the two sides to a version of a brief: by command or by reply."""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.context import (
    AccountContext,
    Services,
    VersionRecorder,
    brief_writer_of,
    find_brief_files,
    read_requisition,
    read_sides,
)
from atsbridge.errors import ConfigError
from atsbridge.model import (
    SIDES,
    AgreementSource,
    BriefAgreement,
    Change,
    Key,
    Origin,
    User,
)
from atsbridge.replies.brief_view import read_brief


class NotOnTeamError(ConfigError):
    """Somebody agreed who is neither recruiter nor hiring manager of the requisition."""


class UnagreeableError(ConfigError):
    """There is no brief to agree to, or it cannot be read now."""


@dataclass(frozen=True, slots=True)
class GivenAgreement:
    """What became of an agreement.

    `version`: the one agreed to; `newest`: the present one. `waiting`: user ids of those whose
    agreement to it is missing; None for a side without a person.
    """

    version: int
    newest: int
    waiting: tuple[str | None, ...]


def agree_to_brief(
    app: Services,
    key: Key,
    user: User,
    actor: str,
    source: AgreementSource,
    version: int | None = None,
) -> GivenAgreement:
    """Store that somebody agrees to a version; None: to the present one.

    The caller holds the account's lock. NotOnTeamError, or UnagreeableError, and nothing is stored.
    """
    store, state = app.store, read_brief(app, key)
    if state.trouble or not state.source:
        what = "cannot be read now" if state.trouble else "does not exist yet"
        pattern = app.settings.rules.briefs or "a plugin"
        raise UnagreeableError(f"the brief of {state.title} {what}", remedy=f"See {pattern}")
    team = read_sides(store, key)
    mine = [side for side in SIDES if user.id in team[side]]
    if not mine:
        raise NotOnTeamError(
            f"{user.name or user.email} is neither recruiter nor hiring manager of {state.title}",
            remedy="Add them to the hiring team in the ATS",
        )
    VersionRecorder(AccountContext(app, key.account)).record([key.id])
    versions, now = store.briefs.read_versions(key), app.time.now()
    if not versions:
        raise UnagreeableError(f"the brief of {state.title} cannot be read now")
    newest = versions[-1].number
    chosen = version if version in {one.number for one in versions} else newest
    for side in mine:
        agreement = BriefAgreement(chosen, side, user.id, now, source)
        store.briefs.add_agreement(key, agreement)
    if chosen == newest:
        brief = Key(key.account, "brief", key.id)
        given = {user.id: now.isoformat()}
        change = Change(
            brief, "agreed", {}, given, observed_at=now, origin=Origin.ANNOUNCED, actor=actor
        )
        store.announcements.announce(change)
        compose_brief(app, key)
    return GivenAgreement(chosen, newest, _find_waiting(app, key, chosen))


def compose_brief(app: Services, key: Key) -> None:
    """Write what was announced into the brief now instead of in the next run."""
    found, _ = find_brief_files(app.settings)
    composer, _ = brief_writer_of(AccountContext(app, key.account), found)
    composer.write([key.id])
    app.store.subjects.derive(key.account, app.time.now())


def _find_waiting(app: Services, key: Key, version: int) -> tuple[str | None, ...]:
    """The person of each side that nobody agreed for."""
    agreements = app.store.briefs.read_agreements(key)
    agreed = {one.side for one in agreements if one.version == version}
    requisition = read_requisition(app.store, key)
    return tuple(getattr(requisition, side) for side in SIDES if side not in agreed)
